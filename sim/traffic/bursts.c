/* Bursts: a Markov-modulated Poisson process with two states.
 *
 * Quiet at rate q, burst at f q; both last exponentially long. With `burst_every` the mean time
 * from one start to the next and `burst_lasts` the mean length, the share of time in a burst is
 * b = lasts / every, quiet spells last every - lasts on average, and q = rate / (1 - b + b f)
 * keeps `rate` the long-run mean of all requests. With s = 1 / lasts + 1 / (every - lasts),
 *
 *     Var N(t) = rate t + 2 b (1 - b) (f q - q)^2 (s t - 1 + exp(-s t)) / s^2
 *
 * (Fischer & Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook",
 * Performance Evaluation 18, 1993). A path begins in the stationary state: in a burst with
 * probability b, and what is left of a memoryless spell is like a whole one.
 *
 * A factor below 1 makes the "bursts" lulls; 0 makes them gaps without traffic. */
#include "sim/traffic/arrivals.h"

#include "sim/base/draw.h"

struct options {
    double rate, burst_factor;
    cm_time burst_every, burst_lasts;
};

static const struct cm_param params[] = {
    CM_RATE(struct options, rate, "30 rps", 0, 1e9,
            "Long-run mean requests per second, bursts included, all versions together."),
    CM_NUMBER(struct options, burst_factor, "5", 0, 1e6,
              "Rate in a burst over the rate between bursts; below 1 it makes lulls."),
    CM_DURATION(struct options, burst_every, "30m", 1e6, CM_MAX_DURATION,
                "Mean time from the start of one burst to the start of the next."),
    CM_DURATION(struct options, burst_lasts, "2m", 1e6, CM_MAX_DURATION,
                "Mean length of a burst, exponentially distributed."),
    CM_PARAMS_END,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->burst_lasts >= o->burst_every)
        return cm_fail(err,
                       "burst_lasts (%g s) must be below burst_every (%g s), the time from start "
                       "to start",
                       cm_seconds(o->burst_lasts), cm_seconds(o->burst_every));
    return 0;
}

struct state {
    struct cm_rng rng;
    bool burst; /* in the spell that comes next */
};

static size_t state_size(const void *options)
{
    (void)options;
    return sizeof(struct state);
}

/* Share of time in a burst. */
static double share(const struct options *o)
{
    return cm_seconds(o->burst_lasts) / cm_seconds(o->burst_every);
}

static void start(const void *options, void *state, cm_time from, cm_time origin,
                  const struct cm_rng *rng)
{
    struct state *s = state;
    (void)from, (void)origin;
    *s = (struct state){.rng = *rng};
    s->burst = cm_rng_unit(&s->rng) < share(options);
}

/* How long the spell that begins now lasts; at least a nanosecond, for the path has to advance. */
static cm_time spell(const struct options *o, struct state *s)
{
    cm_time mean = s->burst ? o->burst_lasts : o->burst_every - o->burst_lasts;
    cm_time length = cm_from_seconds(cm_seconds(mean) * cm_draw_exponential(&s->rng));
    return length > 0 ? length : 1;
}

/* One spell a stretch. */
static struct cm_stretch next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    struct state *s = state;
    double quiet = o->rate / (1 - share(o) + share(o) * o->burst_factor);
    double rate = s->burst ? quiet * o->burst_factor : quiet;
    cm_time until = cm_later(from, spell(o, s));
    s->burst = !s->burst;
    return (struct cm_stretch){.until = until, .rate = rate, .since = from};
}

static double mean_rate(const void *options)
{
    const struct options *o = options;
    return o->rate;
}

const struct cm_arrivals cm_arrivals_bursts = {
    .kind = {.name = "bursts",
             .summary = "Two states, quiet and burst, each lasting exponentially long.",
             .source = "Fischer & Meier-Hellstern, Performance Evaluation 18, 1993",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .state_size = state_size,
    .start = start,
    .next = next,
    .mean_rate = mean_rate,
};
