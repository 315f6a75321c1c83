/* Stitched boundaries; see the header. */
#include "sim/stats/stitching.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_sf_zeta.h>

#include "sim/stats/root.h"

enum { SECTIONS = 60 };
static const double GOLDEN = 0.61803398874989484820;
static const double ROOT_HALF = 0.70710678118654752440;
static const double LOG_4 = 1.38629436111989061883;
static const double TOLERANCE = 1e-12;
static const double HOPELESS = 1e6; /* in place of ln infinity, for the solver */

static double k1_of(double eta)
{
    double fourth = sqrt(sqrt(eta));
    return (fourth + 1 / fourth) * ROOT_HALF;
}

static double k2_of(double eta)
{
    return (sqrt(eta) + 1) / 2;
}

/* sqrt(k1^2 v l + (k2 c l)^2) + k2 c l. */
static double curve(double eta, double v, double c, double l)
{
    double k1 = k1_of(eta), scale = k2_of(eta) * c * l;
    return sqrt(k1 * k1 * v * l + scale * scale) + scale;
}

double cm_stitching_polynomial(const struct cm_stitching *e, double v, double c, double alpha)
{
    assert(e->start > 0 && e->s > 1 && e->eta > 1 && c >= 0 && alpha > 0 && alpha < 1);
    double at = fmax(v, e->start), share = log(gsl_sf_zeta(e->s)) - e->s * log(log(e->eta));
    double l = e->s * log(log(e->eta * at / e->start)) + share - log(alpha);
    return isnan(v) ? NAN : curve(e->eta, at, c, l);
}

struct band {
    double a, constant, log_alpha;
};

/* Above 0 where eta is too large to help. */
static double too_wide(double eta, const void *context)
{
    const struct band *b = context;
    return sqrt(eta / 2) + sqrt(2 * (eta - 1) / b->constant) - b->a;
}

/* ln of the error that epochs growing by eta make: 4 e^{-g C} (1 + 1 / ((g - 1) ln eta)), g = (2 /
 * eta)(A - sqrt(2 (eta - 1) / C))^2. */
static double log_error(const struct band *b, double eta)
{
    double room = b->a - sqrt(2 * (eta - 1) / b->constant), g = 2 / eta * room * room;
    if (!(g > 1 && eta > 1))
        return HOPELESS;
    return LOG_4 - g * b->constant + log1p(1 / ((g - 1) * log(eta)));
}

/* The least of it, by golden section: it falls, then rises. */
static double least_log_error(const struct band *b)
{
    const struct cm_function f = {too_wide, b};
    double low = 1, high = cm_root_brent(&f, 1, 2 * b->a * b->a, TOLERANCE);
    double x = high - GOLDEN * (high - low), y = low + GOLDEN * (high - low);
    double at_x = log_error(b, x), at_y = log_error(b, y);
    for (int i = 0; i < SECTIONS; i++)
        if (at_x < at_y) {
            high = y, y = x, at_y = at_x;
            x = high - GOLDEN * (high - low), at_x = log_error(b, x);
        } else {
            low = x, x = y, at_x = at_y;
            y = low + GOLDEN * (high - low), at_y = log_error(b, y);
        }
    return fmin(at_x, at_y);
}

static double excess_error(double constant, const void *context)
{
    struct band b = *(const struct band *)context;
    b.constant = constant;
    return least_log_error(&b) - b.log_alpha;
}

double cm_stitching_empirical_constant(double alpha, double a)
{
    if (!(alpha > 0 && alpha < 1 && a > ROOT_HALF && a <= 1e3))
        return NAN;
    const struct band band = {.a = a, .log_alpha = log(alpha)};
    const struct cm_function f = {excess_error, &band};
    double low = 1e-3, high = 1;
    while (excess_error(high, &band) > 0) {
        low = high;
        high *= 2;
    }
    return cm_root_brent(&f, low, high, TOLERANCE);
}

double cm_stitching_empirical(double t, double t_min, double a, double constant)
{
    assert(t_min >= 1);
    if (isnan(t))
        return NAN;
    return t < t_min ? INFINITY : a * sqrt((log1p(log(t / t_min)) + constant) / t);
}

double cm_stitching_double(const struct cm_stitching_quantile *q, double p, double t, double alpha)
{
    const struct cm_stitching *e = &q->epochs;
    assert(e->start >= 1 && e->s > 1 && e->eta > 1 && q->delta > 0);
    assert(p > 0 && p < 1 && alpha > 0 && alpha < 1);
    double at = fmax(t, e->start), epochs = at / e->start, logit = log(p) - log1p(-p);
    double zeta = gsl_sf_zeta(e->s), near = logit + 2 * q->delta * sqrt(e->eta / epochs);
    double r = p >= 0.5 ? p : fmin(0.5, 1 / (1 + exp(-near))), variance = r * (1 - r);
    double l = e->s * log(log(e->eta * epochs)) +
               e->s * log1p(sqrt(epochs) * fabs(logit) / (2 * q->delta)) +
               log(2 * zeta * (2 * zeta + 1)) - log(alpha) - e->s * log(log(e->eta));
    return q->delta * sqrt(e->eta * epochs * variance) +
           curve(e->eta, variance * at, (1 - 2 * p) / 3, l);
}
