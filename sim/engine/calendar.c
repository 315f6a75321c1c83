/* A sorted list, the next event last.
 *
 * Few events are pending at a time, and most of those that are scheduled are the next to happen:
 * they go to the end, past no more than what happens before them. A heap would move more. */
#include "sim/engine/calendar.h"

#include "sim/base/mem.h"

void cm_calendar_init(struct cm_calendar *c, size_t room)
{
    *c = (struct cm_calendar){.room = room};
    c->list = cm_grow(NULL, room, sizeof *c->list);
}

void cm_calendar_release(struct cm_calendar *c)
{
    cm_free(c->list);
    *c = (struct cm_calendar){0};
}

void cm_calendar_clear(struct cm_calendar *c)
{
    c->n = 0;
}

static bool comes_before(const struct cm_event *a, const struct cm_event *b)
{
    return a->at < b->at || (a->at == b->at && a->rank < b->rank);
}

void cm_calendar_push(struct cm_calendar *c, cm_time at, enum cm_event_rank rank)
{
    const struct cm_event event = {at, rank};
    if (at == CM_NEVER)
        return;
    if (c->n == c->room) {
        c->room = 2 * c->room + 8;
        c->list = cm_grow(c->list, c->room, sizeof *c->list);
    }
    size_t i = c->n++;
    for (; i > 0 && comes_before(&c->list[i - 1], &event); i--)
        c->list[i] = c->list[i - 1];
    c->list[i] = event;
}

bool cm_calendar_verify(const struct cm_calendar *c)
{
    for (size_t i = 1; i < c->n; i++)
        if (comes_before(&c->list[i - 1], &c->list[i]))
            return false;
    return true;
}
