/* Warm-up: strongest when the release is created, fading linearly to nothing (cold caches, lazy
 * initialisation). A gate that reacts to it rolls back what would have healed. Piecewise constant
 * on 64 equal pieces; the mean of piece i is 1 - (i + 1/2) / 64.
 *
 * Assumes that time warms, not traffic; for a new version's normal cold start use [service]
 * warm_up, which is no defect and begins with its first request. */
#include "sim/defects/defect.h"
#include "sim/defects/rise.h"

struct options {
    cm_time lasts;
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, lasts, "5m", 1e6, CM_MAX_DURATION,
                "Time from the creation of the release until nothing is left of it."),
    CM_PARAMS_END,
};

static struct cm_strength next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    (void)state;
    if (from >= o->lasts)
        return (struct cm_strength){.until = CM_NEVER, .level = 0};
    int piece = cm_rise_piece(o->lasts, from);
    return (struct cm_strength){
        .until = cm_rise_begin(o->lasts, piece + 1),
        .level = 1 - (piece + 0.5) / CM_RISE_PIECES,
    };
}

const struct cm_profile cm_profile_warm_up = {
    .kind = {.name = "warm_up",
             .summary = "Strongest at first, gone when the release is warm.",
             .source = "Linear decay, as exact means over 64 pieces",
             .params = params,
             .options_size = sizeof(struct options)},
    .next = next,
};
