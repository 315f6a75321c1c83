/* Cells: what is counted of answers. One for each version, class, outcome and tempo, in this order,
 * so that those of one row, a version and class, are side by side. A cell has a counter for each
 * group of latency buckets (bucket_tree.h); who does not tell groups apart uses the first. */
#ifndef CM_CELL_H
#define CM_CELL_H

#include "sim/engine/world.h"

enum cm_outcome_kind { CM_OK, CM_ERROR_ANSWER, CM_OUTCOMES };

#define CM_ROW_CELLS (CM_OUTCOMES * CM_TEMPI)
#define CM_ROWS_MAX  (CM_VERSIONS * CM_CLASSES_MAX)
#define CM_CELLS_MAX (CM_ROWS_MAX * CM_ROW_CELLS)

#define CM_ROW_COUNTERS (CM_ROW_CELLS * CM_BUCKET_GROUPS)
#define CM_COUNTERS_MAX (CM_ROWS_MAX * CM_ROW_COUNTERS)

static inline size_t cm_cell(size_t n_classes, size_t version, size_t class, size_t outcome,
                             size_t tempo)
{
    return ((version * n_classes + class) * CM_OUTCOMES + outcome) * CM_TEMPI + tempo;
}

/* What a cell has in a reading of all counters. */
static inline uint64_t cm_cell_total(const uint64_t *counters, size_t cell)
{
    uint64_t total = 0;
    for (size_t i = cell * CM_BUCKET_GROUPS; i < (cell + 1) * CM_BUCKET_GROUPS; i++)
        total += counters[i];
    return total;
}

/* What came to a cell between two readings of all counters. */
static inline uint64_t cm_cell_gained(const uint64_t *before, const uint64_t *after, size_t cell)
{
    uint64_t gained = 0;
    for (size_t i = cell * CM_BUCKET_GROUPS; i < (cell + 1) * CM_BUCKET_GROUPS; i++)
        gained += after[i] - before[i];
    return gained;
}

#endif
