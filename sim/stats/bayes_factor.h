/* Bayes factors: how much more probable the data are if the arms differ. Natural logarithms.
 *
 * Against a point the factor is the density of the prior over that of the posterior there (Dickey
 * 1971). A factor with a fixed prior against a simple H0 is an e-value; against "both arms have
 * some common ratio" it is not, and then a threshold does not bound false rollbacks at every look.
 *
 * Prior parameters above 0 and finite; other values give NAN. */
#ifndef CM_BAYES_FACTOR_H
#define CM_BAYES_FACTOR_H

#include <stdint.h>

#include "sim/stats/beta_compare.h"
#include "sim/stats/gamma_compare.h"
#include "sim/stats/share_limit.h"

/* Two ratios, each with the prior, against one common ratio with the prior:
 * ln B(a + x0, b + n0 - x0) + ln B(a + x1, b + n1 - x1) - ln B(a + X, b + N - X) - ln B(a, b). */
double cm_bayes_factor_two_shares(const struct cm_two_counts *c, const struct cm_beta *prior);

/* The same for a canary that is worse: plus ln(2 P(p1 > p0 | data)). */
double cm_bayes_factor_worse(const struct cm_two_counts *c, const struct cm_beta *prior);

/* x of n with the prior, against the ratio p0 in (0, 1). */
double cm_bayes_factor_share(uint64_t x, uint64_t n, double p0, const struct cm_beta *prior);

/* Poisson events over an exposure > 0 with the prior, against the rate > 0. */
double cm_bayes_factor_rate(uint64_t events, double exposure, double rate,
                            const struct cm_gamma *prior);

#endif
