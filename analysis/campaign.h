/* A study with a store: cells in, rows in the store out, and only what is missing is played.
 *
 * Cells are opened one after the other, a few at a time; their blocks of 256 replications are
 * played by threads and written by the calling one. Memory does not grow with the study. The rows
 * are the same for any number of threads, however often the study was interrupted. */
#ifndef CM_CAMPAIGN_H
#define CM_CAMPAIGN_H

#include "analysis/results.h"
#include "sim/base/source.h"
#include "sim/run/store.h"

struct cm_campaign {
    struct cm_store *store; /* borrowed; cm_store_begin has named the study */
    size_t n_cells;         /* to be run: those of a shard, or those chosen */
    /* Loads the i-th of them and says which it is: number and variables (whose memory is the
     * caller's, until the next call); the rest of `cell` is filled in here. The scenario is
     * released here, also after -1. */
    int (*load)(void *self, size_t i, struct cm_scenario *scenario, struct cm_store_cell *cell,
                struct cm_err *err);
    /* NULL = as many replications as the scenario says. Else asked when every policy and release of
     * a cell has `n` rows, for n = first_look, then twice as many each time, at most
     * `replications`: whether that is enough. The answer may depend on the results alone. */
    bool (*enough)(void *self, const struct cm_results *results);
    void *self;
    uint64_t first_look;     /* 0 = 256 */
    int threads;             /* >= 1 */
    struct cm_source source; /* of the files that scenarios name */
    /* As in struct cm_study, in replications; those that were there count as done. */
    bool (*progress)(void *self, uint64_t done, uint64_t total);
    void *progress_self;
    /* Filled in: */
    uint64_t played, found; /* replications: simulated now, there already */
};

enum cm_campaign_end { CM_CAMPAIGN_DONE, CM_CAMPAIGN_STOPPED, CM_CAMPAIGN_FAILED };

/* STOPPED: progress asked for it; everything that was played is in the store. FAILED: says why. */
enum cm_campaign_end cm_campaign_run(struct cm_campaign *campaign, struct cm_err *err);

/* The part i of n, from 1, of a study: whether cell `number` belongs to it. */
static inline bool cm_campaign_in_shard(uint64_t number, uint64_t i, uint64_t n)
{
    return number % n == i - 1;
}

#endif
