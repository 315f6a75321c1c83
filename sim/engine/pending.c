/* The greatest key closes the heap, so that a last child always has a sibling to be compared with,
 * and an empty heap's next answer comes never: ~0 is CM_NEVER. */
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
    *p = (struct cm_pending){0};
}

void cm_pending_clear(struct cm_pending *p)
{
    p->n = 0;
    p->heap[0] = ~(cm_u128)0;
}

void cm_pending_grow(struct cm_pending *p)
{
    p->room = 2 * p->room + 64;
    p->heap = cm_grow(p->heap, p->room + 1, sizeof *p->heap);
}

cm_time cm_pending_last(const struct cm_pending *p)
{
    cm_u128 last = 0;
    assert(p->n > 0);
    for (size_t i = p->n / 2; i < p->n; i++)
        last = p->heap[i] > last ? p->heap[i] : last;
    return cm_pending_at(last);
}

bool cm_pending_verify(const struct cm_pending *p)
{
    for (size_t i = 1; i < p->n; i++)
        if (p->heap[i] < p->heap[(i - 1) / 2])
            return false;
    return p->heap[p->n] == ~(cm_u128)0;
}
