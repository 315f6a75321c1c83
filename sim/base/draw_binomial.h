/* Binomial counts, n up to 2^53.
 *
 * With p brought below 1/2: inversion where n p < 10, else transformed rejection with squeeze
 * (BTRS; Hoermann, J. Stat. Comput. Simul. 46, 1993). Multinomial counts are conditional binomials.
 */
#ifndef CM_DRAW_BINOMIAL_H
#define CM_DRAW_BINOMIAL_H

#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "sim/base/draw_tables.h"
#include "sim/base/rng.h"

#define CM_BINOMIAL_SWITCH 10.0
#define CM_BINOMIAL_MAX_N  (UINT64_C(1) << 53)

/* (1 - p)^n. Squaring is faster than exp and log1p, but rounding grows as n. */
static inline double cm_binomial_none(uint64_t n, double p)
{
    if (n > 1024)
        return exp((double)n * log1p(-p));
    double power = 1;
    for (double square = 1 - p; n > 0; n >>= 1, square *= square)
        if (n & 1)
            power *= square;
    return power;
}

/* As cm_poisson_invert. */
static inline uint64_t cm_binomial_invert(struct cm_rng *rng, uint64_t n, double p)
{
    double none = cm_binomial_none(n, p), odds = p / (1 - p), most = (double)n;
    for (;;) {
        double u = cm_rng_unit(rng), chance = none;
        for (int k = 0; k < 150; k++) {
            if (u < chance)
                return (uint64_t)k;
            u -= chance;
            chance *= odds * ((most - k) / (k + 1));
        }
    }
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
        double k = floor((2 * a / edge + b) * u + centre);
        if (edge >= 0.07 && v <= squeeze)
            return (uint64_t)k;
        if (k < 0 || k > n)
            continue;
        double mode = floor((n + 1) * p);
        double bound = cm_log_binomial(k, n, p) - cm_log_binomial(mode, n, p);
        if (log(v * alpha / (a / (edge * edge) + b)) <= bound)
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
