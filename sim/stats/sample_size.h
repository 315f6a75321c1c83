/* How many requests does a comparison need? For planning, before the rollout. */
#ifndef CM_SAMPLE_SIZE_H
#define CM_SAMPLE_SIZE_H

#include <stdint.h>

/* Two shares by the z test. With r = n1 / n0 and the common share pb = (p0 + r p1) / (1 + r),
 *
 *     n0 = [z_a sqrt((1 + 1/r) pb qb) + z_b sqrt(p0 q0 + p1 q1 / r)]^2 / (p1 - p0)^2
 *
 * (Fleiss, Levin and Paik 2003, 4.2, without the continuity correction). NAN unless 0 <= p <= 1,
 * p0 != p1, r > 0, alpha and power in (0, 1). Not rounded up. */
struct cm_two_share_plan {
    double p0, p1;       /* control, canary */
    double ratio;        /* canary's requests for one of the control */
    double alpha, power; /* type I error, probability of seeing p1 */
    int sides;           /* 1 or 2 */
};
struct cm_two_sizes {
    double n0, n1;
};
struct cm_two_sizes cm_sample_size_two_shares(const struct cm_two_share_plan *plan);

/* The fewest requests after which no failure at all means that the error ratio is below p, with
 * confidence 1 - beta: the least n with (1 - p)^n <= beta; near 3 / p at beta = 5 %, the rule of
 * three (Hanley and Lippman-Hand 1983). A whole number; 1 for p = 1, INFINITY for p = 0, NAN unless
 * 0 <= p <= 1 and 0 < beta < 1. */
double cm_sample_size_zero_failures(double p, double beta);

#endif
