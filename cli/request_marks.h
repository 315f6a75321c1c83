/* Values to tune where one value is wanted. */
#ifndef CM_REQUEST_MARKS_H
#define CM_REQUEST_MARKS_H

#include "cli/request.h"

/* Whether loading failed for want of one value where the file leaves it to be tuned, and for
 * nothing else. */
bool cm_request_marks_are(const struct cm_diags *diags);

/* Says which values are to be tuned, what finds them and what chooses them; always CM_EXIT_USAGE,
 * unless a mark is a mistake itself. `diags` is what loading said. */
int cm_request_marks_refuse(const struct cm_request *r, const struct cm_load *load,
                            const struct cm_diags *diags);

#endif
