/* Comparing beta laws; see the header.
 *
 * The finite sum, for whole a1: P(X1 > X0) = sum over i < a1 of
 *     B(a0 + i, b0 + b1) / ((b1 + i) B(1 + i, b1) B(a0, b0)),
 * whose neighbours have the ratio (a0 + i)(b1 + i) / ((a0 + b0 + b1 + i)(1 + i)). By symmetry it
 * can be summed over any of the four parameters; over a0 and b1 it gives the probability of the
 * contrary. It begins at the last term and ends where no more can be seen: the terms have one
 * maximum, and about 8 sqrt(a1 (1 + a1 / a0)) of them on either side of it matter. */
#include "sim/stats/beta_compare.h"

#include <math.h>
#include <stdbool.h>

#include "sim/stats/beta_law.h"
#include "sim/stats/beta_quadrature.h"

/* Longer sums are no faster than quadrature. */
static const double MOST_TERMS = 20000;

static bool possible(const struct cm_beta *beta)
{
    return beta->a > 0 && beta->b > 0 && isfinite(beta->a) && isfinite(beta->b);
}

/* How many terms the sum over a may take, `other` being the parameter a of the other law; INFINITY
 * where it cannot be formed. */
static double terms(double a, double other)
{
    return a == floor(a) ? fmin(a, 20 * sqrt(a * (1 + a / other))) : INFINITY;
}

/* ln of the term of i = x.a - 1: B(y.a + i, y.b + x.b) / (B(y.a, y.b) B(x.a, x.b) (x.a + x.b - 1)),
 * the beta functions at the t where the first of them has its mean. */
static double log_last_term(const struct cm_beta *x, const struct cm_beta *y)
{
    double a = y->a + (x->a - 1), b = y->b + x->b, t = a / (a + b), q = b / (a + b);
    return cm_beta_law_log_mass(x->a, x->b, t, q) + cm_beta_law_log_mass(y->a, y->b, t, q) -
           cm_beta_law_log_mass(a, b, t, q) - log(t * (x->a - 1 + x->b));
}

/* P(x > y) over whole x.a; -1 where the last term underflows. A term that is lost in the sum comes
 * after the maximum, and so do all that follow it. */
static double finite_sum(const struct cm_beta *x, const struct cm_beta *y)
{
    const double unseen = 1e-18;
    double last = log_last_term(x, y), n = y->a + y->b + x->b;
    double term = exp(last), sum = term;
    if (!(last > -600))
        return -1;
    for (double i = x->a - 2; i >= 0 && term > unseen * sum; i--) {
        term *= (n + i) * (1 + i) / ((y->a + i) * (x->b + i));
        sum += term;
    }
    return sum;
}

struct cm_beta cm_beta_compare_mirrored(const struct cm_beta *beta)
{
    return (struct cm_beta){beta->b, beta->a};
}

/* P(x > y) by the shorter sum over x.a or y.b; -1 if neither will do. */
static double summed(const struct cm_beta *x, const struct cm_beta *y)
{
    double over_a = terms(x->a, y->a), over_b = terms(y->b, x->b);
    if (!(fmin(over_a, over_b) <= MOST_TERMS))
        return -1;
    if (over_a <= over_b)
        return finite_sum(x, y);
    const struct cm_beta greater = cm_beta_compare_mirrored(y);
    const struct cm_beta less = cm_beta_compare_mirrored(x);
    return finite_sum(&greater, &less);
}

static double greater(const struct cm_beta *canary, const struct cm_beta *control)
{
    const double small = 0.01; /* below, a difference from 1 would cost digits */
    double p = summed(canary, control);
    if (p >= 0)
        return fmin(1, p);
    double contrary = summed(control, canary);
    if (contrary >= 0 && contrary <= 1 - small)
        return 1 - contrary;
    return cm_beta_quadrature_greater(canary, control, 0);
}

double cm_beta_compare_greater(const struct cm_beta *canary, const struct cm_beta *control,
                               double margin)
{
    if (!possible(canary) || !possible(control) || isnan(margin))
        return NAN;
    if (margin <= -1 || margin >= 1)
        return margin <= -1;
    if (margin == 0)
        return greater(canary, control);
    return cm_beta_quadrature_greater(canary, control, margin);
}

double cm_beta_compare_mean(const struct cm_beta *beta)
{
    return possible(beta) ? beta->a / (beta->a + beta->b) : NAN;
}

/* mean1 P(Beta(a1 + 1, b1) > Beta(a0, b0)) - mean0 P(Beta(a1, b1) > Beta(a0 + 1, b0)), unless the
 * two are so close that digits would be lost. */
double cm_beta_compare_loss(const struct cm_beta *canary, const struct cm_beta *control)
{
    const double close = 1e-3;
    if (!possible(canary) || !possible(control))
        return NAN;
    const struct cm_beta more = {canary->a + 1, canary->b}, less = {control->a + 1, control->b};
    double gain = cm_beta_compare_mean(canary) * summed(&more, control);
    double cost = cm_beta_compare_mean(control) * summed(canary, &less);
    if (gain >= 0 && cost >= 0 && gain - cost > close * gain)
        return gain - cost;
    return cm_beta_quadrature_loss(canary, control);
}

struct cm_interval cm_beta_compare_credible(const struct cm_beta *beta, double level)
{
    if (!possible(beta) || !(level > 0 && level < 1))
        return (struct cm_interval){NAN, NAN};
    double tail = 0.5 * (1 - level);
    return (struct cm_interval){
        .low = cm_beta_law_quantile(tail, beta->a, beta->b),
        .high = 1 - cm_beta_law_quantile(tail, beta->b, beta->a),
    };
}
