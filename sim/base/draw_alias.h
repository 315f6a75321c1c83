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

#endif
