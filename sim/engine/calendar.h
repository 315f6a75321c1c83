/* The calendar: what happens next, in a total order.
 *
 * Events are ordered by (time, rank): the rank is the line of events.def. Two events that agree in
 * both are the same to whoever takes them out.
 *
 * It is a sorted list, the next event last. Few events are pending at a time, and most of those
 * that are scheduled are the next to happen: they go to the end, past no more than what happens
 * before them. A heap would move more. */
#ifndef CM_CALENDAR_H
#define CM_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/time.h"

enum cm_event_rank {
#define CM_EVENT(name, what) CM_EVENT_##name,
#include "sim/engine/events.def"
#undef CM_EVENT
    CM_EVENT_RANKS
};

struct cm_event {
    cm_time at;
    enum cm_event_rank rank;
};

struct cm_calendar {
    struct cm_event *list; /* owned; the latest first */
    size_t n, room;
};

/* Room for `room` events without allocating; it grows if more are pending. */
void cm_calendar_init(struct cm_calendar *c, size_t room);
void cm_calendar_release(struct cm_calendar *c);
void cm_calendar_clear(struct cm_calendar *c);
void cm_calendar_grow(struct cm_calendar *c);

static inline bool cm_event_before(const struct cm_event *a, const struct cm_event *b)
{
    return a->at < b->at || (a->at == b->at && a->rank < b->rank);
}

/* CM_NEVER is not scheduled. */
static inline void cm_calendar_push(struct cm_calendar *c, cm_time at, enum cm_event_rank rank)
{
    const struct cm_event event = {at, rank};
    if (at == CM_NEVER)
        return;
    if (c->n == c->room)
        cm_calendar_grow(c);
    size_t i = c->n++;
    for (; i > 0 && cm_event_before(&c->list[i - 1], &event); i--)
        c->list[i] = c->list[i - 1];
    c->list[i] = event;
}
/* The earliest event, taken out; false when nothing is left. */
static inline bool cm_calendar_pop(struct cm_calendar *c, struct cm_event *event)
{
    if (c->n == 0)
        return false;
    *event = c->list[--c->n];
    return true;
}
/* Whether no event comes before the one after it in the list. */
bool cm_calendar_verify(const struct cm_calendar *c);

#endif
