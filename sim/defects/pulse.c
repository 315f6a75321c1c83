/* Pulse: full strength for a while, once or again and again (a cron job, a cache flush).
 *
 * Assumes a clock of its own, which begins with the release and not with the day. */
#include "sim/defects/defect.h"

struct options {
    cm_time onset, lasts, every;
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, onset, "0s", 0, CM_MAX_DURATION,
                "When the first one begins, from the creation of the release."),
    CM_DURATION(struct options, lasts, "5m", 1e6, CM_MAX_DURATION, "How long each one lasts."),
    CM_DURATION(struct options, every, "none", 1e6, CM_MAX_DURATION,
                "Time from the beginning of one to the next; none = only once."),
    CM_PARAMS_END,
};

/* Equal would do no harm, but is not what whoever writes it means. */
static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->every != CM_NO_DURATION && o->every <= o->lasts)
        return cm_fail(err,
                       "every (%g s) must be longer than lasts (%g s); a defect that never "
                       "pauses is a step",
                       cm_seconds(o->every), cm_seconds(o->lasts));
    return 0;
}

/* `from - phase` is when the present pulse began. */
static struct cm_strength next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    (void)state;
    if (from < o->onset)
        return (struct cm_strength){.until = o->onset, .level = 0};
    cm_time phase = from - o->onset, again = CM_NEVER;
    if (o->every != CM_NO_DURATION) {
        phase %= o->every;
        again = from - phase + o->every;
    }
    if (phase < o->lasts)
        return (struct cm_strength){.until = from - phase + o->lasts, .level = 1};
    return (struct cm_strength){.until = again, .level = 0};
}

const struct cm_profile cm_profile_pulse = {
    .kind = {.name = "pulse",
             .summary = "Full strength for a while, once or at regular intervals.",
             .source = "Rectangular wave",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .next = next,
};
