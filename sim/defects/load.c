/* Load: acts only while the version that carries it receives more than a given intensity. It is the
 * intensity that counts, not the requests that happen to come: a small weight hides the defect,
 * promotion brings it out.
 *
 * Assumes that it acts at once, and on every request alike while it acts. */
#include "sim/defects/defect.h"

struct options {
    cm_time onset;
    double above;
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, onset, "0s", 0, CM_MAX_DURATION,
                "From when on it can act, from the creation of the release."),
    CM_RATE(struct options, above, NULL, 0, 1e9, "Acts while the version receives more than this."),
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

/* Strictly above: exactly the rated load is still fine. */
static bool at_load(const void *options, double version_rate)
{
    const struct options *o = options;
    return version_rate > o->above;
}

const struct cm_profile cm_profile_load = {
    .kind = {.name = "load",
             .summary = "Full strength while the version receives more than a given rate.",
             .source = "A threshold on the arrival intensity",
             .params = params,
             .options_size = sizeof(struct options)},
    .next = next,
    .at_load = at_load,
};
