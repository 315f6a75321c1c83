/* Users and their places are independent and uniform, activities independent of both. Given the
 * users of an interval and their activity as a whole, those of its halves are therefore binomial
 * and beta; given all halves above it, an interval is independent of the rest. */
#include "sim/engine/crowd.h"

#include <math.h>
#include <string.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"
#include "sim/scenario/flow_kind.h"

enum { DEPTH = 52 }; /* halvings of [0, 1) that doubles tell apart */

static void add_group(struct cm_crowd *c, const char *name, double share, uint64_t users)
{
    c->groups[c->n_groups++] = (struct cm_crowd_group){
        .users = users,
        .share = share,
        .purpose = cm_rng_mix2(cm_rng_purpose("users"), cm_rng_purpose(name)),
    };
}

/* The first group has what the others leave. */
static void init_groups(struct cm_crowd *c, const struct cm_scenario *s)
{
    c->groups = cm_alloc((s->n_classes + 1) * sizeof *c->groups);
    c->group_of = cm_alloc((s->n_classes + 1) * sizeof *c->group_of);
    c->whole = cm_alloc((s->n_classes + 1) * sizeof *c->whole);
    add_group(c, "", 1, s->users.population);
    for (size_t i = 0; i < s->n_classes; i++) {
        const struct cm_class *class = &s->classes[i].answer;
        if (class->of != CM_OF_USERS)
            continue;
        uint64_t users = cm_users_of(&s->users, class->share);
        c->group_of[i] = c->n_groups;
        add_group(c, s->classes[i].name, class->share, users);
        c->groups[0].users -= users < c->groups[0].users ? users : c->groups[0].users;
        c->groups[0].share = fmax(0, c->groups[0].share - class->share);
    }
    for (size_t g = 1; g < c->n_groups; g++)
        c->groups[g].first = c->groups[g - 1].first + c->groups[g - 1].users;
}

void cm_crowd_init(struct cm_crowd *c, const struct cm_scenario *s)
{
    *c = (struct cm_crowd){.seed = s->run.seed};
    if (!cm_users_given(&s->users))
        return;
    c->users = &s->users;
    c->shape = isnan(s->users.activity) ? INFINITY : s->users.activity;
    c->each = cm_flow_kind_of(s) == CM_FLOW_REQUESTS;
    init_groups(c, s);
    if (!c->each)
        return;
    size_t n = (size_t)s->users.population;
    c->place = cm_alloc(n * sizeof *c->place);
    if (!isinf(c->shape))
        c->activity = cm_alloc(n * sizeof *c->activity);
}

void cm_crowd_release(struct cm_crowd *c)
{
    cm_free(c->groups);
    cm_free(c->group_of);
    cm_free(c->whole);
    cm_free(c->place);
    cm_free(c->activity);
    *c = (struct cm_crowd){0};
}

static void draw_each(struct cm_crowd *c, size_t group)
{
    const struct cm_crowd_group *g = &c->groups[group];
    uint64_t purpose = cm_rng_mix2(g->purpose, cm_rng_purpose("each"));
    struct cm_rng rng = cm_rng_stream(c->seed, c->replication, purpose, 0);
    double whole = 0;
    for (size_t i = g->first; i < g->first + g->users; i++) {
        c->place[i] = cm_rng_unit(&rng);
        if (c->activity)
            c->activity[i] = cm_draw_gamma(&rng, c->shape);
        whole += c->activity ? c->activity[i] : 1;
    }
    c->whole[group] = whole;
}

void cm_crowd_begin(struct cm_crowd *c, uint64_t replication, cm_time now)
{
    if (!c->users)
        return;
    c->replication = replication;
    c->true_share = (struct cm_crowd_share){.since = now, .first_weight = NAN, .first = NAN};
    for (size_t g = 0; g < c->n_groups && c->each; g++)
        draw_each(c, g);
}

/* --- who is below a weight --- */

static struct cm_crowd_part count_below(const struct cm_crowd *c, size_t group, double weight)
{
    const struct cm_crowd_group *g = &c->groups[group];
    struct cm_crowd_part below = {0};
    for (size_t i = g->first; i < g->first + g->users; i++) {
        if (c->place[i] >= weight)
            continue;
        below.users++;
        below.share += (c->activity ? c->activity[i] : 1) / c->whole[group];
    }
    return below;
}

