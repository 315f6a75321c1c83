/* Poisson counts, three ways with one law.
 *
 * cm_draw_poisson    a mean met once
 * struct cm_poisson  a mean met a few times: its constants are kept
 * cm_poisson_table   a mean met thousands of times: an alias table, shared by everybody
 *
 * Below a mean of 12: inversion, subtracting probabilities from one uniform. From there:
 * transformed rejection with squeeze (PTRS; Hoermann, Insurance: Mathematics and Economics 12,
 * 1993), valid from 10; its acceptance test keeps its accuracy up to means of 1e12. Measured, the
 * two cost the same at a mean of 12 with kept constants, of 15 without. */
#ifndef CM_DRAW_POISSON_H
#define CM_DRAW_POISSON_H

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "sim/base/draw_alias.h"
#include "sim/base/draw_tables.h"
#include "sim/base/rng.h"

#define CM_POISSON_SWITCH   12.0
#define CM_POISSON_MAX_MEAN 1e12

/* {0} is the law of mean 0. */
struct cm_poisson {
    double mean;
    double none;                         /* below the switch: P(0) */
    double a, b, squeeze, inverse_alpha; /* above it: the hat, in Hoermann's letters */
    double log_mean;                     /* between the switch and 64, where it saves time */
};

/* The work of cm_poisson_set. */
static inline void cm_poisson_prepare(struct cm_poisson *p, double mean)
{
    assert(mean >= 0 && mean <= CM_POISSON_MAX_MEAN);
    p->mean = mean;
    if (mean < CM_POISSON_SWITCH) {
        p->none = exp(-mean);
        return;
    }
    p->b = 0.931 + 2.53 * sqrt(mean);
    p->a = -0.059 + 0.02483 * p->b;
    p->inverse_alpha = 1.1239 + 1.1328 / (p->b - 3.4);
    p->squeeze = 0.9277 - 3.6224 / (p->b - 2);
    if (mean < 64)
        p->log_mean = log(mean);
}

/* Sets the mean, 0 to 1e12; costs a comparison if it is what it was. */
static inline void cm_poisson_set(struct cm_poisson *p, double mean)
{
    if (memcmp(&p->mean, &mean, sizeof mean) != 0)
        cm_poisson_prepare(p, mean);
}

/* Four counts at a time, without a branch inside: mispredicted branches cost more than
 * multiplications. The law of mean 12 has 1e-108 beyond the last count that is tried; getting there
 * means that rounding left a crumb of the uniform, and another is drawn. */
static inline uint64_t cm_poisson_invert(const struct cm_poisson *p, struct cm_rng *rng)
{
    for (;;) {
        double left = cm_rng_unit(rng), chance = p->none;
        for (int k = 0; k < 152; k += 4) {
            double next1 = chance * (p->mean / (k + 1)), next2 = next1 * (p->mean / (k + 2));
            double next3 = next2 * (p->mean / (k + 3));
            double left0 = left - chance, left1 = left0 - next1, left2 = left1 - next2;
            left = left2 - next3;
            if (left < 0)
                return (uint64_t)(k + (left0 >= 0) + (left1 >= 0) + (left2 >= 0));
            chance = next3 * (p->mean / (k + 4));
        }
    }
}

/* cm_log_poisson; near small means by the table of factorials. */
static inline double cm_poisson_log_chance(const struct cm_poisson *p, double k)
{
    if (p->mean < 64 && k < CM_LOG_FACTORIALS)
        return k * p->log_mean - p->mean - cm_log_factorials[(int)k];
    return cm_log_poisson(k, p->mean);
}

static inline uint64_t cm_poisson_reject(const struct cm_poisson *p, struct cm_rng *rng)
{
    for (;;) {
        double u = cm_rng_open(rng) - 0.5;
        double v = cm_rng_open(rng);
        double edge = 0.5 - fabs(u);
        double at = (2 * p->a / edge + p->b) * u + p->mean + 0.43;
        if (edge >= 0.07 && v <= p->squeeze)
            return (uint64_t)at;
        if (!(at >= 0 && at < 0x1p53) || (edge < 0.013 && v > edge))
            continue;
        double k = (double)(int64_t)at, hat = p->a / (edge * edge) + p->b;
        if (log(v * p->inverse_alpha / hat) <= cm_poisson_log_chance(p, k))
            return (uint64_t)k;
    }
}

static inline uint64_t cm_poisson_draw(const struct cm_poisson *p, struct cm_rng *rng)
{
    if (!(p->mean > 0))
        return 0;
    return p->mean < CM_POISSON_SWITCH ? cm_poisson_invert(p, rng) : cm_poisson_reject(p, rng);
}

static inline uint64_t cm_draw_poisson(struct cm_rng *rng, double mean)
{
    struct cm_poisson p = {0};
    cm_poisson_prepare(&p, mean);
    return cm_poisson_draw(&p, rng);
}

/* Immutable once built. Counts whose tails hold less than 1e-20 on either side are cut. */
struct cm_poisson_table {
    struct cm_alias32 alias;
    uint64_t first, n; /* the smallest count; how many there are */
};

/* How many cells the table of this mean takes: twice about 19 standard deviations, or more. */
size_t cm_poisson_table_room(double mean);

/* Builds the table in the caller's `cells`, cm_poisson_table_room(mean) of them, which must outlive
 * it. The set-up takes about 13 ns a cell, as much as a table saves in 50 draws at a mean of 2, 700
 * at 2000; those of far larger means leave the cache. */
void cm_poisson_table_init(struct cm_poisson_table *t, double mean, uint64_t *cells);

/* By 32 random bits; see cm_alias32_pick. */
static inline uint64_t cm_poisson_table_pick(const struct cm_poisson_table *t, uint64_t bits,
                                             struct cm_rng *rng)
{
    return t->first + cm_alias32_pick(&t->alias, bits, rng);
}

static inline uint64_t cm_poisson_table_draw(const struct cm_poisson_table *t, struct cm_rng *rng)
{
    uint64_t word = cm_rng_next(rng);
    return cm_poisson_table_pick(t, word >> 32, rng);
}

#endif
