/* Cases of one pass over a rollout: the status before it, and what becomes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/oracle/argo_rollout.h"

struct pass {
    struct argo_rollout r;
    struct cm_argo_state state;
    struct cm_argo_done done;
    struct cm_argo_set before[2]; /* canary, stable */
    int older[ARGO_OLDER];
    bool scaled_older;
};

static const char *const reasons[] = {
    [CM_ARGO_PAUSE_STEP] = "CanaryPauseStep",
    [CM_ARGO_INCONCLUSIVE_ANALYSIS] = "InconclusiveAnalysis",
    [CM_ARGO_INCONCLUSIVE_EXPERIMENT] = "InconclusiveExperiment",
    NULL,
};

static bool is_null(const struct inputs *in, const char *key)
{
    const json_t *value = json_object_get(in->object, key);
    return value == NULL || json_is_null(value);
}

static void read_pauses(struct argo_case *c, struct inputs *in, struct cm_argo_state *s)
{
    const json_t *list = json_object_get(in->object, "pause_conditions");
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct inputs pause = argo_inside(json_array_get(list, i));
        int reason = input_choice(&pause, "reason", reasons);
        s->paused[reason] = true;
        s->paused_at[reason] = cm_from_seconds(input_number(&pause, "start"));
        argo_hand_up(c, &pause);
    }
}

static void read_run(struct argo_case *c, struct inputs *in, const char *key,
                     struct cm_argo_ref *run)
{
    if (is_null(in, key))
        return;
    struct inputs inside = argo_inside(json_object_get(in->object, key));
    run->exists = true;
    run->phase = argo_phase(&inside, "phase");
    run->step = argo_int_or(&inside, "step_index", 0);
    argo_hand_up(c, &inside);
}

/* The version that is rolled out is "c", stable is "s" if nobody says otherwise. */
static void read_hashes(struct inputs *in, struct cm_argo_view *v)
{
    const json_t *stable = json_object_get(in->object, "stable");
    const json_t *current = json_object_get(in->object, "current");
    const char *is = json_is_string(stable) ? json_string_value(stable) : "s";
    const char *rolled = json_is_string(current) ? json_string_value(current) : "c";
    v->initial = *is == '\0';
    v->promoted = strcmp(is, rolled) == 0;
}

static void read_status(struct argo_case *c, struct pass *p)
{
    struct inputs in = argo_inside(json_object_get(c->in.object, "status"));
    struct cm_argo_state *s = &p->state;
    s->view.step = argo_int_or(&in, "step_index", CM_ARGO_ABSENT);
    s->view.abort = input_flag_or(&in, "abort", false);
    s->view.promote_full = input_flag_or(&in, "promote_full", false);
    s->controller_pause = input_flag_or(&in, "controller_pause", false);
    if (!is_null(&in, "aborted_at"))
        s->aborted_at = cm_from_seconds(input_number(&in, "aborted_at"));
    if (!is_null(&in, "weights")) {
        struct inputs w = argo_inside(json_object_get(in.object, "weights"));
        s->view.weights.known = true;
        s->view.weights.canary = argo_int_or(&w, "canary", 0);
        s->view.weights.stable = argo_int_or(&w, "stable", 0);
        argo_hand_up(c, &w);
    }
    read_hashes(&in, &s->view);
    read_pauses(c, &in, s);
    read_run(c, &in, "step_ar", &s->run[CM_ARGO_STEP_RUN]);
    read_run(c, &in, "background_ar", &s->run[CM_ARGO_BACKGROUND_RUN]);
    argo_hand_up(c, &in);
}

static void read_sets(struct argo_case *c, struct pass *p)
{
    struct inputs in = argo_inside(json_object_get(c->in.object, "rs"));
    struct cm_argo_view *v = &p->state.view;
    v->canary = argo_set(&in, "canary");
    v->stable = argo_set(&in, "stable");
    argo_older_read(&in, &p->r);
    v->older = p->r.older;
    v->n_older = p->r.view.n_older;
    p->before[0] = v->canary;
    p->before[1] = v->stable;
    argo_hand_up(c, &in);
}

static void run_pass(struct argo_case *c, struct pass *p)
{
    struct inputs spec = argo_inside(json_object_get(c->in.object, "spec"));
    struct cm_argo_state *s = &p->state;
    *p = (struct pass){.scaled_older = false};
    argo_plan_read(&spec, &p->r);
    p->r.plan.steps = p->r.steps;
    *s = cm_argo_state_at_start(&p->r.plan);
    s->user_paused = input_flag_or(&spec, "paused", false);
    s->within_window = input_flag_or(&spec, "rollback_within_window", false);
    s->unverified = !input_flag_or(&spec, "weight_verified", true);
    p->r.plan.progress_abort = input_flag_or(&spec, "progress_deadline_abort", false);
    bool scaling = input_flag_or(&spec, "scaling_event", false);
    argo_hand_up(c, &spec);
    read_status(c, p);
    read_sets(c, p);
    cm_time now = cm_from_seconds(input_number_or(&c->in, "now", 0));
    for (size_t i = 0; i < s->view.n_older; i++)
        p->older[i] = cm_argo_wanted(&s->view.older[i]);
    if (input_given(&c->in, "event"))
        cm_argo_reset(&p->r.plan, s);
    else if (scaling)
        p->done = cm_argo_only_scale(&p->r.plan, s, now, p->older);
    else
        p->done = cm_argo_pass(&p->r.plan, s, now, p->older);
}

