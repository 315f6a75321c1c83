/* Cumulative incidence against R's survival package (shared oracles) and against worked examples.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/stats/incidence.h"

#define ORACLES "tests/oracle/stat_oracles.json"

static double element(const json_t *list, size_t i)
{
    return json_number_value(json_array_get(list, i));
}

/* What our code says to output `output` of one kaplan_meier case, at the i-th time asked. */
static double answer(const char *output, const json_t *in, size_t i)
{
    const json_t *times = json_object_get(in, "time"), *events = json_object_get(in, "event");
    struct cm_spell spells[16];
    size_t n = json_array_size(times);
    double last = 0;
    for (size_t k = 0; k < n; k++) {
        spells[k] =
            (struct cm_spell){element(times, k), element(events, k) > 0 ? CM_EVENT : CM_CENSORED};
        last = fmax(last, spells[k].time);
    }
    struct cm_curve curve;
    cm_curve_init(&curve, spells, n);
    double at = element(json_object_get(in, "at"), i), got = NAN;
    if (!strcmp(output, "survival_at"))
        got = 1 - cm_curve_at(&curve, at);
    else if (!strcmp(output, "rmst_to_last"))
        got = cm_curve_restricted_mean(&curve, last);
    else
        for (size_t k = 0; k < curve.n && curve.time[k] <= at; k++)
            got = sqrt(curve.variance[k]);
    cm_curve_release(&curve);
    return got;
}

Test(incidence, kaplan_meier_and_greenwood_are_those_of_r)
{
    json_error_t error;
    json_t *root = json_load_file(ORACLES, 0, &error), *item;
    cr_assert(root != NULL, "%s: %s", ORACLES, error.text);
    size_t index, checked = 0;
    json_array_foreach(json_object_get(root, "cases"), index, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "fn")), "kaplan_meier") != 0)
            continue;
        const json_t *expected = json_object_get(item, "expected");
        double tolerance = json_number_value(json_object_get(item, "tol"));
        for (size_t i = 0; i < (json_is_array(expected) ? json_array_size(expected) : 1); i++) {
            double want =
                json_is_array(expected) ? element(expected, i) : json_number_value(expected);
            double got = answer(json_string_value(json_object_get(item, "output")),
                                json_object_get(item, "inputs"), i);
            cr_expect(fabs(got - want) <= tolerance * fabs(want), "%zu: %.17g, not %.17g", i, got,
                      want);
        }
        checked++;
    }
    cr_expect(eq(sz, checked, 3));
    json_decref(root);
}

Test(incidence, a_competing_end_takes_its_share_for_good)
{
    /* By hand: n = 5 at 1 (event): F = 1/5, S = 4/5. n = 4 at 2 (competing): S = 3/5. 3 is
     * censored. n = 2 at 4 (event): F = 1/5 + 3/5 * 1/2 = 1/2, S = 3/10. n = 1 at 5 (competing). */
    struct cm_spell spells[] = {
        {5, CM_COMPETING}, {1, CM_EVENT}, {3, CM_CENSORED}, {2, CM_COMPETING}, {4, CM_EVENT}};
    struct cm_curve curve;
    cm_curve_init(&curve, spells, 5);
    cr_assert(eq(sz, curve.n, 2));
    cr_expect(epsilon_eq(dbl, cm_curve_at(&curve, 0.5), 0, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_curve_at(&curve, 1), 0.2, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_curve_at(&curve, 3.9), 0.2, 1e-15));
    cr_expect(epsilon_eq(dbl, cm_curve_at(&curve, 9), 0.5, 1e-15));
    /* The variance by the formula's three sums, term by term. F = 0.5 at the end:
     * (0.3)^2 1/(5*4) + (0.3)^2 1/(4*3) + 0   (the last, at 4: F - F_j = 0)
     * + 1^2 * 1*4/125 + 0 + 0.6^2 * 1*1/8
     * - 2 (0.3 * 1 * 1/25) */
    double want = 0.09 / 20 + 0.09 / 12 + 4.0 / 125 + 0.36 / 8 - 2 * 0.3 / 25;
    cr_expect(epsilon_eq(dbl, curve.variance[1], want, 1e-15));
    cr_expect(epsilon_eq(dbl, curve.variance[0], 0.2 * 0.8 / 5, 1e-15));
    cm_curve_release(&curve);
}

