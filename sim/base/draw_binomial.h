/* Binomial counts, n up to 2^53.
 *
 * With p brought below 1/2: inversion where n p < 14, else transformed rejection with squeeze
 * (BTRS; Hoermann, J. Stat. Comput. Simul. 46, 1993), valid from 10. Measured, the two cost the
 * same at n p = 14 for p up to 0.05, at 24 for p = 1/2. Multinomial counts are conditional
 * binomials. */
#ifndef CM_DRAW_BINOMIAL_H
#define CM_DRAW_BINOMIAL_H

#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "sim/base/draw_tables.h"
#include "sim/base/rng.h"

#define CM_BINOMIAL_SWITCH 14.0
#define CM_BINOMIAL_MAX_N  (UINT64_C(1) << 53)

/* (1 - p)^n. Squaring is faster than exp and log1p, but its error grows as n. */
static inline double cm_binomial_none(uint64_t n, double p)
{
    if (n > 64)
        return exp((double)n * log1p(-p));
    double power = n & 1 ? 1 - p : 1, square = 1 - p;
    while ((n >>= 1) > 0) {
        square *= square;
        power *= n & 1 ? square : 1;
    }
    return power;
}

/* As cm_poisson_invert. Chances beyond n come out as 0. */
static inline uint64_t cm_binomial_invert(struct cm_rng *rng, uint64_t n, double p)
{
    double none = cm_binomial_none(n, p), odds = p / (1 - p), most = (double)n;
    for (;;) {
        double left = cm_rng_unit(rng), chance = none;
        for (int k = 0; k < 152; k += 4) {
            double next1 = chance * (odds * ((most - k) / (k + 1)));
            double next2 = next1 * (odds * ((most - k - 1) / (k + 2)));
            double next3 = next2 * (odds * ((most - k - 2) / (k + 3)));
            double left0 = left - chance, left1 = left0 - next1, left2 = left1 - next2;
            left = left2 - next3;
            if (left < 0)
                return (uint64_t)(k + (left0 >= 0) + (left1 >= 0) + (left2 >= 0));
            chance = next3 * (odds * ((most - k - 3) / (k + 4)));
        }
    }
}

/* P(k) / P(mode); near the mode, where most draws are, as the product of the steps between. */
static inline double cm_binomial_ratio(double k, double mode, double n, double p)
{
    if (fabs(k - mode) > 16)
        return exp(cm_log_binomial(k, n, p) - cm_log_binomial(mode, n, p));
    double odds = p / (1 - p), up = 1;
    double from = k < mode ? k : mode, to = k < mode ? mode : k;
    for (double i = from + 1; i <= to; i++)
        up *= odds * ((n - i + 1) / i);
    return k < mode ? 1 / up : up;
}

static inline uint64_t cm_binomial_reject(struct cm_rng *rng, double n, double p)
{
    double spread = sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * spread;
    double a = -0.0873 + 0.0248 * b + 0.01 * p, centre = n * p + 0.5;
    double alpha = (2.83 + 5.1 / b) * spread, squeeze = 0.92 - 4.2 / b;
    for (;;) {
        double u = cm_rng_open(rng) - 0.5;
        double v = cm_rng_open(rng);
        double edge = 0.5 - fabs(u);
        double at = (2 * a / edge + b) * u + centre;
        if (edge >= 0.07 && v <= squeeze)
            return (uint64_t)at;
        if (!(at >= 0 && at < n + 1))
            continue;
        double k = (double)(int64_t)at, mode = (double)(int64_t)((n + 1) * p);
        double hat = a / (edge * edge) + b;
        if (v * alpha <= hat * cm_binomial_ratio(k, mode, n, p))
            return (uint64_t)k;
    }
}

/* Successes among n trials of probability p; p outside [0, 1] counts as the nearer end. */
static inline uint64_t cm_draw_binomial(struct cm_rng *rng, uint64_t n, double p)
{
    assert(n <= CM_BINOMIAL_MAX_N && p == p);
    if (n == 0 || p <= 0)
        return 0;
    if (p >= 1)
        return n;
    if (n == 1)
        return cm_rng_unit(rng) < p;
    double rarer = p > 0.5 ? 1 - p : p;
    uint64_t k = (double)n * rarer < CM_BINOMIAL_SWITCH ? cm_binomial_invert(rng, n, rarer)
                                                        : cm_binomial_reject(rng, (double)n, rarer);
    return p > 0.5 ? n - k : k;
}

/* Deals n items to k cells with the given weights (>= 0, positive sum; they need not add up to 1).
 * Rounding in the sums can neither lose an item nor put one where the weight is 0. */
void cm_draw_multinomial(struct cm_rng *rng, uint64_t n, const double *weights, size_t k,
                         uint64_t *counts);

#endif
