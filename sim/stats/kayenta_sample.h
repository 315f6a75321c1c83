/* What Kayenta's judge makes of one metric's values before it compares two versions: gaps,
 * outliers, summaries, effect sizes.
 *
 * Everything here is meant to the last bit, in the order of operations of the original: means are
 * those of commons-math (m = sum / n, then m + sum(x - m) / n), percentiles R's type 7. Values are
 * in one unit, NAN is a gap, infinities do not occur.
 *
 * Source: spinnaker/kayenta (a69573be), kayenta-judge: Transforms, detectors, stats. */
#ifndef CM_KAYENTA_SAMPLE_H
#define CM_KAYENTA_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

/* In the order of time, unsorted. */
struct cm_kayenta_series {
    const double *x; /* borrowed */
    size_t n;
};

/* The series, filled up with gaps to `expected` points; a longer one stays as it is. `out` has room
 * for the larger of both numbers; returns how many there are. */
size_t cm_kayenta_pad(const struct cm_kayenta_series *series, size_t expected, double *out);

enum cm_kayenta_nan { CM_KAYENTA_NAN_REMOVE, CM_KAYENTA_NAN_REPLACE };
struct cm_kayenta_cleaning {
    int nan; /* enum cm_kayenta_nan: gaps are dropped, or become 0 */
    bool remove_outliers;
    double outlier_factor; /* > 0 */
};
/* In place; returns how many values are left. */
size_t cm_kayenta_clean(const struct cm_kayenta_cleaning *how, double *x, size_t n);

/* The p-th percentile of ascending values by R's type 7: at rank 1 + (n - 1) p / 100, linear in
 * between. NAN of none. */
double cm_kayenta_percentile(const double *ascending, size_t n, double p);

/* Beyond which values are outliers, strictly. */
struct cm_kayenta_fences {
    double low, high;
};
/* Tukey's: the quartiles -+ factor times their distance; if `reduced` at least the 1st and the 99th
 * percentile, so that of up to 100 values little more than the two extremes can go. */
struct cm_kayenta_fences cm_kayenta_iqr_fences(const struct cm_kayenta_series *series,
                                               double factor, bool reduced);
/* Which values are more than k (population) standard deviations from the mean. */
void cm_kayenta_k_sigma(const struct cm_kayenta_series *series, double k, bool *outlier);

struct cm_kayenta_summary {
    double min, max, mean, sd; /* sd: n - 1; all 0 without values */
    size_t n;
};
struct cm_kayenta_summary cm_kayenta_summarize(const struct cm_kayenta_series *series);

double cm_kayenta_mean(const struct cm_kayenta_series *series);

/* Effect sizes of the canary against the control. */
/* The ratio of the means; NAN if either is 0. */
double cm_kayenta_mean_ratio(const struct cm_kayenta_series *control,
                             const struct cm_kayenta_series *canary);
/* The common-language effect size: P(canary > control) + P(equal) / 2. */
double cm_kayenta_cles(const struct cm_kayenta_series *control,
                       const struct cm_kayenta_series *canary);
/* The difference of the means in pooled standard deviations. */
double cm_kayenta_cohens_d(const struct cm_kayenta_series *control,
                           const struct cm_kayenta_series *canary);

/* An ascending copy; release it with cm_free. */
double *cm_kayenta_sorted(const struct cm_kayenta_series *series);

#endif
