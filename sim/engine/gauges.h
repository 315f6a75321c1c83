/* Gauges at work: the samples of each gauge and version, and what a monitor shows of them.
 *
 * A monitor that scrapes reads a gauge with its scrapes: every so often, late by some jitter, now
 * and then not at all, visible after the lag. Else it is read every `sample_every`. Each sample has
 * a stream of its own, by number: gauges move nobody's numbers. */
#ifndef CM_GAUGES_H
#define CM_GAUGES_H

#include "sim/engine/world.h"

struct cm_gauge_sample {
    cm_time at, visible;
    double value; /* NAN: the scrape failed */
};

/* One gauge of one version. */
struct cm_gauge_line {
    const struct cm_gauge *gauge; /* borrowed */
    struct cm_change change;      /* what the defect does to its level */
    uint64_t purpose;
    size_t version;
    int64_t number; /* of the next sample, which is */
    cm_time phase, at, last;
    double x;                        /* of the last sample, in sd above its level */
    struct cm_gauge_sample *samples; /* owned; of this replication */
    size_t n, room;
};

struct cm_gauges {
    const struct cm_plan *plan;   /* borrowed */
    const struct cm_world *world; /* borrowed */
    uint64_t replication;
    bool over;                   /* nobody looks any more */
    struct cm_gauge_line *lines; /* owned: gauge by gauge, version by version */
    size_t n;
};

void cm_gauges_init(struct cm_gauges *g, const struct cm_plan *plan, const struct cm_world *world);
void cm_gauges_release(struct cm_gauges *g);
/* A new replication. Stable is read from the beginning of the history on, the canary from 0. */
void cm_gauges_begin(struct cm_gauges *g, uint64_t replication);
/* Samples up to the world's now. */
void cm_gauges_advance(struct cm_gauges *g);
void cm_gauges_end(struct cm_gauges *g);

/* The window of a metric at `now`: its visible samples, or the last one before it that is not
 * stale. */
struct cm_kpi_moments cm_gauges_window(const struct cm_gauges *g, const struct cm_metric *metric,
                                       cm_time now, size_t version);
/* Samples that became visible in (from, until]. */
struct cm_kpi_moments cm_gauges_between(const struct cm_gauges *g, const struct cm_metric *metric,
                                        const cm_time between[2], size_t version);

#endif
