/* The greatest word closes the heap, so that a last child always has a sibling to be compared with,
 * and the next answer of an empty heap comes after everything. */
#include "sim/engine/pending.h"

#include <assert.h>

#include "sim/base/mem.h"

void cm_pending_init(struct cm_pending *p)
{
    *p = (struct cm_pending){0};
    cm_pending_grow(p);
    cm_pending_clear(p);
}

void cm_pending_release(struct cm_pending *p)
{
    cm_free(p->heap);
    cm_free(p->far);
    *p = (struct cm_pending){0};
}

void cm_pending_clear(struct cm_pending *p)
{
    p->n = p->n_far = 0;
    p->heap[0] = UINT64_MAX;
}

void cm_pending_grow(struct cm_pending *p)
{
    p->room = 2 * p->room + 64;
    p->heap = cm_grow(p->heap, p->room + 1, sizeof *p->heap);
}

void cm_pending_push_far(struct cm_pending *p, cm_time since, size_t mark)
{
    if (p->n_far == p->room_far) {
        p->room_far = 2 * p->room_far + 16;
        p->far = cm_grow(p->far, p->room_far, sizeof *p->far);
    }
    p->far[p->n_far++] = (struct cm_far){.since = since, .mark = mark};
}

void cm_pending_shift(struct cm_pending *p, cm_time length)
{
    assert(p->n == 0 || p->heap[0] >= cm_entry_after(length));
    for (size_t i = 0; i < p->n; i++)
        p->heap[i] -= cm_entry(length, 0);
    size_t n = p->n_far;
    p->n_far = 0;
    /* Those that are still far go back to where they were read from, or before it. */
    for (size_t i = 0; i < n; i++)
        cm_pending_push(p, p->far[i].since - length, p->far[i].mark);
}

cm_time cm_pending_last(const struct cm_pending *p)
{
    cm_time last = 0;
    for (size_t i = p->n / 2; i < p->n; i++) {
        cm_time since = cm_entry_since(p->heap[i]);
        last = since > last ? since : last;
    }
    for (size_t i = 0; i < p->n_far; i++)
        last = p->far[i].since > last ? p->far[i].since : last;
    return last;
}

bool cm_pending_verify(const struct cm_pending *p)
{
    for (size_t i = 1; i < p->n; i++)
        if (p->heap[i] < p->heap[(i - 1) / 2])
            return false;
    return p->heap[p->n] == UINT64_MAX;
}
