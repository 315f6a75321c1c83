/* Exponential and normal variates by the ziggurat of 256 layers (Marsaglia & Tsang 2000).
 *
 * One 64-bit word gives the layer (bits 0 to 7) and, from other bits, a position of 53 bits inside
 * it (the top 53); the original shares bits between the two and takes 32 for the position. 97.8 %
 * and 98.5 % of the draws end with that word. The position is an odd multiple of half its spacing:
 * never 0, and as often x as -x. */
#ifndef CM_DRAW_NORMAL_H
#define CM_DRAW_NORMAL_H

#include <math.h>

#include "sim/base/draw_tables.h"
#include "sim/base/rng.h"

/* Exponential with mean 1, always above 0. */
static inline double cm_draw_exponential(struct cm_rng *rng)
{
    const double *x = cm_draw_exponential_x, *f = cm_draw_exponential_f;
    double start = 0; /* beyond the last layer the law begins anew: it has no memory */
    for (;;) {
        uint64_t word = cm_rng_next(rng), layer = word % CM_DRAW_LAYERS;
        double at = (double)(int64_t)(word >> 11 | 1) * (x[layer] * 0x1p-53);
        if (at < x[layer + 1])
            return start + at;
        if (layer == 0)
            start += x[1];
        else if (f[layer] + cm_rng_unit(rng) * (f[layer + 1] - f[layer]) < exp(-at))
            return start + at;
    }
}

/* The normal's tail beyond r = x[1]: r + a / r with an exponential a, kept with probability
 * exp(-(a / r)^2 / 2) (Marsaglia 1964). */
static inline double cm_draw_normal_tail(struct cm_rng *rng)
{
    for (;;) {
        double past = cm_draw_exponential(rng) / cm_draw_normal_x[1];
        double keep = cm_draw_exponential(rng);
        if (2 * keep > past * past)
            return cm_draw_normal_x[1] + past;
    }
}

/* Normal with mean 0 and variance 1. */
static inline double cm_draw_normal(struct cm_rng *rng)
{
    const double *x = cm_draw_normal_x, *f = cm_draw_normal_f;
    for (;;) {
        uint64_t word = cm_rng_next(rng), layer = word % CM_DRAW_LAYERS;
        int64_t position = (int64_t)((word & ~UINT64_C(0x7ff)) | 0x400); /* signed: both sides */
        double at = (double)position * (x[layer] * 0x1p-63);
        if (fabs(at) < x[layer + 1])
            return at;
        if (layer == 0)
            return copysign(cm_draw_normal_tail(rng), at);
        if (f[layer] + cm_rng_unit(rng) * (f[layer + 1] - f[layer]) < exp(-0.5 * at * at))
            return at;
    }
}

#endif
