/* Flagger's canary controller: what a Canary object says, and its status.
 *
 * The controller is sim/controllers/flagger.c; its tick is cut into files by what they do:
 * flagger_tick.c the order of the checks, flagger_advance.c the strategies, flagger_check.c hooks
 * and metrics, flagger_ready.c pods, flagger_act.c what a tick asks, says and orders. */
#ifndef CM_FLAGGER_H
#define CM_FLAGGER_H

#include "sim/controllers/controller.h"
#include "sim/controllers/type_percents.h"

enum cm_flagger_provider {
    CM_ISTIO,
    CM_LINKERD,
    CM_KUBERNETES,
    CM_GATEWAYAPI,
    CM_NGINX,
    CM_SKIPPER,
    CM_TRAEFIK,
    CM_CONTOUR,
    CM_GLOO,
    CM_KUMA,
    CM_KNATIVE,
    CM_APPMESH,
    CM_APISIX,
    CM_OSM,
    CM_FLAGGER_PROVIDERS
};
enum cm_flagger_target { CM_DEPLOYMENT, CM_DAEMONSET };

/* Types of webhooks. */
enum cm_flagger_hook {
    CM_CONFIRM_ROLLOUT,
    CM_PRE_ROLLOUT,
    CM_ROLLOUT,
    CM_CONFIRM_TRAFFIC_INCREASE,
    CM_CONFIRM_PROMOTION,
    CM_POST_ROLLOUT,
    CM_ROLLBACK_HOOK,
    CM_EVENT_HOOK,
    CM_FLAGGER_HOOKS
};
#define CM_FLAGGER_HOOKS_MAX 8 /* of one type */
#define CM_FLAGGER_GATES_MAX 16

struct cm_flagger {
    int provider, target; /* enums above */
    cm_time interval;
    uint64_t threshold;
    double max_weight, step_weight, step_weight_promotion; /* shares, whole percents */
    struct cm_percents step_weights;
    uint64_t iterations;
    struct cm_ref match;
    bool mirror;
    double mirror_weight, load_test;
    struct cm_refs metrics, templates;
    struct cm_refs confirm_rollout, pre_rollout, rollout, confirm_traffic_increase,
        confirm_promotion, post_rollout, rollback, event;
    double primary_ready_threshold, canary_ready_threshold;
    cm_time progress_deadline, detection_delay;
    bool skip_analysis, suspend, session_affinity;
};

enum cm_flagger_phase {
    CM_NO_PHASE,
    CM_INITIALIZING,
    CM_INITIALIZED,
    CM_WAITING,
    CM_PROGRESSING,
    CM_WAITING_PROMOTION,
    CM_PROMOTING,
    CM_FINALISING,
    CM_SUCCEEDED,
    CM_FAILED,
    CM_FLAGGER_PHASES
};

/* status.*, and the routes that the mesh holds; weights in percents. */
struct cm_flagger_status {
    enum cm_flagger_phase phase;
    uint64_t failed_checks;
    int iterations, weight;     /* weight is for display: decisions read the route */
    uint64_t applied, promoted; /* revisions; CM_NO_REVISION = none yet */
    int primary, canary;
    bool mirrored;
};
#define CM_NO_REVISION UINT64_MAX

/* Answers of one tick, in the order in which it asks: a slow one is waited for, and the tick then
 * goes through what it had heard before. */
#define CM_FLAGGER_HEARD_MAX (CM_FLAGGER_HOOKS * CM_FLAGGER_HOOKS_MAX + CM_FLAGGER_GATES_MAX)
struct cm_flagger_state {
    struct cm_flagger_status status;
    bool over;                   /* has told the engine how it ended */
    int step;                    /* that began last, from 0; -1 = none */
    cm_time due;                 /* the next tick */
    cm_time written_at;          /* the last change of the status */
    cm_time unready_at[CM_ARMS]; /* since when pods are not ready; CM_NEVER = they are */
    bool ticking;                /* a tick waits for an answer */
    cm_time began_at;            /* that tick */
    struct cm_pods pods[CM_ARMS];
    uint64_t newest; /* revision */
    size_t n_heard;
    struct cm_verdict heard[CM_FLAGGER_HEARD_MAX];
};

