/* Room for events; the order is kept in the header. */
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

void cm_calendar_grow(struct cm_calendar *c)
{
    c->room = 2 * c->room + 8;
    c->list = cm_grow(c->list, c->room, sizeof *c->list);
}

bool cm_calendar_verify(const struct cm_calendar *c)
{
    for (size_t i = 1; i < c->n; i++)
        if (cm_event_before(&c->list[i - 1], &c->list[i]))
            return false;
    return true;
}
