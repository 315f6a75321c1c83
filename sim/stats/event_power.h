/* Will errors tell? The power of the exact test of two event counts, for planning.
 *
 * Errors of control and canary are Poisson with means m0 and m1. The test rejects "the canary is no
 * worse" when P(Bin(x0 + x1, s) >= x1) <= alpha, s being the canary's share of the requests of both
 * (poisson_rate.h). Its critical region depends on counts alone, so the power
 *
 *     sum over x1 of P(Poi(m1) = x1) P(Poi(m0) <= c(x1)),   c(x1) the most x0 that still rejects,
 *
 * is exact and smooth in time; c rises with x1. Where the base rate is taken as known, m errors are
 * expected of a healthy canary, and the test rejects from the first k with P(Poi(m) >= k) <= alpha.
 *
 * Source: Przyborowski and Wilenski, Biometrika 31 (1940). Assumes independent requests and few
 * errors among many of them: then errors are Poisson. */
#ifndef CM_EVENT_POWER_H
#define CM_EVENT_POWER_H

#include <stdint.h>

struct cm_event_plan {
    double control_share; /* of the requests, relative to all: 0 to 1; 0 = the base rate is known */
    double canary_share;  /* the same; above 0 */
    double rate;          /* requests per second, all versions; above 0 */
    double p0, p1;        /* error ratios: healthy, bad; in [0, 1] */
    double alpha;         /* type I error, in (0, 1) */
};

/* P(the test rejects) after `seconds` > 0; means at most 10^9. */
double cm_event_power(const struct cm_event_plan *plan, double seconds);

/* The least duration, in s, from which on the power is at least `power`, above alpha; INFINITY if
 * it takes more than `longest` seconds. */
double cm_event_power_time(const struct cm_event_plan *plan, double power, double longest);

/* The smallest p1 > p0 that is seen with `power` within `seconds`; NAN if not even p1 = 1 is. */
double cm_event_power_effect(const struct cm_event_plan *plan, double power, double seconds);

#endif
