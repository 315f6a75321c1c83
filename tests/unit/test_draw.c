/* What the samplers promise draw by draw: ranges, ends, and that three ways are one. Whether they
 * follow their laws is tests/stat's business. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/draw.h"
#include "tests/unit/chosen_words.h"

static struct cm_rng stream(const char *name)
{
    return cm_rng_stream(7, 0, cm_rng_purpose(name), 0);
}

/* A stream may put out any word at any time. */
Test(draw, no_word_leads_out_of_a_range)
{
    struct cm_rng starts[] = {about_to_put_out(0), about_to_put_out(UINT64_MAX)};
    cm_rng_advance(&starts[1], -(cm_u128)1); /* then as a second word */
    struct cm_rng more[] = {starts[0], about_to_put_out(UINT64_MAX), starts[1]};
    for (int i = 0; i < 3; i++) {
        struct cm_rng rng = more[i];
        double exponential = cm_draw_exponential(&rng);
        cr_expect(exponential > 0 && exponential < 1e3, "%g", exponential);
        rng = more[i];
        double normal = cm_draw_normal(&rng);
        cr_expect(normal != 0 && fabs(normal) < 40, "%g", normal);
        rng = more[i];
        cr_expect_gt(cm_draw_gamma(&rng, 2.5), 0);
        rng = more[i];
        double beta = cm_draw_beta(&rng, 0.5, 2);
        cr_expect(beta >= 0 && beta <= 1, "%g", beta);
        for (double mean = 0.01; mean < 2e12; mean *= 10) {
            rng = more[i];
            double k = (double)cm_draw_poisson(&rng, mean);
            cr_expect(fabs(k - mean) < 100 + 40 * sqrt(mean), "mean %g: %g", mean, k);
        }
        for (double p = 1e-15; p < 1; p *= 7) {
            rng = more[i];
            cr_expect_leq(cm_draw_binomial(&rng, CM_BINOMIAL_MAX_N, p), CM_BINOMIAL_MAX_N);
            rng = more[i];
            cr_expect_leq(cm_draw_binomial(&rng, 30, p), 30);
        }
    }
}

/* The top 53 bits of a word are the position, the low 8 the layer: in a layer far from the ends
 * each of them changes the draw. (Normals: bit 11 is the last of 53 with the sign.) */
Test(draw, every_bit_of_a_position_counts)
{
    const uint64_t word = UINT64_C(0x123456789abcd000) | 100;
    struct cm_rng rng = about_to_put_out(word);
    double normal = cm_draw_normal(&rng);
    rng = about_to_put_out(word);
    double exponential = cm_draw_exponential(&rng);
    for (int bit = 0; bit < 64; bit++) {
        rng = about_to_put_out(word ^ UINT64_C(1) << bit);
        double other = cm_draw_normal(&rng);
        cr_expect_eq(other != normal, bit < 8 || bit >= 11, "normal, bit %d", bit);
        rng = about_to_put_out(word ^ UINT64_C(1) << bit);
        other = cm_draw_exponential(&rng);
        cr_expect_eq(other != exponential, bit < 8 || bit >= 12, "exponential, bit %d", bit);
    }
}

Test(draw, a_tiny_shape_gives_no_negative_and_no_nan)
{
    static const double shapes[] = {CM_GAMMA_MIN_SHAPE, 1e-20, 1e-3, 0.5, 1, 1e6,
                                    CM_GAMMA_MAX_SHAPE};
    struct cm_rng rng = stream("shapes");
    for (int i = 0; i < 7; i++)
        for (int j = 0; j < 7; j++)
            for (int repeat = 0; repeat < 200; repeat++) {
                double gamma = cm_draw_gamma(&rng, shapes[i]);
                cr_assert(gamma >= 0 && isfinite(gamma), "gamma(%g) = %g", shapes[i], gamma);
                double beta = cm_draw_beta(&rng, shapes[i], shapes[j]);
                cr_assert(beta >= 0 && beta <= 1, "beta(%g, %g) = %g", shapes[i], shapes[j], beta);
            }
}

