/* Labels of KPIs: their laws, and what a judge makes of them. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/scenario/flow_kind.h"
#include "sim/service/kpi.h"
#include "tests/unit/loaded.h"

TestSuite(kpi, .fini = tear_down);

#define SCORES                                                                                     \
    "[kpi.quality]\nvalue = ordinal\nscore_1 = 2%\nscore_2 = 5%\nscore_3 = 13%\n"                  \
    "score_4 = 40%\nscore_5 = 40%\n"
#define READ                                                                                       \
    "[metric.quality]\nsignal = kpi\nkpi = quality\n[gate.q]\ntest = threshold\n"                  \
    "metric = quality\nmin = 3.5\n[policy.p]\ncontroller = steps\nsteps = 10%/10m, 100%\n"         \
    "gates = q\n"

static struct cm_kpi_law law_of(const char *text, double change)
{
    cr_assert_eq(load_text(text), 0, "%s", said());
    const struct cm_named_kpi *kpi = &s.kpis[0];
    return kpi->kind->law(kpi->options, kpi->kind->mean(kpi->options) + change);
}

static void expect_near(double got, double want, const char *what)
{
    cr_expect(fabs(got - want) <= 1e-12 * (1 + fabs(want)), "%s: %.17g, not %.17g", what, got,
              want);
}

/* 0.02 + 0.1 + 0.39 + 1.6 + 2 = 4.11. */
Test(kpi, scores_have_the_mean_of_their_shares)
{
    struct cm_kpi_law law = law_of(SCORES READ, 0);
    expect_near(cm_kpi_law_mean(&law), 4.11, "mean");
    expect_near(law.truth, 4.11, "truth");
    expect_near(law.chance[2], 0.13, "share of 3");
}

/* m (1 - 5q/4) + q/4 (1 + 2 + 3 + 4 + 5), and the truth stays. */
Test(kpi, a_noisy_judge_pulls_means_to_the_middle_and_shrinks_differences)
{
    const double q = 0.2;
    struct cm_kpi_law before = law_of(SCORES "judge_noise = 20%\n" READ, 0);
    expect_near(cm_kpi_law_mean(&before), 4.11 * (1 - 1.25 * q) + q / 4 * 15, "judged");
    expect_near(before.truth, 4.11, "truth");
    expect_near(before.chance[0], 0.02 * (1 - q) + 0.98 * q / 4, "confusion");
    struct cm_kpi_law after = law_of(SCORES "judge_noise = 20%\n" READ, -0.6);
    cr_expect(fabs(after.truth - 3.51) < 1e-12);
    cr_expect(fabs(cm_kpi_law_mean(&before) - cm_kpi_law_mean(&after) - 0.6 * (1 - 1.25 * q)) <
              1e-12);
}

/* Ratios of neighbouring odds are all changed by the same factor. */
Test(kpi, a_moved_mean_tilts_the_scores)
{
    const double healthy[] = {0.02, 0.05, 0.13, 0.4, 0.4};
    struct cm_kpi_law law = law_of(SCORES READ, -1);
    double tilt = law.chance[1] / law.chance[0] / (healthy[1] / healthy[0]), sum = 0;
    for (int i = 0; i < 5; i++)
        sum += law.chance[i];
    for (int i = 1; i < 5; i++)
        cr_expect(fabs(law.chance[i] / law.chance[i - 1] / (healthy[i] / healthy[i - 1]) / tilt -
                       1) < 1e-12);
    expect_near(sum, 1, "sum");
    cr_expect_lt(tilt, 1);
    cr_expect(fabs(cm_kpi_law_mean(&law) - 3.11) < 1e-12);
}

Test(kpi, no_score_leaves_the_scale)
{
    struct cm_kpi_law law = law_of(SCORES READ, -100);
    cr_expect(cm_kpi_law_mean(&law) >= 1 && cm_kpi_law_mean(&law) < 1 + 1e-9);
    law = law_of(SCORES READ, 100);
    cr_expect(cm_kpi_law_mean(&law) <= 5 && cm_kpi_law_mean(&law) > 5 - 1e-9);
}

/* A flipped answer: p (1 - 2q) + q. */
Test(kpi, a_noisy_conversion_is_flipped)
{
    struct cm_kpi_law law = law_of("[kpi.quality]\nvalue = bernoulli\nchance = 3%\n"
                                   "judge_noise = 10%\n" READ,
                                   0.01);
    expect_near(cm_kpi_law_mean(&law), 0.04 * 0.8 + 0.1, "mean");
    expect_near(cm_kpi_law_variance(&law), 0.132 * 0.868, "variance");
    expect_near(law.truth, 0.04, "truth");
}

Test(kpi, a_gamma_value_is_scaled_and_a_normal_one_is_shifted)
{
    struct cm_kpi_law law = law_of("[kpi.quality]\nvalue = gamma\nmean = 40\nsd = 20\n" READ, -8);
    expect_near(cm_kpi_law_mean(&law), 32, "gamma mean");
    expect_near(cm_kpi_law_variance(&law), 16 * 16, "gamma variance");
    law = law_of("[kpi.quality]\nvalue = normal\nmean = -1\nsd = 2\n" READ, -8);
    expect_near(cm_kpi_law_mean(&law), -9, "normal mean");
    expect_near(cm_kpi_law_variance(&law), 4, "normal variance");
}

