/* Every user is known here: nothing is worked out that could be counted. */
#include "sim/engine/visitors.h"

#include <string.h>

#include "sim/base/mem.h"

/* What comes to a user, shifted by twice the phase; then the cookie. */
enum { EXPOSED = 1, HARMED = 2, COOKIE = 16 };

/* --- life --- */

static void init_marks(struct cm_visitors *v, const struct cm_marks *m)
{
    v->of_mark = cm_alloc(cm_marks_count(m) * sizeof *v->of_mark);
    for (size_t fate = 0; fate < m->n_fates; fate++)
        for (size_t class = 0; class < m->n_classes; class ++) {
            uint8_t *of_mark = v->of_mark + cm_mark_first(m, (enum cm_fate)fate, class);
            for (size_t run = 0; run < CM_DOINGS * CM_DOINGS; run++) {
                bool failed = run / CM_DOINGS == CM_BAD_BY_DEFECT;
                bool slowed = run % CM_DOINGS == CM_BAD_BY_DEFECT;
                uint8_t came = (uint8_t)((fate == CM_OF_CANARY_EXPOSED ? EXPOSED : 0) |
                                         (failed || slowed ? HARMED : 0));
                memset(of_mark + run * m->n_buckets, came, m->n_buckets);
            }
        }
}

struct cm_visitors *cm_visitors_new(struct cm_world *w, const struct cm_marks *marks)
{
    if (!w->crowd.users)
        return NULL;
    struct cm_visitors *v = cm_alloc(sizeof *v);
    size_t n = (size_t)w->crowd.users->population;
    v->world = w;
    v->crowd = &w->crowd;
    v->purpose = cm_rng_purpose("users.choose");
    v->flags = cm_alloc(n);
    v->with_cookie = cm_alloc(w->crowd.n_groups * sizeof *v->with_cookie);
    if (w->crowd.activity) {
        v->alias = cm_alloc(w->crowd.n_groups * sizeof *v->alias);
        v->cells = cm_alloc(n * sizeof *v->cells);
    }
    init_marks(v, marks);
    return v;
}

void cm_visitors_free(struct cm_visitors *v)
{
    if (!v)
        return;
    cm_free(v->alias);
    cm_free(v->cells);
    cm_free(v->flags);
    cm_free(v->of_mark);
    cm_free(v->with_cookie);
    cm_free(v->user);
    cm_free(v->late);
    cm_free(v);
}

void cm_visitors_begin(struct cm_visitors *v)
{
    const struct cm_crowd *c = v->crowd;
    memset(v->flags, 0, (size_t)c->users->population);
    memset(v->with_cookie, 0, c->n_groups * sizeof *v->with_cookie);
    v->phase = CM_IN_ROLLOUT;
    v->n_late = 0;
    for (size_t g = 0; g < c->n_groups && v->alias; g++) {
        size_t first = c->groups[g].first;
        if (c->groups[g].users > 0)
            cm_alias_init(&v->alias[g], v->cells + first, c->activity + first,
                          (size_t)c->groups[g].users);
    }
}

static bool is_ratchet(const struct cm_visitors *v)
{
    return v->crowd->users->stickiness == CM_STICKY_RATCHET;
}

bool cm_visitors_in_order(const struct cm_visitors *v)
{
    return is_ratchet(v);
}

/* --- who comes, and where to --- */

void cm_visitors_stream(struct cm_visitors *v, cm_time from, cm_time until)
{
    uint64_t block = cm_rng_mix2((uint64_t)from, (uint64_t)until);
    v->rng = cm_rng_stream(v->crowd->seed, v->crowd->replication, v->purpose, block);
}

static size_t draw_user(struct cm_visitors *v, size_t group)
{
    const struct cm_crowd_group *g = &v->crowd->groups[group];
    if (v->alias)
        return g->first + (size_t)cm_alias_draw(&v->alias[group], &v->rng);
    return g->first + (size_t)cm_draw_below(&v->rng, g->users);
}

static void give_cookie(struct cm_visitors *v, size_t group, size_t user)
{
    const struct cm_crowd *c = v->crowd;
    if (v->flags[user] & COOKIE)
        return;
    v->flags[user] |= COOKIE;
    v->with_cookie[group] += (c->activity ? c->activity[user] : 1) / c->whole[group];
}

