/* What a manifest includes is looked for as if the scenario stood beside it. Its own diagnostics
 * are about the imported text, which is not on the disk: its name says so. */
#include "cli/manifest.h"

#include "cli/source_file.h"
#include "sim/base/list.h"

int cm_manifest_import(const char *const *names, size_t n, struct cm_import what,
                       struct cm_arena *arena, struct cm_notes *notes, struct cm_buffer *text)
{
    struct cm_source source = cm_source_file();
    struct cm_import_file *files = cm_arena_alloc(arena, (n + 1) * sizeof *files);
    for (size_t i = 0; i < n; i++) {
        struct cm_err err = {0};
        if (source.read(source.self, names[i], NULL, arena, &files[i].text, &files[i].length,
                        &files[i].name, &err))
            cm_notes_add(notes, CM_NOTE_ERROR, (struct cm_place){.file = names[i]}, "%s", err.text);
    }
    if (notes->count[CM_NOTE_ERROR])
        return -1;
    what.files = files;
    what.n = n;
    return cm_import_run(&what, notes, text);
}

/* By its name, without reading it: a pipe can be read once. */
bool cm_manifest_is(const char *path)
{
    return cm_import_is_manifest(path, "", 0);
}

static int read_source(void *self, const char *path, const char *relative_to,
                       struct cm_arena *arena, const char **text, size_t *length,
                       const char **resolved, struct cm_err *err)
{
    const struct cm_manifest_source *manifest = self;
    struct cm_source files = cm_source_file();
    struct cm_buffer name = {0};
    if (relative_to)
        return files.read(files.self, path, relative_to, arena, text, length, resolved, err);
    *text = cm_arena_text(arena, manifest->text->text, manifest->text->length);
    *length = manifest->text->length;
    cm_print(cm_buffer_writer(&name), "%s (imported)", manifest->path);
    *resolved = cm_arena_text(arena, name.text, name.length);
    cm_buffer_release(&name);
    return 0;
}

struct cm_source cm_manifest_source(struct cm_manifest_source *self)
{
    struct cm_source source = cm_source_file();
    source.self = self;
    source.read = read_source;
    return source;
}
