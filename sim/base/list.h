/* Lists that grow in an arena. The list moves when it is full; what it leaves behind stays in the
 * arena, together less than the list itself. */
#ifndef CM_LIST_H
#define CM_LIST_H

#include <stddef.h>
#include <string.h>

#include "sim/base/mem.h"

/* `items` with room for one more after its `n`; the new one is zeroed. Lists are full at 0, 8, 16,
 * 32 and so on, so that nobody has to keep their room. */
static inline void *cm_list_grow(struct cm_arena *arena, void *items, size_t n, size_t size)
{
    if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
        return items;
    void *grown = cm_arena_alloc(arena, (n ? 2 * n : 8) * size);
    if (n)
        memcpy(grown, items, n * size);
    return grown;
}

#endif
