/* The loader has kept where each value stands: file, line, column, length. */
#include "cli/splice.h"

#include <string.h>

#include "cli/file.h"
#include "cli/source_file.h"
#include "interop/values.h"

/* Of a key among the rows of the section or of its kind. */
static const struct cm_origin *find_origin(const struct cm_entry *entry, const char *key)
{
    const struct cm_param *rows = entry->section->params;
    for (size_t i = 0; rows && rows[i].name; i++)
        if (strcmp(rows[i].name, key) == 0)
            return &entry->common_origin[i];
    rows = entry->kind ? entry->kind->params : NULL;
    for (size_t i = 0; rows && rows[i].name; i++)
        if (strcmp(rows[i].name, key) == 0)
            return &entry->options_origin[i];
    return NULL;
}

/* The offset of the beginning of a line, from 1; or of the end of the text. */
static size_t line_start(const char *text, size_t length, int line)
{
    size_t at = 0;
    for (; line > 1 && at < length; line--) {
        const char *end = memchr(text + at, '\n', length - at);
        at = end ? (size_t)(end - text) + 1 : length;
    }
    return at;
}

static void print_bytes(struct cm_writer to, const char *from, size_t length)
{
    to.write(to.self, from, length);
}

struct bytes {
    const char *text;
    size_t length;
};

/* How the line before `at` ends, so that one more ends alike. */
static const char *line_end(const struct bytes *old, size_t at)
{
    return at >= 2 && old->text[at - 2] == '\r' && old->text[at - 1] == '\n' ? "\r\n" : "\n";
}

/* The text with `value` in the place of the old one, or with a line after the header. */
static void rewrite(const struct bytes *old, const struct cm_entry *entry,
                    const struct cm_origin *origin, struct cm_splice splice, struct cm_writer to)
{
    bool has = origin->from == CM_FROM_FILE;
    size_t cut = has ? line_start(old->text, old->length, origin->value.line) +
                           (size_t)(origin->value.column - 1)
                     : line_start(old->text, old->length, entry->place.line + 1);
    size_t after = has ? cut + (size_t)origin->value.length : cut;
    print_bytes(to, old->text, cut);
    if (!has)
        cm_print(to, "%s%s = ", cut && old->text[cut - 1] != '\n' ? "\n" : "", splice.key);
    cm_print(to, "%s%s", splice.value, has ? "" : line_end(old, cut));
    print_bytes(to, old->text + after, old->length - after);
}

int cm_splice_value(const struct cm_scenario *s, struct cm_splice splice, struct cm_err *err)
{
    const struct cm_entry *entry = cm_values_entry(s, splice.section, splice.name);
    const struct cm_origin *origin = entry ? find_origin(entry, splice.key) : NULL;
    const struct cm_place *place = origin && origin->from == CM_FROM_FILE ? &origin->value
                                   : entry                                ? &entry->place
                                                                          : NULL;
    if (!origin || !place->file || origin->from == CM_FROM_SET)
        return cm_fail(err, "no file has a value of %s.%s.%s that could be replaced",
                       splice.section, splice.name, splice.key);
    if (strcmp(place->file, s->file) != 0 || origin->from == CM_FROM_EXTENDS)
        return cm_fail(err, "%s.%s.%s is not set in '%.200s' itself; use --out instead",
                       splice.section, splice.name, splice.key, s->file);
    struct cm_source source = cm_source_file();
    struct cm_arena arena = {0};
    struct cm_buffer text = {0};
    struct bytes old = {0};
    const char *resolved;
    int status =
        source.read(source.self, s->file, NULL, &arena, &old.text, &old.length, &resolved, err);
    if (!status) {
        rewrite(&old, entry, origin, splice, cm_buffer_writer(&text));
        status = cm_file_put(s->file, &text, err);
    }
    cm_buffer_release(&text);
    cm_arena_release(&arena);
    return status;
}
