/* Limits, ratios and Wald's approximations; see the header. */
#include "sim/stats/sprt.h"

#include <assert.h>
#include <math.h>

#include "sim/stats/root.h"

static const double TOLERANCE = 1e-14;
/* h below which the limits at h = 0 are closer than the quotients. */
static const double FLAT = 3e-8;

struct cm_sprt_limits cm_sprt_wald_limits(double alpha, double beta)
{
    assert(alpha > 0 && beta > 0 && alpha + beta < 1);
    return (struct cm_sprt_limits){log(beta) - log1p(-alpha), log1p(-beta) - log(alpha)};
}

enum cm_sprt_decision cm_sprt_decide(const struct cm_sprt_limits *limits, double log_ratio)
{
    if (log_ratio >= limits->log_upper)
        return CM_SPRT_ACCEPT_H1;
    return log_ratio <= limits->log_lower ? CM_SPRT_ACCEPT_H0 : CM_SPRT_CONTINUE;
}

double cm_sprt_share_ratio(uint64_t x, uint64_t n, double p0, double p1)
{
    assert(x <= n && p0 > 0 && p0 < 1 && p1 > 0 && p1 < 1);
    return (double)x * log(p1 / p0) + (double)(n - x) * (log1p(-p1) - log1p(-p0));
}

double cm_sprt_count_ratio(uint64_t x, double m0, double m1)
{
    assert(m0 > 0 && m1 > 0);
    return (double)x * log(m1 / m0) - (m1 - m0);
}

double cm_sprt_origin_share(double share, double ratio)
{
    assert(share >= 0 && share <= 1 && ratio > 0);
    return ratio * share / (ratio * share + 1 - share);
}

/* What one request adds to the log ratio: up with probability p, else down < 0. */
struct increment {
    double p, up, down;
};

/* ln E e^{h z}, convex in h and 0 at h = 0; near it without the 1 that would drown it. */
static double log_moment(double h, const void *context)
{
    const struct increment *z = context;
    if (fabs(h) * (z->up - z->down) < 1)
        return log1p(z->p * expm1(h * z->up) + (1 - z->p) * expm1(h * z->down));
    double high = log(z->p) + h * z->up, low = log1p(-z->p) + h * z->down;
    return fmax(high, low) + log1p(exp(-fabs(high - low)));
}

/* The root of ln E e^{h z} = 0 other than 0. Its minimum, between the roots, is where p up e^{h up}
 * = -(1 - p) down e^{h down}; beyond the root it is positive. */
static double other_root(const struct increment *z)
{
    const struct cm_function f = {log_moment, z};
    double least = (log1p(-z->p) - log(z->p) + log(-z->down / z->up)) / (z->up - z->down);
    double beyond = 2 * least;
    if (fabs(least) < FLAT / 2)
        return beyond;
    while (log_moment(beyond, z) < 0)
        beyond *= 2;
    return least < 0 ? cm_root_brent(&f, beyond, least, TOLERANCE)
                     : cm_root_brent(&f, least, beyond, TOLERANCE);
}

/* (e^{h A} - 1) / (e^{h A} - e^{h B}) without overflow. */
static double accept_h0(double h, double a, double b)
{
    if (h > 0)
        return expm1(-h * a) / expm1(h * (b - a));
    return expm1(h * a) / (expm1(h * a) - expm1(h * b));
}

struct cm_sprt_odds cm_sprt_wald_odds(const struct cm_sprt *test)
{
    double a = test->limits.log_upper, b = test->limits.log_lower, p = test->p;
    const struct increment z = {p, cm_sprt_share_ratio(1, 1, test->p0, test->p1),
                                cm_sprt_share_ratio(0, 1, test->p0, test->p1)};
    assert(p >= 0 && p <= 1 && test->p0 < test->p1 && b < 0 && a > 0);
    if (p == 0)
        return (struct cm_sprt_odds){1, 0, b / z.down};
    if (p == 1)
        return (struct cm_sprt_odds){0, 1, a / z.up};
    double h = other_root(&z);
    if (fabs(h) < FLAT)
        return (struct cm_sprt_odds){a / (a - b), -b / (a - b),
                                     -a * b / (p * z.up * z.up + (1 - p) * z.down * z.down)};
    /* With the signs of all turned, H1 is what H0 was. */
    double h0 = accept_h0(h, a, b), h1 = accept_h0(-h, -b, -a);
    return (struct cm_sprt_odds){h0, h1, (h0 * b + h1 * a) / (p * z.up + (1 - p) * z.down)};
}
