/* One worker's memory: the world, the flow, the gates' and the controller's state. */
#ifndef CM_ROLLOUT_H
#define CM_ROLLOUT_H

#include "sim/engine/calendar.h"
#include "sim/engine/counted.h"
#include "sim/engine/counterparts.h"
#include "sim/engine/flow.h"
#include "sim/engine/gauges.h"
#include "sim/engine/labels.h"
#include "sim/engine/query.h"
#include "sim/engine/points.h"

struct cm_rollout;

/* A window up to now: metrics over the same one share what is counted in it. */
struct cm_window {
    cm_time length;
    int class;  /* -1 = all */
    cm_time at; /* when it was counted; CM_NEVER = not yet */
    struct cm_counted counted;
};

/* A metric at work (metrics.h). */
struct cm_metric_at_work {
    const struct cm_metric *metric; /* borrowed */
    struct cm_window *window;       /* if it counts requests where they are answered */
    void (*read)(struct cm_rollout *r, const struct cm_metric_at_work *m, struct cm_signal *signal);
    cm_time at;                     /* of the last answer; CM_NEVER = none yet */
    const struct cm_signal *answer; /* of the gate that asked first */
};

/* A gate at work. */
struct cm_watch {
    const struct cm_named_gate *gate; /* borrowed */
    void *state, *started;            /* owned; now, and before the first look */
    size_t state_size;
    bool wants_strata, wants_window, wants_buckets;
    cm_time history;           /* of stable, that it is shown at the start */
    struct cm_signal *signals; /* owned; at its last look, one a metric; versions that there are
                                  not stay without data */
    struct cm_look look;       /* the last one */
    /* Those to ask for its verdict, in order of their levels: all that it is made of, and itself.
     */
    struct cm_watch *asks[CM_WATCHED_MAX];
    size_t n_asks;
    const struct cm_verdict *parts[8]; /* that it combines, gate->n_parts of them */
    cm_time asked_at;                  /* CM_NEVER = never */
    struct cm_verdict verdict;         /* of that look */
    cm_time mark;                      /* the last stratum ends here */
    uint64_t *mark_cells;              /* owned; the counters then */
    struct cm_stratum *strata;         /* owned; pending, strata_room for each metric */
    size_t n_strata, strata_room;
    uint64_t *mark_buckets; /* owned; the buckets at the mark, where they are scraped */
    uint64_t *buckets;      /* owned; of pending strata: stratum x metric x version x bucket */
    struct cm_points points;
};

struct cm_rollout {
    struct cm_plan plan;
    const struct cm_named_policy *policy; /* borrowed */
    int available[CM_VERSIONS];           /* pods, as last told */
    const struct cm_observer *observer;   /* borrowed; NULL = nobody is told */
    uint64_t escape_purpose, query_purpose;
    bool fallible; /* queries may fail */
    struct cm_flow flow;
    struct cm_scrapes scrapes; /* of the flow's ledger, where the monitor scrapes */
    struct cm_labels labels;   /* of KPIs */
    struct cm_gauges gauges;
    struct cm_calendar calendar;
    struct cm_counterparts counterparts;
    cm_time next_wake;        /* of the controller; one that was called off stays in the calendar */
    struct cm_watch *watches; /* owned; of the policy's gates and of their parts, in its order */
    struct cm_metric_at_work *metrics; /* owned; of all */
    struct cm_window *windows;         /* owned; of all metrics */
    size_t n_windows;
    void *controller_state;  /* owned */
    struct cm_desk desk;     /* where it sits, */
    struct cm_answer answer; /* and what it was told last */
    struct cm_verdict said;  /* by a hook or a person */
    uint64_t *cells;         /* owned; scratch, two readings of all counters */
    uint64_t *seen_buckets;  /* owned; scratch: version x class x bucket */

    uint64_t replication;
    cm_time began; /* the release under study: 0, or when a revision took its place */
    cm_time now, step_since, share_since; /* share_since: of canary_share */
    double share[CM_ARMS];                /* of the versions */
    double canary_share;
    bool retired; /* the baseline: the canary has had more than half of the traffic */
    int step;
    bool decided, paused, over;
    bool onset_told;    /* to the observer */
    cm_time pods_at;    /* their next change in the calendar */
    cm_time next_point; /* of a series, */
    cm_time series_at;  /* and in the calendar */
    cm_time last_look;
    int objector; /* gate that speaks against the release at the last look; -1 */
    struct cm_outcome outcome;
};

/* A new replication: everything as it was before the release. */
void cm_rollout_begin(struct cm_rollout *r, uint64_t replication);

/* What the controller sees and does: desk.c. */
struct cm_desk cm_desk_of(struct cm_rollout *r);
/* Readies the gates for a new replication; time 0, before the first order. */
void cm_desk_begin(struct cm_rollout *r);
/* The gates are as they were then: another release begins. */
void cm_desk_restart(struct cm_rollout *r);
/* Sends this share to the canary from now on; strata end here. */
void cm_desk_route(struct cm_rollout *r, double canary_share);
/* The points of series that are due at r->now. */
void cm_desk_series(struct cm_rollout *r);
/* Pods have come or gone: strata end here if that moves the traffic. */
void cm_desk_pods(struct cm_rollout *r);

/* The rollout is decided at r->now, or begins anew with the next revision: replicate.c. */
void cm_rollout_decide(struct cm_rollout *r, enum cm_end end);
void cm_rollout_restart(struct cm_rollout *r);

#endif