static enum cm_arm by_place(const struct cm_crowd *c, size_t user, const double share[CM_ARMS])
{
    if (c->place[user] < share[CM_CANARY])
        return CM_CANARY;
    return c->place[user] < 1 - share[CM_BASELINE] ? CM_STABLE : CM_BASELINE;
}

static enum cm_arm by_chance(double unit, const double share[CM_ARMS])
{
    if (unit < share[CM_CANARY])
        return CM_CANARY;
    return unit < share[CM_CANARY] + share[CM_BASELINE] ? CM_BASELINE : CM_STABLE;
}

static enum cm_arm choose_version(struct cm_visitors *v, size_t group, size_t user,
                                  const double share[CM_ARMS])
{
    if (v->crowd->users->stickiness == CM_STICKY_HASH)
        return by_place(v->crowd, user, share);
    if (v->flags[user] & COOKIE)
        return CM_CANARY;
    enum cm_arm arm = by_chance(cm_rng_unit(&v->rng), share);
    if (arm == CM_CANARY && is_ratchet(v))
        give_cookie(v, group, user);
    return arm;
}

/* Before the last place of an arm by a little more than rounding moves it. */
static double into_arm(double u, size_t arm, size_t n_arms)
{
    return ((double)arm + u * (1 - 0x1p-49)) / (double)n_arms;
}

void cm_visitors_choose(struct cm_visitors *v, struct cm_batch *b, const struct cm_piece *piece)
{
    static const size_t place_of_arm[CM_ARMS] = {
        [CM_CANARY] = 0, [CM_STABLE] = 1, [CM_BASELINE] = 2}; /* terms.c */
    bool routes = cm_crowd_routes(v->crowd, piece->share);
    if (v->room < b->room) {
        v->room = b->room;
        v->user = cm_grow(v->user, v->room, sizeof *v->user);
    }
    for (size_t i = 0; i < b->n; i++) {
        size_t group = v->crowd->group_of[b->kinds[b->kind[i]].class];
        size_t user = draw_user(v, group);
        v->user[i] = (uint32_t)user;
        if (!routes)
            continue;
        size_t arm = place_of_arm[choose_version(v, group, user, piece->share)];
        b->u[i] = into_arm(b->u[i], arm, v->world->n_versions);
    }
}

/* --- what comes of it --- */

void cm_visitors_answer_late(struct cm_visitors *v, size_t request, uint8_t came, cm_time at)
{
    if (v->n_late == v->room_late) {
        v->room_late = 2 * v->room_late + 64;
        v->late = cm_grow(v->late, v->room_late, sizeof *v->late);
    }
    v->late[v->n_late++] = (struct cm_late_visit){at, v->user[request], came};
}

/* Of all requests, while some users have a cookie and the others come by the weight. */
static double share_with_cookies(const struct cm_visitors *v)
{
    double weight = v->crowd->true_share.weight, sum = 0;
    for (size_t g = 0; g < v->crowd->n_groups; g++)
        sum += v->crowd->groups[g].share * (v->with_cookie[g] + weight * (1 - v->with_cookie[g]));
    return sum;
}

void cm_visitors_settle(struct cm_visitors *v, cm_time until)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->n_late; i++) {
        if (v->late[i].at > until)
            v->late[kept++] = v->late[i];
        else
            v->flags[v->late[i].user] |= (uint8_t)(v->late[i].came << (2 * v->phase));
    }
    v->n_late = kept;
    if (is_ratchet(v))
        cm_crowd_elapse(v->crowd, until, share_with_cookies(v));
}

void cm_visitors_count(const struct cm_visitors *v, struct cm_outcome *o)
{
    for (size_t i = 0; i < v->crowd->users->population; i++) {
        unsigned now = v->flags[i], ever = now | now >> 2;
        o->reached_in_rollout.exposed += (now & EXPOSED) != 0;
        o->reached_in_rollout.harmed += (now & HARMED) != 0;
        o->reached.exposed += (ever & EXPOSED) != 0;
        o->reached.harmed += (ever & HARMED) != 0;
    }
}
