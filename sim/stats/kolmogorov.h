/* The test of Kolmogorov and Smirnov: the largest distance between two distribution functions.
 *
 *     D+ = max(F0 - F1)   the canary is slower: its distribution function lies below
 *     D- = max(F1 - F0),  D = max(D+, D-)
 *
 * With m = n0 n1 / (n0 + n1), for large samples P(D+ >= d) = exp(-2 m d^2) and
 * P(D >= d) = 2 sum (-1)^(k-1) exp(-2 k^2 m d^2) (Smirnov 1939). Nearly blind to tails: between
 * quantiles 0.99 and 1 distribution functions can differ by 0.01 only. NAN for samples that are not
 * finite, 0 for an empty arm. */
#ifndef CM_KOLMOGOROV_H
#define CM_KOLMOGOROV_H

#include "sim/stats/alternative.h"
#include "sim/stats/values.h"

struct cm_distance {
    double d_plus, d_minus, d;
    double n0, n1;
};
struct cm_distance cm_kolmogorov_of(const struct cm_values *control,
                                    const struct cm_values *canary);

/* From n buckets with ascending bounds; counts >= 0. A lower bound of the distance between what
 * fell in. */
struct cm_distance cm_kolmogorov_of_buckets(const double *control, const double *canary, size_t n);

/* For large samples. Greater: by D+; less: by D-; two-sided: by D. */
double cm_kolmogorov_p(const struct cm_distance *d, enum cm_alternative alternative);

/* Exact for any sizes, given which values are tied (Schroeer and Trenkler 1995); takes n0 n1
 * steps. */
double cm_kolmogorov_exact_p(const struct cm_values *control, const struct cm_values *canary,
                             enum cm_alternative alternative);

#endif
