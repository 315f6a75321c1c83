/* Whether pods are ready (fluxcd/flagger v1.44.0, pkg/canary/deployment_ready.go and
 * daemonset_ready.go). Not ready is no failed check: the tick ends, and the next one asks again,
 * until the deadline makes it for good.
 *
 * Percentages are truncated: 75% of 2 replicas are 1. */
#include "sim/controllers/flagger.h"

static struct cm_flagger_pods not_ready(bool for_good, enum cm_readiness_words words, int x, int n)
{
    return (struct cm_flagger_pods){for_good ? CM_NEVER_READY : CM_NOT_YET, words, x, n};
}

/* In float32, as there. */
static int least(int replicas, double threshold)
{
    float percent = (float)(threshold * 100);
    return (int)((float)replicas * percent / 100);
}

static struct cm_flagger_pods deployment(const struct cm_pods *p, double threshold, bool overdue)
{
    if (p->updated < p->wanted)
        return not_ready(overdue, CM_NOT_UPDATED, p->updated, p->wanted);
    if (p->old > 0)
        return not_ready(overdue, CM_OLD_PENDING, p->old, p->updated);
    if (p->available < least(p->updated, threshold))
        return not_ready(overdue, CM_NOT_AVAILABLE, p->available, p->updated);
    return (struct cm_flagger_pods){.is = CM_READY};
}

static struct cm_flagger_pods daemonset(const struct cm_pods *p, double threshold, bool overdue)
{
    if (p->updated < p->wanted)
        return not_ready(overdue, CM_PODS_NOT_UPDATED, p->updated, p->wanted);
    if (p->available < least(p->wanted, threshold))
        return not_ready(overdue, CM_PODS_NOT_AVAILABLE, p->available, p->wanted);
    return (struct cm_flagger_pods){.is = CM_READY};
}

struct cm_flagger_pods cm_flagger_pods_ready(enum cm_flagger_target target,
                                             const struct cm_pods *pods, double threshold,
                                             bool overdue)
{
    if (pods->unseen)
        return not_ready(false, CM_UNSEEN, 0, 0);
    if (pods->stuck)
        return not_ready(true, CM_DEADLINE, 0, 0);
    return target == CM_DAEMONSET ? daemonset(pods, threshold, overdue)
                                  : deployment(pods, threshold, overdue);
}

/* A Deployment's deadline counts from when its pods became unavailable, a DaemonSet's from the last
 * change of the canary's status, whatever that was. */
static bool is_overdue(const struct cm_flagger_tick *t, enum cm_arm arm)
{
    cm_time unready = t->state->unready_at[arm], now = t->state->began_at;
    cm_time since = t->o->target == CM_DAEMONSET ? t->state->written_at : unready;
    return unready != CM_NEVER && now > cm_later(since, t->o->progress_deadline);
}

enum cm_flagger_readiness cm_flagger_ready(struct cm_flagger_tick *t, enum cm_arm arm)
{
    bool primary = arm == CM_STABLE;
    double threshold = primary ? t->o->primary_ready_threshold : t->o->canary_ready_threshold;
    struct cm_flagger_pods pods = cm_flagger_pods_ready(
        (enum cm_flagger_target)t->o->target, &t->state->pods[arm], threshold, is_overdue(t, arm));
    int first = primary ? CM_FLAGGER_PRIMARY_UNREADY : CM_FLAGGER_CANARY_UNREADY;
    struct cm_evidence why = cm_verdict_of(CM_PASS, -1).why;
    why.limit = threshold;
    why.x1 = (uint64_t)pods.x, why.n1 = (uint64_t)pods.n;
    if (pods.is != CM_READY)
        cm_flagger_say(t, (enum cm_flagger_sentence)(first + (int)pods.words), &why);
    return pods.is;
}
