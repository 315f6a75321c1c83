/* Renyi's sums; see the header. */
#include "sim/stats/order_statistics.h"

#include <math.h>

#include "sim/stats/threshold_rules.h"

struct cm_order_moments cm_order_statistics_exponential(uint64_t n, double p, double mean)
{
    if (n == 0 || !(p > 0 && p < 1 && mean > 0))
        return (struct cm_order_moments){NAN, NAN, NAN};
    uint64_t rank = cm_order_stat_exceed(n, p, p).rank;
    double first = 0, second = 0;
    for (uint64_t i = n; i > n - rank; i--) { /* the small terms first */
        first += 1 / (double)i;
        second += 1 / (double)i / (double)i;
    }
    return (struct cm_order_moments){mean * first, mean * mean * second,
                                     mean * (first + log1p(-p))};
}
