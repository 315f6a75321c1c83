/* Uniform on [low, high]: all durations between are equally likely.
 *
 *     F(x) = (x - low) / (high - low),  E[L; L <= x] = (x^2 - low^2) / (2 (high - low))
 *
 * for x between.
 *
 * Assumes that nothing is known but the limits. */
#include "sim/service/law.h"

#include <math.h>

struct options {
    cm_time low, high;
    double low_s, high_s; /* derived */
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, low, "0s", 0, CM_MAX_DURATION, "The shortest duration."),
    CM_DURATION(struct options, high, NULL, 1e3, CM_MAX_DURATION, "The longest duration."),
    CM_PARAMS_END,
};

/* Equal limits would be a fixed duration, which has its own kind and no density. */
static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->low >= o->high)
        return cm_fail(err, "low (%g s) must be below high (%g s)", cm_seconds(o->low),
                       cm_seconds(o->high));
    return 0;
}

static void derive(void *options)
{
    struct options *o = options;
    o->low_s = cm_seconds(o->low);
    o->high_s = cm_seconds(o->high);
}

/* Outside its limits the law is as at its limits; INFINITY is no special case. */
static double clamp(const struct options *o, double x)
{
    return fmin(o->high_s, fmax(o->low_s, x));
}

static double cdf(const void *options, double x)
{
    const struct options *o = options;
    return (clamp(o, x) - o->low_s) / (o->high_s - o->low_s);
}

static double tail(const void *options, double x)
{
    const struct options *o = options;
    return (o->high_s - clamp(o, x)) / (o->high_s - o->low_s);
}

/* Those up to x are uniform themselves, so their mean is the middle of low and x. */
static double partial_mean(const void *options, double x)
{
    const struct options *o = options;
    return cdf(o, x) * (clamp(o, x) + o->low_s) / 2;
}

static double quantile(const void *options, double p)
{
    const struct options *o = options;
    return o->low_s + p * (o->high_s - o->low_s);
}

static double draw(const void *options, struct cm_rng *rng)
{
    return quantile(options, cm_rng_unit(rng));
}

const struct cm_law_kind cm_law_uniform = {
    .kind = {.name = "uniform",
             .summary = "All durations between two limits, equally likely.",
             .source =
                 "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2, ch. 26",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .cdf = cdf,
    .tail = tail,
    .partial_mean = partial_mean,
    .quantile = quantile,
    .draw = draw,
    .derive = derive,
};
