/* One quantile of latencies at all times: limits for one release, a test for two.
 *
 * The number of observations at or below the p-quantile is binomial with share p, so that its
 * excess over p t is a sum of increments in [-p, 1 - p] with intrinsic time p (1 - p) t: the two-
 * sided beta-binomial mixture (mixture.h) bounds it without any assumption about the law. Where the
 * law has jumps, the share at or below the quantile may be anything between the share below and the
 * share at or below; the least evidence among them counts.
 *
 * If two releases have the same p-quantile, then at that value the product of their mixtures is an
 * e-process; its least value over all candidates is below it. (Howard and Ramdas, Bernoulli 2022, 3
 * and 6.) Distribution-free, and weak: expect to need tens of times as many requests as a test of
 * tail counts. */
#ifndef CM_QUANTILE_SEQUENCE_H
#define CM_QUANTILE_SEQUENCE_H

#include "sim/stats/interval.h"
#include "sim/stats/mixture.h"
#include "sim/stats/values.h"

/* Which quantile, and the number of observations t_opt at which limits are tightest for alpha_opt.
 */
struct cm_quantile_sequence {
    double p;
    struct cm_mixture mixture;
};
/* 0 < p < 1, t_opt > 0, 0 < alpha_opt < 1. */
struct cm_quantile_sequence cm_quantile_sequence_of(double p, double t_opt, double alpha_opt);

/* The quantile lies between the empirical quantiles of these two shares, at every t >= 1 at once;
 * 0 and 1 where there is no limit yet. 0 < alpha < 1. */
struct cm_interval cm_quantile_sequence_shares(const struct cm_quantile_sequence *q, double t,
                                               double alpha);

/* ln of the e-value against equal quantiles; 0 without observations. Time grows with both samples.
 */
double cm_quantile_sequence_log_e(const struct cm_quantile_sequence *q,
                                  const struct cm_values *control, const struct cm_values *canary);

/* A share, from x of n, at all times: the shares that the mixture tuned to them does not reject,
 * with v_opt = p (1 - p) t_opt. [0, 1] for n = 0; x <= n, 0 < alpha < 1. */
struct cm_interval cm_quantile_sequence_share_limits(uint64_t x, uint64_t n, double alpha,
                                                     const struct cm_mixture_tuning *tuning);

#endif
