/* Counts and weights of one pass. Source and assumptions: argo_replicas.h. */
#include "sim/controllers/argo_replicas.h"

#include <math.h>

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* --- the spec --- */

static int resolve(struct cm_argo_bound bound, int replicas, bool up)
{
    int64_t share = (int64_t)bound.number * replicas;
    return bound.percent ? (int)((share + (up ? 99 : 0)) / 100) : bound.number;
}

int cm_argo_surge(const struct cm_argo_plan *plan)
{
    return resolve(plan->max_surge, plan->replicas, true);
}

/* Both rounded to none would leave no way to move. */
int cm_argo_unavailable(const struct cm_argo_plan *plan)
{
    int pods = resolve(plan->max_unavailable, plan->replicas, false);
    if (pods == 0 && cm_argo_surge(plan) == 0)
        pods = 1;
    return least(pods, plan->replicas);
}

/* --- steps and weights --- */

const struct cm_argo_step *cm_argo_current(const struct cm_argo_plan *plan,
                                           const struct cm_argo_view *view)
{
    int step = most(view->step, 0);
    return step < plan->n_steps ? &plan->steps[step] : NULL;
}

/* Of the last setWeight from this index backwards; 0 if there is none. */
static int weight_before(const struct cm_argo_plan *plan, int from)
{
    for (int i = from; i >= 0; i--)
        if (plan->steps[i].weight != CM_ARGO_ABSENT)
            return plan->steps[i].weight;
    return 0;
}

int cm_argo_set_weight(const struct cm_argo_plan *plan, const struct cm_argo_view *view)
{
    if (view->abort)
        return 0;
    if (!cm_argo_current(plan, view))
        return plan->max_weight;
    return weight_before(plan, most(view->step, 0));
}

bool cm_argo_before_start(const struct cm_argo_plan *plan, const struct cm_argo_view *view)
{
    return plan->starting_step != CM_ARGO_ABSENT && plan->n_steps > 0 &&
           most(view->step, 0) < plan->starting_step;
}

/* The setCanaryScale that holds, or NULL. An abort ends it, unless pods are to stay. */
static const struct cm_argo_step *scale_of(const struct cm_argo_plan *plan,
                                           const struct cm_argo_view *view)
{
    bool ended = view->abort && cm_argo_abort_delay(plan) != CM_NEVER;
    if (!plan->routing || ended || !cm_argo_current(plan, view))
        return NULL;
    for (int i = most(view->step, 0); i >= 0; i--)
        if (plan->steps[i].scale != CM_ARGO_NO_SCALE)
            return plan->steps[i].scale == CM_ARGO_MATCH ? NULL : &plan->steps[i];
    return NULL;
}

struct cm_argo_size cm_argo_canary_size(const struct cm_argo_plan *plan,
                                        const struct cm_argo_view *view)
{
    struct cm_argo_size size = {CM_ARGO_ABSENT, plan->max_weight};
    if (view->promote_full || view->initial || view->promoted)
        return size;
    const struct cm_argo_step *scale = scale_of(plan, view);
    if (scale && scale->scale == CM_ARGO_SCALE_PODS)
        return (struct cm_argo_size){scale->scale_to, 0};
    size.weight = scale ? scale->scale_to : cm_argo_set_weight(plan, view);
    return size;
}

/* The canary gives up pods only as stable takes over, one setWeight after the other; where its pods
 * are kept for a while, what stable lacks decides alone. */
int cm_argo_abort_target(const struct cm_argo_plan *plan, const struct cm_argo_view *view)
{
    int pods = plan->replicas - view->stable.available;
    if (plan->abort_scale_down_delay == CM_NO_DURATION)
        pods = most(pods, view->canary.available);
    for (int i = plan->n_steps - 1; i >= 0; i--) {
        int weight = plan->steps[i].weight;
        if (weight != CM_ARGO_ABSENT &&
            cm_argo_replicas_at(weight, plan->replicas, plan->max_weight) < pods)
            return weight;
    }
    return 0;
}

