/* Do two event rates differ? Crashes, restarts, kills per pod-hour: events without a denominator of
 * requests, counted over an exposure.
 *
 * Events are Poisson with means rate * exposure. Given their total X, those of the canary are
 * Bin(X, pi) with pi = R T1 / (R T1 + T0) if its rate is R times the control's: exact, whatever the
 * rates (Przyborowski and Wilenski 1940). Clustered events, retries or a bad host, break it.
 *
 * Exposures are in one unit of time, above 0; R > 0; other values give NAN. Events at most 2^53. */
#ifndef CM_POISSON_RATE_H
#define CM_POISSON_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/stats/alternative.h"
#include "sim/stats/interval.h"

struct cm_two_rates {
    uint64_t x0, x1; /* events of control and canary */
    double t0, t1;   /* exposures */
};

/* Whether exposures and ratio are in the domain. */
bool cm_poisson_rate_possible(const struct cm_two_rates *r, double ratio);

/* H0: the canary's rate is `ratio` times the control's. P(K >= x1), P(K <= x1), or the probability
 * of all outcomes that are no more probable than x1. 1 without events. */
double cm_poisson_rate_exact(const struct cm_two_rates *r, double ratio,
                             enum cm_alternative alternative);

/* P(K > x1) + P(K = x1) / 2, or with < for less; NAN for two-sided. */
double cm_poisson_rate_mid_p(const struct cm_two_rates *r, double ratio,
                             enum cm_alternative alternative);

/* Canary's rate over the control's: limits of pi by Clopper and Pearson, then pi / (1 - pi) T0 /
 * T1. The ratio is INFINITY without events in the control, NAN without any. */
struct cm_ratio cm_poisson_rate_ratio(const struct cm_two_rates *r, double level);

#endif
