/* Marks: values that are to be found rather than given.
 *
 *     threshold = tune(1..10)                   a range; whole numbers stay whole
 *     interval  = tune(10s..5m)                 with the key's own units
 *     alpha     = tune(0.1%..5% log)            evenly in the logarithm
 *     steps     = tune(1..5)%/tune(30s..3m), 50%/2m, 100%
 *     gates     = tune(origin, tail | origin)   one of several texts; without a bar, commas part
 * them
 *
 * A mark is a part of a value. A point of the unit cube, one coordinate a mark, chooses a text for
 * each of them; the file with these texts in place of its marks is one candidate, an ordinary
 * scenario. Only what a policy may choose can be marked: its own section, gates and metrics.
 *
 * Both ends of a range, and each text of a choice, are read by the type of the key when the marks
 * are: what cannot be written there is a mistake of the mark, and points at it. */
#ifndef CM_MARKS_H
#define CM_MARKS_H

#include "sim/scenario/document.h"

#define CM_MARKS_MAX 32

struct cm_mark {
    const char *section, *key; /* where it is written: "policy.ours", "steps" */
    const char *value;         /* the whole value, as written */
    size_t at, length;         /* of the mark in it */
    struct cm_place place;
    const char *const *choices; /* n_choices of them, or a range: */
    size_t n_choices;           /* 0 = a range */
    double low, high;           /* in `unit`: 1, 1, s, 1/s */
    enum cm_unit unit;
    bool logarithmic, whole;
};

struct cm_marks {
    struct cm_mark *list; /* in file order, those of one value ascending */
    size_t n;
    struct cm_arena arena; /* owned; texts too */
};

/* Reads the files of a scenario for its marks. 0, or -1 with every mistake of a mark in `diags`;
 * other mistakes of the files are found when a candidate is loaded. Release it in either case. */
int cm_marks_read(struct cm_marks *marks, const struct cm_load *load, struct cm_diags *diags);
void cm_marks_release(struct cm_marks *marks); /* idempotent, safe on {0} */

/* Where the next mark begins in text from `at` on, and how long it is; false = there is none. What
 * is not closed goes to the end of the text. */
bool cm_mark_find(const char *value, size_t from, size_t *at, size_t *length);

/* What coordinate u in [0, 1] chooses: a number in `unit`, or which of the texts. */
double cm_mark_value(const struct cm_mark *mark, double u);
/* The same as text. */
void cm_mark_text(const struct cm_mark *mark, double u, struct cm_writer to);

/* A replacement a mark, for a load; in the arena. */
const struct cm_replacement *cm_marks_replace(const struct cm_marks *marks, const double *u,
                                              struct cm_arena *arena);

/* For marks.c: takes a mark apart. 0, or -1 with the reason, placed in the whole value. */
int cm_mark_read(struct cm_mark *mark, struct cm_arena *arena, struct cm_err *err);

#endif
