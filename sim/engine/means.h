/* Means of what is answered in a window, cell by cell, given the path of the world.
 *
 * A cell's completions are Poisson with the arrival intensity convolved with the cell's latency
 * (shape.h); the mean is a sum over the pieces of which something is still in flight. A window
 * wholly inside one piece, begun longer ago than any request takes, needs no sum: this is the
 * common case and costs a multiplication. */
#ifndef CM_MEANS_H
#define CM_MEANS_H

#include "sim/engine/ledger.h"

struct cm_means {
    double cell[CM_CELLS_MAX];
    /* Of the canary's those that arrived since the onset: class, outcome, tempo. */
    double exposed[CM_CLASSES_MAX][CM_OUTCOMES][CM_TEMPI];
    double failed_by_defect[CM_VERSIONS][CM_CLASSES_MAX]; /* attributable failures */
    double slowed_by_defect[CM_VERSIONS][CM_CLASSES_MAX];
};

/* Of all cells, in (from, until]. */
void cm_means_fill(const struct cm_world *w, cm_time from, cm_time until, struct cm_means *m);
/* Of one cell. */
double cm_mean_of_cell(const struct cm_world *w, size_t cell, cm_time from, cm_time until);
/* Of the buckets of one cell; `means` has edges->n + 1. */
void cm_means_of_buckets(struct cm_world *w, size_t cell, cm_time from, cm_time until,
                         double *means);
/* The same up to a factor where it is simple: one piece holds since so long that nothing from
 * before it is in flight. False, and `means` untouched, where it is not. */
bool cm_steady_buckets(struct cm_world *w, size_t cell, cm_time from, cm_time until, double *means);
/* Of one bucket of all requests of a version and class. */
double cm_mean_of_bucket(struct cm_world *w, const size_t row[2], size_t bucket, cm_time from,
                         cm_time until);

#endif
