/* The [metric.NAME] and [telemetry] sections, and what buckets say of a quantile. */
#include "sim/telemetry/metric.h"

#include <assert.h>

#include "sim/stats/bucket_quantile.h"
#include "sim/telemetry/monitor.h"

const char *const cm_signal_names[CM_SIGNALS + 1] = {
    [CM_ERROR_RATIO] = "error_ratio",
    [CM_LATENCY_QUANTILE] = "latency_quantile",
    [CM_REQUEST_RATE] = "rate",
    [CM_LATENCY_MEAN] = "latency_mean",
    [CM_KPI_MEAN] = "kpi",
    [CM_GAUGE_MEAN] = "gauge",
    [CM_SIGNALS] = NULL,
};
static const char *const functions[] = {"rate", "increase", "irate", NULL};

static const struct cm_param metric_params[] = {
    CM_CHOICE(struct cm_metric, signal, NULL, cm_signal_names,
              "What is measured: errors over requests, a quantile of the latency, requests per "
              "second, the mean latency, the mean of a KPI's labels or of a gauge."),
    CM_CHOICE(struct cm_metric, function, "rate", functions,
              "How counters are read: by what they rose per second over the window, by what they "
              "rose in it (signal = rate then counts requests), or by the slope between the last "
              "two scrapes."),
    CM_DURATION(struct cm_metric, window, "1m", 1e6, 6.048e14,
                "How far back one look reads: what was answered in the window before it."),
    CM_PROB(struct cm_metric, quantile, "99%", 1e-6, 0.999999,
            "Which quantile latency_quantile reads, from the buckets of [telemetry]."),
    CM_REF(struct cm_metric, class, "class", "none",
           "The class whose requests are measured; none = all requests."),
    CM_REF(struct cm_metric, kpi, "kpi", "none", "The KPI that signal = kpi reads."),
    CM_REF(struct cm_metric, gauge, "gauge", "none", "The gauge that signal = gauge reads."),
    CM_PARAMS_END,
};

/* Each signal reads one thing; what is said about another is a slip. */
static int check_metric(const void *common, struct cm_err *err)
{
    const struct cm_metric *m = common;
    const char *signal = cm_signal_names[m->signal];
    if (m->signal == CM_KPI_MEAN && !m->kpi.name)
        return cm_fail(err, "signal = kpi needs kpi, the name of a [kpi.NAME]");
    if (m->signal != CM_KPI_MEAN && m->kpi.name)
        return cm_fail(err, "kpi is read by signal = kpi, not by %s", signal);
    if (m->signal == CM_GAUGE_MEAN && !m->gauge.name)
        return cm_fail(err, "signal = gauge needs gauge, the name of a [gauge.NAME]");
    if (m->signal != CM_GAUGE_MEAN && m->gauge.name)
        return cm_fail(err, "gauge is read by signal = gauge, not by %s", signal);
    if (m->signal == CM_GAUGE_MEAN && m->class.name)
        return cm_fail(err, "a gauge belongs to a version, not to a class of requests");
    if (m->signal >= CM_LATENCY_MEAN && m->function != CM_BY_RATE)
        return cm_fail(err, "function = %s has no meaning for signal = %s: it shows a mean",
                       functions[m->function], signal);
    return 0;
}

const struct cm_section cm_metric_section = {
    .name = "metric",
    .named = true,
    .summary = "What a monitor serves to gates.",
    .params = metric_params,
    .size = sizeof(struct cm_metric),
    .check = check_metric,
};

static const struct cm_param telemetry_params[] = {
    CM_DURATION(
        struct cm_telemetry, history, "none", 0, CM_MAX_DURATION,
        "How long before the release stable is watched; none = the least of 10m, 1h, 6h and "
        "1d that holds the longest window, or that window."),
    CM_EDGES(struct cm_telemetry, buckets,
             "5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s",
             "Upper bounds of the latency histogram; quantiles are interpolated between them, and "
             "what is slower than the last bound reads as the last bound."),
    CM_PARAMS_END,
};

const struct cm_section cm_telemetry_section = {
    .name = "telemetry",
    .summary = "How the monitor sees the service.",
    .params = telemetry_params,
    .size = sizeof(struct cm_telemetry),
    .kind_key = "monitor",
    .kind_default = "exact",
    .kinds = cm_monitor_kinds,
};

enum cm_unit cm_metric_unit(const struct cm_metric *metric)
{
    static const enum cm_unit units[] = {
        [CM_ERROR_RATIO] = CM_RATIO,       [CM_LATENCY_QUANTILE] = CM_SECONDS,
        [CM_REQUEST_RATE] = CM_PER_SECOND, [CM_LATENCY_MEAN] = CM_SECONDS,
        [CM_KPI_MEAN] = CM_PURE,           [CM_GAUGE_MEAN] = CM_PURE,
    };
    bool counts = metric->signal == CM_REQUEST_RATE && metric->function == CM_BY_INCREASE;
    return counts ? CM_PURE : units[metric->signal];
}

double cm_histogram_quantile(double q, const struct cm_edges *edges, const uint64_t *counts)
{
    double mass[CM_EDGES_MAX + 1];
    assert(edges->n <= CM_EDGES_MAX);
    for (size_t i = 0; i <= edges->n; i++)
        mass[i] = (double)counts[i];
    return cm_bucket_quantile(q, edges->bound, mass, edges->n);
}
