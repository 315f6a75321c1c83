/* A canary in steps: weights, each with a bake time, watched by gates. All of it is in stepping.c;
 * this is what a scenario can say. Model: the step lists of Argo Rollouts and Spinnaker. */
#include "sim/controllers/stepping.h"

static const struct cm_param params[] = {
    CM_STEPS(
        struct cm_stepping, steps, "1%/5m, 5%/10m, 25%/10m, 50%/10m, 100%",
        "Weights of the canary and how long each bakes at least; after the last one the release "
        "is promoted, at 100% without a bake time as soon as it is reached."),
    CM_COUNT(struct cm_stepping, min_requests, "0", 0, 1e12,
             "Requests that the canary must have answered in a step before it is left."),
    CM_STEPPING_LOOKS,
    CM_CHOICE(
        struct cm_stepping, early, "no", cm_early_names,
        "What a decisive pass does before the bake time is over: nothing, begin the next step, "
        "or promote at once; min_requests are waited for in any case."),
    CM_STEPPING_ASKS,
    CM_PROB(struct cm_stepping, mirror, "0%", 0, 1,
            "Share of stable's requests that are copied to the canary in a step before the others, "
            "in which users get nothing from it; 0% = there is no such step."),
    CM_DURATION(struct cm_stepping, mirror_bake, "10m", 1e6, CM_MAX_DURATION,
                "How long the step with the mirror bakes at least."),
    CM_REF(struct cm_stepping, match, "class", "none",
           "A class of which the canary gets all requests from the first weight on; the weights "
           "are of the rest."),
    CM_FLAG(struct cm_stepping, wait_for_pods, "no",
            "Whether a step bakes only once all pods of canary and baseline are available; stuck "
            "ones roll the release back."),
    CM_PARAMS_END,
};

const struct cm_controller cm_controller_steps = {
    .kind = {.name = "steps",
             .summary = "Weights in steps, each with a bake time, watched by gates.",
             .source = "the step lists of Argo Rollouts and Spinnaker",
             .params = params,
             .options_size = sizeof(struct cm_stepping),
             .check = cm_stepping_check},
    CM_STEPPING_CONTROLLER,
};
