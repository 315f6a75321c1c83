/* The table of a sweep: a row for each cell and policy, its variables beside what was measured.
 *
 * For people a row has to fit a line or two; programs get every limit and, in every row, what was
 * run. */
#ifndef CM_SWEEP_TABLE_H
#define CM_SWEEP_TABLE_H

#include "analysis/assertion.h"
#include "analysis/results.h"
#include "analysis/verdict_form.h"
#include "sim/base/table.h"

/* What the variables of a sweep are called, and whether all values of one are numbers. */
struct cm_sweep_columns {
    const char *const *names;
    const bool *numbers;
    size_t n;
    const char *version; /* of the program; NULL = for people */
};

/* A cell and its values, one a variable; NULL = it has none. */
struct cm_sweep_row {
    uint64_t cell;
    const char *const *values;
};

/* The context, cell and variables alone: for lists of cells. */
void cm_sweep_table_keys(struct cm_table *t, const struct cm_sweep_columns *columns);
void cm_sweep_table_begin(struct cm_table *t, const struct cm_sweep_columns *columns,
                          const struct cm_sweep_row *row, const struct cm_scenario *scenario);

/* Those, then policy and measures. {0}, and released as its table is. */
struct cm_sweep_table {
    struct cm_table table;                  /* owned; no columns before the start */
    const struct cm_sweep_columns *columns; /* borrowed */
    struct cm_verdict_form form;            /* the table's, settled by the first cell */
};
void cm_sweep_table_start(struct cm_sweep_table *t, const struct cm_sweep_columns *columns,
                          const struct cm_results *first);
/* All of one policy; says what became of what the scenario asserts of it, the worst. */
enum cm_truth cm_sweep_table_add(struct cm_sweep_table *t, const struct cm_sweep_row *row,
                                 const struct cm_results *results, size_t policy);

#endif
