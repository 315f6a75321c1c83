/* What tests of the loader share: files that are only in memory, and diagnostics as text. */
#ifndef CM_TEST_SUPPORT_H
#define CM_TEST_SUPPORT_H

#include <string.h>

#include "sim/base/diag.h"
#include "sim/base/source.h"

struct memory_file {
    const char *name, *text;
    size_t length; /* 0 = up to the end of the text */
};

/* "dir/" of "dir/file", with `path` behind it; absolute paths stay. */
static inline const char *memory_path(const char *path, const char *relative_to,
                                      struct cm_arena *arena)
{
    const char *slash = relative_to && path[0] != '/' ? strrchr(relative_to, '/') : NULL;
    size_t before = slash ? (size_t)(slash - relative_to) + 1 : 0;
    char *joined = cm_arena_alloc(arena, before + strlen(path) + 1);
    memcpy(joined, relative_to ? relative_to : "", before);
    memcpy(joined + before, path, strlen(path) + 1);
    return joined;
}

static inline int memory_read(void *self, const char *path, const char *relative_to,
                              struct cm_arena *arena, const char **text, size_t *length,
                              const char **resolved, struct cm_err *err)
{
    const struct memory_file *file = self;
    const char *name = memory_path(path, relative_to, arena);
    for (; file->name; file++) {
        if (strcmp(file->name, name) != 0)
            continue;
        *length = file->length ? file->length : strlen(file->text);
        *text = cm_arena_text(arena, file->text, *length);
        *resolved = name;
        return 0;
    }
    return cm_fail(err, "no such file");
}

/* Files up to one without a name. Borrowed. */
static inline struct cm_source memory_source(struct memory_file *files)
{
    return (struct cm_source){.self = files, .read = memory_read};
}

/* All diagnostics as a user sees them; the caller releases the buffer. */
static inline const char *diags_text(const struct cm_diags *diags, struct cm_buffer *buffer)
{
    cm_buffer_clear(buffer);
    cm_diags_write(diags, cm_buffer_writer(buffer));
    return buffer->text ? buffer->text : "";
}

/* How many there are of one kind. */
static inline size_t diags_count(const struct cm_diags *diags, enum cm_diag_id id)
{
    size_t n = 0;
    for (size_t i = 0; i < diags->n; i++)
        n += diags->list[i].id == id;
    return n;
}

#endif
