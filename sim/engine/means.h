/* Means of what is answered in a window, cell by cell, given the path of the world.
 *
 * A cell's completions are Poisson with the arrival intensity convolved with the cell's latency
 * (shape.h); the mean is a sum over the pieces of which something is still in flight. A window
 * wholly inside one piece, begun longer ago than any request takes, needs no sum: this is the
 * common case and costs a multiplication. */
#ifndef CM_MEANS_H
#define CM_MEANS_H

#include "sim/engine/cell.h"

struct cm_means {
    double cell[CM_CELLS_MAX];
    double group[CM_CELLS_MAX][CM_BUCKET_GROUPS]; /* of the cell, in a group of buckets */
    /* Of the canary's those that arrived since the onset: class, outcome, tempo. */
    double exposed[CM_CLASSES_MAX][CM_OUTCOMES][CM_TEMPI];
    double failed_by_defect[CM_VERSIONS][CM_CLASSES_MAX]; /* attributable failures */
    double slowed_by_defect[CM_VERSIONS][CM_CLASSES_MAX];
};

/* Of all cells, in window[0] .. window[1], and of the groups of the tree. */
void cm_means_fill(struct cm_world *w, const struct cm_bucket_tree *tree, const cm_time window[2],
                   struct cm_means *m);
/* Whether they stay as they are for blocks of this length as long as the last piece holds: nothing
 * from before it is in flight. */
bool cm_means_stay(const struct cm_world *w, cm_time from, cm_time until);
/* Of one cell. */
double cm_mean_of_cell(const struct cm_world *w, size_t cell, cm_time from, cm_time until);
/* Of the cells of a row that have one tempo: by outcome, in the two children of a node. */
struct cm_children {
    const struct cm_bucket_tree *tree; /* borrowed */
    size_t row, node;
    enum cm_tempo tempo;
};
void cm_means_of_children(struct cm_world *w, const struct cm_children *c, const cm_time window[2],
                          double means[CM_OUTCOMES][2]);
/* The one shape of all that a row (version x class) answers in (from, until], or CM_NO_SHAPE: one
 * piece holds, and nothing from before it is in flight. */
#define CM_NO_SHAPE SIZE_MAX
size_t cm_steady_shape(const struct cm_world *w, size_t row, cm_time from, cm_time until);
/* Whether the outcome of an answer says anything of its latency: not where all of them were as
 * likely to fail. */
bool cm_outcome_tells(const struct cm_world *w, size_t row, cm_time from, cm_time until);
/* Of one bucket of all requests of a version and class. */
double cm_mean_of_bucket(struct cm_world *w, const size_t row[2], size_t bucket, cm_time from,
                         cm_time until);

#endif