/* What it says: Flagger's events. From CM_FLAGGER_WARNINGS on they are warnings. */
enum cm_flagger_sentence {
    CM_FLAGGER_SUSPENDED,
    CM_FLAGGER_METRICS_THERE,
    CM_FLAGGER_INITIALIZED,
    CM_FLAGGER_NEW_REVISION,
    CM_FLAGGER_RESTARTS,
    CM_FLAGGER_STARTS,
    CM_FLAGGER_CONFIRM_ROLLOUT_PASSED,
    CM_FLAGGER_PRE_ROLLOUT_PASSED,
    CM_FLAGGER_CONFIRM_TRAFFIC_PASSED,
    CM_FLAGGER_CONFIRM_PROMOTION_PASSED,
    CM_FLAGGER_POST_ROLLOUT_PASSED,
    CM_FLAGGER_NO_ROLLBACK_SIGNAL,
    CM_FLAGGER_CANARY_WEIGHT,
    CM_FLAGGER_PRIMARY_WEIGHT,
    CM_FLAGGER_ITERATION,
    CM_FLAGGER_ALL_TO_CANARY,
    CM_FLAGGER_STOP_MIRROR,
    CM_FLAGGER_COPIES,
    CM_FLAGGER_ALL_TO_PRIMARY,
    CM_FLAGGER_PROMOTED,
    CM_FLAGGER_SKIPPED,
    CM_FLAGGER_WARNINGS,
    CM_FLAGGER_METRICS_GONE = CM_FLAGGER_WARNINGS,
    CM_FLAGGER_WAITS_FOR_APPROVAL,
    CM_FLAGGER_WAITS_FOR_TRAFFIC,
    CM_FLAGGER_WAITS_FOR_PROMOTION,
    CM_FLAGGER_PRE_ROLLOUT_FAILED,
    CM_FLAGGER_ROLLOUT_FAILED,
    CM_FLAGGER_POST_ROLLOUT_FAILED,
    CM_FLAGGER_ROLLBACK_SIGNAL,
    CM_FLAGGER_NO_SUCCESS_RATE,
    CM_FLAGGER_NO_DURATION,
    CM_FLAGGER_NO_QUERY,
    CM_FLAGGER_NO_TEMPLATE,
    CM_FLAGGER_BUILTIN_BROKEN,
    CM_FLAGGER_METRIC_BROKEN,
    CM_FLAGGER_SUCCESS_RATE_LOW,
    CM_FLAGGER_SUCCESS_RATE_HIGH,
    CM_FLAGGER_DURATION_LOW,
    CM_FLAGGER_DURATION_HIGH,
    CM_FLAGGER_METRIC_LOW,
    CM_FLAGGER_METRIC_HIGH,
    CM_FLAGGER_METRIC_FAILS,
    CM_FLAGGER_NO_MATCH,
    CM_FLAGGER_NO_PROGRESSIVE,
    CM_FLAGGER_SETS_ITERATIONS,
    CM_FLAGGER_THRESHOLD,
    CM_FLAGGER_MANUAL,
    CM_FLAGGER_FAILED,
    CM_FLAGGER_PROMOTION_FAILED,
    CM_FLAGGER_PRIMARY_UNREADY, /* the first of CM_READINESS_WORDS */
    CM_FLAGGER_CANARY_UNREADY = CM_FLAGGER_PRIMARY_UNREADY + 7,
    CM_FLAGGER_SENTENCES = CM_FLAGGER_CANARY_UNREADY + 7
};
extern const char *const cm_flagger_sentences[CM_FLAGGER_SENTENCES + 1]; /* NULL-ended */
extern const char *const cm_flagger_phase_names[CM_FLAGGER_PHASES + 1];  /* NULL-ended */
extern const char *const cm_flagger_providers[CM_FLAGGER_PROVIDERS + 1]; /* NULL-ended */

/* One tick at work. It acts on a copy of the status, and what it says and orders is kept until it
 * has heard all that it asks. */
#define CM_FLAGGER_ACTS_MAX 128
struct cm_flagger_act {
    bool says; /* else it orders */
    enum cm_flagger_sentence sentence;
    struct cm_evidence why;
    struct cm_order order;
};
struct cm_flagger_tick {
    const struct cm_flagger *o;
    struct cm_flagger_state *state;
    struct cm_desk *desk;
    struct cm_flagger_status s;
    int step;
    bool over;
    size_t n_asked; /* of what it heard */
    bool waits;     /* for an answer that is there only */
    cm_time until;
    size_t n_acts;
    struct cm_flagger_act acts[CM_FLAGGER_ACTS_MAX];
};