static int share_of(int pods, const struct cm_argo_plan *plan)
{
    return plan->replicas > 0 ? (int)((int64_t)plan->max_weight * pods / plan->replicas)
                              : plan->max_weight;
}

/* A dynamic abort never raises the weight, and lowers it only to what stable can carry. */
static int abort_weight(const struct cm_argo_plan *plan, const struct cm_argo_view *view)
{
    if (!plan->dynamic_stable)
        return 0;
    int target = cm_argo_abort_target(plan, view), now = view->weights.canary;
    int carried = share_of(view->stable.available, plan);
    int rest = most(0, plan->max_weight - carried);
    if (!view->weights.known)
        return most(rest, target);
    if (target <= 0)
        return least(rest, now);
    return carried < plan->max_weight - target ? now : least(target, now);
}

static int full_weight(const struct cm_argo_plan *plan, const struct cm_argo_view *view)
{
    if (plan->dynamic_stable)
        return share_of(view->canary.available, plan);
    return view->weights.known ? view->weights.canary : 0;
}

bool cm_argo_rolls_back(const struct cm_argo_plan *plan, const struct cm_argo_view *view)
{
    return plan->routing && plan->dynamic_stable && view->promoted && view->weights.known &&
           view->weights.elsewhere && view->stable.available < plan->replicas;
}

/* The first case that applies. Without steps the canary gets nothing before it is promoted. */
static int wished_weight(const struct cm_argo_plan *plan, const struct cm_argo_view *view)
{
    if (cm_argo_rolls_back(plan, view))
        return abort_weight(plan, view);
    if (view->promoted)
        return 0;
    if (view->abort)
        return abort_weight(plan, view);
    if (!view->canary.exists || view->canary.available == 0)
        return 0;
    if (view->promote_full)
        return full_weight(plan, view);
    if (plan->n_steps == 0)
        return 0;
    if (!cm_argo_at_desired(plan, view))
        return weight_before(plan, least(view->step, plan->n_steps) - 1);
    return cm_argo_set_weight(plan, view);
}

bool cm_argo_can_serve(const struct cm_argo_plan *plan, const struct cm_argo_set *set, int weight)
{
    int needed = (int)((int64_t)weight * plan->replicas / plan->max_weight);
    return set->exists &&
           (set->available >= needed || cm_argo_threshold_met(&plan->threshold, set, needed));
}

bool cm_argo_traffic(const struct cm_argo_plan *plan, const struct cm_argo_view *view, int *weight)
{
    *weight = wished_weight(plan, view);
    return cm_argo_can_serve(plan, &view->stable, plan->max_weight - *weight);
}

/* --- pods --- */

int cm_argo_wanted(const struct cm_argo_set *set)
{
    return !set->exists ? 0 : set->spec == CM_ARGO_ABSENT ? 1 : set->spec;
}

int cm_argo_replicas_at(int weight, int replicas, int max_weight)
{
    return (int)(((int64_t)weight * replicas + max_weight - 1) / max_weight);
}

bool cm_argo_threshold_met(const struct cm_argo_threshold *threshold, const struct cm_argo_set *set,
                           int desired)
{
    if (!set->exists)
        return false;
    if (threshold->type == CM_ARGO_ALL || threshold->value < 0)
        return cm_argo_wanted(set) == desired && set->available == desired;
    if (threshold->type == CM_ARGO_PODS)
        return set->available >= threshold->value;
    return (int64_t)set->available * 100 >= (int64_t)threshold->value * desired;
}

/* A half of a pod, as doubles have it: then only the larger canary is looked at. */
static bool is_tied(int weight, int max_weight, int total)
{
    double whole, pods = total * ((double)weight / max_weight);
    return modf(pods, &whole) == 0.5;
}

