/* A stored study where a scenario might stand. */
#ifndef CM_REQUEST_STORE_H
#define CM_REQUEST_STORE_H

#include "analysis/stored.h"
#include "cli/request.h"

/* Opens the store that the command line names and says, unless `quiet`, what its reader should
 * know. Options that choose what is played are refused: in a store it has been. NULL once the
 * mistake has been said; then *status is what to exit with. */
struct cm_stored *cm_request_store(const struct cm_request *r, bool quiet, int *status);

#endif
