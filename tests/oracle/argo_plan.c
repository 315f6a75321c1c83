/* Cases of what a Rollout's spec says, and of when things are over: argo_plan.c, argo_status.c. */
#include <stdio.h>
#include <string.h>

#include "tests/oracle/argo_rollout.h"

/* --- the spec --------------------------------------------------------------------------------- */

static void validate(struct argo_case *c)
{
    struct argo_rollout r;
    struct cm_err err = {0};
    struct inputs spec = argo_inside(json_object_get(c->in.object, "spec"));
    argo_plan_read(&spec, &r);
    argo_hand_up(c, &spec);
    argo_flag(c, "valid", cm_argo_check_plan(&r.plan, &err) == 0);
}

/* The delays of a Rollout that is configured like this. */
static struct cm_argo_plan configured(struct argo_case *c, cm_time *value)
{
    struct cm_argo_plan plan = cm_argo_plan_of_nothing();
    const json_t *config = json_object_get(c->in.object, "config");
    if (config == NULL)
        return plan;
    struct inputs inside = argo_inside(config);
    plan.routing = input_flag_or(&inside, "traffic_routing", false);
    *value = argo_delay(&inside, "value");
    inputs_release(&inside);
    return plan;
}

static void delay(struct argo_case *c, cm_time got)
{
    if (got == CM_NEVER)
        argo_text(c, "value", "never");
    else
        argo_number(c, "value", cm_seconds(got));
}

void argo_rollout_default(struct argo_case *c, const char *field)
{
    cm_time value = CM_NO_DURATION;
    struct cm_argo_plan plan = configured(c, &value);
    struct cm_argo_bound *bound = strcmp(field, "canary.maxSurge") == 0 ? &plan.max_surge
                                  : strcmp(field, "canary.maxUnavailable") == 0
                                      ? &plan.max_unavailable
                                      : NULL;
    char text[20];
    if (bound && json_is_number(json_object_get(c->expect.object, "value"))) {
        argo_number(c, "value", bound->number);
    } else if (bound) {
        snprintf(text, sizeof text, "%d", bound->number);
        argo_text(c, "value", text);
    } else if (strcmp(field, "canary.scaleDownDelaySeconds") == 0) {
        plan.scale_down_delay = value;
        delay(c, cm_argo_scale_down_delay(&plan));
    } else if (strcmp(field, "canary.abortScaleDownDelaySeconds") == 0) {
        plan.abort_scale_down_delay = value;
        delay(c, cm_argo_abort_delay(&plan));
    } else if (strcmp(field, "spec.replicas") == 0) {
        argo_number(c, "value", plan.replicas);
    } else if (strcmp(field, "spec.minReadySeconds") == 0) {
        argo_number(c, "value", cm_seconds(plan.min_ready));
    } else if (strcmp(field, "spec.progressDeadlineSeconds") == 0) {
        argo_number(c, "value", cm_seconds(plan.progress_deadline));
    } else if (strcmp(field, "spec.progressDeadlineAbort") == 0) {
        argo_flag(c, "value", plan.progress_abort);
    } else if (strcmp(field, "spec.revisionHistoryLimit") == 0) {
        argo_number(c, "value", CM_ARGO_REVISIONS_KEPT);
    } else if (strcmp(field, "spec.analysis.successfulRunHistoryLimit") == 0 ||
               strcmp(field, "spec.analysis.unsuccessfulRunHistoryLimit") == 0) {
        argo_number(c, "value", CM_ARGO_RUNS_KEPT);
    } else {
        c->skipped = "no field that our model has";
    }
}

/* --- pauses ----------------------------------------------------------------------------------- */

static void pause_seconds(struct argo_case *c)
{
    const json_t *duration = json_object_get(c->in.object, "duration");
    int64_t seconds = json_is_string(duration) ? cm_argo_pause_seconds(json_string_value(duration))
                                               : json_integer_value(duration);
    argo_number(c, "seconds", (double)seconds);
}

