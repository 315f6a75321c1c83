/* One walk for the total, one for the bucket; see the header for the rules. */
#include "sim/stats/bucket_quantile.h"

#include <math.h>

double cm_bucket_quantile(double q, const double *bounds, const double *mass, size_t n)
{
    double total = 0, below = 0;
    for (size_t i = 0; i <= n; i++)
        total += mass[i];
    if (n == 0 || !(total > 0) || isnan(q))
        return NAN;
    if (q < 0 || q > 1)
        return q < 0 ? -INFINITY : INFINITY;
    double rank = q * total;
    size_t b = 0;
    while (b < n && below + mass[b] < rank)
        below += mass[b++];
    return cm_bucket_place(bounds, n, b, mass[b] > 0 ? (rank - below) / mass[b] : 0);
}

double cm_bucket_place(const double *bounds, size_t n, size_t b, double part)
{
    if (b == n)
        return bounds[n - 1];
    if (b == 0 && bounds[0] <= 0)
        return bounds[0];
    double lower = b > 0 ? bounds[b - 1] : 0;
    return lower + (bounds[b] - lower) * part;
}
