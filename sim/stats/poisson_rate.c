/* The conditional test of two Poisson rates; see the header. Binomial tails are incomplete beta
 * functions: P(Bin(n, pi) >= k) = I_pi(k, n - k + 1). */
#include "sim/stats/poisson_rate.h"

#include <math.h>

#include "sim/stats/beta_law.h"
#include "sim/stats/point_mass.h"
#include "sim/stats/rare.h"

/* The law of the canary's events given the total. */
struct origin {
    double n, p, q;
};

bool cm_poisson_rate_possible(const struct cm_two_rates *r, double ratio)
{
    return r->t0 > 0 && r->t1 > 0 && ratio > 0 && isfinite(r->t0) && isfinite(r->t1) &&
           isfinite(ratio);
}

static struct origin origin_of(const struct cm_two_rates *r, double ratio)
{
    double canary = ratio * r->t1, both = canary + r->t0;
    return (struct origin){(double)r->x0 + (double)r->x1, canary / both, r->t0 / both};
}

/* P(K >= k). */
static double at_least(const struct origin *o, double k)
{
    if (k <= 0 || k > o->n)
        return k <= 0;
    return cm_beta_law_below(k, o->n - k + 1, o->p, o->q);
}

/* P(K <= k), as the other arm sees it. */
static double at_most(const struct origin *o, double k)
{
    const struct origin other = {o->n, o->q, o->p};
    return at_least(&other, o->n - k);
}

static double mass(double k, const void *origin)
{
    const struct origin *o = origin;
    return exp(cm_point_mass_binomial(k, o->n - k, o->p, o->q));
}

static double two_sided(const struct origin *o, double k)
{
    double mode = fmin(o->n, floor((o->n + 1) * o->p)), limit = mass(k, o) * (1 + CM_RARE_SLACK);
    if (mass(mode, o) <= limit)
        return 1;
    const struct cm_function f = {mass, o};
    double other = cm_rare_nearest(&f, k > mode ? 0 : o->n, mode, limit);
    double near = k > mode ? at_least(o, k) : at_most(o, k);
    double far = other < 0 ? 0 : k > mode ? at_most(o, other) : at_least(o, other);
    return fmin(1, near + far);
}

double cm_poisson_rate_exact(const struct cm_two_rates *r, double ratio,
                             enum cm_alternative alternative)
{
    if (!cm_poisson_rate_possible(r, ratio))
        return NAN;
    struct origin o = origin_of(r, ratio);
    double k = (double)r->x1;
    if (alternative == CM_TWO_SIDED)
        return two_sided(&o, k);
    return alternative == CM_GREATER ? at_least(&o, k) : at_most(&o, k);
}

double cm_poisson_rate_mid_p(const struct cm_two_rates *r, double ratio,
                             enum cm_alternative alternative)
{
    if (!cm_poisson_rate_possible(r, ratio) || alternative == CM_TWO_SIDED)
        return NAN;
    struct origin o = origin_of(r, ratio);
    double k = (double)r->x1;
    if (alternative == CM_GREATER)
        return (at_least(&o, k) + at_least(&o, k + 1)) / 2;
    return (at_most(&o, k) + at_most(&o, k - 1)) / 2;
}

/* pi / (1 - pi); the end of [0, 1] is no mistake. */
static double odds(double p)
{
    return p < 1 ? p / (1 - p) : INFINITY;
}

struct cm_ratio cm_poisson_rate_ratio(const struct cm_two_rates *r, double level)
{
    if (!cm_poisson_rate_possible(r, 1) || !(level > 0 && level < 1))
        return (struct cm_ratio){NAN, {NAN, NAN}};
    double ratio = (double)r->x1 / r->t1 / ((double)r->x0 / r->t0), scale = r->t0 / r->t1;
    if (r->x0 + r->x1 == 0)
        return (struct cm_ratio){NAN, {0, INFINITY}};
    struct cm_interval pi = cm_interval_clopper_pearson(r->x1, r->x0 + r->x1, level);
    return (struct cm_ratio){ratio, {odds(pi.low) * scale, odds(pi.high) * scale}};
}
