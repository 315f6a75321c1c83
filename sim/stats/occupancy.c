/* Exact means; variances by conditioning on a sum.
 *
 * Let users be independent with X requests each, Poisson or (activities being gamma) negative
 * binomial, and of m l in total. Given the total, the number of users without any has the variance
 *
 *     m (Var 1{X = 0} - Cov(1{X = 0}, X)^2 / Var X),   Cov(1{X = 0}, X) = -l P(X = 0),
 *
 * to leading order (Holst, Ann. Probab. 7(3), 1979). For alike users it is the classical
 * m q (1 - q (1 + l)), q = exp(-l). */
#include "sim/stats/occupancy.h"

#include <math.h>

#define LARGE 1e4 /* from here on ln G(x) - ln G(x - k) is taken from its expansion */

/* ln G(x + n) - ln G(x) - (ln G(x - k + n) - ln G(x - k)), the logarithm of the product over i < n
 * of (x + i) / (x - k + i). With y = x - (k + 1) / 2, ln G(x) - ln G(x - k) = k ln y + O(k^3 /
 * y^2).
 */
static double log_ratio(double x, double k, double n)
{
    double y = x - (k + 1) / 2;
    if (y > LARGE * (k + 1))
        return k * log1p(n / y);
    return lgamma(x + n) - lgamma(x) - (lgamma(x - k + n) - lgamma(x - k));
}

double cm_occupancy_none(const struct cm_occupancy *o)
{
    if (o->requests <= 0)
        return 1;
    if (o->users <= 1)
        return 0;
    if (isinf(o->shape))
        return exp(o->requests * log1p(-1 / o->users));
    return exp(-log_ratio(o->shape * o->users, o->shape, o->requests));
}

double cm_occupancy_mean(const struct cm_occupancy *o)
{
    return o->users * (1 - cm_occupancy_none(o));
}

double cm_occupancy_variance(const struct cm_occupancy *o)
{
    double none = cm_occupancy_none(o), each = o->requests / o->users;
    double spread = isinf(o->shape) ? each : each + each * each / o->shape;
    if (each <= 0)
        return 0;
    return fmax(0, o->users * none * (1 - none - none * each * each / spread));
}