Test(draw, a_mean_of_zero_is_always_zero)
{
    struct cm_rng rng = stream("zero");
    struct cm_poisson p = {0};
    uint64_t cells[2];
    struct cm_poisson_table table;
    cr_assert_eq(cm_poisson_table_room(0), 2);
    cm_poisson_table_init(&table, 0, cells);
    for (int i = 0; i < 100; i++) {
        cr_expect_eq(cm_draw_poisson(&rng, 0), 0);
        cr_expect_eq(cm_poisson_draw(&p, &rng), 0);
        cr_expect_eq(cm_poisson_table_draw(&table, &rng), 0);
    }
    cm_poisson_set(&p, 5);
    cm_poisson_set(&p, 0);
    cr_expect_eq(cm_poisson_draw(&p, &rng), 0, "also after another mean");
}

Test(draw, kept_constants_change_no_draw)
{
    static const double means[] = {0.5, 0.5, 3, 40, 40, 11.9, 12.1, 500, 3, 63, 65, 1e9, 0.5};
    struct cm_rng one = stream("kept"), other = one;
    struct cm_poisson p = {0};
    for (int round = 0; round < 200; round++)
        for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
            cm_poisson_set(&p, means[i]);
            cr_assert_eq(cm_poisson_draw(&p, &one), cm_draw_poisson(&other, means[i]));
        }
    cr_expect_arr_eq(&one, &other, sizeof one);
}

Test(draw, setting_the_same_mean_again_computes_nothing)
{
    struct cm_poisson p = {0};
    cm_poisson_set(&p, 5);
    p.none = 0.125;
    cm_poisson_set(&p, 5);
    cr_expect_eq(p.none, 0.125);
    cm_poisson_set(&p, nextafter(5, 6));
    cr_expect_neq(p.none, 0.125);
}

/* The chance of an outcome, added up from the columns of a table; in long double, as the cells have
 * up to 63 bits. */
static long double chance(const struct cm_alias *alias, uint64_t outcome)
{
    long double sum = 0;
    for (uint64_t column = 0; column < alias->k; column++) {
        uint64_t cell = alias->cells[column], other = cell & alias->low;
        long double own = (long double)(cell - other) * 0x1p-64L;
        cr_assert_lt(other, alias->k);
        sum += (column == outcome ? own : 0) + (other == outcome ? 1 - own : 0);
    }
    return sum / (long double)alias->k;
}

Test(draw, alias_tables_hold_the_weights)
{
    static const double patterns[][3] = {{1, 1, 1}, {1, 0, 5}, {1e-12, 1, 1e3}, {3, 2, 1}};
    for (size_t k = 1; k <= 40; k++)
        for (int pattern = 0; pattern < 4; pattern++) {
            double weights[40], sum = 0;
            uint64_t cells[40];
            for (size_t i = 0; i < k; i++) {
                weights[i] = patterns[pattern][i % 3] * (1 + (double)i / 7);
                sum += weights[i];
            }
            struct cm_alias alias;
            cm_alias_init(&alias, cells, weights, k);
            for (size_t i = 0; i < k; i++) {
                long double got = chance(&alias, i), want = weights[i] / sum;
                cr_assert(fabsl(got - want) < 1e-15L, "%zu of %zu: %Lg, not %Lg", i, k, got, want);
                cr_assert(weights[i] > 0 || got == 0, "a weight of 0 has a chance");
            }
        }
}

/* The same of a table by 32 bits: its borders have 64 bits more. */
static long double chance32(const struct cm_alias32 *alias, uint64_t outcome)
{
    long double sum = 0, place = ldexpl(1, (int)alias->shift);
    uint64_t k = UINT64_C(1) << (32 - alias->shift);
    for (uint64_t column = 0; column < k; column++) {
        uint64_t other = (uint32_t)alias->cells[column], border = alias->cells[column] >> 32;
        cr_assert_eq(border >> alias->shift, column);
        long double whole = (long double)(border & ((UINT64_C(1) << alias->shift) - 1));
        long double own = (whole + (long double)alias->rest[column] * 0x1p-64L) / place;
        cr_assert_lt(other, k);
        sum += (column == outcome ? own : 0) + (other == outcome ? 1 - own : 0);
    }
    return sum / (long double)k;
}

