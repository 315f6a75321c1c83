/* A share against a known one at all times: the canary's share of errors, or errors against a
 * target.
 *
 * H0: each of n events is a success with probability p0. The alternative is Beta(a, b), cut off
 * below p0 if one-sided; against it the likelihood ratio of x successes in n is
 *
 *     E = B(a + x, b + n - x; p > p0) / B(a, b; p > p0) / (p0^x (1 - p0)^(n - x))
 *
 * A martingale under H0, so that P(E ever reaches 1 / alpha) <= alpha; one-sided also below p0. For
 * the origin of errors p0 is the canary's share of the requests and has to stay: start anew, and
 * multiply, when the weight changes. With a = k p0, b = k (1 - p0) the prior expects p0 as if from
 * k events, and k of 20 to 100 does for most. (Robbins 1970; Lindon and Malek, NeurIPS 2022.) */
#ifndef CM_BINOMIAL_MIXTURE_H
#define CM_BINOMIAL_MIXTURE_H

#include <stdbool.h>
#include <stdint.h>

struct cm_binomial_mixture {
    double p0;   /* in (0, 1) */
    double a, b; /* prior, above 0 */
    bool one_sided;
    double constant; /* of the prior */
};
struct cm_binomial_mixture cm_binomial_mixture_of(double p0, double a, double b, bool one_sided);

/* ln E; x <= n. */
double cm_binomial_mixture_log_e(const struct cm_binomial_mixture *m, uint64_t x, uint64_t n);

/* Looking after each of n events while the truth is p in [0, 1]: P(E has reached 1 / alpha by
 * then), and how many events were seen on average, n at most. Exact, by the law of the successes
 * among those not yet rejected; time grows with n times the spread of the successes. */
struct cm_binomial_crossing {
    double rejected, events;
};
struct cm_binomial_crossing cm_binomial_mixture_crossing(const struct cm_binomial_mixture *m,
                                                         uint64_t n, double alpha, double p);

#endif
