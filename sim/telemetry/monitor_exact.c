/* A monitor without a pipeline: it sees every request when it is answered, per version, in windows
 * that end now. What a policy does under it is the best that its rules can do. */
#include "sim/telemetry/monitor.h"

static const struct cm_param params[] = {CM_PARAMS_END};

const struct cm_monitor cm_monitor_exact = {
    .kind = {.name = "exact",
             .summary = "Sees every answer at once; windows are what was answered in them.",
             .source = "house rule",
             .params = params},
};
