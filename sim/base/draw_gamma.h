/* Gamma and beta variates (Marsaglia & Tsang, ACM TOMS 26(3), 2000).
 *
 * For shape a >= 1: d = a - 1/3, c = 1 / sqrt(9 d); d (1 + c z)^3 with a normal z is nearly
 * gamma(a), and rejection makes it exact; 95 % and more of the z are kept. For a < 1 a gamma(a + 1)
 * is multiplied by U^(1/a). That power underflows for small shapes, so ratios are taken of
 * logarithms. */
#ifndef CM_DRAW_GAMMA_H
#define CM_DRAW_GAMMA_H

#include <assert.h>
#include <math.h>

#include "sim/base/draw_normal.h"

/* For shape >= 1. */
static inline double cm_draw_gamma_large(struct cm_rng *rng, double shape)
{
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double z = cm_draw_normal(rng), root = 1 + c * z;
        if (root <= 0)
            continue;
        double cube = root * root * root, z2 = z * z, u = cm_rng_open(rng);
        if (u < 1 - 0.0331 * (z2 * z2) || log(u) < 0.5 * z2 + d * (1 - cube + log(cube)))
            return d * cube;
    }
}

/* Gamma with the given shape > 0 and scale 1. 0 where a tiny shape makes it less than the smallest
 * double. */
static inline double cm_draw_gamma(struct cm_rng *rng, double shape)
{
    assert(shape > 0);
    if (shape >= 1)
        return cm_draw_gamma_large(rng, shape);
    double gamma = cm_draw_gamma_large(rng, shape + 1);
    return gamma * exp(-cm_draw_exponential(rng) / shape);
}

/* The logarithm of a gamma variate: finite however small the shape. */
static inline double cm_draw_log_gamma(struct cm_rng *rng, double shape)
{
    assert(shape > 0);
    if (shape >= 1)
        return log(cm_draw_gamma_large(rng, shape));
    double log_gamma = log(cm_draw_gamma_large(rng, shape + 1));
    return log_gamma - cm_draw_exponential(rng) / shape;
}

/* Beta(a, b), a > 0, b > 0; in [0, 1], the ends only by rounding. */
static inline double cm_draw_beta(struct cm_rng *rng, double a, double b)
{
    if (a >= 1 && b >= 1) {
        double x = cm_draw_gamma_large(rng, a);
        double y = cm_draw_gamma_large(rng, b);
        return x / (x + y);
    }
    double x = cm_draw_log_gamma(rng, a);
    double y = cm_draw_log_gamma(rng, b);
    return 1 / (1 + exp(y - x));
}

#endif
