/* Ranking and selection; see the header. */
#include "sim/stats/ranking.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <math.h>

#include "sim/stats/root.h"

struct cm_kim_nelson cm_ranking_kim_nelson(uint64_t k, uint64_t n0, double alpha, uint64_t c)
{
    double rivals = (double)k - 1, df = (double)n0 - 1;
    if (k < 2 || n0 < 2 || c != 1 || !(alpha > 0 && 2 * alpha < rivals))
        return (struct cm_kim_nelson){NAN, NAN};
    double eta = expm1(-2 / df * log(2 * alpha / rivals)) / 2;
    return (struct cm_kim_nelson){eta, 2 * eta * df};
}

enum { NODES = 96 };

struct rinott {
    double rivals, df, p_star;
    double x[NODES], weight[NODES]; /* the chi2 law as a discrete one; weights add to 1 */
};

/* x = df e^u: on that scale the log density is df / 2 (1 + u - e^u) + const, and e^-35 of its peak
 * lies inside u = -(70 / df + spread) .. spread with spread = sqrt(140 / df). */
static void discretize(struct rinott *r)
{
    double spread = sqrt(140 / r->df), low = -(70 / r->df + spread), sum = 0;
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(NODES);
    for (size_t i = 0; i < NODES; i++) {
        double u;
        gsl_integration_glfixed_point(low, spread, i, &u, &r->weight[i], table);
        r->x[i] = r->df * exp(u);
        r->weight[i] *= exp(r->df / 2 * (u - expm1(u)));
        sum += r->weight[i];
    }
    gsl_integration_glfixed_table_free(table);
    for (size_t i = 0; i < NODES; i++)
        r->weight[i] /= sum;
}

/* P(the best is picked) less what was asked for. */
static double rinott_excess(double h, const void *context)
{
    const struct rinott *r = context;
    double picked = 0;
    for (size_t j = 0; j < NODES; j++) {
        double beats_one = 0;
        for (size_t i = 0; i < NODES; i++)
            beats_one +=
                r->weight[i] * gsl_cdf_ugaussian_P(h / sqrt(r->df * (1 / r->x[i] + 1 / r->x[j])));
        picked += r->weight[j] * pow(beats_one, r->rivals);
    }
    return picked - r->p_star;
}

double cm_ranking_rinott_h(uint64_t k, uint64_t n0, double p_star)
{
    if (k < 2 || n0 < 3 || !(p_star > 1 / (double)k && p_star < 1))
        return NAN;
    struct rinott r = {.rivals = (double)k - 1, .df = (double)n0 - 1, .p_star = p_star};
    discretize(&r);
    double high = 2;
    while (rinott_excess(high, &r) < 0 && high < 1e9)
        high *= 2;
    struct cm_function f = {rinott_excess, &r};
    return cm_root_brent(&f, 0, high, 1e-9);
}

void cm_ranking_ocba(const struct cm_ocba *policies, double total, double *out)
{
    const double *mean = policies->mean, *sd = policies->sd;
    size_t best = 0;
    double squares = 0, sum = 0;
    assert(policies->n >= 2);
    for (size_t i = 1; i < policies->n; i++)
        if (policies->minimize ? mean[i] < mean[best] : mean[i] > mean[best])
            best = i;
    for (size_t i = 0; i < policies->n; i++) {
        if (i == best)
            continue;
        double ratio = sd[i] / (mean[i] - mean[best]);
        out[i] = ratio * ratio;
        squares += out[i] / sd[i] * (out[i] / sd[i]);
        sum += out[i];
    }
    out[best] = sd[best] * sqrt(squares);
    sum += out[best];
    for (size_t i = 0; i < policies->n; i++)
        out[i] *= total / sum; /* infinity over infinity, NAN, where the best is tied */
}
