/* Each pod is an alternating renewal process: up for an exponential time, down for one start-up
 * (Cox, Renewal Theory, 1962, ch. 7), so that with mean uptime U and mean start-up D it is up for
 * U / (U + D) of the time in the long run. A crash loop is a Poisson stream of further crashes, at
 * the rate of the defect's full effect, thinned by the strength of its profile.
 *
 * Assumes that a crashed pod comes back on its machine, that what it was answering is answered all
 * the same, and a stable version of which all pods are up when its history begins. */
#include "sim/engine/pods.h"

#include <math.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"
#include "sim/controllers/argo_replicas.h"

static const char *const purposes[CM_VERSIONS] = {
    [CM_STABLE] = "pods.stable", [CM_CANARY] = "pods.canary", [CM_BASELINE] = "pods.baseline"};

static const struct cm_defect *defect_of(const struct cm_plan *plan)
{
    return plan->release >= 0 ? &plan->scenario->defects[plan->release].effect : NULL;
}

static double loop_rate_of(const struct cm_plan *plan)
{
    const struct cm_defect *d = defect_of(plan);
    return d && d->crash_every > 0 ? plan->strength / cm_seconds(d->crash_every) : 0;
}

/* Whether pods have to be told apart or waited for. */
static bool is_on(const struct cm_plan *plan)
{
    const struct cm_defect *d = defect_of(plan);
    return cm_fleet_acts(&plan->scenario->pods) || loop_rate_of(plan) > 0 ||
           (d && d->instances.value > 0);
}

void cm_pods_init(struct cm_pods_path *p, const struct cm_plan *plan, size_t n_versions)
{
    const struct cm_fleet *f = &plan->scenario->pods;
    *p = (struct cm_pods_path){
        .plan = plan,
        .on = is_on(plan),
        .seed = plan->scenario->run.seed,
        .stuck_purpose = cm_rng_purpose("pods.stuck"),
        .loop_rate = loop_rate_of(plan),
        .n_versions = n_versions,
        .until = CM_NEVER,
    };
    for (size_t i = 0; i < CM_GRADES; i++)
        p->grade[i] = p->on ? cm_machine_latency(f, i) : 1;
    for (size_t v = 0; p->on && v < n_versions; v++) {
        struct cm_pods_of *of = &p->versions[v];
        of->n = f->stable + 1 > f->canary ? f->stable + 1 : f->canary;
        of->list = cm_alloc(of->n * sizeof *of->list);
        for (size_t i = 0; i < of->n; i++)
            of->list[i].purpose = cm_rng_mix2(cm_rng_purpose(purposes[v]), i);
    }
}

void cm_pods_release(struct cm_pods_path *p)
{
    for (size_t v = 0; v < CM_VERSIONS; v++)
        cm_free(p->versions[v].list);
    *p = (struct cm_pods_path){0};
}

/* The machine is drawn first, so that it is the same whatever else is modelled. */
static void place(const struct cm_pods_path *p, struct cm_pod *pod)
{
    uint64_t purpose = pod->purpose;
    *pod = (struct cm_pod){.purpose = purpose, .up_at = CM_NEVER, .out_at = CM_NEVER};
    pod->rng = cm_rng_stream(p->seed, p->replication, purpose, 0);
    pod->defect_rng = cm_rng_stream(p->seed, p->replication, purpose, 1);
    pod->errors = cm_machine_errors(&p->plan->scenario->pods, cm_draw_normal(&pod->rng));
    pod->latency = p->grade[cm_draw_below(&pod->rng, CM_GRADES)];
}

/* Memoryless, so it may be drawn anew whenever a candidate was none. */
static cm_time next_loop_crash(const struct cm_pods_path *p, struct cm_pod *pod, size_t version,
                               cm_time now)
{
    if (version != CM_CANARY || p->loop_rate <= 0)
        return CM_NEVER;
    double seconds = cm_draw_exponential(&pod->defect_rng) / p->loop_rate;
    return cm_later(now, cm_from_seconds(seconds) + 1);
}

static void come_up(const struct cm_pods_path *p, struct cm_pod *pod, size_t version, cm_time now)
{
    const struct cm_fleet *f = &p->plan->scenario->pods;
    pod->phase = CM_POD_UP;
    pod->since = now;
    pod->starts++;
    pod->crash_at = CM_NEVER;
    if (f->restart_every > 0) {
        double seconds = cm_draw_exponential(&pod->rng) * cm_seconds(f->restart_every);
        pod->crash_at = cm_later(now, cm_from_seconds(seconds) + 1);
    }
    pod->loop_at = next_loop_crash(p, pod, version, now);
}

