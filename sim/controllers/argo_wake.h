/* Argo Rollouts at its desk: passes over the rollout and over its AnalysisRuns, until nothing
 * changes any more.
 *
 * All passes of one instant happen in one call: what a pass writes, the next one reads. Real
 * controllers wake an instant late, so that what is due *after* an instant is done at it. Behind
 * a router the canary's share is the weight; without one it is its part of all available pods. */
#ifndef CM_ARGO_WAKE_H
#define CM_ARGO_WAKE_H

#include "sim/controllers/argo_pass.h"
#include "sim/controllers/controller.h"

/* The metrics of one AnalysisRun, and which gate of the desk measures each. */
struct cm_argo_analysis {
    struct cm_argo_spec spec; /* borrowed, and so are */
    const int *gates;
};

/* What is to be done. */
struct cm_argo_program {
    struct cm_argo_plan plan;
    const struct cm_argo_analysis *of_step; /* borrowed; one a step */
    struct cm_argo_analysis background;
    size_t most_metrics; /* of any run */
    bool fixed_replicas; /* else as many as stable has at the first wake */
    uint64_t retries;    /* of an aborted rollout, by people */
    cm_time retry_after;
};

/* What a rollout says, in Argo's words. */
enum cm_argo_sentence {
    CM_ARGO_SAYS_STEP_COMPLETED,
    CM_ARGO_SAYS_PAUSED, /* one for each reason: */
    CM_ARGO_SAYS_INCONCLUSIVE,
    CM_ARGO_SAYS_INCONCLUSIVE_EXPERIMENT,
    CM_ARGO_SAYS_RESUMED,
    CM_ARGO_SAYS_WEIGHT,
    CM_ARGO_SAYS_SCALED_CANARY,
    CM_ARGO_SAYS_SCALED_STABLE,
    CM_ARGO_SAYS_STEP_RUN,
    CM_ARGO_SAYS_BACKGROUND_RUN,
    CM_ARGO_SAYS_METRIC_FAILED,
    CM_ARGO_SAYS_METRIC_INCONCLUSIVE,
    CM_ARGO_SAYS_METRIC_ERROR,
    CM_ARGO_SAYS_ABORTED, /* one for each cause: */
    CM_ARGO_SAYS_STEP_FAILED,
    CM_ARGO_SAYS_BACKGROUND_FAILED,
    CM_ARGO_SAYS_EXPERIMENT_FAILED,
    CM_ARGO_SAYS_DEADLINE_ABORTED,
    CM_ARGO_SAYS_TIMED_OUT,
    CM_ARGO_SAYS_RETRY,
    CM_ARGO_SAYS_ALL_STEPS,
    CM_ARGO_SAYS_FULL,
    CM_ARGO_SAYS_RESTART,
    CM_ARGO_SENTENCES
};
extern const char *const cm_argo_sentences[CM_ARGO_SENTENCES + 1]; /* NULL-ended */

/* A rollout under way; flat, of cm_argo_size bytes. */
struct cm_argo_worker {
    struct cm_argo_state state;
    bool begun;
    int replicas;                      /* spec.replicas */
    cm_time measured_at[CM_ARGO_RUNS]; /* when the slowest measurement has answered; CM_NEVER =
                                          none is under way */
    cm_time experiment_at;             /* when its verdict is known; CM_NEVER = none is awaited */
    enum cm_argo_phase experiment;     /* that verdict */
    bool asking;                       /* a person, who answers at: */
    cm_time person_at;
    uint64_t retried;
    cm_time retry_at; /* CM_NEVER = nobody will */
    int step;         /* the desk's */
    double share;
    struct cm_argo_counts_of pods;
    uint64_t revision;
    size_t run_size;
};

size_t cm_argo_size(const struct cm_argo_program *program);
void cm_argo_start(const struct cm_argo_program *program, struct cm_argo_worker *worker);
/* Everything that is to be done at desk->now; when to call again. */
cm_time cm_argo_work(const struct cm_argo_program *program, struct cm_argo_worker *worker,
                     const struct cm_desk *desk);
const struct cm_argo_run *cm_argo_run_of(const struct cm_argo_worker *worker,
                                         enum cm_argo_which which);

/* Aborted for good: nobody retries, and the canary serves nothing. */
bool cm_argo_is_over(const struct cm_argo_worker *worker);

#endif
