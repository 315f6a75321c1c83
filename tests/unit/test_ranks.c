/* Rank sums against pairs counted one by one, exact laws against all orders, buckets against what
 * was put in them. */
#include "sim/base/rng.h"
#include "sim/stats/ranks.h"
#include "tests/unit/close.h"

#include <gsl/gsl_sf_gamma.h>

/* n values of 0..kinds - 1, sorted. */
static struct cm_values fill(struct cm_rng *rng, double *x, size_t n, uint64_t kinds)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (double)(cm_rng_next(rng) % kinds);
    cm_values_sort(x, n);
    return (struct cm_values){x, n};
}

static double pairs(const struct cm_values *control, const struct cm_values *canary)
{
    double u = 0;
    for (size_t i = 0; i < control->n; i++)
        for (size_t j = 0; j < canary->n; j++)
            u += canary->x[j] > control->x[i] ? 1 : canary->x[j] == control->x[i] ? 0.5 : 0;
    return u;
}

Test(ranks, u_counts_pairs)
{
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.ranks"), 0);
    double x0[60], x1[60];
    for (int k = 0; k < 200; k++) {
        struct cm_values control = fill(&rng, x0, 1 + (size_t)k % 60, 1 + (uint64_t)k % 17);
        struct cm_values canary = fill(&rng, x1, 1 + (size_t)(7 * k) % 60, 3 + (uint64_t)k % 23);
        struct cm_rank_sum r = cm_ranks_of(&control, &canary), m = cm_ranks_of(&canary, &control);
        cr_assert(r.u == pairs(&control, &canary), "%d: %g", k, r.u);
        cr_assert(r.u + m.u == 2 * r.mean && r.sd == m.sd, "%d", k);
    }
}

/* Five against six, no ties: U = 26, mean 15, variance 5 * 6 * 12 / 12 = 30. */
Test(ranks, worked_numbers_hold)
{
    static const double x0[] = {5.2, 6.8, 7.1, 9.9, 10.4}, x1[] = {7.5, 8.8, 11, 12.5, 13.1, 14};
    const struct cm_values control = {x0, 5}, canary = {x1, 6};
    struct cm_rank_sum r = cm_ranks_of(&control, &canary);
    cr_expect(r.u == 26 && r.mean == 15);
    expect_close(r.sd, sqrt(30), 1e-14);
    expect_close(cm_ranks_z(&r, CM_GREATER, true), 10.5 / sqrt(30), 1e-14);
    expect_close(cm_ranks_z(&r, CM_TWO_SIDED, true), 10.5 / sqrt(30), 1e-14);
    expect_close(cm_ranks_z(&r, CM_LESS, true), 11.5 / sqrt(30), 1e-14);
    expect_close(cm_ranks_z(&r, CM_LESS, false), 11 / sqrt(30), 1e-14);
    /* 12 of the C(11, 5) = 462 orders have U >= 26. */
    expect_close(cm_ranks_exact_p(&control, &canary, CM_GREATER), 12.0 / 462, 1e-13);
    expect_close(cm_ranks_exact_p(&control, &canary, CM_TWO_SIDED), 24.0 / 462, 1e-13);
}

Test(ranks, buckets_of_distinct_values_are_the_values)
{
    struct cm_rng rng = cm_rng_stream(2, 0, cm_rng_purpose("test.ranks"), 0);
    double x0[200], x1[200];
    for (int k = 1; k < 100; k++) {
        double h0[12] = {0}, h1[12] = {0};
        struct cm_values control = fill(&rng, x0, 2 * (size_t)k, 12);
        struct cm_values canary = fill(&rng, x1, (size_t)k, 12);
        for (size_t i = 0; i < control.n; i++)
            h0[(int)x0[i]]++;
        for (size_t i = 0; i < canary.n; i++)
            h1[(int)x1[i]]++;
        struct cm_rank_sum raw = cm_ranks_of(&control, &canary);
        struct cm_rank_sum buckets = cm_ranks_of_buckets(h0, h1, 12);
        cr_assert(raw.u == buckets.u && raw.mean == buckets.mean && raw.sd == buckets.sd, "%d", k);
    }
}

/* t^3 of a bucket of 10^9 overflows 64 bits. */
Test(ranks, a_billion_requests_in_a_bucket_are_no_obstacle)
{
    static const double h0[] = {1e9, 1e7, 0}, h1[] = {1e8, 1e6, 100};
    struct cm_rank_sum r = cm_ranks_of_buckets(h0, h1, 3);
    cr_expect(r.sd > 0 && isfinite(r.sd));
    double n0 = 1.01e9, n1 = 1.010001e8, n = n0 + n1, tied = 1.1e9 / n, small = 1.1e7 / n;
    double rest = 1 - tied * tied * tied - small * small * small;
    expect_close(r.sd, sqrt(n0 * n1 * n / 12 * rest), 1e-6);
}

