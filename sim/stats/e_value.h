/* Putting e-values together: several metrics, several ratios, p-values.
 *
 * An e-value is a nonnegative statistic with mean at most 1 if the hypothesis holds, so that P(E >=
 * 1 / alpha) <= alpha. A weighted mean of e-values is one, however they depend on each other; a
 * product is one if each is an e-value given those before. For M metrics and one rollback the mean
 * is the better merger if several move, the largest over M (Bonferroni) if one does; they differ by
 * at most ln M. All in logarithms. (Vovk and Wang, Annals of Statistics 2021; Wang and Ramdas, JRSS
 * B 2022.) */
#ifndef CM_E_VALUE_H
#define CM_E_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* ln of the mean by weights >= 0, which add up to 1; NULL = equal ones (cm_log_mean_exp). n >= 1.
 */
double cm_e_value_log_mean(const double *log_e, const double *weight, size_t n);

/* min(1, 1 / E), a p-value; of the largest of n, min(1, n / E). */
double cm_e_value_p(double log_e);
double cm_e_value_bonferroni_p(const double *log_e, size_t n);

/* The hypotheses that e-BH rejects: the k with the largest e-values, k the largest number for which
 * the k-th is at least n / (k alpha). Keeps the false discovery rate below alpha under any
 * dependence. Returns k and marks them in `rejected`, which may be NULL. 0 < alpha < 1. */
size_t cm_e_value_bh(const double *log_e, size_t n, double alpha, bool *rejected);

/* ln of an e-value made of a p-value in [0, 1]: kappa p^(kappa - 1), 0 < kappa < 1; or its mean
 * over all kappa, (1 - p + p ln p) / (p ln^2 p), which is at least 1/2. */
double cm_e_value_log_of_p(double p, double kappa);
double cm_e_value_log_of_p_mixed(double p);

#endif
