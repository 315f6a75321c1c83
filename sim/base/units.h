/* Numbers with units, as people write them, and back.
 *
 *     5m 250ms 1h30m 2d      seconds       10% 0.1% 0.5pp      ratios
 *     30 rps 1k rps 90 rpm   per second    0.6 1e-3 2k 1M      pure
 *
 * A percent sign, a milli or a kilo moves the decimal exponent before the text is converted, so
 * 1.1% is the double nearest to 0.011 and every double has a text that reads back to it. */
#ifndef CM_UNITS_H
#define CM_UNITS_H

#include "sim/base/param.h"

/* Reads `text` as a number of `unit`. A bare number where a unit is needed is refused with the
 * hint of what was probably meant; 0 needs none. Signs are read: ranges are the caller's. */
int cm_units_read(const char *text, enum cm_unit unit, double *value, struct cm_err *err);
/* A number of any unit; a bare one is pure. */
int cm_units_read_any(const char *text, struct cm_quantity *quantity, struct cm_err *err);
/* A duration as whole nanoseconds (the nearest). */
int cm_units_read_time(const char *text, cm_time *time, struct cm_err *err);
/* A whole number below 2^63. */
int cm_units_read_count(const char *text, int64_t *count, struct cm_err *err);

/* The shortest text that reads back to the same bytes; NAN prints as none. */
void cm_units_print(double value, enum cm_unit unit, struct cm_writer to);
/* The same with "pp" for a ratio: differences. */
void cm_units_print_points(double value, struct cm_writer to);
/* Largest exact units: 1m30s, 1500ms. */
void cm_units_print_time(cm_time time, struct cm_writer to);

/* Examples of what is accepted: "5m, 250ms, 1h30m". */
const char *cm_units_examples(enum cm_unit unit);

#endif
