/* Streams, jumps and the GSL adaptor. The generator itself is held to its vectors by tests/oracle.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/rng.h"
#include "sim/base/rng_gsl.h"
#include "tests/unit/chosen_words.h"

/* Seven rounds of Philox 4x64 with a running key; cases from Random123's kat_vectors (the first is
 * the one that streams use: key 0). */
Test(rng, streams_mix_their_name_by_philox_with_seven_rounds)
{
    static const struct {
        uint64_t counter[4], key[2], want[4];
    } cases[] = {
        {{0},
         {0},
         {0x5dc8ee6268ec62cd, 0x139bc570b6c125a0, 0x84d6deb4fb65f49e, 0xaff7583376d378c2}},
        {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
         {UINT64_MAX, UINT64_MAX},
         {0x071dd84367903154, 0x48e2bbdc722b37d1, 0x6afa9890bb89f76c, 0x9194c8d8ada56ac7}},
        {{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
         {0x452821e638d01377, 0xbe5466cf34e90c6c},
         {0x513a366704edf755, 0xf05d9924c07044d3, 0xbef2cb9cbea74c6c, 0x8db948de4caa1f8a}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        uint64_t word[4];
        memcpy(word, cases[c].counter, sizeof word);
        for (uint64_t i = 0; i < 7; i++)
            cm_rng_round(word, cases[c].key[0] + i * 0x9e3779b97f4a7c15u,
                         cases[c].key[1] + i * 0xbb67ae8584caa73bu);
        cr_expect_arr_eq(word, cases[c].want, sizeof word, "case %zu", c);
    }
    struct cm_rng rng = cm_rng_stream(0, 0, 0, 0);
    cr_expect_eq(rng.state_high, cases[0].want[0]);
    cr_expect_eq(rng.state_low, cases[0].want[1]);
    cr_expect_eq(rng.increment_high, cases[0].want[2]);
    cr_expect_eq(rng.increment_low, cases[0].want[3] | 1);
}

static struct cm_rng stream_of(const uint64_t name[4])
{
    return cm_rng_stream(name[0], name[1], name[2], name[3]);
}

static int bits(uint64_t x)
{
    int n = 0;
    for (; x != 0; x &= x - 1)
        n++;
    return n;
}

/* One bit of the name changes half the bits of the first word: mean 32, standard error
 * 4 / sqrt(200) over the bases; 256 means within 4.5 of those, but for 2e-3 (Bonferroni). */
Test(rng, every_bit_of_a_name_reaches_the_stream)
{
    enum { BASES = 200 };
    for (int bit = 0; bit < 256; bit++) {
        int changed = 0;
        for (uint64_t base = 0; base < BASES; base++) {
            uint64_t name[4] = {base, base / 7, cm_rng_purpose("traffic.arrivals"), base * base};
            struct cm_rng one = stream_of(name);
            name[bit / 64] ^= UINT64_C(1) << bit % 64;
            struct cm_rng other = stream_of(name);
            changed += bits(cm_rng_next(&one) ^ cm_rng_next(&other));
        }
        double z = ((double)changed / BASES - 32) / (4 / sqrt(BASES));
        cr_expect(fabs(z) < 4.5, "bit %d of argument %d: %g standard errors", bit % 64, bit / 64,
                  z);
    }
}

Test(rng, swapping_two_arguments_names_another_stream)
{
    static const uint64_t names[][4] = {{1, 2, 3, 4}, {2, 1, 3, 4}, {3, 2, 1, 4}, {4, 2, 3, 1},
                                        {1, 3, 2, 4}, {1, 4, 3, 2}, {1, 2, 4, 3}};
    uint64_t first[7];
    for (int i = 0; i < 7; i++) {
        struct cm_rng rng = stream_of(names[i]);
        first[i] = cm_rng_next(&rng);
        for (int j = 0; j < i; j++)
            cr_expect_neq(first[i], first[j]);
    }
}

/* The first words of neighbouring replications, as one sequence: 2^16 of them over 256 cells by the
 * high byte, and by the low byte. Chi-square with 255 degrees of freedom: 99.99 % are below 347. */
Test(rng, neighbouring_replications_begin_uniformly)
{
    enum { N = 1 << 16 };
    double high[256] = {0}, low[256] = {0}, sum_high = 0, sum_low = 0;
    for (uint64_t i = 0; i < N; i++) {
        struct cm_rng rng = cm_rng_stream(1, i, cm_rng_purpose("x"), 0);
        uint64_t word = cm_rng_next(&rng);
        high[word >> 56]++;
        low[word & 255]++;
    }
    for (int i = 0; i < 256; i++) {
        sum_high += (high[i] - 256) * (high[i] - 256) / 256;
        sum_low += (low[i] - 256) * (low[i] - 256) / 256;
    }
    cr_expect_lt(sum_high, 347);
    cr_expect_lt(sum_low, 347);
}

Test(rng, purposes_are_told_apart_by_every_letter)
{
    static const char *const names[] = {
        "", "a", "b", "ab", "ba", "a.b", "traffic.arrivals", "traffic.arrival", "Traffic.arrivals"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < i; j++)
            cr_expect_neq(cm_rng_purpose(names[i]), cm_rng_purpose(names[j]));
    cr_expect_eq(cm_rng_purpose("a.b"), cm_rng_purpose("a.b"));
}

/* The vector (42, 54) of tests/oracle/pcg_vectors.json with the generator's own multiplier in both
 * seeding steps. */
Test(rng, seeding_gives_the_published_outputs)
{
    struct cm_rng rng = cm_rng_seeded(42, 54);
    cr_expect_eq(cm_rng_next(&rng), UINT64_C(0xf0847c9518bddb90));
    cr_expect_eq(cm_rng_next(&rng), UINT64_C(0x8e7d5f5514ba8aaa));
    cr_expect_eq(cm_rng_next(&rng), UINT64_C(0x86fbd36f8028f6fd));
}

Test(rng, advancing_is_stepping)
{
    struct cm_rng stepped = cm_rng_stream(1, 2, 3, 4), jumped = stepped;
    for (int i = 0; i < 1000; i++)
        cm_rng_next(&stepped);
    cm_rng_advance(&jumped, 1000);
    cr_expect_arr_eq(&stepped, &jumped, sizeof stepped);
    cm_rng_advance(&jumped, 0);
    cr_expect_arr_eq(&stepped, &jumped, sizeof stepped, "0 steps do nothing");
}

Test(rng, jumping_back_returns)
{
    struct cm_rng start = cm_rng_stream(1, 2, 3, 4), rng = start;
    uint64_t first = cm_rng_next(&rng);
    cm_rng_advance(&rng, (cm_u128)-1);
    cr_expect_eq(cm_rng_next(&rng), first, "-1 is one step back");
    cm_u128 far = cm_rng_join(0x9e3779b97f4a7c15, 0xf39cc0605cedc835);
    rng = start;
    cm_rng_advance(&rng, far);
    cr_expect_neq(rng.state_low, start.state_low);
    cm_rng_advance(&rng, -far);
    cr_expect_arr_eq(&rng, &start, sizeof rng);
}

Test(rng, two_jumps_are_one)
{
    struct cm_rng one = cm_rng_stream(5, 6, 7, 8), two = one;
    cm_u128 a = (cm_u128)1 << 100, b = ((cm_u128)1 << 127) + 12345;
    cm_rng_advance(&one, a + b);
    cm_rng_advance(&two, a);
    cm_rng_advance(&two, b);
    cr_expect_arr_eq(&one, &two, sizeof one);
}

Test(rng, uniforms_respect_their_ends)
{
    struct cm_rng zero = about_to_put_out(0), ones = about_to_put_out(UINT64_MAX);
    struct cm_rng rng = ones;
    cr_assert_eq(cm_rng_next(&rng), UINT64_MAX);
    rng = zero;
    cr_assert_eq(cm_rng_next(&rng), 0);
    rng = zero;
    cr_expect_eq(cm_rng_unit(&rng), 0);
    rng = zero;
    cr_expect_eq(cm_rng_open(&rng), 0x1p-53, "%a", 0x1p-53);
    rng = ones;
    cr_expect_eq(cm_rng_unit(&rng), 1 - 0x1p-53);
    rng = ones;
    cr_expect_eq(cm_rng_open(&rng), 1 - 0x1p-53);
}

Test(rng, the_gsl_generator_gives_the_same_numbers)
{
    gsl_rng *r = gsl_rng_alloc(cm_rng_gsl_pcg64dxsm);
    struct cm_rng rng = cm_rng_stream(9, 8, 7, 6);
    cm_rng_gsl_assign(r, rng);
    for (int i = 0; i < 100; i++) {
        cr_expect_eq(gsl_rng_get(r), cm_rng_next(&rng));
        cr_expect_eq(gsl_rng_uniform(r), cm_rng_unit(&rng));
    }
    gsl_rng *copy = gsl_rng_clone(r);
    cr_expect_eq(gsl_rng_get(copy), cm_rng_next(&rng));
    gsl_rng_free(copy);
    gsl_rng_free(r);
}

Test(rng, the_gsl_generator_is_seeded_with_a_stream_and_has_all_64_bits)
{
    gsl_rng *r = gsl_rng_alloc(cm_rng_gsl_pcg64dxsm);
    gsl_rng_set(r, 77);
    struct cm_rng rng = cm_rng_stream(77, 0, 0, 0);
    cr_expect_eq(gsl_rng_get(r), cm_rng_next(&rng));
    cr_expect_eq(gsl_rng_max(r), UINT64_MAX);
    cr_expect_eq(gsl_rng_min(r), 0);
    cr_expect_str_eq(gsl_rng_name(r), "pcg64dxsm");
    gsl_rng_free(r);
}
