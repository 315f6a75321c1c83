/* Days and weeks: a cosine over the day, a factor on Saturday and Sunday.
 *
 *     rate(t) = a f(day of t) (1 + swing cos(2 pi (hour of t - peak) / 24 h))
 *
 * with f = 1 from Monday to Friday and `weekend` on the other two days. The cosine vanishes over
 * each day, so the weekly mean is a (5 + 2 weekend) / 7 and a follows from `rate`. Given the time
 * of the week the arrivals are Poisson (a Cox process whose path has no randomness: Kingman,
 * Poisson Processes, 1993, 2.1).
 *
 * The curve is served in pieces of one minute that begin at whole minutes of simulated time, so
 * that they meet looks and scrapes; each piece has the exact mean of the curve over it.
 *
 * Assumes the same shape every day; the two midnights around the weekend are jumps. */
#include "sim/traffic/arrivals.h"

#include <math.h>

#define WEEK    (7 * CM_DAY)
#define WORKING 5                      /* days, from Monday */
#define TURN    6.28318530717958647693 /* 2 pi */

struct options {
    double rate, day_swing, weekend;
    cm_time peak;
};

static const struct cm_param params[] = {
    CM_RATE(struct options, rate, "30 rps", 0, 1e9,
            "Mean requests per second over a whole week, all versions together."),
    CM_PROB(struct options, day_swing, "60%", 0, 1,
            "How far the peak of a day rises above its mean, and the night falls below it."),
    CM_DURATION(struct options, peak, "14h", 0, 8.64e13, "Time of day with the most traffic."),
    CM_PROB(struct options, weekend, "50%", 0, 10,
            "Traffic of a Saturday or Sunday relative to a working day."),
    CM_PARAMS_END,
};

struct state {
    cm_time origin; /* what the clock of the week shows at time 0 */
};

static size_t state_size(const void *options)
{
    (void)options;
    return sizeof(struct state);
}

static void start(const void *options, void *state, cm_time from, cm_time origin,
                  const struct cm_rng *rng)
{
    struct state *s = state;
    (void)options, (void)from, (void)rng;
    s->origin = origin;
}

/* `t` within its period, from 0. */
static cm_time wrap(cm_time t, cm_time period)
{
    cm_time inside = t % period;
    return inside < 0 ? inside + period : inside;
}

/* Integral of the curve / a over [from, until) of the week's clock, within one day; seconds. By
 * sin(y) - sin(x) = 2 cos((x + y) / 2) sin((y - x) / 2), which does not cancel. */
static double day_part(const struct options *o, cm_time from, cm_time until)
{
    double factor = from / CM_DAY < WORKING ? 1 : o->weekend;
    double per_second = TURN / cm_seconds(CM_DAY);
    double half = per_second * cm_seconds(until - from) / 2;
    double middle =
        per_second * (cm_seconds(from % CM_DAY - o->peak) + cm_seconds(until - from) / 2);
    double wave = 2 * cos(middle) * sin(half) / per_second;
    return factor * (cm_seconds(until - from) + o->day_swing * wave);
}

/* Mean of the curve over `length` (at most a day) from `clock`, requests per second. */
static double mean_over(const struct options *o, cm_time clock, cm_time length)
{
    double scale = o->rate * 7 / (WORKING + (7 - WORKING) * o->weekend);
    cm_time from = wrap(clock, WEEK);
    cm_time midnight = from - from % CM_DAY + CM_DAY, until = from + length;
    if (until <= midnight)
        return scale * day_part(o, from, until) / cm_seconds(length);
    cm_time rest = wrap(midnight, WEEK);
    double before = day_part(o, from, midnight);
    double after = day_part(o, rest, rest + (until - midnight));
    return scale * (before + after) / cm_seconds(length);
}

static struct cm_stretch next(const void *options, void *state, cm_time from)
{
    const struct state *s = state;
    cm_time until = from - wrap(from, CM_MINUTE) + CM_MINUTE;
    double rate = mean_over(options, s->origin + from, until - from);
    return (struct cm_stretch){.until = until, .rate = fmax(rate, 0), .since = from};
}

static cm_time span(const void *options)
{
    (void)options;
    return WEEK;
}

static double mean_rate(const void *options)
{
    const struct options *o = options;
    return o->rate;
}

const struct cm_arrivals cm_arrivals_diurnal = {
    .kind = {.name = "diurnal",
             .summary = "The rate follows the hours of the day and the days of the week.",
             .source = "Kingman, Poisson Processes, Oxford 1993, 2.1",
             .params = params,
             .options_size = sizeof(struct options)},
    .state_size = state_size,
    .start = start,
    .next = next,
    .span = span,
    .repeats = true,
    .mean_rate = mean_rate,
};
