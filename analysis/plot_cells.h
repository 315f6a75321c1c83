/* The cells of a stored study as points of a plot: what every policy does in each. */
#ifndef CM_PLOT_CELLS_H
#define CM_PLOT_CELLS_H

#include "analysis/plot_parts.h"

struct cm_plot_cell {
    const char **values; /* by variable of the study; "" = it has none */
    double *numbers;     /* likewise; NAN = a word */
    const char *policy;
    double false_rollback, missed, detected; /* shares; NAN = nobody asks */
    double harm;                             /* mean failed requests of the first bad release */
    uint64_t n;
};

struct cm_plot_cells {
    struct cm_plot_cell *list; /* cell by cell, policy by policy; the arena's */
    size_t n;
    size_t *varying; /* variables with more than one value */
    size_t n_varying;
    const char **policies;
    size_t n_policies;
    const char *release; /* the first bad one; NULL = there is none */
    bool same_world;     /* cells differ in their policies and gates alone */
    struct cm_arena arena;
};

/* 0, or -1 with the reason. Release it in either case. */
int cm_plot_cells_load(struct cm_plot_cells *cells, struct cm_stored *study, struct cm_err *err);
void cm_plot_cells_release(struct cm_plot_cells *cells);

/* The variables that vary, which is cheaper than loading; at most `room` of them are named. */
size_t cm_plot_cells_varying(struct cm_stored *study, size_t *variables, size_t room);

/* "rate=30 threshold=5": what tells a cell from the others, and the policy if there are
 * several. In the picture's arena. */
const char *cm_plot_cells_name(const struct cm_plot_cells *cells, const struct cm_stored *study,
                               const struct cm_plot_cell *cell, struct cm_picture *p);

#endif
