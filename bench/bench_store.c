/* What it costs to keep outcomes: the CPU time of a study with a store against the same study
 * without, a threshold policy on 30 rps for an hour. The study is played on one thread; a store is
 * written by the calling one, so that both times are of the whole process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "analysis/campaign.h"

#define REPEATS 3
#define CELLS   20

static const char text[] =
    "; a study\n[scenario]\nhorizon = 1h\nreplications = 1000\n[traffic]\nrate = 30 rps\n"
    "[service]\nerror_rate = 0.1%\n[defect.bad]\nerror_rate = +1.1pp\n"
    "[metric.errors]\nsignal = error_ratio\nwindow = 1m\n"
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 1%\n"
    "[policy.ours]\nsteps = 5%/10m, 10%/10m, 20%/10m, 30%/10m, 40%/10m, 50%/10m\n"
    "look_every = 1m\ngates = limit\non_undecided = ignore\non_fail = count\ncount = 5\n";

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int read_text(void *self, const char *path, const char *relative_to, struct cm_arena *arena,
                     const char **found, size_t *length, const char **resolved, struct cm_err *err)
{
    (void)self;
    (void)relative_to;
    (void)err;
    *length = strlen(text);
    *found = cm_arena_text(arena, text, *length);
    *resolved = path;
    return 0;
}

static const struct cm_source source = {.read = read_text};

/* Cells differ in their seeds. */
static int load(void *self, size_t i, struct cm_scenario *scenario, struct cm_store_cell *cell,
                struct cm_err *err)
{
    char seed[40];
    const char *const set[] = {seed, NULL};
    struct cm_diags diags = {0};
    struct cm_load how = {
        .path = "study.ini", .source = source, .extra = cm_analysis_sections, .set = set};
    (void)self;
    snprintf(seed, sizeof seed, "scenario.seed=%zu", i + 1);
    *cell = (struct cm_store_cell){.number = i};
    int status = cm_scenario_load(scenario, &how, &diags);
    if (status)
        cm_fail(err, "%s", diags.list[0].text);
    cm_diags_release(&diags);
    return status;
}

static void check(int status, const struct cm_err *err)
{
    if (!status)
        return;
    fprintf(stderr, "bench_store: %s\n", err->text);
    exit(EXIT_FAILURE);
}

/* s of CPU time a study without a store. */
static double play(void)
{
    double began = cpu_s();
    for (size_t i = 0; i < CELLS; i++) {
        struct cm_scenario scenario = {0};
        struct cm_results results = {0};
        struct cm_store_cell cell;
        struct cm_err err = {0};
        check(load(NULL, i, &scenario, &cell, &err), &err);
        cm_results_init(&results, &scenario);
        struct cm_study study = {.cells = results.cells, .n_cells = results.n_cells, .threads = 1};
        cm_study_run(&study);
        cm_results_release(&results);
        cm_scenario_release(&scenario);
    }
    return cpu_s() - began;
}

/* The same into a new store. */
static double keep(const char *path)
{
    const struct cm_store_options options = {.version = "bench"};
    const struct cm_store_study study = {"bench", "study.ini", text, CELLS};
    struct cm_err err = {0};
    double began = cpu_s();
    remove(path);
    struct cm_store *store = cm_store_open(path, &options, &err);
    check(!store, &err);
    check(cm_store_begin(store, &study, &err), &err);
    struct cm_campaign campaign = {
        .store = store, .n_cells = CELLS, .load = load, .threads = 1, .source = source};
    check(cm_campaign_run(&campaign, &err) != CM_CAMPAIGN_DONE, &err);
    check(cm_store_close(store, &err), &err);
    remove(path);
    return cpu_s() - began;
}

int main(void)
{
    char path[64];
    double without = 1e9, with = 1e9;
    snprintf(path, sizeof path, "bench-store-%ld.db", (long)getpid());
    for (int i = 0; i < REPEATS; i++) {
        double a = play(), b = keep(path);
        without = a < without ? a : without;
        with = b < with ? b : with;
    }
    double rows = CELLS * 2 * 1000.0;
    printf("%-44s %12s %12s %8s\n", "threshold at 30 rps, one hour", "us/rollout", "with a store",
           "more");
    printf("%-44s %12.2f %12.2f %7.1f%%\n", "20 cells, 40,000 rollouts", without / rows * 1e6,
           with / rows * 1e6, 100 * (with / without - 1));
    return 0;
}
