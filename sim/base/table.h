/* A table of typed columns: what a report says before it is decided how it looks.
 *
 * Cells hold numbers in base units (1, s, requests) with their interval and their n; writers turn
 * them into aligned text, Markdown, CSV or JSON. A number that is NAN is not there; INFINITY in a
 * duration means "not reached". Cells are added row by row, left to right. */
#ifndef CM_TABLE_H
#define CM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/mem.h"

enum cm_column_type {
    CM_COLUMN_TEXT,
    CM_COLUMN_SHARE,    /* 0 to 1, said in percent; 0 and 1 as a limit: < 0.15 % */
    CM_COLUMN_DURATION, /* s */
    CM_COLUMN_COUNT,    /* whole; exact up to 2^64 */
    CM_COLUMN_NUMBER,
    CM_COLUMN_STATISTIC, /* a z or a p-value: four decimals, as tables print them */
    CM_COLUMN_MONEY
};

struct cm_column {
    const char *group; /* heading over neighbours that share it; NULL = none */
    const char *name;  /* a newline breaks the heading */
    enum cm_column_type type;
    bool interval;    /* writers for people show the limits, too */
    const char *unit; /* money: the currency; NULL = none */
};

struct cm_estimate {
    double value, low, high; /* NAN = none; a limit may be infinite */
    uint64_t n;              /* observations behind it; 0 = not said */
};

struct cm_table_cell {
    const char *text;            /* text columns; NULL = empty */
    struct cm_estimate estimate; /* others; counts in n */
};

struct cm_table {
    const char *title;
    size_t keys; /* leading columns that name the row */
    struct cm_column *columns;
    struct cm_table_cell *cells; /* row by row */
    const char **notes;          /* sentences below it */
    size_t n_columns, n_cells, n_notes;
    size_t columns_room, cells_room, notes_room;
    struct cm_arena arena; /* owns all texts, headings included */
};

void cm_table_init(struct cm_table *t, const char *title, size_t keys);
void cm_table_release(struct cm_table *t); /* idempotent, safe on {0} */

/* Columns first, then cells. */
void cm_table_column(struct cm_table *t, struct cm_column column);
void cm_table_text(struct cm_table *t, const char *text); /* NULL = empty */
void cm_table_count(struct cm_table *t, uint64_t count);
void cm_table_estimate(struct cm_table *t, struct cm_estimate estimate);
void cm_table_number(struct cm_table *t, double value); /* without limits */
void cm_table_skip(struct cm_table *t);                 /* an empty cell of any type */
void cm_table_note(struct cm_table *t, const char *text);

size_t cm_table_rows(const struct cm_table *t);
const struct cm_table_cell *cm_table_at(const struct cm_table *t, size_t row, size_t column);

#endif
