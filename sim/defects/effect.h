/* What a defect does to a request: the reply it meets, and how much of the harm is its doing. */
#ifndef CM_EFFECT_H
#define CM_EFFECT_H

#include "sim/defects/defect.h"
#include "sim/service/answer.h"

/* What a request in the defect's scope meets, from what it would meet without. `level` is the
 * profile's strength, times the plan's, times 1 on the version that carries the defect or `spill`
 * on another. */
struct cm_reply cm_effect_reply(const struct cm_defect *defect, const struct cm_reply *healthy,
                                double level);

/* The share of the failures that the defect caused: (affected - healthy) / affected; 0 if it
 * lowers them. Each failure is its doing with this probability, independently. */
double cm_effect_blame(double healthy, double affected);

/* P(slower than x with the defect, not without), both latencies from the same quantile of the law.
 * `healthy` has no slow share. */
double cm_effect_slowed(const struct cm_law *law, const struct cm_pace *healthy,
                        const struct cm_pace *affected, double x);

#endif
