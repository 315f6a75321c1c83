/* False rollbacks too rare to be counted: importance sampling.
 *
 * Healthy releases are played with the canary's error ratio p raised to r p, so that rollbacks
 * happen, and each rollback counts with the likelihood ratio of what the canary answered: x errors
 * among n requests. Ratios r_1 .. r_K are played equally often and weighed together,
 *
 *     W = 1 / mean over k of LR_k,   LR_k = r_k^x ((1 - r_k p) / (1 - p))^(n - x),
 *
 * the balance heuristic for a deterministic mixture: unbiased whatever the policy and the gate,
 * since a decision depends on the path up to it and W is the density of the whole path. With r = 1
 * among the ratios W is at most K. For gates whose evidence is this likelihood ratio W is nearly
 * constant at the boundary, and the relative error does not grow as the rate falls (Siegmund 1976).
 *
 * The mean of W over all paths, stopped or not, is 1: the diagnostic. Replication i meets the same
 * traffic with every ratio, so the K weights of one i are one observation.
 *
 * Sources: Siegmund, Annals of Statistics 4 (1976); Veach and Guibas, SIGGRAPH 1995 (balance
 * heuristic); Owen, Monte Carlo theory, methods and examples (2013), 9. Assumes that the healthy
 * error ratio is one known number, which cm_rare_check ensures. */
#ifndef CM_ANALYSIS_RARE_H
#define CM_ANALYSIS_RARE_H

#include "analysis/smallest.h"

#define CM_RARE_RATIOS 12

struct cm_rare {
    double rate, low, high;    /* of false rollbacks; limits by the normal law, 95 % */
    double relative_error;     /* standard error over rate; NAN = none was rolled back */
    double mean_weight;        /* of all paths; near 1 */
    double mean_weight_se;     /* its standard error */
    double effective;          /* (sum W)^2 / sum W^2 over rollbacks */
    double largest;            /* the largest weight's share of their sum */
    uint64_t rolled_back, n;   /* paths: rolled back, all */
    uint64_t plain_x, plain_n; /* those with r = 1, which are healthy releases as they are */
    size_t n_ratios;
    double ratio[CM_RARE_RATIOS]; /* ascending, the first is 1 */
};

/* Whether the scenario has one healthy error ratio, known beforehand; else -1 with the reason. */
int cm_rare_check(const struct cm_scenario *s, struct cm_err *err);

/* Estimates the rate of one policy; 0, or -1 if the runner stopped. */
int cm_rare_estimate(const struct cm_scenario *s, int policy, struct cm_runner runner,
                     struct cm_rare *result);

#endif
