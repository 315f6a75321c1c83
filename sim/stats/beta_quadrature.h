/* Integrals over a beta density, for beta_compare.h: where finite sums do not reach. */
#ifndef CM_BETA_QUADRATURE_H
#define CM_BETA_QUADRATURE_H

#include "sim/stats/beta_compare.h"

/* P(canary > control + margin), -1 < margin < 1. */
double cm_beta_quadrature_greater(const struct cm_beta *canary, const struct cm_beta *control,
                                  double margin);

/* E[(canary - control)^+]. */
double cm_beta_quadrature_loss(const struct cm_beta *canary, const struct cm_beta *control);

#endif
