/* Metrics at work: what the query of each returns at the instant that a rollout has reached.
 *
 * A query counts answers in its window, finds a quantile of their latency, or takes the mean of
 * labels or samples; a monitor that scrapes knows counters and buckets by its scrapes alone
 * (query.h). Gates that share a metric share its answer. */
#ifndef CM_METRICS_H
#define CM_METRICS_H

#include "sim/engine/rollout.h"

/* How each metric is read, once for all replications; and a new replication. */
void cm_metrics_init(struct cm_rollout *r);
void cm_metrics_begin(struct cm_rollout *r);

/* Whether the monitor does not answer the query of a metric at r->now. */
bool cm_metrics_fail(const struct cm_rollout *r, int id);
/* Value, state and counts of every version at r->now, into a signal that stays where it is until
 * then. Whoever asks first has the answer, others a copy. */
void cm_metrics_show(struct cm_rollout *r, int id, struct cm_signal *signal);
/* The same, as if the monitor always answered and nobody else asked. */
void cm_metrics_read(struct cm_rollout *r, int id, struct cm_signal *signal);
/* Nothing to show of any version. */
void cm_metrics_clear(const struct cm_rollout *r, struct cm_signal *signal, enum cm_label state);

#endif
