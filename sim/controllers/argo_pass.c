/* The pass, in the order of the controller. Source and assumptions: argo_pass.h. */
#include "sim/controllers/argo_pass.h"

/* A pass under way: what it adds to the status takes effect when it is written back. */
struct pass {
    const struct cm_argo_plan *plan;
    struct cm_argo_state *state;
    cm_time now;
    struct cm_argo_done done;
    bool add[CM_ARGO_PAUSES], aborts;
    int *older;
};

/* Kubernetes keeps times to the second. */
static cm_time whole_seconds(cm_time t)
{
    return t - t % CM_SECOND;
}

/* --- the router --- */

static void set_traffic(struct pass *p)
{
    struct cm_argo_weights *w = &p->state->view.weights;
    int weight;
    if (!p->plan->routing || !cm_argo_traffic(p->plan, &p->state->view, &weight))
        return;
    p->done.changed |= !w->known || w->canary != weight;
    *w = (struct cm_argo_weights){
        .known = true, .canary = weight, .stable = p->plan->max_weight - weight};
}

/* --- experiments and analyses --- */

static void abort_by(struct pass *p, enum cm_argo_cause cause)
{
    p->aborts = true;
    p->state->cause = cause;
}

static void heed(struct pass *p, enum cm_argo_phase phase, enum cm_argo_reason_to_pause pause,
                 enum cm_argo_cause cause)
{
    if (phase == CM_ARGO_INCONCLUSIVE)
        p->add[pause] = true;
    if (phase == CM_ARGO_FAILED || phase == CM_ARGO_ERROR)
        abort_by(p, cause);
}

/* Without a stable version there is nothing to experiment against. */
static void reconcile_experiment(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    const struct cm_argo_step *step = cm_argo_current(p->plan, &s->view);
    bool idle = s->view.promoted || s->view.abort || s->view.promote_full || s->view.initial;
    if (!step || !step->experiment || idle || s->paused[CM_ARGO_INCONCLUSIVE_ANALYSIS])
        return;
    bool resumed = s->experiment == CM_ARGO_INCONCLUSIVE && s->controller_pause &&
                   !s->paused[CM_ARGO_INCONCLUSIVE_EXPERIMENT];
    if (s->experiment == CM_ARGO_NONE || resumed) {
        s->experiment = CM_ARGO_PENDING;
        p->done.begins_experiment = p->done.changed = true;
    } else if (!s->paused[CM_ARGO_INCONCLUSIVE_EXPERIMENT]) {
        heed(p, s->experiment, CM_ARGO_INCONCLUSIVE_EXPERIMENT, CM_ARGO_BY_EXPERIMENT);
    }
}

static void cancel(struct pass *p, enum cm_argo_which which)
{
    struct cm_argo_ref *run = &p->state->run[which];
    if (!run->exists || run->terminate || cm_argo_completed(run->phase))
        return;
    run->terminate = p->done.cancelled[which] = p->done.changed = true;
}

static void create(struct pass *p, enum cm_argo_which which)
{
    p->state->run[which] =
        (struct cm_argo_ref){.exists = true, .step = p->state->view.step, .phase = CM_ARGO_PENDING};
    p->done.created[which] = p->done.changed = true;
}

/* After somebody has resumed an inconclusive one, or retries. */
static bool needs_run(const struct cm_argo_state *s, const struct cm_argo_ref *run)
{
    if (!run->exists)
        return true;
    if (s->controller_pause && !s->paused[CM_ARGO_PAUSE_STEP])
        return run->phase == CM_ARGO_INCONCLUSIVE;
    return s->aborted_at != CM_NEVER;
}

