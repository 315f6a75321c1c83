/* The E-test of two Poisson rates (Krishnamoorthy and Thomson 2004): more powerful than the
 * conditional test at tiny counts.
 *
 * With d = R T1 / T0 the means under H0 are estimated as m0 = X / (1 + d) and m1 = d m0, and
 *
 *     p = sum over a, b of P(Poi(m1) = a) P(Poi(m0) = b) [stat(a, b) as extreme as stat(x1, x0)]
 *     stat = (a - b d) / sqrt((a + b) d)   score
 *            (a - b d) / sqrt(a + b d^2)   Wald
 *
 * Both grow with a and fall with b, so that for every b one tail in a is summed at once. */
#ifndef CM_POISSON_ETEST_H
#define CM_POISSON_ETEST_H

#include "sim/stats/poisson_rate.h"

enum cm_etest { CM_ETEST_SCORE, CM_ETEST_WALD };

/* Events of both arms that it is meant for: beyond, the conditional test is as powerful. */
#define CM_POISSON_ETEST_MAX 10000000

/* 0 without events; NAN outside the domain of poisson_rate.h. */
double cm_poisson_etest_stat(const struct cm_two_rates *r, double ratio, enum cm_etest kind);

/* Two-sided: by |stat|. 1 without events, NAN for more than CM_POISSON_ETEST_MAX. Takes about 20
 * sqrt(X) incomplete gamma functions. */
double cm_poisson_etest_p(const struct cm_two_rates *r, double ratio, enum cm_etest kind,
                          enum cm_alternative alternative);

#endif
