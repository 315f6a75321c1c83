/* What a monitor serves: signal x aggregation x window x class filter. */
#ifndef CM_METRIC_H
#define CM_METRIC_H

#include "sim/base/kind.h"

/* Who serves requests. A version is one of these, never an index that happens to be 0 or 1. */
enum cm_arm { CM_STABLE, CM_CANARY, CM_BASELINE, CM_ARMS };

enum cm_signal_kind { CM_ERROR_RATIO, CM_LATENCY_QUANTILE, CM_REQUEST_RATE };

struct cm_metric {
    int signal;        /* enum cm_signal_kind */
    cm_time window;    /* a look at t reads what completed in (t - window, t] */
    double quantile;   /* of latency_quantile */
    struct cm_ref class; /* index -1 = all requests */
};

/* The unit of a metric's values, for the limits set on it. */
enum cm_unit cm_metric_unit(const struct cm_metric *metric);

/* Prometheus' default `le` bounds, seconds; the last bucket is +Inf. */
#define CM_EDGES_MAX 64
struct cm_telemetry {
    cm_time history;               /* how long before the release stable is watched; none = a ladder */
    struct cm_edges {
        size_t n;                  /* finite bounds, ascending */
        double bound[CM_EDGES_MAX]; /* seconds */
    } buckets;
};

/* Prometheus' classic histogram_quantile over per-bucket counts (n bounds, n + 1 counts): linear
 * inside the bucket, the lowest begins at 0, the last finite bound stands for +Inf, NAN when empty
 * (Prometheus documentation, "histogram_quantile()"). */
double cm_histogram_quantile(double q, const struct cm_edges *edges, const uint64_t *counts);

extern const struct cm_section cm_metric_section, cm_telemetry_section;

#endif
