/* --list: the cells as they would be played, and how long that would take.
 *
 * The time is told from a few replications of a few cells, each as long as a blink; it is talk, and
 * goes to standard error. */
#include <time.h>

#include "analysis/results.h"
#include "analysis/words.h"
#include "cli/output.h"
#include "cli/sweep_parts.h"
#include "sim/base/units.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Policies of a cell that --where keeps. */
static size_t count_policies(const struct cm_sweep_request *r, const struct cm_results *results,
                             size_t cell)
{
    size_t n = 0;
    for (size_t p = 0; p < results->n_policies; p++)
        n += cm_sweep_keeps(r, cell, cm_results_policy(results, p));
    return n;
}

/* Rollouts of one cell: policies times releases times replications. */
static uint64_t count_rollouts(const struct cm_sweep_request *r, size_t cell,
                               struct cm_scenario *scenario)
{
    struct cm_results results = {0};
    uint64_t replications = scenario->run.replications;
    scenario->run.replications = 0; /* rows are not needed */
    cm_results_init(&results, scenario);
    uint64_t rollouts = count_policies(r, &results, cell) * results.n_releases * replications;
    cm_results_release(&results);
    return rollouts;
}

/* Seconds that a rollout of this cell takes, all of its policies and releases alike. */
static double time_rollout(struct cm_scenario *scenario)
{
    const double blink = 0.03;
    double began = now();
    uint64_t n = 0;
    struct cm_results results = {0};
    scenario->run.replications = 0;
    cm_results_init(&results, scenario);
    for (size_t i = 0; i < results.n_cells; i++) {
        struct cm_rollout *rollout = cm_rollout_new(&results.cells[i].plan);
        for (uint64_t k = 0; k == 0 || now() - began < blink * (double)(i + 1); k++, n++)
            cm_replicate(rollout, k);
        cm_rollout_free(rollout);
    }
    cm_results_release(&results);
    return (now() - began) / (double)n;
}

/* The mean over a first, a middle and a last cell. */
static void say_time(const struct cm_sweep_request *r, uint64_t rollouts)
{
    double seconds = 0;
    enum { PROBES = 3 };
    for (size_t i = 0; i < PROBES; i++) {
        struct cm_scenario scenario;
        cm_sweep_open(r, r->cells[i * (r->n_cells - 1) / (PROBES - 1)], &scenario);
        seconds += time_rollout(&scenario) / PROBES;
        cm_scenario_release(&scenario);
    }
    seconds *= (double)rollouts / r->threads;
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    cm_words_count(rollouts, to);
    cm_print(to, " rollouts: about ");
    cm_units_print_time(cm_from_seconds(seconds < 1 ? 1 : (double)(int64_t)(seconds + 0.5)), to);
    cm_print(to, " on %d thread%s\n", r->threads, r->threads == 1 ? "" : "s");
    cm_print(cm_output_talk(), "%s", text.text);
    cm_buffer_release(&text);
}

int cm_sweep_list(struct cm_sweep_request *r)
{
    struct cm_table table;
    struct cm_scenario first;
    uint64_t total = 0;
    cm_sweep_table_keys(&table, &r->columns);
    cm_table_column(&table, (struct cm_column){NULL, "rollouts", CM_COLUMN_COUNT, false, NULL});
    cm_sweep_open(r, r->cells[0], &first);
    for (size_t i = 0; i < r->n_cells; i++) {
        struct cm_scenario scenario;
        struct cm_sweep_row row = cm_sweep_row_of(r, r->cells[i]);
        cm_sweep_open(r, r->cells[i], &scenario);
        uint64_t rollouts = count_rollouts(r, r->cells[i], &scenario);
        if (rollouts) { /* else --where leaves it no policy */
            cm_sweep_table_begin(&table, &r->columns, &row, &scenario);
            cm_table_count(&table, rollouts);
        }
        cm_scenario_release(&scenario);
        total += rollouts;
    }
    cm_sweep_write(r, &table, &first);
    if (!r->quiet && !r->until_text)
        say_time(r, total);
    cm_scenario_release(&first);
    cm_table_release(&table);
    return CM_EXIT_OK;
}
