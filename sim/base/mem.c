/* Memory that does not fail, and arenas.
 *
 * An arena is a list of chunks; the newest is filled from its front. A request that does not fit
 * gets a chunk of its own size at least, so nothing is ever moved and pointers stay valid until
 * the release. What is left over in an older chunk is not used again: scenarios are small.
 *
 * Chunks come zeroed from calloc and are handed out once, which is what makes blocks zeroed. */
#include "sim/base/mem.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cm_arena_chunk {
    struct cm_arena_chunk *older;
    size_t used, room;
    max_align_t data[];
};
enum { CHUNK = 16 * 1024 };

/* The one place where the core speaks by itself: there is nobody left to hand a message to. */
static _Noreturn void out_of_memory(void)
{
    static const char line[] = "coalmine: out of memory\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);
    (void)written;
    _Exit(1);
}

/* Never NULL, also for 0 bytes: nobody has to tell "nothing" from "no memory". */
void *cm_alloc(size_t size)
{
    void *block = calloc(1, size ? size : 1);
    if (!block)
        out_of_memory();
    return block;
}

/* A product that overflows would be a small block that looks large. */
void *cm_grow(void *block, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        out_of_memory();
    size_t bytes = count * size;
    void *grown = realloc(block, bytes ? bytes : 1);
    if (!grown)
        out_of_memory();
    return grown;
}

void cm_free(void *block)
{
    free(block);
}

/* `room` is a multiple of the alignment: CHUNK is, and requests are rounded up before. */
static struct cm_arena_chunk *chunk_new(struct cm_arena_chunk *older, size_t at_least)
{
    size_t room = at_least > CHUNK ? at_least : CHUNK;
    if (room > SIZE_MAX - sizeof(struct cm_arena_chunk))
        out_of_memory();
    struct cm_arena_chunk *chunk = cm_alloc(sizeof *chunk + room);
    chunk->older = older;
    chunk->room = room;
    return chunk;
}

/* Sizes are rounded up to the strictest alignment, so every block begins at one. */
void *cm_arena_alloc(struct cm_arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    if (size > SIZE_MAX - align)
        out_of_memory();
    size_t rounded = (size + align - 1) / align * align;
    struct cm_arena_chunk *chunk = arena->chunks;
    /* An arena begins empty: the first chunk comes with the first request. */
    if (!chunk || chunk->room - chunk->used < rounded)
        arena->chunks = chunk = chunk_new(chunk, rounded);
    assert(chunk->used % align == 0);
    void *block = (char *)chunk->data + chunk->used;
    chunk->used += rounded;
    return block;
}

/* The terminator is there because memory is zeroed. */
char *cm_arena_text(struct cm_arena *arena, const char *text, size_t length)
{
    char *copy = cm_arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

/* Newest first; afterwards the arena is as good as new. */
void cm_arena_release(struct cm_arena *arena)
{
    for (struct cm_arena_chunk *chunk = arena->chunks; chunk;) {
        struct cm_arena_chunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
    arena->chunks = NULL;
}