static cm_time ready_at(const struct cm_pods_path *p, struct cm_pod *pod, size_t version,
                        cm_time now)
{
    const struct cm_law *law = &p->plan->scenario->pods.start_up;
    if (version == CM_CANARY && p->stuck)
        return CM_NEVER;
    return law->n > 0 ? cm_later(now, cm_from_seconds(cm_law_draw(law, &pod->rng))) : now;
}

static void start(const struct cm_pods_path *p, struct cm_pod *pod, size_t version, cm_time now)
{
    pod->made++;
    pod->phase = CM_POD_STARTING;
    pod->up_at = ready_at(p, pod, version, now);
    if (pod->up_at <= now)
        come_up(p, pod, version, now);
}

static void crash(const struct cm_pods_path *p, struct cm_pod *pod, size_t version, cm_time now)
{
    pod->phase = CM_POD_CRASHED;
    pod->up_at = ready_at(p, pod, version, now);
    pod->out_at = cm_later(now, p->plan->scenario->pods.unready_after);
}

static cm_time earlier(cm_time a, cm_time b)
{
    return a < b ? a : b;
}

static cm_time next_of(const struct cm_pod *pod)
{
    const cm_time next[] = {
        [CM_POD_ABSENT] = CM_NEVER,
        [CM_POD_STARTING] = pod->up_at,
        [CM_POD_UP] = earlier(pod->crash_at, pod->loop_at),
        [CM_POD_CRASHED] = earlier(pod->out_at, pod->up_at),
    };
    return next[pod->phase];
}

size_t cm_pods_affected(const struct cm_pods_path *p, size_t version)
{
    const struct cm_pods_of *of = &p->versions[version];
    const struct cm_defect *d = defect_of(p->plan);
    if (version != CM_CANARY || !d || !(d->instances.value > 0))
        return of->n;
    const struct cm_quantity *some = &d->instances;
    return (size_t)(some->unit == CM_RATIO ? ceil(some->value * (double)of->wanted - 1e-9)
                                           : some->value);
}

static bool is_affected(const struct cm_pods_path *p, const struct cm_pod *pod, size_t version)
{
    return (size_t)(pod - p->versions[version].list) < cm_pods_affected(p, version);
}

/* The candidate of a crash loop is a crash with the strength of the defect's profile. */
static void end_up_time(const struct cm_pods_path *p, struct cm_pod *pod, size_t version,
                        double level)
{
    cm_time now = next_of(pod);
    pod->by_defect = pod->loop_at < pod->crash_at;
    bool acts = pod->by_defect && cm_rng_unit(&pod->defect_rng) < level && now >= 0;
    if (pod->by_defect && !(acts && is_affected(p, pod, version)))
        pod->loop_at = next_loop_crash(p, pod, version, now);
    else
        crash(p, pod, version, now);
}

static void step(const struct cm_pods_path *p, struct cm_pod *pod, size_t version, double level)
{
    if (pod->phase == CM_POD_UP)
        end_up_time(p, pod, version, level);
    else if (pod->up_at <= next_of(pod))
        come_up(p, pod, version, pod->up_at);
    else
        pod->phase = CM_POD_STARTING;
}

/* --- how many --- */

size_t cm_pods_available(const struct cm_pods_path *p, size_t version)
{
    size_t n = 0;
    for (size_t i = 0; i < p->versions[version].n; i++)
        n += p->versions[version].list[i].phase == CM_POD_UP;
    return n;
}

size_t cm_pods_balanced(const struct cm_pods_path *p, size_t version)
{
    size_t n = 0;
    for (size_t i = 0; i < p->versions[version].n; i++)
        n += cm_pod_is_balanced(&p->versions[version].list[i]);
    return n;
}

static cm_time deadline_of(const struct cm_pods_path *p, size_t version)
{
    return cm_later(p->versions[version].wanted_since, p->plan->scenario->pods.progress_deadline);
}

bool cm_pods_are_stuck(const struct cm_pods_path *p, size_t version, cm_time now)
{
    const struct cm_pods_of *of = &p->versions[version];
    return of->reached < of->wanted && now >= deadline_of(p, version);
}

struct cm_pods cm_pods_seen(const struct cm_pods_path *p, size_t version, cm_time now)
{
    const struct cm_fleet *f = &p->plan->scenario->pods;
    int n = (int)(version == CM_STABLE ? f->stable : f->canary);
    if (!p->on)
        return (struct cm_pods){.wanted = n, .updated = n, .available = n};
    n = (int)p->versions[version].wanted;
    return (struct cm_pods){.wanted = n,
                            .updated = n,
                            .available = (int)cm_pods_available(p, version),
                            .stuck = cm_pods_are_stuck(p, version, now)};
}

