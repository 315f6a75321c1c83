/* The report of a tuning: the answer first, then what it rests on. */
#ifndef CM_TUNE_REPORT_H
#define CM_TUNE_REPORT_H

#include "analysis/tune_validate.h"

enum cm_tune_format { CM_TUNE_TEXT, CM_TUNE_MARKDOWN, CM_TUNE_CSV, CM_TUNE_JSON, CM_TUNE_FORMATS };

struct cm_tune_report {
    const struct cm_tune_field *field;
    const struct cm_tuning *tuning;
    const struct cm_tune_validation *validation;
    const char *command; /* that repeats it, without its budget */
};

/* Text, Markdown or JSON; CSV has the table of the validation. */
void cm_tune_report_write(const struct cm_tune_report *r, enum cm_tune_format format,
                          struct cm_writer to);

/* What a candidate says for every mark that concerns its policy: "policy.ours.steps = 2%/1m, 100%",
 * each ended by a newline. */
void cm_tune_values_write(const struct cm_tune_field *f, const struct cm_candidate *c,
                          struct cm_writer to);

/* What is tuned: one row a mark, with the policies that hear of it. */
void cm_tune_list(const struct cm_tune_field *f, struct cm_table *table);

#endif
