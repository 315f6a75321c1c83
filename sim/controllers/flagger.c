/* Flagger: a controller that looks at its canary once an interval and, as long as all checks pass,
 * moves one step on (fluxcd/flagger v1.44.0, pkg/controller/scheduler.go).
 *
 * Every wake is one tick, in the order of flagger_tick.c. What tells it from most descriptions of
 * it: failed checks add up and are never forgiven; the threshold-th one rolls back one tick later;
 * the first check comes a tick after the canary has its first traffic; the last weight may
 * overshoot the maximum; and once the new version is copied to the primary, nothing is checked any
 * more.
 *
 * What the model adds: from that copy on all requests meet the new version, however Flagger moves
 * its weights back. Pods are there when the engine says so; replica counts change nothing. */
#include "sim/controllers/flagger.h"

static const char *const targets[] = {
    [CM_DEPLOYMENT] = "deployment", [CM_DAEMONSET] = "daemonset", NULL};

#define HOOKS(field, help) CM_REFS(struct cm_flagger, field, "hook", "none", help)

static const struct cm_param params[] = {
    CM_CHOICE(struct cm_flagger, provider, "istio", cm_flagger_providers,
              "The mesh or ingress: only istio, and gatewayapi with iterations, keep a mirror; "
              "kubernetes has no routes, and plays blue/green."),
    CM_DURATION(struct cm_flagger, interval, NULL, 1e6, CM_MAX_DURATION,
                "Time between two ticks, of which each makes all checks and moves one step; less "
                "than 10s is raised to 10s."),
    CM_COUNT(struct cm_flagger, threshold, NULL, 0, 1e9,
             "Failed checks, over the whole rollout, after which the next tick rolls back; 0 means "
             "1."),
    CM_PROB(struct cm_flagger, step_weight, "0%", 0, 10,
            "How much the weight grows with each step, a whole number of percents."),
    CM_PROB(struct cm_flagger, max_weight, "100%", 0, 10,
            "The weight at which the release is promoted once a check has passed there: the last "
            "step may overshoot it; ignored with step_weights; above 100% nothing is promoted."),
    CM_PERCENTS(struct cm_flagger, step_weights, "none", 0, 10,
                "The weights one by one, instead of step_weight; they have to ascend, or the "
                "rollout stays where they do not."),
    CM_PROB(struct cm_flagger, step_weight_promotion, "0%", 0, 1,
            "How much traffic each tick moves back to the primary after the new version was copied "
            "to it; 0% = all at once."),
    CM_COUNT(struct cm_flagger, iterations, "0", 0, 1e6,
             "How many times the checks are made without any weights: blue/green, or an A/B test "
             "with match; 0 = by weights."),
    CM_REF(struct cm_flagger, match, "class", "none",
           "The class whose requests all go to the canary in an A/B test (iterations); without "
           "iterations it has no effect."),
    CM_FLAG(struct cm_flagger, mirror, "no",
            "Whether stable's requests are copied to the canary before the first weight, or "
            "during the iterations."),
    CM_PROB(struct cm_flagger, mirror_weight, "100%", 0, 1,
            "Share of stable's requests that the mirror copies; 0% means 100%."),
    CM_PROB(struct cm_flagger, load_test, "0%", 0, 1,
            "What a load test sends to the canary while it gets no requests of users during "
            "iterations (blue/green without a mirror), as a share of stable's requests; 0% = the "
            "canary's metrics have no data then, which fails them."),
    CM_REFS(struct cm_flagger, metrics, "gate", "none",
            "Built-in metrics and inline queries, in the order in which they are checked: gates "
            "with test = flagger_check."),
    CM_REFS(struct cm_flagger, templates, "gate", "none",
            "Metrics from templates, checked after the others: any gates; what one does not pass, "
            "is a failed check, unless it is undecided."),
    HOOKS(confirm_rollout, "Hooks that have to open before the rollout begins."),
    HOOKS(pre_rollout,
          "Hooks that have to succeed before the first weight; a failure is a failed check."),
    HOOKS(rollout, "Hooks called at each check, before the metrics; a failure is a failed check."),
    HOOKS(confirm_traffic_increase, "Hooks that have to open before each step of the weight."),
    HOOKS(confirm_promotion, "Hooks that have to open before the promotion."),
    HOOKS(post_rollout, "Hooks called once it is over, whatever they answer."),
    HOOKS(rollback, "Hooks that roll back when they object to the release, at any tick between "
                    "its start and its promotion."),
    HOOKS(event, "Hooks that are told what happens; a tick waits for them."),
    CM_PROB(struct cm_flagger, primary_ready_threshold, "100%", 0, 1,
            "Share of the primary's pods that have to be available for a tick to go on."),
    CM_PROB(struct cm_flagger, canary_ready_threshold, "100%", 0, 1,
            "Share of the canary's pods that have to be available for a tick to go on."),
    CM_DURATION(struct cm_flagger, progress_deadline, "10m", 1e9, CM_MAX_DURATION,
                "Pods that are not ready for longer than this roll the release back."),
    CM_CHOICE(struct cm_flagger, target, "deployment", targets,
              "What the release is deployed as; a daemonset's progress_deadline counts from the "
              "last change of the canary's status."),
    CM_DURATION(struct cm_flagger, detection_delay, "0s", 0, CM_MAX_DURATION,
                "From the release to the tick that detects it, up to one interval; rollouts are "
                "counted from the release."),
    CM_FLAG(struct cm_flagger, skip_analysis, "no",
            "Whether the release is promoted without any checks."),
    CM_FLAG(struct cm_flagger, suspend, "no", "Whether every tick does nothing."),
    CM_FLAG(struct cm_flagger, session_affinity, "no",
            "Whether a cookie keeps users on the canary that it has served ([users] stickiness = "
            "ratchet), so that it gets more than its weight."),
    CM_PARAMS_END,
};

