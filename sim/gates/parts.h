/* What composites share: gates that look at the verdicts of other gates and at nothing else.
 *
 * Their parts are asked at the same instant, each once, and need not be in the policy's list. A
 * composite may be a part of another, but not of itself. */
#ifndef CM_PARTS_H
#define CM_PARTS_H

#include "sim/gates/gate.h"

/* The row of the key that names the parts. */
#define CM_PARTS(T, f, help) CM_REFS(T, f, "gate", NULL, help)

/* A cm_gate.needs: nothing of the monitor's. */
struct cm_needs cm_parts_needs(const void *options);

/* The first of the worst parts (fail before error before no data before undecided before pass), or
 * of the best; of equals a decisive one. */
size_t cm_parts_worst(const struct cm_look *look);
size_t cm_parts_best(const struct cm_look *look);

/* How many parts say so. */
size_t cm_parts_count(const struct cm_look *look, enum cm_label label);
size_t cm_parts_decisive(const struct cm_look *look, enum cm_label label);

#endif
