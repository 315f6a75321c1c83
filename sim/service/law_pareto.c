/* Pareto, the classical one (type I): nothing is shorter than the scale, and doubling x divides
 * the share that is longer by 2^alpha.
 *
 *     P(L > x) = (scale / x)^alpha for x >= scale,
 *     E[L; L <= x] = m (1 - (scale / x)^(alpha - 1)),  m = scale alpha / (alpha - 1)
 *
 * (Arnold, Pareto Distributions, 2015, ch. 3.) Classical rather than Lomax, since it serves as the
 * slow part of a mixture: what takes this path takes at least `scale`. The mean exists only for
 * alpha > 1, which the range enforces.
 *
 * Assumes a tail that never ends; how much of it the simulation keeps in flight is the engine's
 * choice (sim/engine/shape.h). */
#include "sim/service/law.h"

#include <math.h>

struct options {
    cm_time scale;
    double alpha;
    double scale_s, mean; /* derived, s */
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, scale, NULL, 1e3, CM_MAX_DURATION,
                "The shortest duration (classical Pareto, type I)."),
    CM_NUMBER(
        struct options, alpha, NULL, 1.05, 100,
        "Tail exponent: the share above x falls as x^-alpha; below 2 the variance is infinite."),
    CM_PARAMS_END,
};

/* Large where alpha is near 1: the mean then comes from values that hardly any sample holds. */
static void derive(void *options)
{
    struct options *o = options;
    o->scale_s = cm_seconds(o->scale);
    o->mean = o->scale_s * o->alpha / (o->alpha - 1);
}

/* expm1 keeps what little lies just above the scale. */
static double cdf(const void *options, double x)
{
    const struct options *o = options;
    return x <= o->scale_s ? 0 : -expm1(-o->alpha * log(x / o->scale_s));
}

static double tail(const void *options, double x)
{
    const struct options *o = options;
    return x <= o->scale_s ? 1 : pow(o->scale_s / x, o->alpha);
}

/* Weighting a Pareto by its size takes 1 off alpha: far heavier than the tail itself. */
static double partial_mean(const void *options, double x)
{
    const struct options *o = options;
    return x <= o->scale_s ? 0 : -o->mean * expm1((1 - o->alpha) * log(x / o->scale_s));
}

static double quantile(const void *options, double p)
{
    const struct options *o = options;
    return o->scale_s * exp(-log1p(-p) / o->alpha);
}

/* An open uniform, since 0 would take forever. */
static double draw(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    return o->scale_s * pow(cm_rng_open(rng), -1 / o->alpha);
}

const struct cm_law_kind cm_law_pareto = {
    .kind = {.name = "pareto",
             .summary = "A power-law tail that begins at the scale (classical, type I).",
             .source = "Arnold, Pareto Distributions, 2nd edition, 2015, ch. 3",
             .params = params,
             .options_size = sizeof(struct options)},
    .cdf = cdf,
    .tail = tail,
    .partial_mean = partial_mean,
    .quantile = quantile,
    .draw = draw,
    .derive = derive,
};
