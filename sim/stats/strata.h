/* Cochran's and Mantel and Haenszel's test over strata: is the canary worse, stratum by stratum?
 *
 * A stratum is a tick or a step, with its own base rate and its own share of the canary. Adding up
 * counts over strata first would compare epochs instead of arms (Simpson's paradox); this adds up
 * differences within strata:
 *
 *     z = sum(x1 - n1 X / N) / sqrt(sum n0 n1 X (N - X) / (N^2 (N - 1)))
 *
 * with N = n0 + n1, X = x0 + x1. Six running sums, so a look costs nothing. It assumes a common
 * ratio over the strata and, for the normal law, about 10 errors in all.
 *
 * Sources: Mantel and Haenszel (1959); Robins, Breslow and Greenland (1986) for the notation. */
#ifndef CM_STRATA_H
#define CM_STRATA_H

#include <stdbool.h>

#include "sim/stats/share_limit.h"

/* Starts as {0}. */
struct cm_strata {
    double excess, variance;      /* of the canary's errors over their expectation */
    double risk_over, risk_under; /* sums of x1 n0 / N and x0 n1 / N */
    double odds_over, odds_under; /* sums of x1 (n0 - x0) / N and x0 (n1 - x1) / N */
};

/* A stratum without requests in an arm, without errors or with nothing else adds nothing to z. */
void cm_strata_add(struct cm_strata *strata, const struct cm_two_counts *c);

/* 0 while the strata say nothing. With `continuity` 1/2 is taken off the excess, never past 0. */
double cm_strata_z(const struct cm_strata *strata, bool continuity);

/* Mantel and Haenszel's common ratios, canary over control; INFINITY without errors in the control,
 * NAN without any. */
double cm_strata_risk_ratio(const struct cm_strata *strata);
double cm_strata_odds_ratio(const struct cm_strata *strata);

#endif
