/* Queues in the steady state: what a simulated service has to agree with.
 *
 * Arrivals are Poisson with rate lambda, a server works at rate mu (both 1/s, or any one unit;
 * times come in its inverse), first come first served. Times: wait = before service, sojourn = with
 * it. A queue that is not stable (lambda >= c mu, rho >= 1), and a parameter out of range, give
 * NAN.
 *
 * Sources: Kleinrock, Queueing Systems I (1975); Erlang (1917); for M/G/1 Pollaczek and Khinchine,
 * and Takacs (1962) for the second moment; Franx (2001) for M/D/1. */
#ifndef CM_QUEUES_H
#define CM_QUEUES_H

#include <stdint.h>

/* M/M/c, c >= 1. Erlang's B is the share lost without a queue, his C the share that waits. */
struct cm_mmc {
    double lambda, mu;
    uint64_t servers;
};
struct cm_mmc_odds {
    double utilization; /* lambda / (c mu) */
    double erlang_b, erlang_c;
    double mean_wait, mean_sojourn, mean_number; /* number: in service or waiting */
};
struct cm_mmc_odds cm_queues_mmc(const struct cm_mmc *queue);
/* P(W > t) = C e^{-(c mu - lambda) t}. */
double cm_queues_mmc_wait_above(const struct cm_mmc *queue, double t);
/* P(T > t) = e^{-mu t} [1 + C (1 - e^{-mu t d}) / d] with d = c - 1 - lambda / mu; at d = 0 the
 * bracket is 1 + C mu t. */
double cm_queues_mmc_sojourn_above(const struct cm_mmc *queue, double t);
/* The t with P(T <= t) = q, 0 <= q < 1. */
double cm_queues_mmc_sojourn_quantile(const struct cm_mmc *queue, double q);

/* M/M/c/K: at most `capacity` >= c requests in the system, in service or waiting; others are
 * turned away. Stable at any load. */
struct cm_mmck_odds {
    double blocked, mean_number, mean_sojourn; /* sojourn of those that were let in */
};
struct cm_mmck_odds cm_queues_mmck(const struct cm_mmc *queue, uint64_t capacity);

/* The first three moments of a service time; infinite where the law has none. */
struct cm_moments {
    double m1, m2, m3;
};
struct cm_moments cm_queues_service_fixed(double length);
/* E S^k = mean^k (1 + cv^2)^(k (k - 1) / 2); cv = standard deviation / mean. */
struct cm_moments cm_queues_service_lognormal(double mean, double cv);
/* P(S > x) = (least / x)^alpha: E S^k = alpha least^k / (alpha - k) for k < alpha. */
struct cm_moments cm_queues_service_pareto(double least, double alpha);

/* M/G/1: Wq = lambda m2 / (2 (1 - rho)), E W^2 = 2 Wq^2 + lambda m3 / (3 (1 - rho)); shared_sojourn
 * is m1 / (1 - rho), the mean sojourn under processor sharing whatever the law. */
struct cm_mg1_odds {
    double rho, mean_wait, mean_sojourn, var_wait, shared_sojourn;
};
struct cm_mg1_odds cm_queues_mg1(double lambda, const struct cm_moments *service);

/* P(W <= t) in M/D/1 with service time d. Erlang's sum alternates and cancels; this one, over the
 * stationary numbers in the system, has positive terms only. t / d at most 10^4. */
double cm_queues_md1_wait_cdf(double lambda, double d, double t);

#endif
