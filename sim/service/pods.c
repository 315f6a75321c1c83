/* The section [pods]. Numbers stay as they are over the rollout, whatever the weight. */
#include "sim/service/pods.h"

static const struct cm_param params[] = {
    CM_COUNT(struct cm_fleet, stable, "1", 1, CM_PODS_MAX, "Pods of the stable version."),
    CM_COUNT(struct cm_fleet, canary, "1", 1, CM_PODS_MAX, "Pods of the canary."),
    CM_PARAMS_END,
};

const struct cm_section cm_pods_section = {
    .name = "pods",
    .summary = "Instances of each version; a request goes to any of them with equal chances.",
    .params = params,
    .size = sizeof(struct cm_fleet),
};
