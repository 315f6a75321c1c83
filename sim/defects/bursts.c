/* Bursts: on and off at random, both exponential: an alternating renewal process (Cox, Renewal
 * Theory, 1962, ch. 7). At the onset it is in its stationary state, on with probability
 * on / (on + off), so that the instant of release is like any other and the first burst is as
 * likely to be missed as in life.
 *
 * Assumes bursts that have nothing to do with the traffic. */
#include "sim/defects/defect.h"

#include "sim/base/draw.h"

struct options {
    cm_time onset, on, off;
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, onset, "0s", 0, CM_MAX_DURATION,
                "From when on bursts may come, from the creation of the release."),
    CM_DURATION(struct options, on, "5m", 1e6, CM_MAX_DURATION, "Mean length of a burst."),
    CM_DURATION(struct options, off, "30m", 1e6, CM_MAX_DURATION, "Mean pause between bursts."),
    CM_PARAMS_END,
};

struct state {
    struct cm_rng rng;
    bool on;
    cm_time until; /* when `on` changes next */
};

static size_t state_size(const void *options)
{
    (void)options;
    return sizeof(struct state);
}

/* Memoryless, so the stay that is under way at the onset has the same law as any other. */
static cm_time draw_stay(const struct options *o, struct state *s)
{
    return cm_from_seconds(cm_draw_exponential(&s->rng) * cm_seconds(s->on ? o->on : o->off));
}

static void start(const void *options, void *state, const struct cm_rng *rng)
{
    const struct options *o = options;
    struct state *s = state;
    double on = (double)o->on, off = (double)o->off;
    s->rng = *rng;
    s->on = cm_rng_unit(&s->rng) * (on + off) < on;
    s->until = cm_later(o->onset, draw_stay(o, s));
}

/* A stay may round to no time at all; then the next one begins at once. */
static struct cm_strength next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    struct state *s = state;
    if (from < o->onset)
        return (struct cm_strength){.until = o->onset, .level = 0};
    while (s->until <= from) {
        s->on = !s->on;
        s->until = cm_later(s->until, draw_stay(o, s));
    }
    return (struct cm_strength){.until = s->until, .level = s->on ? 1 : 0};
}

const struct cm_profile cm_profile_bursts = {
    .kind = {.name = "bursts",
             .summary = "On and off at random.",
             .source = "Cox, Renewal Theory, 1962, ch. 7: alternating renewal process",
             .params = params,
             .options_size = sizeof(struct options)},
    .state_size = state_size,
    .start = start,
    .next = next,
};
