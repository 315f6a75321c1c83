/* The policy that a tuned one is compared with, and the option of it that is moved until both roll
 * back as many healthy releases. */
#ifndef CM_TUNE_REFERENCE_H
#define CM_TUNE_REFERENCE_H

#include "analysis/calibrate.h"
#include "analysis/tune_play.h"

/* The one that is named, or the first that has nothing to tune; -1 = there is none. */
int cm_tune_reference(const struct cm_tune_field *f);

/* Of a question with scenario and policy, fills gate and row; false if nothing can be moved. */
bool cm_tune_reference_option(const struct cm_tune_options *options, struct cm_calibrate *ask);

#endif