/* A run of another step ends in this pass; the step's own begins in the next. */
static void reconcile_step_run(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    struct cm_argo_ref *run = &s->run[CM_ARGO_STEP_RUN];
    const struct cm_argo_step *step = cm_argo_current(p->plan, &s->view);
    if (cm_argo_has_pause_condition(s) || s->view.abort)
        return;
    if (!step || !step->analysis || (run->exists && run->step != s->view.step)) {
        cancel(p, CM_ARGO_STEP_RUN);
        p->done.changed |= run->exists;
        run->exists = false;
    } else if (needs_run(s, run)) {
        create(p, CM_ARGO_STEP_RUN);
    } else {
        heed(p, run->phase, CM_ARGO_INCONCLUSIVE_ANALYSIS, CM_ARGO_BY_STEP);
    }
}

static void reconcile_background(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    struct cm_argo_ref *run = &s->run[CM_ARGO_BACKGROUND_RUN];
    if (!p->plan->background || cm_argo_before_start(p->plan, &s->view)) {
        cancel(p, CM_ARGO_BACKGROUND_RUN);
        run->exists = false;
        return;
    }
    if (s->paused[CM_ARGO_INCONCLUSIVE_ANALYSIS])
        return;
    if (needs_run(s, run))
        create(p, CM_ARGO_BACKGROUND_RUN);
    else
        heed(p, run->phase, CM_ARGO_INCONCLUSIVE_ANALYSIS, CM_ARGO_BY_BACKGROUND);
}

static void reconcile_analyses(struct pass *p)
{
    const struct cm_argo_view *v = &p->state->view;
    if (v->promoted || v->abort || v->promote_full || v->initial || p->state->within_window) {
        for (int i = 0; i < CM_ARGO_RUNS; i++)
            cancel(p, (enum cm_argo_which)i);
        return;
    }
    reconcile_step_run(p);
    reconcile_background(p);
}

static bool adds_pause(const struct pass *p)
{
    return p->add[CM_ARGO_INCONCLUSIVE_ANALYSIS] || p->add[CM_ARGO_INCONCLUSIVE_EXPERIMENT];
}

/* --- pods --- */

static bool scale(struct pass *p, struct cm_argo_set *set, int to, int which)
{
    if (!set->exists || cm_argo_wanted(set) == to)
        return false;
    set->spec = to;
    p->done.scaled = which;
    p->done.changed = true;
    return true;
}

/* An aborted canary behind a router keeps its pods for a while, from when stable is whole. */
static bool keeps_canary(struct pass *p, bool *gone)
{
    struct cm_argo_state *s = p->state;
    const struct cm_argo_plan *plan = p->plan;
    cm_time delay = cm_argo_abort_delay(plan);
    bool aborted = (s->view.abort || p->aborts) && s->view.stable.exists && plan->routing;
    bool drains = plan->dynamic_stable && plan->abort_scale_down_delay == CM_NO_DURATION;
    *gone = false;
    if (!aborted || drains) {
        s->scale_down_at = CM_NEVER;
        return false;
    }
    if (delay == CM_NEVER)
        return true;
    if (s->scale_down_at == CM_NEVER && s->view.stable.available == plan->replicas) {
        s->scale_down_at = cm_later(whole_seconds(p->now), delay);
        p->done.changed = true;
    }
    *gone = s->scale_down_at <= p->now;
    return !*gone;
}

static bool scale_canary(struct pass *p, int to)
{
    bool gone;
    if (keeps_canary(p, &gone))
        return false;
    return scale(p, &p->state->view.canary, gone ? 0 : to, CM_ARGO_CANARY_SCALED);
}

/* Pods that are not available go first; the rest as far as maxUnavailable allows. */
static bool scale_older(struct pass *p)
{
    const struct cm_argo_view *v = &p->state->view;
    int available = v->canary.available + v->stable.available, scaled = 0;
    for (size_t i = 0; i < v->n_older; i++)
        available += v->older[i].available;
    int spare = available - (p->plan->replicas - cm_argo_unavailable(p->plan));
    for (size_t i = 0; p->older && i < v->n_older; i++) {
        int wanted = cm_argo_wanted(&v->older[i]), to = wanted;
        bool waits = p->plan->routing && !p->plan->dynamic_stable;
        if (!waits && v->older[i].available < to)
            to = v->older[i].available;
        if (!waits && spare > 0) {
            int go = to < spare ? to : spare;
            to -= go;
            spare -= go;
        }
        p->older[i] = to;
        scaled += to != wanted;
    }
    p->done.changed |= scaled > 0;
    p->done.scaled = scaled > 0 ? CM_ARGO_OLDER_SCALED : p->done.scaled;
    return scaled > 0;
}

