/* Written from O'Neill, PCG (HMC-CS-2014-0905), and numpy's documentation of SeedSequence, which
 * follows her seed_seq_fe (2015). Slow and plain on purpose: jumps are matrix powers, nothing else.
 */
#include "tests/oracle/pcg_models.h"

static const uint64_t MULTIPLIER_64 = 6364136223846793005u;

static cm_u128 multiplier_128(void)
{
    return cm_rng_join(0x2360ed051fc65da4u, 0x4385df649fccf645u);
}

/* The affine map x -> a x + c, delta times, modulo 2^128. */
static cm_u128 jump(cm_u128 x, cm_u128 a, cm_u128 c, cm_u128 delta)
{
    cm_u128 all_a = 1, all_c = 0;
    for (int bit = 127; bit >= 0; bit--) {
        all_c = all_a * all_c + all_c;
        all_a *= all_a;
        if (delta >> bit & 1) {
            all_c = a * all_c + c;
            all_a *= a;
        }
    }
    return all_a * x + all_c;
}

static uint64_t rotate_right(uint64_t x, unsigned by, unsigned bits)
{
    uint64_t mask = ~UINT64_C(0) >> (64 - bits);
    return ((x >> by) | (x << (bits - by) % bits)) & mask;
}

/* PCG32, XSH-RR 64/32: the output is of the state before the step. */

static uint64_t next_32(struct pcg *rng)
{
    uint64_t s = (uint64_t)rng->state;
    rng->state = s * MULTIPLIER_64 + (uint64_t)rng->increment;
    rng->state &= UINT64_MAX;
    return rotate_right((uint32_t)(((s >> 18) ^ s) >> 27), (unsigned)(s >> 59), 32);
}

static struct pcg seed_32(cm_u128 initstate, cm_u128 initseq)
{
    struct pcg rng = {0, (initseq << 1 | 1) & UINT64_MAX};
    next_32(&rng);
    rng.state = (rng.state + initstate) & UINT64_MAX;
    next_32(&rng);
    return rng;
}

static void advance_32(struct pcg *rng, cm_u128 delta)
{
    rng->state = jump(rng->state, MULTIPLIER_64, rng->increment, delta) & UINT64_MAX;
}

const struct pcg_model pcg32_model = {
    .name = "pcg32",
    .state_bits = 64,
    .output_bits = 32,
    .next = next_32,
    .seed = seed_32,
    .advance = advance_32,
};

/* PCG64, XSL-RR 128/64: the output is of the state after the step. */

static void step_64(struct pcg *rng)
{
    rng->state = rng->state * multiplier_128() + rng->increment;
}

static uint64_t next_64(struct pcg *rng)
{
    step_64(rng);
    uint64_t folded = (uint64_t)(rng->state >> 64) ^ (uint64_t)rng->state;
    return rotate_right(folded, (unsigned)(rng->state >> 122), 64);
}

static double unit_64(struct pcg *rng)
{
    return (double)(next_64(rng) >> 11) * 0x1p-53;
}

static struct pcg seed_64(cm_u128 initstate, cm_u128 initseq)
{
    struct pcg rng = {0, initseq << 1 | 1};
    step_64(&rng);
    rng.state += initstate;
    step_64(&rng);
    return rng;
}

static void advance_64(struct pcg *rng, cm_u128 delta)
{
    rng->state = jump(rng->state, multiplier_128(), rng->increment, delta);
}

const struct pcg_model pcg64_model = {
    .name = "pcg64",
    .state_bits = 128,
    .output_bits = 64,
    .next = next_64,
    .unit = unit_64,
    .seed = seed_64,
    .advance = advance_64,
};

/* PCG64-DXSM: the product's. */

static struct cm_rng to_product(const struct pcg *rng)
{
    return (struct cm_rng){(uint64_t)(rng->state >> 64), (uint64_t)rng->state,
                           (uint64_t)(rng->increment >> 64), (uint64_t)rng->increment};
}

static struct pcg from_product(const struct cm_rng *rng)
{
    return (struct pcg){cm_rng_join(rng->state_high, rng->state_low),
                        cm_rng_join(rng->increment_high, rng->increment_low)};
}

static uint64_t next_dxsm(struct pcg *rng)
{
    struct cm_rng product = to_product(rng);
    uint64_t word = cm_rng_next(&product);
    *rng = from_product(&product);
    return word;
}

static double unit_dxsm(struct pcg *rng)
{
    struct cm_rng product = to_product(rng);
    double unit = cm_rng_unit(&product);
    *rng = from_product(&product);
    return unit;
}

static struct pcg seed_dxsm(cm_u128 initstate, cm_u128 initseq)
{
    struct cm_rng product = cm_rng_seeded(initstate, initseq);
    return from_product(&product);
}

static void advance_dxsm(struct pcg *rng, cm_u128 delta)
{
    struct cm_rng product = to_product(rng);
    cm_rng_advance(&product, delta);
    *rng = from_product(&product);
}

const struct pcg_model pcg64dxsm_model = {
    .name = "pcg64dxsm",
    .state_bits = 128,
    .output_bits = 64,
    .next = next_dxsm,
    .unit = unit_dxsm,
    .seed = seed_dxsm,
    .advance = advance_dxsm,
};

struct pcg pcg64dxsm_seed_as_numpy(cm_u128 initstate, cm_u128 initseq)
{
    return seed_64(initstate, initseq);
}

/* SeedSequence: a pool of four words, hashed with a running constant, then read out. */

enum { POOL = 4 };

static uint32_t hash(uint32_t value, uint32_t *constant, uint32_t multiplier)
{
    value ^= *constant;
    *constant *= multiplier;
    value *= *constant;
    return value ^ value >> 16;
}

static uint32_t mix(uint32_t x, uint32_t y)
{
    uint32_t mixed = 0xca01f9ddu * x - 0x4973f715u * y;
    return mixed ^ mixed >> 16;
}

void seed_sequence(const uint32_t *entropy, size_t n, uint64_t words[4])
{
    uint32_t pool[POOL], constant = 0x43b0d7e5u;
    for (size_t i = 0; i < POOL; i++)
        pool[i] = hash(i < n ? entropy[i] : 0, &constant, 0x931e8875u);
    for (size_t from = 0; from < POOL; from++)
        for (size_t to = 0; to < POOL; to++)
            if (from != to)
                pool[to] = mix(pool[to], hash(pool[from], &constant, 0x931e8875u));
    for (size_t from = POOL; from < n; from++)
        for (size_t to = 0; to < POOL; to++)
            pool[to] = mix(pool[to], hash(entropy[from], &constant, 0x931e8875u));
    constant = 0x8b51f9ddu;
    for (size_t i = 0; i < 4; i++) {
        uint32_t low = hash(pool[2 * i % POOL], &constant, 0x58f38dedu);
        uint32_t high = hash(pool[(2 * i + 1) % POOL], &constant, 0x58f38dedu);
        words[i] = (uint64_t)high << 32 | low;
    }
}
