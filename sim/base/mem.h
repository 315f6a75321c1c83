/* Memory. Out of memory ends the program with one line (there is nothing sensible to do), so
 * nobody checks. An arena holds what lives as long as a scenario and is released in one go. */
#ifndef CM_MEM_H
#define CM_MEM_H

#include <stddef.h>

void *cm_alloc(size_t size);                           /* zeroed */
void *cm_grow(void *block, size_t count, size_t size); /* realloc to count * size, not zeroed */
void cm_free(void *block);

struct cm_arena {
    struct cm_arena_chunk *chunks; /* owned */
};
/* Zeroed, aligned for anything. */
void *cm_arena_alloc(struct cm_arena *arena, size_t size);
/* A terminated copy. */
char *cm_arena_text(struct cm_arena *arena, const char *text, size_t length);
void cm_arena_release(struct cm_arena *arena); /* idempotent */

#endif
