/* Sweeps: one file, many scenarios.
 *
 *     rate = ${rate = 10, 30, 100} rps          three values; the unit stands outside
 *     threshold = ${1..10 step 3}               1, 4, 7, 10
 *     rate = ${10..1k log 5} rps                five points, evenly spaced in the logarithm
 *     look_every = ${20, 60, 120 ! rate}s       in step with rate, not times it
 *     max = ${limit = $t, 2}%                   what the variable t has
 *     arrivals = ${poisson, gamma_poisson}      words as well as numbers
 *
 * Each `${...}` is a variable. A cell is one choice of values for all of them, and one scenario:
 * the choice takes the place of `${...}` before values get their types, so that anything can be
 * swept and mistakes still point into the file. Variables multiply, unless `!` ties one to another.
 *
 * The order of cells is part of what a sweep is: variables in the order in which they stand (files
 * as they are read, --set behind them, but a variable behind those it uses), the first the slowest.
 * [study] constraint drops cells; those that remain are numbered from 0.
 *
 * [study] sample = sobol 64 (or lhs 64) draws values for ranges without a step, `${10..100}` or
 * `${10..1k log}`: all of them together are one loop of 64 points. */
#ifndef CM_SWEEP_H
#define CM_SWEEP_H

#include "sim/base/expr.h"
#include "sim/scenario/document.h"

#define CM_SWEEP_CELLS     1000000 /* at most */
#define CM_SWEEP_VARIABLES 32

struct cm_sweep_variable {
    const char *name;          /* as declared, else its key: "traffic.rate" */
    const char *section, *key; /* where it stands first */
    struct cm_place place;     /* of the whole `${...}` */
    const char *items;         /* as written: "10, 30, 100" */
    double scale; /* of its numbers, where the value they are in has a unit; 0 = none */
    enum cm_unit unit;
};

struct cm_sweep {
    struct cm_sweep_variable *variables; /* in file order */
    size_t n_variables, n_cells;
    size_t n_marks;      /* `${...}` in the file, mere uses of a variable included; 0 = no sweep */
    size_t errors;       /* of the file, besides those of its sweep */
    const char **values; /* cell by cell, variable by variable: what takes the place */
    struct cm_document document; /* as read, nothing replaced */
    struct cm_load load;         /* borrowed, as are its lists */
    struct cm_sweep_mark *marks; /* sweep_parts.h */
    struct cm_arena arena;
};

/* Reads a scenario once and finds its cells. 0, or -1 with every mistake in `diags`; if there are
 * cells (n_cells) even so, loading them finds the rest of the mistakes. A file without `${...}` is
 * a sweep of one cell without variables. Release it in either case; scenarios that are loaded from
 * it borrow from it. */
int cm_sweep_read(struct cm_sweep *sweep, const struct cm_load *load, struct cm_diags *diags);
void cm_sweep_release(struct cm_sweep *sweep); /* idempotent, safe on {0} */

/* What takes the place of a variable in a cell: "30". */
const char *cm_sweep_value(const struct cm_sweep *sweep, size_t cell, size_t variable);
/* The whole sweep as one text, with what was included and set: which study it is. Replications are
 * left out, since more of them are no other study. */
void cm_sweep_print(const struct cm_sweep *sweep, struct cm_writer to);
/* "rate = 30, t = 5". */
void cm_sweep_describe(const struct cm_sweep *sweep, size_t cell, struct cm_writer to);

/* One cell as a scenario; as cm_scenario_load. */
int cm_sweep_load(const struct cm_sweep *sweep, size_t cell, struct cm_scenario *scenario,
                  struct cm_diags *diags);
/* Loads every cell and says each mistake and each warning once, with the cells it is about. 0 if
 * all of them can be run, else -1. */
int cm_sweep_check(const struct cm_sweep *sweep, struct cm_diags *diags);

/* The variable that a name in an expression means, the whole name or, where that is clear, its last
 * word; -1 = none. */
int cm_sweep_find(const struct cm_sweep *sweep, struct cm_slice name);
/* Its value in a cell as expressions see it. */
struct cm_value cm_sweep_quantity(const struct cm_sweep *sweep, size_t cell, size_t variable);
/* Says that no variable has this name, and which ones there are; always -1. */
int cm_sweep_unknown(const struct cm_sweep *sweep, struct cm_slice name, struct cm_err *err);

#endif
