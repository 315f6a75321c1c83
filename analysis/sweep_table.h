/* The table of a sweep: a row for each cell and policy, its variables beside what was measured.
 *
 * For people a row has to fit a line or two; programs get every limit and, in every row, what was
 * run. Which columns there are is settled by the first cell. */
#ifndef CM_SWEEP_TABLE_H
#define CM_SWEEP_TABLE_H

#include "analysis/assertion.h"
#include "analysis/results.h"
#include "sim/base/table.h"

/* What the variables of a sweep are called, and whether all values of one are numbers. */
struct cm_sweep_columns {
    const char *const *names;
    const bool *numbers;
    size_t n;
    const char *version; /* of the program; NULL = for people */
};

/* The context, cell and variables alone: for lists of cells. */
void cm_sweep_table_keys(struct cm_table *t, const struct cm_sweep_columns *columns);
/* Those, then policy and measures. */
void cm_sweep_table_init(struct cm_table *t, const struct cm_sweep_columns *columns,
                         const struct cm_results *first);

/* A cell and its values, one a variable; NULL = it has none. */
struct cm_sweep_row {
    uint64_t cell;
    const char *const *values;
};
void cm_sweep_table_begin(struct cm_table *t, const struct cm_sweep_columns *columns,
                          const struct cm_sweep_row *row, const struct cm_scenario *scenario);
/* All of one policy; says what became of what the scenario asserts of it, the worst. */
enum cm_truth cm_sweep_table_add(struct cm_table *t, const struct cm_sweep_columns *columns,
                                 const struct cm_sweep_row *row, const struct cm_results *results,
                                 size_t policy);

#endif