/* Smaller is better; the first of equals wins. */
struct nearest {
    struct cm_argo_counts_of best;
    double off;
    int weight, max_weight;
};

static void offer(struct nearest *n, int canary, int total)
{
    double off = fabs((double)((int64_t)canary * n->max_weight) / total - n->weight);
    if (off < n->off) {
        n->off = off;
        n->best = (struct cm_argo_counts_of){canary, total - canary};
    }
}

struct cm_argo_counts_of cm_argo_nearest(int replicas, int weight, int max_weight, int surge)
{
    struct nearest n = {{0, replicas}, HUGE_VAL, weight, max_weight};
    int up = cm_argo_replicas_at(weight, replicas, max_weight);
    int down = (int)((int64_t)weight * replicas / max_weight);
    /* Nobody is left without pods, unless that is what the weight says, or there is only one. */
    bool zero = weight == 0 || weight == max_weight || (replicas == 1 && surge == 0);
    if (replicas == 0)
        return n.best;
    if (up < replicas || zero)
        offer(&n, up, replicas);
    if (!is_tied(weight, max_weight, replicas) && (down != 0 || zero))
        offer(&n, down, replicas);
    if (surge > 0)
        offer(&n, up, replicas + 1);
    if (surge > 0 && !is_tied(weight, max_weight, replicas + 1) && (down != 0 || zero))
        offer(&n, down, replicas + 1);
    return n.best;
}

int cm_argo_counted(const struct cm_argo_set *set, bool ignore_availability)
{
    int wanted = cm_argo_wanted(set);
    return ignore_availability || wanted < set->available ? wanted : set->exists * set->available;
}

/* Two ReplicaSets in a pass: the one that loses pods, and the one that is held to the limits. */
struct pair {
    const struct cm_argo_set *drained, *held;
    int drain, hold;
};

/* First the held one gives up what is over `ceiling`, then it gets back what `floor` needs of what
 * it has available, and the drained one pays for that. */
static void fit(struct pair *p, int ceiling, int floor)
{
    if (!p->held->exists)
        return;
    p->hold -= most(0, p->hold + p->drain - ceiling);
    int available = least(p->drained->available, p->drain) + least(p->held->available, p->hold);
    int spare = most(0, p->held->available - p->hold);
    p->hold += least(spare, most(0, floor - available));
    p->drain -= most(0, p->hold + p->drain - ceiling);
}

static int sum_older(const struct cm_argo_view *view, bool available)
{
    int pods = 0;
    for (size_t i = 0; i < view->n_older; i++)
        pods += available ? view->older[i].available : cm_argo_wanted(&view->older[i]);
    return pods;
}

/* As far up as the budget goes. */
static int grow(int from, int to, int *budget)
{
    int step = from<to && * budget> 0 ? least(to - from, *budget) : 0;
    *budget -= step;
    return from + step;
}

static int shrink(const struct cm_argo_set *set, int count, int to, int budget)
{
    int wanted = cm_argo_wanted(set);
    return wanted > to ? most(to, wanted - budget) : count;
}

/* What the pass takes away; superseded ReplicaSets go first. */
static struct cm_argo_counts_of scale_down(const struct cm_argo_plan *plan,
                                           const struct cm_argo_view *view,
                                           struct cm_argo_counts_of count,
                                           struct cm_argo_counts_of desired)
{
    bool stable = view->stable.exists && !view->same_set;
    int floor = plan->replicas - cm_argo_unavailable(plan);
    int ceiling = plan->replicas + cm_argo_surge(plan);
    bool rises = !view->canary.exists || desired.canary >= cm_argo_wanted(&view->canary);
    int budget = cm_argo_counted(&view->canary, !rises) + cm_argo_counted(&view->stable, rises);
    if (sum_older(view, false) > 0 || budget <= floor)
        return count;
    budget -= floor;
    if (!rises) {
        int canary = shrink(&view->canary, count.canary, desired.canary, budget);
        struct pair p = {&view->canary, &view->stable, canary, count.stable};
        fit(&p, ceiling, floor);
        return (struct cm_argo_counts_of){p.drain, p.hold};
    }
    if (!stable)
        return count;
    int left = shrink(&view->stable, count.stable, desired.stable, budget);
    struct pair p = {&view->stable, &view->canary, left, count.canary};
    fit(&p, ceiling, floor);
    return (struct cm_argo_counts_of){p.hold, p.drain};
}

