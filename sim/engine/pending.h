/* Requests on their way, each with the instant at which it is answered: a heap, the next answer
 * first.
 *
 * An entry is one word: nanoseconds since the beginning of the current block above the mark. One
 * comparison orders it, and the heap is sifted to a leaf and back up, choosing children without
 * branches, as the calendar is and for its reasons. When a block ends all entries move by its
 * length, which keeps their order. What is answered too late for a word (39 hours) stands aside
 * until it is near. Requests answered at one instant come out in the order of their marks, which no
 * counter can tell. */
#ifndef CM_PENDING_H
#define CM_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/time.h"

#define CM_ENTRY_MARK_BITS 16
/* How far an entry reaches, and so the longest block: 2^47 ns, 39 hours. */
#define CM_ENTRY_SPAN ((cm_time)1 << 47)

/* An answer `since` the beginning of its block, 0 to CM_ENTRY_SPAN. */
static inline uint64_t cm_entry(cm_time since, size_t mark)
{
    return (uint64_t)since << CM_ENTRY_MARK_BITS | mark;
}

static inline cm_time cm_entry_since(uint64_t entry)
{
    return (cm_time)(entry >> CM_ENTRY_MARK_BITS);
}

static inline size_t cm_entry_mark(uint64_t entry)
{
    return entry & (((uint64_t)1 << CM_ENTRY_MARK_BITS) - 1);
}

/* Below this are the answers up to `since`. */
static inline uint64_t cm_entry_after(cm_time since)
{
    return cm_entry(since + 1, 0);
}

struct cm_far {
    cm_time since; /* the beginning of the block */
    size_t mark;
};

struct cm_pending {
    uint64_t *heap; /* owned; room + 1 of them, heap[n] is greater than all */
    size_t n, room;
    struct cm_far *far; /* owned; in no order */
    size_t n_far, room_far;
};

void cm_pending_init(struct cm_pending *p);
void cm_pending_release(struct cm_pending *p); /* idempotent */
void cm_pending_clear(struct cm_pending *p);
/* The block has ended after `length`, and another begins. Nothing answered in it may be left. */
void cm_pending_shift(struct cm_pending *p, cm_time length);
/* When the last of them is answered, from the beginning of the block; 0 if there is none. */
cm_time cm_pending_last(const struct cm_pending *p);
/* Whether every parent comes before its children. */
bool cm_pending_verify(const struct cm_pending *p);

void cm_pending_grow(struct cm_pending *p);
void cm_pending_push_far(struct cm_pending *p, cm_time since, size_t mark);

static inline void cm_pending_push(struct cm_pending *p, cm_time since, size_t mark)
{
    if (since > CM_ENTRY_SPAN) {
        cm_pending_push_far(p, since, mark);
        return;
    }
    if (p->n == p->room)
        cm_pending_grow(p);
    uint64_t *heap = p->heap, entry = cm_entry(since, mark);
    size_t i = p->n++;
    heap[p->n] = UINT64_MAX;
    for (; i > 0 && entry < heap[(i - 1) / 2]; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = entry;
}

/* The next one to be answered; UINT64_MAX if none is on its way. */
static inline uint64_t cm_pending_next(const struct cm_pending *p)
{
    return p->heap[0];
}

/* Takes the next one out; there has to be one. */
static inline void cm_pending_pop(struct cm_pending *p)
{
    uint64_t *heap = p->heap;
    size_t hole = 0, n = --p->n;
    uint64_t last = heap[n];
    heap[n] = UINT64_MAX;
    for (size_t child = 1; child < n; child = 2 * hole + 1) {
        child += heap[child + 1] < heap[child];
        heap[hole] = heap[child];
        hole = child;
    }
    for (; hole > 0 && last < heap[(hole - 1) / 2]; hole = (hole - 1) / 2)
        heap[hole] = heap[(hole - 1) / 2];
    heap[hole] = n > 0 ? last : UINT64_MAX;
}

#endif
