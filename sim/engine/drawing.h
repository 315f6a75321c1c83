/* Drawing: independent Poisson counts of a block, row by row (version x class).
 *
 * Means that are met again and again, in this replication and in others, are drawn by tables
 * (poisson_tables.h), others by laws whose constants are kept as long as the means stay. A mean of
 * 0 is not drawn at all. */
#ifndef CM_DRAWING_H
#define CM_DRAWING_H

#include "sim/base/poisson_tables.h"
#include "sim/engine/histograms.h"

#define CM_ROW_DRAWN (CM_ROW_CELLS * CM_BUCKET_GROUPS) /* counts of a row, at most */
#define CM_DRAWN_MAX (CM_ROWS_MAX * CM_ROW_DRAWN)

struct cm_drawing {
    struct cm_poisson_tables tables;
    struct cm_drawn_table {
        struct cm_poisson_table table;
        size_t at; /* which count of the row */
    } by_table[CM_DRAWN_MAX];
    struct cm_drawn_law {
        struct cm_poisson law;
        size_t at;
    } by_law[CM_DRAWN_MAX];
    size_t tables_before[CM_ROWS_MAX + 1], laws_before[CM_ROWS_MAX + 1]; /* each row */
};

/* {0} is one in which nothing is drawn. */
void cm_drawing_release(struct cm_drawing *d);
/* The means of a row, after those of the rows before it; whether they will be met again. */
void cm_drawing_set(struct cm_drawing *d, size_t row, const double *mean, bool often);

/* Out of line, as loops over tables need the registers. */
void cm_drawing_by_laws(const struct cm_drawing *d, size_t row, const struct cm_rng *rng,
                        uint64_t *count);

/* The counts of a row; those of mean 0 are left as they are. */
static inline void cm_drawing_draw(const struct cm_drawing *d, size_t row, struct cm_rng rng,
                                   uint64_t *count)
{
    const struct cm_drawn_table *table = d->by_table + d->tables_before[row];
    const struct cm_drawn_table *end = d->by_table + d->tables_before[row + 1];
    for (; table < end; table++)
        count[table->at] = cm_poisson_table_draw(&table->table, &rng);
    if (d->laws_before[row] < d->laws_before[row + 1])
        cm_drawing_by_laws(d, row, &rng, count);
}

#endif
