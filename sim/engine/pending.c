/* Instants share the bits above the first that differs, and of two that differ in it the later one
 * has it set. So with `passed` < a, both as numbers:
 *
 *     a in a nearer list than b  =>  a < b,
 *
 * and the sign, which is the other way round, orders the last list just as well. */
#include "sim/engine/pending.h"

#include <assert.h>

#include "sim/base/mem.h"

void cm_on_way_reserve(struct cm_on_way_list *list, size_t n)
{
    if (n <= list->room)
        return;
    list->room = 2 * n + 16;
    list->entry = cm_grow(list->entry, list->room, sizeof *list->entry);
}

void cm_pending_release(struct cm_pending *p)
{
    for (size_t k = 0; k < CM_PENDING_LISTS; k++)
        cm_free(p->list[k].entry);
    cm_free(p->taken.entry);
    *p = (struct cm_pending){0};
}

void cm_pending_clear(struct cm_pending *p)
{
    for (size_t k = 0; k < CM_PENDING_LISTS; k++)
        p->list[k].n = 0;
    p->taken.n = p->n = 0;
    p->passed = INT64_MIN;
}

static void take_whole(struct cm_on_way_list *taken, struct cm_on_way_list *list)
{
    if (list->n > 0)
        memcpy(taken->entry + taken->n, list->entry, list->n * sizeof *list->entry);
    taken->n += list->n;
    list->n = 0;
}

/* `passed` is already where time passed to. Those that stay in this list, which is the nearest one
 * then, are written where they were read from, or before it. */
static void go_through(struct cm_pending *p, struct cm_on_way_list *list)
{
    size_t n = list->n;
    list->n = 0;
    for (size_t i = 0; i < n; i++) {
        struct cm_on_way entry = list->entry[i];
        if (entry.at <= p->passed)
            p->taken.entry[p->taken.n++] = entry;
        else
            cm_on_way_add(&p->list[cm_pending_list(p, entry.at)], entry);
    }
}

void cm_pending_take(struct cm_pending *p, cm_time until)
{
    assert(until >= p->passed);
    size_t last = cm_pending_list(p, until);
    p->passed = until;
    p->taken.n = 0;
    cm_on_way_reserve(&p->taken, p->n);
    for (size_t k = 0; k < last; k++)
        take_whole(&p->taken, &p->list[k]);
    go_through(p, &p->list[last]);
    p->n -= p->taken.n;
}

cm_time cm_pending_last(const struct cm_pending *p, cm_time now)
{
    cm_time last = now;
    for (size_t k = 0; k < CM_PENDING_LISTS; k++)
        for (size_t i = 0; i < p->list[k].n; i++)
            last = p->list[k].entry[i].at > last ? p->list[k].entry[i].at : last;
    return last;
}

bool cm_pending_verify(const struct cm_pending *p)
{
    size_t n = 0;
    for (size_t k = 0; k < CM_PENDING_LISTS; n += p->list[k++].n)
        for (size_t i = 0; i < p->list[k].n; i++) {
            cm_time at = p->list[k].entry[i].at;
            if (at <= p->passed || cm_pending_list(p, at) != k)
                return false;
        }
    return n == p->n;
}
