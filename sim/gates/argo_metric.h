/* How a controller takes measurements of an argo_metric gate: when, how many, and how many bad ones
 * it bears. The gate judges one measurement and does not look at these; they come first in its
 * options. */
#ifndef CM_ARGO_METRIC_H
#define CM_ARGO_METRIC_H

#include "sim/base/param.h"

struct cm_argo_measure {
    cm_time interval, initial_delay; /* CM_NO_DURATION = not given */
    uint64_t count;                  /* UINT64_MAX = not given */
    double failure_limit;            /* whole; -1 = none */
    uint64_t inconclusive_limit, consecutive_error_limit, consecutive_success_limit;
    bool dry_run;
};

#endif
