/* What an import has to say: mistakes, what it asks for, what it left out, what it assumed.
 *
 *     canary.yaml:14:5: ignored: spec.analysis.webhooks: ...
 *        14 |     webhooks:
 *           |     ^~~~~~~~
 *
 * Written as diagnostics are (sim/base/diag.h), but no diagnostics: those are about scenarios, and
 * most of this is no mistake. Nothing of a manifest goes without a word: what the importer did not
 * read is a note. */
#ifndef CM_NOTES_H
#define CM_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/diag.h"

enum cm_note_kind {
    CM_NOTE_ERROR,     /* nothing is imported */
    CM_NOTE_ASKED,     /* the user has to say what the manifest does not */
    CM_NOTE_IGNORED,   /* might change decisions, and is not modelled */
    CM_NOTE_ASSUMED,   /* stands in the scenario, but in no manifest */
    CM_NOTE_NO_EFFECT, /* was not read because it decides nothing */
    CM_NOTE_KINDS
};

struct cm_note {
    enum cm_note_kind kind;
    struct cm_place place;
    const char *text;
};

struct cm_notes {
    struct cm_arena arena;
    struct cm_note *list; /* owned; at most CM_NOTES_KEPT of a kind, the rest only counted */
    size_t n, room, count[CM_NOTE_KINDS];
};
#define CM_NOTES_KEPT 100U

void cm_notes_add(struct cm_notes *notes, enum cm_note_kind kind, struct cm_place place,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Whether nothing can be made of it; in strict imports also what is asked for or ignored. */
bool cm_notes_refuse(const struct cm_notes *notes, bool strict);
/* One after the other as they came, kind by kind, then a line that counts them. Mistakes only, if
 * `quiet`. */
void cm_notes_write(const struct cm_notes *notes, bool quiet, struct cm_writer to);
void cm_notes_release(struct cm_notes *notes);

#endif
