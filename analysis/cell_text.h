/* A scenario that is loaded from the text of a cell, with the files that the text names from
 * somewhere else: from the disk when a study is run, from the store when it is read. */
#ifndef CM_CELL_TEXT_H
#define CM_CELL_TEXT_H

#include "sim/base/source.h"
#include "sim/base/text.h"
#include "sim/scenario/scenario.h"

struct cm_cell_file {
    const char *name;
    struct cm_slice bytes;
};

struct cm_cell_text {
    const char *file, *text;    /* the name it goes by, and what is in it; borrowed */
    uint64_t replications;      /* in place of those in the text */
    struct cm_source files;     /* what it names */
    struct cm_cell_file *named; /* filled in: what was read; the arena's */
    size_t n_named;
    struct cm_arena arena; /* owned */
};

/* 0, or -1 with the first mistake; release both in either case. */
int cm_cell_text_load(struct cm_cell_text *cell, struct cm_scenario *scenario, struct cm_err *err);
void cm_cell_text_release(struct cm_cell_text *cell); /* idempotent, safe on {0} */

#endif
