/* Samplers: every random number of the simulation that is not a plain uniform.
 *
 * Our own rather than gsl_ran_*: specialised on struct cm_rng and inlined they are 1.2 to 40 times
 * as fast (tables more), their counts have 64 bits, and all 53 bits of a uniform are used
 * (bench/bench_draw.c). They take a varying number of words from the stream, which is why streams
 * are per purpose and block.
 *
 * Determinism: one draw per full expression, as compilers order arguments differently; no libm
 * function of a literal, as compilers fold those with their own rounding. With -ffp-contract=off
 * the same stream gives the same numbers under gcc and clang at any -O, on the same libm. */
#ifndef CM_DRAW_H
#define CM_DRAW_H

#include <assert.h>

#include "sim/base/draw_alias.h"    /* cm_alias_init, cm_alias_draw */
#include "sim/base/draw_binomial.h" /* cm_draw_binomial, cm_draw_multinomial */
#include "sim/base/draw_gamma.h"    /* cm_draw_gamma, cm_draw_beta */
#include "sim/base/draw_normal.h"   /* cm_draw_normal, cm_draw_exponential */
#include "sim/base/draw_poisson.h"  /* cm_draw_poisson, cm_poisson_*, cm_poisson_table_* */
#include "sim/base/rng.h"           /* cm_rng_unit, cm_rng_open */

/* Uniform on 0 .. n - 1, exactly (Lemire, ACM TOMACS 29(1), 2019). The low half of the product is
 * redrawn where it would favour some outcomes; that needs the division only if it is below n. */
static inline uint64_t cm_draw_below(struct cm_rng *rng, uint64_t n)
{
    assert(n > 0);
    cm_u128 product = (cm_u128)cm_rng_next(rng) * n;
    if ((uint64_t)product < n) {
        uint64_t excess = -n % n; /* 2^64 mod n */
        while ((uint64_t)product < excess)
            product = (cm_u128)cm_rng_next(rng) * n;
    }
    return (uint64_t)(product >> 64);
}

#endif
