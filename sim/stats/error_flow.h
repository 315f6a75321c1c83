/* Errors that a bad canary adds over a rollout, and when a worsening one has made its k-th.
 *
 * Traffic is Poisson, so errors are as well (thinning; Kingman, Poisson Processes, 1993, 5.1). */
#ifndef CM_ERROR_FLOW_H
#define CM_ERROR_FLOW_H

#include <stddef.h>
#include <stdint.h>

/* A rollout through all weights, nobody looking: requests to the canary are rate * interval * the
 * sum of the weights, and each adds p_canary - p_control errors, by linearity whatever the law. */
struct cm_undetected {
    size_t steps;
    const double *weight; /* shares, one a step; borrowed */
    double arrival_rate;  /* 1/s */
    double interval_s;
    double p_control, p_canary;
};
struct cm_undetected_cost {
    double canary_requests, excess_errors;
};
struct cm_undetected_cost cm_error_flow_undetected(const struct cm_undetected *rollout);

/* P(the k-th event by t) where the rate is rate0 + slope t, as of a leak: P(Poi(L) >= k) with L =
 * rate0 t + slope t^2 / 2. Rates 1/s, slope 1/s^2, t in s, all >= 0; other values give NAN. */
double cm_error_flow_ramp_cdf(double rate0, double slope, uint64_t k, double t);

#endif
