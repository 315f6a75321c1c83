/* coalmine sweep: what was asked for, and its parts. */
#ifndef CM_CLI_SWEEP_PARTS_H
#define CM_CLI_SWEEP_PARTS_H

#include "analysis/report.h"
#include "analysis/sweep_table.h"
#include "analysis/until.h"
#include "cli/progress.h"
#include "cli/request.h"
#include "sim/scenario/sweep.h"

struct cm_sweep_request {
    struct cm_request what;
    int threads;
    enum cm_format format;
    enum cm_progress_mode progress;
    bool quiet, list;
    const char *out, *where_text, *until_text; /* borrowed; NULL = not asked */
    uint64_t most;                             /* replications, with --until */
    uint64_t shard, shards;                    /* from 1; 1 of 1 = everything */

    struct cm_sweep sweep;
    struct cm_expr where, until;
    bool where_policy; /* --where chooses among policies, too */
    size_t *cells;     /* that are asked for; owned */
    size_t n_cells;
    struct cm_sweep_columns columns; /* of its tables */
};

/* Reads the file and chooses its cells; 0, or what to exit with once that is said. */
int cm_sweep_prepare(struct cm_sweep_request *r);
/* Whether --where keeps a cell; policy NULL = any. */
bool cm_sweep_keeps(const struct cm_sweep_request *r, size_t cell, const char *policy);
/* The scenario of a cell, which has been loaded before. */
void cm_sweep_open(const struct cm_sweep_request *r, size_t cell, struct cm_scenario *scenario);
/* Its values in the order of the columns. */
struct cm_sweep_row cm_sweep_row_of(const struct cm_sweep_request *r, size_t cell);
/* The table in the format that was asked for, with what made it. */
void cm_sweep_write(const struct cm_sweep_request *r, const struct cm_table *table,
                    const struct cm_scenario *first);

/* Says how many rows fail what is asserted, or are undecided; CM_EXIT_OK or CM_EXIT_ASSERT. */
int cm_sweep_conclude(const struct cm_sweep_request *r, const size_t count[3]);

/* The cells, without playing them. */
int cm_sweep_list(struct cm_sweep_request *r);
/* Plays them and reports; nothing is kept. */
int cm_sweep_play(struct cm_sweep_request *r);
/* Plays what the store does not have yet, and reports from it. */
int cm_sweep_keep(struct cm_sweep_request *r);

#endif
