/* The two flows against each other: counts drawn as sums, and every request drawn.
 *
 * They share the world's path and the ledger's totals, nothing in between, so that a mistake in
 * displacement, thinning, attribution, buckets or windows would have to be made twice, alike.
 *
 * (a) Routes that follow a script, never a verdict: mean and variance of every reading at every
 *     look. Replication i has the same path in both flows, so that readings are compared in pairs,
 *     which takes the path's own variance out: with means mx, my, of x - y, and of
 *     (x - mx)^2 - (y - my)^2.
 * (b) Policies that decide: how rollouts end, when, and with what harm.
 *
 * Seeds are fixed. A comparison fails beyond LIMIT standard errors, which has a chance of 4e-7;
 * there are at most COMPARISONS of them in this file, so that all together fail with less than
 * 1e-3 if the flows agree. That they do not pass anything is tested, too: two per cent of any
 * parameter of either flow is seen. */
#include <string.h>

#include "sim/engine/replicate.h"
#include "tests/stat/two_flows.h"

#define WATCH                                                                                      \
    "[telemetry]\nhistory = 100s\nbuckets = 50ms, 100ms, 150ms, 250ms, 400ms, 700ms, 1s, 3s\n"     \
    "[policy.p]\nsteps = 50%/1m, 100%\n"                                                           \
    "[metric.median]\nsignal = latency_quantile\nquantile = 50%\nwindow = 43s\n"

/* No window begins where a block does. */
#define LOOK_S                                                                                     \
    {                                                                                              \
        20, 47.25, 70, 100, 137, 180                                                               \
    }
#define SHARES                                                                                     \
    {                                                                                              \
        0.1, 0.1, 0.5, 0.25, 0.5, 1                                                                \
    }

static void expect_agreement_of(const struct script *by_counts, const struct script *by_requests,
                                size_t n)
{
    struct readings *counts = play_all(by_counts, CM_FLOW_COUNTS, n);
    struct readings *requests = play_all(by_requests, CM_FLOW_REQUESTS, n);
    struct disagreement worst = compare_all(counts, requests, n);
    cr_log_info("means %.2f (reading %zu), variances %.2f (%zu)", worst.means, worst.means_at,
                worst.variances, worst.variances_at);
    cr_expect(worst.means <= LIMIT, "means are %g standard errors apart (reading %zu of %zu)",
              worst.means, worst.means_at, (size_t)READINGS);
    cr_expect(worst.variances <= LIMIT, "variances are %g standard errors apart (reading %zu)",
              worst.variances, worst.variances_at);
    cm_free(counts);
    cm_free(requests);
}

static void expect_agreement(const struct script *script, size_t n)
{
    expect_agreement_of(script, script, n);
}

/* --- (a) --- */

Test(flows, agree_on_plain_traffic)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 20 rps\n"
                                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                                      "[defect.bad]\nerror_rate = +3pp\nlatency = x1.5\n"
                                      "onset = 62s\n" WATCH,
                                      0, LOOK_S, SHARES},
                     1500);
}

Test(flows, agree_at_a_low_rate)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 0.4 rps\n"
                                      "[service]\nerror_rate = 20%\nlatency_slo = 200ms\n"
                                      "[defect.bad]\nerror_rate = x2\nlatency = +90ms\n" WATCH,
                                      0, LOOK_S, SHARES},
                     6000);
}

Test(flows, agree_in_bursts)
{
    expect_agreement(&(struct script){"[traffic]\narrivals = bursts\nrate = 10 rps\n"
                                      "burst_factor = 6\nburst_every = 2m\nburst_lasts = 15s\n"
                                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                                      "[defect.bad]\nerror_rate = +5pp\n" WATCH,
                                      0, LOOK_S, SHARES},
                     2500);
}

Test(flows, agree_while_traffic_and_errors_drift_and_incidents_come)
{
    expect_agreement(
        &(struct script){"[traffic]\narrivals = gamma_poisson\nrate = 10 rps\ndispersion = 5\n"
                         "window = 1m\ncorrelation = 40s\n"
                         "[environment]\ndrift = 0.6\ncorrelation = 30s\nincident_every = 5m\n"
                         "incident_lasts = exponential(mean=40s)\n"
                         "incident_error_rate = +10pp\nincident_latency = x2\n"
                         "[service]\nerror_rate = 4%\nlatency_slo = 300ms\n"
                         "[defect.bad]\nerror_rate = x2\nlatency = x1.3\n" WATCH,
                         0, LOOK_S, SHARES},
        2500);
}

