/* Homogeneous Poisson arrivals: the number of requests in any window W is Poisson(rate * W),
 * independent over disjoint windows.
 *
 * Source: Kingman, Poisson Processes (1993), chapter 2. Assumes many independent users, each rare;
 * real traffic at windows of a minute is more variable than this (see gamma_poisson). */
#include "sim/traffic/arrivals.h"

struct options {
    double rate; /* 1/s */
};

static const struct cm_param params[] = {
    CM_RATE(struct options, rate, "30 rps", 0, 1e9, "Requests per second, all versions together."),
    CM_PARAMS_END,
};

/* Nothing about this path is random or moves: the noise is all in the counts. */
static size_t state_size(const void *options)
{
    (void)options;
    return 0;
}

static void start(const void *options, void *state, cm_time from, cm_time origin,
                  const struct cm_rng *rng)
{
    (void)options, (void)state, (void)from, (void)origin, (void)rng;
}

static struct cm_stretch next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    (void)state;
    return (struct cm_stretch){.until = CM_NEVER, .rate = o->rate, .since = from};
}

static double mean_rate(const void *options)
{
    const struct options *o = options;
    return o->rate;
}

const struct cm_arrivals cm_arrivals_poisson = {
    .kind = {.name = "poisson",
             .summary = "Requests come independently at a constant rate.",
             .source = "Kingman, Poisson Processes, Oxford 1993, chapter 2",
             .params = params,
             .options_size = sizeof(struct options)},
    .state_size = state_size,
    .start = start,
    .next = next,
    .mean_rate = mean_rate,
};
