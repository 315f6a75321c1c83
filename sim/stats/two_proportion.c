/* Two-sample tests of proportions; formulas in the header. */
#include "sim/stats/two_proportion.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/stats/hypergeometric.h"

double cm_two_proportion_z(const struct cm_two_counts *c, bool pooled, double margin)
{
    assert(!pooled || margin == 0);
    if (c->n0 == 0 || c->n1 == 0)
        return 0;
    double n0 = (double)c->n0, n1 = (double)c->n1, x0 = (double)c->x0, x1 = (double)c->x1;
    double p0 = x0 / n0, p1 = x1 / n1, p = (x0 + x1) / (n0 + n1);
    double variance =
        pooled ? p * (1 - p) * (1 / n0 + 1 / n1) : p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1;
    return variance > 0 ? (p1 - p0 - margin) / sqrt(variance) : 0;
}

double cm_two_proportion_ratio_z(const struct cm_two_counts *c, double ratio)
{
    if (c->n0 == 0 || c->n1 == 0)
        return 0;
    double n0 = (double)c->n0, n1 = (double)c->n1;
    double p0 = (double)c->x0 / n0, p1 = (double)c->x1 / n1;
    double variance = p1 * (1 - p1) / n1 + ratio * ratio * (p0 * (1 - p0) / n0);
    return variance > 0 ? (p1 - ratio * p0) / sqrt(variance) : 0;
}

double cm_two_proportion_p_of_z(double z)
{
    return gsl_cdf_ugaussian_Q(z);
}

double cm_two_proportion_fisher(const struct cm_two_counts *c)
{
    struct cm_tail tail = cm_hypergeometric_tail(c);
    return fmin(1, tail.above + tail.at);
}

double cm_two_proportion_fisher_as(const struct cm_two_counts *c, enum cm_alternative alternative)
{
    if (alternative == CM_TWO_SIDED)
        return cm_hypergeometric_two_sided(c);
    const struct cm_two_counts mirror = {.x0 = c->x1, .n0 = c->n1, .x1 = c->x0, .n1 = c->n0};
    return cm_two_proportion_fisher(alternative == CM_LESS ? &mirror : c);
}

double cm_two_proportion_mid_p(const struct cm_two_counts *c)
{
    struct cm_tail tail = cm_hypergeometric_tail(c);
    return tail.above + 0.5 * tail.at;
}
