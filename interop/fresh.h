/* A new manifest for a policy that came from none. */
#ifndef CM_FRESH_H
#define CM_FRESH_H

#include "sim/base/write.h"
#include "sim/scenario/scenario.h"

/* Adds the manifest to `text`; what a person has to fill in stands in comments. 0, or -1 with the
 * reason: policies of the flagger controller have one. */
int cm_fresh_manifest(const struct cm_scenario *s, int policy, struct cm_buffer *text,
                      struct cm_err *err);

#endif
