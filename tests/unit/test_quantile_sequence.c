/* Quantiles at all times: published values, symmetry, ties, and errors by enumeration. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/e_value.h"
#include "sim/stats/point_mass.h"
#include "sim/stats/quantile_sequence.h"
#include "tests/unit/close.h"

enum { N = 1000 };

static struct cm_values from(double first, double *x)
{
    for (int i = 0; i < N; i++)
        x[i] = first + i;
    return (struct cm_values){x, N};
}

Test(quantile_sequence, medians_of_shifted_samples_have_the_published_p_values)
{
    /* Unit tests of confseq (Howard): 1..1000 against 71..1070 and 86..1085. */
    double a[N], b[N];
    struct cm_quantile_sequence q = cm_quantile_sequence_of(0.5, 100, 0.05);
    struct cm_values control = from(1, a), canary = from(71, b);
    cr_expect_float_eq(cm_e_value_p(cm_quantile_sequence_log_e(&q, &control, &canary)), 0.814704,
                       1e-6);
    canary = from(86, b);
    cr_expect_float_eq(cm_e_value_p(cm_quantile_sequence_log_e(&q, &control, &canary)), 0.0838055,
                       1e-6);
}

Test(quantile_sequence, arms_may_be_exchanged_and_values_stretched)
{
    double a[N], b[N];
    struct cm_quantile_sequence q = cm_quantile_sequence_of(0.9, 500, 0.05);
    struct cm_values control = from(1, a), canary = from(60, b);
    double log_e = cm_quantile_sequence_log_e(&q, &control, &canary);
    expect_close(cm_quantile_sequence_log_e(&q, &canary, &control), log_e, 1e-13);
    for (int i = 0; i < N; i++)
        a[i] = exp(a[i] / 100), b[i] = exp(b[i] / 100);
    expect_close(cm_quantile_sequence_log_e(&q, &control, &canary), log_e, 1e-13);
}

Test(quantile_sequence, equal_samples_and_ties_are_no_evidence)
{
    double a[N], b[N];
    struct cm_quantile_sequence q = cm_quantile_sequence_of(0.5, 100, 0.05);
    struct cm_values control = from(1, a), canary = from(1, b), none = {NULL, 0};
    cr_expect_lt(cm_quantile_sequence_log_e(&q, &control, &canary), 0);
    for (int i = 0; i < N; i++)
        a[i] = b[i] = 7; /* one value may be any quantile */
    cr_expect_lt(cm_quantile_sequence_log_e(&q, &control, &canary), 0);
    cr_expect_eq(cm_quantile_sequence_log_e(&q, &control, &none), 0);
}

Test(quantile_sequence, of_the_shares_that_ties_allow_the_least_evident_counts)
{
    /* Arms of one value each: any share. */
    static const double same[] = {7, 7, 7};
    const struct cm_values control = {same, 3}, canary = {same, 2};
    struct cm_quantile_sequence q = cm_quantile_sequence_of(0.9, 20, 0.05);
    double least[2] = {INFINITY, INFINITY};
    for (int arm = 0; arm < 2; arm++)
        for (int i = 0; i <= 100000; i++) {
            double n = arm == 0 ? 3 : 2, s = (i / 1e5 - 0.9) * n;
            least[arm] = fmin(least[arm], cm_mixture_log_e(&q.mixture, s, 0.09 * n));
        }
    cr_expect_float_eq(cm_quantile_sequence_log_e(&q, &control, &canary), least[0] + least[1],
                       1e-8);
    cr_expect_lt(least[0] + 1e-6, cm_mixture_log_e(&q.mixture, 0, 0.27));
}

Test(quantile_sequence, a_growing_shift_is_growing_evidence)
{
    double a[N], b[N], before = -INFINITY;
    struct cm_quantile_sequence q = cm_quantile_sequence_of(0.5, 100, 0.05);
    struct cm_values control = from(1, a);
    for (int shift = 50; shift <= 450; shift += 50) {
        struct cm_values canary = from(1 + shift, b);
        double log_e = cm_quantile_sequence_log_e(&q, &control, &canary);
        cr_expect_gt(log_e, before);
        before = log_e;
    }
}

