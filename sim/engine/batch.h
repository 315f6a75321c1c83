/* A batch: a few hundred requests that arrive close to each other, drawn step by step.
 *
 * Each step is one loop over the batch with its stream in registers: when they arrive, of which
 * class and part of the class's latency mixture they are, how long such a one takes. None of it
 * depends on the route, so policies that look at the same instants meet the same requests, wherever
 * they send them. */
#ifndef CM_BATCH_H
#define CM_BATCH_H

#include "sim/base/draw.h"
#include "sim/engine/world.h"

#define CM_BATCH_KINDS (CM_CLASSES_MAX * CM_LAW_PARTS)

/* A kind of request: one class, one part of its latency law. */
struct cm_batch_kind {
    double share; /* of all requests */
    size_t class;
    const struct cm_law_kind *law; /* borrowed */
    const void *options;           /* borrowed */
};

/* One stream for each step, so that none shifts another; the last is the caller's. */
enum cm_batch_step { CM_ARRIVE, CM_CHOOSE, CM_TAKE, CM_SLOW_DOWN, CM_BATCH_STEPS };

#define CM_BATCH_STACKS_MAX 1024

struct cm_batch {
    struct cm_batch_kind kinds[CM_BATCH_KINDS];
    size_t n_kinds;
    uint64_t cells[CM_BATCH_KINDS];
    struct cm_alias choose; /* over cells */
    uint64_t purpose[CM_BATCH_STEPS];
    struct cm_rng stream[CM_BATCH_STEPS];

    cm_time from, until;
    size_t n, room;
    /* Of each request; owned, room for one more than n. */
    cm_time *at;   /* when it arrives; in order, CM_NEVER after the last */
    double *u;     /* uniform: decides about version and outcome */
    double *law_s; /* latency by the law of its class, s */
    uint8_t *kind; /* index into kinds */
    /* Scratch; owned. */
    uint64_t *words, *in_order;
    double *by_kind;

    /* Of a batch in order: the requests of stack i, those with the same first bits of their word,
     * begin with stack_begin[i]. */
    uint16_t stack_begin[CM_BATCH_STACKS_MAX];
    int stack_shift;       /* the other bits */
    uint64_t words_per_ns; /* rounded down */
};

void cm_batch_init(struct cm_batch *b, const struct cm_world *w);
void cm_batch_release(struct cm_batch *b);

/* Names the streams of what arrives within (from, until]. */
void cm_batch_streams(struct cm_batch *b, uint64_t seed, uint64_t replication, cm_time from,
                      cm_time until);
/* Draws n requests that arrive in (from, until]; in the order of arrival if `in_order`, which fewer
 * than 2^16 can be. */
void cm_batch_draw(struct cm_batch *b, size_t n, cm_time from, cm_time until, bool in_order);

static inline size_t cm_batch_stack(const struct cm_batch *b, uint64_t word)
{
    return word >> b->stack_shift;
}

/* The first request of a batch in order that arrives at `at`, which is within (from, until], or
 * later; n if there is none. Rounding may begin with a stack before it, never beyond. */
static inline size_t cm_batch_first(const struct cm_batch *b, cm_time at)
{
    size_t i = b->stack_begin[cm_batch_stack(b, (uint64_t)(at - b->from - 1) * b->words_per_ns)];
    while (b->at[i] < at)
        i++;
    return i;
}

#endif
