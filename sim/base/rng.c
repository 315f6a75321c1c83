/* Streams: names, PCG's own seeding, and jumps. */
#include "sim/base/rng.h"

/* FNV-1a (Fowler, Noll, Vo) reads the bytes, the mix spreads what it read. */
uint64_t cm_rng_purpose(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const unsigned char *at = (const unsigned char *)name; *at != '\0'; at++)
        hash = (hash ^ *at) * 0x100000001b3u;
    return cm_rng_mix(hash);
}

static void put_state(struct cm_rng *rng, cm_u128 state)
{
    rng->state_high = (uint64_t)(state >> 64);
    rng->state_low = (uint64_t)state;
}

static cm_u128 state_of(const struct cm_rng *rng)
{
    return cm_rng_join(rng->state_high, rng->state_low);
}

/* O'Neill's pcg_setseq_128_srandom: step, add initstate, step. */
struct cm_rng cm_rng_seeded(cm_u128 initstate, cm_u128 initseq)
{
    cm_u128 increment = initseq << 1 | 1;
    struct cm_rng rng = {0, 0, (uint64_t)(increment >> 64), (uint64_t)increment};
    cm_rng_next(&rng);
    put_state(&rng, state_of(&rng) + initstate);
    cm_rng_next(&rng);
    return rng;
}

/* Brown, Random number generation with arbitrary strides (1994): delta steps are one step with
 * another multiplier and increment, composed from those of 1, 2, 4, ... steps. */
void cm_rng_advance(struct cm_rng *rng, cm_u128 delta)
{
    cm_u128 multiplier = 1, increment = 0, power = CM_RNG_MULTIPLIER;
    cm_u128 offset = cm_rng_join(rng->increment_high, rng->increment_low);
    for (; delta > 0; delta >>= 1) {
        if (delta & 1) {
            multiplier *= power;
            increment = increment * power + offset;
        }
        offset *= power + 1;
        power *= power;
    }
    put_state(rng, state_of(rng) * multiplier + increment);
}
