/* Replacing one value in a scenario file: every other byte stays as it is. */
#ifndef CM_SPLICE_H
#define CM_SPLICE_H

#include "sim/scenario/scenario.h"

struct cm_splice {
    const char *section, *name, *key; /* "gate", "ours", "alpha" */
    const char *value;
};

/* Writes the value where the scenario's file has the old one, or as a new line under the section's
 * header where it has none. 0, or -1 with the reason: the value may stand in another file, come
 * from the command line, or nowhere; then nothing is changed. */
int cm_splice_value(const struct cm_scenario *s, struct cm_splice splice, struct cm_err *err);

#endif
