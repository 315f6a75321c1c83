/* Revisions: newer versions of the code that become ready while a release is being rolled out. */
#ifndef CM_REVISIONS_H
#define CM_REVISIONS_H

#include "sim/service/law.h"

struct cm_revisions {
    struct cm_law every; /* from one to the next, the first from the release; n = 0: none come */
};

extern const struct cm_section cm_revisions_section;

#endif
