/* Moments of the empirical p-quantile X_(k), k = ceil(n p), of n exponential values. By Renyi's
 * representation (1953) the spacings are independent exponentials:
 *
 *     E = mean (1/(n-k+1) + ... + 1/n),   Var = mean^2 (1/(n-k+1)^2 + ... + 1/n^2)
 *
 * and the true quantile is -mean ln(1 - p). Independent values; in the unit of the mean. */
#ifndef CM_ORDER_STATISTICS_H
#define CM_ORDER_STATISTICS_H

#include <stdint.h>

struct cm_order_moments {
    double expected, variance, bias; /* bias: expected less the true quantile */
};
/* n >= 1, 0 < p < 1, mean > 0; NAN for others. */
struct cm_order_moments cm_order_statistics_exponential(uint64_t n, double p, double mean);

#endif
