/* One of k outcomes with given weights, in constant time: the alias method (Walker 1977), built as
 * Vose does (IEEE Trans. Softw. Eng. 17(9), 1991).
 *
 * The weights are cut into k columns of equal mass, each holding at most two outcomes: its own and
 * one other. A column is one 64-bit cell: the high bits are the share of its own outcome, the low
 * bits, just enough to count to k, the other. One word chooses both: multiplied by k its high half
 * is the column (Lemire 2019, without the rejection), its low half the place in it. Rounding to
 * cells moves at most 2^-63 of probability from one outcome of a column to the other. */
#ifndef CM_DRAW_ALIAS_H
#define CM_DRAW_ALIAS_H

#include <stddef.h>

#include "sim/base/rng.h"

struct cm_alias {
    const uint64_t *cells; /* borrowed; share of the own outcome | the other outcome */
    uint64_t k;            /* outcomes */
    uint64_t low;          /* mask of the bits that hold the other outcome */
};
#define CM_ALIAS_MAX_K (UINT64_C(1) << 32)

/* Builds the table over k weights >= 0 with a positive, finite sum, in the caller's `cells` (k of
 * them), which must outlive it. The table may be shared: draws do not change it. */
void cm_alias_init(struct cm_alias *alias, uint64_t *cells, const double *weights, size_t k);

static inline uint64_t cm_alias_draw(const struct cm_alias *alias, struct cm_rng *rng)
{
    cm_u128 product = (cm_u128)cm_rng_next(rng) * alias->k;
    uint64_t column = (uint64_t)(product >> 64), place = (uint64_t)product;
    uint64_t cell = alias->cells[column], other = cell & alias->low;
    return place < cell - other ? column : other;
}

/* The same of up to 2^16 outcomes by 32 random bits, so that one word makes two draws.
 *
 * There are 2^b columns, of outcomes that there are not as well: the first b bits choose the
 * column, the others are the first bits of the place in it. They tell on which side of the border
 * it is but for one in 2^(32 - b) draws, which are decided by 64 bits more. */
struct cm_alias32 {
    const uint64_t *cells; /* borrowed; 32 bits from which on it is the other outcome | that one */
    const uint64_t *rest;  /* borrowed; the next 64 bits of the border */
    unsigned shift;        /* 32 - b */
};
#define CM_ALIAS32_MAX (UINT64_C(1) << 16)

/* How many cells it takes; cm_alias_init with so many. */
size_t cm_alias32_room(size_t n);
void cm_alias32_init(struct cm_alias32 *alias, uint64_t *cells, const double *weights, size_t n);

/* By 32 bits of which all are random; if they do not tell, by more of `rng`. */
static inline uint64_t cm_alias32_pick(const struct cm_alias32 *alias, uint64_t bits,
                                       struct cm_rng *rng)
{
    uint64_t column = bits >> alias->shift, cell = alias->cells[column], border = cell >> 32;
    if (bits == border)
        return cm_rng_next(rng) < alias->rest[column] ? column : (uint32_t)cell;
    return bits < border ? column : (uint32_t)cell;
}

#endif
