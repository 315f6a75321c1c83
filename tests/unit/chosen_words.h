/* Streams whose next word is chosen. */
#ifndef CHOSEN_WORDS_H
#define CHOSEN_WORDS_H

#include "sim/base/rng.h"

/* With a low half of 0 the output is the scrambled high half, and the scrambling is undone here. */
static inline struct cm_rng about_to_put_out(uint64_t word)
{
    uint64_t inverse = 1; /* of the odd multiplier modulo 2^64, by Newton's iteration */
    for (int i = 0; i < 6; i++)
        inverse *= 2 - CM_RNG_MULTIPLIER * inverse;
    uint64_t high = word;
    high ^= high >> 48;
    high *= inverse;
    high ^= high >> 32;
    return (struct cm_rng){high, 0, 0x9e3779b97f4a7c15, 1};
}

#endif
