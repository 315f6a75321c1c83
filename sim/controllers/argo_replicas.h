/* Argo Rollouts' arithmetic: how many pods of which version, and what share of the traffic.
 *
 * A canary is moved by its steps. Without a traffic router pods are the weight: the split of
 * `replicas` (or one more, where maxSurge allows it) that comes nearest to it, approached pass by
 * pass within maxSurge and maxUnavailable. With one, the canary has ceil(weight * replicas) pods
 * and the router does the rest. All of it is integers; what is rounded up and what down is half of
 * the policy.
 *
 * Source: argoproj/argo-rollouts v1.10 (commit 9f8d111d8), utils/replicaset/canary.go,
 * utils/replicaset/replicaset.go, rollout/trafficrouting.go; where its documentation differs, the
 * code counts. */
#ifndef CM_ARGO_REPLICAS_H
#define CM_ARGO_REPLICAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/base/param.h"

#define CM_ARGO_ABSENT (-1) /* a count, weight or index that is not given */
/* What is kept of what is over, in a cluster; it decides nothing. */
enum { CM_ARGO_REVISIONS_KEPT = 10, CM_ARGO_RUNS_KEPT = 5 };

/* Pods, or a percentage of spec.replicas. Argo's default of both is 25 %. */
struct cm_argo_bound {
    int number;
    bool percent;
};

enum cm_argo_scale { CM_ARGO_NO_SCALE, CM_ARGO_SCALE_PODS, CM_ARGO_SCALE_WEIGHT, CM_ARGO_MATCH };

/* A step does one of these; manifests may say more than one, and are then refused. */
struct cm_argo_step {
    int weight; /* of the router's whole, or CM_ARGO_ABSENT */
    bool pause, analysis, experiment, route;
    cm_time duration; /* of the pause, whole seconds; CM_NO_DURATION = until somebody resumes */
    enum cm_argo_scale scale;
    int scale_to;      /* pods, or weight */
    size_t metrics, n; /* of an analysis: its metrics in some list, from here on, so many */
    int hook;          /* of an experiment: who knows its verdict */
};
struct cm_argo_step cm_argo_step_of_nothing(void);

/* What share of a version's pods will do where Argo would wait for all of them. */
struct cm_argo_threshold {
    enum { CM_ARGO_ALL, CM_ARGO_PERCENTAGE, CM_ARGO_PODS } type;
    int value;
};

/* The part of a Rollout's spec that does not change. Delays: CM_NO_DURATION = not given. */
struct cm_argo_plan {
    int replicas;
    struct cm_argo_bound max_surge, max_unavailable;
    const struct cm_argo_step *steps; /* borrowed */
    int n_steps;
    bool routing, dynamic_stable;
    int max_weight;
    int min_pods; /* of a ReplicaSet that has any; CM_ARGO_ABSENT */
    struct cm_argo_threshold threshold;
    cm_time scale_down_delay, abort_scale_down_delay;
    bool background;   /* there is an analysis beside the steps */
    int starting_step; /* from which on; CM_ARGO_ABSENT = the first */
    cm_time min_ready, progress_deadline;
    bool progress_abort;
};
/* Argo's defaults: one replica, 25 % each way, no steps. */
struct cm_argo_plan cm_argo_plan_of_nothing(void);

/* A ReplicaSet. */
struct cm_argo_set {
    bool exists;
    int spec; /* wanted; CM_ARGO_ABSENT = 1 */
    int created, available;
};
/* What the router does, once it has been told. */
struct cm_argo_weights {
    bool known;
    int canary, stable;
    bool elsewhere; /* the canary's goes to another version than the one that is rolled out */
};

/* A Rollout's status, as far as counts depend on it. */
struct cm_argo_view {
    int step; /* index; CM_ARGO_ABSENT = none (there are no steps) */
    bool abort, promote_full;
    bool initial;  /* there is no stable version yet */
    bool promoted; /* the version that is rolled out is the stable one */
    bool same_set; /* canary and stable are one ReplicaSet */
    struct cm_argo_set canary, stable;
    const struct cm_argo_set *older; /* borrowed; superseded ones that may have pods */
    size_t n_older;
    struct cm_argo_weights weights;
};

struct cm_argo_counts_of {
    int canary, stable;
};

/* --- the spec --------------------------------------------------------------------------------- */

