/* Diagnostics are collected first and written in one go, in file order: the reader works through a
 * file from top to bottom, whatever order the passes of the loader found things in.
 *
 * Hundreds of mistakes are one mistake: the first 100 are kept, the rest is counted. A warning
 * gives way to an error when the list is full, so that what stops the run is always shown. */
#include "sim/base/diag.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/excerpt.h"
#include "sim/base/utf8.h"

static const struct {
    const char *slug;
    enum cm_severity severity;
} known[] = {
#define CM_DIAG(id, slug, severity) [CM_DIAG_##id] = {slug, severity},
#include "sim/base/diag.def"
#undef CM_DIAG
};

const char *cm_diag_slug(enum cm_diag_id id)
{
    assert(id < CM_DIAG_COUNT);
    return known[id].slug;
}

enum cm_severity cm_diag_severity(enum cm_diag_id id)
{
    assert(id < CM_DIAG_COUNT);
    return known[id].severity;
}

/* Where the next one goes; NULL = it is only counted. */
static struct cm_diag *slot(struct cm_diags *d, enum cm_severity severity)
{
    if (d->n < CM_DIAGS_SHOWN) {
        if (d->n == d->room) {
            d->room = d->room ? 2 * d->room : 8;
            d->list = cm_grow(d->list, d->room, sizeof *d->list);
        }
        return &d->list[d->n++];
    }
    if (severity != CM_ERROR)
        return NULL;
    /* from the end: the first warnings are the ones that explain something */
    for (size_t i = d->n; i-- > 0;)
        if (cm_diag_severity(d->list[i].id) != CM_ERROR)
            return &d->list[i];
    return NULL;
}

void cm_diag_add(struct cm_diags *d, enum cm_diag_id id, struct cm_place place, const char *format,
                 ...)
{
    assert(format);
    enum cm_severity severity = cm_diag_severity(id);
    d->errors += severity == CM_ERROR;
    d->warnings += severity == CM_WARNING;
    struct cm_diag *diag = slot(d, severity);
    if (!diag)
        return;

    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    assert(length >= 0);
    char *text = cm_arena_alloc(&d->arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    *diag = (struct cm_diag){.id = id, .place = place, .text = text};
}

/* --- writing --- */

struct ranked {
    const struct cm_diag *diag;
    size_t file, sequence;
};

/* Names, not pointers: the loader and the source may each have a copy. */
static bool same_file(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Files come in the order in which they were first mentioned. */
static size_t file_rank(const struct cm_diags *d, size_t i)
{
    size_t first = 0;
    while (!same_file(d->list[first].place.file, d->list[i].place.file))
        first++;
    return first;
}

static int compare(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* A total order: no two have the same sequence. */
static int by_place(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    int order = compare(a->file, b->file);
    if (!order)
        order = compare((size_t)a->diag->place.line, (size_t)b->diag->place.line);
    if (!order)
        order = compare((size_t)a->diag->place.column, (size_t)b->diag->place.column);
    return order ? order : compare(a->sequence, b->sequence);
}

/* A file of 0 lines is meant as a whole: then only its name is given. */
static void write_one(const struct cm_diag *diag, struct cm_writer to)
{
    static const char *const severities[] = {
        [CM_NOTE] = "note", [CM_WARNING] = "warning", [CM_ERROR] = "error"};
    const struct cm_place *place = &diag->place;
    if (place->file) {
        cm_write_clean(to, place->file, strlen(place->file));
        if (place->line > 0)
            cm_print(to, ":%d", place->line);
        if (place->line > 0 && place->column > 0)
            cm_print(to, ":%d", place->column);
        cm_print(to, ": ");
    }
    cm_print(to, "%s: ", severities[cm_diag_severity(diag->id)]);
    cm_write_clean(to, diag->text, strlen(diag->text));
    cm_print(to, "\n");
    cm_excerpt_write(place, to);
}

/* "2 errors"; nothing for none. */
static void write_count(struct cm_writer to, size_t n, const char *what, const char *before)
{
    if (n)
        cm_print(to, "%s%zu %s%s", before, n, what, n == 1 ? "" : "s");
}

void cm_diags_write(const struct cm_diags *d, struct cm_writer to)
{
    struct ranked order[CM_DIAGS_SHOWN];
    if (d->n == 0)
        return;
    size_t counted = 0; /* of those shown, what the last line counts: notes are no mistakes */
    for (size_t i = 0; i < d->n; i++) {
        order[i] = (struct ranked){&d->list[i], file_rank(d, i), i};
        counted += cm_diag_severity(d->list[i].id) != CM_NOTE;
    }
    qsort(order, d->n, sizeof *order, by_place);
    for (size_t i = 0; i < d->n; i++)
        write_one(order[i].diag, to);
    if (d->errors + d->warnings > counted)
        cm_print(to, "and %zu more\n", d->errors + d->warnings - counted);
    if (!counted)
        return;
    write_count(to, d->errors, "error", "");
    write_count(to, d->warnings, "warning", d->errors ? ", " : "");
    cm_print(to, d->errors ? "; nothing was run\n" : "\n");
}

void cm_diags_release(struct cm_diags *d)
{
    cm_arena_release(&d->arena);
    cm_free(d->list);
    *d = (struct cm_diags){0};
}