Test(flows, agree_on_recorded_traffic)
{
    expect_agreement(
        &(struct script){"[scenario]\nhorizon = 10m\n"
                         "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                         "[service]\nerror_rate = 10%\nlatency_slo = 3s\n"
                         "latency = exponential(mean=4s)\n"
                         "[defect.bad]\nerror_rate = +10pp\nlatency = x2\n" WATCH,
                         0, LOOK_S, SHARES},
        4000);
}

Test(flows, agree_on_a_defect_of_one_class)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 30 rps\n"
                                      "[service]\nerror_rate = 2%\nlatency_slo = 300ms\n"
                                      "[class.checkout]\nshare = 20%\nerror_rate = 6%\n"
                                      "latency = gamma(mean=200ms, shape=2)\n"
                                      "[class.search]\nshare = 30%\n"
                                      "[defect.bad]\nerror_rate = +6pp\nlatency = x1.4\n"
                                      "scope = checkout\nspill = 30%\n" WATCH "class = checkout\n",
                                      0, LOOK_S, SHARES},
                     1500);
}

Test(flows, agree_on_a_tail_of_slow_answers)
{
    expect_agreement(
        &(struct script){
            "[traffic]\nrate = 20 rps\n"
            "[service]\nerror_rate = 5%\nlatency_slo = 500ms\n"
            "latency = 90% lognormal(median=120ms, sigma=0.5) + 10% uniform(low=1s, high=9s)\n"
            "[defect.bad]\nslow_share = 20%\nslow_latency = x4\nlatency = +30ms\n" WATCH,
            0, LOOK_S, SHARES},
        1500);
}

Test(flows, agree_on_a_leak_with_restarts)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 20 rps\n"
                                      "[service]\nerror_rate = 3%\nlatency_slo = 300ms\n"
                                      "[defect.bad]\nprofile = leak\nonset = 30s\n"
                                      "doubles_every = 10s\nfull_after = 50s\n"
                                      "restart_every = 70s\nerror_rate = +10pp\nlatency = x3\n"
                                      "spill = 20%\n" WATCH,
                                      0, LOOK_S, SHARES},
                     1500);
}

Test(flows, agree_on_answers_that_outlast_a_change_of_weight)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 15 rps\n"
                                      "[service]\nerror_rate = 10%\nlatency_slo = 20s\n"
                                      "latency = exponential(mean=15s)\n"
                                      "[defect.bad]\nlatency = x2\nerror_rate = +10pp\n"
                                      "onset = 45s\n" WATCH,
                                      0,
                                      LOOK_S,
                                      {0.5, 0, 1, 0.2, 0.8, 0}},
                     2000);
}

Test(flows, agree_on_a_tail_that_reaches_back_before_the_history)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 5 rps\n"
                                      "[service]\nerror_rate = 10%\nlatency_slo = 20s\n"
                                      "latency = pareto(scale=2s, alpha=1.4)\n" WATCH,
                                      -1, LOOK_S, SHARES},
                     4000);
}

Test(flows, agree_while_the_canary_is_cold_and_beyond_a_load)
{
    expect_agreement(
        &(struct script){"[traffic]\narrivals = diurnal\nrate = 20 rps\nday_swing = 90%\n"
                         "[service]\nerror_rate = 5%\nlatency_slo = 300ms\nwarm_up = 30s\n"
                         "warm_up_error_rate = x2\nwarm_up_latency = x2\n"
                         "[defect.bad]\nprofile = load\nabove = 9 rps\nerror_rate = +8pp\n"
                         "latency = x2\n" WATCH,
                         0, LOOK_S, SHARES},
        2000);
}

/* The true share is drawn by halving in one flow, user by user in the other, so that these are not
 * pairs: the spread is that of both. */
Test(flows, agree_where_a_hash_gives_the_canary_its_users)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 20 rps\n"
                                      "[users]\npopulation = 60\nactivity = 0.7\n"
                                      "stickiness = hash\n"
                                      "[class.beta]\nof = users\nshare = 30%\nerror_rate = 9%\n"
                                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                                      "latency = exponential(mean=800ms)\n"
                                      "[defect.bad]\nerror_rate = +6pp\nlatency = x1.5\n"
                                      "spill = 20%\n" WATCH "class = beta\n",
                                      0, LOOK_S, SHARES},
                     2000);
}

