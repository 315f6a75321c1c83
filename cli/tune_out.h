/* Where the answer of a tuning goes besides standard output. */
#ifndef CM_TUNE_OUT_H
#define CM_TUNE_OUT_H

#include "analysis/tune_report.h"
#include "sim/base/err.h"

/* NAME.ini gets the tuned scenario, any other name is a folder that gets the report, too. Whether
 * it may be written: before anything is played. 0, or -1 with the reason. */
int cm_tune_out_check(const char *out, struct cm_err *err);
int cm_tune_out_write(const char *out, const struct cm_tune_report *r, struct cm_err *err);

#endif
