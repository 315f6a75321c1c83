/* Rollouts as Argo's cases write them. */
#include "tests/oracle/argo_rollout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int argo_int_or(struct inputs *in, const char *key, int otherwise)
{
    int64_t x = argo_int(in, key);
    if (x != CM_ARGO_UNSET && (x > INT32_MAX || x < INT32_MIN)) {
        inputs_fault(in, "\"%s\" is absurd", key);
        return otherwise;
    }
    return x == CM_ARGO_UNSET ? otherwise : (int)x;
}

cm_time argo_delay(struct inputs *in, const char *key)
{
    int seconds = argo_int_or(in, key, -1);
    return seconds < 0 ? CM_NO_DURATION : seconds * CM_SECOND;
}

static bool is_null(const struct inputs *in, const char *key)
{
    const json_t *value = json_object_get(in->object, key);
    return value == NULL || json_is_null(value);
}

/* A text is a percentage, with or without the sign. */
static void read_bound(struct inputs *in, const char *key, struct cm_argo_bound *bound)
{
    if (is_null(in, key))
        return;
    const json_t *value = json_object_get(in->object, key);
    bound->percent = json_is_string(value);
    if (bound->percent)
        bound->number = atoi(json_string_value(value));
    else
        bound->number = argo_int_or(in, key, 0);
}

static void read_threshold(struct inputs *in, struct cm_argo_threshold *threshold)
{
    static const char *const types[] = {"All", "Percentage", "Pods", NULL};
    const char *key = input_given(in, "threshold") ? "threshold" : "replica_progress_threshold";
    if (is_null(in, key))
        return;
    struct inputs inside = argo_inside(json_object_get(in->object, key));
    threshold->type = (unsigned)input_choice(&inside, "type", types);
    threshold->value = argo_int_or(&inside, "value", 0);
    if (inside.wrong)
        inputs_fault(in, "%s", inside.err.text);
    inputs_release(&inside);
}

static void read_pause(struct inputs *in, struct cm_argo_step *step)
{
    const json_t *duration = json_object_get(json_object_get(in->object, "pause"), "duration");
    step->pause = true;
    if (duration == NULL || json_is_null(duration))
        return;
    int64_t seconds = json_is_string(duration) ? cm_argo_pause_seconds(json_string_value(duration))
                                               : json_integer_value(duration);
    step->duration = seconds * CM_SECOND;
}

static void read_scale(struct inputs *in, struct cm_argo_step *step)
{
    struct inputs scale = argo_inside(json_object_get(in->object, "setCanaryScale"));
    int pods = argo_int_or(&scale, "replicas", CM_ARGO_ABSENT);
    int weight = argo_int_or(&scale, "weight", CM_ARGO_ABSENT);
    step->scale = pods != CM_ARGO_ABSENT ? CM_ARGO_SCALE_PODS : CM_ARGO_SCALE_WEIGHT;
    step->scale_to = pods != CM_ARGO_ABSENT ? pods : weight;
    if (input_flag_or(&scale, "matchTrafficWeight", false))
        step->scale = CM_ARGO_MATCH;
    if (scale.wrong)
        inputs_fault(in, "%s", scale.err.text);
    inputs_release(&scale);
}

static struct cm_argo_step read_step(struct inputs *in)
{
    struct cm_argo_step step = cm_argo_step_of_nothing();
    step.weight = argo_int_or(in, "setWeight", CM_ARGO_ABSENT);
    if (!is_null(in, "setWeight") && step.weight < 0)
        step.weight = -2; /* not CM_ARGO_ABSENT: it is to be refused */
    if (!is_null(in, "pause"))
        read_pause(in, &step);
    if (!is_null(in, "setCanaryScale"))
        read_scale(in, &step);
    step.analysis = !is_null(in, "analysis");
    step.experiment = !is_null(in, "experiment");
    step.route = !is_null(in, "setHeaderRoute") || !is_null(in, "setMirrorRoute");
    return step;
}

static void read_steps(struct inputs *in, struct argo_rollout *r)
{
    const json_t *steps = json_object_get(in->object, "steps");
    size_t n = json_array_size(steps);
    if (n > ARGO_STEPS) {
        inputs_fault(in, "more than %d steps", ARGO_STEPS);
        n = 0;
    }
    for (size_t i = 0; i < n; i++) {
        struct inputs step = argo_inside(json_array_get(steps, i));
        r->steps[i] = read_step(&step);
        const json_t *analysis = json_object_get(step.object, "analysis");
        r->templates[i] = json_string_value(json_object_get(analysis, "template"));
        if (step.wrong)
            inputs_fault(in, "%s", step.err.text);
        inputs_release(&step);
    }
    r->plan.steps = r->steps;
    r->plan.n_steps = (int)n;
}

