/* Bayes factors as ratios of densities; see the header.
 *
 * With D(a, b) = ln of t^a q^b / B(a, b) at any t, the four beta functions of two shares are
 * D(a + X, b + N - X) + D(a, b) - D(a + x0, ...) - D(a + x1, ...): powers of t and q cancel, and
 * with t near the data nothing large is left. */
#include "sim/stats/bayes_factor.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "sim/stats/beta_law.h"
#include "sim/stats/point_mass.h"

static bool possible(double x)
{
    return x > 0 && isfinite(x);
}

static struct cm_beta posterior(const struct cm_beta *prior, uint64_t x, uint64_t n)
{
    assert(x <= n);
    return (struct cm_beta){prior->a + (double)x, prior->b + (double)(n - x)};
}

static double density(const struct cm_beta *beta, double t, double q)
{
    return cm_beta_law_log_mass(beta->a, beta->b, t, q);
}

double cm_bayes_factor_two_shares(const struct cm_two_counts *c, const struct cm_beta *prior)
{
    if (!possible(prior->a) || !possible(prior->b))
        return NAN;
    struct cm_beta control = posterior(prior, c->x0, c->n0);
    struct cm_beta canary = posterior(prior, c->x1, c->n1);
    struct cm_beta both = posterior(&control, c->x1, c->n1);
    double n = both.a + both.b, t = both.a / n, q = both.b / n;
    return density(&both, t, q) - density(&control, t, q) -
           (density(&canary, t, q) - density(prior, t, q));
}

double cm_bayes_factor_worse(const struct cm_two_counts *c, const struct cm_beta *prior)
{
    if (!possible(prior->a) || !possible(prior->b))
        return NAN;
    struct cm_beta control = posterior(prior, c->x0, c->n0);
    struct cm_beta canary = posterior(prior, c->x1, c->n1);
    return cm_bayes_factor_two_shares(c, prior) +
           log(2 * cm_beta_compare_greater(&canary, &control, 0));
}

double cm_bayes_factor_share(uint64_t x, uint64_t n, double p0, const struct cm_beta *prior)
{
    if (!possible(prior->a) || !possible(prior->b) || !(p0 > 0 && p0 < 1))
        return NAN;
    struct cm_beta after = posterior(prior, x, n);
    return density(prior, p0, 1 - p0) - density(&after, p0, 1 - p0);
}

/* ln of (rate l)^shape e^(-rate l) / gamma(shape): the density at l, times l. */
static double gamma_density(double shape, double rate, double l)
{
    return log(shape) + cm_point_mass_poisson(shape, rate * l);
}

double cm_bayes_factor_rate(uint64_t events, double exposure, double rate,
                            const struct cm_gamma *prior)
{
    if (!possible(prior->shape) || !possible(prior->rate) || !possible(exposure) || !possible(rate))
        return NAN;
    return gamma_density(prior->shape, prior->rate, rate) -
           gamma_density(prior->shape + (double)events, prior->rate + exposure, rate);
}
