/* Where do errors come from? Evidence from the origin of each bad request.
 *
 * Given the errors x = x0 + x1 of a stratum and the requests n0, n1, equal error probabilities put
 * each error on the canary with s = n1 / (n0 + n1), whatever the probability was and however it
 * drifts; a canary that is r times as bad puts it there with r s / (r s + 1 - s). The likelihood
 * ratio of one stratum is
 *
 *     ln e = x1 ln r - x ln(1 - s + r s).
 *
 * Its mean is at most 1 for r > 1 if the canary is not worse: x1 is hypergeometric, which is
 * smaller in convex order than the binomial (Hoeffding 1963), and r^x1 is convex. So the product
 * over strata is an e-process: P(it ever reaches 1 / alpha) <= alpha (Ville 1939), at any number of
 * looks. It needs requests that are exchangeable between the arms within a stratum. */
#ifndef CM_ORIGIN_H
#define CM_ORIGIN_H

#include <stddef.h>
#include <stdint.h>

#include "sim/stats/share_limit.h"

/* ln e of one stratum. 0 <= share <= 1, ratio > 0. */
double cm_origin_log_e(uint64_t x0, uint64_t x1, double share, double ratio);

/* The share that a canary would have of the errors if it were `ratio` times as bad as the control:
 * rho n1 / (rho n1 + n0). With ratio 1 its share of the requests; with another the null hypothesis
 * "at most rho times as bad", exact for Poisson events, an approximation for rare errors of
 * requests (below 5 %). 0 without requests. */
double cm_origin_share(uint64_t n0, uint64_t n1, double ratio);

/* ln of the mean of e^l[i]; -INFINITY for n = 0. Equal weights. */
double cm_log_mean_exp(const double *l, size_t n);

#endif
