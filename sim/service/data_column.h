/* One column of a table in text (CSV or tab-separated), for laws that are given as data.
 *
 * The first line names the columns; it is tab-separated if it holds a tab, else comma-separated.
 * Empty lines and lines that begin with # are skipped; fields may stand in double quotes. */
#ifndef CM_DATA_COLUMN_H
#define CM_DATA_COLUMN_H

#include "sim/base/param.h"

struct cm_data_column {
    size_t n;
    struct cm_quantity *cell; /* owned; numbers, with or without a unit */
    int *line;                /* owned; of each cell, from 1 */
};

/* Reads the column called `name`, NULL = the first one. Messages begin with `file`:LINE. 0, or -1
 * with the reason; release it in either case. */
int cm_data_column_read(struct cm_data_column *column, const char *text, const char *name,
                        const char *file, struct cm_err *err);
void cm_data_column_release(struct cm_data_column *column); /* idempotent, safe on {0} */

#endif
