/* Ramp: grows linearly from nothing at the onset to full strength, then stays. Piecewise constant
 * on 64 equal pieces; the mean of piece i is (i + 1/2) / 64.
 *
 * Assumes growth in time, not in requests served. */
#include "sim/defects/defect.h"
#include "sim/defects/rise.h"

struct options {
    cm_time onset, lasts;
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, onset, "0s", 0, CM_MAX_DURATION,
                "When it begins to grow, from the creation of the release."),
    CM_DURATION(struct options, lasts, "10m", 1e6, CM_MAX_DURATION,
                "How long it grows until full strength."),
    CM_PARAMS_END,
};

/* Stateless: the piece follows from the instant alone. */
static struct cm_strength next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    (void)state;
    if (from < o->onset)
        return (struct cm_strength){.until = o->onset, .level = 0};
    if (from - o->onset >= o->lasts)
        return (struct cm_strength){.until = CM_NEVER, .level = 1};
    int piece = cm_rise_piece(o->lasts, from - o->onset);
    return (struct cm_strength){
        .until = o->onset + cm_rise_begin(o->lasts, piece + 1),
        .level = (piece + 0.5) / CM_RISE_PIECES,
    };
}

const struct cm_profile cm_profile_ramp = {
    .kind = {.name = "ramp",
             .summary = "Grows linearly to full strength.",
             .source = "Linear growth, as exact means over 64 pieces",
             .params = params,
             .options_size = sizeof(struct options)},
    .next = next,
};
