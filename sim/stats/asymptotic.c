/* Asymptotic confidence sequences; see the header. */
#include "sim/stats/asymptotic.h"

#include <assert.h>
#include <math.h>

static const double LOG_2 = 0.69314718055994530942;

struct cm_asymptotic cm_asymptotic_difference(const struct cm_sample *control,
                                              const struct cm_sample *canary)
{
    double n0 = (double)control->n, n1 = (double)canary->n, n = n0 + n1;
    return (struct cm_asymptotic){
        .n = n,
        .estimate = canary->mean - control->mean,
        .variance = n * (canary->variance / n1 + control->variance / n0),
    };
}

struct cm_asymptotic cm_asymptotic_uplift(const struct cm_sample *control,
                                          const struct cm_sample *canary)
{
    double n0 = (double)control->n, n1 = (double)canary->n, n = n0 + n1, m0 = control->mean;
    double ratio = canary->mean / m0;
    if (m0 == 0)
        return (struct cm_asymptotic){n, NAN, NAN};
    return (struct cm_asymptotic){
        .n = n,
        .estimate = ratio - 1,
        .variance = n / m0 / m0 * (canary->variance / n1 + ratio * ratio * control->variance / n0),
    };
}

struct cm_sample cm_asymptotic_share(uint64_t x, uint64_t n)
{
    assert(x <= n);
    double p = n > 0 ? (double)x / (double)n : NAN;
    return (struct cm_sample){.n = n, .mean = p, .variance = p * (1 - p)};
}

double cm_asymptotic_rho(double n_star, double alpha, bool one_sided)
{
    double a = one_sided ? 2 * alpha : alpha, twice = -2 * log(a);
    assert(n_star > 0 && a > 0 && a < 1);
    return sqrt((twice + log1p(twice)) / n_star);
}

/* Evidence is (n rho d)^2 / (2 sigma^2 (n rho^2 + 1)), which the half-width solves for d. */
static double width_of(const struct cm_asymptotic *a, double rho, double evidence)
{
    double scale = a->n * rho * rho + 1;
    return sqrt(2 * a->variance * scale * evidence) / (a->n * rho);
}

double cm_asymptotic_half_width(const struct cm_asymptotic *a, double rho, double alpha,
                                bool one_sided)
{
    assert(rho > 0 && alpha > 0 && alpha < 1);
    if (!(a->n > 0))
        return INFINITY;
    double half_log = 0.5 * log1p(a->n * rho * rho);
    double evidence = one_sided ? log1p(exp(half_log) / (2 * alpha)) : half_log - log(alpha);
    return width_of(a, rho, evidence);
}

double cm_asymptotic_log_e(const struct cm_asymptotic *a, double rho, bool one_sided)
{
    assert(rho > 0);
    if (!(a->n > 0))
        return -INFINITY;
    double scale = a->n * rho * rho + 1, z = a->n * rho * a->estimate;
    double evidence = z * z / (2 * a->variance * scale);
    if (!one_sided)
        return evidence - 0.5 * log(scale);
    if (!(z > 0))
        return isnan(z) ? NAN : -INFINITY;
    /* ln(2 (e^evidence - 1)), which may be large */
    return LOG_2 + evidence + log(-expm1(-evidence)) - 0.5 * log(scale);
}
