/* A replication is a function of its plan and index: not of what ran before, nor of what else the
 * scenario holds. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/engine/replicate.h"
#include "tests/stat/scenario_text.h"

#define WORLD "[scenario]\nhorizon = 1h\n" NO_HEADER
#define NO_HEADER                                                                                  \
    "[traffic]\narrivals = gamma_poisson\nrate = 10 rps\ndispersion = 5\n"                         \
    "[service]\nerror_rate = 1%\nlatency_slo = 300ms\n"                                            \
    "[environment]\ndrift = 0.3\nincident_every = 2h\nincident_error_rate = +5pp\n"                \
    "[defect.bad]\nerror_rate = +4pp\nlatency = x2\nprofile = ramp\nlasts = 10m\n"                 \
    "[metric.errors]\nsignal = error_ratio\nwindow = 100s\n"                                       \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 5%\nfailures = 2\n"
#define POLICY                                                                                     \
    "[policy.p]\nsteps = 10%/10m, 50%/10m, 100%\nlook_every = 30s\non_undecided = ignore\n"        \
    "on_no_data = ignore\ngates = "

static void expect_same(const struct cm_outcome *a, const struct cm_outcome *b)
{
    cr_expect_eq(a->end, b->end);
    cr_expect_eq(a->step, b->step);
    cr_expect_eq(a->ended_at, b->ended_at);
    cr_expect_eq(a->onset, b->onset);
    cr_expect_eq(a->mitigated_at, b->mitigated_at);
    cr_expect_eq(a->looks, b->looks);
    cr_expect_eq(memcmp(&a->rollout, &b->rollout, sizeof a->rollout), 0);
    cr_expect_eq(memcmp(&a->escaped, &b->escaped, sizeof a->escaped), 0);
}

static const char recording[] = "time,requests\n0,90\n60,50\n120,70\n180,80\n240,60\n300,90\n";

/* Rows of the first `n` replications of a release under policy 0. */
static void play_release(const char *text, int release, struct cm_outcome *rows, uint64_t n)
{
    struct cm_scenario scenario = {0};
    load_text(&scenario, text, recording);
    const struct cm_plan plan = {.scenario = &scenario, .release = release, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < n; i++)
        rows[i] = cm_replicate(rollout, i);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
}

static void play(const char *text, struct cm_outcome *rows, uint64_t n)
{
    play_release(text, 0, rows, n);
}

enum { N = 40 };

static void expect_unmoved(const char *more)
{
    struct cm_outcome plain[N], other[N];
    play(WORLD POLICY "limit\n", plain, N);
    play(more, other, N);
    for (int i = 0; i < N; i++)
        expect_same(&plain[i], &other[i]);
}

Test(replicate, what_ran_before_does_not_matter)
{
    struct cm_scenario scenario = {0};
    struct cm_outcome first[N];
    load_text(&scenario, WORLD POLICY "limit\n", NULL);
    const struct cm_plan plan = {.scenario = &scenario, .strength = 1};
    struct cm_rollout *a = cm_rollout_new(&plan), *b = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < N; i++)
        first[i] = cm_replicate(a, i);
    for (uint64_t i = N; i-- > 0;) {
        struct cm_outcome again = cm_replicate(i % 3 ? b : a, i);
        expect_same(&first[i], &again);
    }
    cm_rollout_free(a);
    cm_rollout_free(b);
    cm_scenario_release(&scenario);
}

/* A promotion leaves requests on their way: they belong to nobody. */
Test(replicate, nothing_in_flight_is_left_to_the_next_replication)
{
    static const char text[] = "[scenario]\nhorizon = 2m\n[telemetry]\nhistory = 2m\n"
                               "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 60s\n"
                               "[service]\nlatency = exponential(mean=40s)\n"
                               "[defect.bad]\nerror_rate = +20pp\n"
                               "[metric.m]\nsignal = error_ratio\n[policy.p]\nsteps = 50%/61s\n";
    struct cm_scenario scenario = {0};
    struct cm_outcome rows[N];
    play(text, rows, N);
    load_text(&scenario, text, recording);
    for (uint64_t i = 0; i < N; i++) {
        const struct cm_plan plan = {.scenario = &scenario, .strength = 1};
        struct cm_rollout *fresh = cm_rollout_new(&plan);
        struct cm_outcome alone = cm_replicate(fresh, i);
        expect_same(&rows[i], &alone);
        cm_rollout_free(fresh);
    }
    cm_scenario_release(&scenario);
}

Test(replicate, replications_differ)
{
    struct cm_outcome rows[N];
    play(WORLD POLICY "limit\n", rows, N);
    int same = 0;
    for (int i = 1; i < N; i++)
        same += rows[i].rollout.requests == rows[0].rollout.requests;
    cr_assert_leq(same, 2);
}

Test(replicate, a_gate_that_only_watches_moves_nothing)
{
    expect_unmoved(WORLD "[metric.fast]\nsignal = error_ratio\nwindow = 17s\n"
                         "[gate.watch]\ntest = threshold\nmetric = fast\nmax = 99%\n" POLICY
                         "limit, watch\n");
}

Test(replicate, reading_a_histogram_moves_nothing)
{
    expect_unmoved(WORLD "[metric.p99]\nsignal = latency_quantile\nwindow = 70s\n"
                         "[gate.watch]\ntest = threshold\nmetric = p99\nmax = 1h\n" POLICY
                         "limit, watch\n");
}

