/* Where do events fall? Counts of several classes against known shares, at all times.
 *
 * H0: each event falls into class i with probability theta_i (arms by their share of the requests).
 * The alternative is Dirichlet(k theta), so that with counts S
 *
 *     ln BF = ln B(k theta + S) - ln B(k theta) - sum of S_i ln theta_i,
 *
 * a martingale under H0: p = min(1, 1 / BF) may be looked at any time. Given an event, its class
 * does not depend on the rate of all events together, so that common surges cancel; shares have to
 * stay. Two-sided: half of alpha goes to improvements. (Lindon and Malek, NeurIPS 2022.) */
#ifndef CM_DIRICHLET_H
#define CM_DIRICHLET_H

#include <stddef.h>
#include <stdint.h>

#include "sim/stats/interval.h"

struct cm_dirichlet {
    size_t classes;       /* >= 2 */
    const double *share;  /* theta, each in (0, 1), together 1; borrowed */
    double concentration; /* k > 0; 100 for shares as small as 1 % */
};
double cm_dirichlet_log_bf(const struct cm_dirichlet *d, const uint64_t *count);

/* Errors of two arms. The log of the ratio of error rates, canary / control, at all times: all
 * delta by which the canary's share of the errors, e^delta s / (e^delta s + 1 - s), is not rejected
 * against the same prior, which stays where delta is 0. The end is infinite at an arm without
 * events. 0 < alpha <= 0.5. */
struct cm_rate_ratio {
    uint64_t control, canary; /* events */
    double share;             /* the canary's of the requests, in (0, 1) */
    double concentration;
};
struct cm_interval cm_dirichlet_rate_ratio(const struct cm_rate_ratio *r, double alpha);

#endif
