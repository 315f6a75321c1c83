/* What a Prometheus query makes of scraped counters.
 *
 * Rules, from the Prometheus documentation ("Querying basics", "Query functions") and the places it
 * refers to:
 *
 *   range       at t over w: the samples in (t - w, t], left-open since 3.0; in [t - w, t] before
 *   increase    last - first of them, plus every value from which the counter fell (a reset); needs
 *               two samples. It is extrapolated to each edge of the range if the nearest sample is
 *               closer to it than 1.1 times the mean spacing, else by half a spacing; to the left
 *               never beyond where the counter would have been 0
 *   rate        increase / w, w in seconds
 *   irate       of the last two samples only, whatever w is, without extrapolation; a counter that
 *               fell has risen by its new value
 *   instant     a gauge's newest sample that is younger than the staleness limit (5 minutes); none
 *               after a failed scrape, which ends a series until it is scraped again
 *   sum         of the series that have a value; of none there is no value, which is not 0
 *   a / b       where both have a value; 0 / 0 is NaN
 *   quantile    histogram_quantile over cumulative bucket rates, which are first made monotonic;
 *               rules in sim/stats/bucket_quantile.h
 *
 * Instants are nanoseconds here and milliseconds there. Zero before half a spacing, as 2.x cut the
 * extrapolation, differs where a young counter's first sample is far from the edge. */
#ifndef CM_PROMETHEUS_H
#define CM_PROMETHEUS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/telemetry/metric.h"

struct cm_prometheus_sample {
    cm_time at;
    double value; /* NAN: the scrape failed */
};

/* Where a query looks. */
struct cm_range {
    cm_time at, window;
    bool closed; /* the left edge belongs to it */
};

/* What one series, or a sum of series, has to say; exists = false: it is not in the result. */
struct cm_element {
    bool exists;
    double value;
    double counted; /* by how much counters rose between the samples used, not extrapolated */
};

/* `samples` ascend in time; those outside the range, and failed scrapes, do not matter. */
struct cm_element cm_prometheus_apply(enum cm_function function,
                                      const struct cm_prometheus_sample *samples, size_t n,
                                      const struct cm_range *range);
/* The instant value of a gauge at range->at; range->window is the staleness limit. */
struct cm_element cm_prometheus_instant(const struct cm_prometheus_sample *samples, size_t n,
                                        const struct cm_range *range);

void cm_prometheus_add(struct cm_element *sum, struct cm_element element);
struct cm_element cm_prometheus_ratio(struct cm_element above, struct cm_element below);

/* `buckets` are cumulative, edges->n + 1 of them, the last le = +Inf; NAN as bucket_quantile.h
 * says. No value if the last one has none. */
struct cm_element cm_prometheus_quantile(double q, const struct cm_edges *edges,
                                         const struct cm_element *buckets);

#endif