int cm_argo_surge(const struct cm_argo_plan *plan);       /* rounded up */
int cm_argo_unavailable(const struct cm_argo_plan *plan); /* rounded down; at least 1 if no surge */
/* Delays as Argo defaults them; CM_NEVER = pods stay. */
cm_time cm_argo_scale_down_delay(const struct cm_argo_plan *plan);
cm_time cm_argo_abort_delay(const struct cm_argo_plan *plan);
/* Refuses a plan in the way Argo's validation would. */
int cm_argo_check_plan(const struct cm_argo_plan *plan, struct cm_err *err);
/* A pause as a manifest writes it: "10", "1h", "1m30s"; whole seconds, or -1 if it cannot be read.
 */
int64_t cm_argo_pause_seconds(const char *text);

/* --- steps and weights ------------------------------------------------------------------------ */

/* The step that is under way, or NULL. */
const struct cm_argo_step *cm_argo_current(const struct cm_argo_plan *plan,
                                           const struct cm_argo_view *view);
/* Of the last setWeight at or before the step. */
int cm_argo_set_weight(const struct cm_argo_plan *plan, const struct cm_argo_view *view);
bool cm_argo_before_start(const struct cm_argo_plan *plan, const struct cm_argo_view *view);
/* What the canary is scaled by: replicas, or CM_ARGO_ABSENT and then the weight. */
struct cm_argo_size {
    int replicas, weight;
};
struct cm_argo_size cm_argo_canary_size(const struct cm_argo_plan *plan,
                                        const struct cm_argo_view *view);
/* The weight that a dynamic abort goes down to next. */
int cm_argo_abort_target(const struct cm_argo_plan *plan, const struct cm_argo_view *view);
/* Whether traffic goes back to a dynamic stable that has not all of its pods yet. */
bool cm_argo_rolls_back(const struct cm_argo_plan *plan, const struct cm_argo_view *view);
/* What the router is told in this pass; false: it is left alone. */
bool cm_argo_traffic(const struct cm_argo_plan *plan, const struct cm_argo_view *view, int *weight);

/* --- pods ------------------------------------------------------------------------------------- */

int cm_argo_wanted(const struct cm_argo_set *set);
int cm_argo_replicas_at(int weight, int replicas, int max_weight); /* rounded up */
/* The split of pods that comes nearest to a weight. */
struct cm_argo_counts_of cm_argo_nearest(int replicas, int weight, int max_weight, int surge);
/* Wanted after this pass. */
struct cm_argo_counts_of cm_argo_next_counts(const struct cm_argo_plan *plan,
                                             const struct cm_argo_view *view);
bool cm_argo_at_desired(const struct cm_argo_plan *plan, const struct cm_argo_view *view);
/* Pods that a budget for scaling down may count on. */
int cm_argo_counted(const struct cm_argo_set *set, bool ignore_availability);
/* Whether enough of the desired pods are available. */
bool cm_argo_threshold_met(const struct cm_argo_threshold *threshold, const struct cm_argo_set *set,
                           int desired);
/* Whether a version has the pods that this weight of the traffic needs (rounded down). */
bool cm_argo_can_serve(const struct cm_argo_plan *plan, const struct cm_argo_set *set, int weight);

/* --- beginnings and ends ---------------------------------------------------------------------- */

/* Why the canary becomes stable in this pass. */
enum cm_argo_promotion {
    CM_ARGO_NOT_YET,
    CM_ARGO_INITIAL,
    CM_ARGO_FULL,
    CM_ARGO_FAST_ROLLBACK,
    CM_ARGO_ALL_STEPS
};
enum cm_argo_promotion cm_argo_should_promote(const struct cm_argo_plan *plan,
                                              const struct cm_argo_view *view, bool within_window);

/* Whether going back from `stable` to an older revision skips the steps: fewer than `revisions` are
 * between the two. Ages are instants of creation. */
struct cm_argo_revision {
    cm_time created;
    bool experiment;
};
bool cm_argo_within_window(const struct cm_argo_revision *all, size_t n,
                           const struct cm_argo_revision between[2], int revisions);

/* A pause step is over: somebody resumed, or its time is strictly past. */
bool cm_argo_pause_over(cm_time duration, bool controller_pause, const cm_time *age);

/* What a pass reports, to tell progress from none. */
struct cm_argo_report {
    int replicas, updated, ready, available, step;
    const char *stable, *step_hash; /* borrowed */
};
bool cm_argo_progressed(const struct cm_argo_report *old, const struct cm_argo_report *now);

#endif
