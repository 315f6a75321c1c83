/* Requests on their way, each with the instant at which it is answered: a heap, the next answer
 * first.
 *
 * An entry is one integer, time above mark, so that one comparison orders it; the heap is sifted to
 * a leaf and back up, choosing children without branches, as the calendar is and for its reasons.
 * Requests answered at one instant come out in the order of their marks, which no counter can
 * tell. */
#ifndef CM_PENDING_H
#define CM_PENDING_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/rng.h"
#include "sim/base/time.h"

struct cm_pending {
    cm_u128 *heap; /* owned; room + 1 of them, heap[n] is greater than all */
    size_t n, room;
};

void cm_pending_init(struct cm_pending *p);
void cm_pending_release(struct cm_pending *p); /* idempotent */
void cm_pending_clear(struct cm_pending *p);
void cm_pending_grow(struct cm_pending *p);
/* When the last of them is answered; needs one. */
cm_time cm_pending_last(const struct cm_pending *p);
/* Whether every parent comes before its children. */
bool cm_pending_verify(const struct cm_pending *p);

#define CM_PENDING_SIGN ((uint64_t)1 << 63)

static inline cm_u128 cm_pending_key(cm_time at, size_t mark)
{
    return cm_rng_join((uint64_t)at ^ CM_PENDING_SIGN, mark);
}

static inline cm_time cm_pending_at(cm_u128 key)
{
    return (cm_time)((uint64_t)(key >> 64) ^ CM_PENDING_SIGN);
}

static inline void cm_pending_push(struct cm_pending *p, cm_time at, size_t mark)
{
    if (p->n == p->room)
        cm_pending_grow(p);
    cm_u128 key = cm_pending_key(at, mark);
    size_t i = p->n++;
    p->heap[p->n] = ~(cm_u128)0;
    for (; i > 0 && key < p->heap[(i - 1) / 2]; i = (i - 1) / 2)
        p->heap[i] = p->heap[(i - 1) / 2];
    p->heap[i] = key;
}

/* When the next one is answered; CM_NEVER if none is on its way. */
static inline cm_time cm_pending_next(const struct cm_pending *p)
{
    return cm_pending_at(p->heap[0]);
}

/* Takes the next one out; its mark. */
static inline size_t cm_pending_pop(struct cm_pending *p)
{
    cm_u128 *heap = p->heap;
    size_t mark = (size_t)heap[0], hole = 0, n = --p->n;
    cm_u128 last = heap[n];
    heap[n] = ~(cm_u128)0;
    for (size_t child = 1; child < n; child = 2 * hole + 1) {
        child += heap[child + 1] < heap[child];
        heap[hole] = heap[child];
        hole = child;
    }
    for (; hole > 0 && last < heap[(hole - 1) / 2]; hole = (hole - 1) / 2)
        heap[hole] = heap[(hole - 1) / 2];
    if (n > 0)
        heap[hole] = last;
    return mark;
}

#endif
