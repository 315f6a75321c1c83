/* Judges of two arrays: what a gate or a controller's judge says of values that a user has at hand.
 *
 * One const object a file, one line in judges.def, options in a parameter table as everywhere. The
 * arrays are one value a point: latencies, or a metric's readings at regular intervals. */
#ifndef CM_JUDGE_H
#define CM_JUDGE_H

#include "analysis/solver.h"

struct cm_arrays {
    const double *control, *canary; /* as given: in the order of time; NAN = a gap */
    size_t n_control, n_canary;
};

struct cm_judge {
    struct cm_kind kind;
    /* Says the verdict and adds a row to the table for each number behind it; true for a fail. */
    bool (*judge)(const void *options, const struct cm_arrays *arrays, struct cm_solution *to);
};

extern const struct cm_judge *const cm_judges[];        /* NULL-ended */
extern const struct cm_kind *const cm_judge_kinds[];    /* theirs */
const struct cm_judge *cm_judge_find(const char *name); /* or NULL */

/* For judges: values without gaps, ascending; release x with cm_free. */
struct cm_judge_values {
    double *x;
    size_t n;
};
struct cm_judge_values cm_judge_sorted(const double *x, size_t n);

/* Says what p comes to: true for a fail. NAN = the arrays cannot tell, for want of `needs`. */
bool cm_judge_say_p(struct cm_solution *to, double p, double alpha, const char *needs);

/* Adds a row. The columns are cm_judge_columns'. */
void cm_judge_columns(struct cm_solution *to);
void cm_judge_row(struct cm_solution *to, const char *what, double value);

#endif
