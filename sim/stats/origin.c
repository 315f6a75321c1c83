/* Origin evidence in log space; formulas in the header. */
#include "sim/stats/origin.h"

#include <assert.h>
#include <math.h>

double cm_origin_log_e(uint64_t x0, uint64_t x1, double share, double ratio)
{
    assert(share >= 0 && share <= 1 && ratio > 0);
    if (x0 + x1 == 0)
        return 0;
    return (double)x1 * log(ratio) - ((double)x0 + (double)x1) * log1p(share * (ratio - 1));
}

double cm_origin_share(uint64_t n0, uint64_t n1, double ratio)
{
    double canary = ratio * (double)n1, both = canary + (double)n0;
    return both > 0 ? canary / both : 0;
}

double cm_log_mean_exp(const double *l, size_t n)
{
    double most = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, l[i]);
    if (isinf(most))
        return most;
    for (size_t i = 0; i < n; i++)
        sum += exp(l[i] - most);
    return most + log(sum / (double)n);
}
