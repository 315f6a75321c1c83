/* Confidence intervals for what a simulation estimates: shares, means, quantiles, ratios.
 *
 * `level` is the two-sided confidence, 0.95 in every report. A limit that the data cannot give is
 * infinite, and says so wherever it is printed. */
#ifndef CM_INTERVAL_H
#define CM_INTERVAL_H

#include <stddef.h>
#include <stdint.h>

struct cm_interval {
    double low, high;
};

/* x of n. Wilson (1927): the score interval; good at any n, short near 0 and 1. */
struct cm_interval cm_interval_wilson(uint64_t x, uint64_t n, double level);
/* x of n. Clopper and Pearson (1934): never covers less than `level`. */
struct cm_interval cm_interval_clopper_pearson(uint64_t x, uint64_t n, double level);
/* x of n as reports give it: Wilson; 0 of n and n of n have one limit, and it is one-sided: with
 * level 0.95 the upper limit of 0 of n is 1 - 0.05^(1/n). */
struct cm_interval cm_interval_share(uint64_t x, uint64_t n, double level);

/* Count, mean and unbiased variance of a sample. */
struct cm_sample {
    size_t n;
    double mean, variance; /* NAN for n = 0, n < 2 */
};
struct cm_sample cm_sample_of(const double *x, size_t n);
/* Student's t interval of the mean; infinite for n < 2. */
struct cm_interval cm_interval_mean(const struct cm_sample *sample, double level);

/* The order statistics that enclose the p-quantile of n independent values whatever their law:
 * [X_(low), X_(high)], ranks from 1; 0 and n + 1 stand for minus and plus infinity. */
struct cm_ranks {
    size_t low, high;
    double coverage; /* exact, at least `level` */
};
struct cm_ranks cm_ranks_of_quantile(size_t n, double p, double level);
/* X_(ceil(n p)) of ascending values; NAN for n = 0. */
double cm_quantile_of(const double *sorted, size_t n, double p);
struct cm_interval cm_interval_quantile(const double *sorted, size_t n, double p, double level);

/* sum a / sum b over independent batches, and its interval. NAN where b adds to 0; infinite limits
 * for fewer than two batches. */
struct cm_ratio {
    double value;
    struct cm_interval limits;
};
struct cm_ratio cm_ratio_of_batches(const double *a, const double *b, size_t batches, double level);

#endif
