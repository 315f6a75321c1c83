/* How much of the type I error may be used up by the time a share t of the information is in.
 *
 *     O'Brien-Fleming-like   2 - 2 Phi(z_{alpha/2} / sqrt t)          Lan and DeMets (1983)
 *     Pocock-like            alpha ln(1 + (e - 1) t)                  Lan and DeMets (1983)
 *     Hwang-Shih-DeCani      alpha (1 - e^{-g t}) / (1 - e^{-g})      g = 0: alpha t (1990)
 *     power                  alpha t^rho                              Kim and DeMets (1987)
 *
 * alpha is that of one side; a two-sided test spends twice what alpha / 2 spends. Packages differ
 * in this only for the first: with 4 - 4 Phi(z_{alpha/4} / sqrt t) two-sided. Type II errors are
 * spent by the same functions, beta in place of alpha. */
#ifndef CM_SPENDING_H
#define CM_SPENDING_H

#include "sim/base/err.h"

enum cm_spending_kind {
    CM_SPENDING_OBRIEN_FLEMING,
    CM_SPENDING_POCOCK,
    CM_SPENDING_HWANG_SHIH_DECANI,
    CM_SPENDING_POWER,
};

struct cm_spending {
    enum cm_spending_kind kind;
    double param; /* g in [-500, 500]; rho in (0, 500]; the others have none */
};

/* Is the parameter in its range? */
int cm_spending_check(const struct cm_spending *s, struct cm_err *err);

/* Rises from 0 at t <= 0 to alpha at t >= 1. 0 < alpha < 1. */
double cm_spending_spent(const struct cm_spending *s, double alpha, double t);

#endif
