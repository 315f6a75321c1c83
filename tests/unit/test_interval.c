/* Intervals against the shared oracles (statsmodels, R, mpmath) and against closed forms. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/stats/interval.h"

#define ORACLES "tests/oracle/stat_oracles.json"

static double number(const json_t *inputs, const char *key)
{
    return json_number_value(json_object_get(inputs, key));
}

static uint64_t count(const json_t *inputs, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(inputs, key));
}

/* What our code says to one case; the number of values, 0 = no case of ours. */
static size_t answer(const char *fn, const char *output, const json_t *in, double got[2])
{
    double level = number(in, "conf_level");
    if (!strcmp(fn, "quantile_ci_ranks")) {
        struct cm_ranks ranks = cm_ranks_of_quantile(count(in, "n"), number(in, "p"), level);
        got[0] = !strcmp(output, "lower_rank")   ? (double)ranks.low
                 : !strcmp(output, "upper_rank") ? (double)ranks.high
                                                 : ranks.coverage;
        return 1;
    }
    struct cm_interval interval = {NAN, NAN};
    if (strcmp(fn, "proportion_ci") != 0)
        return 0;
    if (!strcmp(output, "wilson"))
        interval = cm_interval_wilson(count(in, "x"), count(in, "n"), level);
    else if (!strcmp(output, "clopper_pearson"))
        interval = cm_interval_clopper_pearson(count(in, "x"), count(in, "n"), level);
    else
        return 0; /* jeffreys: not offered */
    got[0] = interval.low;
    got[1] = interval.high;
    return 2;
}

Test(interval, oracles_of_shares_and_ranks_hold)
{
    json_error_t error;
    json_t *root = json_load_file(ORACLES, 0, &error), *item;
    cr_assert(root != NULL, "%s: %s", ORACLES, error.text);
    size_t index, checked = 0;
    json_array_foreach(json_object_get(root, "cases"), index, item)
    {
        double got[2];
        const char *output = json_string_value(json_object_get(item, "output"));
        size_t n = answer(json_string_value(json_object_get(item, "fn")), output,
                          json_object_get(item, "inputs"), got);
        const json_t *expected = json_object_get(item, "expected");
        double tolerance = number(item, "tol");
        for (size_t i = 0; i < n; i++) {
            const json_t *one = json_is_array(expected) ? json_array_get(expected, i) : expected;
            double want = json_number_value(one);
            bool relative = !strcmp(json_string_value(json_object_get(item, "tol_type")), "rel");
            cr_expect(fabs(got[i] - want) <= tolerance * (relative ? fabs(want) : 1),
                      "%s: %.17g, not %.17g", json_string_value(json_object_get(item, "id")),
                      got[i], want);
        }
        checked += n > 0;
    }
    cr_expect(eq(sz, checked, 10)); /* four of shares, six of ranks */
    json_decref(root);
}

/* Arguments of the size on which the inverse of GSL 2.7 gives up. */
Test(interval, clopper_pearson_converges_where_the_library_inverse_does_not)
{
    /* By definition P(Bin(n, low) >= x) = P(Bin(n, high) <= x) = 2.5 %; the sums are exact here. */
    struct cm_interval one = cm_interval_clopper_pearson(1, 1000000, 0.95);
    cr_expect(epsilon_eq(dbl, one.low * 1e6, -1e6 * expm1(log(0.975) / 1e6), 1e-8));
    double q = one.high, none = exp(1e6 * log1p(-q));
    cr_expect(epsilon_eq(dbl, none + 1e6 * q * none / (1 - q), 0.025, 1e-9));
    struct cm_interval half = cm_interval_clopper_pearson(5000, 10000, 0.95);
    cr_expect(epsilon_eq(dbl, half.low + half.high, 1, 1e-12));      /* symmetric */
    cr_expect(epsilon_eq(dbl, half.high - 0.5, 1.96 * 0.005, 1e-4)); /* normal limit */
}

Test(interval, a_share_of_none_or_all_has_one_limit)
{
    struct cm_interval none = cm_interval_share(0, 2000, 0.95);
    cr_expect(eq(dbl, none.low, 0));
    cr_expect(epsilon_eq(dbl, none.high, 1 - pow(0.05, 1.0 / 2000), 1e-14));
    struct cm_interval all = cm_interval_share(2000, 2000, 0.95);
    cr_expect(eq(dbl, all.high, 1));
    cr_expect(epsilon_eq(dbl, all.low, 1 - none.high, 1e-14));
    struct cm_interval some = cm_interval_share(3, 2000, 0.95);
    struct cm_interval wilson = cm_interval_wilson(3, 2000, 0.95);
    cr_expect(eq(dbl, some.low, wilson.low));
    cr_expect(eq(dbl, some.high, wilson.high));
    cr_expect(eq(dbl, cm_interval_share(0, 0, 0.95).high, 1)); /* nothing was seen */
}

