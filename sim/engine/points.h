/* Series: what the queries of a gate's metrics returned on a grid of steps, for gates that compare
 * values over time rather than counts.
 *
 * The grid begins when the release is created, or begins anew; at each of its points every metric
 * is asked for every version, as of then: a monitor that lags behind shows what it had. A query
 * that would have failed then is asked again later by real monitors, and so leaves no gap; one that
 * fails at the look does (gates are told by the signal's state). */
#ifndef CM_POINTS_H
#define CM_POINTS_H

#include "sim/gates/gate.h"

struct cm_points {
    cm_time step;   /* 0 = the gate wants none */
    cm_time next;   /* its next point; the last one is a step before it */
    size_t n, room; /* points */
    size_t n_metrics, n_versions;
    double *values;                 /* owned: metric x version x room */
    struct cm_signal_series *shown; /* owned: of each metric */
};

void cm_points_init(struct cm_points *s, cm_time step, size_t n_metrics, size_t n_versions);
void cm_points_release(struct cm_points *s);
/* Forgets all; the grid begins at `now`. */
void cm_points_begin(struct cm_points *s, cm_time now);

/* Begins the point at s->next; then each metric has its values set. */
void cm_points_add(struct cm_points *s);
void cm_points_set(struct cm_points *s, size_t metric, const struct cm_signal *signal);
/* A metric's series as they are now: stay until they are shown again. */
const struct cm_signal_series *cm_points_show(struct cm_points *s, size_t metric);

#endif
