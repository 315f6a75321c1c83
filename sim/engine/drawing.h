/* Drawing: independent Poisson counts of a block, row by row (version x class).
 *
 * Means that are met again and again, in this replication and in others, are drawn by tables
 * (poisson_tables.h); those that wander as sums of round means, which have tables, and rests, which
 * are drawn together and dealt; others by laws whose constants are kept as long as the means stay.
 * A mean of 0 is not drawn at all. Each row has a stream of its own, a branch of the replication's,
 * named by block and row. */
#ifndef CM_DRAWING_H
#define CM_DRAWING_H

#include "sim/base/poisson_tables.h"
#include "sim/engine/cell.h"

/* How often means are met: in blocks of one length, now and in other replications; such as they are
 * in no other block, but near them; hardly. */
enum cm_met { CM_MET_OFTEN, CM_MET_NEARLY, CM_MET_ONCE };

struct cm_drawing {
    struct cm_poisson_tables tables;
    size_t n_rows;
    struct cm_drawn_row {
        uint64_t name;
        size_t table, law;  /* its first ones; the next row's come after its last ones */
        const double *mean; /* borrowed: of those that wander; NULL: none do */
    } row[CM_ROWS_MAX + 1];
    struct cm_drawn_table {
        struct cm_poisson_table table;
        size_t at; /* which counter of all */
    } by_table[CM_COUNTERS_MAX];
    struct cm_drawn_law {
        struct cm_poisson law;
        size_t at;
    } by_law[CM_COUNTERS_MAX];
};

/* {0} is one without rows; they have names before they have means. */
void cm_drawing_release(struct cm_drawing *d);
void cm_drawing_add(struct cm_drawing *d, uint64_t name);
/* The means of its counters, after those of the rows before it; they stay where they are. */
void cm_drawing_set(struct cm_drawing *d, size_t row, const double *mean, enum cm_met met);

/* Counts all counters up by what a block brings. */
void cm_drawing_draw(struct cm_drawing *d, const struct cm_rng *root, uint64_t block,
                     uint64_t *counters);

#endif