static void read_background(struct inputs *in, struct argo_rollout *r)
{
    r->plan.starting_step = argo_int_or(in, "starting_step", CM_ARGO_ABSENT);
    if (is_null(in, "background_analysis"))
        return;
    struct inputs inside = argo_inside(json_object_get(in->object, "background_analysis"));
    r->plan.background = true;
    r->background = input_text(&inside, "template");
    r->plan.starting_step = argo_int_or(&inside, "starting_step", CM_ARGO_ABSENT);
    inputs_release(&inside);
}

void argo_plan_read(struct inputs *in, struct argo_rollout *r)
{
    struct cm_argo_plan *p = &r->plan;
    *r = (struct argo_rollout){.plan = cm_argo_plan_of_nothing()};
    p->replicas = argo_int_or(in, "replicas", 1);
    p->max_weight = argo_int_or(in, "max_weight", p->max_weight);
    p->min_pods = argo_int_or(in, "min_pods_per_replica_set", CM_ARGO_ABSENT);
    p->routing = input_flag_or(in, "traffic_routing", false);
    p->dynamic_stable = input_flag_or(in, "dynamic_stable_scale", false);
    p->scale_down_delay = argo_delay(in, "scale_down_delay_s");
    p->abort_scale_down_delay = argo_delay(in, "abort_scale_down_delay_s");
    p->min_ready = argo_int_or(in, "min_ready_s", 0) * CM_SECOND;
    p->progress_deadline = argo_int_or(in, "progress_deadline_s", 600) * CM_SECOND;
    if (p->max_weight <= 0 || p->replicas < 0)
        inputs_fault(in, "a weight or a number of replicas is absurd");
    p->max_weight = p->max_weight > 0 ? p->max_weight : 1;
    read_bound(in, "max_surge", &p->max_surge);
    read_bound(in, "max_unavailable", &p->max_unavailable);
    read_threshold(in, &p->threshold);
    read_steps(in, r);
    read_background(in, r);
}

struct cm_argo_set argo_set(struct inputs *in, const char *key)
{
    struct cm_argo_set set = {.exists = !is_null(in, key)};
    if (!set.exists)
        return set;
    struct inputs inside = argo_inside(json_object_get(in->object, key));
    set.spec = argo_int_or(&inside, "spec", CM_ARGO_ABSENT);
    set.available = argo_int_or(&inside, "available", 0);
    set.created = argo_int_or(&inside, "replicas", cm_argo_wanted(&set));
    if (inside.wrong)
        inputs_fault(in, "%s", inside.err.text);
    inputs_release(&inside);
    return set;
}

void argo_older_read(struct inputs *in, struct argo_rollout *r)
{
    const json_t *older = json_object_get(in->object, "older");
    size_t n = json_array_size(older);
    if (n > ARGO_OLDER) {
        inputs_fault(in, "more than %d older ReplicaSets", ARGO_OLDER);
        n = 0;
    }
    for (size_t i = 0; i < n; i++) {
        json_t *holder = json_pack("{sO}", "set", json_array_get(older, i));
        struct inputs inside = argo_inside(holder);
        r->older[i] = argo_set(&inside, "set");
        inputs_release(&inside);
        json_decref(holder);
    }
    r->view.older = r->older;
    r->view.n_older = n;
}

static void read_weights(struct inputs *in, struct argo_rollout *r)
{
    if (is_null(in, "weights"))
        return;
    struct inputs w = argo_inside(json_object_get(in->object, "weights"));
    struct cm_argo_weights *weights = &r->view.weights;
    weights->known = true;
    weights->canary = argo_int_or(&w, "canary", 0);
    weights->stable = argo_int_or(&w, "stable", 0);
    inputs_release(&w);
}

void argo_view_read(struct inputs *in, struct argo_rollout *r)
{
    struct cm_argo_view *v = &r->view;
    v->step = argo_int_or(in, "step_index", r->plan.n_steps > 0 ? 0 : CM_ARGO_ABSENT);
    v->abort = input_flag_or(in, "abort", false);
    v->promote_full = input_flag_or(in, "promote_full", false);
    v->same_set = input_flag_or(in, "same_rs", false);
    v->canary = argo_set(in, "canary");
    v->stable = argo_set(in, "stable");
    if (input_flag_or(in, "canary_rs_nil", false))
        v->canary = (struct cm_argo_set){.exists = false};
    if (input_flag_or(in, "stable_rs_nil", false))
        v->stable = (struct cm_argo_set){.exists = false};
    if (input_given(in, "stable_hash")) {
        const char *stable = input_text(in, "stable_hash");
        v->initial = *stable == '\0';
        v->promoted = !v->initial && input_given(in, "current_hash") &&
                      strcmp(stable, input_text(in, "current_hash")) == 0;
    }
    argo_older_read(in, r);
    read_weights(in, r);
}
