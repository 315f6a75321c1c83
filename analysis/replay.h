/* Replay: a policy against the recorded history of a past release.
 *
 * The controller and its gates are those of every simulation; only the desk is another one, which
 * answers from the table. What the policy orders moves nothing: the traffic is what it was then. So
 * a replay tells how the policy would have read that release, up to its decision; had it sent
 * another share of the traffic, it would have seen more or less of it. Hooks succeed, people
 * approve at once, pods are available and no newer revision comes. */
#ifndef CM_REPLAY_H
#define CM_REPLAY_H

#include "analysis/history.h"
#include "analysis/trace.h"

/* Whether the history holds what the policy's gates read; else -1 with what is missing. */
int cm_replay_check(const struct cm_scenario *s, int policy, const struct cm_history *history,
                    struct cm_err *err);

/* Plays it into `t`, as cm_trace_record does. The history has to outlive the trace. */
void cm_replay_record(struct cm_trace *t, const struct cm_scenario *s, int policy,
                      const struct cm_history *history);

#endif
