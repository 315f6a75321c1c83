/* The beta mixture of two-point martingales; see mixture.h.
 *
 * With t = h / T, q = g / T and the two parameters (a0, b0) of the prior and (a, b) after the data,
 * v and s times logarithms are (a - a0) ln t + (b - b0) ln q, so that all of it is a ratio of beta
 * functions against t and q, as beta_law.h tells without cancellation. */
#include <assert.h>
#include <math.h>

#include "sim/stats/beta_law.h"
#include "sim/stats/log_tail.h"
#include "sim/stats/mixture.h"
#include "sim/stats/mixture_families.h"

/* ln B_x(a, b) less a ln t + b ln q. */
static double log_beta(const struct cm_mixture *m, double s, double v)
{
    double both = m->g + m->h, t = m->h / both, q = m->g / both;
    double a = (m->rho + v - m->g * s) / (m->g * both);
    double b = (m->rho + v + m->h * s) / (m->h * both);
    if (!(a > 0 && b > 0))
        return NAN;
    double log_e = -cm_beta_law_log_mass(a, b, t, q);
    return m->one_sided ? log_e + cm_log_tail_beta(a, b, t, q) : log_e;
}

static double beta_binomial(const struct cm_mixture *m, double s, double v)
{
    return log_beta(m, s, v) - m->constant;
}

struct cm_mixture cm_mixture_beta_binomial(const struct cm_mixture_tuning *tuning, double g,
                                           double h, bool one_sided)
{
    assert(g > 0 && h > 0);
    struct cm_mixture m = {.log_e = beta_binomial, .one_sided = one_sided, .g = g, .h = h};
    m.rho = fmax(cm_mixture_rho(tuning, one_sided) - g * h, 1e-3 * g * h);
    m.constant = log_beta(&m, 0, 0);
    return m;
}