/* Stable, the canary, older ones: only the first that is not as it should be. */
static bool scale_one(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    if (s->user_paused || s->paused[CM_ARGO_INCONCLUSIVE_ANALYSIS])
        return false;
    struct cm_argo_counts_of to = cm_argo_next_counts(p->plan, &s->view);
    if (!s->view.same_set && scale(p, &s->view.stable, to.stable, CM_ARGO_STABLE_SCALED))
        return true;
    return scale_canary(p, to.canary) || scale_older(p);
}

/* --- pauses --- */

static void reconcile_pause(struct pass *p)
{
    const struct cm_argo_state *s = p->state;
    const struct cm_argo_step *step = cm_argo_current(p->plan, &s->view);
    if (step && step->pause && !s->user_paused && !s->view.promote_full &&
        !s->paused[CM_ARGO_PAUSE_STEP] && !s->controller_pause)
        p->add[CM_ARGO_PAUSE_STEP] = true;
}

/* --- the status is written back --- */

static bool is_complete(const struct pass *p)
{
    const struct cm_argo_state *s = p->state;
    const struct cm_argo_step *step = cm_argo_current(p->plan, &s->view);
    if (!step || s->user_paused)
        return false;
    if (step->pause) {
        cm_time age = p->now - s->paused_at[CM_ARGO_PAUSE_STEP];
        return cm_argo_pause_over(step->duration, s->controller_pause,
                                  s->paused[CM_ARGO_PAUSE_STEP] ? &age : NULL);
    }
    if (step->scale != CM_ARGO_NO_SCALE)
        return cm_argo_at_desired(p->plan, &s->view);
    if (step->weight != CM_ARGO_ABSENT)
        return cm_argo_at_desired(p->plan, &s->view) && !s->unverified;
    if (step->experiment)
        return s->experiment == CM_ARGO_SUCCESSFUL;
    if (step->analysis)
        return s->run[CM_ARGO_STEP_RUN].exists &&
               s->run[CM_ARGO_STEP_RUN].phase == CM_ARGO_SUCCESSFUL;
    return step->route;
}

static void promote(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    s->view.promoted = true;
    s->view.initial = s->view.abort = s->view.promote_full = false;
    s->aborted_at = CM_NEVER;
    s->view.step = p->plan->n_steps > 0 ? p->plan->n_steps : CM_ARGO_ABSENT;
    cm_argo_clear_pauses(s);
    p->done.changed = true;
}

/* What is already stable has nothing to be aborted. */
static void write_abort(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    bool fresh = s->aborted_at == CM_NEVER;
    p->done.aborted = !s->view.abort || fresh;
    p->done.changed |= p->done.aborted || cm_argo_has_pause_condition(s) || s->view.step > 0;
    s->view.abort = !s->view.promoted;
    if (fresh)
        s->aborted_at = whole_seconds(p->now);
    if (p->plan->n_steps > 0)
        s->view.step = s->view.promoted ? p->plan->n_steps : 0;
    cm_argo_clear_pauses(s);
}

static void write_pauses(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    bool was = s->controller_pause;
    for (int i = 0; i < CM_ARGO_PAUSES; i++) {
        if (!p->add[i] || s->paused[i])
            continue;
        s->paused[i] = s->controller_pause = true;
        s->paused_at[i] = whole_seconds(p->now);
        p->done.paused[i] = p->done.changed = true;
    }
    s->controller_pause = s->controller_pause && cm_argo_has_pause_condition(s);
    p->done.changed |= was != s->controller_pause || s->aborted_at != CM_NEVER;
    s->aborted_at = CM_NEVER;
}

