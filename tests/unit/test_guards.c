/* Burn rates, deviations, splits and guards: claims about single looks. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/stats/tables.h"
#include "tests/unit/gate_bench.h"

static bool close_to(double got, double want, double relative)
{
    return fabs(got - want) <= relative * fabs(want);
}

/* --- burn rate -------------------------------------------------------------------------------- */

/* A look at bad and all requests of the canary over the long and the short window. */
static struct cm_verdict burn(struct bench *b, uint64_t long_x, uint64_t long_n, uint64_t short_x,
                              uint64_t short_n)
{
    struct cm_signal s[2] = {{.x = {0, long_x, 0}, .n = {900, long_n, 0}},
                             {.x = {0, short_x, 0}, .n = {100, short_n, 0}}};
    struct cm_look look = {.control = CM_STABLE, .signals = s, .n_signals = 2};
    return b->gate->look(b->options, b->state, &look);
}

/* 14.4 times the budget of 99.9 % is 1.44 % (The Site Reliability Workbook, table 5-8). */
Test(burn_rate_gate, both_windows_have_to_be_above_the_threshold)
{
    struct bench b = bench_of("burn_rate", NULL);
    cr_expect(burn(&b, 145, 10000, 15, 1000).label == CM_FAIL);
    cr_expect(burn(&b, 144, 10000, 15, 1000).label == CM_PASS);
    cr_expect(burn(&b, 145, 10000, 14, 1000).label == CM_PASS);
    struct cm_verdict v = burn(&b, 200, 10000, 15, 1000);
    cr_expect(close_to(v.why.limit, 0.0144, 1e-12) && v.why.value == 0.015 && v.why.n1 == 10000);
    cr_expect(burn(&b, 200, 10000, 0, 0).label == CM_NO_DATA);
    bench_release(&b);
    b = bench_of("burn_rate", "min_requests", "10001", NULL);
    cr_expect(burn(&b, 200, 10000, 20, 1000).label == CM_UNDECIDED);
    bench_release(&b);
}

/* 20 % of 100 among 1,000: 2 % of all, and 20 % of 10 among 110: 1.8 %. */
Test(burn_rate_gate, a_service_dilutes_the_canary)
{
    struct bench service = bench_of("burn_rate", "scope", "service", NULL);
    struct bench canary = bench_of("burn_rate", NULL);
    struct cm_verdict v = burn(&service, 20, 100, 2, 10);
    cr_expect(v.label == CM_FAIL && close_to(v.why.value, 2.0 / 110, 1e-12) && v.why.n1 == 1000);
    cr_expect(burn(&service, 10, 100, 2, 10).label == CM_PASS);
    cr_expect(burn(&canary, 10, 100, 2, 10).label == CM_FAIL);
    bench_release(&service), bench_release(&canary);
}

Test(burn_rate_gate, windows_and_budgets_that_make_no_sense_are_refused)
{
    const struct cm_metric hour = {.window = 3600 * CM_SECOND}, minutes = {.window = CM_MINUTE};
    const struct cm_metric *const right[] = {&hour, &minutes}, *const wrong[] = {&hour, &hour};
    struct bench b = bench_of("burn_rate", NULL);
    struct cm_err err = {0};
    cr_expect(b.gate->check_metrics(b.options, &(struct cm_gate_metrics){right, 2}, &err) == 0);
    cr_expect(b.gate->check_metrics(b.options, &(struct cm_gate_metrics){wrong, 2}, &err) < 0);
    cr_expect(strstr(err.text, "must be longer"), "%s", err.text);
    bench_release(&b);
    err = bench_refusal(NULL, "burn_rate", "slo", "90%", NULL);
    cr_expect(strstr(err.text, "burn (14.4) times the budget (0.1) is not below 1"), "%s",
              err.text);
}

/* --- k sigma ---------------------------------------------------------------------------------- */

