/* Step: nothing before the onset, all of it from then on. A late onset is a time bomb (an expiring
 * certificate, a nightly job).
 *
 * Assumes that nothing but time brings it out. */
#include "sim/defects/defect.h"

struct options {
    cm_time onset;
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, onset, "0s", 0, CM_MAX_DURATION,
                "When it begins, from the creation of the release."),
    CM_PARAMS_END,
};

static struct cm_strength next(const void *options, void *state, cm_time from)
{
    const struct options *o = options;
    (void)state;
    if (from < o->onset)
        return (struct cm_strength){.until = o->onset, .level = 0};
    return (struct cm_strength){.until = CM_NEVER, .level = 1};
}

const struct cm_profile cm_profile_step = {
    .kind = {.name = "step",
             .summary = "Full strength from the onset on; a late onset is a time bomb.",
             .source = "Heaviside's step",
             .params = params,
             .options_size = sizeof(struct options)},
    .next = next,
};
