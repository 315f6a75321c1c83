/* The flow: traffic becomes counters.
 *
 * One verb, advance: everything that is answered up to an instant is drawn, written to the ledger,
 * and what of it is harm is added to the account that is open. There are two flows. In the counts
 * flow a block is drawn as the arrivals allow: intensities give independent Poisson cells
 * (counts.c), recorded counts multinomial ones (recorded.c). In the requests flow every request is
 * drawn (requests.h). Which one plays a scenario is said in sim/scenario/flow_kind.h. */
#ifndef CM_FLOW_H
#define CM_FLOW_H

#include "sim/base/draw.h"
#include "sim/engine/drawing.h"
#include "sim/engine/ledger.h"
#include "sim/engine/means.h"
#include "sim/engine/requests.h"
#include "sim/engine/visits.h"

/* Requests on their way: recorded arrivals that are not answered yet (recorded.c). */
struct cm_in_flight {
    cm_time from, until; /* they arrived uniformly within */
    uint64_t count;
    size_t version, class, outcome, part;
    size_t route;             /* as users are counted by (visits.h) */
    struct cm_meets meets;    /* on arrival */
    double blame, slow_blame; /* the defect's share of the failures; of the slow answers, in the
                                 window being drawn */
};

/* Answers that can be harm, and their means. */
struct cm_exposed {
    double mean[CM_OUTCOMES][CM_TEMPI];
    uint64_t count[CM_OUTCOMES][CM_TEMPI];
};

struct cm_flow {
    const struct cm_plan *plan; /* borrowed */
    struct cm_world world;
    struct cm_ledger ledger;
    uint64_t replication;
    cm_time begins;          /* the first block of the counts flow */
    struct cm_harm *account; /* borrowed; where harm is added */

    struct cm_requests *requests; /* owned; NULL: the counts flow, whose members follow */

    /* counts.c */
    uint64_t counts_purpose, cell_purpose[CM_VERSIONS][CM_CLASSES_MAX];
    struct cm_rng root; /* of the replication's counts: each block and row has a branch of it */
    struct cm_drawing drawing;
    struct cm_means means;
    cm_time steady_since, steady_length; /* the means hold for blocks so long in the piece that
                                            began then; CM_NEVER: for one block only */
    uint64_t settled[CM_COUNTERS_MAX];   /* counters when harm was last drawn */
    cm_time settled_at;

    /* recorded.c */
    uint64_t arrival_purpose, answer_purpose;
    uint64_t remaining;             /* requests of the recorded step still to arrive */
    cm_time step_until;             /* its end */
    struct cm_in_flight *in_flight; /* owned */
    size_t n_in_flight, room_in_flight;
    uint64_t *buckets; /* owned: of the block being drawn; version x class x bucket */

    uint64_t harm_purpose;
    struct cm_visits visits;       /* of users, where they are counted without being drawn */
    uint64_t counts[CM_CELLS_MAX]; /* of the block being drawn */
};

void cm_flow_init(struct cm_flow *flow, const struct cm_plan *plan);
void cm_flow_release(struct cm_flow *flow);

/* A new replication: the history up to time 0 is drawn. */
void cm_flow_begin(struct cm_flow *flow, uint64_t replication, struct cm_harm *account);

/* Adds what harm has been done by now; before it the account may lag behind. */
void cm_flow_settle(struct cm_flow *flow);

/* Draws what is answered up to `until`. */
void cm_flow_advance(struct cm_flow *flow, cm_time until);

/* Draws what is still in flight, without new arrivals; nothing can be advanced after it. */
void cm_flow_drain(struct cm_flow *flow);

/* The release is beyond its rollout: harm is added to this account from now on. */
void cm_flow_escape(struct cm_flow *flow, struct cm_harm *account);
/* What is told of users at the end of a replication. */
void cm_flow_count_users(struct cm_flow *flow, cm_time now, struct cm_outcome *outcome);

/* How a block (from, until] is drawn into the ledger or flow->counts, and flow->account.
 * Arrivals end where the world's pieces end. */
void cm_counts_draw(struct cm_flow *flow, cm_time from, cm_time until);
void cm_counts_begin(struct cm_flow *flow);
void cm_counts_settle(struct cm_flow *flow);
void cm_recorded_draw(struct cm_flow *flow, cm_time from, cm_time until);

#endif