Test(interval, a_mean_gets_students_t)
{
    /* 1..5: mean 3, variance 2.5, t(0.975, 4) = 2.7764451051977987 (R qt). */
    static const double x[] = {1, 2, 3, 4, 5};
    struct cm_sample sample = cm_sample_of(x, 5);
    struct cm_interval limits = cm_interval_mean(&sample, 0.95);
    cr_expect(epsilon_eq(dbl, sample.mean, 3, 1e-15));
    cr_expect(epsilon_eq(dbl, sample.variance, 2.5, 1e-15));
    cr_expect(epsilon_eq(dbl, limits.high - 3, 2.7764451051977987 * sqrt(0.5), 1e-9));
    cr_expect(epsilon_eq(dbl, 3 - limits.low, 2.7764451051977987 * sqrt(0.5), 1e-9));
    sample = cm_sample_of(x, 1);
    cr_expect(eq(dbl, cm_interval_mean(&sample, 0.95).high, INFINITY));
    sample = cm_sample_of(x, 0);
    cr_expect(isnan(sample.mean));
}

Test(interval, a_mean_far_from_zero_keeps_its_variance)
{
    static const double x[] = {1e9 + 1, 1e9 + 2, 1e9 + 3};
    cr_expect(epsilon_eq(dbl, cm_sample_of(x, 3).variance, 1, 1e-9));
}

Test(interval, a_quantile_is_the_value_at_its_rank)
{
    double x[20];
    for (int i = 0; i < 20; i++)
        x[i] = i + 1;
    static const struct {
        double p, want;
    } cases[] = {{0.5, 10}, {0.95, 19}, {0.951, 20}, {0.05, 1}, {0.01, 1}, {0.55, 11}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect(eq(dbl, cm_quantile_of(x, 20, cases[i].p), cases[i].want), "p = %g", cases[i].p);
    double hundred[100];
    for (int i = 0; i < 100; i++)
        hundred[i] = i + 1;
    cr_expect(eq(dbl, cm_quantile_of(hundred, 100, 0.07), 7)); /* 100 * 0.07 > 7 in doubles */
    cr_expect(isnan(cm_quantile_of(x, 0, 0.5)));
}

Test(interval, a_quantile_that_the_sample_cannot_bound_has_an_infinite_limit)
{
    double x[100];
    for (int i = 0; i < 100; i++)
        x[i] = i;
    /* 0.99^100 = 0.366: the largest of 100 lies below the p99 far too often (A9). */
    cr_expect(eq(dbl, cm_interval_quantile(x, 100, 0.99, 0.95).high, INFINITY));
    cr_expect(eq(dbl, cm_interval_quantile(x, 2, 0.5, 0.95).low, -INFINITY));
    struct cm_interval median = cm_interval_quantile(x, 100, 0.5, 0.95);
    cr_expect(eq(dbl, median.low, 39)); /* ranks 40 and 61: R qbinom(.025, 100, .5), + 1 */
    cr_expect(eq(dbl, median.high, 60));
}

Test(interval, a_ratio_of_equal_denominators_is_the_batch_mean)
{
    static const double a[] = {1, 2, 3, 4, 5}, b[] = {2, 2, 2, 2, 2};
    struct cm_ratio ratio = cm_ratio_of_batches(a, b, 5, 0.95);
    cr_expect(epsilon_eq(dbl, ratio.value, 1.5, 1e-15));
    cr_expect(epsilon_eq(dbl, ratio.limits.high - 1.5, 2.7764451051977987 * sqrt(0.5) / 2, 1e-9));
}

Test(interval, a_ratio_that_is_the_same_in_every_batch_has_no_spread)
{
    static const double a[] = {1, 2, 7}, b[] = {2, 4, 14}, zero[] = {0, 0, 0};
    struct cm_ratio ratio = cm_ratio_of_batches(a, b, 3, 0.95);
    cr_expect(epsilon_eq(dbl, ratio.limits.low, 0.5, 1e-15));
    cr_expect(epsilon_eq(dbl, ratio.limits.high, 0.5, 1e-15));
    cr_expect(isnan(cm_ratio_of_batches(a, zero, 3, 0.95).value));
    cr_expect(eq(dbl, cm_ratio_of_batches(a, b, 1, 0.95).limits.high, INFINITY));
}
