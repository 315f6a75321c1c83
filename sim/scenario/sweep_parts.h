/* How a sweep is read: from the text of a document to its cells.
 *
 *     marks       every `${...}` taken apart (sweep_read.c)
 *     names       what is used and tied where, and the order of the loops (sweep_names.c)
 *     sample      the design of sampled ranges (sweep_sample.c)
 *     cells       the loops run, the constraint asked (sweep_cells.c)
 */
#ifndef CM_SWEEP_PARTS_H
#define CM_SWEEP_PARTS_H

#include "sim/scenario/sweep.h"

/* An end of a range: a number, or what a variable has. */
struct cm_sweep_bound {
    struct cm_slice text;
    double number;
    int mark; /* the variable's; -1 = a number */
};

enum cm_sweep_item_kind {
    CM_ITEM_TEXT,   /* as written */
    CM_ITEM_USE,    /* $name */
    CM_ITEM_STEPS,  /* a..b step s */
    CM_ITEM_POINTS, /* a..b log n */
    CM_ITEM_RANGE,  /* a..b: sampled */
    CM_ITEM_LOG,    /* a..b log: sampled evenly in the logarithm */
    CM_ITEM_WHOLE   /* a..b whole: sampled whole numbers */
};
struct cm_sweep_item {
    enum cm_sweep_item_kind kind;
    struct cm_slice text;
    struct cm_sweep_bound from, to; /* a use has `from` */
    double step;
    size_t points;
};

/* One `${...}`. Texts are parts of the value. */
struct cm_sweep_mark {
    const char *section;
    const struct cm_ini_key *key;
    size_t at, length; /* in its value */
    struct cm_slice name, items_text, tied_to;
    struct cm_sweep_item *items;
    size_t n_items;
    int variable;  /* -1: it only uses another */
    int tied;      /* the mark that it is in step with; -1 = it is a loop of its own */
    bool depends;  /* on what variables have */
    int dimension; /* of the design; -1 = not sampled */

    const char **list; /* its values while the loops run, and which of them it has */
    size_t n, room, i;
};

struct cm_sweeping {
    struct cm_sweep *sweep;
    struct cm_diags *diags;
    size_t *order; /* of the marks, each behind what it uses; the arena's */
    const struct cm_ini_key *sample, *constraint; /* of [study]; NULL = not written */
    enum { CM_SAMPLE_NONE, CM_SAMPLE_SOBOL, CM_SAMPLE_LHS } method;
    size_t points;
    uint64_t seed;
    const double *design; /* point by point, dimension by dimension, each in [0, 1) */
    size_t dimensions;
};

void cm_sweep_read_marks(struct cm_sweeping *s);
void cm_sweep_link(struct cm_sweeping *s);
void cm_sweep_sample(struct cm_sweeping *s);
void cm_sweep_expand(struct cm_sweeping *s);

/* The points of a design in the arena; each dimension evenly filled. */
const double *cm_sweep_sobol(size_t points, size_t dimensions, struct cm_arena *arena);
const double *cm_sweep_lhs(size_t points, size_t dimensions, uint64_t seed, struct cm_arena *arena);

/* What a mark is replaced by in a cell: the value of its variable, or of the one that it uses. */
const char *cm_sweep_text(const struct cm_sweep *sweep, size_t cell, size_t mark);
/* Where a part of a mark's value stands. */
struct cm_place cm_sweep_place(const struct cm_sweep_mark *mark, struct cm_slice part);
/* A number without a unit; false = it is none. */
bool cm_sweep_number(struct cm_slice text, double *number);
/* What a text is in an expression. */
struct cm_value cm_sweep_quantity_of(const struct cm_sweep_variable *variable, const char *text);

#endif
