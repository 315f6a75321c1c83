/* The formats of what is shown: each is told of the cells one after the other. */
#ifndef CM_SHOW_PARTS_H
#define CM_SHOW_PARTS_H

#include "analysis/report_parts.h"
#include "analysis/show.h"

/* One cell, with its numbers. */
struct cm_shown {
    const struct cm_stored *study;
    const struct cm_stored_cell *cell;
    const struct cm_findings *findings;
};

struct cm_show_way {
    /* Before the first cell, with every cell and no rows; NULL = that is not asked. */
    void (*survey)(void *self, const struct cm_shown *shown);
    void (*begin)(void *self, const struct cm_show *show, struct cm_writer to); /* or NULL */
    void (*cell)(void *self, const struct cm_shown *shown, struct cm_writer to);
    void (*end)(void *self, struct cm_writer to); /* or NULL */
    void (*release)(void *self);                  /* or NULL */
    size_t size;                                  /* of what `self` points to, zeroed */
};
extern const struct cm_show_way cm_show_table, cm_show_markdown, cm_show_wide, cm_show_long,
    cm_show_json, cm_show_html, cm_show_outcomes;

/* The table for people: the verdicts, a row a cell and policy. {0} but for the study. */
struct cm_show_verdicts {
    const struct cm_stored *study; /* borrowed */
    struct cm_table table;         /* owned; there is none before the first cell */
    struct cm_verdict_form form;   /* of its columns; the table's */
    size_t cells;                  /* that there are rows of */
};
void cm_show_verdicts_add(struct cm_show_verdicts *v, const struct cm_shown *shown);
/* "12 cells of study.ini." and the table. */
void cm_show_verdicts_write(const struct cm_show_verdicts *v, const struct cm_prose *prose,
                            struct cm_writer to);

/* Columns for what a row is about: scenario, version, seed, replications, cell, and a column for
 * each variable; and their cells. */
void cm_show_context_columns(const struct cm_stored *study, struct cm_table *t);
void cm_show_context_cells(const struct cm_shown *shown, struct cm_table *t);
/* Whether the values of a variable are numbers in every cell. */
bool cm_show_is_number(const struct cm_stored *study, size_t variable);

/* The rows of a table that begins with these columns as CSV, with the header if they are the first.
 */
void cm_show_csv(struct cm_table *t, const struct cm_stored *study, bool *began,
                 struct cm_writer to);

#endif