Test(incidence, without_censoring_it_is_the_plain_share_with_its_binomial_variance)
{
    struct cm_spell spells[60];
    size_t n = sizeof spells / sizeof *spells;
    for (size_t i = 0; i < n; i++) /* 20 events, two a time; 40 competing ends among them */
        spells[i] = (struct cm_spell){(double)(i / 6), i % 3 == 0 ? CM_EVENT : CM_COMPETING};
    struct cm_curve curve;
    cm_curve_init(&curve, spells, n);
    cr_assert(eq(sz, curve.n, 10));
    for (size_t i = 0; i < curve.n; i++) {
        double share = 2 * (double)(i + 1) / (double)n;
        cr_expect(epsilon_eq(dbl, curve.value[i], share, 1e-14));
        cr_expect(epsilon_eq(dbl, curve.variance[i], share * (1 - share) / (double)n, 1e-14));
    }
    cm_curve_release(&curve);
}

Test(incidence, a_quantile_above_the_plateau_is_not_reached)
{
    struct cm_spell spells[100];
    for (size_t i = 0; i < 100; i++)
        spells[i] = (struct cm_spell){(double)i, i < 55 ? CM_EVENT : CM_COMPETING};
    struct cm_curve curve;
    cm_curve_init(&curve, spells, 100);
    struct cm_crossing median = cm_curve_quantile(&curve, 0.5, 0.95);
    cr_expect(eq(dbl, median.at, 49));                /* the 50th event, at 49 */
    cr_expect(eq(dbl, median.limits.high, INFINITY)); /* 55 of 100 may be below half */
    cr_expect(lt(dbl, median.limits.low, 45));
    cr_expect(gt(dbl, median.limits.low, 35));
    cr_expect(eq(dbl, cm_curve_quantile(&curve, 0.95, 0.95).at, INFINITY));
    cr_expect(eq(dbl, cm_curve_quantile(&curve, 0.95, 0.95).limits.low, INFINITY));
    cm_curve_release(&curve);
}

Test(incidence, limits_of_a_survival_curve_are_log_log)
{
    /* Kalbfleisch and Prentice: S^exp(+-z se / (S |log S|)); at 6 of the R example S = 0.625 with
     * standard error 0.171163299220364. */
    struct cm_spell spells[] = {{2, CM_EVENT},     {4, CM_EVENT},    {4, CM_EVENT},
                                {6, CM_CENSORED},  {9, CM_EVENT},    {10, CM_CENSORED},
                                {10, CM_CENSORED}, {10, CM_CENSORED}};
    struct cm_curve curve;
    cm_curve_init(&curve, spells, 8);
    struct cm_interval limits = cm_curve_limits(&curve, 1, 0.95);
    double spread = exp(1.959963984540054 * 0.171163299220364 / (0.625 * -log(0.625)));
    cr_expect(epsilon_eq(dbl, 1 - limits.high, pow(0.625, spread), 1e-12));
    cr_expect(epsilon_eq(dbl, 1 - limits.low, pow(0.625, 1 / spread), 1e-12));
    cm_curve_release(&curve);
}

Test(incidence, where_all_have_had_it_the_lower_limit_is_that_of_n_of_n)
{
    struct cm_spell spells[100];
    for (size_t i = 0; i < 100; i++)
        spells[i] = (struct cm_spell){7, CM_EVENT};
    struct cm_curve curve;
    cm_curve_init(&curve, spells, 100);
    struct cm_interval limits = cm_curve_limits(&curve, 0, 0.95);
    cr_expect(epsilon_eq(dbl, limits.low, pow(0.025, 0.01), 1e-12));
    cr_expect(eq(dbl, limits.high, 1));
    struct cm_crossing p95 = cm_curve_quantile(&curve, 0.95, 0.95);
    cr_expect(eq(dbl, p95.at, 7));
    cr_expect(eq(dbl, p95.limits.high, 7));
    cm_curve_release(&curve);
}

Test(incidence, nobody_watched_is_an_empty_curve)
{
    struct cm_curve curve;
    cm_curve_init(&curve, NULL, 0);
    cr_expect(eq(sz, curve.n, 0));
    cr_expect(eq(dbl, cm_curve_quantile(&curve, 0.5, 0.95).at, INFINITY));
    cm_curve_release(&curve);
    cm_curve_release(&curve);
}