/* The control shows 1, 2, 3, 4 %: mean 2.5, deviation sqrt(5 / 3). */
Test(k_sigma, the_limit_is_the_control_s_mean_and_k_deviations)
{
    struct bench b = bench_of("k_sigma", "min_points", "4", "k", "2", NULL);
    for (uint64_t i = 1; i < 4; i++)
        cr_expect(bench_look(&b, i, 100, 0, 100).label == CM_UNDECIDED);
    struct cm_verdict v = bench_look(&b, 4, 100, 5, 100);
    cr_expect(close_to(v.why.limit, 0.025 + 2 * 0.01 * sqrt(5.0 / 3), 1e-9), "%g", v.why.limit);
    cr_expect(v.label == CM_PASS && v.why.value == 0.05);
    bench_restart(&b);
    for (uint64_t i = 1; i < 4; i++)
        bench_look(&b, i, 100, 0, 100);
    cr_expect(bench_look(&b, 4, 100, 6, 100).label == CM_FAIL);
    bench_release(&b);
}

Test(k_sigma, old_values_leave_and_the_canary_is_averaged)
{
    struct bench b = bench_of("k_sigma", "points", "2", "min_points", "2", "average", "2", NULL);
    bench_look(&b, 50, 100, 50, 100);
    bench_look(&b, 1, 100, 4, 100);
    struct cm_verdict v = bench_look(&b, 3, 100, 8, 100);
    cr_expect(close_to(v.why.limit, 0.02 + 3 * sqrt(2e-4), 1e-9), "%g", v.why.limit);
    cr_expect(close_to(v.why.value, 0.06, 1e-12) && v.label == CM_PASS);
    bench_release(&b);
}

Test(k_sigma, sides_steps_and_gaps)
{
    struct bench below = bench_of("k_sigma", "side", "below", "min_points", "2", NULL);
    bench_look(&below, 50, 100, 50, 100);
    cr_expect(bench_look(&below, 51, 100, 60, 100).label == CM_PASS);
    cr_expect(bench_look(&below, 50, 100, 40, 100).label == CM_FAIL);
    cr_expect(bench_look(&below, 50, 100, 0, 0).label == CM_NO_DATA);
    bench_release(&below);
    struct bench step = bench_of("k_sigma", "evidence", "step", "min_points", "2", NULL);
    bench_look(&step, 1, 100, 1, 100);
    step.gate->new_step(step.options, step.state);
    cr_expect(bench_look(&step, 1, 100, 1, 100).label == CM_UNDECIDED);
    cr_expect(bench_look(&step, 1, 100, 1, 100).label == CM_PASS);
    bench_release(&step);
    struct cm_err err = bench_refusal(NULL, "k_sigma", "points", "5", NULL);
    cr_expect(strstr(err.text, "min_points (10) must not be above points (5)"), "%s", err.text);
}

/* --- split ------------------------------------------------------------------------------------ */

static struct cm_verdict split(struct bench *b, uint64_t n0, uint64_t n1, double share)
{
    struct cm_stratum t = {.until = CM_MINUTE, .planned_share = share, .n = {n0, n1, 0}};
    struct cm_signal s = {.fresh = &t, .n_fresh = 1};
    struct cm_look look = {.now = CM_MINUTE,
                           .since_step = CM_MINUTE,
                           .control = CM_STABLE,
                           .signals = &s,
                           .n_signals = 1};
    return b->gate->look(b->options, b->state, &look);
}

