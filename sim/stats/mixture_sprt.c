/* The mixture SPRT; see the header. */
#include "sim/stats/mixture_sprt.h"

#include <assert.h>
#include <math.h>

#include "sim/stats/mixture.h"

struct cm_difference cm_mixture_sprt_shares(const struct cm_two_counts *c)
{
    if (c->n0 == 0 || c->n1 == 0)
        return (struct cm_difference){0, 0};
    double n0 = (double)c->n0, n1 = (double)c->n1;
    double p0 = (double)c->x0 / n0, p1 = (double)c->x1 / n1;
    return (struct cm_difference){p1 - p0, p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1};
}

double cm_mixture_sprt_log_e(const struct cm_difference *d, double tau, bool one_sided)
{
    assert(tau > 0);
    if (!(d->variance > 0))
        return 0;
    struct cm_mixture m = cm_mixture_normal_of(1 / (tau * tau), one_sided);
    return cm_mixture_log_e(&m, d->estimate / d->variance, 1 / d->variance);
}

double cm_mixture_sprt_half_width(const struct cm_difference *d, double tau, double alpha)
{
    assert(tau > 0 && alpha > 0 && alpha < 1);
    if (!(d->variance > 0))
        return INFINITY;
    double v = d->variance, both = v + tau * tau;
    return sqrt(v * both) / tau * sqrt(-2 * log(alpha) + log1p(tau * tau / v));
}
