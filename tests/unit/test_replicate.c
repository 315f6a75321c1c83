/* A replication is a function of its plan and index: not of what ran before, nor of what else the
 * scenario holds. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/study.h"
#include "tests/stat/scenario_text.h"

#define WORLD                                                                                      \
    "[scenario]\nhorizon = 1h\n"                                                                   \
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

/* Rows of the first `n` replications of release 0 under policy 0. */
static void play(const char *text, struct cm_outcome *rows, uint64_t n)
{
    struct cm_scenario scenario = {0};
    load_text(&scenario, text, NULL);
    const struct cm_plan plan = {.scenario = &scenario, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < n; i++)
        rows[i] = cm_replicate(rollout, i);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
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

Test(replicate, policies_that_look_alike_see_the_same_counts)
{
    struct cm_outcome a[N], b[N];
    play(WORLD POLICY "none\n", a, N);
    play(WORLD "[gate.loose]\ntest = threshold\nmetric = errors\nmax = 99%\n" POLICY "loose\n", b,
         N);
    for (int i = 0; i < N; i++)
        cr_expect_eq(a[i].onset, b[i].onset);
}

static void run_on(const struct cm_scenario *scenario, int threads, struct cm_outcome *rows,
                   uint64_t n)
{
    struct cm_cell cells[2];
    for (int release = 0; release < 2; release++)
        cells[release] = (struct cm_cell){.plan = {scenario, 0, release - 1, 1},
                                          .replications = n,
                                          .rows = rows + (uint64_t)release * n};
    struct cm_study study = {.cells = cells, .n_cells = 2, .threads = threads};
    cr_assert_eq(cm_study_run(&study), 0);
}

Test(study, rows_are_the_same_for_any_number_of_threads)
{
    enum { ROWS = 700 }; /* two blocks and a part */
    struct cm_scenario scenario = {0};
    struct cm_outcome *one = calloc(2 * ROWS, sizeof *one);
    load_text(&scenario, WORLD POLICY "limit\n", NULL);
    run_on(&scenario, 1, one, ROWS);
    for (int threads = 2; threads <= 3; threads++) {
        struct cm_outcome *many = calloc(2 * ROWS, sizeof *many);
        run_on(&scenario, threads, many, ROWS);
        for (int i = 0; i < 2 * ROWS; i++)
            expect_same(&one[i], &many[i]);
        free(many);
    }
    free(one);
    cm_scenario_release(&scenario);
}

static bool refuse(void *self, uint64_t done, uint64_t total)
{
    cr_assert_leq(done, total);
    ++*(int *)self;
    return false;
}

Test(study, whoever_watches_can_stop_it)
{
    struct cm_scenario scenario = {0};
    struct cm_outcome *rows = calloc(100000, sizeof *rows);
    int asked = 0;
    load_text(&scenario, WORLD POLICY "limit\n", NULL);
    struct cm_cell cell = {.plan = {&scenario, 0, -1, 1}, .replications = 100000, .rows = rows};
    struct cm_study study = {
        .cells = &cell, .n_cells = 1, .threads = 2, .progress = refuse, .progress_self = &asked};
    cr_assert_eq(cm_study_run(&study), -1);
    cr_assert_geq(asked, 1);
    free(rows);
    cm_scenario_release(&scenario);
}
