/* A list of rate ratios: 1.25, 1.5, 2, 3, 5, 10. */
#ifndef CM_TYPE_RATIOS_H
#define CM_TYPE_RATIOS_H

#include "sim/base/param.h"

#define CM_RATIOS_MAX 16
struct cm_ratios {
    size_t n;
    double ratio[CM_RATIOS_MAX];
};

/* Every ratio within the row's range, none twice. */
extern const struct cm_type cm_type_ratios;
#define CM_RATIOS(T, f, dflt, min, max, help)                                                      \
    CM_ROW(T, f, struct cm_ratios, cm_type_ratios, dflt, min, max, NULL, help)

#endif
