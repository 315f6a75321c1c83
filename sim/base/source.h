/* Where files come from. The core opens nothing: the command line hands it a source that reads
 * files, tests and a browser one that reads memory. */
#ifndef CM_SOURCE_H
#define CM_SOURCE_H

#include "sim/base/err.h"
#include "sim/base/mem.h"

struct cm_source {
    void *self; /* borrowed */
    /* The whole file `path`, copied into `arena` and terminated; *length counts its bytes.
     * `relative_to` is the file that names it, or NULL. 0, or -1 with the reason. `resolved` gets
     * the name by which it was found (in the arena), which is what diagnostics show and cycles are
     * told by. */
    int (*read)(void *self, const char *path, const char *relative_to, struct cm_arena *arena,
                const char **text, size_t *length, const char **resolved, struct cm_err *err);
    /* A name of the same file that holds in any folder (in the arena, or `path` itself): the
     * scenario may be printed and loaded elsewhere. NULL = all names do. */
    const char *(*locate)(void *self, const char *path, const char *relative_to,
                          struct cm_arena *arena);
};

static inline const char *cm_source_locate(const struct cm_source *source, const char *path,
                                           const char *relative_to, struct cm_arena *arena)
{
    return source->locate ? source->locate(source->self, path, relative_to, arena) : path;
}

#endif
