/* A list of whole percents: 1%, 5%, 20%. */
#ifndef CM_TYPE_PERCENTS_H
#define CM_TYPE_PERCENTS_H

#include "sim/base/param.h"

#define CM_PERCENTS_MAX 64
struct cm_percents {
    size_t n; /* 0 = none */
    int percent[CM_PERCENTS_MAX];
};

/* Every one within the row's range (1 = 100%); "none" where that is the default. */
extern const struct cm_type cm_type_percents;
#define CM_PERCENTS(T, f, dflt, min, max, help)                                                    \
    CM_ROW(T, f, struct cm_percents, cm_type_percents, dflt, min, max, NULL, help)

/* A share as percents; -1 unless they are whole. */
int cm_percents_of(double share);

#endif
