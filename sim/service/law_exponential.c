/* Exponential: memoryless; how long is left does not depend on how long it has lasted.
 *
 *     P(L > x) = e^-t,  E[L; L <= x] = m (1 - (1 + t) e^-t),  t = x / m
 *
 * (Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, 1994, ch. 19.) For small t
 * the bracket is a difference of near equals; there it is e^-t (e^t - 1 - t), and GSL gives
 * 2 (e^t - 1 - t) / t^2 without cancellation.
 *
 * Assumes no ageing, which suits incidents and failures better than latency. */
#include "sim/service/law.h"

#include <math.h>

#include <gsl/gsl_sf_exp.h>

#include "sim/base/draw.h"

struct options {
    cm_time mean;
    double mean_s; /* derived */
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, mean, NULL, 1e3, CM_MAX_DURATION, "Mean duration."),
    CM_PARAMS_END,
};

static void derive(void *options)
{
    struct options *o = options;
    o->mean_s = cm_seconds(o->mean);
}

/* expm1: what has ended almost at once is almost x / m. */
static double cdf(const void *options, double x)
{
    const struct options *o = options;
    return -expm1(-x / o->mean_s);
}

static double tail(const void *options, double x)
{
    const struct options *o = options;
    return exp(-x / o->mean_s);
}

/* The outflow x F - M inherits its accuracy, and with it the first completions of a new version. */
static double partial_mean(const void *options, double x)
{
    const struct options *o = options;
    double t = x / o->mean_s;
    if (isinf(t))
        return o->mean_s;
    if (t < 1)
        return o->mean_s * exp(-t) * t * t / 2 * gsl_sf_exprel_2(t);
    return o->mean_s * (1 - (1 + t) * exp(-t));
}

static double quantile(const void *options, double p)
{
    const struct options *o = options;
    return -o->mean_s * log1p(-p);
}

static double draw(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    return o->mean_s * cm_draw_exponential(rng);
}

const struct cm_law_kind cm_law_exponential = {
    .kind = {.name = "exponential",
             .summary = "Memoryless: most durations are short, few are long.",
             .source =
                 "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 19",
             .params = params,
             .options_size = sizeof(struct options)},
    .cdf = cdf,
    .tail = tail,
    .partial_mean = partial_mean,
    .quantile = quantile,
    .draw = draw,
    .derive = derive,
};
