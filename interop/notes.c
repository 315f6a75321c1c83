/* Notes are few; thousands of them are one mistake, of which the first few hundred tell enough. */
#include "interop/notes.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/excerpt.h"
#include "sim/base/utf8.h"

static const char *const words[CM_NOTE_KINDS] = {
    [CM_NOTE_ERROR] = "error",     [CM_NOTE_ASKED] = "asked",         [CM_NOTE_IGNORED] = "ignored",
    [CM_NOTE_ASSUMED] = "assumed", [CM_NOTE_NO_EFFECT] = "no effect",
};

/* Where the next one goes; NULL = it is only counted. */
static struct cm_note *slot(struct cm_notes *notes, enum cm_note_kind kind)
{
    if (notes->count[kind] > CM_NOTES_KEPT)
        return NULL;
    if (notes->n == notes->room) {
        notes->room = notes->room ? 2 * notes->room : 16;
        notes->list = cm_grow(notes->list, notes->room, sizeof *notes->list);
    }
    return &notes->list[notes->n++];
}

/* Two readers may stumble over one value. */
static bool is_known(const struct cm_notes *notes, const struct cm_note *note)
{
    for (size_t i = 0; i < notes->n; i++) {
        const struct cm_note *other = &notes->list[i];
        if (other->kind == note->kind && other->place.line == note->place.line &&
            other->place.column == note->place.column && other->place.file == note->place.file &&
            strcmp(other->text, note->text) == 0)
            return true;
    }
    return false;
}

void cm_notes_add(struct cm_notes *notes, enum cm_note_kind kind, struct cm_place place,
                  const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    assert(length >= 0);
    char *text = cm_arena_alloc(&notes->arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    struct cm_note note = {.kind = kind, .place = place, .text = text};
    if (is_known(notes, &note))
        return;
    notes->count[kind]++;
    struct cm_note *kept = slot(notes, kind);
    if (kept)
        *kept = note;
}

bool cm_notes_refuse(const struct cm_notes *notes, bool strict)
{
    bool open = notes->count[CM_NOTE_ASKED] + notes->count[CM_NOTE_IGNORED] > 0;
    return notes->count[CM_NOTE_ERROR] > 0 || (strict && open);
}

/* Excerpts help to find a mistake or a question; what was merely left out is found by its line. */
static void write_one(const struct cm_note *note, struct cm_writer to)
{
    const struct cm_place *place = &note->place;
    if (place->file) {
        cm_write_clean(to, place->file, strlen(place->file));
        if (place->line > 0)
            cm_print(to, ":%d", place->line);
        if (place->line > 0 && place->column > 0)
            cm_print(to, ":%d", place->column);
        cm_print(to, ": ");
    }
    cm_print(to, "%s: ", words[note->kind]);
    cm_write_clean(to, note->text, strlen(note->text));
    cm_print(to, "\n");
    if (note->kind <= CM_NOTE_ASKED)
        cm_excerpt_write(place, to);
}

/* "1 asked, 3 ignored, 4 assumed": how much of the manifest, and of the scenario, to think about.
 */
static void write_counts(const struct cm_notes *notes, struct cm_writer to)
{
    const char *before = "";
    const int kinds = notes->count[CM_NOTE_ERROR] ? 1 : CM_NOTE_KINDS;
    for (int kind = 0; kind < kinds; kind++) {
        if (!notes->count[kind])
            continue;
        bool many = kind == CM_NOTE_ERROR && notes->count[kind] > 1;
        cm_print(to, "%s%zu %s%s", before, notes->count[kind],
                 kind == CM_NOTE_NO_EFFECT ? "without effect" : words[kind], many ? "s" : "");
        before = ", ";
    }
    if (*before)
        cm_print(to, notes->count[CM_NOTE_ERROR] ? "; nothing was imported\n" : "\n");
}

void cm_notes_write(const struct cm_notes *notes, bool quiet, struct cm_writer to)
{
    size_t shown = 0, all = 0;
    quiet = quiet || notes->count[CM_NOTE_ERROR] > 0; /* the rest is about nothing then */
    for (int kind = 0; kind < (quiet ? 1 : CM_NOTE_KINDS); kind++) {
        all += notes->count[kind];
        for (size_t i = 0; i < notes->n; i++) {
            if ((int)notes->list[i].kind != kind)
                continue;
            write_one(&notes->list[i], to);
            shown++;
        }
    }
    if (all > shown)
        cm_print(to, "and %zu more\n", all - shown);
    if (!quiet || notes->count[CM_NOTE_ERROR])
        write_counts(notes, to);
}

void cm_notes_release(struct cm_notes *notes)
{
    cm_arena_release(&notes->arena);
    cm_free(notes->list);
    *notes = (struct cm_notes){0};
}
