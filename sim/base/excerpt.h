/* The line that a diagnostic is about, with a caret under what is wrong. */
#ifndef CM_EXCERPT_H
#define CM_EXCERPT_H

#include "sim/base/diag.h"

/*        14 | look_evry = 5s
 *           | ^~~~~~~~~
 * Nothing if the place has no line to show. */
void cm_excerpt_write(const struct cm_place *place, struct cm_writer to);

#endif