Test(flows, agree_where_a_hash_splits_recorded_traffic)
{
    expect_agreement(
        &(struct script){"[scenario]\nhorizon = 10m\n"
                         "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                         "[users]\npopulation = 40\nstickiness = hash\n"
                         "[service]\nerror_rate = 10%\nlatency_slo = 3s\n"
                         "latency = exponential(mean=4s)\n"
                         "[defect.bad]\nerror_rate = +10pp\nlatency = x2\n" WATCH,
                         0, LOOK_S, SHARES},
        2000);
}

/* A load that never matters is played by the part of the flow that has to know it. */
Test(flows, agree_where_load_hardly_matters)
{
#define LOADED(load)                                                                               \
    "[traffic]\narrivals = bursts\nrate = 15 rps\nburst_factor = 5\nburst_every = 2m\n"            \
    "burst_lasts = 20s\n[service]\nerror_rate = 8%\nlatency_slo = 3s\n" load                       \
    "latency = 70% lognormal(median=300ms, sigma=1) + 30% exponential(mean=8s)\n"                  \
    "[class.search]\nshare = 40%\nlatency = gamma(mean=2s, shape=2)\n"                             \
    "[defect.bad]\nerror_rate = x2\nlatency = x1.5\nslow_share = 10%\nslow_latency = +2s\n"        \
    "onset = 30s\nspill = 20%\n" WATCH
    expect_agreement_of(&(struct script){LOADED(""), 0, LOOK_S, SHARES},
                        &(struct script){LOADED("latency_load = 1e9\n"), 0, LOOK_S, SHARES}, 2000);
}

/* --- what would be seen --- */

struct setting {
    double rate, error, median_ms, share, onset_s;
};

static struct readings *play_setting(const struct setting *s, enum cm_flow_kind kind, size_t n)
{
    char text[1000];
    snprintf(text, sizeof text,
             "[traffic]\nrate = %.9g rps\n[service]\nerror_rate = %.9g%%\nlatency_slo = 200ms\n"
             "latency = lognormal(median=%.9gms, sigma=0.6)\n"
             "[defect.bad]\nerror_rate = +5pp\nonset = %.9gs\n%s",
             s->rate, 100 * s->error, s->median_ms, s->onset_s, WATCH);
    struct script script = {.text = text, .release = 0, .look_s = LOOK_S};
    for (int i = 0; i < LOOKS; i++)
        script.share[i] = s->share;
    return play_all(&script, kind, n);
}

Test(flows, two_per_cent_of_any_parameter_of_either_flow_is_seen)
{
    enum { REPLICATIONS = 400 };
    static const struct setting base = {100, 0.1, 120, 0.5, 62};
    static const struct setting moved[] = {
        {102, 0.1, 120, 0.5, 62},  {100, 0.102, 120, 0.5, 62},  {100, 0.1, 122.4, 0.5, 62},
        {100, 0.1, 120, 0.51, 62}, {100, 0.1, 120, 0.5, 63.24},
    };
    struct readings *of_base[CM_FLOW_KINDS] = {NULL};
    for (int kind = CM_FLOW_COUNTS; kind <= CM_FLOW_REQUESTS; kind++)
        of_base[kind] = play_setting(&base, (enum cm_flow_kind)kind, REPLICATIONS);
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        for (int kind = CM_FLOW_COUNTS; kind <= CM_FLOW_REQUESTS; kind++) {
            int other = CM_FLOW_COUNTS + CM_FLOW_REQUESTS - kind;
            struct readings *of_moved =
                play_setting(&moved[i], (enum cm_flow_kind)kind, REPLICATIONS);
            struct disagreement worst = compare_all(of_base[other], of_moved, REPLICATIONS);
            cr_log_info("%zu, %s: %.1f (%zu)", i, cm_flow_kind_names[kind], worst.means,
                        worst.means_at);
            cr_expect(worst.means > LIMIT, "parameter %zu of the %s flow: only %g", i,
                      cm_flow_kind_names[kind], worst.means);
            cm_free(of_moved);
        }
    struct disagreement worst =
        compare_all(of_base[CM_FLOW_COUNTS], of_base[CM_FLOW_REQUESTS], REPLICATIONS);
    cr_expect(worst.means <= LIMIT && worst.variances <= LIMIT);
    cm_free(of_base[CM_FLOW_COUNTS]);
    cm_free(of_base[CM_FLOW_REQUESTS]);
}

/* --- (b) --- */

enum { OUTCOMES = 16 };