static void pause_completed(struct argo_case *c)
{
    const json_t *duration = json_object_get(c->in.object, "duration");
    cm_time length = json_is_null(duration) ? CM_NO_DURATION
                     : json_is_string(duration)
                         ? cm_argo_pause_seconds(json_string_value(duration)) * CM_SECOND
                         : json_integer_value(duration) * CM_SECOND;
    double seconds = input_number_or(&c->in, "condition_age_s", -1);
    bool condition = json_is_number(json_object_get(c->in.object, "condition_age_s"));
    cm_time age = cm_from_seconds(seconds);
    argo_flag(c, "completed",
              cm_argo_pause_over(length, input_flag_or(&c->in, "controller_pause", false),
                                 condition ? &age : NULL));
}

/* --- the end ---------------------------------------------------------------------------------- */

static bool is_empty(struct argo_case *c, const char *key)
{
    const char *text = json_string_value(json_object_get(c->in.object, key));
    return text != NULL && *text == '\0';
}

static void should_promote(struct argo_case *c)
{
    struct argo_rollout r;
    char steps[40];
    argo_plan_read(&c->in, &r);
    argo_view_read(&c->in, &r);
    r.view.initial = is_empty(c, "stable") || is_empty(c, "stable_hash") ||
                     input_flag_or(&c->in, "initial_deploy", false);
    r.view.canary.exists = true;
    r.view.canary.available = argo_int_or(&c->in, "canary_available", 0);
    r.view.canary.spec = argo_int_or(&c->in, "canary_spec", r.plan.replicas);
    snprintf(steps, sizeof steps, "Completed all %d canary steps", r.plan.n_steps);
    const char *const reasons[] = {
        [CM_ARGO_NOT_YET] = "",
        [CM_ARGO_INITIAL] = "Initial deploy",
        [CM_ARGO_FULL] = "Full promotion requested",
        [CM_ARGO_FAST_ROLLBACK] = "Rollback within window",
        [CM_ARGO_ALL_STEPS] = steps,
    };
    bool window = input_flag_or(&c->in, "rollback_within_window", false);
    argo_text(c, "reason", reasons[cm_argo_should_promote(&r.plan, &r.view, window)]);
}

static struct cm_argo_revision revision_of(struct argo_case *c, const json_t *set)
{
    struct inputs in = argo_inside(set);
    struct cm_argo_revision revision = {
        .created = cm_from_seconds(input_number(&in, "created")),
        .experiment = input_flag_or(&in, "experiment", false),
    };
    argo_hand_up(c, &in);
    return revision;
}

static void rollback_window(struct argo_case *c)
{
    enum { MOST = 32 };
    struct cm_argo_revision all[MOST], between[2] = {{0, false}, {0, false}};
    const json_t *sets = json_object_get(c->in.object, "replica_sets");
    const char *older = input_text(&c->in, "new"), *stable = input_text(&c->in, "stable");
    size_t n = json_array_size(sets);
    if (n > MOST) {
        inputs_fault(&c->in, "more than %d ReplicaSets", MOST);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *set = json_array_get(sets, i);
        const char *name = json_string_value(json_object_get(set, "name"));
        all[i] = revision_of(c, set);
        if (name && strcmp(name, older) == 0)
            between[0] = all[i];
        if (name && strcmp(name, stable) == 0)
            between[1] = all[i];
    }
    argo_flag(c, "within",
              cm_argo_within_window(all, n, between, argo_int_or(&c->in, "revisions", 0)));
}

static const char *hash(struct argo_case *c, const char *key)
{
    const char *text = json_string_value(json_object_get(c->in.object, key));
    return text ? text : "";
}

static void rolls_back(struct argo_case *c)
{
    struct argo_rollout r;
    argo_plan_read(&c->in, &r);
    const json_t *weighted = json_object_get(c->in.object, "canary_weight_hash");
    r.view = (struct cm_argo_view){
        .promoted = strcmp(hash(c, "stable_hash"), hash(c, "current_hash")) == 0,
        .stable = {.exists = true, .available = argo_int_or(&c->in, "rs_available", 0)},
        .weights = {.known = json_is_string(weighted),
                    .elsewhere = strcmp(hash(c, "canary_weight_hash"), hash(c, "rs_hash")) != 0},
    };
    argo_flag(c, "rolling_back", cm_argo_rolls_back(&r.plan, &r.view));
}