Test(kpi, moments_of_scores_are_sums_over_the_scores)
{
    struct cm_kpi_law law = law_of(SCORES READ, 0);
    const struct cm_kpi_sums sums = {.n = 6, .score = {1, 0, 2, 0, 3}};
    struct cm_kpi_moments m = cm_kpi_moments_of(&law, &sums);
    cr_expect_eq(m.n, 6u);
    expect_near(m.sum, 1 + 6 + 15, "sum");
    expect_near(m.sum_sq, 1 + 18 + 75, "sum of squares");
}

Test(kpi, a_part_and_the_rest_are_the_whole)
{
    static const char *const texts[] = {SCORES READ,
                                        "[kpi.quality]\nvalue = gamma\nmean = 40\nsd = 20\n" READ,
                                        "[kpi.quality]\nvalue = normal\nmean = -1\nsd = 2\n" READ};
    for (size_t i = 0; i < 3; i++) {
        struct cm_kpi_law law = law_of(texts[i], 0);
        struct cm_rng rng = cm_rng_stream(5, i, 1, 0);
        struct cm_kpi_sums whole = cm_kpi_sums_draw(&law, 9, &rng);
        struct cm_kpi_moments all = cm_kpi_moments_of(&law, &whole);
        struct cm_kpi_sums left = cm_kpi_sums_split(&law, &whole, 0.4, &rng);
        struct cm_kpi_moments a = cm_kpi_moments_of(&law, &left);
        struct cm_kpi_moments b = cm_kpi_moments_of(&law, &whole);
        cr_expect_eq(a.n + b.n, 9u);
        cr_expect(a.n > 0 && b.n > 0, "choose another seed");
        expect_near(a.sum + b.sum, all.sum, "sum");
        if (i != 1)
            expect_near(a.sum_sq + b.sum_sq, all.sum_sq, "sum of squares");
        else
            cr_expect(isnan(all.sum_sq), "gamma variates have no law of their squares' sum");
    }
}

/* Which flow plays it, and why. */
Test(kpi, latencies_and_recorded_labels_want_requests)
{
    cr_assert_eq(load_text(SCORES READ), 0, "%s", said());
    cr_expect_eq(cm_flow_kind_of(&s), CM_FLOW_COUNTS);
    cr_assert_eq(load_text("[metric.l]\nsignal = latency_mean\n[gate.q]\ntest = threshold\n"
                           "metric = l\nmax = 300ms\n[policy.p]\ncontroller = steps\n"
                           "steps = 10%/10m, 100%\ngates = q\n"),
                 0, "%s", said());
    cr_expect_eq(cm_flow_kind_of(&s), CM_FLOW_REQUESTS);
    cr_expect_not_null(strstr(cm_flow_kind_reason(&s), "latency_mean"));
}

Test(kpi, what_a_metric_cannot_read_is_refused)
{
    cr_expect_neq(load_text(SCORES "[metric.m]\nsignal = kpi\n" READ), 0);
    expect_said("signal = kpi needs kpi");
    cr_expect_neq(load_text(SCORES "[metric.m]\nsignal = rate\nkpi = quality\n" READ), 0);
    expect_said("kpi is read by signal = kpi, not by rate");
    cr_expect_neq(
        load_text(SCORES "[metric.m]\nsignal = kpi\nkpi = quality\nfunction = irate\n" READ), 0);
    expect_said("function = irate has no meaning");
    cr_expect_neq(load_text(SCORES "[gauge.g]\nmean = 1\nsd = 1\n[class.c]\nshare = 1%\n"
                                   "[metric.m]\nsignal = gauge\ngauge = g\nclass = c\n" READ),
                  0);
    expect_said("a gauge belongs to a version");
}

Test(kpi, shares_of_scores_must_add_up)
{
    cr_expect_neq(load_text("[kpi.quality]\nvalue = ordinal\nscore_1 = 20%\nscore_2 = 5%\n"
                            "score_3 = 13%\nscore_4 = 40%\nscore_5 = 40%\n" READ),
                  0);
    expect_said("score_1 to score_5 add to 118%");
}

Test(kpi, every_kpi_of_a_defect_needs_its_change)
{
    cr_expect_neq(load_text(SCORES "[defect.d]\nkpi = quality\n" READ), 0);
    expect_said("kpi names 1 and kpi_change says 0 changes");
    cr_expect_neq(load_text(SCORES "[defect.d]\nkpi = quality\nkpi_change = 0.4\n" READ), 0);
    expect_said("'0.4' is no change");
    cr_expect_neq(load_text(SCORES "[defect.d]\nkpi = quality\nkpi_change = x1\n" READ), 0);
    expect_said("leaves quality as it is");
    cr_assert_eq(load_text(SCORES "[defect.d]\nkpi = quality\nkpi_change = x0.9 -0.2\n" READ), 0,
                 "%s", said());
    cr_expect_eq(s.defects[0].effect.kpi_change.list[0].times, 0.9);
    cr_expect_eq(s.defects[0].effect.kpi_change.list[0].plus, -0.2);
}
