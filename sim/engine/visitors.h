/* Visitors: each user of the requests flow, what came of their requests, and who has a cookie.
 *
 * A request's user is drawn by activity, then its version by the user: by the place of the user
 * (hash), by the cookie (ratchet), by chance otherwise. It is told to whoever answers through the
 * u of the request (terms.h), which is put into the arm of that version and stays uniform there.
 * So whether it fails does not depend on the user. What befell a user counts when it is answered.
 *
 * For a cookie requests are taken in the order of their arrival. */
#ifndef CM_VISITORS_H
#define CM_VISITORS_H

#include "sim/engine/batch.h"
#include "sim/engine/mark.h"
#include "sim/engine/visits.h"

/* A request that was answered after its block. */
struct cm_late_visit {
    cm_time at;
    uint32_t user;
    uint8_t came; /* as in `flags`, of the rollout */
};

struct cm_visitors {
    const struct cm_world *world; /* borrowed */
    struct cm_crowd *crowd;       /* borrowed; it is told the true share */
    enum cm_phase phase;
    uint64_t purpose;
    struct cm_rng rng;
    struct cm_alias *alias; /* owned; of each group, unless users are alike, over */
    uint64_t *cells;        /* owned */
    uint8_t *flags;         /* owned; what came to each user, in each phase, and the cookie */
    uint8_t *of_mark;       /* owned; what comes of an answer with this mark */
    double *with_cookie;    /* owned; of each group, the share of the activity */
    uint32_t *user;         /* owned; of each request of the batch */
    size_t room;
    struct cm_late_visit *late; /* owned */
    size_t n_late, room_late;
};

/* NULL where nobody counts users. */
struct cm_visitors *cm_visitors_new(struct cm_world *w, const struct cm_marks *marks);
void cm_visitors_free(struct cm_visitors *v);
void cm_visitors_begin(struct cm_visitors *v); /* the world has begun */
bool cm_visitors_in_order(const struct cm_visitors *v);

/* Names the stream of what arrives within (from, until]. */
void cm_visitors_stream(struct cm_visitors *v, cm_time from, cm_time until);
/* Who sends the requests of a batch, and to which version. */
void cm_visitors_choose(struct cm_visitors *v, struct cm_batch *b, const struct cm_piece *piece);
void cm_visitors_answer_late(struct cm_visitors *v, size_t request, uint8_t came, cm_time at);
/* The block has ended. */
void cm_visitors_settle(struct cm_visitors *v, cm_time until);
void cm_visitors_count(const struct cm_visitors *v, struct cm_outcome *outcome);

/* Request i of the batch is answered at `at`, in the block that ends at `until` or later. */
static inline void cm_visitors_answer(struct cm_visitors *v, size_t i, size_t mark,
                                      const cm_time at[2])
{
    uint8_t came = v->of_mark[mark];
    if (came == 0)
        return;
    if (at[0] <= at[1])
        v->flags[v->user[i]] |= (uint8_t)(came << (2 * v->phase));
    else
        cm_visitors_answer_late(v, i, came, at[0]);
}

#endif
