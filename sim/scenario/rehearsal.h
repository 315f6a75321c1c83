/* A policy rehearsed: played at a desk where every gate passes, every pod is up and requests never
 * lack, to learn which weights it gives the canary. No controller has to be known for that. */
#ifndef CM_REHEARSAL_H
#define CM_REHEARSAL_H

#include "sim/scenario/scenario.h"

struct cm_rehearsal {
    double first;   /* the first weight above 0; 0 = there is none */
    double largest; /* before the release is promoted */
    double evenest; /* of the weights, the nearest to a half */
    double paired;  /* the largest that leaves room for a baseline of its size */
    bool finished;  /* else it went on for longer than was looked, and may reach other weights */
};

struct cm_rehearsal cm_rehearse(const struct cm_named_policy *policy);

#endif
