/* Steps of a rollout: 1%/5m, 5%/10m, 100%. */
#ifndef CM_TYPE_STEPS_H
#define CM_TYPE_STEPS_H

#include "sim/base/param.h"

#define CM_STEPS_MAX 32
struct cm_steps {
    size_t n;
    struct {
        double weight; /* share of the canary, ascending */
        cm_time bake;  /* least time at this weight; 0 only at a last step of 100 % */
    } step[CM_STEPS_MAX];
};

extern const struct cm_type cm_type_steps;
#define CM_STEPS(T, f, dflt, help)                                                                 \
    CM_ROW(T, f, struct cm_steps, cm_type_steps, dflt, 0, 0, NULL, help)

#endif
