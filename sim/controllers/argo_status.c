/* A rollout's status between passes: how it begins, what people and the clock do to it. Source and
 * assumptions: argo_pass.h; pkg/kubectl-argo-rollouts/cmd of the same commit. */
#include "sim/controllers/argo_pass.h"

struct cm_argo_state cm_argo_state_at_start(const struct cm_argo_plan *plan)
{
    int n = plan->replicas;
    return (struct cm_argo_state){
        .view = {.step = plan->n_steps > 0 ? 0 : CM_ARGO_ABSENT,
                 .canary = {.exists = true},
                 .stable = {.exists = true, .spec = n, .created = n, .available = n}},
        .aborted_at = CM_NEVER,
        .scale_down_at = CM_NEVER,
    };
}

bool cm_argo_is_paused(const struct cm_argo_state *state)
{
    bool any = state->user_paused;
    for (int i = 0; i < CM_ARGO_PAUSES; i++)
        any = any || state->paused[i];
    return any;
}

bool cm_argo_has_pause_condition(const struct cm_argo_state *state)
{
    return state->paused[CM_ARGO_PAUSE_STEP] || state->paused[CM_ARGO_INCONCLUSIVE_ANALYSIS] ||
           state->paused[CM_ARGO_INCONCLUSIVE_EXPERIMENT];
}

void cm_argo_clear_pauses(struct cm_argo_state *state)
{
    for (int i = 0; i < CM_ARGO_PAUSES; i++)
        state->paused[i] = false;
    state->controller_pause = false;
}

const char *cm_argo_rollout_phase(const struct cm_argo_state *state)
{
    if (state->view.promoted)
        return "Healthy";
    if (state->view.abort || state->progressing == CM_ARGO_TIMED_OUT)
        return "Degraded";
    return cm_argo_is_paused(state) ? "Paused" : "Progressing";
}

void cm_argo_reset(const struct cm_argo_plan *plan, struct cm_argo_state *state)
{
    bool quick = state->view.promoted || state->within_window;
    cm_argo_clear_pauses(state);
    state->view.step = plan->n_steps == 0 ? CM_ARGO_ABSENT : quick ? plan->n_steps : 0;
    state->view.abort = false;
    state->aborted_at = CM_NEVER;
    for (int i = 0; i < CM_ARGO_RUNS; i++)
        state->run[i] = (struct cm_argo_ref){.exists = false};
    state->experiment = CM_ARGO_NONE;
}

/* --- the clock --- */

bool cm_argo_timed_out(enum cm_argo_progressing reason, cm_time age, cm_time deadline)
{
    return reason == CM_ARGO_TIMED_OUT || (reason == CM_ARGO_UPDATED && age > deadline);
}

/* A step that waits for verdicts or people has no deadline. */
bool cm_argo_has_deadline(const struct cm_argo_plan *plan, const struct cm_argo_state *s)
{
    const struct cm_argo_step *step = cm_argo_current(plan, &s->view);
    return !s->view.promoted && !(step && (step->experiment || step->analysis || step->pause));
}

static cm_time sooner(cm_time t, cm_time other, cm_time now)
{
    return other > now && other < t ? other : t;
}

cm_time cm_argo_next_pass(const struct cm_argo_plan *plan, const struct cm_argo_state *state,
                          cm_time now)
{
    const struct cm_argo_step *step = cm_argo_current(plan, &state->view);
    cm_time next = sooner(CM_NEVER, state->scale_down_at, now);
    if (step && step->pause && step->duration != CM_NO_DURATION &&
        state->paused[CM_ARGO_PAUSE_STEP])
        next = sooner(next, cm_later(state->paused_at[CM_ARGO_PAUSE_STEP], step->duration), now);
    if (cm_argo_has_deadline(plan, state) && state->progressing == CM_ARGO_UPDATED)
        next = sooner(
            next, cm_later(state->progress_at, cm_later(plan->progress_deadline, CM_SECOND)), now);
    return next;
}

/* --- people --- */

void cm_argo_user_aborts(struct cm_argo_state *state)
{
    state->view.abort = true;
    state->cause = CM_ARGO_BY_USER;
}

void cm_argo_user_retries(struct cm_argo_state *state)
{
    state->view.abort = false;
}

/* Past an inconclusive analysis of the step; else on from a pause; else past the step. */
void cm_argo_user_promotes(const struct cm_argo_plan *plan, struct cm_argo_state *state)
{
    bool paused = cm_argo_has_pause_condition(state), controlled = state->controller_pause;
    bool past = paused && state->run[CM_ARGO_STEP_RUN].exists &&
                state->run[CM_ARGO_STEP_RUN].phase == CM_ARGO_INCONCLUSIVE;
    cm_argo_clear_pauses(state);
    state->controller_pause = controlled && !past;
    if ((past || !paused) && state->view.step < plan->n_steps)
        state->view.step++;
}

void cm_argo_user_promotes_full(struct cm_argo_state *state)
{
    state->view.promote_full = true;
}
