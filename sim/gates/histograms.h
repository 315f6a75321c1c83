/* Latencies as gates see them: two histograms over the monitor's `le` buckets, added up. */
#ifndef CM_HISTOGRAMS_H
#define CM_HISTOGRAMS_H

#include "sim/gates/one_look.h"

/* Since the step or the release began; starts as {0}. */
struct cm_histograms {
    size_t n; /* buckets */
    uint64_t control[CM_EDGES_MAX + 1], canary[CM_EDGES_MAX + 1];
};

/* Adds what is new, under `own_step` not what was answered before the step. */
void cm_histograms_add(struct cm_histograms *h, const struct cm_look *look, bool own_step);

/* Of either arm; no errors. */
struct cm_two_counts cm_histograms_counts(const struct cm_histograms *h);

/* As tests take them. */
struct cm_two_histograms {
    double control[CM_EDGES_MAX + 1], canary[CM_EDGES_MAX + 1];
};
void cm_histograms_read(const struct cm_histograms *h, struct cm_two_histograms *read);

/* A check_metrics: refuses a metric that is no latency. */
int cm_histograms_needs_latency(const struct cm_gate_metrics *metrics, struct cm_err *err);

#endif
