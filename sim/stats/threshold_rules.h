/* What rules made of repeated checks do: closed forms and exact recursions.
 *
 * They judge the simulator, not releases: a simulated policy has to agree with them. `fail` is the
 * probability that one check fails; checks are independent of each other. Times are in seconds,
 * shares and probabilities in [0, 1]. Sizes are small (checks and weights below 10^6). */
#ifndef CM_THRESHOLD_RULES_H
#define CM_THRESHOLD_RULES_H

#include <stddef.h>
#include <stdint.h>

/* P(at least `threshold` of `checks` fail) = P(Bin(n, f) >= T). */
double cm_cumulative_threshold_prob(uint64_t checks, double fail, uint64_t threshold);

/* Flagger's canary (fluxcd/flagger v1.44.0, pkg/controller/scheduler.go): a passed check moves on
 * to the next weight, a failed one holds the weight and counts for good; the threshold-th failure
 * rolls back, `lag` intervals later, unless the last weight was passed before. A race between
 * passes and failures: with equal f, P(rolled back) = P(Bin(T + m - 1, f) >= T). */
struct cm_race {
    size_t weights;
    const double *weight, *fail; /* one a weight */
    uint64_t threshold;          /* >= 1 */
    double interval_s, lag;      /* lag in intervals, at the weight that failed */
};
struct cm_race_odds {
    double rolled_back, duration_s, exposure_s; /* exposure: integral of the weight over time */
};
struct cm_race_odds cm_flagger_race(const struct cm_race *race);

/* Argo Rollouts' failureLimit: a run of `count` measurements fails, and ends, as soon as more than
 * `limit` of them have failed: P(Bin(n, f) > L), E[measurements] = sum of P(Bin(k, f) <= L). */
struct cm_argo_odds {
    double failed, measurements;
};
struct cm_argo_odds cm_argo_failure_limit(uint64_t count, uint64_t limit, double fail);

/* A run of k failures in a row: P(one within n checks) by the Markov chain of the current run, and
 * the mean number of checks until the first, (1 - f^k) / ((1 - f) f^k) (Feller 1968, XIII.7). */
struct cm_run_odds {
    double within, mean_checks;
};
struct cm_run_odds cm_consecutive_run(uint64_t checks, uint64_t run, double fail);

/* P(some `window` checks in a row hold k failures, within n checks), by the Markov chain of the
 * last window - 1 outcomes; window at most CM_WINDOW_MAX. Checks before the first count as passed.
 */
#define CM_WINDOW_MAX 16
double cm_k_of_w_window(uint64_t checks, uint64_t k, uint64_t window, double fail);

/* One check of an error ratio over a window of Poisson traffic: it fails iff errors / requests is
 * above `max_error_rate`; an empty window passes. N ~ Poisson(rate window share), errors given N
 * are Bin(N, p): f = sum over N of P(N) P(Bin(N, p) > floor(limit N)). */
struct cm_window_check {
    double arrival_rate, window_s, canary_share, error_prob, max_error_rate;
};
double cm_poisson_window_check_fail(const struct cm_window_check *check);

/* Steps of equal length, each detecting with its own probability at its end. */
struct cm_schedule_odds {
    double exposure_s, duration_s, missed;
};
struct cm_schedule_odds cm_step_schedule_exposure(size_t steps, const double *weight,
                                                  const double *detect, double interval_s);

/* Time to the k-th error of Poisson traffic: Erlang(k, rate share p). */
struct cm_erlang {
    double mean_s, quantile_s;
};
struct cm_erlang cm_time_to_kth_error(double error_rate, uint64_t k, double q);

/* The empirical p-quantile X_(ceil(n p)) of n values of which each is at most x with probability F:
 * its rank, and P(it is above x) = P(Bin(n, F) <= rank - 1). */
struct cm_order_odds {
    uint64_t rank;
    double above;
};
struct cm_order_odds cm_order_stat_exceed(uint64_t n, double p, double cdf_at_x);

/* What bucket interpolation tells of the q-quantile of an infinite sample, beside the truth. */
struct cm_bias {
    double interpolated, relative; /* the bounds' unit; interpolated / truth - 1 */
};
/* cdf[i] is the law's distribution function at bound i; `truth` its q-quantile. */
struct cm_bias cm_histogram_quantile_bias(double q, const double *bounds, const double *cdf,
                                          size_t n, double truth);

/* Errors of a thinned Poisson process: their mean, and P(at least k). */
struct cm_split_odds {
    double mean, none, at_least;
};
struct cm_split_odds cm_poisson_split(double arrival_rate, double share, double error_prob,
                                      double horizon_s, uint64_t k);

#endif
