/* How many instances each version has. A balancer sends each request to any pod of its version,
 * with equal chances: of the version's counter a pod has a multinomial part. */
#ifndef CM_SERVICE_PODS_H
#define CM_SERVICE_PODS_H

#include "sim/base/kind.h"

#define CM_PODS_MAX 1000 /* of a version */

struct cm_fleet {
    uint64_t stable, canary;
};

extern const struct cm_section cm_pods_section;

#endif
