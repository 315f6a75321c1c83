/* Random numbers: PCG64-DXSM, inline, in named streams.
 *
 * s <- a s + c (mod 2^128), a = 0xda942042e4dd58b5, and the output is the DXSM permutation of the
 * state before the step (O'Neill, HMC-CS-2014-0905; numpy's PCG64DXSM).
 *
 * A stream is a name, not a position: seed, replication, purpose and block are mixed into all 256
 * bits of state and increment. Adding a component therefore never moves another's numbers, and a
 * sampler that takes a varying number of draws cannot shift anything but its own block. */
#ifndef CM_RNG_H
#define CM_RNG_H

#include <stdint.h>

__extension__ typedef unsigned __int128 cm_u128;

/* State and increment (odd) in halves: gcc keeps a 128-bit member in a vector register, and the
 * way back and forth through memory costs more than the multiplication. */
struct cm_rng {
    uint64_t state_high, state_low, increment_high, increment_low;
};

#define CM_RNG_MULTIPLIER 0xda942042e4dd58b5u

static inline cm_u128 cm_rng_join(uint64_t high, uint64_t low)
{
    return (cm_u128)high << 64 | low;
}

static inline uint64_t cm_rng_next(struct cm_rng *rng)
{
    uint64_t high = rng->state_high, low = rng->state_low | 1;
    cm_u128 state = cm_rng_join(rng->state_high, rng->state_low) * CM_RNG_MULTIPLIER +
                    cm_rng_join(rng->increment_high, rng->increment_low);
    rng->state_high = (uint64_t)(state >> 64);
    rng->state_low = (uint64_t)state;
    high ^= high >> 32;
    high *= CM_RNG_MULTIPLIER;
    high ^= high >> 48;
    return high * low;
}

/* Uniform on [0, 1), 53 bits. */
static inline double cm_rng_unit(struct cm_rng *rng)
{
    return (double)(cm_rng_next(rng) >> 11) * 0x1p-53;
}

/* Uniform on (0, 1), never an end: for logarithms. */
static inline double cm_rng_open(struct cm_rng *rng)
{
    return ((double)(cm_rng_next(rng) >> 12) + 0.5) * 0x1p-52;
}

/* Stafford's variant 13 of the MurmurHash3 finaliser, as in SplitMix64 (Steele et al. 2014): a
 * bijection in which every input bit reaches every output bit. */
static inline uint64_t cm_rng_mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Chains the mix over a second word: order matters, and nearby pairs do not collide. */
static inline uint64_t cm_rng_mix2(uint64_t a, uint64_t b)
{
    return cm_rng_mix(cm_rng_mix(a) ^ b);
}

/* One round of Philox 4x64 (Salmon et al., SC 2011): a bijection of four words. */
static inline void cm_rng_round(uint64_t word[4], uint64_t key0, uint64_t key1)
{
    cm_u128 a = (cm_u128)word[0] * 0xd2e7470ee14c6c93u, b = (cm_u128)word[2] * 0xca5a826395121157u;
    word[0] = (uint64_t)(b >> 64) ^ word[1] ^ key0;
    word[2] = (uint64_t)(a >> 64) ^ word[3] ^ key1;
    word[1] = (uint64_t)b;
    word[3] = (uint64_t)a;
}

/* The stream of `purpose` (a hashed name) in one replication; `block` tells its blocks apart.
 *
 * The name is the counter of Philox 4x64 with seven rounds, the fewest that pass BigCrush, and key
 * 0. That is a bijection, of which only the last bit of the increment is given up: different names
 * are different streams however many there are. (A 64-bit hash of the name would give two equal
 * streams among 2^32 of them, by the birthday problem.) */
static inline struct cm_rng cm_rng_stream(uint64_t seed, uint64_t replication, uint64_t purpose,
                                          uint64_t block)
{
    uint64_t word[4] = {seed, replication, purpose, block};
    const uint64_t key0 = 0x9e3779b97f4a7c15u, key1 = 0xbb67ae8584caa73bu;
    cm_rng_round(word, 0, 0);
    cm_rng_round(word, key0, key1);
    cm_rng_round(word, 2 * key0, 2 * key1);
    cm_rng_round(word, 3 * key0, 3 * key1);
    cm_rng_round(word, 4 * key0, 4 * key1);
    cm_rng_round(word, 5 * key0, 5 * key1);
    cm_rng_round(word, 6 * key0, 6 * key1);
    return (struct cm_rng){word[0], word[1], word[2], word[3] | 1};
}

/* One of many streams that belong together, at a tenth of the price: `root` is never drawn from, it
 * only lends its name. `name` is a hash (cm_rng_mix2); different ones give different states, each a
 * random place of the root's own orbit of 2^128 numbers. */
static inline struct cm_rng cm_rng_branch(const struct cm_rng *root, uint64_t name)
{
    return (struct cm_rng){
        .state_high = cm_rng_mix(root->state_high ^ name),
        .state_low = root->state_low + name,
        .increment_high = root->increment_high,
        .increment_low = root->increment_low,
    };
}

/* What a stream is for, from its dotted name ("traffic.arrivals"). Hash once, at load. */
uint64_t cm_rng_purpose(const char *name);

/* PCG's own seeding (initstate, initseq) with this generator's multiplier. */
struct cm_rng cm_rng_seeded(cm_u128 initstate, cm_u128 initseq);

/* Moves the stream by `delta` steps (modulo 2^128, so -1 is one back) in O(log delta). */
void cm_rng_advance(struct cm_rng *rng, cm_u128 delta);

#endif
