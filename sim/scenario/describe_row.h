/* Words about one key, shared by help, template and reference. */
#ifndef CM_DESCRIBE_ROW_H
#define CM_DESCRIBE_ROW_H

#include "sim/base/kind.h"

/* "probability", "one of: red, green", "name of a [metric.NAME]". */
void cm_describe_takes(const struct cm_param *row, struct cm_writer to);
/* "0.1% to 50%", "at least 1s"; false and nothing if there is no range worth saying. */
bool cm_describe_range(const struct cm_param *row, struct cm_writer to);

/* The lower end of the range, as a value. */
void cm_describe_least(const struct cm_param *row, struct cm_writer to);

bool cm_describe_is_required(const struct cm_param *row);

/* How a section is headed in a file: "[traffic]", "[gate.NAME]". */
void cm_describe_header(const struct cm_section *section, const char *name, struct cm_writer to);

/* `text` in lines of at most 79 columns: the first behind `first`, the others behind `margin`. */
void cm_describe_wrap(const char *first, const char *margin, const char *text, struct cm_writer to);

/* The laws of durations, dressed as a section. Not one of a file. */
extern const struct cm_section cm_describe_laws;

#endif
