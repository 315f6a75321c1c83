/* Many replications: cells in, outcome rows out, on any number of threads.
 *
 * A cell is one plan. Workers take (cell, block of 256 replications) in order and store results by
 * index, so that the rows are the same for any number of threads. */
#ifndef CM_STUDY_H
#define CM_STUDY_H

#include "sim/engine/replicate.h"

struct cm_cell {
    struct cm_plan plan;
    uint64_t replications;
    struct cm_outcome *rows; /* the caller's; one a replication */
    uint64_t first;          /* to be played; those before it, whole blocks, are in `rows` */
};

struct cm_study {
    struct cm_cell *cells;
    size_t n_cells;
    int threads; /* >= 1 */
    /* Told from the calling thread a few times a second, and at the end; NULL = nobody asks.
     * Returns false to stop: the study then ends early and cm_study_run says so. */
    bool (*progress)(void *self, uint64_t done, uint64_t total);
    void *progress_self;
};
#define CM_STUDY_BLOCK 256

/* 0, or -1 if progress asked to stop. */
int cm_study_run(struct cm_study *study);

#endif
