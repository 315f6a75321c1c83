/* A study: the same rows whoever plays them, for any number of threads. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/study.h"
#include "tests/stat/scenario_text.h"

static const char text[] =
    "[scenario]\nhorizon = 1h\n"
    "[traffic]\nrate = 10 rps\n"
    "[service]\nerror_rate = 3%\n"
    "[defect.bad]\nerror_rate = +2pp\n"
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 7%\nfailures = 2\n"
    "[policy.p]\nsteps = 10%/3m, 50%/3m\nlook_every = 1m\ngates = limit\non_undecided = ignore\n"
    "[policy.q]\nsteps = 50%/2m\nlook_every = 30s\ngates = limit\non_undecided = ignore\n";

/* A whole block and one row, nothing at all, less than a block, exactly one. */
enum { CELLS = 4, ROWS = 257 + 0 + 11 + 256 };
static const uint64_t sizes[CELLS] = {257, 0, 11, 256};

static void plan_cells(const struct cm_scenario *scenario, struct cm_outcome *rows,
                       struct cm_cell cells[CELLS])
{
    for (int k = 0; k < CELLS; k++) {
        cells[k] = (struct cm_cell){
            .plan = {scenario, k / 2, k % 2 - 1, 1}, .replications = sizes[k], .rows = rows};
        rows += sizes[k];
    }
}

static struct cm_outcome *run_on(const struct cm_scenario *scenario, int threads)
{
    struct cm_outcome *rows = calloc(ROWS, sizeof *rows);
    struct cm_cell cells[CELLS];
    plan_cells(scenario, rows, cells);
    struct cm_study study = {.cells = cells, .n_cells = CELLS, .threads = threads};
    cr_assert_eq(cm_study_run(&study), 0);
    return rows;
}

static bool same(const struct cm_outcome *a, const struct cm_outcome *b)
{
    return a->end == b->end && a->step == b->step && a->gate == b->gate && a->rule == b->rule &&
           a->ended_at == b->ended_at && a->onset == b->onset &&
           a->mitigated_at == b->mitigated_at && a->looks == b->looks &&
           a->evaluations == b->evaluations && a->detected == b->detected &&
           a->early_rollback == b->early_rollback &&
           memcmp(&a->rollout, &b->rollout, sizeof a->rollout) == 0 &&
           memcmp(&a->escaped, &b->escaped, sizeof a->escaped) == 0;
}

Test(study, rows_are_the_same_for_any_number_of_threads)
{
    struct cm_scenario scenario = {0};
    load_text(&scenario, text, NULL);
    struct cm_outcome *one = run_on(&scenario, 1);
    for (int threads = 2; threads <= 3; threads++) {
        struct cm_outcome *many = run_on(&scenario, threads);
        for (int i = 0; i < ROWS; i++)
            cr_expect(same(&one[i], &many[i]), "row %d on %d threads", i, threads);
        free(many);
    }
    free(one);
    cm_scenario_release(&scenario);
}

/* The first block of the first cell and all of the last are there: one row is left to play. */
Test(study, rows_that_are_there_are_left_alone)
{
    struct cm_scenario scenario = {0};
    struct cm_cell cells[CELLS];
    load_text(&scenario, text, NULL);
    struct cm_outcome *all = run_on(&scenario, 2), *rows = calloc(ROWS, sizeof *rows);
    plan_cells(&scenario, rows, cells);
    cells[0].first = 256;
    cells[2].first = cells[2].replications;
    cells[3].first = 256;
    struct cm_study study = {.cells = cells, .n_cells = CELLS, .threads = 2};
    cr_assert_eq(cm_study_run(&study), 0);
    for (int i = 0; i < ROWS; i++)
        cr_expect(i == 256 ? same(&rows[i], &all[i]) : rows[i].looks == 0, "row %d", i);
    free(rows);
    free(all);
    cm_scenario_release(&scenario);
}

Test(study, every_row_is_its_cells_replication)
{
    struct cm_scenario scenario = {0};
    struct cm_cell cells[CELLS];
    load_text(&scenario, text, NULL);
    struct cm_outcome *rows = run_on(&scenario, 2);
    plan_cells(&scenario, rows, cells);
    for (int k = 0; k < CELLS; k++) {
        struct cm_rollout *rollout = cm_rollout_new(&cells[k].plan);
        for (uint64_t i = 0; i < sizes[k]; i += 5) {
            struct cm_outcome want = cm_replicate(rollout, i);
            cr_expect(same(&cells[k].rows[i], &want), "cell %d, replication %d", k, (int)i);
        }
        cm_rollout_free(rollout);
    }
    free(rows);
    cm_scenario_release(&scenario);
}

/* --- progress --------------------------------------------------------------------------------- */

struct watcher {
    int asked, refuses_at; /* the call that says no; 0 = none */
    uint64_t last, total;
    bool fell;
};

static bool watch(void *self, uint64_t done, uint64_t total)
{
    struct watcher *w = self;
    w->fell = w->fell || done < w->last || done > total;
    w->last = done;
    w->total = total;
    return ++w->asked != w->refuses_at;
}

static int run_watched(struct watcher *w, uint64_t replications)
{
    struct cm_scenario scenario = {0};
    struct cm_outcome *rows = calloc(replications, sizeof *rows);
    load_text(&scenario, text, NULL);
    struct cm_cell cell = {
        .plan = {&scenario, 0, -1, 1}, .replications = replications, .rows = rows};
    struct cm_study study = {
        .cells = &cell, .n_cells = 1, .threads = 2, .progress = watch, .progress_self = w};
    int result = cm_study_run(&study);
    free(rows);
    cm_scenario_release(&scenario);
    return result;
}

Test(study, whoever_watches_can_stop_it)
{
    struct watcher w = {.refuses_at = 1};
    cr_expect_eq(run_watched(&w, 300000), -1);
    cr_expect_eq(w.asked, 1); /* and is not asked again */
    cr_expect_lt(w.last, 300000);
}

Test(study, progress_ends_with_all_of_it)
{
    struct watcher w = {0};
    cr_expect_eq(run_watched(&w, 6000), 0);
    cr_expect(w.asked >= 1 && w.last == 6000 && w.total == 6000 && !w.fell);
}

/* Stopped at the very end it is still stopped. */
Test(study, the_last_word_counts)
{
    struct watcher w = {.refuses_at = 1};
    cr_expect_eq(run_watched(&w, 1), -1);
    cr_expect_eq(w.last, 1);
}
