/* Gamma with mean m and shape k (scale m / k): the sum of k exponential stages; shape 1 is
 * exponential, larger shapes are steadier.
 *
 *     F(x) = P(k, t),  E[L; L <= x] = m P(k + 1, t),  t = k x / m
 *
 * with P the regularised lower incomplete gamma function (Abramowitz & Stegun 6.5; Johnson, Kotz &
 * Balakrishnan, Continuous Univariate Distributions 1, 1994, ch. 17). The quantile is found by
 * bisection of F: GSL's own inverse is a Newton iteration that may fail to converge.
 *
 * Assumes nothing about whole stages; any positive shape will do. */
#include "sim/service/law.h"

#include <math.h>

#include <gsl/gsl_sf_gamma.h>

#include "sim/base/draw.h"
#include "sim/service/bisect.h"

struct options {
    cm_time mean;
    double shape;
    double mean_s, per_scale; /* derived: s, 1/s */
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, mean, NULL, 1e3, CM_MAX_DURATION, "Mean duration."),
    CM_NUMBER(struct options, shape, NULL, 0.05, 1000,
              "Number of stages; the standard deviation is the mean over its square root."),
    CM_PARAMS_END,
};

/* t = x per_scale: a product is cheaper than a quotient, and cdf is what is called often. */
static void derive(void *options)
{
    struct options *o = options;
    o->mean_s = cm_seconds(o->mean);
    o->per_scale = o->shape / o->mean_s;
}

/* GSL answers for any finite t; at infinity its logarithms would be inf - inf. */
static double cdf(const void *options, double x)
{
    const struct options *o = options;
    return isinf(x) ? 1 : gsl_sf_gamma_inc_P(o->shape, x * o->per_scale);
}

static double tail(const void *options, double x)
{
    const struct options *o = options;
    return isinf(x) ? 0 : gsl_sf_gamma_inc_Q(o->shape, x * o->per_scale);
}

/* Weighting a gamma by its size adds one stage. */
static double partial_mean(const void *options, double x)
{
    const struct options *o = options;
    return isinf(x) ? o->mean_s : o->mean_s * gsl_sf_gamma_inc_P(o->shape + 1, x * o->per_scale);
}

/* The smaller of the two halves is the accurate one. */
struct level {
    const void *options;
    double p;
};

static bool reached(const void *self, double x)
{
    const struct level *level = self;
    return level->p <= 0.5 ? cdf(level->options, x) >= level->p
                           : tail(level->options, x) <= 1 - level->p;
}

/* The bracket grows from the mean: a handful of doublings reach any level below 1. */
static double quantile(const void *options, double p)
{
    const struct options *o = options;
    struct level level = {options, p};
    double high = o->mean_s;
    if (p <= 0 || p >= 1)
        return p <= 0 ? 0 : INFINITY;
    while (!reached(&level, high))
        high *= 2;
    return cm_bisect(reached, &level, 0, high);
}

static double draw(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    return cm_draw_gamma(rng, o->shape) / o->per_scale;
}

const struct cm_law_kind cm_law_gamma = {
    .kind = {.name = "gamma",
             .summary = "A sum of stages: steadier than exponential for shapes above 1.",
             .source =
                 "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 17",
             .params = params,
             .options_size = sizeof(struct options)},
    .cdf = cdf,
    .tail = tail,
    .partial_mean = partial_mean,
    .quantile = quantile,
    .draw = draw,
    .derive = derive,
};
