/* An array of numbers from a file: one column of a CSV, with or without a header. */
#ifndef CM_ARRAYS_H
#define CM_ARRAYS_H

#include <stddef.h>

#include "sim/base/err.h"
#include "sim/base/mem.h"

struct cm_array {
    double *x; /* the arena's; in the order of the file; NAN = an empty cell */
    size_t n;
};

/* Reads the column called `name`; NULL = the last one, or the only one. Numbers may carry units
 * (120ms). 0, or -1 with the reason. */
int cm_array_read(struct cm_array *a, const char *file, const char *name, struct cm_arena *arena,
                  struct cm_err *err);

#endif