static void outcome_of(const struct cm_outcome *o, double *value)
{
    const double all[OUTCOMES] = {
        o->end == CM_ROLLED_BACK,
        o->detected,
        cm_seconds(o->ended_at),
        (double)o->looks,
        (double)o->rollout.requests,
        (double)o->rollout.failures,
        (double)o->rollout.slow,
        (double)o->escaped.requests,
        (double)o->escaped.failures,
        (double)o->escaped.slow,
        o->reached_in_rollout.exposed,
        o->reached_in_rollout.harmed,
        o->reached.exposed,
        o->reached.harmed,
        o->first_share,
        o->share_deviation,
    };
    memcpy(value, all, sizeof all);
}

static double (*decide_all(const char *text, enum cm_flow_kind kind, size_t n))[OUTCOMES]
{
    double(*all)[OUTCOMES] = cm_alloc(n * sizeof *all);
    struct cm_scenario scenario = {0};
    load(&scenario, text, kind);
    const struct cm_plan plan = {.scenario = &scenario, .release = 0, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    for (size_t i = 0; i < n; i++) {
        struct cm_outcome outcome = cm_replicate(rollout, i);
        outcome_of(&outcome, all[i]);
    }
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
    return all;
}

/* The gate has to be of two minds, or the test could not tell. */
static void expect_same_decisions(const char *text, size_t n)
{
    double(*counts)[OUTCOMES] = decide_all(text, CM_FLOW_COUNTS, n);
    double(*requests)[OUTCOMES] = decide_all(text, CM_FLOW_REQUESTS, n);
    double *difference = cm_alloc(n * sizeof *difference), rolled_back = 0;
    for (size_t at = 0; at < OUTCOMES; at++) {
        for (size_t i = 0; i < n; i++)
            difference[i] = counts[i][at] - requests[i][at];
        double z = deviation(difference, n);
        cr_log_info("outcome %zu: %.2f", at, z);
        cr_expect(fabs(z) <= LIMIT, "outcome %zu is %g standard errors apart", at, z);
    }
    for (size_t i = 0; i < n; i++)
        rolled_back += counts[i][0] / (double)n;
    cr_expect(rolled_back > 0.1 && rolled_back < 0.9, "%g", rolled_back);
    cm_free(difference);
    cm_free(counts);
    cm_free(requests);
}

#define ERRORS "[metric.errors]\nsignal = error_ratio\nwindow = 37s\n"
#define STEPS  "[policy.p]\nsteps = 10%/1m, 25%/1m, 50%/1m, 100%/1m\nlook_every = 15s\ngates = g\n"

Test(flows, lead_a_limit_to_the_same_decisions)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 10 rps\n"
                          "[service]\nerror_rate = 1%\nlatency_slo = 300ms\n"
                          "[defect.bad]\nerror_rate = +1.5pp\nlatency = x1.2\nonset = 50s\n"
                          "[escape]\ndetection = exponential(mean=2m)\n"
                          "[gate.g]\ntest = threshold\nmetric = errors\nmax = 4%\n"
                          "min_requests = 20\n" ERRORS STEPS "on_fail = count\ncount = 2\n"
                          "on_no_data = ignore\non_undecided = ignore\n",
                          2000);
}

Test(flows, lead_evidence_to_the_same_decisions)
{
    expect_same_decisions(
        "[scenario]\nhorizon = 15m\n[traffic]\narrivals = gamma_poisson\n"
        "rate = 12 rps\ndispersion = 4\nwindow = 1m\ncorrelation = 1m\n"
        "[environment]\ndrift = 0.5\ncorrelation = 1m\n"
        "[service]\nerror_rate = 2%\nlatency_slo = 300ms\n"
        "[defect.bad]\nerror_rate = +3pp\n"
        "[escape]\ndetection = exponential(mean=2m)\n"
        "[gate.g]\ntest = origin_mixture\nmetric = errors\nalpha = 5%\n" ERRORS STEPS,
        2000);
}

Test(flows, lead_a_latency_limit_to_the_same_decisions)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 4 rps\n"
                          "[service]\nlatency = exponential(mean=4s)\nlatency_slo = 8s\n"
                          "[telemetry]\nbuckets = 1s, 3s, 5s, 8s, 13s, 20s\n"
                          "[defect.bad]\nlatency = x1.3\nonset = 40s\n"
                          "[escape]\ndetection = exponential(mean=2m)\n"
                          "[metric.p90]\nsignal = latency_quantile\nquantile = 90%\nwindow = 50s\n"
                          "[gate.g]\ntest = threshold\nmetric = p90\nmax = 14s\n"
                          "min_requests = 15\n" STEPS
                          "on_no_data = ignore\non_undecided = ignore\n",
                          2000);
}

