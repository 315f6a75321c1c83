/* The smallest effect that a policy would have seen.
 *
 * A missed rate alone does not say how blind a policy is. Beside it stands the scale of the
 * defect's effect (cm_plan.strength) at which detection reaches 80 %, by bisection on the logarithm
 * of the strength under common random numbers: every point replays the same replications, so that
 * what is seen at one strength is, nearly always, seen at a larger one. */
#ifndef CM_SMALLEST_H
#define CM_SMALLEST_H

#include "analysis/results.h"

#define CM_SMALLEST_POWER        0.8  /* detection that counts as "would have seen" */
#define CM_SMALLEST_LARGEST      16.0 /* strengths tried: from 1 / this to this */
#define CM_SMALLEST_REPLICATIONS 400  /* a point, at most */

struct cm_smallest {
    /* Strength: 1 = the defect as written; INFINITY = none up to the largest tried; 0 = even the
     * least tried is seen; NAN = not asked. Limits likewise, 95 %. */
    double strength, low, high;
    uint64_t n; /* replications behind the point */
};

/* Plays cells to the end; -1 if it was asked to stop. */
struct cm_runner {
    void *self;
    int (*run)(void *self, struct cm_cell *cells, size_t n_cells);
};
/* A runner on cm_study_run with the threads and the progress of `settings` (borrowed). */
struct cm_runner cm_runner_of_study(struct cm_study *settings);

/* Fills results->smallest for every policy and every defect that is not harmless; the rows of the
 * study must be there. 0, or -1 if the runner stopped: then nothing is filled. */
int cm_smallest_find(struct cm_results *results, struct cm_runner runner);

#endif
