/* A binary heap of integer keys (Floyd's bottom-up deletion; Knuth, TAOCP 3, 5.2.3 exercise 18).
 *
 * key = (time + 2^63) : rank : sequence, so that one unsigned comparison is the whole order. */
#include "sim/engine/calendar.h"

#include <assert.h>

#include "sim/base/mem.h"

#define SEQUENCE_BITS 56
#define SIGN          ((uint64_t)1 << 63)

static cm_u128 key_of(cm_time at, enum cm_event_rank rank, uint64_t sequence)
{
    return (cm_u128)((uint64_t)at ^ SIGN) << 64 | (cm_u128)rank << SEQUENCE_BITS | sequence;
}

static struct cm_event event_of(cm_u128 key)
{
    return (struct cm_event){
        .at = (cm_time)((uint64_t)(key >> 64) ^ SIGN),
        .rank = (enum cm_event_rank)((uint64_t)key >> SEQUENCE_BITS),
    };
}

void cm_calendar_init(struct cm_calendar *c, size_t room)
{
    *c = (struct cm_calendar){.room = room};
    c->heap = cm_grow(NULL, room, sizeof *c->heap);
}

void cm_calendar_release(struct cm_calendar *c)
{
    cm_free(c->heap);
    *c = (struct cm_calendar){0};
}

void cm_calendar_clear(struct cm_calendar *c)
{
    c->n = 0;
    c->scheduled = 0;
}

static void sift_up(cm_u128 *heap, size_t i, cm_u128 key)
{
    while (i > 0 && key < heap[(i - 1) / 2]) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = key;
}

void cm_calendar_push(struct cm_calendar *c, cm_time at, enum cm_event_rank rank)
{
    if (at == CM_NEVER)
        return;
    assert(c->scheduled < (uint64_t)1 << SEQUENCE_BITS);
    if (c->n == c->room) {
        c->room = 2 * c->room + 8;
        c->heap = cm_grow(c->heap, c->room, sizeof *c->heap);
    }
    sift_up(c->heap, c->n++, key_of(at, rank, c->scheduled++));
}

bool cm_calendar_pop(struct cm_calendar *c, struct cm_event *event)
{
    if (c->n == 0)
        return false;
    *event = event_of(c->heap[0]);
    size_t n = --c->n, hole = 0;
    for (size_t child = 1; child < n; child = 2 * hole + 1) {
        child += child + 1 < n && c->heap[child + 1] < c->heap[child];
        c->heap[hole] = c->heap[child];
        hole = child;
    }
    if (n > 0)
        sift_up(c->heap, hole, c->heap[n]);
    return true;
}

bool cm_calendar_verify(const struct cm_calendar *c)
{
    for (size_t i = 1; i < c->n; i++)
        if (c->heap[i] < c->heap[(i - 1) / 2])
            return false;
    return true;
}
