/* The E-test; formulas in the header.
 *
 * The sum over b starts at the mode of Poi(m0) and goes both ways until what is left of that law
 * cannot matter; the edge of the tail in a moves along with b. */
#include "sim/stats/poisson_etest.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>

#include "sim/stats/point_mass.h"

/* Differences of rounding between statistics that are equal. */
static const double SLACK = 1e-12;

struct test {
    double d, m0, m1; /* ratio of means, means of control and canary under H0 */
    enum cm_etest kind;
};

static double stat(const struct test *t, double a, double b)
{
    double variance = t->kind == CM_ETEST_SCORE ? (a + b) * t->d : a + b * t->d * t->d;
    return variance > 0 ? (a - b * t->d) / sqrt(variance) : 0;
}

/* The least a whose statistic beside b is at least `least`. */
static double edge(const struct test *t, double b, double least)
{
    double low = 0, high = 1;
    while (stat(t, high, b) < least)
        low = high, high *= 2;
    if (stat(t, 0, b) >= least)
        return 0;
    while (high - low > 1) {
        double middle = floor((low + high) / 2);
        if (stat(t, middle, b) < least)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* P(A >= k). */
static double upper(double k, double mean)
{
    return k <= 0 ? 1 : gsl_cdf_gamma_P(mean, k, 1);
}

/* P(A < k). */
static double lower(double k, double mean)
{
    return k <= 0 ? 0 : gsl_cdf_gamma_Q(mean, k, 1);
}

/* Adds up P(B = b) tail(b) over b = from, from + step, ...; what is left is at most P(B = b) times
 * a few. */
static double sum_from(const struct test *t, double from, double step, double least, bool above)
{
    double sum = 0;
    for (double b = from; b >= 0; b += step) {
        double chance = exp(cm_point_mass_poisson(b, t->m0)), k = edge(t, b, least);
        sum += chance * (above ? upper(k, t->m1) : lower(k, t->m1));
        if (chance <= 1e-18 * sum || chance == 0)
            break;
    }
    return sum;
}

/* P(stat >= least) or P(stat < least). */
static double tail(const struct test *t, double least, bool above)
{
    double mode = floor(t->m0);
    return sum_from(t, mode, -1, least, above) + sum_from(t, mode + 1, 1, least, above);
}

static double looked_at(const struct test *t, double observed, enum cm_alternative alternative)
{
    double slack = SLACK * fabs(observed), size = fabs(observed);
    if (alternative == CM_GREATER)
        return tail(t, observed - slack, true);
    if (alternative == CM_LESS)
        return tail(t, observed + slack + SLACK, false);
    return tail(t, size - slack, true) + tail(t, -size + slack + SLACK, false);
}

static struct test test_of(const struct cm_two_rates *r, double ratio, enum cm_etest kind)
{
    double d = ratio * (r->t1 / r->t0), x = (double)r->x0 + (double)r->x1;
    return (struct test){.d = d, .m0 = x / (1 + d), .m1 = x * (d / (1 + d)), .kind = kind};
}

double cm_poisson_etest_stat(const struct cm_two_rates *r, double ratio, enum cm_etest kind)
{
    if (!cm_poisson_rate_possible(r, ratio))
        return NAN;
    struct test t = test_of(r, ratio, kind);
    return stat(&t, (double)r->x1, (double)r->x0);
}

double cm_poisson_etest_p(const struct cm_two_rates *r, double ratio, enum cm_etest kind,
                          enum cm_alternative alternative)
{
    if (!cm_poisson_rate_possible(r, ratio) || r->x0 + r->x1 > CM_POISSON_ETEST_MAX)
        return NAN;
    if (r->x0 + r->x1 == 0)
        return 1;
    struct test t = test_of(r, ratio, kind);
    return fmin(1, looked_at(&t, stat(&t, (double)r->x1, (double)r->x0), alternative));
}
