/* Always the same duration: F is a step. For timeouts, and for checking by hand. */
#include "sim/service/law.h"

struct options {
    cm_time value;
    double value_s; /* derived */
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, value, NULL, 0, CM_MAX_DURATION, "The duration."),
    CM_PARAMS_END,
};

static void derive(void *options)
{
    struct options *o = options;
    o->value_s = cm_seconds(o->value);
}

/* The jump belongs to the value itself: P(L <= value) = 1. */
static double cdf(const void *options, double x)
{
    const struct options *o = options;
    return x >= o->value_s ? 1 : 0;
}

static double tail(const void *options, double x)
{
    return 1 - cdf(options, x);
}

static double partial_mean(const void *options, double x)
{
    const struct options *o = options;
    return x >= o->value_s ? o->value_s : 0;
}

static double quantile(const void *options, double p)
{
    const struct options *o = options;
    (void)p;
    return o->value_s;
}

/* Nothing is drawn, so nothing is taken from the stream. */
static double draw(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    (void)rng;
    return o->value_s;
}

const struct cm_law_kind cm_law_fixed = {
    .kind = {.name = "fixed",
             .summary = "Always the same duration.",
             .source = "The point mass",
             .params = params,
             .options_size = sizeof(struct options)},
    .cdf = cdf,
    .tail = tail,
    .partial_mean = partial_mean,
    .quantile = quantile,
    .draw = draw,
    .derive = derive,
};
