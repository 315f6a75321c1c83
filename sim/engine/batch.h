/* A batch: a few hundred requests that arrive close to each other, drawn step by step.
 *
 * Each step is one loop over the batch with its stream in registers: when they arrive, of which
 * class and part of the class's latency mixture they are, how long such a one takes, and the number
 * that decides about version and outcome. None of it depends on the route, so policies that look at
 * the same instants meet the same requests wherever they send them. */
#ifndef CM_BATCH_H
#define CM_BATCH_H

#include "sim/base/draw.h"
#include "sim/engine/world.h"

#define CM_BATCH_MEAN                                                                              \
    256 /* requests: what fits into the nearest cache with everything beside it                    \
         */
#define CM_BATCH_KINDS (CM_CLASSES_MAX * CM_LAW_PARTS)

/* A kind of request: one class, one part of its latency law. */
struct cm_batch_kind {
    double share; /* of all requests */
    size_t class;
    const struct cm_law_kind *law; /* borrowed */
    const void *options;           /* borrowed */
};

/* One stream for each step, so that none shifts another. */
enum cm_batch_step { CM_ARRIVE, CM_CHOOSE, CM_TAKE, CM_DECIDE, CM_SLOW_DOWN, CM_BATCH_STEPS };

struct cm_batch {
    struct cm_batch_kind kinds[CM_BATCH_KINDS];
    size_t n_kinds;
    uint64_t cells[CM_BATCH_KINDS];
    struct cm_alias choose; /* over cells */
    uint64_t purpose[CM_BATCH_STEPS];
    struct cm_rng stream[CM_BATCH_STEPS];

    /* Of the requests of the batch; owned. */
    size_t n, room;
    cm_time *at;
    double *law_s; /* latency by the law of the class, s */
    double *u;     /* decides about version and outcome */
    uint8_t *kind;
    double *sorted; /* scratch */
};

void cm_batch_init(struct cm_batch *b, const struct cm_world *w);
void cm_batch_release(struct cm_batch *b);

/* Names the streams of what arrives within (from, until]. */
void cm_batch_streams(struct cm_batch *b, uint64_t seed, uint64_t replication, cm_time from,
                      cm_time until);
/* Draws n requests that arrive in (from, until]; in the order of arrival if `in_order`. */
void cm_batch_draw(struct cm_batch *b, size_t n, cm_time from, cm_time until, bool in_order);

#endif
