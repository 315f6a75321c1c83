/* All traffic at once, watched for a while: what is done without canaries.
 *
 * The release gets all traffic when it is created. Gates may send it back while it is watched;
 * after that it is promoted. Nothing is left to compare with but stable's past, so that gates that
 * need a control in every stratum have no data: limits are for this. One step of 100 % of
 * stepping.c. */
#include "sim/controllers/stepping.h"

struct options {
    struct cm_stepping stepping;
    cm_time watch;
};

static const struct cm_param params[] = {
    CM_DURATION(struct options, watch, "10m", 0, CM_MAX_DURATION,
                "How long gates may still send the release back; 0s = it is promoted at once."),
    CM_STEPPING_LOOKS,
    CM_STEPPING_ASKS,
    CM_PARAMS_END,
};

/* Derives the one step. */
static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    struct options *o = options;
    (void)source, (void)file, (void)arena, (void)err;
    o->stepping.steps.n = 1;
    o->stepping.steps.step[0].weight = 1;
    o->stepping.steps.step[0].bake = o->watch;
    o->stepping.match.index = -1;
    return 0;
}

const struct cm_controller cm_controller_all_at_once = {
    .kind = {.name = "all_at_once",
             .summary = "All traffic at once, and a look back for a while.",
             .source = "deployments without a canary",
             .params = params,
             .options_size = sizeof(struct options),
             .check = cm_stepping_check,
             .prepare = prepare},
    CM_STEPPING_CONTROLLER,
};
