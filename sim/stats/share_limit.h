/* Counts held against limits, exactly.
 *
 * 3 errors in 300 requests are 1 %, not a rounding error above it, but in doubles 3 / 300 > 0.01
 * depends on how the quotient rounds. A limit that a person wrote is a decimal, so that the
 * question is one of whole numbers: x / n > a / b iff x b > a n. Limits that are no decimal of at
 * most 12 places, and counts above 2^40, are compared as doubles with a relative slack of 1e-12.
 *
 * All n are above 0 and every x at most its n. Results: -1 below, 0 at, 1 above the limit. */
#ifndef CM_SHARE_LIMIT_H
#define CM_SHARE_LIMIT_H

#include <math.h>
#include <stdint.h>

/* Relative; rounding is much less. */
#define CM_SHARE_SLACK 1e-12

/* a against b as doubles; 0 within the slack. Infinities and numbers, no NAN. */
int cm_limit_compare(double a, double b);

/* x / n against a limit; in whole numbers where doubles are too close to tell. */
int cm_share_compare_close(uint64_t x, uint64_t n, double limit);
static inline int cm_share_compare(uint64_t x, uint64_t n, double limit)
{
    double share = (double)x / (double)n;
    if (fabs(share - limit) > CM_SHARE_SLACK * limit)
        return share > limit ? 1 : -1;
    return cm_share_compare_close(x, n, limit);
}
/* The largest x for which x / n is not above the limit, at most n. */
uint64_t cm_share_floor(uint64_t n, double limit);

/* Bad and all requests of two arms. */
struct cm_two_counts {
    uint64_t x0, n0, x1, n1; /* control, canary */
};
/* x1 / n1 against limit times x0 / n0: without errors in the control, any error is above. */
int cm_share_compare_ratio(const struct cm_two_counts *c, double limit);
/* x1 / n1 - x0 / n0 against a limit >= 0. */
int cm_share_compare_increase(const struct cm_two_counts *c, double limit);

#endif
