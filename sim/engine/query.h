/* Queries: what a metric shows of what has been scraped.
 *
 * Each series is read by its own (sim/telemetry/prometheus.h), then summed over the pods and
 * classes of a version: sum(rate(errors[w])) / sum(rate(requests[w])), and the like. */
#ifndef CM_QUERY_H
#define CM_QUERY_H

#include "sim/engine/scrapes.h"
#include "sim/gates/gate.h"

/* At `now`, up to which everything has been scraped: value, state and counts of every version.
 * Requests and errors behind the value are the rises of the counters between the samples used, not
 * extrapolated. */
void cm_query(struct cm_scrapes *s, const struct cm_metric *metric, cm_time now,
              struct cm_signal *signal);

#endif
