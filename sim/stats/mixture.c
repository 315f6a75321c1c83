/* Tuning, the normal family, and bounds; see the header. */
#include "sim/stats/mixture.h"

#include <assert.h>
#include <math.h>

#include "sim/stats/log_tail.h"
#include "sim/stats/mixture_families.h"
#include "sim/stats/root.h"

static const double LOG_2 = 0.69314718055994530942;
static const double TOLERANCE = 1e-13; /* of the bound, relative */
static const double MOST = 1e300;

double cm_mixture_rho(const struct cm_mixture_tuning *tuning, bool one_sided)
{
    double a = one_sided ? 2 * tuning->alpha : tuning->alpha, twice = -2 * log(a);
    assert(tuning->v > 0 && a > 0 && a < 1);
    return tuning->v / (twice + log1p(twice));
}

static double normal(const struct cm_mixture *m, double s, double v)
{
    double both = v + m->rho, log_e = -0.5 * log1p(v / m->rho) + s / both * s / 2;
    return m->one_sided ? log_e + LOG_2 + cm_log_tail_normal(-s / sqrt(both)) : log_e;
}

struct cm_mixture cm_mixture_normal_of(double rho, bool one_sided)
{
    assert(rho > 0);
    return (struct cm_mixture){.log_e = normal, .one_sided = one_sided, .rho = rho};
}

struct cm_mixture cm_mixture_normal(const struct cm_mixture_tuning *tuning, bool one_sided)
{
    return cm_mixture_normal_of(cm_mixture_rho(tuning, one_sided), one_sided);
}

double cm_mixture_log_e(const struct cm_mixture *m, double s, double v)
{
    return v >= 0 ? m->log_e(m, s, v) : NAN;
}

struct threshold {
    const struct cm_mixture *m;
    double v, log_e;
};

static double excess(double s, const void *context)
{
    const struct threshold *t = context;
    return t->m->log_e(t->m, s, t->v) - t->log_e;
}

double cm_mixture_bound(const struct cm_mixture *m, double v, double alpha)
{
    assert(alpha > 0 && alpha < 1);
    if (!(v >= 0) || isinf(v))
        return NAN;
    const struct threshold threshold = {m, v, -log(alpha)};
    const struct cm_function f = {excess, &threshold};
    double end = m->g > 0 ? v / m->g : MOST, high = fmin(end, sqrt(v + m->rho));
    while (high < end && excess(high, &threshold) < 0)
        high = fmin(end, 2 * high);
    if (excess(high, &threshold) < 0)
        return end;
    return cm_root_brent(&f, 0, high, TOLERANCE * high);
}
