/* One pass of Argo Rollouts' controller over a canary: the router, experiments, analyses, pods,
 * pauses, then the step.
 *
 * A pass reads the status as the one before it has left it: a failure that it finds drops the
 * weight only in the next one. It scales one ReplicaSet at most and completes one step at most.
 * Whoever calls repeats it until nothing changes, and again when something has happened.
 *
 * Source: argoproj/argo-rollouts v1.10 (commit 9f8d111d8), rollout/{canary,analysis,pause,sync,
 * replicaset}.go, utils/conditions/conditions.go. Assumes that ReplicaSets which are older than
 * both versions keep their pods while their delay lasts, where a router keeps traffic from them. */
#ifndef CM_ARGO_PASS_H
#define CM_ARGO_PASS_H

#include "sim/controllers/argo_analysis.h"
#include "sim/controllers/argo_replicas.h"

enum cm_argo_reason_to_pause {
    CM_ARGO_PAUSE_STEP,
    CM_ARGO_INCONCLUSIVE_ANALYSIS,
    CM_ARGO_INCONCLUSIVE_EXPERIMENT,
    CM_ARGO_PAUSES
};
enum cm_argo_cause {
    CM_ARGO_BY_USER,
    CM_ARGO_BY_STEP,
    CM_ARGO_BY_BACKGROUND,
    CM_ARGO_BY_EXPERIMENT,
    CM_ARGO_BY_DEADLINE
};

/* The two AnalysisRuns that a rollout may have at a time. */
enum cm_argo_which { CM_ARGO_STEP_RUN, CM_ARGO_BACKGROUND_RUN, CM_ARGO_RUNS };
struct cm_argo_ref {
    bool exists, terminate;
    int step; /* that it belongs to */
    enum cm_argo_phase phase;
};

/* The condition Progressing, by its reason. */
enum cm_argo_progressing {
    CM_ARGO_NO_CONDITION,
    CM_ARGO_UPDATED, /* or resumed, or retried: the clock runs */
    CM_ARGO_PAUSED,
    CM_ARGO_ABORTED,
    CM_ARGO_TIMED_OUT
};
/* Whether the deadline has passed without progress. */
bool cm_argo_timed_out(enum cm_argo_progressing reason, cm_time age, cm_time deadline);

/* Everything that a pass reads and writes. */
struct cm_argo_state {
    struct cm_argo_view view;
    bool user_paused;            /* spec.paused */
    bool paused[CM_ARGO_PAUSES]; /* by reason, since: */
    cm_time paused_at[CM_ARGO_PAUSES];
    bool controller_pause;
    cm_time aborted_at; /* CM_NEVER = not, or forgotten */
    enum cm_argo_cause cause;
    struct cm_argo_ref run[CM_ARGO_RUNS];
    enum cm_argo_phase experiment; /* of the step's; NONE = not begun */
    bool unverified;               /* the router has not taken up the weight */
    bool within_window;            /* going back to a revision in the rollback window */
    cm_time scale_down_at;         /* of an aborted canary; CM_NEVER = not set */
    enum cm_argo_progressing progressing;
    cm_time progress_at;            /* of the last progress */
    int updated, others, available; /* pods at the last pass */
};

/* What a pass has done. */
struct cm_argo_done {
    bool changed; /* the status, or pods: the next pass follows at once */
    bool created[CM_ARGO_RUNS], cancelled[CM_ARGO_RUNS];
    bool begins_experiment;
    bool aborted, paused[CM_ARGO_PAUSES]; /* in this pass */
    bool completed;                       /* a step */
    bool step_run_cleared;
    bool timed_out;
    enum cm_argo_promotion promoted;
    int scaled; /* 0 = none, 1 = stable, 2 = canary, 3 = older ones: */
};
enum { CM_ARGO_NONE_SCALED, CM_ARGO_STABLE_SCALED, CM_ARGO_CANARY_SCALED, CM_ARGO_OLDER_SCALED };

/* Nothing has happened: the version that is rolled out is new, stable has all pods. */
struct cm_argo_state cm_argo_state_at_start(const struct cm_argo_plan *plan);

/* Another template, or other steps: from the beginning, or past the end where going back is quick.
 */
void cm_argo_reset(const struct cm_argo_plan *plan, struct cm_argo_state *state);

/* `older` (view->n_older counts, or NULL) receives what is wanted of older ReplicaSets. */
struct cm_argo_done cm_argo_pass(const struct cm_argo_plan *plan, struct cm_argo_state *state,
                                 cm_time now, int *older);
/* spec.replicas has just changed: a pass only scales. */
struct cm_argo_done cm_argo_only_scale(const struct cm_argo_plan *plan, struct cm_argo_state *state,
                                       cm_time now, int *older);

bool cm_argo_is_paused(const struct cm_argo_state *state);
/* Of the controller's own making. */
bool cm_argo_has_pause_condition(const struct cm_argo_state *state);
void cm_argo_clear_pauses(struct cm_argo_state *state);
/* A step that waits for verdicts or people has none. */
bool cm_argo_has_deadline(const struct cm_argo_plan *plan, const struct cm_argo_state *state);
/* "Healthy", "Paused", "Progressing", "Degraded". */
const char *cm_argo_rollout_phase(const struct cm_argo_state *state);
/* When the next pass is due though nothing happens; CM_NEVER. */
cm_time cm_argo_next_pass(const struct cm_argo_plan *plan, const struct cm_argo_state *state,
                          cm_time now);

/* What people do with the command line. */
void cm_argo_user_aborts(struct cm_argo_state *state);
void cm_argo_user_retries(struct cm_argo_state *state);
void cm_argo_user_promotes(const struct cm_argo_plan *plan, struct cm_argo_state *state);
void cm_argo_user_promotes_full(struct cm_argo_state *state);

#endif
