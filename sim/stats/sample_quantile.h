/* Quantiles of a sample and how far they may be off.
 *
 * An interval from order statistics that holds whatever the law is cm_interval_quantile; a quantile
 * from buckets is cm_bucket_quantile. Values are ascending and in one unit, which estimates and
 * errors share; 0 < p < 1, other p and empty samples give NAN. */
#ifndef CM_SAMPLE_QUANTILE_H
#define CM_SAMPLE_QUANTILE_H

#include "sim/stats/interval.h"
#include "sim/stats/values.h"

/* Harrell and Davis (1982): sum of [I_{i/n}(a, b) - I_{(i-1)/n}(a, b)] X_(i) with a = (n + 1) p,
 * b = (n + 1)(1 - p): smoother than one order statistic. */
double cm_sample_quantile_harrell_davis(const struct cm_values *v, double p);

/* The standard error of the sample quantile by Maritz and Jarrett (1978): the deviation of the
 * X_(i) under such weights of Beta(m - 1, n - m), m = floor(n p + 1/2). NAN unless 1 < m < n. */
double cm_sample_quantile_error(const struct cm_values *v, double p);

/* (q1 - q0 - margin) / sqrt(se1^2 + se0^2) of Harrell and Davis' estimates, canary minus control;
 * 0 where neither varies. */
double cm_sample_quantile_z(const struct cm_values *control, const struct cm_values *canary,
                            double p, double margin);

/* Woodruff (1952): the bucket quantiles at p -+ z sqrt(p (1 - p) / n), n the mass in all. What lies
 * outside [0, 1] gives an infinite limit. Arguments as cm_bucket_quantile. */
struct cm_interval cm_sample_quantile_woodruff(double p, const double *bounds, const double *mass,
                                               size_t n, double level);

#endif
