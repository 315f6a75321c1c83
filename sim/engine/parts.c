/* Pods that answer alike become one part of their version.
 *
 * A balancer sends a request to any pod with equal chances, so what a version answers is a mixture
 * over its pods. Given the latency law of a pod its error probability is free: pods with one law
 * (cold or not, on one grade of machine, with the defect at one strength) are one part, whose error
 * probability is their average. That is exact, thinning a Poisson process in two steps or in one.
 */
#include "sim/engine/world.h"

#include <math.h>
#include <string.h>

#include "sim/base/mem.h"

void cm_parts_release(struct cm_parts *parts)
{
    cm_free(parts->share);
    cm_free(parts->meets);
    cm_free(parts->level);
    cm_free(parts->pods);
    cm_free(parts->error);
    *parts = (struct cm_parts){0};
}

static void reserve(struct cm_parts *parts, size_t n_pods, size_t n_classes)
{
    if (n_pods <= parts->room)
        return;
    parts->room = n_pods;
    parts->share = cm_grow(parts->share, n_pods, sizeof *parts->share);
    parts->meets = cm_grow(parts->meets, n_pods * n_classes, sizeof *parts->meets);
    parts->level = cm_grow(parts->level, n_pods, sizeof *parts->level);
    parts->pods = cm_grow(parts->pods, n_pods, sizeof *parts->pods);
    parts->error = cm_grow(parts->error, n_pods * n_classes, sizeof *parts->error);
}

/* What every pod of a version is asked for at w->now. */
struct census {
    struct cm_world *w;
    size_t version, affected; /* pods 0 .. affected - 1 carry the defect */
    double level;
    cm_time change; /* when any of the answers is another one; CM_NEVER */
};

static void note_change(struct census *c, cm_time at)
{
    if (at > c->w->now && at < c->change)
        c->change = at;
}

/* Of a defect that grows with uptime each pod has its own clock. */
static double level_in(struct census *c, const struct cm_pod *pod)
{
    const struct cm_named_defect *defect = c->w->defect;
    if (c->level <= 0 || !defect->profile->grows_from || c->version != CM_CANARY)
        return c->level;
    cm_time from = defect->profile->grows_from(defect->options);
    cm_time begun = pod->since > from ? pod->since : from, now = c->w->now;
    struct cm_strength s = defect->profile->next(defect->options, NULL, from + now - begun);
    if (s.until != CM_NEVER)
        note_change(c, s.until - from + begun);
    return s.level * c->w->plan->strength;
}

/* A new version is cold from its first request on, a pod of any from when it is available. */
static bool is_cold(struct census *c, const struct cm_pod *pod)
{
    cm_time until = pod->since + c->w->plan->scenario->service.warm_up;
    if (c->version != CM_STABLE && c->w->warm != CM_NEVER && c->w->warm > until)
        until = c->w->warm;
    note_change(c, until);
    return c->w->now < until;
}

static struct cm_host host_of(struct census *c, size_t i)
{
    const struct cm_pod *pod = &c->w->pods.versions[c->version].list[i];
    return (struct cm_host){
        .version = c->version,
        .cold = is_cold(c, pod),
        .failing = pod->phase == CM_POD_CRASHED,
        .by_defect = pod->phase == CM_POD_CRASHED && pod->by_defect,
        .level = i < c->affected ? level_in(c, pod) : 0,
        .errors = pod->errors,
        .latency = pod->latency,
    };
}

/* The defect's level in a version, for one in the canary. */
static double spill_of(const struct census *c)
{
    return c->w->defect && c->version != CM_CANARY ? c->w->defect->effect.spill : 1;
}

/* Whether requests meet one law of latency at both, and one account of harm. */
static bool are_alike(const struct cm_host *a, const struct cm_host *b)
{
    return a->cold == b->cold && a->failing == b->failing && a->by_defect == b->by_defect &&
           a->level == b->level && a->latency == b->latency;
}

