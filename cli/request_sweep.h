/* Sweeps where one scenario is wanted. */
#ifndef CM_REQUEST_SWEEP_H
#define CM_REQUEST_SWEEP_H

#include "cli/request.h"

/* Whether loading failed for want of one value where the file has many. */
bool cm_request_sweep_is(const struct cm_diags *diags);

/* Says which values are swept, how to choose, and how to play all of them; always CM_EXIT_USAGE,
 * unless the sweep itself has mistakes. `diags` is what loading said. */
int cm_request_sweep_refuse(const struct cm_request *r, const struct cm_load *load,
                            const struct cm_diags *diags);

#endif
