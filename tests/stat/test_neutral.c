/* Adding or reading a component changes no number of the others: rollouts are the same, whatever
 * else watches them, in either flow. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "sim/engine/rollout.h"
#include "tests/stat/scenario_text.h"

enum { N = 40 };

/* The defect spares a class, so that a gate that reads it has no reason to object. */
#define WORLD                                                                                      \
    "[traffic]\narrivals = gamma_poisson\nrate = 20 rps\n"                                         \
    "[service]\nerror_rate = 1%\nlatency_slo = 300ms\n"                                            \
    "[telemetry]\nhistory = 30m\n"                                                                 \
    "[environment]\ndrift = 0.4\nincident_every = 20m\nincident_lasts = exponential(mean=1m)\n"    \
    "incident_error_rate = +2pp\n[class.hit]\nshare = 70%\n[class.spared]\nshare = 20%\n"          \
    "[pods]\nstable = 3\ncanary = 2\nerror_noise = 0.3\nstart_up = fixed(value=5s)\n"              \
    "restart_every = 10m\n[defect.d]\nerror_rate = +2pp\nlatency = x1.3\nonset = 1m\nscope = "     \
    "hit\n"                                                                                        \
    "[escape]\ndetection = exponential(mean=5m)\n[metric.m]\nsignal = error_ratio\nwindow = 5m\n"  \
    "[gate.g]\ntest = threshold\nmetric = m\nmax = 4%\nmin_requests = 50\n"                        \
    "[policy.p]\nsteps = 30%/4m, 100%/4m\nlook_every = 1m\non_no_data = ignore\n"                  \
    "on_undecided = ignore\n"

static void play(const char *flow, const char *rest, struct cm_outcome *rows)
{
    struct cm_scenario scenario = {0};
    char text[3000];
    snprintf(text, sizeof text, "[scenario]\nhorizon = 30m\nflow = %s\n%s%s", flow, WORLD, rest);
    load_text(&scenario, text, NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = 0, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < N; i++)
        rows[i] = cm_replicate(rollout, i);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
}

static bool same_harm(const struct cm_harm *a, const struct cm_harm *b)
{
    return a->requests == b->requests && a->errors == b->errors && a->failures == b->failures &&
           a->slow == b->slow;
}

static bool same(const struct cm_outcome *a, const struct cm_outcome *b)
{
    return a->end == b->end && a->ended_at == b->ended_at && a->onset == b->onset &&
           same_harm(&a->rollout, &b->rollout) && same_harm(&a->escaped, &b->escaped);
}

/* `watcher` is a gate w and what it reads. */
static void expect_neutral(const char *watcher)
{
    static const char *const flows[] = {"counts", "requests"};
    for (size_t f = 0; f < 2; f++) {
        struct cm_outcome alone[N], watched[N];
        char both[1000];
        size_t differ = 0, back = 0;
        snprintf(both, sizeof both, "gates = g, w\n%s", watcher);
        play(flows[f], "gates = g\n", alone);
        play(flows[f], both, watched);
        for (size_t i = 0; i < N; i++) {
            differ += !same(&alone[i], &watched[i]);
            back += alone[i].end == CM_ROLLED_BACK;
        }
        cr_expect_eq(differ, 0, "%zu rollouts of %s differ", differ, flows[f]);
        cr_expect(back > 2 && back < N - 2, "%zu roll back", back);
    }
}

Test(neutral, a_gauge_that_is_read_moves_nothing)
{
    expect_neutral("[gauge.memory]\nmean = 500\nsd = 20\n[metric.x]\nsignal = gauge\n"
                   "gauge = memory\n[gate.w]\ntest = threshold\nmetric = x\nmax = 100000\n");
}

Test(neutral, a_histogram_that_is_read_moves_nothing)
{
    expect_neutral("[metric.x]\nsignal = latency_quantile\nquantile = 95%\nwindow = 2m\n"
                   "[gate.w]\ntest = threshold\nmetric = x\nmax = 1h\n");
}

Test(neutral, a_gate_that_only_watches_moves_nothing)
{
    expect_neutral("[metric.x]\nsignal = error_ratio\nwindow = 90s\n"
                   "[gate.w]\ntest = threshold\nmetric = x\nmax = 99%\n");
}

/* Strata are cut, and buckets are kept for it. */
Test(neutral, a_statistical_gate_that_only_watches_moves_nothing)
{
    expect_neutral("[metric.x]\nsignal = latency_quantile\nquantile = 95%\nclass = spared\n"
                   "[gate.w]\ntest = ks\nmetric = x\nlooks = 100\nalpha = 0.00001%\n");
}

/* What it reads reaches back further than anything else. Without a history of its own the scenario
 * would begin earlier for it (engine.md). */
Test(neutral, a_longer_window_moves_nothing)
{
    expect_neutral("[metric.x]\nsignal = error_ratio\nwindow = 25m\n"
                   "[gate.w]\ntest = threshold\nmetric = x\nmax = 99%\n");
}
