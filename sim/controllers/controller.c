/* The list of controller kinds, the [policy.NAME] section, and the orders that all of them give. */
#include "sim/controllers/controller.h"

#define CM_CONTROLLER(name) extern const struct cm_controller cm_controller_##name;
#include "sim/controllers/controllers.def"
#undef CM_CONTROLLER

const struct cm_controller *const cm_controller_kinds[] = {
#define CM_CONTROLLER(name) &cm_controller_##name,
#include "sim/controllers/controllers.def"
#undef CM_CONTROLLER
    NULL,
};

static const struct cm_kind *const kinds[] = {
#define CM_CONTROLLER(name) &cm_controller_##name.kind,
#include "sim/controllers/controllers.def"
#undef CM_CONTROLLER
    NULL,
};

static const char *const controls[] = {
    [CM_CONTROL_STABLE] = "stable", [CM_CONTROL_BASELINE] = "baseline", NULL};
static const char *const afters[] = {
    [CM_AFTER_NOTHING] = "none", [CM_AFTER_STABLE] = "stable", NULL};

static const struct cm_param common[] = {
    CM_CHOICE(struct cm_policy, control, "stable", controls,
              "What gates compare the canary with: the stable version, or a baseline, which is the "
              "old version deployed afresh with as many pods as the canary and as much traffic."),
    CM_CHOICE(struct cm_policy, control_after, "none", afters,
              "What a canary with more than half of the traffic, which leaves no room for a "
              "baseline of its size, is compared with: nothing, or the stable version."),
    CM_PARAMS_END,
};

static int check(const void *policy, struct cm_err *err)
{
    const struct cm_policy *p = policy;
    if (p->control == CM_CONTROL_STABLE && p->control_after != CM_AFTER_NOTHING)
        return cm_fail(err, "control_after says what comes after a baseline: give control = "
                            "baseline");
    return 0;
}

const struct cm_section cm_policy_section = {
    .name = "policy",
    .named = true,
    .summary = "How a release is rolled out: weights, looks, and what to do about verdicts.",
    .params = common,
    .size = sizeof(struct cm_policy),
    .check = check,
    .kind_key = "controller",
    .kind_default = "steps",
    .kinds = kinds,
};

const char *const cm_end_names[CM_ENDS + 1] = {
    [CM_PROMOTED] = "promoted",     [CM_ROLLED_BACK] = "rolled_back", [CM_STUCK] = "stuck",
    [CM_SUPERSEDED] = "superseded", [CM_PAUSED] = "paused",           [CM_TIMED_OUT] = "timed_out",
};

struct cm_uses cm_controller_uses(const struct cm_controller *controller, const void *options)
{
    return controller->uses ? controller->uses(options) : (struct cm_uses){.revisions = false};
}

enum cm_lack cm_pods_lack(const struct cm_desk *desk)
{
    static const enum cm_arm arms[] = {CM_CANARY, CM_BASELINE};
    const struct cm_pods *seen = desk->ask(desk->self, CM_ASK_PODS, 0)->pods;
    enum cm_lack lack = CM_LACK_NONE;
    for (size_t i = 0; i < sizeof arms / sizeof *arms; i++) {
        const struct cm_pods *pods = &seen[arms[i]];
        if (pods->available < pods->wanted)
            lack = pods->stuck || lack == CM_LACK_FOR_GOOD ? CM_LACK_FOR_GOOD : CM_LACK_SOME;
    }
    return lack;
}

struct cm_order cm_order_weight(double w)
{
    struct cm_order order = {.kind = CM_SET_ROUTE, .route = {.match = -1}};
    order.route.share[CM_CANARY] = w;
    order.route.share[CM_STABLE] = 1 - w;
    return order;
}

struct cm_order cm_order_step(int step)
{
    return (struct cm_order){.kind = CM_SET_STEP, .route = {.match = -1}, .step = step};
}

struct cm_order cm_order_finish(enum cm_end end)
{
    return (struct cm_order){.kind = CM_FINISH, .route = {.match = -1}, .end = end};
}
