/* What a monitor serves: signal x aggregation x window x class filter. */
#ifndef CM_METRIC_H
#define CM_METRIC_H

#include "sim/base/kind.h"

/* Who serves requests. A version is one of these, never an index that happens to be 0 or 1. */
enum cm_arm { CM_STABLE, CM_CANARY, CM_BASELINE, CM_ARMS };

enum cm_signal_kind {
    CM_ERROR_RATIO,
    CM_LATENCY_QUANTILE,
    CM_REQUEST_RATE,
    CM_LATENCY_MEAN,
    CM_KPI_MEAN,
    CM_GAUGE_MEAN,
    CM_SIGNALS
};
extern const char *const cm_signal_names[CM_SIGNALS + 1]; /* as in a file; NULL-ended */

/* How a monitor makes a value of a counter: what it rose by per second or in the window, or the
 * slope between its last two scrapes. Where nothing is scraped there is no such slope. */
enum cm_function { CM_BY_RATE, CM_BY_INCREASE, CM_BY_IRATE };

struct cm_metric {
    int signal;          /* enum cm_signal_kind */
    int function;        /* enum cm_function */
    cm_time window;      /* a look at t reads what completed in (t - window, t] */
    double quantile;     /* of latency_quantile */
    struct cm_ref class; /* index -1 = all requests */
    struct cm_ref kpi;   /* of signal kpi: its labels that came in the window */
    struct cm_ref gauge; /* of signal gauge: its samples in the window */
};

/* The unit of a metric's values, for the limits set on it: CM_RATIO, CM_SECONDS, CM_PER_SECOND, or
 * CM_PURE where requests are counted, and of KPIs and gauges. */
enum cm_unit cm_metric_unit(const struct cm_metric *metric);

/* A histogram's finite `le` bounds, seconds, ascending; the last bucket is +Inf. */
#define CM_EDGES_MAX 64
struct cm_edges {
    size_t n;
    double bound[CM_EDGES_MAX];
};
extern const struct cm_type cm_type_edges;
#define CM_EDGES(T, f, dflt, help)                                                                 \
    CM_ROW(T, f, struct cm_edges, cm_type_edges, dflt, 0, 0, NULL, help)

struct cm_telemetry {
    cm_time history; /* how long before the release stable is watched; CM_NO_DURATION = a ladder */
    struct cm_edges buckets;
};

/* Prometheus' classic histogram_quantile over per-bucket counts (edges->n + 1 of them); the rules
 * are those of sim/stats/bucket_quantile.h. Seconds; NAN when nothing was counted. */
double cm_histogram_quantile(double q, const struct cm_edges *edges, const uint64_t *counts);

extern const struct cm_section cm_metric_section, cm_telemetry_section;

#endif
