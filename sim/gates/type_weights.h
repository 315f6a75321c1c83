/* A list of weights: 1, 1, 2. */
#ifndef CM_TYPE_WEIGHTS_H
#define CM_TYPE_WEIGHTS_H

#include "sim/base/param.h"

#define CM_WEIGHTS_MAX 8
struct cm_weights {
    size_t n; /* 0 = none: all weigh the same */
    double weight[CM_WEIGHTS_MAX];
};

/* Every weight within the row's range; "none" where that is the default. */
extern const struct cm_type cm_type_weights;
#define CM_WEIGHTS(T, f, dflt, min, max, help)                                                     \
    CM_ROW(T, f, struct cm_weights, cm_type_weights, dflt, min, max, NULL, help)

/* Whether there is a weight for each of `parts`, or none; and a sum above 0. */
int cm_weights_check(const struct cm_weights *w, size_t parts, struct cm_err *err);

/* The i-th of `n` parts' share of all weights. */
double cm_weights_share(const struct cm_weights *w, size_t i, size_t n);

#endif