/* --- flagger_tick.c --- */

/* The whole of it, up to what it could not hear yet. */
void cm_flagger_play(struct cm_flagger_tick *t);
void cm_flagger_set_phase(struct cm_flagger_tick *t, enum cm_flagger_phase phase);
void cm_flagger_post_rollout(struct cm_flagger_tick *t);

/* --- flagger_advance.c --- */

cm_time cm_flagger_interval(const struct cm_flagger *o);     /* as played */
bool cm_flagger_keeps_mirror(const struct cm_flagger *o);    /* the router does */
uint64_t cm_flagger_threshold(const struct cm_flagger *o);   /* as played */
int cm_flagger_max_weight(const struct cm_flagger *o);       /* percents */
int cm_flagger_step(const struct cm_flagger *o, int weight); /* from this weight on, percents */
bool cm_flagger_is_ab(const struct cm_flagger *o);           /* strategy, as played */
uint64_t cm_flagger_iterations(const struct cm_flagger *o);  /* as played; 0 = by weights */
uint64_t cm_flagger_ticks(const struct cm_flagger *o);       /* to Succeeded; 0 = never */
void cm_flagger_advance(struct cm_flagger_tick *t);
void cm_flagger_promote(struct cm_flagger_tick *t); /* one tick of Promoting */
void cm_flagger_copy(struct cm_flagger_tick *t);    /* the new version to primary */
void cm_flagger_route(struct cm_flagger_tick *t, int primary, int canary, bool mirrored);

/* --- flagger_check.c --- */

/* Calls hooks of a type in order; stops at the first failure. */
bool cm_flagger_hooks(struct cm_flagger_tick *t, enum cm_flagger_hook type);
/* Whether a rollback hook asks for one. */
bool cm_flagger_rollback_asked(struct cm_flagger_tick *t);
/* Whether all providers of metrics answer. */
bool cm_flagger_providers_there(struct cm_flagger_tick *t);
/* Rollout hooks, metrics, templates. */
bool cm_flagger_analyse(struct cm_flagger_tick *t);
const struct cm_refs *cm_flagger_hook_list(const struct cm_flagger *o, enum cm_flagger_hook type);

/* --- flagger_ready.c --- */

enum cm_flagger_readiness { CM_READY, CM_NOT_YET, CM_NEVER_READY };
enum cm_readiness_words {
    CM_UNSEEN,
    CM_DEADLINE,
    CM_NOT_UPDATED,
    CM_OLD_PENDING,
    CM_NOT_AVAILABLE,
    CM_PODS_NOT_UPDATED,
    CM_PODS_NOT_AVAILABLE,
    CM_READINESS_WORDS
};
struct cm_flagger_pods {
    enum cm_flagger_readiness is;
    enum cm_readiness_words words; /* unless ready */
    int x, n;                      /* the numbers in them */
};
/* `overdue`: they have not been ready for longer than the progress deadline. */
struct cm_flagger_pods cm_flagger_pods_ready(enum cm_flagger_target target,
                                             const struct cm_pods *pods, double threshold,
                                             bool overdue);
/* Of this tick; says so if they are not. */
enum cm_flagger_readiness cm_flagger_ready(struct cm_flagger_tick *t, enum cm_arm arm);

/* --- flagger_act.c --- */

/* What a hook or a gate answers; a pass while an answer is waited for. */
struct cm_verdict cm_flagger_ask(struct cm_flagger_tick *t, enum cm_ask what, int id);
void cm_flagger_say(struct cm_flagger_tick *t, enum cm_flagger_sentence sentence,
                    const struct cm_evidence *why); /* NULL = no numbers */
void cm_flagger_say_count(struct cm_flagger_tick *t, enum cm_flagger_sentence sentence, uint64_t x,
                          uint64_t n);
void cm_flagger_say_of(struct cm_flagger_tick *t, enum cm_flagger_sentence sentence, int id);
void cm_flagger_order(struct cm_flagger_tick *t, const struct cm_order *order);
/* Begins or takes up a tick; returns when to wake next. */
cm_time cm_flagger_tick(const struct cm_flagger *o, struct cm_flagger_state *state,
                        struct cm_desk *desk);

#endif
