/* A recorded history of metrics: what a monitor showed of a past release.
 *
 * CSV with a header. The first column is `time`: a time stamp, or seconds; the first row is when
 * the release was created. Every other column is about one metric of the scenario and one version:
 *
 *     errors.canary            what the metric's query returned then, in its unit (0.012 or 1.2%)
 *     errors.canary.requests   requests since the row before
 *     errors.canary.errors     errors among them
 *
 * and so for stable and baseline. An empty cell, or NaN, is no data. Errors and requests alone are
 * enough for an error ratio: its value is then that of the rows in its window. */
#ifndef CM_HISTORY_H
#define CM_HISTORY_H

#include "sim/scenario/scenario.h"

/* What is known of one metric and one version, row by row; NULL = no such column. */
struct cm_history_series {
    double *value; /* NAN = no data */
    double *requests, *errors;
};

struct cm_history {
    const char *file;                            /* borrowed */
    size_t n;                                    /* rows, at least 1 */
    cm_time *at;                                 /* ascending; at[0] = 0 */
    struct cm_history_series (*series)[CM_ARMS]; /* by metric of the scenario */
    struct cm_arena arena;                       /* owned */
};

/* Reads `text`; 0, or -1 with the reason, which begins with file:line. Release it in either case.
 */
int cm_history_read(struct cm_history *h, const struct cm_scenario *s, const char *file,
                    const char *text, size_t length, struct cm_err *err);
void cm_history_release(struct cm_history *h); /* idempotent, safe on {0} */

/* What the metric's query shows at an instant: the last row at or before it that is not older than
 * five minutes (Prometheus' staleness); counts over the metric's window. */
struct cm_signal cm_history_signal(const struct cm_history *h, const struct cm_scenario *s,
                                   int metric, cm_time at);
/* Counts of the rows in (from, until]; false if they are not recorded or nothing is in it. */
bool cm_history_stratum(const struct cm_history *h, int metric, const cm_time between[2],
                        struct cm_stratum *stratum);
bool cm_history_has_counts(const struct cm_history *h, int metric, enum cm_arm arm);
bool cm_history_has(const struct cm_history *h, int metric, enum cm_arm arm);

#endif
