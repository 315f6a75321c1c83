/* A sweep without a store: cells are opened a group at a time, played, reported and forgotten.
 *
 * A group is as many cells as keep all threads busy until near its end, and as few as its rows fit
 * a fixed room, so that memory does not grow with the sweep. */
#include "analysis/words.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/simulation.h"
#include "cli/sweep_parts.h"

enum { GROUP = 64 };                 /* cells */
static const double ROOM = 64 << 20; /* bytes of rows in a group, unless one cell needs more */

struct open {
    size_t cell; /* of the sweep */
    struct cm_scenario scenario;
    struct cm_results results;
    uint64_t most;
    bool done;
};

struct playing {
    const struct cm_sweep_request *r;
    struct cm_sweep_table table;
    size_t count[3]; /* of its rows, by what became of the assertions */
    struct cm_scenario first;
    struct open group[GROUP];
    size_t n; /* in the group */
    struct cm_progress progress;
    uint64_t before, round, total; /* replications: of earlier groups, of earlier rounds, in all */
};

/* Rows are wanted of the policies that --where keeps. */
static bool is_wanted(const struct playing *p, const struct open *o, size_t policy)
{
    return cm_sweep_keeps(p->r, o->cell, cm_results_policy(&o->results, policy));
}

/* How many rollouts a cell comes to at most. */
static uint64_t rollouts_of(const struct playing *p, const struct open *o)
{
    uint64_t n = 0;
    for (size_t policy = 0; policy < o->results.n_policies; policy++)
        n += is_wanted(p, o, policy) * o->results.n_releases;
    return n * o->most;
}

/* --until begins with one block; without it there is one round. */
static double open_cell(struct playing *p, size_t cell)
{
    struct open *o = &p->group[p->n++];
    *o = (struct open){.cell = cell};
    cm_sweep_open(p->r, cell, &o->scenario);
    o->most = o->scenario.run.replications;
    double room = cm_results_room(&o->scenario);
    if (p->r->until_text && o->most > CM_STUDY_BLOCK)
        o->scenario.run.replications = CM_STUDY_BLOCK;
    cm_results_init(&o->results, &o->scenario);
    return room;
}

/* --- rounds --- */

static bool tell(void *self, uint64_t done, uint64_t total)
{
    struct playing *p = self;
    (void)total;
    return cm_progress_tell(&p->progress, p->before + p->round + done, p->total);
}

/* The cells of all that is not done, in one study. */
static int play_round(struct playing *p)
{
    size_t n = 0;
    uint64_t played = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->group[i].results.n_cells;
    struct cm_cell *cells = cm_alloc((n + 1) * sizeof *cells);
    n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct open *o = &p->group[i];
        for (size_t c = 0; c < o->results.n_cells && !o->done; c++) {
            if (!is_wanted(p, o, c / o->results.n_releases))
                continue;
            cells[n++] = o->results.cells[c];
            played += o->results.cells[c].replications - o->results.cells[c].first;
        }
    }
    struct cm_study study = {.cells = cells,
                             .n_cells = n,
                             .threads = p->r->threads,
                             .progress = tell,
                             .progress_self = p};
    int status = cm_study_run(&study);
    p->round += played;
    cm_free(cells);
    return status;
}

/* Twice as many rows, those that are there kept. */
static void extend(struct open *o)
{
    uint64_t n = o->results.cells[0].replications, more = n < o->most / 2 ? 2 * n : o->most;
    for (size_t i = 0; i < o->results.n_cells; i++) {
        struct cm_cell *cell = &o->results.cells[i];
        cell->rows = cm_grow(cell->rows, (size_t)more + 1, sizeof *cell->rows);
        cell->first = n;
        cell->replications = more;
    }
}

/* Policies that --where leaves out have no rows, and are not asked. */
static bool is_enough(const struct playing *p, const struct open *o)
{
    if (o->results.cells[0].replications >= o->most)
        return true;
    for (size_t policy = 0; policy < o->results.n_policies; policy++)
        if (is_wanted(p, o, policy) && !cm_until_holds(&p->r->until, &o->results, policy))
            return false;
    return true;
}

static int play_group(struct playing *p)
{
    for (bool more = true; more;) {
        if (play_round(p))
            return -1;
        more = false;
        for (size_t i = 0; i < p->n; i++) {
            struct open *o = &p->group[i];
            o->done = o->done || is_enough(p, o);
            if (!o->done)
                extend(o);
            more |= !o->done;
        }
    }
    return 0;
}

/* --- groups --- */

static void report_group(struct playing *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct open *o = &p->group[i];
        struct cm_sweep_row row = cm_sweep_row_of(p->r, o->cell);
        if (p->table.table.n_columns == 0)
            cm_sweep_table_start(&p->table, &p->r->columns, &o->results);
        for (size_t policy = 0; policy < o->results.n_policies; policy++)
            if (is_wanted(p, o, policy))
                p->count[cm_sweep_table_add(&p->table, &row, &o->results, policy)]++;
    }
}

static void close_group(struct playing *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct open *o = &p->group[i];
        p->before += rollouts_of(p, o);
        cm_results_release(&o->results);
        cm_scenario_release(&o->scenario);
    }
    p->n = 0;
    p->round = 0;
}

/* Opens the next cells; returns how many of the sweep's are behind it. */
static size_t open_group(struct playing *p, size_t next)
{
    double room = 0;
    do
        room += open_cell(p, p->r->cells[next++]);
    while (next < p->r->n_cells && p->n < GROUP && room < ROOM);
    return next;
}

/* Cells cost about the same, so the first tells the rest. */
static void guess_total(struct playing *p)
{
    open_cell(p, p->r->cells[0]);
    p->total = rollouts_of(p, &p->group[0]) * p->r->n_cells;
    close_group(p);
    p->before = 0;
}

static int report(const struct playing *p)
{
    cm_sweep_write(p->r, &p->table.table, &p->first);
    return cm_sweep_conclude(p->r, p->count);
}

int cm_sweep_play(struct cm_sweep_request *r)
{
    struct playing *p = cm_alloc(sizeof *p);
    int status = CM_EXIT_OK;
    p->r = r;
    cm_sweep_open(r, r->cells[0], &p->first);
    if (!cm_simulation_fits(&p->first)) {
        cm_scenario_release(&p->first);
        cm_free(p);
        return CM_EXIT_SCENARIO;
    }
    guess_total(p);
    cm_interrupt_watch();
    cm_progress_start(&p->progress, r->quiet ? CM_PROGRESS_NONE : r->progress, "simulating", false);
    for (size_t next = 0; next < r->n_cells && !status;) {
        next = open_group(p, next);
        status = play_group(p) ? CM_EXIT_INTERRUPTED : CM_EXIT_OK;
        if (!status)
            report_group(p);
        close_group(p);
    }
    cm_progress_end(&p->progress);
    if (status)
        cm_print(cm_output_talk(), "coalmine: interrupted; nothing was reported\n");
    else
        status = report(p);
    cm_table_release(&p->table.table);
    cm_scenario_release(&p->first);
    cm_free(p);
    return status;
}