Test(replicate, another_policy_moves_nothing)
{
    expect_unmoved(WORLD POLICY "limit\n"
                                "[policy.q]\nsteps = 50%/3m\nlook_every = 7s\ngates = limit\n");
}

/* A policy that looks at the same instants sees the same counts for as long as it decides alike:
 * all of a row where the stricter one promotes. */
Test(replicate, policies_that_look_alike_see_the_same_counts)
{
    struct cm_outcome strict[N], loose[N];
    int promoted = 0;
    play_release(WORLD POLICY "limit\n", -1, strict, N);
    play_release(WORLD "[gate.loose]\ntest = threshold\nmetric = errors\nmax = 99%\n" POLICY
                       "loose\n",
                 -1, loose, N);
    for (int i = 0; i < N; i++) {
        promoted += strict[i].end == CM_PROMOTED;
        if (strict[i].end == CM_PROMOTED)
            expect_same(&strict[i], &loose[i]);
        else
            cr_expect_geq(loose[i].rollout.requests, strict[i].rollout.requests);
        cr_expect_eq(strict[i].onset, loose[i].onset);
    }
    cr_expect(promoted > 5 && promoted < N - 5, "%d: the test can tell", promoted);
}

/* Cells of a study share a worker: another release, another policy, other replications between. */
Test(replicate, cells_that_take_turns_do_not_touch_each_other)
{
    enum { CELLS = 4 };
    struct cm_scenario scenario = {0};
    struct cm_rollout *cell[CELLS];
    struct cm_outcome alone[CELLS][N];
    load_text(&scenario,
              WORLD POLICY "limit\n[policy.q]\nsteps = 50%/3m\nlook_every = 7s\ngates = limit\n",
              NULL);
    for (int k = 0; k < CELLS; k++) {
        const struct cm_plan plan = {&scenario, k % 2, k / 2 - 1, 1};
        cell[k] = cm_rollout_new(&plan);
        for (uint64_t i = 0; i < N; i++)
            alone[k][i] = cm_replicate(cell[k], i);
    }
    for (uint64_t i = N; i-- > 0;)
        for (int k = 0; k < CELLS; k++) {
            struct cm_outcome again = cm_replicate(cell[k], i);
            expect_same(&alone[k][i], &again);
        }
    for (int k = 0; k < CELLS; k++)
        cm_rollout_free(cell[k]);
    cm_scenario_release(&scenario);
}

/* The release changes what is answered, not who comes: healthy and bad meet the same clock. */
Test(replicate, releases_share_the_traffic)
{
    struct cm_outcome healthy[N], bad[N];
    static const char text[] =
        "[traffic]\narrivals = gamma_poisson\nrate = 10 rps\ndispersion = 50\n"
        "[service]\nlatency = fixed(value=1ms)\n"
        "[defect.bad]\nerror_rate = +50pp\n"
        "[metric.m]\nsignal = error_ratio\n[policy.p]\nsteps = 50%/10m\n";
    play_release(text, -1, healthy, N);
    play_release(text, 0, bad, N);
    double same = 0, next = 0;
    for (int i = 0; i < N - 1; i++) {
        same += fabs((double)healthy[i].rollout.requests - (double)bad[i].rollout.requests);
        next += fabs((double)healthy[i].rollout.requests - (double)bad[i + 1].rollout.requests);
    }
    cr_expect_lt(same / (N - 1), 120, "%g: a Poisson difference of 3,000 is 62", same / (N - 1));
    cr_expect_gt(next, 3 * same, "the path tells replications apart");
}

Test(replicate, a_gate_that_is_ignored_moves_nothing)
{
    static const char fast[] = "[metric.fast]\nsignal = rate\nwindow = 33s\n"
                               "[gate.watch]\ntest = threshold\nmetric = fast\nmax = 0.001 rps\n";
    struct cm_outcome plain[N], other[N];
    char text[2000];
    snprintf(text, sizeof text, "%s%s%slimit\non_fail = ignore\n", WORLD, fast, POLICY);
    play(text, plain, N);
    snprintf(text, sizeof text, "%s%s%slimit, watch\non_fail = ignore\n", WORLD, fast, POLICY);
    play(text, other, N);
    for (int i = 0; i < N; i++) {
        expect_same(&plain[i], &other[i]);
        cr_expect_eq(plain[i].end, CM_PROMOTED);
        cr_expect_eq(other[i].evaluations, 2 * plain[i].evaluations);
    }
}

Test(replicate, a_gate_of_evidence_beside_moves_nothing)
{
    expect_unmoved(WORLD
                   "[gate.origin]\ntest = origin_mixture\nmetric = errors\nalpha = 0.0000001%\n"
                   "ratios = 1.01\n" POLICY "limit, origin\n");
}

Test(replicate, another_seed_is_another_world)
{
    struct cm_outcome one[N], other[N];
    int same = 0;
    play(WORLD POLICY "limit\n", one, N);
    play("[scenario]\nhorizon = 1h\nseed = 4\n" NO_HEADER POLICY "limit\n", other, N);
    for (int i = 0; i < N; i++)
        same += one[i].rollout.requests == other[i].rollout.requests;
    cr_expect_leq(same, 2);
}