/* srm of 10120 : 9890 at a half: chi^2 = 2.64367816092, p = .103962597940 (shared oracles). */
Test(srm, one_stratum_has_pearson_s_p)
{
    struct bench b = bench_of("srm", NULL);
    struct cm_verdict v = split(&b, 10120, 9890, 0.5);
    cr_expect(close_to(v.why.p, 0.103962597939926, 1e-9), "%.12g", v.why.p);
    cr_expect(v.label == CM_PASS && v.why.limit == 0.001 && v.why.n0 == 10120);
    bench_restart(&b);
    const double observed[] = {9000, 1150}, share[] = {0.9, 0.1};
    v = split(&b, 9000, 1150, 0.1);
    cr_expect(close_to(v.why.p, cm_tables_split(observed, share, 2).p, 1e-9), "%g", v.why.p);
    cr_expect(v.label == CM_GATE_ERROR &&
              !strcmp(b.gate->rules[v.rule], "requests are not split as planned"));
    bench_release(&b);
    b = bench_of("srm", "says", "fail", NULL);
    cr_expect(split(&b, 9000, 1150, 0.1).label == CM_FAIL);
    bench_release(&b);
}

Test(srm, strata_keep_their_own_shares)
{
    struct bench b = bench_of("srm", "evidence", "release", NULL);
    split(&b, 900, 100, 0.1);
    cr_expect(close_to(split(&b, 500, 500, 0.5).why.p, 1, 1e-12));
    /* Off by 30 of 2000: chi^2 = 900 / (90 + 250 + 250); erfc(sqrt(chi^2 / 2)). */
    struct cm_verdict v = split(&b, 470, 530, 0.5);
    cr_expect(close_to(v.why.p, erfc(sqrt(900.0 / 590 / 2)), 1e-12), "%g", v.why.p);
    cr_expect(close_to(split(&b, 1000, 0, 0).why.p, v.why.p, 1e-12), "no split, no evidence");
    bench_restart(&b);
    cr_expect(split(&b, 1000, 0, 0).label == CM_NO_DATA);
    bench_restart(&b);
    cr_expect(split(&b, 90, 10, 0.1).label == CM_UNDECIDED);
    /* A canary that gets nothing where it should get much is a mismatch, not too few. */
    cr_expect(split(&b, 5000, 0, 0.1).label == CM_GATE_ERROR);
    bench_release(&b);
}

/* --- guards ----------------------------------------------------------------------------------- */

Test(min_sample, each_count_is_waited_for)
{
    struct bench b =
        bench_of("min_sample", "requests", "100", "control_requests", "500", "errors", "10", NULL);
    struct cm_verdict v = bench_look(&b, 20, 900, 0, 99);
    cr_expect(v.label == CM_UNDECIDED && v.why.value == 99 && v.why.limit == 100);
    cr_expect(bench_look(&b, 0, 0, 0, 1).label == CM_PASS);
    bench_restart(&b);
    v = bench_look(&b, 20, 499, 0, 100);
    cr_expect(v.label == CM_UNDECIDED && v.why.value == 499 && v.why.limit == 500);
    bench_restart(&b);
    v = bench_look(&b, 5, 500, 4, 100);
    cr_expect(v.label == CM_UNDECIDED && v.why.value == 9 && v.why.limit == 10);
    b.gate->new_step(b.options, b.state);
    cr_expect(bench_look(&b, 5, 500, 5, 99).label == CM_UNDECIDED);
    bench_release(&b);
    b = bench_of("min_sample", "requests", "100", "evidence", "release", NULL);
    bench_look(&b, 0, 0, 0, 99);
    b.gate->new_step(b.options, b.state);
    cr_expect(bench_look(&b, 0, 0, 0, 1).label == CM_PASS);
    bench_release(&b);
}

Test(bake, time_since_the_step_or_the_release_is_waited_for)
{
    const struct cm_look early = {.now = 6 * CM_MINUTE, .since_step = 5 * CM_MINUTE - 1};
    const struct cm_look late = {.now = 6 * CM_MINUTE, .since_step = 5 * CM_MINUTE};
    struct bench step = bench_of("bake", NULL),
                 release = bench_of("bake", "since", "release", NULL);
    cr_expect(step.gate->look(step.options, NULL, &early).label == CM_UNDECIDED);
    cr_expect(step.gate->look(step.options, NULL, &late).label == CM_PASS);
    cr_expect(release.gate->look(release.options, NULL, &early).label == CM_PASS);
    bench_release(&step), bench_release(&release);
}
