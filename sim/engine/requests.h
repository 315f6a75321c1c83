/* The requests flow: every request is drawn, one by one.
 *
 * The second way to play a scenario, for two purposes. It plays what the counts flow cannot, where
 * one request depends on others: latency that grows with the requests in flight. And it is an
 * independent implementation of everything else: both flows share the path of the world and the
 * ledger's running totals, nothing in between, so that their agreement (tests/stat/test_flows.c)
 * tests displacement, thinning, attribution, buckets and windows inside blocks.
 *
 * The number of servers is not limited: nothing queues. */
#ifndef CM_REQUESTS_H
#define CM_REQUESTS_H

#include "sim/engine/batch.h"
#include "sim/engine/journal.h"
#include "sim/engine/labels.h"
#include "sim/engine/pending.h"
#include "sim/engine/terms.h"
#include "sim/engine/visitors.h"

#define CM_REQUESTS_LONGEST_NS                                                                     \
    4e18 /* of a latency: beyond all clocks, and sums do not overflow                              \
          */

struct cm_requests {
    const struct cm_plan *plan;   /* borrowed */
    const struct cm_world *world; /* borrowed */
    struct cm_ledger *ledger;     /* borrowed */
    uint64_t replication, underway_purpose, copy_purpose;
    struct cm_rng copies; /* of a piece: which requests are mirrored, and what becomes of them */
    uint64_t copied;      /* requests, so far */

    struct cm_terms terms;
    struct cm_batch batch;
    struct cm_journal journal;
    cm_time from, until;          /* of the block being drawn */
    uint64_t *of_mark;            /* owned; what it has answered so far */
    struct cm_visitors *visitors; /* owned; NULL: nobody counts users */

    struct cm_pending pending; /* those that are answered after the block or the batch */
    uint64_t in_flight[CM_VERSIONS];
    double load_per_request;           /* each in flight adds so much of the latency; 0 = none */
    uint32_t (*answered)[CM_VERSIONS]; /* owned; under load: between one arrival and the next */
    size_t room_answered;

    struct cm_labels *labels; /* borrowed; NULL: nobody reads labels */
    double *latency_s;        /* owned; of each request of the batch, if there are labels */
    size_t room_latency;

    uint64_t remaining; /* requests of the recorded step that have not arrived */
    cm_time step_until; /* its end */
};

/* The ledger gets this flow's journal. */
void cm_requests_init(struct cm_requests *r, struct cm_world *w, struct cm_ledger *ledger);
void cm_requests_release(struct cm_requests *r);
void cm_requests_begin(struct cm_requests *r, uint64_t replication);

/* Draws the next block, up to `until`, into the ledger and `account`. Arrivals end where the
 * world's pieces end. */
void cm_requests_draw(struct cm_requests *r, cm_time until, struct cm_harm *account);
/* When the last of those on their way is answered; `now`, the end of the last block, if none is. */
cm_time cm_requests_drained(const struct cm_requests *r, cm_time now);

/* One more is on its way, answered at `at`. */
void cm_requests_wait(struct cm_requests *r, cm_time at, size_t mark, size_t version);
/* What was in flight when the history began: underway.c. */
void cm_requests_underway(struct cm_requests *r, const struct cm_piece *piece);

#endif
