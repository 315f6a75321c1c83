/* Cells: what is counted of answers. One for each version, class, outcome and tempo, in this order,
 * so that those of one row, a version and class, are side by side. */
#ifndef CM_CELL_H
#define CM_CELL_H

#include "sim/engine/world.h"

enum cm_outcome_kind { CM_OK, CM_ERROR_ANSWER, CM_OUTCOMES };

#define CM_ROW_CELLS (CM_OUTCOMES * CM_TEMPI)
#define CM_ROWS_MAX  (CM_VERSIONS * CM_CLASSES_MAX)
#define CM_CELLS_MAX (CM_ROWS_MAX * CM_ROW_CELLS)

static inline size_t cm_cell(size_t n_classes, size_t version, size_t class, size_t outcome,
                             size_t tempo)
{
    return ((version * n_classes + class) * CM_OUTCOMES + outcome) * CM_TEMPI + tempo;
}

#endif
