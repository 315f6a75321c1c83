/* Blue and green: the new version stands beside the old one, then all traffic is switched over.
 *
 * Before the switch users get nothing from the new version: hooks and people may look at it, and
 * gates at copies of requests (`mirror`); without copies gates are not asked. After the switch the
 * old version waits for a while, and gates may still switch back. Model: the blue-green strategy of
 * Argo Rollouts (prePromotionAnalysis, autoPromotionSeconds, postPromotionAnalysis) and Flagger's.
 * Steps of 0 % and 100 % of stepping.c. */
#include "sim/controllers/stepping.h"

struct options {
    struct cm_stepping stepping;
    cm_time preview, watch;
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, preview, "5m", 0, CM_MAX_DURATION,
                "How long the new version stands beside the old one before the switch, at least."),
    CM_PROB(struct cm_stepping, mirror, "0%", 0, 1,
            "Share of stable's requests that are copied to the new version before the switch."),
    CM_DURATION(struct options, watch, "10m", 0, CM_MAX_DURATION,
                "How long gates may switch back afterwards; 0s = it is promoted at once."),
    CM_STEPPING_LOOKS,
    CM_STEPPING_ASKS,
    CM_PARAMS_END,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->stepping.mirror > 0 && o->preview == 0)
        return cm_fail(err, "a mirror needs a preview in which requests are copied (preview = 5m)");
    return cm_stepping_check(options, err);
}

/* Derives the steps; a preview with copies is the step that stepping.c has for a mirror. */
static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    struct options *o = options;
    struct cm_steps *steps = &o->stepping.steps;
    (void)source, (void)file, (void)arena, (void)err;
    steps->n = 0;
    if (o->preview > 0 && o->stepping.mirror <= 0) {
        steps->step[0].weight = 0;
        steps->step[0].bake = o->preview;
        steps->n = 1;
    }
    steps->step[steps->n].weight = 1;
    steps->step[steps->n++].bake = o->watch;
    o->stepping.mirror_bake = o->preview;
    o->stepping.match.index = -1;
    return 0;
}

const struct cm_controller cm_controller_bluegreen = {
    .kind = {.name = "bluegreen",
             .summary = "The new version beside the old one, then all traffic switched over.",
             .source = "Humble and Farley, Continuous Delivery 2010; Argo Rollouts; Flagger",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check,
             .prepare = prepare},
    CM_STEPPING_CONTROLLER,
};
