/* A condition of Argo Rollouts, kept as its text: result[0] < 0.05. */
#ifndef CM_TYPE_CONDITION_H
#define CM_TYPE_CONDITION_H

#include "sim/base/param.h"

/* The text is one that compiles for some result; NULL where the row's default is "none". */
extern const struct cm_type cm_type_condition;
#define CM_CONDITION(T, f, dflt, help)                                                             \
    CM_ROW(T, f, const char *, cm_type_condition, dflt, 0, 0, NULL, help)

#endif