/* Weights are integers. */
static int check_whole(const char *key, double share, struct cm_err *err)
{
    if (cm_percents_of(share) >= 0)
        return 0;
    return cm_fail(err, "%s (%g%%) is no whole number of percents", key, 100 * share);
}

static int check_hooks(const struct cm_flagger *o, struct cm_err *err)
{
    for (int type = 0; type < CM_FLAGGER_HOOKS; type++) {
        size_t n = cm_flagger_hook_list(o, (enum cm_flagger_hook)type)->n;
        if (n > CM_FLAGGER_HOOKS_MAX)
            return cm_fail(err, "%zu hooks of one type; %d is the most", n, CM_FLAGGER_HOOKS_MAX);
    }
    return 0;
}

/* The admission rule: exactly one of three. */
static int check(const void *options, struct cm_err *err)
{
    const struct cm_flagger *o = options;
    int ways = (o->iterations > 0) + (o->step_weight > 0) + (o->step_weights.n > 0);
    if (ways != 1)
        return cm_fail(err,
                       "%s of step_weight, step_weights and iterations is given; Flagger "
                       "admits exactly one",
                       ways ? "more than one" : "none");
    if (check_whole("step_weight", o->step_weight, err) ||
        check_whole("max_weight", o->max_weight, err) ||
        check_whole("step_weight_promotion", o->step_weight_promotion, err))
        return -1;
    return check_hooks(o, err);
}

static void start(const void *options, void *state)
{
    const struct cm_flagger *o = options;
    struct cm_flagger_state *st = state;
    st->status = (struct cm_flagger_status){.phase = CM_INITIALIZED, .primary = 100};
    st->over = st->ticking = false;
    st->step = -1;
    st->due = o->detection_delay;
    st->written_at = 0;
    st->n_heard = 0;
    for (int arm = 0; arm < CM_ARMS; arm++)
        st->unready_at[arm] = CM_NEVER;
}

/* Woken early (a new revision), it waits for its tick. */
static cm_time wake(const void *options, void *state, struct cm_desk *desk)
{
    struct cm_flagger_state *st = state;
    return st->over ? CM_NEVER : cm_flagger_tick(options, st, desk);
}

static size_t state_size(const void *options)
{
    (void)options;
    return sizeof(struct cm_flagger_state);
}

static cm_time shortest(const void *options)
{
    const struct cm_flagger *o = options;
    uint64_t ticks = cm_flagger_ticks(o);
    cm_time interval = cm_flagger_interval(o);
    if (ticks == 0 || (cm_time)ticks > CM_NEVER / interval)
        return CM_NEVER;
    return cm_later(o->detection_delay, (cm_time)ticks * interval);
}

static bool has_hooks(const struct cm_flagger *o)
{
    for (int type = 0; type < CM_FLAGGER_HOOKS; type++)
        if (cm_flagger_hook_list(o, (enum cm_flagger_hook)type)->n > 0)
            return true;
    return false;
}

static struct cm_uses uses(const void *options)
{
    const struct cm_flagger *o = options;
    bool unrouted = cm_flagger_iterations(o) > 0 && !cm_flagger_is_ab(o);
    return (struct cm_uses){
        .hooks = has_hooks(o),
        .revisions = true,
        .mirror = (o->mirror && cm_flagger_keeps_mirror(o)) || (unrouted && o->load_test > 0),
        .match = o->match.name != NULL && cm_flagger_is_ab(o),
    };
}

const struct cm_controller cm_controller_flagger = {
    .kind = {.name = "flagger",
             .summary = "Flagger: one tick an interval, a step for each check that passes.",
             .source = "fluxcd/flagger v1.44.0",
             .params = params,
             .options_size = sizeof(struct cm_flagger),
             .check = check},
    .sentences = cm_flagger_sentences,
    .state_size = state_size,
    .start = start,
    .wake = wake,
    .shortest = shortest,
    .uses = uses,
};
