/* Streams whose next word is the smallest or the largest there is. */
#ifndef EXTREME_WORDS_H
#define EXTREME_WORDS_H

#include "sim/base/rng.h"

/* The output is a product with the scrambled high half of the state. */
static inline struct cm_rng about_to_put_out_zero(void)
{
    return (struct cm_rng){0, 12345, 0x9e3779b97f4a7c15, 1};
}

/* With a low half of 0 the other factor is 1, and the scrambling of the high half is undone here.
 */
static inline struct cm_rng about_to_put_out_all_ones(void)
{
    uint64_t inverse = 1; /* of the odd multiplier modulo 2^64, by Newton's iteration */
    for (int i = 0; i < 6; i++)
        inverse *= 2 - CM_RNG_MULTIPLIER * inverse;
    uint64_t high = UINT64_MAX;
    high ^= high >> 48;
    high *= inverse;
    high ^= high >> 32;
    return (struct cm_rng){high, 0, 0x9e3779b97f4a7c15, 1};
}

#endif
