/* What a gate is shown of the counters: strata.
 *
 * A stratum ends at every look of its gate and at every change of the route, so that none mixes two
 * shares. Where the monitor scrapes, it ends with the last sample that is visible then. Gates that
 * need buckets get those of each stratum; the ledger keeps its blocks until they are read. */
#ifndef CM_WATCH_H
#define CM_WATCH_H

#include "sim/engine/rollout.h"

/* The i-th metric that the gate reads. */
const struct cm_metric *cm_watch_metric(const struct cm_rollout *r, const struct cm_watch *watch,
                                        size_t i);

/* The arm that the canary is compared with. */
static inline enum cm_arm cm_rollout_control(const struct cm_rollout *r)
{
    return r->retired ? r->policy->control_after : r->policy->control;
}

/* All counters at r->now, as the monitor knows them. */
void cm_rollout_counters(const struct cm_rollout *r, uint64_t *cells);
/* Answers of one outcome between two readings, from a cell of it on. */
static inline uint64_t cm_gained(const uint64_t *from, const uint64_t *until, size_t cell)
{
    return until[cell + CM_IN_TIME] - from[cell + CM_IN_TIME] + until[cell + CM_SLOW] -
           from[cell + CM_SLOW];
}

/* Requests and errors of every version in a class (-1 = all) between two readings. */
static inline void cm_count(const struct cm_rollout *r, const uint64_t *from, const uint64_t *until,
                            int class, uint64_t *n, uint64_t *x)
{
    const size_t classes = r->flow.ledger.n_classes, versions = r->flow.world.n_versions;
    const size_t first = class < 0 ? 0 : (size_t) class, last = class < 0 ? classes - 1 : first;
    for (size_t v = 0; v < versions; v++) {
        size_t row = cm_cell(classes, v, first, 0, 0), end = cm_cell(classes, v, last, 0, 0);
        uint64_t ok = 0, errors = 0;
        for (; row <= end; row += CM_ROW_CELLS) {
            ok += cm_gained(from, until, row + CM_OK * CM_TEMPI);
            errors += cm_gained(from, until, row + CM_ERROR_ANSWER * CM_TEMPI);
        }
        x[v] = errors;
        n[v] = ok + errors;
    }
}

/* The next stratum begins at `at`. */
void cm_watch_mark(struct cm_rollout *r, struct cm_watch *watch, cm_time at);
/* A stratum of what stable did before the release, if the gate wants one. */
void cm_watch_history(struct cm_rollout *r, struct cm_watch *watch);
/* Ends the gate's current stratum here, if anything of it has passed. */
void cm_watch_cut(struct cm_rollout *r, struct cm_watch *watch);
/* Shows the gate so many of the pending strata, and their buckets where they are now. */
void cm_watch_show(const struct cm_rollout *r, struct cm_watch *watch, size_t n);
/* The ledger keeps what no gate has read yet; scrapes keep their own. */
void cm_watch_hold(struct cm_rollout *r);

#endif
