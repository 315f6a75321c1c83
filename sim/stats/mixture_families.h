/* What the families of mixtures share with each other and nobody else. */
#ifndef CM_MIXTURE_FAMILIES_H
#define CM_MIXTURE_FAMILIES_H

#include "sim/stats/mixture.h"

/* rho of a tuning. */
double cm_mixture_rho(const struct cm_mixture_tuning *tuning, bool one_sided);

#endif
