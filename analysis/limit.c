/* Whether a limit holds, and how many replications would tell.
 *
 * An estimate is not its value: an assertion holds if the whole 95 % interval is within the limit,
 * fails if the whole interval is beyond it, and is undecided otherwise. Asking again with another
 * seed then gives the contrary verdict hardly ever, where a comparison of the bare value with a
 * limit near it would be a coin toss.
 *
 * More replications would decide if the value stayed what it is. Of a share that n has a closed
 * form; of everything else an interval goes with one over the square root of n, so that n grows by
 * (distance of the interval's end / distance of the limit)^2. */
#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "analysis/assertion.h"

const char *const cm_truth_names[] = {
    [CM_CLAIM_FAILS] = "fails", [CM_CLAIM_OPEN] = "undecided", [CM_CLAIM_HOLDS] = "holds"};

/* NAN, for which nothing was observed, fails both comparisons. A quantile that is not reached is
 * infinite, and so is its upper limit. */
enum cm_truth cm_limit_holds(const struct cm_limit *limit, const struct cm_estimate *found)
{
    bool upper = limit->relation == CM_BELOW || limit->relation == CM_AT_MOST;
    bool strict = limit->relation == CM_BELOW || limit->relation == CM_ABOVE;
    double far = upper ? found->high : -found->low, near = upper ? found->low : -found->high;
    double end = upper ? limit->value : -limit->value;
    if (isnan(found->value) || isnan(far) || isnan(near))
        return CM_CLAIM_OPEN;
    if (strict ? far < end : far <= end)
        return CM_CLAIM_HOLDS;
    return (strict ? near >= end : near > end) ? CM_CLAIM_FAILS : CM_CLAIM_OPEN;
}

/* Nobody needs the number more precisely than to two digits, rounded up. */
static double round_up(double n)
{
    double unit = 1;
    while (n / unit >= 100)
        unit *= 10;
    return ceil(n / unit) * unit;
}

static const double most = 1e9; /* replications of a scenario */

/* Wilson's interval of p inverts the score test, so that it ends at the limit v where
 * (p - v)^2 = z^2 v (1 - v) / n. None of n (or all of n) ends where (1 - v)^n = 1 - level. */
static double share_needs(double p, double v)
{
    double z = gsl_cdf_ugaussian_Qinv(0.5 * (1 - CM_LEVEL));
    if (p == 0 || p == 1)
        return log1p(-CM_LEVEL) / log1p(-fabs(p - v));
    return z * z * v * (1 - v) / ((p - v) * (p - v));
}

/* Whether the estimate is x of n, and nothing else. */
static bool is_count(const struct cm_measure *measure)
{
    return measure->type == CM_COLUMN_SHARE && measure->about != CM_ABOUT_POLICY &&
           measure->statistics != cm_statistics_spread;
}

/* From how many values on the p-quantile has an upper limit: 1 - p^n >= 97.5 % (Conover 1999, 3.2:
 * the largest of n values is its limit then). NAN for what is no quantile of its sample. */
static double quantile_needs(const struct cm_limit *limit)
{
    static const struct {
        const char *statistic;
        double p;
    } quantiles[] = {{"median", 0.5}, {"p95", 0.95}, {"p99", 0.99}};
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        if (strcmp(limit->statistic, quantiles[i].statistic) == 0)
            return ceil(log1p(-0.5 * (1 + CM_LEVEL)) / log(quantiles[i].p));
    return NAN;
}

double cm_limit_needs(const struct cm_measure *measure, const struct cm_limit *limit,
                      const struct cm_estimate *found, uint64_t replications)
{
    double n = (double)found->n, distance = fabs(found->value - limit->value);
    double half =
        found->value < limit->value ? found->high - found->value : found->value - found->low;
    double times = half / distance * (half / distance);
    if (is_count(measure))
        times = share_needs(found->value, limit->value) / n;
    else if (isinf(half) && isfinite(found->value))
        times = quantile_needs(limit) / n;
    double needed = (double)replications * times;
    if (n == 0 || !isfinite(needed) || needed >= most)
        return NAN;
    return round_up(fmax(needed, (double)replications + 1));
}
