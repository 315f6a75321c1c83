/* Sample sizes; formulas in the header. */
#include "sim/stats/sample_size.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>

static bool share(double p)
{
    return p >= 0 && p <= 1;
}

static bool possible(const struct cm_two_share_plan *plan)
{
    return share(plan->p0) && share(plan->p1) && plan->p0 != plan->p1 && plan->ratio > 0 &&
           isfinite(plan->ratio) && plan->alpha > 0 && plan->alpha < 1 && plan->power > 0 &&
           plan->power < 1 && (plan->sides == 1 || plan->sides == 2);
}

struct cm_two_sizes cm_sample_size_two_shares(const struct cm_two_share_plan *plan)
{
    if (!possible(plan))
        return (struct cm_two_sizes){NAN, NAN};
    double p0 = plan->p0, p1 = plan->p1, r = plan->ratio, common = (p0 + r * p1) / (1 + r);
    double z_alpha = gsl_cdf_ugaussian_Qinv(plan->alpha / plan->sides);
    double z_beta = gsl_cdf_ugaussian_Pinv(plan->power);
    double sum = z_alpha * sqrt((1 + 1 / r) * common * (1 - common)) +
                 z_beta * sqrt(p0 * (1 - p0) + p1 * (1 - p1) / r);
    double n0 = sum * sum / ((p1 - p0) * (p1 - p0));
    return (struct cm_two_sizes){n0, r * n0};
}

double cm_sample_size_zero_failures(double p, double beta)
{
    if (!share(p) || !(beta > 0 && beta < 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? INFINITY : 1;
    /* A quotient that is a whole number may come out a hair above it: ln 0.25 / ln 0.5 is 2. */
    return ceil(log(beta) / log1p(-p) * (1 - 1e-13));
}