/* Through a pass that only scales. */
static void abort_scale_down(struct argo_case *c)
{
    struct argo_rollout r;
    argo_plan_read(&c->in, &r);
    r.plan.routing = true;
    struct cm_argo_state state = cm_argo_state_at_start(&r.plan);
    struct cm_argo_set *canary = &state.view.canary;
    state.view.abort = true;
    state.view.stable.available = argo_int_or(&c->in, "stable_available", r.plan.replicas);
    canary->spec = canary->created = canary->available = r.plan.replicas;
    if (json_is_number(json_object_get(c->in.object, "deadline_in_s")))
        state.scale_down_at = cm_from_seconds(input_number(&c->in, "deadline_in_s"));
    struct cm_argo_done done = cm_argo_only_scale(&r.plan, &state, 0, NULL);
    bool scaled = done.scaled == CM_ARGO_CANARY_SCALED;
    if (argo_asks(c, "scale_to") && !argo_null(c, "scale_to", !scaled))
        argo_number(c, "scale_to", canary->spec);
    if (argo_asks(c, "deadline_in_s") &&
        !argo_null(c, "deadline_in_s", state.scale_down_at == CM_NEVER))
        argo_number(c, "deadline_in_s", cm_seconds(state.scale_down_at));
}

/* --- progress --------------------------------------------------------------------------------- */

static void timed_out(struct argo_case *c)
{
    const json_t *condition = json_object_get(c->in.object, "progressing_condition");
    enum cm_argo_progressing reason = CM_ARGO_NO_CONDITION;
    cm_time age = 0, deadline = argo_int_or(&c->in, "deadline_s", 600) * CM_SECOND;
    if (condition && !json_is_null(condition)) {
        struct inputs in = argo_inside(condition);
        const char *name = input_text(&in, "reason");
        age = cm_from_seconds(input_number_or(&in, "age_s", 0));
        reason = strcmp(name, "RolloutPaused") == 0              ? CM_ARGO_PAUSED
                 : strcmp(name, "RolloutAborted") == 0           ? CM_ARGO_ABORTED
                 : strcmp(name, "ProgressDeadlineExceeded") == 0 ? CM_ARGO_TIMED_OUT
                                                                 : CM_ARGO_UPDATED;
        argo_hand_up(c, &in);
    }
    argo_flag(c, "timed_out", cm_argo_timed_out(reason, age, deadline));
}

static struct cm_argo_report report_of(struct argo_case *c, const char *key)
{
    struct inputs in = argo_inside(json_object_get(c->in.object, key));
    struct cm_argo_report report = {
        .replicas = argo_int_or(&in, "replicas", 0),
        .updated = argo_int_or(&in, "updated", 0),
        .ready = argo_int_or(&in, "ready", 0),
        .available = argo_int_or(&in, "available", 0),
        .step = argo_int_or(&in, "step_index", CM_ARGO_ABSENT),
        .stable = input_text(&in, "stable"),
        .step_hash = input_text(&in, "step_hash"),
    };
    argo_hand_up(c, &in);
    return report;
}

static void progressing(struct argo_case *c)
{
    struct cm_argo_report old = report_of(c, "old"), now = report_of(c, "new");
    argo_flag(c, "progressing", cm_argo_progressed(&old, &now));
}

const struct argo_kind argo_plan_kinds[] = {
    {"validate_rollout", validate},
    {"pause_duration_seconds", pause_seconds},
    {"pause_step_completed", pause_completed},
    {"should_full_promote", should_promote},
    {"rollback_window", rollback_window},
    {"rollback_to_stable_dynamic", rolls_back},
    {"abort_scale_down", abort_scale_down},
    {"progress_timed_out", timed_out},
    {"rollout_progressing", progressing},
    {NULL, NULL},
};
