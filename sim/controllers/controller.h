/* Controllers: verdicts in, weights and the next look out. One file a controller.
 *
 * One verb, wake: the controller asks its desk (gates, hooks, people, pods, route, revision), gives
 * orders (route, pods, step, restart, pause, finish) and says when it wants to wake next. It keeps
 * flat state, draws nothing, and never sees the world behind the desk. `ask` is pure at one
 * instant. */
#ifndef CM_CONTROLLER_H
#define CM_CONTROLLER_H

#include "sim/gates/gate.h"

enum cm_ask {
    CM_ASK_GATE,  /* id: index into the policy's gates */
    CM_ASK_HOOK,  /* id: of [hook.NAME], the index of a cm_ref; every instant is a new call */
    CM_ASK_HUMAN, /* one question until its answer is fetched: ask again at answer.at, or later */
    CM_ASK_PODS,
    CM_ASK_ROUTE,
    CM_ASK_REVISION, /* the newest there is, from 1; the controller is woken when one arrives */
    CM_ASK_REQUESTS  /* id: arm; how many requests it has answered since the release was created */
};
enum cm_order_kind { CM_SET_ROUTE, CM_SET_PODS, CM_SET_STEP, CM_RESTART, CM_PAUSE, CM_FINISH };
/* How a rollout ends. The controller says the first four; the engine the last two, at the horizon.
 */
enum cm_end {
    CM_PROMOTED,
    CM_ROLLED_BACK,
    CM_STUCK,
    CM_SUPERSEDED,
    CM_PAUSED,
    CM_TIMED_OUT,
    CM_ENDS
};
extern const char *const cm_end_names[CM_ENDS + 1]; /* NULL-ended */

/* Keys that every policy has. */
struct cm_policy {
    int control;       /* enum cm_control */
    int control_after; /* enum cm_control_after */
};
enum cm_control { CM_CONTROL_STABLE, CM_CONTROL_BASELINE };
enum cm_control_after { CM_AFTER_NOTHING, CM_AFTER_STABLE };

struct cm_route {
    double share[CM_ARMS]; /* of the traffic that reaches users; adds to 1 */
    double mirror;         /* share copied to the canary, answers discarded */
    int match;             /* class sent whole to the canary, or -1 */
};
struct cm_pods {
    int wanted, updated, available;
    int old;     /* of the version before, not gone yet */
    bool stuck;  /* there is no hope any more */
    bool unseen; /* nobody has begun yet to make what was ordered */
};
/* What was asked for, and when it is known; of the rest nothing is said. */
struct cm_answer {
    cm_time at;                       /* >= now: when a slow provider, hook or person answers */
    const struct cm_verdict *verdict; /* of a gate, a hook, a person */
    struct cm_pods pods[CM_ARMS];
    struct cm_route route;
    uint64_t revision, requests;
};
struct cm_order {
    enum cm_order_kind kind;
    struct cm_route route;
    int pods[CM_ARMS], step;
    enum cm_end end;
};

/* CM_RESTART: the newest revision takes the place of the release under study. Traffic goes back to
 * stable and gates, hooks and people begin anew; what the controller remembers is its own affair.
 * Revisions are healthy, so that a bad release ends with it, as superseded. It is the last order of
 * a wake. */

/* What a controller is going to ask and order beyond gates, weights and requests. */
struct cm_uses {
    bool hooks;     /* it calls some */
    bool revisions; /* it minds new ones */
    bool mirror;    /* it orders routes with a mirror */
    bool match;     /* it orders routes with a class to match */
    int pods; /* it says how many pods there are, so many of a version at most; 0 = it does not
               */
    enum {
        CM_NOBODY,
        CM_IF_ANY,
        CM_SOMEBODY
    } people; /* asks none, if there are any, in any case */
};

/* All that a controller can see or do. */
struct cm_desk {
    void *self; /* the engine's, or a script's in tests */
    cm_time now;
    /* Borrowed until the next question. */
    const struct cm_answer *(*ask)(void *self, enum cm_ask what, int id);
    void (*order)(void *self, const struct cm_order *order);
    void (*say)(void *self, int sentence,
                const struct cm_evidence *why); /* its own log lines; why
                                                  NULL = nothing to show */
};

/* A gate that a policy asks, as it stands in the file. */
struct cm_asked {
    const char *name;
    const struct cm_gate *gate;
    const void *options;
};

struct cm_controller {
    struct cm_kind kind;
    const char *const *sentences; /* by number, NULL-ended; NULL = says nothing */
    /* Shows the gates that CM_ASK_GATE will mean, once at load; 0, or -1 with the reason. NULL: it
     * knows them by their verdicts alone. */
    int (*bind)(void *options, const struct cm_asked *gates, struct cm_arena *arena,
                struct cm_err *err);
    size_t (*state_size)(const void *options); /* NULL = 0 */
    void (*start)(const void *options, void *state);
    /* Acts at desk->now; returns when it wants to wake next: now = at once again, CM_NEVER. */
    cm_time (*wake)(const void *options, void *state, struct cm_desk *desk);
    /* The shortest time in which it can promote a release that no gate objects to. */
    cm_time (*shortest)(const void *options);
    struct cm_uses (*uses)(const void *options); /* NULL = nothing */
};

/* Whether the canary or its baseline has fewer pods than it wants, perhaps for good. */
enum cm_lack { CM_LACK_NONE, CM_LACK_SOME, CM_LACK_FOR_GOOD };
enum cm_lack cm_pods_lack(const struct cm_desk *desk);

/* Share w to the canary, the rest to stable. */
struct cm_order cm_order_weight(double w);
/* The step of the rollout that begins, from 0; given before the weight of that step. */
struct cm_order cm_order_step(int step);
/* Ends the rollout and moves the traffic where the end says: promoted = all to the canary, rolled
 * back = all to stable, stuck = as it is. */
struct cm_order cm_order_finish(enum cm_end end);

struct cm_uses cm_controller_uses(const struct cm_controller *controller, const void *options);

extern const struct cm_section cm_policy_section;
extern const struct cm_controller *const cm_controller_kinds[]; /* NULL-ended */

#endif
