/* Dirichlet mixtures of multinomial likelihoods; see the header. */
#include "sim/stats/dirichlet.h"

#include <assert.h>
#include <math.h>

#include "sim/stats/beta_law.h"
#include "sim/stats/point_mass.h"
#include "sim/stats/root.h"

static const double TOLERANCE = 1e-12;
static const double MOST = 512; /* of a log ratio; e^512 is still a double */

/* ln Gamma(a) - a ln m + m: Stirling's formula takes out what is large. */
static double log_gamma_against(double a, double m)
{
    return -cm_point_mass_poisson(a, m) - log(a);
}

/* With A_i = k theta_i + S_i and A = k + n, ln B(A_1, ...) less sum of A_i ln theta_i is the sum of
 * ln Gamma(A_i) - A_i ln(theta_i A) + theta_i A, less ln Gamma(A) - A ln A + A. */
double cm_dirichlet_log_bf(const struct cm_dirichlet *d, const uint64_t *count)
{
    double k = d->concentration, all = k, log_bf = 0;
    assert(d->classes >= 2 && k > 0);
    for (size_t i = 0; i < d->classes; i++)
        all += (double)count[i];
    for (size_t i = 0; i < d->classes; i++) {
        double share = d->share[i], prior = k * share;
        assert(share > 0 && share < 1);
        log_bf += log_gamma_against(prior + (double)count[i], share * all) -
                  log_gamma_against(prior, prior);
    }
    return log_bf - log_gamma_against(all, all) + log_gamma_against(k, k);
}

struct ratio_case {
    const struct cm_rate_ratio *ratio;
    double log_threshold;
};

static double excess(double delta, const void *context)
{
    const struct ratio_case *c = context;
    const struct cm_rate_ratio *r = c->ratio;
    double odds = log(r->share) - log1p(-r->share) + delta;
    double t = 1 / (1 + exp(-odds)), q = 1 / (1 + exp(odds));
    double a = r->concentration * r->share, b = r->concentration * (1 - r->share);
    return cm_beta_law_log_mass(a, b, t, q) -
           cm_beta_law_log_mass(a + (double)r->canary, b + (double)r->control, t, q) -
           c->log_threshold;
}

/* From the estimate, where nothing is rejected, in doubling steps up or down. Towards an arm
 * without events nothing ever is. */
static double limit(const struct ratio_case *c, double estimate, double direction)
{
    const struct cm_function f = {excess, c};
    double inner = estimate, step = direction / 4;
    for (;;) {
        double outer = inner + step;
        if (fabs(outer) > MOST)
            return direction * INFINITY;
        if (excess(outer, c) > 0)
            return direction < 0 ? cm_root_brent(&f, outer, inner, TOLERANCE)
                                 : cm_root_brent(&f, inner, outer, TOLERANCE);
        inner = outer;
        step *= 2;
    }
}

/* Without an event in one arm the estimate is infinite; with half an event instead the likelihood
 * is still 0.6 of the largest, so that nothing is rejected there. */
struct cm_interval cm_dirichlet_rate_ratio(const struct cm_rate_ratio *r, double alpha)
{
    assert(r->share > 0 && r->share < 1 && r->concentration > 0);
    assert(alpha > 0 && alpha <= 0.5);
    double control = fmax(0.5, (double)r->control), canary = fmax(0.5, (double)r->canary);
    double estimate = log(canary / control) - log(r->share) + log1p(-r->share);
    const struct ratio_case c = {r, -log(alpha)};
    return (struct cm_interval){limit(&c, estimate, -1), limit(&c, estimate, 1)};
}
