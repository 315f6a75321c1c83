/* Strata with buckets, and what a gate is shown of stable before the release: by a gate that only
 * notes what it sees. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/engine/replicate.h"
#include "tests/stat/scenario_text.h"

/* What the spy adds up: of all strata, of the history, and of the metric's windows. */
static struct {
    uint64_t n[CM_ARMS], of_buckets[CM_ARMS], slow[CM_ARMS], window[CM_ARMS];
    uint64_t history_n, history_x, history_buckets, history_canary;
    size_t histories, looks;
    bool wants_buckets, mixes;
    cm_time last, history;
} spied;

static uint64_t sum(const uint64_t *counts, size_t n)
{
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += counts[i];
    return total;
}

static struct cm_needs needs(const void *options)
{
    (void)options;
    return (struct cm_needs){
        .strata = true, .window = true, .buckets = spied.wants_buckets, .history = spied.history};
}

static void start(const void *options, void *state, const struct cm_look *history)
{
    (void)options, (void)state;
    const struct cm_signal *signal = &history->signals[0];
    spied.histories += signal->n_fresh;
    spied.last = 0;
    for (size_t i = 0; i < signal->n_fresh; i++) {
        spied.history_n += signal->fresh[i].n[CM_STABLE];
        spied.history_x += signal->fresh[i].x[CM_STABLE];
        spied.history_canary += signal->fresh[i].n[CM_CANARY];
        if (spied.wants_buckets)
            spied.history_buckets +=
                sum(signal->fresh[i].buckets[CM_STABLE], history->edges->n + 1);
    }
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    (void)options, (void)state;
    const struct cm_signal *signal = &look->signals[0];
    for (int arm = 0; arm < 2; arm++) {
        spied.window[arm] += signal->n[arm];
        for (size_t i = 0; i < signal->n_fresh; i++) {
            const struct cm_stratum *stratum = &signal->fresh[i];
            spied.n[arm] += stratum->n[arm];
            if (!spied.wants_buckets)
                continue;
            spied.of_buckets[arm] += sum(stratum->buckets[arm], look->edges->n + 1);
            spied.slow[arm] += stratum->buckets[arm][look->edges->n];
        }
    }
    for (size_t i = 0; i < signal->n_fresh; i++) {
        spied.mixes = spied.mixes || signal->fresh[i].from != spied.last;
        spied.last = signal->fresh[i].until;
    }
    spied.looks++;
    return cm_verdict_of(CM_PASS, 0);
}

static const struct cm_param no_params[] = {CM_PARAMS_END};
static const char *const rules[] = {"it only watches", NULL};
static const struct cm_gate spy = {.kind = {.name = "spy", .params = no_params},
                                   .rules = rules,
                                   .needs = needs,
                                   .start = start,
                                   .look = look};

enum { N = 20 };

#define TRAFFIC "[traffic]\narrivals = poisson\nrate = 50 rps\n"
#define WORLD   TRAFFIC SERVICE
#define SERVICE SERVICE_THAT_FAILS("2%")
#define SERVICE_THAT_FAILS(share)                                                                  \
    "[service]\nerror_rate = " share "\n"                                                          \
    "latency = exponential(mean=100ms)\n[environment]\ndrift = 0.3\n"                              \
    "[defect.bad]\nlatency = x1.5\n"                                                               \
    "[metric.errors]\nsignal = error_ratio\nwindow = 7s\n"                                         \
    "[gate.spy]\ntest = threshold\nmetric = errors\nmax = 99%\n"                                   \
    "[policy.p]\nsteps = 10%/5m, 50%/5m\nlook_every = 150s\ngates = spy\n"
#define BUCKETS "[telemetry]\nbuckets = 20ms, 50ms, 100ms, 200ms, 300ms\n"

