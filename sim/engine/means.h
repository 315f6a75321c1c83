/* Means of what is answered in a window, cell by cell, given the path of the world.
 *
 * A cell's completions are Poisson with the arrival intensity convolved with the cell's latency
 * (shape.h); the mean is a sum over the pieces of which something is still in flight. A window
 * wholly inside one piece, begun longer ago than any request takes, needs no sum: this is the
 * common case and costs a multiplication. */
#ifndef CM_MEANS_H
#define CM_MEANS_H

#include "sim/engine/bucket_tree.h"
#include "sim/engine/cell.h"

/* How the answers of a row (version x class) in a window came about. Where all of them are of
 * one shape, and no piece of the world ends too near an end of it (reach.h), the mean of any band
 * of latency is P inside + M in_flight, by outcome. */
#define CM_NO_SHAPE SIZE_MAX
struct cm_course {
    size_t shape; /* CM_NO_SHAPE: it is not that simple */
    /* Whether the outcome of an answer says anything of its latency: not where all of them were as
     * likely to fail. Then all of them count as CM_OK here. */
    bool tells;
    double inside[CM_OUTCOMES], in_flight[CM_OUTCOMES]; /* requests; requests a second */
};
double cm_course_mean(const struct cm_course *course, size_t outcome, const struct cm_band *band);

struct cm_means {
    double cell[CM_CELLS_MAX];
    double group[CM_CELLS_MAX][CM_BUCKET_GROUPS]; /* of the cell, in a group of buckets */
    /* Of the canary's those that arrived since the onset: class, outcome, tempo. */
    double exposed[CM_CLASSES_MAX][CM_OUTCOMES][CM_TEMPI];
    double failed_by_defect[CM_VERSIONS][CM_CLASSES_MAX]; /* attributable failures */
    double slowed_by_defect[CM_VERSIONS][CM_CLASSES_MAX];
    struct cm_course course[CM_ROWS_MAX];
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
/* Of one bucket of all requests of a version and class. */
double cm_mean_of_bucket(struct cm_world *w, const size_t row[2], size_t bucket, cm_time from,
                         cm_time until);

#endif
