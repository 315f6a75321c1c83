/* Many p-values: adjusted so that each can be held against one alpha, or combined into one.
 *
 * p-values are in [0, 1]. One that is NAN is a test without an answer: its adjusted value is NAN,
 * and it counts among the m all the same, as if it had been 1, so that a missing metric never makes
 * the others more significant. A combination with NAN is NAN. */
#ifndef CM_MULTIPLICITY_H
#define CM_MULTIPLICITY_H

#include <stddef.h>

/* With p_(1) <= ... <= p_(m), each at most 1:
 *     Bonferroni                    m p                                        any dependence
 *     Holm (1979)                   max over j <= i of (m - j + 1) p_(j)       any dependence
 *     Hochberg (1988)               min over j >= i of (m - j + 1) p_(j)       independent
 *     Benjamini-Hochberg (1995)     min over j >= i of m p_(j) / j             false discovery rate
 *     Benjamini-Yekutieli (2001)    the same times sum of 1 / j                ... any dependence
 */
enum cm_adjustment {
    CM_ADJUST_BONFERRONI,
    CM_ADJUST_HOLM,
    CM_ADJUST_HOCHBERG,
    CM_ADJUST_BENJAMINI,
    CM_ADJUST_YEKUTIELI,
};

/* adjusted[i] belongs to p[i]; the two arrays may be one. */
void cm_multiplicity_adjust(enum cm_adjustment how, const double *p, size_t m, double *adjusted);

/* Fisher (1932): -2 sum ln p is chi-square with 2 m degrees; independent tests.
 * Stouffer (1949): sum z / sqrt(m) is standard normal; independent tests.
 * Cauchy (Liu and Xie 2020): 1/2 - atan(mean of tan((1/2 - p) pi)) / pi; nearly any dependence.
 * m >= 1. Stouffer and Cauchy give NAN where a p is 0 and another 1. */
enum cm_combination { CM_COMBINE_FISHER, CM_COMBINE_STOUFFER, CM_COMBINE_CAUCHY };
double cm_multiplicity_combine(enum cm_combination how, const double *p, size_t m);

#endif
