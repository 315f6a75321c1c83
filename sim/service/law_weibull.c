/* Weibull: (L / scale)^k is exponential with mean 1. Shapes below 1 have tails heavier than
 * exponential, shapes above 1 lighter.
 *
 *     P(L > x) = e^-t,  E[L; L <= x] = m P(1 + 1/k, t),  m = scale Gamma(1 + 1/k),  t = (x /
 * scale)^k
 *
 * with P the regularised lower incomplete gamma function (substitute t in the integral; Johnson,
 * Kotz & Balakrishnan, Continuous Univariate Distributions 1, 1994, ch. 21).
 *
 * Assumes that the law begins at 0; a least duration is a change of +20ms, not a parameter. */
#include "sim/service/law.h"

#include <math.h>

#include <gsl/gsl_sf_gamma.h>

#include "sim/base/draw.h"

struct options {
    cm_time scale;
    double shape;
    double scale_s, mean; /* derived, s */
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, scale, NULL, 1e3, CM_MAX_DURATION,
                "63% (1 - 1/e) of all durations are shorter."),
    CM_NUMBER(struct options, shape, NULL, 0.1, 100,
              "1 is exponential; below 1 the tail is heavier, above 1 lighter."),
    CM_PARAMS_END,
};

/* The shape's range keeps the argument of Gamma within [1.01, 11]. */
static void derive(void *options)
{
    struct options *o = options;
    o->scale_s = cm_seconds(o->scale);
    o->mean = o->scale_s * gsl_sf_gamma(1 + 1 / o->shape);
}

/* t: what is exponential with mean 1. */
static double stages(const struct options *o, double x)
{
    return pow(x / o->scale_s, o->shape);
}

static double cdf(const void *options, double x)
{
    return -expm1(-stages(options, x));
}

static double tail(const void *options, double x)
{
    return exp(-stages(options, x));
}

/* t overflows to infinity far out for large shapes; all of the mean lies below it then. */
static double partial_mean(const void *options, double x)
{
    const struct options *o = options;
    double t = stages(o, x);
    return isinf(t) ? o->mean : o->mean * gsl_sf_gamma_inc_P(1 + 1 / o->shape, t);
}

/* log1p keeps small levels, where 1 - p would have lost them. */
static double quantile(const void *options, double p)
{
    const struct options *o = options;
    return o->scale_s * pow(-log1p(-p), 1 / o->shape);
}

static double draw(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    return o->scale_s * pow(cm_draw_exponential(rng), 1 / o->shape);
}

const struct cm_law_kind cm_law_weibull = {
    .kind = {.name = "weibull",
             .summary = "A power of an exponential: heavier tails below shape 1, lighter above.",
             .source =
                 "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 21",
             .params = params,
             .options_size = sizeof(struct options)},
    .cdf = cdf,
    .tail = tail,
    .partial_mean = partial_mean,
    .quantile = quantile,
    .draw = draw,
    .derive = derive,
};