/* Without a router: pods are the weight. Stable is scaled up first. */
static struct cm_argo_counts_of basic_counts(const struct cm_argo_plan *plan,
                                             const struct cm_argo_view *view)
{
    bool stable = view->stable.exists && !view->same_set;
    int surge = cm_argo_surge(plan);
    struct cm_argo_counts_of desired = {plan->replicas, 0};
    if (stable)
        desired = cm_argo_nearest(plan->replicas, cm_argo_canary_size(plan, view).weight,
                                  plan->max_weight, surge);
    struct cm_argo_counts_of count = {cm_argo_wanted(&view->canary),
                                      stable ? cm_argo_wanted(&view->stable) : 0};
    int budget = plan->replicas + surge - sum_older(view, false) - count.canary - count.stable;
    if (stable)
        count.stable = grow(count.stable, desired.stable, &budget);
    if (view->canary.exists)
        count.canary = grow(count.canary, desired.canary, &budget);
    return scale_down(plan, view, count, desired);
}

static int floored(const struct cm_argo_plan *plan, int pods)
{
    bool floor = pods > 0 && plan->min_pods != CM_ARGO_ABSENT;
    return floor ? most(pods, least(plan->min_pods, plan->replicas)) : pods;
}

/* With a router: the canary as the weight says, stable whole or, if dynamic, as large as what it
 * has of the traffic or is to have, whichever is more. */
static struct cm_argo_counts_of routed_counts(const struct cm_argo_plan *plan,
                                              const struct cm_argo_view *view)
{
    struct cm_argo_size size = cm_argo_canary_size(plan, view);
    int n = plan->replicas, whole = plan->max_weight;
    bool aborts = plan->dynamic_stable && view->abort;
    if (aborts && size.replicas == CM_ARGO_ABSENT)
        size.weight = cm_argo_abort_target(plan, view);
    int canary = size.replicas != CM_ARGO_ABSENT
                     ? size.replicas
                     : floored(plan, cm_argo_replicas_at(size.weight, n, whole));
    if (!plan->dynamic_stable)
        return (struct cm_argo_counts_of){canary, n};
    int stable = cm_argo_replicas_at(whole - size.weight, n, whole);
    if (view->weights.known)
        stable = most(stable, cm_argo_replicas_at(view->weights.stable, n, whole));
    if (view->weights.known && aborts)
        canary = most(canary, cm_argo_replicas_at(view->weights.canary, n, whole));
    return (struct cm_argo_counts_of){floored(plan, canary), floored(plan, stable)};
}

struct cm_argo_counts_of cm_argo_next_counts(const struct cm_argo_plan *plan,
                                             const struct cm_argo_view *view)
{
    return (plan->routing ? routed_counts : basic_counts)(plan, view);
}

/* Of stable it is enough that the pods were created. */
bool cm_argo_at_desired(const struct cm_argo_plan *plan, const struct cm_argo_view *view)
{
    struct cm_argo_counts_of desired = cm_argo_next_counts(plan, view);
    const struct cm_argo_set *stable = &view->stable;
    if (!cm_argo_threshold_met(&plan->threshold, &view->canary, desired.canary))
        return false;
    bool created = stable->exists && cm_argo_wanted(stable) == desired.stable &&
                   stable->created == desired.stable;
    if (!created && !(plan->routing && plan->dynamic_stable))
        return false;
    return plan->routing || sum_older(view, true) == 0;
}