Test(ranks, equal_values_and_empty_arms_say_nothing)
{
    static const double same[] = {2, 2, 2, 2, 2, 2, 2};
    const struct cm_values control = {same, 7}, canary = {same, 3}, none = {same, 0};
    struct cm_rank_sum r = cm_ranks_of(&control, &canary), e = cm_ranks_of(&none, &canary);
    cr_expect(r.sd == 0 && cm_ranks_z(&r, CM_GREATER, true) == 0);
    cr_expect(e.u == 0 && e.sd == 0 && cm_ranks_z(&e, CM_LESS, true) == 0);
    const struct cm_values one = {same, 1};
    cr_expect(cm_ranks_exact_p(&none, &one, CM_GREATER) == 1);
    static const double zero[3] = {0};
    struct cm_rank_sum z = cm_ranks_of_buckets(zero, zero, 3);
    cr_expect(z.sd == 0);
}

Test(ranks, nan_and_infinity_have_no_answer)
{
    static const double odd[] = {1, NAN}, far[] = {1, INFINITY}, fine[] = {1, 2};
    const struct cm_values a = {odd, 2}, b = {far, 2}, c = {fine, 2};
    expect_nan(cm_ranks_of(&a, &c).u);
    expect_nan(cm_ranks_of(&c, &b).sd);
    struct cm_rank_sum r = cm_ranks_of(&c, &a);
    expect_nan(cm_ranks_z(&r, CM_GREATER, true));
    expect_nan(cm_ranks_exact_p(&c, &a, CM_GREATER));
}

/* All C(9, 4) ways of choosing which of nine values are the canary's. */
Test(ranks, the_exact_law_counts_orders)
{
    for (unsigned seen = 0; seen < 512; seen += 5) {
        if (__builtin_popcount(seen) != 4)
            continue;
        double x0[5], x1[4], above = 0, below = 0, all = 0, u = 0;
        for (unsigned mask = 0; mask < 512; mask++) {
            if (__builtin_popcount(mask) != 4)
                continue;
            double other = 0;
            u = 0;
            for (unsigned i = 0; i < 9; i++)
                for (unsigned j = 0; j < i; j++) {
                    other += (mask >> i & 1) && !(mask >> j & 1);
                    u += (seen >> i & 1) && !(seen >> j & 1);
                }
            all++, above += other >= u, below += other <= u;
        }
        for (unsigned i = 0, i0 = 0, i1 = 0; i < 9; i++)
            *(seen >> i & 1 ? &x1[i1++] : &x0[i0++]) = i;
        const struct cm_values control = {x0, 5}, canary = {x1, 4};
        expect_close(cm_ranks_exact_p(&control, &canary, CM_GREATER), above / all, 1e-13);
        expect_close(cm_ranks_exact_p(&control, &canary, CM_LESS), below / all, 1e-13);
    }
}

/* Of fifty against fifty one order in C(100, 50) has every canary value above. */
Test(ranks, exact_tails_are_exact_at_the_limit_and_absent_beyond)
{
    double x[102];
    for (int i = 0; i < 102; i++)
        x[i] = i;
    const struct cm_values low = {x, 50}, high = {x + 50, 50}, more = {x + 50, 51};
    expect_close(cm_ranks_exact_p(&low, &high, CM_GREATER), exp(-gsl_sf_lnchoose(100, 50)), 1e-12);
    expect_close(cm_ranks_exact_p(&high, &low, CM_GREATER), 1, 1e-12);
    expect_nan(cm_ranks_exact_p(&low, &more, CM_GREATER));
    x[50] = 49;
    expect_nan(cm_ranks_exact_p(&low, &high, CM_GREATER));
}

Test(ranks, the_normal_law_meets_the_exact_one)
{
    double x0[40], x1[40];
    for (int i = 0; i < 40; i++)
        x0[i] = 2 * i, x1[i] = 2 * i + 9;
    const struct cm_values control = {x0, 40}, canary = {x1, 40};
    struct cm_rank_sum r = cm_ranks_of(&control, &canary);
    double z = cm_ranks_z(&r, CM_GREATER, true);
    expect_close(cm_alternative_p_of_z(z, CM_GREATER),
                 cm_ranks_exact_p(&control, &canary, CM_GREATER), 0.02);
}
