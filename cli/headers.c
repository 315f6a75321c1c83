/* A header is read line by line: each either begins a field, goes on with one, or ends it. */
#include "cli/headers.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/source_file.h"
#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/base/write.h"

enum { DEEP = 4 }; /* blanks before a line that goes on */

/* --- one header --- */

/* The next line of the comment at *rest, without its mark; false where the comment ends. */
static bool next_line(const char **rest, struct cm_slice *line)
{
    if (**rest != ';')
        return false;
    const char *from = *rest + 1;
    size_t length = strcspn(from, "\n");
    *rest = from + length + (from[length] == '\n');
    if (*from == ' ')
        from++, length--;
    *line = (struct cm_slice){from, length};
    return true;
}

/* How deep a line stands. */
static size_t depth_of(struct cm_slice line)
{
    size_t n = 0;
    while (n < line.length && line.at[n] == ' ')
        n++;
    return n;
}

/* The length of the word before the colon that begins a field; 0 = it begins none. */
static size_t key_of(struct cm_slice line)
{
    size_t n = 0;
    while (n < line.length && line.at[n] >= 'a' && line.at[n] <= 'z')
        n++;
    bool ends = n < line.length && line.at[n] == ':';
    return ends && (n + 1 == line.length || line.at[n + 1] == ' ') ? n : 0;
}

/* Adds a line to the text of a field. */
static void go_on(struct cm_buffer *text, struct cm_slice line)
{
    struct cm_slice words = cm_slice_trim(line);
    bool bar = words.length > 0 && *words.at == '|';
    const char *last = text->length ? strrchr(text->text, '\n') : NULL;
    bool after_bar = last && last[1] == '|';
    cm_print(cm_buffer_writer(text), "%s%.*s",
             text->length == 0  ? ""
             : bar || after_bar ? "\n"
                                : " ",
             (int)words.length, words.at);
}

/* Fields as they are found; `open` is the text of the last one while it goes on. */
struct reading {
    struct cm_header_field *fields;
    size_t n;
    bool is_open;
    struct cm_buffer open;
    struct cm_arena *arena;
};

static void close_field(struct reading *r)
{
    if (r->is_open)
        r->fields[r->n - 1].text =
            cm_arena_text(r->arena, r->open.length ? r->open.text : "", r->open.length);
    r->is_open = false;
    cm_buffer_clear(&r->open);
}

static void begin_field(struct reading *r, struct cm_slice line, size_t key)
{
    close_field(r);
    r->fields = cm_list_grow(r->arena, r->fields, r->n, sizeof *r->fields);
    r->fields[r->n++].key = cm_arena_text(r->arena, line.at, key);
    r->is_open = true;
    go_on(&r->open, (struct cm_slice){line.at + key + 1, line.length - key - 1});
}

struct cm_header cm_header_read(const char *file, const char *text, struct cm_arena *arena)
{
    struct reading r = {.arena = arena};
    struct cm_slice line = {text, 0};
    bool any = next_line(&text, &line);
    struct cm_slice title = cm_slice_trim(line);
    while (any && next_line(&text, &line)) {
        size_t key = key_of(line);
        if (key)
            begin_field(&r, line, key);
        else if (r.is_open && depth_of(line) >= DEEP)
            go_on(&r.open, line);
        else
            close_field(&r);
    }
    close_field(&r);
    cm_buffer_release(&r.open);
    return (struct cm_header){
        .file = file,
        .title = cm_arena_text(arena, title.at, title.length),
        .fields = r.fields,
        .n_fields = r.n,
    };
}

const char *cm_header_text(const struct cm_header *header, const char *key)
{
    for (size_t i = 0; i < header->n_fields; i++)
        if (strcmp(header->fields[i].key, key) == 0)
            return header->fields[i].text;
    return NULL;
}

/* --- those of a folder --- */

static const char *join(struct cm_arena *arena, const char *folder, const char *name)
{
    struct cm_buffer whole = {0};
    cm_print(cm_buffer_writer(&whole), "%s/%s", folder, name);
    const char *path = cm_arena_text(arena, whole.text, whole.length);
    cm_buffer_release(&whole);
    return path;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the scenarios in a folder, ascending; NULL if there are none. */
static const char **list_files(const char *folder, struct cm_arena *arena, size_t *n)
{
    const char **names = NULL;
    DIR *entries = opendir(folder);
    *n = 0;
    if (!entries)
        return NULL;
    for (const struct dirent *entry; (entry = readdir(entries));) {
        const char *name = entry->d_name, *end = strrchr(name, '.');
        if (name[0] == '.' || !end || strcmp(end, ".ini") != 0)
            continue;
        names = cm_list_grow(arena, names, *n, sizeof *names);
        names[(*n)++] = cm_arena_text(arena, name, strlen(name));
    }
    closedir(entries);
    if (names)
        qsort(names, *n, sizeof *names, by_name);
    return names;
}

int cm_headers_read(const char *folder, struct cm_arena *arena, struct cm_headers *headers,
                    struct cm_err *err)
{
    struct cm_source source = cm_source_file();
    const char *place = join(arena, cm_source_installed(arena), folder);
    const char **names = list_files(place, arena, &headers->n);
    if (!names)
        return cm_fail(err, "there are no scenarios in '%.300s'", place);
    struct cm_header *list = cm_arena_alloc(arena, headers->n * sizeof *list);
    headers->list = list;
    for (size_t i = 0; i < headers->n; i++) {
        const char *text, *resolved;
        size_t length;
        if (source.read(source.self, join(arena, place, names[i]), NULL, arena, &text, &length,
                        &resolved, err))
            return -1;
        const char *file = join(arena, join(arena, "scenarios", folder), names[i]);
        list[i] = cm_header_read(file, text, arena);
    }
    return 0;
}

int cm_headers_enter(struct cm_err *err)
{
    struct cm_arena arena = {0};
    const char *home = join(&arena, cm_source_installed(&arena), "..");
    int status = chdir(home) ? cm_fail(err, "cannot go to '%.300s': %s", home, strerror(errno)) : 0;
    cm_arena_release(&arena);
    return status;
}