/* 40 minutes of 3000 requests each. */
static const char *recording(void)
{
    static char text[800];
    size_t n = (size_t)snprintf(text, sizeof text, "time,requests\n");
    for (int i = 0; i < 40; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%d,3000\n", 60 * i);
    return text;
}

/* Blocks of the flow end with the steps of the recording: looks read many at once. */
#define RECORDED "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 60s\n"

/* Replaces the only gate of the scenario by the spy and plays the defect. */
static void play_spied(const char *text, struct cm_outcome *rows)
{
    struct cm_scenario s = {0};
    load_text(&s, text, recording());
    struct cm_named_gate gate = s.gates[0];
    gate.gate = &spy;
    s.gates = &gate;
    const struct cm_plan plan = {.scenario = &s, .release = 0, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < N; i++)
        rows[i] = cm_replicate(rollout, i);
    cm_rollout_free(rollout);
    cm_scenario_release(&s);
}

static void spy_on(const char *text, bool wants_buckets, cm_time history, struct cm_outcome *rows)
{
    memset(&spied, 0, sizeof spied);
    spied.wants_buckets = wants_buckets;
    spied.history = history;
    play_spied(text, rows);
}

static void expect_all_in_buckets(const char *text)
{
    struct cm_outcome rows[N];
    spy_on(text, true, 0, rows);
    for (int arm = 0; arm < 2; arm++) {
        cr_expect_gt(spied.n[arm], 1000);
        cr_expect_eq(spied.of_buckets[arm], spied.n[arm], "arm %d: %lu in buckets, %lu requests",
                     arm, (unsigned long)spied.of_buckets[arm], (unsigned long)spied.n[arm]);
    }
    /* exponential of mean 150 ms (canary) and 100 ms above 300 ms: e^-2 and e^-3 */
    double share = (double)spied.slow[1] / (double)spied.n[1];
    cr_expect_float_eq(share, exp(-2.0), 4 * sqrt(0.135 * 0.865 / (double)spied.n[1]));
    share = (double)spied.slow[0] / (double)spied.n[0];
    cr_expect_float_eq(share, exp(-3.0), 4 * sqrt(0.05 * 0.95 / (double)spied.n[0]));
    cr_expect_eq(spied.histories, 0, "no history was asked for");
    cr_expect(!spied.mixes, "strata follow one another");
}

Test(watch, every_request_of_a_stratum_is_in_one_bucket)
{
    expect_all_in_buckets(BUCKETS WORLD);
    expect_all_in_buckets("[scenario]\nflow = requests\n" BUCKETS WORLD);
    expect_all_in_buckets("[scenario]\nhorizon = 20m\n" BUCKETS RECORDED SERVICE);
}

/* The outcome tells nothing of the latency, even if there is but one of them. */
Test(watch, failures_alone_have_the_latencies_of_all_requests)
{
    expect_all_in_buckets(BUCKETS TRAFFIC SERVICE_THAT_FAILS("100%"));
    expect_all_in_buckets(BUCKETS TRAFFIC SERVICE_THAT_FAILS("0%"));
    expect_all_in_buckets(
        "[scenario]\nhorizon = 20m\n" BUCKETS RECORDED SERVICE_THAT_FAILS("100%"));
}

static void expect_moved_nothing(const char *text)
{
    struct cm_outcome plain[N], other[N];
    spy_on(text, false, 0, plain);
    uint64_t n[2] = {spied.n[0], spied.n[1]}, window = spied.window[1];
    spy_on(text, true, 5 * CM_MINUTE, other);
    cr_expect_eq(spied.n[0], n[0]);
    cr_expect_eq(spied.n[1], n[1]);
    cr_expect_eq(spied.window[1], window);
    for (int i = 0; i < N; i++) {
        cr_expect_eq(plain[i].ended_at, other[i].ended_at);
        cr_expect_eq(memcmp(&plain[i].rollout, &other[i].rollout, sizeof plain[i].rollout), 0);
        cr_expect_eq(memcmp(&plain[i].escaped, &other[i].escaped, sizeof plain[i].escaped), 0);
    }
}

Test(watch, reading_buckets_and_history_moves_nothing)
{
    expect_moved_nothing(BUCKETS WORLD);
    expect_moved_nothing("[scenario]\nflow = requests\n" BUCKETS WORLD);
}

/* Poisson of 50 rps with drift of both; errors 2 %. */
static void expect_history(const char *text, double tolerance)
{
    struct cm_outcome rows[N];
    spy_on(text, true, 5 * CM_MINUTE, rows);
    double expected = N * 5 * 60 * 50.0;
    cr_expect_eq(spied.histories, N, "one stratum a replication");
    cr_expect_float_eq((double)spied.history_n / expected, 1, tolerance);
    cr_expect_float_eq((double)spied.history_buckets / expected, 1, tolerance);
    cr_expect_gt(spied.history_x, 0.005 * expected);
    cr_expect_lt(spied.history_x, 0.08 * expected);
    cr_expect_eq(spied.history_canary, 0);
}

Test(watch, a_gate_is_shown_as_much_of_stable_before_the_release_as_it_needs)
{
    double four_se = 4 / sqrt(N * 5 * 60 * 50.0);
    expect_history(BUCKETS WORLD, four_se);
    expect_history("[scenario]\nflow = requests\n" BUCKETS WORLD, four_se);
    cr_expect_eq(spied.history_buckets, spied.history_n);
    /* where the history begins inside a block, its cells and its buckets are split apart */
    expect_history("[scenario]\nhorizon = 20m\n" BUCKETS RECORDED SERVICE, four_se);
}

/* Scrapes every 5 s: what a sample is late by at both ends. */
Test(watch, a_monitor_that_scrapes_shows_buckets_and_history_of_its_samples)
{
    static const char text[] =
        "[telemetry]\nmonitor = prometheus\nscrape_every = 5s\n"
        "buckets = 20ms, 50ms, 100ms, 200ms, 300ms\n[pods]\nstable = 3\ncanary = 2\n" WORLD;
    struct cm_outcome rows[N];
    expect_history(text, 0.05);
    spy_on(text, true, 0, rows);
    for (int arm = 0; arm < 2; arm++)
        cr_expect_float_eq((double)spied.of_buckets[arm] / (double)spied.n[arm], 1, 0.02);
    double share = (double)spied.slow[1] / (double)spied.of_buckets[1];
    cr_expect_float_eq(share, exp(-2.0), 4 * sqrt(0.135 * 0.865 / (double)spied.n[1]));
}

/* A canary that has no pods for a while: strata end when it gets some, or loses the last. Of stable
 * all is seen, whatever becomes of the canary: a gauge at every second, every request a label. */
#define COMING_AND_GOING                                                                           \
    "[pods]\nstart_up = fixed(value=21700ms)\ncanary = 1\n[defect.bad]\ncrash_every = 80s\n"       \
    "[gauge.memory]\nmean = 100\nsd = 10\nsample_every = 1s\n"                                     \
    "[kpi.orders]\nvalue = bernoulli\nchance = 10%\n"                                              \
    "[service]\nerror_rate = 0%\nlatency = fixed(value=1ms)\n" TRAFFIC                             \
    "[policy.p]\nsteps = 10%/10m\nlook_every = 60s\ngates = spy\n"                                 \
    "[gate.spy]\ntest = threshold\nmetric = seen\nmax = 99\n"

Test(watch, strata_of_means_lose_nothing_where_pods_come_and_go)
{
    struct cm_outcome rows[N];
    spy_on(COMING_AND_GOING "[metric.seen]\nsignal = gauge\ngauge = memory\n", false, 0, rows);
    cr_expect_eq(spied.looks, N * 10);
    cr_expect_eq(spied.n[CM_STABLE], N * 600);
    spy_on(COMING_AND_GOING "[metric.seen]\nsignal = kpi\nkpi = orders\n", false, 0, rows);
    uint64_t seen = spied.n[CM_STABLE] + spied.n[CM_CANARY];
    cr_expect_float_eq((double)seen / (N * 600 * 50.0), 1, 4 / sqrt(N * 600 * 50.0));
}