static void find_next(struct cm_pods_path *p, cm_time now)
{
    p->until = p->deployed ? CM_NEVER : 0;
    for (size_t v = 0; v < p->n_versions; v++) {
        const struct cm_pods_of *of = &p->versions[v];
        for (size_t i = 0; i < of->n; i++)
            p->until = earlier(p->until, next_of(&of->list[i]));
        if (of->reached < of->wanted && deadline_of(p, v) > now)
            p->until = earlier(p->until, deadline_of(p, v));
    }
}

/* Those with the highest numbers go. */
static void set_wanted(struct cm_pods_path *p, size_t version, size_t wanted, cm_time now)
{
    struct cm_pods_of *of = &p->versions[version];
    wanted = wanted < of->n ? wanted : of->n;
    if (wanted == of->wanted)
        return;
    for (size_t i = of->wanted; i < wanted; i++)
        start(p, &of->list[i], version, now);
    for (size_t i = wanted; i < of->wanted; i++)
        of->list[i].phase = CM_POD_ABSENT;
    of->wanted = wanted;
    of->changes++;
    of->wanted_since = now;
    of->reached = 0;
}

/* Counts who has come up. Under replicas stable leaves no gap: its pods go when the canary's have
 * come. */
static void follow(struct cm_pods_path *p, cm_time now)
{
    for (size_t v = 0; v < p->n_versions; v++) {
        size_t up = cm_pods_available(p, v);
        p->versions[v].reached = up > p->versions[v].reached ? up : p->versions[v].reached;
    }
    const struct cm_fleet *f = &p->plan->scenario->pods;
    if (f->routing != CM_ROUTE_REPLICAS)
        return;
    size_t come = p->versions[CM_CANARY].reached, all = f->stable;
    size_t needed = come < all ? all - come : 0;
    set_wanted(p, CM_STABLE, needed > p->stable_target ? needed : p->stable_target, now);
}

static void deploy(struct cm_pods_path *p)
{
    p->deployed = true;
    for (size_t v = CM_CANARY; v < p->n_versions; v++)
        if (p->plan->scenario->pods.routing == CM_ROUTE_WEIGHT)
            set_wanted(p, v, p->plan->scenario->pods.canary, 0);
}

void cm_pods_advance(struct cm_pods_path *p, cm_time now, double level)
{
    while (p->until <= now) {
        cm_time at = p->until;
        for (size_t v = 0; v < p->n_versions; v++)
            for (size_t i = 0; i < p->versions[v].n; i++)
                for (; next_of(&p->versions[v].list[i]) <= at; p->versions[v].changes++)
                    step(p, &p->versions[v].list[i], v, level);
        if (!p->deployed && at >= 0)
            deploy(p);
        follow(p, at);
        find_next(p, at);
    }
}

void cm_pods_want(struct cm_pods_path *p, size_t version, size_t wanted, cm_time now)
{
    if (!p->on)
        return;
    set_wanted(p, version, wanted, now);
    follow(p, now);
    find_next(p, now);
}

/* As Argo Rollouts does where no router splits the traffic. Weights are whole numbers there. */
void cm_pods_weigh(struct cm_pods_path *p, double weight, cm_time now)
{
    enum { WHOLE = 1000000000 };
    const struct cm_fleet *f = &p->plan->scenario->pods;
    struct cm_argo_counts_of split =
        cm_argo_nearest((int)f->stable, (int)lround(weight * WHOLE), WHOLE, f->surge);
    p->stable_target = (size_t)split.stable;
    cm_pods_want(p, CM_CANARY, (size_t)split.canary, now);
}

void cm_pods_renew(struct cm_pods_path *p, cm_time now)
{
    for (size_t v = CM_CANARY; p->on && v < p->n_versions; v++) {
        size_t wanted = p->versions[v].wanted;
        set_wanted(p, v, 0, now);
        cm_pods_want(p, v, wanted, now);
    }
}

/* --- a replication --- */

static void draw_stuck(struct cm_pods_path *p)
{
    struct cm_rng rng = cm_rng_stream(p->seed, p->replication, p->stuck_purpose, 0);
    p->stuck = cm_rng_unit(&rng) < p->plan->scenario->pods.stuck;
}

void cm_pods_begin(struct cm_pods_path *p, uint64_t replication, cm_time from)
{
    if (!p->on)
        return;
    p->replication = replication;
    p->deployed = false;
    p->stable_target = p->plan->scenario->pods.stable;
    draw_stuck(p);
    for (size_t v = 0; v < p->n_versions; v++) {
        struct cm_pods_of *of = &p->versions[v];
        of->wanted = of->reached = v == CM_STABLE ? p->plan->scenario->pods.stable : 0;
        of->wanted_since = from;
        for (size_t i = 0; i < of->n; i++)
            place(p, &of->list[i]);
        for (size_t i = 0; i < of->wanted; i++) {
            come_up(p, &of->list[i], v, from);
            of->list[i].since = CM_POD_ALWAYS;
        }
    }
    find_next(p, from);
}
