/* The calendar: what happens next, in a total order.
 *
 * Events are ordered by (time, rank, sequence): the rank is the line of events.def, the sequence
 * the order of scheduling. The three are one 128-bit integer key, and the heap is sifted to a leaf
 * and back up, choosing children without branches: at the sizes met here (1 to 1000) mispredicted
 * branches, not memory, are the cost. */
#ifndef CM_CALENDAR_H
#define CM_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/rng.h"
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
    cm_u128 *heap; /* owned; keys, the smallest first */
    size_t n, room;
    uint64_t scheduled; /* sequence of the next event; at most 2^56 */
};

/* Room for `room` events without allocating; it grows if more are pending. */
void cm_calendar_init(struct cm_calendar *c, size_t room);
void cm_calendar_release(struct cm_calendar *c);
void cm_calendar_clear(struct cm_calendar *c);

/* CM_NEVER is not scheduled. */
void cm_calendar_push(struct cm_calendar *c, cm_time at, enum cm_event_rank rank);
/* The earliest event, taken out; false when nothing is left. */
bool cm_calendar_pop(struct cm_calendar *c, struct cm_event *event);
/* Whether every parent comes before its children. */
bool cm_calendar_verify(const struct cm_calendar *c);

#endif