Test(draw, tables_by_32_bits_hold_the_weights)
{
    static const double patterns[][3] = {{1, 1, 1}, {1, 0, 5}, {1e-12, 1, 1e3}, {3, 2, 1}};
    for (size_t n = 1; n <= 40; n++)
        for (int pattern = 0; pattern < 4; pattern++) {
            double weights[40], sum = 0;
            uint64_t cells[2 * 64];
            cr_assert_leq(cm_alias32_room(n), 2 * 64);
            for (size_t i = 0; i < n; i++) {
                weights[i] = patterns[pattern][i % 3] * (1 + (double)i / 7);
                sum += weights[i];
            }
            struct cm_alias32 alias;
            cm_alias32_init(&alias, cells, weights, n);
            for (size_t i = 0; i < cm_alias32_room(n) / 2; i++) {
                long double got = chance32(&alias, i), want = i < n ? weights[i] / sum : 0;
                cr_assert(fabsl(got - want) < 1e-15L, "%zu of %zu: %Lg, not %Lg", i, n, got, want);
                cr_assert(want > 0 || got == 0, "a weight of 0 has a chance");
            }
        }
}

/* Bits at a border do not tell; the next word does, by as much as is left of the own share. */
Test(draw, a_tie_is_settled_by_another_word)
{
    uint64_t cells[4];
    struct cm_alias32 alias;
    cm_alias32_init(&alias, cells, (double[]){1, 2}, 2);
    uint64_t border = alias.cells[0] >> 32;
    double rest = (double)alias.rest[0] * 0x1p-64;
    cr_expect_float_eq((double)border + rest, 0x1p31 * 2 / 3, 1e-6);
    struct cm_rng rng = about_to_put_out(0);
    cr_expect_eq(cm_alias32_pick(&alias, border, &rng), 0);
    rng = about_to_put_out(UINT64_MAX);
    cr_expect_eq(cm_alias32_pick(&alias, border, &rng), 1);
    struct cm_rng untouched = rng;
    cr_expect_eq(cm_alias32_pick(&alias, border - 1, &rng), 0);
    cr_expect_eq(cm_alias32_pick(&alias, border + 1, &rng), 1);
    cr_expect_arr_eq(&rng, &untouched, sizeof rng);
}

Test(draw, one_outcome_is_certain)
{
    uint64_t cell;
    struct cm_alias alias;
    cm_alias_init(&alias, &cell, &(double){0.1}, 1);
    struct cm_rng rng = about_to_put_out(UINT64_MAX);
    cr_expect_eq(cm_alias_draw(&alias, &rng), 0);
    rng = about_to_put_out(0);
    cr_expect_eq(cm_alias_draw(&alias, &rng), 0);
}

/* 5000 roundings of the sum, if nobody minded them, would all go to one outcome. */
Test(draw, large_tables_are_built_whole)
{
    enum { K = 5000 };
    double *weights = calloc(K, sizeof *weights);
    uint64_t *cells = calloc(K, sizeof *cells);
    for (int i = 0; i < K; i++)
        weights[i] = i % 2 ? 0.1 : 0.3;
    struct cm_alias alias;
    cm_alias_init(&alias, cells, weights, K);
    for (uint64_t i = 0; i < K; i += 17)
        cr_expect(fabsl(chance(&alias, i) - (i % 2 ? 1 : 3) / 10000.L) < 1e-15L);
    free(weights);
    free(cells);
}

Test(draw, poisson_tables_hold_the_pmf_and_cut_under_1e_20)
{
    static const double means[] = {1e-9, 0.3, 7, 150, 2000};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        double mean = means[i];
        size_t room = cm_poisson_table_room(mean);
        uint64_t *cells = calloc(room, sizeof *cells);
        struct cm_poisson_table t;
        cm_poisson_table_init(&t, mean, cells);
        cr_assert_eq(cm_alias32_room(t.n), room);
        for (uint64_t j = 0; j < t.n; j += 1 + t.n / 200) {
            double want = gsl_ran_poisson_pdf((unsigned)(t.first + j), mean);
            double got = (double)chance32(&t.alias, j);
            cr_expect(fabs(got - want) < 1e-11 * want + 1e-17, "mean %g: P(%ju) = %g, not %g", mean,
                      (uintmax_t)(t.first + j), got, want);
        }
        unsigned last = (unsigned)(t.first + t.n) - 1;
        cr_expect_lt(gsl_cdf_poisson_Q(last, mean), 1e-20);
        cr_expect_gt(gsl_cdf_poisson_Q(last - 1, mean), 1e-21, "not more than needed");
        if (t.first > 0)
            cr_expect_lt(gsl_cdf_poisson_P((unsigned)t.first - 1, mean), 1e-20);
        cr_expect_lt(t.n, 40 + 20 * sqrt(mean));
        free(cells);
    }
}