static struct cm_rng stream_of(const struct cm_crowd *c, size_t group, uint64_t interval)
{
    return cm_rng_stream(c->seed, c->replication, c->groups[group].purpose, interval);
}

/* The lower half of an interval that holds `whole`. */
static struct cm_crowd_part halve(const struct cm_crowd *c, const struct cm_crowd_part *whole,
                                  struct cm_rng *rng)
{
    uint64_t low = cm_draw_binomial(rng, whole->users, 0.5), high = whole->users - low;
    double share = (double)low / (double)whole->users;
    if (!isinf(c->shape) && low > 0 && high > 0)
        share = cm_draw_beta(rng, c->shape * (double)low, c->shape * (double)high);
    return (struct cm_crowd_part){low, share * whole->share};
}

/* Intervals are numbered as in a heap: 1 is [0, 1), those of number i halve into 2i and 2i + 1. */
static struct cm_crowd_part find_below(const struct cm_crowd *c, size_t group, double weight)
{
    struct cm_crowd_part below = {0}, inside = {c->groups[group].users, 1};
    double from = 0, length = 1;
    uint64_t interval = 1;
    for (int depth = 0; depth < DEPTH && inside.users > 0 && weight > from; depth++) {
        struct cm_rng rng = stream_of(c, group, interval);
        if (inside.users == 1 && cm_rng_unit(&rng) * length >= weight - from)
            break;
        struct cm_crowd_part low = inside.users > 1 ? halve(c, &inside, &rng) : inside;
        bool upper = inside.users == 1 || weight >= from + length / 2;
        if (upper) {
            below.users += low.users;
            below.share += low.share;
            from += length / 2;
        }
        inside.users = upper ? inside.users - low.users : low.users;
        inside.share = upper ? inside.share - low.share : low.share;
        length /= 2;
        interval = 2 * interval + upper;
    }
    return below;
}

struct cm_crowd_part cm_crowd_below(const struct cm_crowd *c, size_t group, double weight)
{
    uint64_t users = c->groups[group].users;
    if (weight >= 1 || weight <= 0)
        return (struct cm_crowd_part){weight >= 1 ? users : 0, weight >= 1};
    struct cm_crowd_part below =
        c->each ? count_below(c, group, weight) : find_below(c, group, weight);
    below.share = fmin(1, fmax(0, below.share));
    return below;
}

static void split_group(const struct cm_crowd *c, size_t group, const double share[CM_ARMS],
                        double of_group[CM_ARMS])
{
    memcpy(of_group, share, CM_ARMS * sizeof *share);
    if (c->groups[group].users == 0)
        return;
    double baseline = share[CM_BASELINE];
    of_group[CM_CANARY] = cm_crowd_below(c, group, share[CM_CANARY]).share;
    if (baseline > 0)
        of_group[CM_BASELINE] = 1 - cm_crowd_below(c, group, 1 - baseline).share;
    of_group[CM_STABLE] = fmax(0, 1 - of_group[CM_CANARY] - of_group[CM_BASELINE]);
}

void cm_crowd_split(const struct cm_crowd *c, const double share[CM_ARMS],
                    double (*of_class)[CM_ARMS], size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy(of_class[i], share, sizeof *of_class);
    if (!cm_crowd_routes(c, share) || c->users->stickiness != CM_STICKY_HASH)
        return;
    for (size_t g = 0; g < c->n_groups; g++) {
        double of_group[CM_ARMS];
        split_group(c, g, share, of_group);
        for (size_t i = 0; i < n; i++)
            if (c->group_of[i] == g)
                memcpy(of_class[i], of_group, sizeof of_group);
    }
}

/* --- the true share --- */

void cm_crowd_elapse(struct cm_crowd *c, cm_time now, double share)
{
    struct cm_crowd_share *t = &c->true_share;
    double seconds = cm_seconds(now - t->since);
    t->since = now;
    if (seconds <= 0 || t->weight <= 0 || t->weight >= 1)
        return;
    if (isnan(t->first_weight))
        t->first_weight = t->weight;
    if (t->weight == t->first_weight)
        t->first = share;
    t->seconds += seconds;
    t->deviation += seconds * fabs(share - t->weight) / t->weight;
}

void cm_crowd_weigh(struct cm_crowd *c, cm_time now, double weight, double share)
{
    cm_crowd_elapse(c, now, c->true_share.share);
    c->true_share.weight = weight;
    c->true_share.share = share;
}