Test(quantile_sequence, a_high_quantile_has_no_upper_limit_at_first)
{
    struct cm_quantile_sequence q = cm_quantile_sequence_of(0.99, 1000, 0.05);
    struct cm_interval few = cm_quantile_sequence_shares(&q, 100, 0.05);
    struct cm_interval many = cm_quantile_sequence_shares(&q, 1e5, 0.05);
    cr_expect_eq(few.high, 1);
    cr_expect(many.low > 0.985 && many.low < 0.99 && many.high > 0.99 && many.high < 0.995);
    struct cm_interval none = cm_quantile_sequence_shares(&q, 0, 0.05);
    cr_expect(none.low == 0 && none.high == 1);
}

Test(quantile_sequence, limits_of_a_quantile_mirror_those_of_its_counterpart)
{
    struct cm_quantile_sequence high = cm_quantile_sequence_of(0.8, 1000, 0.05);
    struct cm_quantile_sequence low = cm_quantile_sequence_of(0.2, 1000, 0.05);
    for (double t = 10; t < 1e6; t *= 10) {
        struct cm_interval h = cm_quantile_sequence_shares(&high, t, 0.03);
        struct cm_interval l = cm_quantile_sequence_shares(&low, t, 0.03);
        cr_expect_float_eq(h.low, 1 - l.high, 1e-12);
        cr_expect_float_eq(h.high, 1 - l.low, 1e-12);
    }
}

static const struct cm_mixture_tuning tuning = {50, 0.05};

Test(quantile_sequence, limits_of_a_share_are_the_published_ones)
{
    /* Unit tests of confseq: 15 and 1 of 50. */
    struct cm_interval ci = cm_quantile_sequence_share_limits(15, 50, 0.05, &tuning);
    cr_expect_float_eq(ci.low, 0.129556, 2e-6);
    cr_expect_float_eq(ci.high, 0.511896, 2e-6);
    ci = cm_quantile_sequence_share_limits(1, 50, 0.05, &tuning);
    cr_expect_eq(ci.low, 0);
    cr_expect_float_eq(ci.high, 0.13489, 2e-6);
}

Test(quantile_sequence, limits_of_a_share_mirror_and_hold_the_estimate)
{
    for (uint64_t n = 1; n < 100000; n = 4 * n + 1)
        for (uint64_t x = 0; x <= n; x += 1 + n / 9) {
            struct cm_interval a = cm_quantile_sequence_share_limits(x, n, 0.01, &tuning);
            struct cm_interval b = cm_quantile_sequence_share_limits(n - x, n, 0.01, &tuning);
            double estimate = (double)x / (double)n;
            cr_expect_float_eq(a.low, 1 - b.high, 1e-12);
            cr_expect(a.low <= estimate && estimate <= a.high);
            cr_expect_eq(a.low == 0, x < 2);
        }
    struct cm_interval none = cm_quantile_sequence_share_limits(0, 0, 0.01, &tuning);
    cr_expect(none.low == 0 && none.high == 1);
}

/* A path of 12 requests at every p: the limits ever exclude it with probability at most alpha. */
Test(quantile_sequence, limits_of_a_share_ever_miss_it_with_probability_alpha)
{
    enum { PATH = 12 };
    struct cm_interval ci[PATH + 1][PATH + 1];
    for (uint64_t n = 1; n <= PATH; n++)
        for (uint64_t x = 0; x <= n; x++)
            ci[n][x] = cm_quantile_sequence_share_limits(x, n, 0.2, &tuning);
    for (double p = 0.02; p < 1; p += 0.08) {
        double missed = 0;
        for (unsigned path = 0; path < 1U << PATH; path++) {
            unsigned x = 0;
            bool out = false;
            for (unsigned n = 1; n <= PATH; n++) {
                x += path >> (n - 1) & 1;
                out |= p < ci[n][x].low || p > ci[n][x].high;
            }
            missed += out ? pow(p, x) * pow(1 - p, PATH - x) : 0;
        }
        cr_expect_leq(missed, 0.2);
    }
}