Test(draw, binomials_are_exact_at_their_ends)
{
    static const uint64_t ns[] = {0, 1, 2, 1000, CM_BINOMIAL_MAX_N};
    struct cm_rng rng = stream("ends"), before = rng;
    for (size_t i = 0; i < sizeof ns / sizeof *ns; i++) {
        cr_expect_eq(cm_draw_binomial(&rng, ns[i], 0), 0);
        cr_expect_eq(cm_draw_binomial(&rng, ns[i], 1), ns[i]);
        cr_expect_eq(cm_draw_binomial(&rng, ns[i], -0.1), 0);
        cr_expect_eq(cm_draw_binomial(&rng, ns[i], 1 + 0x1p-52), ns[i]);
        cr_expect_eq(cm_draw_binomial(&rng, 0, 0.5), 0);
    }
    cr_expect_arr_eq(&rng, &before, sizeof rng, "and draw nothing for it");
}

Test(draw, no_binomial_exceeds_n)
{
    struct cm_rng rng = stream("n");
    for (uint64_t n = 1; n <= 60; n++)
        for (double p = 0.01; p < 1; p += 0.07)
            for (int i = 0; i < 100; i++)
                cr_assert_leq(cm_draw_binomial(&rng, n, p), n);
}

static void deal(struct cm_rng *rng, uint64_t n, const double *weights, size_t k, uint64_t *counts)
{
    cm_draw_multinomial(rng, n, weights, k, counts);
    uint64_t sum = 0;
    for (size_t i = 0; i < k; i++) {
        cr_assert(weights[i] > 0 || counts[i] == 0, "%ju items where the weight is 0",
                  (uintmax_t)counts[i]);
        sum += counts[i];
    }
    cr_assert_eq(sum, n, "%ju of %ju items", (uintmax_t)sum, (uintmax_t)n);
}

Test(draw, multinomials_lose_nothing_to_rounding)
{
    static const double weights[][6] = {
        {0.1, 0.2, 0.3, 0.25, 0.15, 0}, {0, 0, 1, 0, 0, 0},
        {1, 1e-18, 1e-18, 1e-18, 0, 0}, {1e-300, 1e-300, 0, 1e-300, 1e-300, 1e-300},
        {1e300, 1e300, 1, 0, 1e300, 1}, {0.1, 0.1, 0.1, 0.1, 0.1, 0.5},
    };
    static const uint64_t ns[] = {0, 1, 7, 1000, CM_BINOMIAL_MAX_N};
    struct cm_rng rng = stream("multinomial");
    uint64_t counts[6];
    for (size_t w = 0; w < sizeof weights / sizeof *weights; w++)
        for (size_t i = 0; i < sizeof ns / sizeof *ns; i++)
            for (int repeat = 0; repeat < 100; repeat++)
                deal(&rng, ns[i], weights[w], 6, counts);
    deal(&rng, 99, &(double){0.25}, 1, counts);
    cr_expect_eq(counts[0], 99);
}

Test(draw, below_n_is_below_n)
{
    static const uint64_t ns[] = {1, 2, 3, 1000, UINT64_C(1) << 63, UINT64_MAX};
    struct cm_rng rng = stream("below");
    for (size_t i = 0; i < sizeof ns / sizeof *ns; i++)
        for (int repeat = 0; repeat < 1000; repeat++)
            cr_assert_lt(cm_draw_below(&rng, ns[i]), ns[i]);
    rng = about_to_put_out(UINT64_MAX);
    cr_expect_eq(cm_draw_below(&rng, 10), 9);
}

/* 2^64 mod 3 = 1, so exactly the word 0 is one too many for outcome 0. */
Test(draw, the_word_too_many_is_redrawn)
{
    struct cm_rng rng = about_to_put_out(0), second = rng;
    cm_rng_next(&second);
    uint64_t want = (uint64_t)((cm_u128)cm_rng_next(&second) * 3 >> 64);
    cr_expect_eq(cm_draw_below(&rng, 3), want);
    cr_expect_arr_eq(&rng, &second, sizeof rng);
}
