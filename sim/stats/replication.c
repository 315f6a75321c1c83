/* Replications; formulas are in the header. */
#include "sim/stats/replication.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "sim/stats/beta_law.h"

struct cm_paired_variance cm_replication_paired(double var_a, double var_b, double corr, uint64_t n)
{
    assert(var_a >= 0 && var_b >= 0 && fabs(corr) <= 1 && n > 0);
    double runs = (double)n, shared = 2 * corr * sqrt(var_a) * sqrt(var_b);
    return (struct cm_paired_variance){(var_a + var_b - shared) / runs, (var_a + var_b) / runs};
}

struct cm_control_ratio cm_replication_control(double r_squared, uint64_t n, uint64_t controls)
{
    if (!(r_squared >= 0 && r_squared <= 1) || n <= 2 || n - 2 <= controls)
        return (struct cm_control_ratio){NAN, NAN};
    double left = 1 - r_squared, free_terms = (double)(n - 2);
    return (struct cm_control_ratio){left, left * free_terms / (free_terms - (double)controls)};
}

double cm_replication_needed(double p, double level, double eps)
{
    if (!(p > 0 && p <= 1 && level > 0 && level < 1 && eps > 0))
        return NAN;
    double z = gsl_cdf_ugaussian_Qinv((1 - level) / 2);
    return z * z * (1 - p) / (p * eps * eps);
}

struct cm_interval cm_replication_jeffreys(uint64_t x, uint64_t n, double level)
{
    assert(x <= n && n > 0 && level > 0 && level < 1);
    double a = (double)x + 0.5, b = (double)(n - x) + 0.5, tail = (1 - level) / 2;
    return (struct cm_interval){cm_beta_law_quantile(tail, a, b),
                                cm_beta_law_quantile(1 - tail, a, b)};
}