static void complete_step(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    p->done.completed = p->done.changed = true;
    p->done.step_run_cleared = s->run[CM_ARGO_STEP_RUN].exists;
    s->view.step = (s->view.step < 0 ? 0 : s->view.step) + 1;
    s->run[CM_ARGO_STEP_RUN].exists = false;
    s->experiment = CM_ARGO_NONE;
    s->paused[CM_ARGO_PAUSE_STEP] = p->add[CM_ARGO_PAUSE_STEP] = false;
}

static void skip_steps(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    int end = p->plan->n_steps > 0 ? p->plan->n_steps : CM_ARGO_ABSENT;
    p->done.changed |= s->view.step != end || s->view.abort || cm_argo_has_pause_condition(s);
    s->view.step = end;
    s->view.abort = p->aborts = false;
    cm_argo_clear_pauses(s);
}

static void write_status(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    if (s->view.promote_full || s->within_window)
        skip_steps(p);
    if (p->aborts || s->view.abort) {
        write_abort(p);
        return;
    }
    p->done.promoted = s->view.promoted
                           ? CM_ARGO_NOT_YET
                           : cm_argo_should_promote(p->plan, &s->view, s->within_window);
    if (p->done.promoted != CM_ARGO_NOT_YET) {
        promote(p);
        return;
    }
    if (is_complete(p))
        complete_step(p);
    write_pauses(p);
}

/* --- the deadline --- */

static void condition(struct pass *p, enum cm_argo_progressing reason)
{
    struct cm_argo_state *s = p->state;
    if (reason == CM_ARGO_UPDATED || s->progressing != reason)
        s->progress_at = whole_seconds(p->now);
    s->progressing = reason;
}

static bool made_progress(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    const struct cm_argo_view *v = &s->view;
    int updated = cm_argo_wanted(&v->canary), others = cm_argo_wanted(&v->stable);
    int available = v->canary.available + v->stable.available;
    bool progress = p->done.completed || updated != s->updated || others < s->others ||
                    available > s->available || s->progressing == CM_ARGO_NO_CONDITION;
    s->updated = updated;
    s->others = others;
    s->available = available;
    return progress;
}

static void check_progress(struct pass *p)
{
    struct cm_argo_state *s = p->state;
    bool progress = made_progress(p);
    bool stood = s->progressing == CM_ARGO_PAUSED || s->progressing == CM_ARGO_ABORTED;
    if (s->view.abort || cm_argo_is_paused(s))
        condition(p, s->view.abort ? CM_ARGO_ABORTED : CM_ARGO_PAUSED);
    else if (progress || stood)
        condition(p, CM_ARGO_UPDATED);
    else if (cm_argo_has_deadline(p->plan, s) &&
             cm_argo_timed_out(s->progressing, p->now - s->progress_at,
                               p->plan->progress_deadline)) {
        p->done.timed_out = s->progressing != CM_ARGO_TIMED_OUT;
        condition(p, CM_ARGO_TIMED_OUT);
    }
    if (!p->done.timed_out || !p->plan->progress_abort)
        return;
    abort_by(p, CM_ARGO_BY_DEADLINE);
    write_abort(p);
}

/* --- the pass --- */

struct cm_argo_done cm_argo_pass(const struct cm_argo_plan *plan, struct cm_argo_state *state,
                                 cm_time now, int *older)
{
    struct pass p = {.plan = plan, .state = state, .now = now, .older = older};
    set_traffic(&p);
    reconcile_experiment(&p);
    reconcile_analyses(&p);
    if (!adds_pause(&p) && !scale_one(&p))
        reconcile_pause(&p);
    write_status(&p);
    check_progress(&p);
    return p.done;
}

struct cm_argo_done cm_argo_only_scale(const struct cm_argo_plan *plan, struct cm_argo_state *state,
                                       cm_time now, int *older)
{
    struct pass p = {.plan = plan, .state = state, .now = now, .older = older};
    scale_one(&p);
    return p.done;
}
