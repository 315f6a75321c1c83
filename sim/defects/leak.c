/* Leak: exponential growth (memory, connections, queue length) that reaches full strength after
 * T = full_after and starts over whenever the pods restart:
 *
 *     level(t) = (e^(kt) - 1) / (e^(kT) - 1),  k = ln 2 / doubles_every,  0 <= t <= T, then 1.
 *
 * Piecewise constant on 64 pieces of T. The mean over [a, a + h], multiplied by e^-kT so that no
 * power overflows, is
 *
 *     (e^(k (a - T)) (e^(kh) - 1) / (kh) - e^(-kT)) / (1 - e^(-kT)).
 *
 * Assumes pods that all started together and growth by uptime, not by load. */
#include "sim/defects/defect.h"

#include <math.h>

#include "sim/defects/rise.h"

struct options {
    cm_time onset, doubles_every, full_after, restart_every;
};

/* Beyond this a leak is nothing for almost all of its rise, and the pieces are coarse. */
static const double MOST_DOUBLINGS = 32;
static const double LN_2 = 0.69314718055994530942;

static const struct cm_param params[] = {
    CM_DURATION(struct options, onset, "0s", 0, CM_MAX_DURATION,
                "When it begins to grow, from the creation of the release."),
    CM_DURATION(struct options, doubles_every, "10m", 1e6, CM_MAX_DURATION,
                "Time in which what has leaked doubles."),
    CM_DURATION(struct options, full_after, "1h", 1e6, CM_MAX_DURATION,
                "Time from the onset, or a restart, to full strength."),
    CM_DURATION(struct options, restart_every, "none", 1e9, CM_MAX_DURATION,
                "Pods restart so often from the onset on, and begin anew; none = never."),
    CM_PARAMS_END,
};

/* 2^32 is also where the pieces reach half a doubling each. */
static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    double doublings = cm_seconds(o->full_after) / cm_seconds(o->doubles_every);
    if (doublings > MOST_DOUBLINGS)
        return cm_fail(err,
                       "full_after is %.3g times doubles_every; at most %g doublings are "
                       "accepted (a longer doubles_every, or a step)",
                       doublings, MOST_DOUBLINGS);
    return 0;
}

/* The same piece has the same bits after every restart, so latencies are worked out once. */
static double level(const struct options *o, int piece)
{
    double k = LN_2 / cm_seconds(o->doubles_every), full = cm_seconds(o->full_after);
    double h = full / CM_RISE_PIECES, a = h * piece;
    double grown = exp(k * (a - full)) * expm1(k * h) / (k * h);
    double mean = (grown - exp(-k * full)) / -expm1(-k * full);
    return fmin(1, fmax(0, mean));
}

/* The uptime counts from the onset, not from when a pod was first routed to. */
static struct cm_strength next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    (void)state;
    if (from < o->onset)
        return (struct cm_strength){.until = o->onset, .level = 0};
    cm_time uptime = from - o->onset, restart = CM_NEVER;
    if (o->restart_every != CM_NO_DURATION) {
        uptime %= o->restart_every;
        restart = from - uptime + o->restart_every;
    }
    if (uptime >= o->full_after)
        return (struct cm_strength){.until = restart, .level = 1};
    int piece = cm_rise_piece(o->full_after, uptime);
    cm_time until = from - uptime + cm_rise_begin(o->full_after, piece + 1);
    return (struct cm_strength){
        .until = until < restart ? until : restart,
        .level = level(o, piece),
    };
}

static cm_time grows_from(const void *options)
{
    const struct options *o = options;
    return o->onset;
}

const struct cm_profile cm_profile_leak = {
    .kind = {.name = "leak",
             .summary = "Grows exponentially to full strength; restarts begin anew.",
             .source = "Exponential growth, as exact means over 64 pieces",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .next = next,
    .grows_from = grows_from,
};
