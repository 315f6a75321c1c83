/* Means at all times, as the central limit theorem allows: asymptotic confidence sequences.
 *
 * After n observations with variance sigma^2 the mean lies within
 *
 *     two-sided   sigma sqrt(2 (n rho^2 + 1) / (n rho)^2 ln(sqrt(n rho^2 + 1) / alpha))
 *     one-sided   sigma sqrt(2 (n rho^2 + 1) / (n rho)^2 ln(1 + sqrt(n rho^2 + 1) / (2 alpha)))
 *
 * of the truth at all n at once, up to an error that vanishes as n grows: have 100 observations an
 * arm first. rho = sqrt((-2 ln a + ln(1 - 2 ln a)) / n*) makes it tightest near n = n*; a is alpha,
 * one-sided 2 alpha. The same, solved for alpha, is evidence: the alpha at which the limit just
 * meets a value.
 *
 * For two arms n = n0 + n1, and sigma^2 = n SE^2 of the difference; for the relative uplift SE^2 =
 * v1 / (m0^2 n1) + v0 m1^2 / (m0^4 n0) (delta method). Sources: Waudby-Smith, Arbour, Sinha,
 * Kennedy and Ramdas (Annals of Statistics 2024), theorem 2.2; GrowthBook's sequential engine. */
#ifndef CM_ASYMPTOTIC_H
#define CM_ASYMPTOTIC_H

#include <stdbool.h>

#include "sim/stats/interval.h"
#include "sim/stats/share_limit.h"

/* Of a mean, a difference, an uplift. */
struct cm_asymptotic {
    double n, estimate, variance; /* variance of one observation: n SE^2 */
};
/* NAN where an arm has no observation, or an uplift a control of mean 0. */
struct cm_asymptotic cm_asymptotic_difference(const struct cm_sample *control,
                                              const struct cm_sample *canary);
struct cm_asymptotic cm_asymptotic_uplift(const struct cm_sample *control,
                                          const struct cm_sample *canary);
/* The sample of n requests of which x are bad, as zeros and ones: variance p (1 - p). */
struct cm_sample cm_asymptotic_share(uint64_t x, uint64_t n);

/* n_star > 0; 0 < alpha < 1, one-sided below 0.5. */
double cm_asymptotic_rho(double n_star, double alpha, bool one_sided);

/* INFINITY without observations. */
double cm_asymptotic_half_width(const struct cm_asymptotic *a, double rho, double alpha,
                                bool one_sided);

/* ln of 1 / alpha for the alpha whose limit is at 0 (one-sided: the lower one). -INFINITY where no
 * alpha does. */
double cm_asymptotic_log_e(const struct cm_asymptotic *a, double rho, bool one_sided);

#endif
