/* Gauges: a stationary autoregression, moved by a defect, in nobody's way. 4 standard errors. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/engine/rollout.h"
#include "tests/stat/rollouts.h"

#define POLICY                                                                                     \
    "[gate.g]\ntest = threshold\nmetric = m\nmax = 90%\n"                                          \
    "[policy.p]\ncontroller = steps\nsteps = 30%/4m, 100%\nlook_every = 1m\ngates = g\n"
#define ERRORS "[metric.m]\nsignal = error_ratio\n"
#define GAUGE  "[gauge.x]\nmean = 500\nsd = 20\ncorrelation = 1m\n"

/* Samples 20 and 21 of a version: mean, variance, correlation exp(-15 s / 60 s) by the law. */
static void check_pair(size_t version, double want)
{
    enum { N = 3000 };
    struct cm_scenario scenario = {0};
    load_text(&scenario,
              "[traffic]\nrate = 1 rps\n[scenario]\nhorizon = 10m\n" GAUGE ERRORS POLICY
              "[defect.d]\ngauge = x\ngauge_change = +300\nonset = 1m\n",
              NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = 0, .strength = 1};
    struct cm_rollout *r = cm_rollout_new(&plan);
    double a = 0, aa = 0, ab = 0;
    for (uint64_t i = 0; i < N; i++) {
        cm_replicate(r, i);
        const struct cm_gauge_line *line = &r->gauges.lines[version];
        cr_assert_gt(line->n, 15u);
        double x = (line->samples[14].value - want) / 20, y = (line->samples[15].value - want) / 20;
        a += x, aa += x * x, ab += x * y;
    }
    double rho = exp(-0.25);
    cr_expect(fabs(a / N) < 4 / sqrt(N), "mean %g", a / N);
    cr_expect(fabs(aa / N - 1) < 4 * sqrt(2.0 / N), "variance %g", aa / N);
    cr_expect(fabs(ab / N - rho) < 4 * sqrt((1 + rho * rho) / N), "correlation %g", ab / N);
    cm_rollout_free(r);
    cm_scenario_release(&scenario);
}

Test(gauges, of_stable_are_a_stationary_autoregression)
{
    check_pair(CM_STABLE, 500);
}

/* Samples 14 and 15 are taken between 3m30s and 4m, after the onset. */
Test(gauges, of_the_canary_are_moved_by_the_defect)
{
    check_pair(CM_CANARY, 800);
}

/* Neither labels nor gauges have a say in what happens to anybody else. */
static void expect_neutral(const char *flow)
{
    char without[1200], with[2000];
    snprintf(without, sizeof without,
             "[scenario]\nhorizon = 30m\nflow = %s\n[service]\n"
             "error_rate = 1%%\n[environment]\ndrift = 0.4\n[defect.d]\nerror_rate = +2pp\n"
             "[metric.m]\nsignal = error_ratio\n[gate.g]\ntest = threshold\nmetric = m\n"
             "max = 4%%\n[policy.p]\nsteps = 30%%/4m, 100%%\nlook_every = 1m\ngates = g\n",
             flow);
    snprintf(with, sizeof with,
             "%s" GAUGE "[kpi.k]\nvalue = normal\nmean = 4\nsd = 1\n"
             "delay = exponential(mean=2m)\n[metric.k]\nsignal = kpi\nkpi = k\n"
             "[metric.x]\nsignal = gauge\ngauge = x\n",
             without);
    struct rollouts a = play(without, 0, 60), b = play(with, 0, 60);
    for (size_t i = 0; i < 60; i++) {
        cr_expect_eq(a.rows[i].ended_at, b.rows[i].ended_at);
        cr_expect_eq(a.rows[i].rollout.failures, b.rows[i].rollout.failures);
        cr_expect_eq(a.rows[i].rollout.requests, b.rows[i].rollout.requests);
        cr_expect_eq(a.rows[i].escaped.failures, b.rows[i].escaped.failures);
    }
    free(a.rows);
    free(b.rows);
}

Test(gauges, and_labels_change_no_other_number_in_counts)
{
    expect_neutral("counts");
}

Test(gauges, and_labels_change_no_other_number_in_requests)
{
    expect_neutral("requests");
}
