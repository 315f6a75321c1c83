/* Gamma and beta variates (Marsaglia & Tsang, ACM TOMS 26(3), 2000).
 *
 * For shape a >= 1: d = a - 1/3, c = 1 / sqrt(9 d); d (1 + c z)^3 with a normal z is nearly
 * gamma(a), and rejection makes it exact; 95 % and more of the z are kept. For a < 1 a gamma(a + 1)
 * is multiplied by U^(1/a) = exp(-E / a). That factor underflows for small shapes, so a beta, which
 * is a ratio of gammas, keeps the exponents apart until only their difference is left. */
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

/* Shapes: below, E / a overflows; above, the last rejection test loses more than three digits. */
#define CM_GAMMA_MIN_SHAPE 1e-300
#define CM_GAMMA_MAX_SHAPE 1e12

/* Gamma(shape) = result * exp(-*exponent). */
static inline double cm_draw_gamma_split(struct cm_rng *rng, double shape, double *exponent)
{
    assert(shape >= CM_GAMMA_MIN_SHAPE && shape <= CM_GAMMA_MAX_SHAPE);
    *exponent = 0;
    if (shape >= 1)
        return cm_draw_gamma_large(rng, shape);
    *exponent = cm_draw_exponential(rng) / shape;
    return cm_draw_gamma_large(rng, shape + 1);
}

/* Gamma with the given shape and scale 1; 0 where a tiny shape puts it below all doubles. */
static inline double cm_draw_gamma(struct cm_rng *rng, double shape)
{
    double exponent, gamma = cm_draw_gamma_split(rng, shape, &exponent);
    return shape < 1 ? gamma * exp(-exponent) : gamma;
}

/* Beta(a, b), both in the same range; in [0, 1], the ends only by rounding. */
static inline double cm_draw_beta(struct cm_rng *rng, double a, double b)
{
    double exponent_x, x = cm_draw_gamma_split(rng, a, &exponent_x);
    double exponent_y, y = cm_draw_gamma_split(rng, b, &exponent_y);
    if (a < 1 || b < 1)
        y *= exp(exponent_x - exponent_y);
    return x / (x + y);
}

#endif
