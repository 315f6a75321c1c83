/* Pods as a path: who is up when, on which machine, since when.
 *
 * Like the weather they are an environment: what becomes of a pod depends on no request. A pod that
 * is wanted starts up, is available until it crashes, gets requests that fail until the balancer
 * has noticed, and starts again. Each pod draws from streams of its own, named by version and
 * number, so that a policy with other weights meets the same pods. */
#ifndef CM_PODS_H
#define CM_PODS_H

#include "sim/engine/replicate.h"

#define CM_VERSIONS 3 /* arms that can serve requests; how many do, the world says */

enum cm_pod_phase { CM_POD_ABSENT, CM_POD_STARTING, CM_POD_UP, CM_POD_CRASHED };

/* `since` of a pod that was up before the history. */
#define CM_POD_ALWAYS (INT64_MIN / 2)

struct cm_pod {
    enum cm_pod_phase phase;
    cm_time up_at;             /* STARTING, CRASHED: when it is available */
    cm_time out_at;            /* CRASHED: when the balancer notices */
    cm_time crash_at, loop_at; /* UP: the next crash; and of the defect's own, if it acts then */
    bool by_defect;            /* CRASHED: the defect's doing */
    cm_time since;             /* UP: it became available */
    uint64_t starts, made;     /* how often it has; how many pods have had this place */
    struct cm_rng rng, defect_rng;
    double errors, latency; /* its machine's factors */
    uint64_t purpose;
};

struct cm_pods_of {
    struct cm_pod *list; /* owned */
    size_t n;            /* room */
    size_t wanted;
    uint64_t changes;     /* so far, of any pod */
    size_t reached;       /* the most that were available since then */
    cm_time wanted_since; /* the number last changed */
};

struct cm_pods_path {
    const struct cm_plan *plan; /* borrowed */
    bool on;                    /* else all pods are alike and always there */
    uint64_t seed, replication, stuck_purpose;
    double loop_rate;        /* of the defect's crashes at full strength, per second */
    bool deployed;           /* the release */
    bool stuck;              /* no pod of the release becomes available */
    double grade[CM_GRADES]; /* factors of latency */
    size_t n_versions;
    struct cm_pods_of versions[CM_VERSIONS];
    size_t stable_target; /* routing = replicas: of stable, once the canary's pods are there */
    cm_time until;        /* when anything changes next; CM_NEVER */
};

void cm_pods_init(struct cm_pods_path *p, const struct cm_plan *plan, size_t n_versions);
void cm_pods_release(struct cm_pods_path *p);
/* A new replication: stable is up. */
void cm_pods_begin(struct cm_pods_path *p, uint64_t replication, cm_time from);
/* Up to `now`, asked in order; `level` is the defect's strength there. */
void cm_pods_advance(struct cm_pods_path *p, cm_time now, double level);
/* So many pods are wanted of a version from now on, or as many as there is room for. */
void cm_pods_want(struct cm_pods_path *p, size_t version, size_t wanted, cm_time now);
/* The numbers of pods that come nearest to this weight of the canary are wanted. */
void cm_pods_weigh(struct cm_pods_path *p, double weight, cm_time now);

/* What a controller is shown of a version. */
struct cm_pods cm_pods_seen(const struct cm_pods_path *p, size_t version, cm_time now);
/* The release is replaced by another: all pods that are not stable's start anew. */
void cm_pods_renew(struct cm_pods_path *p, cm_time now);
/* How many are available, and how many get requests. */
size_t cm_pods_available(const struct cm_pods_path *p, size_t version);
size_t cm_pods_balanced(const struct cm_pods_path *p, size_t version);
/* Pods 0 .. the result - 1 of a version carry the defect. */
size_t cm_pods_affected(const struct cm_pods_path *p, size_t version);
/* Whether a version waits for its pods for longer than the deadline. */
bool cm_pods_are_stuck(const struct cm_pods_path *p, size_t version, cm_time now);

static inline bool cm_pod_is_balanced(const struct cm_pod *pod)
{
    return pod->phase == CM_POD_UP || pod->phase == CM_POD_CRASHED;
}

#endif
