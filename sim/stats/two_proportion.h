/* Is the canary's share of bad requests larger than the control's? Tests for one look.
 *
 * Counts are of independent requests; a p-value is one-sided unless it says otherwise, small = the
 * canary is worse. With few canary requests and rare errors the normal approximation lies: at 1 %
 * nominal the pooled z errs 2-3 times as often at a share of 1 %, the unpooled one 30 times less;
 * mid-p stays close. */
#ifndef CM_TWO_PROPORTION_H
#define CM_TWO_PROPORTION_H

#include <stdbool.h>

#include "sim/stats/alternative.h"
#include "sim/stats/share_limit.h"

/* z = (p1 - p0 - margin) / SE with SE^2 = p q (1/n0 + 1/n1) at the common p (pooled; margin 0) or
 * p0 q0 / n0 + p1 q1 / n1. 0 where the standard error is 0 or an arm is empty: nothing to say.
 * (Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 2003, chapter 3.) */
double cm_two_proportion_z(const struct cm_two_counts *c, bool pooled, double margin);

/* z = (p1 - R p0) / SE with SE^2 = p1 q1 / n1 + R^2 p0 q0 / n0: is the canary more than R times as
 * bad? 0 as above. (Wald.) */
double cm_two_proportion_ratio_z(const struct cm_two_counts *c, double ratio);

/* P(Z >= z) of a standard normal Z. */
double cm_two_proportion_p_of_z(double z);

/* P(K >= x1) given the margins of the table: Fisher's exact test (1935); never too small. 1 for an
 * empty arm. */
double cm_two_proportion_fisher(const struct cm_two_counts *c);

/* The same, looking elsewhere: P(K <= x1), or the probability of all tables that are no more
 * probable than this one. */
double cm_two_proportion_fisher_as(const struct cm_two_counts *c, enum cm_alternative alternative);

/* P(K > x1) + P(K = x1) / 2: Lancaster's mid-p (1961), close to nominal on average. 0.5 where no
 * other table was possible. */
double cm_two_proportion_mid_p(const struct cm_two_counts *c);

#endif