/* --- what becomes of it ----------------------------------------------------------------------- */

/* The two lists hold the same, in any order. */
static void compare_list(struct argo_case *c, const char *key, const char *const *got, size_t n)
{
    const json_t *want = json_object_get(c->expect.object, key);
    if (want == NULL)
        return;
    c->asked++;
    bool same = json_array_size(want) == n;
    for (size_t i = 0; same && i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < n; k++) {
            const char *text = json_string_value(json_array_get(want, k));
            found = found || (text && strcmp(text, got[i]) == 0);
        }
        same = found;
    }
    if (!same)
        argo_disagree(c, "%s holds %zu: %s %s", key, n, n > 0 ? got[0] : "", n > 1 ? got[1] : "");
}

static void compare_runs(struct argo_case *c, const char *key, const bool *which)
{
    static const char *const names[] = {"step", "background"};
    const char *got[CM_ARGO_RUNS];
    size_t n = 0;
    for (int i = 0; i < CM_ARGO_RUNS; i++)
        if (which[i])
            got[n++] = names[i];
    compare_list(c, key, got, n);
}

static void compare_pauses(struct argo_case *c, const struct pass *p)
{
    const char *got[CM_ARGO_PAUSES];
    size_t n = 0;
    for (int i = 0; i < CM_ARGO_PAUSES; i++)
        if (p->state.paused[i])
            got[n++] = reasons[i];
    compare_list(c, "pause_reasons", got, n);
}

static void compare_scale(struct argo_case *c, const struct pass *p)
{
    const json_t *want = json_object_get(c->expect.object, "scale");
    if (want == NULL)
        return;
    json_t *got = json_object();
    const struct cm_argo_view *v = &p->state.view;
    if (cm_argo_wanted(&v->canary) != cm_argo_wanted(&p->before[0]))
        json_object_set_new(got, "canary", json_integer(v->canary.spec));
    if (cm_argo_wanted(&v->stable) != cm_argo_wanted(&p->before[1]))
        json_object_set_new(got, "stable", json_integer(v->stable.spec));
    for (size_t i = 0; i < v->n_older; i++) {
        char name[20];
        snprintf(name, sizeof name, "older%zu", i);
        if (p->older[i] != cm_argo_wanted(&v->older[i]))
            json_object_set_new(got, name, json_integer(p->older[i]));
    }
    c->asked++;
    if (!json_equal(got, want)) {
        char *text = json_dumps(got, JSON_COMPACT);
        argo_disagree(c, "scale is %s", text ? text : "?");
        free(text);
    }
    json_decref(got);
}

static void compare_abort(struct argo_case *c, const struct pass *p)
{
    static const char *const messages[] = {
        [CM_ARGO_BY_USER] = "",
        [CM_ARGO_BY_STEP] = "Step-based analysis phase error/failed",
        [CM_ARGO_BY_BACKGROUND] = "Background analysis phase error/failed",
        [CM_ARGO_BY_EXPERIMENT] = "Experiment failed",
        [CM_ARGO_BY_DEADLINE] = "Progress deadline exceeded",
    };
    if (argo_asks(c, "abort"))
        argo_flag(c, "abort", p->state.view.abort);
    if (argo_asks(c, "abort_message"))
        argo_text(c, "abort_message", p->done.aborted ? messages[p->state.cause] : "");
}

static void reconcile(struct argo_case *c)
{
    struct pass p;
    run_pass(c, &p);
    if (argo_asks(c, "step_index") &&
        !argo_null(c, "step_index", p.state.view.step == CM_ARGO_ABSENT))
        argo_number(c, "step_index", p.state.view.step);
    if (argo_asks(c, "controller_pause"))
        argo_flag(c, "controller_pause", p.state.controller_pause);
    if (argo_asks(c, "promoted"))
        argo_flag(c, "promoted", p.done.promoted != CM_ARGO_NOT_YET);
    if (argo_asks(c, "step_ar_cleared"))
        argo_flag(c, "step_ar_cleared", p.done.step_run_cleared);
    if (argo_asks(c, "phase"))
        argo_text(c, "phase", cm_argo_rollout_phase(&p.state));
    compare_abort(c, &p);
    compare_pauses(c, &p);
    compare_scale(c, &p);
    compare_runs(c, "ar_created", p.done.created);
    compare_runs(c, "ar_cancelled", p.done.cancelled);
}

const struct argo_kind argo_reconcile_kinds[] = {
    {"rollout_reconcile", reconcile},
    {NULL, NULL},
};
