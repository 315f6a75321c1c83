/* A mixture over all rate ratios of where errors come from, while the share of the canary changes.
 *
 * For one share s this is the beta mixture of binomial_mixture.h (cut off below s if one-sided) or,
 * two-sided, the Dirichlet mixture of dirichlet.h for two arms, multiplied up stratum by stratum:
 * each stratum's E is that of the posterior from the strata before. Where the share changes, the
 * posterior keeps its weight and its rate ratio
 *
 *     rho = odds of its mean / odds of s,
 *
 * so that nothing learnt is lost. Each factor is fair given the past whatever its prior is
 * (origin.h: a mean of r^x1 against the binomial), and so is the product. */
#ifndef CM_ORIGIN_BETA_H
#define CM_ORIGIN_BETA_H

#include <stdbool.h>

#include "sim/stats/share_limit.h"

/* How the evidence is taken. */
struct cm_origin_beta {
    double concentration; /* k > 0: the prior expects s as if from k events */
    double margin;        /* H0: at most so many times as bad; > 0 */
    bool one_sided;
};

/* Starts as {0}. */
struct cm_origin_beta_state {
    double log_e;
    double events; /* of the posterior, k included; 0 = none yet */
    double ratio;  /* rho, over the margin */
    double excess; /* of the canary's events over its share */
};
void cm_origin_beta_add(const struct cm_origin_beta *o, struct cm_origin_beta_state *st,
                        const struct cm_two_counts *stratum);

#endif