Test(flows, lead_to_the_same_decisions_on_recorded_traffic)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n"
                          "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                          "[service]\nerror_rate = 3%\nlatency_slo = 5s\n"
                          "latency = exponential(mean=2s)\n"
                          "[class.checkout]\nshare = 30%\nerror_rate = 8%\n"
                          "[defect.bad]\nerror_rate = +20pp\nlatency = x2\nscope = checkout\n"
                          "[escape]\ndetection = exponential(mean=2m)\n"
                          "[gate.g]\ntest = two_proportion\nmetric = errors\nlooks = 4\n"
                          "min_requests = 10\n" ERRORS STEPS
                          "on_no_data = ignore\non_undecided = ignore\n",
                          2000);
}

/* Users: exposed and harmed, in the rollout and at all, and the true share beside the weight. */
#define USERS_BAD                                                                                  \
    "[service]\nerror_rate = 2%\nlatency_slo = 300ms\n"                                            \
    "[defect.bad]\nerror_rate = +10pp\nlatency = x1.5\nspill = 20%\nonset = 20s\n"                 \
    "[escape]\ndetection = exponential(mean=30s)\n"                                                \
    "[gate.g]\ntest = threshold\nmetric = errors\nmax = 17%\nmin_requests = 20\n" ERRORS
#define GO_ON "on_no_data = ignore\non_undecided = ignore\n"

Test(flows, lead_to_the_same_users_by_a_hash)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 15 rps\n"
                          "[users]\npopulation = 700\nactivity = 0.7\nstickiness = hash\n"
                          "[class.gold]\nof = users\nshare = 20%\n" USERS_BAD STEPS GO_ON,
                          2000);
}

Test(flows, lead_to_the_same_users_beside_a_baseline)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 15 rps\n"
                          "[users]\npopulation = 300\nstickiness = hash\n"
                          "[service]\nerror_rate = 4%\nlatency_slo = 300ms\n"
                          "[defect.bad]\nerror_rate = +2.5pp\nlatency = x1.5\nspill = 20%\n"
                          "[escape]\ndetection = exponential(mean=30s)\n"
                          "[gate.g]\ntest = two_proportion\nmetric = errors\nlooks = 12\n"
                          "alpha = 20%\nmin_requests = 40\n" ERRORS STEPS GO_ON
                          "control = baseline\ncontrol_after = stable\n",
                          2000);
}

/* Many are still to be answered when the weight changes, and when the rollout ends. */
Test(flows, lead_to_the_same_users_where_answers_take_long)
{
    expect_same_decisions("[scenario]\nhorizon = 8m\n[traffic]\nrate = 15 rps\n"
                          "[users]\npopulation = 900\nactivity = 0.4\nstickiness = hash\n"
                          "[service]\nerror_rate = 2%\nlatency_slo = 30s\n"
                          "latency = exponential(mean=20s)\n"
                          "[defect.bad]\nerror_rate = +9pp\nlatency = x1.5\n"
                          "[escape]\ndetection = exponential(mean=3m)\n"
                          "[gate.g]\ntest = threshold\nmetric = errors\nmax = 16%\n"
                          "min_requests = 20\n" ERRORS STEPS GO_ON,
                          2000);
}

Test(flows, lead_to_the_same_users_where_requests_go_by_chance)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n[traffic]\nrate = 15 rps\n"
                          "[users]\npopulation = 900\nactivity = 0.4\n" USERS_BAD STEPS GO_ON,
                          2000);
}

Test(flows, lead_to_the_same_users_on_recorded_traffic)
{
    expect_same_decisions("[scenario]\nhorizon = 15m\n"
                          "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                          "[users]\npopulation = 150\nactivity = 1\nstickiness = hash\n"
                          "[service]\nerror_rate = 3%\nlatency_slo = 5s\n"
                          "latency = exponential(mean=2s)\n"
                          "[defect.bad]\nerror_rate = +7pp\nlatency = x2\n"
                          "[escape]\ndetection = exponential(mean=2m)\n"
                          "[gate.g]\ntest = two_proportion\nmetric = errors\nlooks = 4\n"
                          "min_requests = 10\n" ERRORS STEPS GO_ON,
                          2000);
}
