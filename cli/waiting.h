/* Waiting for a store that another program holds: it is said once, and an interrupt ends it. */
#ifndef CM_WAITING_H
#define CM_WAITING_H

#include <stdbool.h>

struct cm_waiting {
    const char *path; /* of the store; borrowed */
    bool quiet;
    bool said;
};

/* As in struct cm_store_options; `self` is a struct cm_waiting. */
bool cm_waiting_wait(void *self, const char *reason);

#endif