/* Adds what a pod's requests meet to the part's sums. */
static void add_pod(struct census *c, struct cm_parts *parts, size_t part, size_t i,
                    const struct cm_host *host)
{
    struct cm_world *w = c->w;
    bool first = parts->share[part] == 0;
    parts->share[part]++;
    parts->pods[i].part = (int)part;
    for (size_t class = 0; class < w->n_classes; class ++) {
        struct cm_meets *into = &parts->meets[part * w->n_classes + class];
        struct cm_meets meets = cm_world_meet(w, host, class);
        parts->error[i * w->n_classes + class] = meets.error;
        if (!first) {
            meets.error += into->error;
            meets.healthy += into->healthy;
        }
        *into = meets;
    }
}

/* From sums to averages; a version of one part is plain. */
static void average(const struct cm_world *w, struct cm_piece *piece, size_t version, double pods)
{
    struct cm_parts *parts = &piece->parts[version];
    for (size_t class = 0; class < w->n_classes; class ++) {
        struct cm_meets *plain = &piece->meets[version][class];
        double error = 0, healthy = 0;
        for (size_t k = 0; k < parts->n; k++) {
            struct cm_meets *meets = &parts->meets[k * w->n_classes + class];
            error += meets->error / pods;
            healthy += meets->healthy / pods;
            meets->error /= parts->share[k];
            meets->healthy /= parts->share[k];
        }
        *plain = parts->meets[class];
        plain->error = error;
        plain->healthy = healthy;
    }
    piece->level[version] = 0;
    for (size_t k = 0; k < parts->n; k++) {
        parts->share[k] /= pods;
        piece->level[version] += parts->share[k] * parts->level[k];
    }
    parts->n = parts->n > 1 ? parts->n : 0;
}

static struct cm_parts_pod name_of(const struct cm_pod *pod)
{
    bool up = pod->phase == CM_POD_UP;
    return (struct cm_parts_pod){.part = -1, .life = up ? pod->starts : 0, .made = pod->made};
}

static void fill(struct census *c, struct cm_piece *piece)
{
    struct cm_world *w = c->w;
    struct cm_parts *parts = &piece->parts[c->version];
    const struct cm_pods_of *pods = &w->pods.versions[c->version];
    struct cm_host hosts[CM_PODS_MAX + 1]; /* of parts */
    reserve(parts, pods->n, w->n_classes);
    parts->n_pods = pods->n;
    parts->balanced = 0;
    parts->changes = pods->changes;
    for (size_t i = 0; i < pods->n; i++) {
        parts->pods[i] = name_of(&pods->list[i]);
        if (!cm_pod_is_balanced(&pods->list[i]))
            continue;
        struct cm_host host = host_of(c, i);
        size_t k = 0;
        while (k < parts->n && !are_alike(&host, &hosts[k]))
            k++;
        if (k == parts->n) {
            hosts[parts->n++] = host;
            parts->share[k] = 0;
            parts->level[k] = host.level * spill_of(c);
        }
        add_pod(c, parts, k, i, &host);
        parts->balanced++;
    }
    if (parts->balanced > 0)
        average(w, piece, c->version, (double)parts->balanced);
}

/* Stable is never without traffic; with no pod left all of it fails. */
static void fail_all(struct cm_world *w, struct cm_piece *piece)
{
    const struct cm_host none = {.failing = true, .errors = 1, .latency = 1};
    for (size_t class = 0; class < w->n_classes; class ++)
        piece->meets[CM_STABLE][class] = cm_world_meet(w, &none, class);
}

void cm_parts_fill(struct cm_world *w, struct cm_piece *piece, double level)
{
    struct census c = {.w = w, .level = level, .change = CM_NEVER};
    for (c.version = 0; c.version < w->n_versions; c.version++) {
        piece->parts[c.version].n = 0;
        c.affected = cm_pods_affected(&w->pods, c.version);
        fill(&c, piece);
    }
    if (cm_pods_balanced(&w->pods, CM_STABLE) == 0)
        fail_all(w, piece);
    w->pods_change = c.change;
}
