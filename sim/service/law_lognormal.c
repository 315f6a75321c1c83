/* Lognormal: ln L is normal with mean mu = ln(median) and standard deviation sigma. The usual first
 * description of service times: positive, skewed, products of many small factors.
 *
 *     F(x) = Phi(z),  E[L; L <= x] = m Phi(z - sigma),  z = (ln x - mu) / sigma,  m = e^(mu +
 * sigma^2/2)
 *
 * (Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, 1994, ch. 14.) Phi is
 * erfc/2, which keeps its relative accuracy in both tails.
 *
 * Assumes independent requests: what makes neighbours slow together is the environment's part. */
#include "sim/service/law.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/draw.h"
#include "sim/base/exp.h"

static const double SQRT_HALF = 0.70710678118654752440;

struct options {
    cm_time median;
    double sigma;
    double mu, mean, steepness; /* derived: log s, s, 1 / (sigma sqrt 2) */
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, median, NULL, 1e3, CM_MAX_DURATION,
                "Half of all durations are shorter."),
    CM_NUMBER(struct options, sigma, NULL, 0.001, 5,
              "Standard deviation of the logarithm; about 0.5 is steady, 1 and more is erratic."),
    CM_PARAMS_END,
};

/* One logarithm a call is left to cdf and tail; everything else is worked out here. */
static void derive(void *options)
{
    struct options *o = options;
    o->mu = log(cm_seconds(o->median));
    o->mean = exp(o->mu + o->sigma * o->sigma / 2);
    o->steepness = SQRT_HALF / o->sigma;
}

/* At x = 0 the logarithm is -inf and erfc takes that to 0; at INFINITY to 1. */
static double cdf(const void *options, double x)
{
    const struct options *o = options;
    return erfc((o->mu - log(x)) * o->steepness) / 2;
}

/* Not 1 - cdf: the far tail would be rounding error. */
static double tail(const void *options, double x)
{
    const struct options *o = options;
    return erfc((log(x) - o->mu) * o->steepness) / 2;
}

/* Weighting a lognormal by its size shifts mu by sigma^2 (the moment distribution, Aitchison &
 * Brown, The Lognormal Distribution, 1957). */
static double partial_mean(const void *options, double x)
{
    const struct options *o = options;
    return o->mean * erfc((o->mu - log(x)) * o->steepness + o->sigma * SQRT_HALF) / 2;
}

/* The inverse normal is -inf at 0 and inf at 1, as the ends of the law should be. */
static double quantile(const void *options, double p)
{
    const struct options *o = options;
    return exp(o->mu + o->sigma * gsl_cdf_ugaussian_Pinv(p));
}

/* The stream and the parameters stay in registers. No normal number is so large that the duration
 * would not fit: |mu| < 18, and beyond 100 standard deviations is one in 10^2000. */
static void fill(const void *options, struct cm_rng *rng, double *durations, size_t n)
{
    const struct options *o = options;
    struct cm_rng stream = *rng;
    double mu = o->mu, sigma = o->sigma;
    for (size_t i = 0; i < n; i++)
        durations[i] = cm_exp(mu + sigma * cm_draw_normal(&stream));
    *rng = stream;
}

static double draw(const void *options, struct cm_rng *rng)
{
    double duration;
    fill(options, rng, &duration, 1);
    return duration;
}

const struct cm_law_kind cm_law_lognormal = {
    .kind = {.name = "lognormal",
             .summary = "Skewed, with a tail heavier than exponential: the usual latency.",
             .source =
                 "Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 14",
             .params = params,
             .options_size = sizeof(struct options)},
    .cdf = cdf,
    .tail = tail,
    .partial_mean = partial_mean,
    .quantile = quantile,
    .draw = draw,
    .fill = fill,
    .derive = derive,
};
