/* What a table of verdicts asks of each release.
 *
 * The first cell of a study settles it for all of its rows: a sweep may move what a defect does,
 * whether anybody minds it and whether there is an objective, but not the columns. A cell of which
 * something else would be asked has no numbers there. */
#ifndef CM_VERDICT_FORM_H
#define CM_VERDICT_FORM_H

#include "analysis/results.h"

struct cm_verdict_part {
    bool good; /* that it is not rolled back; else that it is detected, and what it does: */
    const char *harm, *heading; /* "blast_radius.failures", and what a column of it is called */
};

struct cm_verdict_form {
    const struct cm_verdict_part *releases; /* the healthy one first; the arena's */
    bool budget;                            /* of errors */
    bool smallest;                          /* effect that is seen */
};

struct cm_verdict_form cm_verdict_form_of(const struct cm_results *first, struct cm_arena *arena);
/* Of the healthy release (-1) or a defect. */
const struct cm_verdict_part *cm_verdict_form_part(const struct cm_verdict_form *form, int release);

#endif
