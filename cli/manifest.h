/* Manifests in the place of a scenario: a source that imports the file it is asked for first. */
#ifndef CM_CLI_MANIFEST_H
#define CM_CLI_MANIFEST_H

#include "interop/import.h"
#include "sim/base/source.h"

/* Reads files from the command line's source and imports them. The scenario is added to `text`,
 * every note to `notes`. 0 or -1. Names and texts live in the arena, which has to outlive the
 * notes. */
int cm_manifest_import(const char *const *names, size_t n, struct cm_import what,
                       struct cm_arena *arena, struct cm_notes *notes, struct cm_buffer *text);

/* Whether the file at `path` is a manifest; a file that cannot be read is none. */
bool cm_manifest_is(const char *path);

/* A source for the loader: what it reads first is `text`, under a name that tells where it is from;
 * the rest are files. Both borrowed. */
struct cm_manifest_source {
    const char *path;
    const struct cm_buffer *text;
};
struct cm_source cm_manifest_source(struct cm_manifest_source *self);

#endif
