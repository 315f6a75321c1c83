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

/* Answers slower than x with the defect, not without it, both latencies from the same quantile of
 * the law. They are the quickest of those slower than x, of the usual and of the slow ones each. */
struct cm_slowed {
    double share;        /* of all answers that have */
    struct cm_pace pace; /* this pace: those in (x, until] are the defect's doing */
    double until;        /* s; may be below x or INFINITY */
};
/* `healthy` has no slow share. */
void cm_effect_slowed(const struct cm_law *law, const struct cm_pace *healthy,
                      const struct cm_pace *affected, double x, struct cm_slowed parts[2]);

#endif
