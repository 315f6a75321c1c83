/* A recording: requests a step, read from a CSV file.
 *
 * Two forms: one row a step with its count, or one row a request (no count column), which is
 * binned. Rows ascend in time. A counted row stands for the step that begins at its time; the grid
 * begins at the first row, and a row may lie off it by a tenth of a step. */
#ifndef CM_RECORDING_H
#define CM_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/base/mem.h"
#include "sim/base/time.h"

/* What stands for a step without a row. */
enum cm_gaps { CM_GAPS_REFUSE, CM_GAPS_ZERO, CM_GAPS_HOLD };

struct cm_recording_spec {
    const char *time_column, *count_column; /* a name, a number from 1, or "auto"; count: "none" */
    cm_time step;
    int gaps;      /* enum cm_gaps; means nothing when rows are requests */
    bool skip_bad; /* rows that cannot be read are counted and left out, not refused */
};

struct cm_recording_file {
    const char *name, *text; /* borrowed */
    size_t length;
};

struct cm_recording {
    const uint64_t *count; /* requests of each step; the arena's */
    size_t n;              /* steps, at least 1 */
    double total;
    size_t gaps, bad_rows;
    const char *first_bad; /* "line 7: 'x' is not a time"; the arena's; NULL = no bad row */
};
#define CM_RECORDING_STEPS ((size_t)1 << 22) /* at most: 8 years of 1m, 48 days of 1s */

/* 0, or -1 with the reason, which begins with file:line. */
int cm_recording_read(struct cm_recording *out, const struct cm_recording_spec *spec,
                      const struct cm_recording_file *file, struct cm_arena *arena,
                      struct cm_err *err);

#endif
