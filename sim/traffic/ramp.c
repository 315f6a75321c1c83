/* A ramp: traffic grows (or shrinks) linearly from `rate` to `to` over `over`, from the release on.
 *
 *     rate(t) = rate                           t <= 0
 *               rate + (to - rate) t / over    0 < t < over
 *               to                             t >= over
 *
 * Served in 200 pieces, each with the exact mean of the line over it (its middle). Given the line
 * the arrivals are Poisson (Kingman, Poisson Processes, 1993, 2.1). */
#include "sim/traffic/arrivals.h"

#define PIECES 200

struct options {
    double rate, to;
    cm_time over;
};

static const struct cm_param params[] = {
    CM_RATE(struct options, rate, "10 rps", 0, 1e9,
            "Requests per second until the release, all versions together."),
    CM_RATE(struct options, to, "100 rps", 0, 1e9, "Requests per second when the ramp is over."),
    CM_DURATION(struct options, over, "1h", 1e9, CM_MAX_DURATION,
                "How long the ramp takes, from the release."),
    CM_PARAMS_END,
};

/* A function of time alone needs no state. */
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

/* Where piece `i` begins: over * i fits, as CM_MAX_DURATION * PIECES < 2^63. */
static cm_time edge(const struct options *o, cm_time i)
{
    return o->over * i / PIECES;
}

/* The first edge after `from`, which lies in [0, over). */
static cm_time next_edge(const struct options *o, cm_time from)
{
    cm_time i = (cm_time)((double)from / (double)o->over * PIECES); /* off by at most one */
    while (edge(o, i) <= from)
        i++;
    return edge(o, i);
}

static struct cm_stretch next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    (void)state;
    if (from < 0)
        return (struct cm_stretch){.until = 0, .rate = o->rate, .since = from};
    if (from >= o->over)
        return (struct cm_stretch){.until = CM_NEVER, .rate = o->to, .since = from};
    cm_time until = next_edge(o, from);
    double middle = (cm_seconds(from) + cm_seconds(until)) / 2;
    double rate = o->rate + (o->to - o->rate) * (middle / cm_seconds(o->over));
    return (struct cm_stretch){.until = until, .rate = rate, .since = from};
}

static double mean_rate(const void *options)
{
    const struct options *o = options;
    return o->to; /* in the long run the ramp is over */
}

const struct cm_arrivals cm_arrivals_ramp = {
    .kind = {.name = "ramp",
             .summary = "The rate changes linearly from one value to another after the release.",
             .source = "Kingman, Poisson Processes, Oxford 1993, 2.1",
             .params = params,
             .options_size = sizeof(struct options)},
    .state_size = state_size,
    .start = start,
    .next = next,
    .mean_rate = mean_rate,
};
