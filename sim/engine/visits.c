/* Where several routes have something in flight, their parts of a block's counts are binomial with
 * the ratio of the means (means.h). In all other blocks nothing has to be worked out. */
#include "sim/engine/visits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"
#include "sim/engine/urn.h"

void cm_visits_init(struct cm_visits *v, const struct cm_world *w)
{
    *v = (struct cm_visits){.purpose = cm_rng_purpose("users.visits")};
    if (w->crowd.users && !w->crowd.each)
        v->world = w;
}

void cm_visits_release(struct cm_visits *v)
{
    cm_free(v->routes);
    cm_free(v->count);
    cm_free(v->mean);
    cm_free(v->part);
    *v = (struct cm_visits){0};
}

void cm_visits_begin(struct cm_visits *v)
{
    v->n = 0;
    v->phase = CM_IN_ROLLOUT;
}

/* --- counting --- */

static size_t per_route(const struct cm_visits *v)
{
    return v->world->crowd.n_groups * CM_PHASES * CM_VISIT_KINDS;
}

static uint64_t *count_of(struct cm_visits *v, size_t route, size_t group, size_t phase)
{
    return v->count + route * per_route(v) + (group * CM_PHASES + phase) * CM_VISIT_KINDS;
}

static void make_room(struct cm_visits *v)
{
    if (v->n < v->room)
        return;
    v->room = 2 * v->room + 8;
    v->routes = cm_grow(v->routes, v->room, sizeof *v->routes);
    v->count = cm_grow(v->count, v->room * per_route(v), sizeof *v->count);
    v->mean = cm_grow(v->mean, v->room * 2, sizeof *v->mean);
    v->part = cm_grow(v->part, v->room, sizeof *v->part);
}

size_t cm_visits_route(struct cm_visits *v, const double share[CM_ARMS])
{
    const struct cm_visit_route wanted = {share[CM_CANARY], share[CM_BASELINE]};
    for (size_t i = v->n; i > 0; i--)
        if (v->routes[i - 1].canary == wanted.canary &&
            v->routes[i - 1].baseline == wanted.baseline)
            return i - 1;
    make_room(v);
    memset(v->count + v->n * per_route(v), 0, per_route(v) * sizeof *v->count);
    v->routes[v->n] = wanted;
    return v->n++;
}

void cm_visits_add(struct cm_visits *v, size_t route, const struct cm_visit_cell *cell,
                   uint64_t fine, uint64_t harmed)
{
    static const enum cm_visit kind[CM_ARMS] = {
        [CM_STABLE] = CM_VISIT_SPILLED,
        [CM_CANARY] = CM_VISIT_HARMED,
        [CM_BASELINE] = CM_VISIT_SPILLED_BASELINE,
    };
    uint64_t *count = count_of(v, route, v->world->crowd.group_of[cell->class], v->phase);
    count[kind[cell->version]] += harmed;
    if (cell->version == CM_CANARY)
        count[CM_VISIT_FINE] += fine;
}

/* Mean number of a unit flow over the piece that is answered in the cell's block in this band. */
static double mass(const struct cm_world *w, const struct cm_piece *piece, size_t shape_id,
                   const struct cm_band *band, const struct cm_visit_cell *cell)
{
    const double arrive[2] = {cm_seconds(piece->from - cell->from),
                              cm_seconds(piece->until - cell->from)};
    const double answer[2] = {0, cm_seconds(cell->until - cell->from)};
    return cm_shape_mass(&w->shapes.list[shape_id], band, arrive, answer);
}

/* What comes of one part of the version in a piece: fine, harmed. */
static void add_part(const struct cm_world *w, const struct cm_piece *piece,
                     const struct cm_visit_cell *cell, size_t part, double mean[2])
{
    const size_t row[2] = {cell->version, cell->class};
    const struct cm_meets *meets = cm_piece_meets(w, piece, row, part);
    const struct cm_shape *shape = &w->shapes.list[meets->shape];
    double rate = piece->rate * cm_piece_split(piece, row, part), all = 0, harmed = 0;
    for (int tempo = 0; tempo < CM_TEMPI; tempo++)
        all += mass(w, piece, meets->shape, &shape->tempo[tempo], cell);
    for (int i = 0; i < 2; i++) {
        const struct cm_shape *slowed = &w->shapes.list[meets->slowed[i].shape];
        if (meets->slowed[i].share > 0)
            harmed += meets->slowed[i].share *
                      mass(w, piece, meets->slowed[i].shape, &slowed->slowed, cell);
    }
    harmed = fmin(all, harmed + all * fmax(0, meets->error - meets->healthy));
    mean[0] += rate * (all - harmed);
    mean[1] += rate * harmed;
}

static void add_means(const struct cm_world *w, const struct cm_piece *piece,
                      const struct cm_visit_cell *cell, double mean[2])
{
    for (size_t k = 0; k < cm_piece_parts(piece, cell->version); k++)
        add_part(w, piece, cell, k, mean);
}

/* Whether something of a piece may be answered in the cell's block, and count. */
static bool concerns(const struct cm_world *w, const struct cm_piece *piece,
                     const struct cm_visit_cell *cell)
{
    return piece->from < cell->until && piece->rate > 0 &&
           piece->split[cell->class][cell->version] > 0 &&
           (cell->version != CM_CANARY || cm_world_exposes(w, piece->from));
}

/* Calls for the newest piece of the world that concerns the cell, before piece `i`; NULL = none. */
static const struct cm_piece *next_piece(const struct cm_world *w, const struct cm_visit_cell *cell,
                                         size_t *i)
{
    while (*i > 0) {
        const struct cm_piece *piece = cm_world_piece(w, --*i);
        if (cm_seconds(cell->from - piece->until) > w->shapes.longest)
            return NULL;
        if (concerns(w, piece, cell))
            return piece;
    }
    return NULL;
}

/* Draws which routes `count` came by, in proportion to every other mean. */
static void deal(struct cm_visits *v, const struct cm_visit_cell *cell, uint64_t count, bool harmed,
                 struct cm_rng *rng)
{
    uint64_t left = count;
    double rest = 0;
    for (size_t r = 0; r < v->n; r++)
        rest += v->mean[2 * r + harmed];
    for (size_t r = 0; r < v->n && left > 0; r++) {
        double mean = v->mean[2 * r + harmed];
        uint64_t part = r + 1 == v->n
                            ? left
                            : cm_draw_binomial(rng, left, rest > mean ? mean / rest : mean > 0);
        cm_visits_add(v, r, cell, harmed ? 0 : part, harmed ? part : 0);
        left -= part;
        rest = fmax(0, rest - mean);
    }
}

void cm_visits_spread(struct cm_visits *v, const struct cm_visit_cell *cell, uint64_t fine,
                      uint64_t harmed, struct cm_rng *rng)
{
    const struct cm_world *w = v->world;
    size_t i = w->n, routes = 0, route = 0;
    if (fine + harmed == 0)
        return;
    for (const struct cm_piece *p; routes < 2 && (p = next_piece(w, cell, &i));) {
        size_t met = cm_visits_route(v, p->share);
        routes += routes == 0 || met != route;
        route = met;
    }
    if (routes < 2) {
        cm_visits_add(v, route, cell, fine, harmed);
        return;
    }
    i = w->n;
    for (const struct cm_piece *p; (p = next_piece(w, cell, &i));)
        cm_visits_route(v, p->share);
    memset(v->mean, 0, 2 * v->n * sizeof *v->mean);
    i = w->n;
    for (const struct cm_piece *p; (p = next_piece(w, cell, &i));)
        add_means(w, p, cell, v->mean + 2 * cm_visits_route(v, p->share));
    deal(v, cell, fine, false, rng);
    deal(v, cell, harmed, true, rng);
}

/* --- harm in two ways --- */

/* How many of `marked` among `of` are in a sample without replacement. The two are symmetric. */
static uint64_t draw_common(uint64_t sample, uint64_t marked, uint64_t of, struct cm_rng *rng)
{
    uint64_t fewer = sample < marked ? sample : marked, more = sample < marked ? marked : sample;
    uint64_t common = 0;
    for (uint64_t i = 0; i < fewer; i++)
        common += cm_draw_below(rng, of - i) < more - common;
    return common;
}

uint64_t cm_visits_harmed(const struct cm_visit_harm *h, struct cm_rng *rng)
{
    if (h->failed == 0 || h->slowed == 0 || h->both == 0)
        return h->failed + h->slowed;
    uint64_t failed = draw_common(h->failed, h->both, h->failures, rng);
    uint64_t slowed = draw_common(h->slowed, h->both, h->slow, rng);
    return h->failed + h->slowed - draw_common(failed, slowed, h->both, rng);
}

/* --- users --- */

/* A stretch of places, and what came from there: fine, harmed, harmed by an old version. */
enum { FINE, HARMED, SPILLED, SENT };
struct stretch {
    double from, until;
    struct cm_crowd_part part;
    uint64_t sent[CM_PHASES][SENT];
};

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool is_hashed(const struct cm_visits *v)
{
    return v->world->crowd.users->stickiness == CM_STICKY_HASH;
}

/* Where routes cut [0, 1), ends included, ascending; returns how many cuts. */
static size_t find_cuts(const struct cm_visits *v, double *cut)
{
    size_t n = 0, distinct = 1;
    cut[n++] = 0;
    cut[n++] = 1;
    for (size_t r = 0; r < v->n && is_hashed(v); r++) {
        cut[n++] = v->routes[r].canary;
        cut[n++] = 1 - v->routes[r].baseline;
    }
    qsort(cut, n, sizeof *cut, ascending);
    for (size_t i = 1; i < n; i++)
        if (cut[i] > cut[distinct - 1])
            cut[distinct++] = cut[i];
    return distinct;
}

/* The users between the cuts. */
static void set_stretches(const struct cm_visits *v, size_t group, const double *cut,
                          struct stretch *all, size_t n)
{
    struct cm_crowd_part before = {0};
    for (size_t i = 0; i < n; i++) {
        struct cm_crowd_part below = cm_crowd_below(&v->world->crowd, group, cut[i + 1]);
        all[i] = (struct stretch){.from = cut[i], .until = cut[i + 1]};
        all[i].part.users = below.users - before.users;
        if (all[i].part.users > 0)
            all[i].part.share = fmax(0, below.share - before.share);
        before = below;
    }
}

/* The places from which a route sends requests to what does this to them. */
static void places_of(const struct cm_visits *v, size_t route, size_t kind, double places[2])
{
    const struct cm_visit_route *r = &v->routes[route];
    places[0] = kind == CM_VISIT_SPILLED            ? r->canary
                : kind == CM_VISIT_SPILLED_BASELINE ? 1 - r->baseline
                                                    : 0;
    places[1] = kind == CM_VISIT_SPILLED            ? 1 - r->baseline
                : kind == CM_VISIT_SPILLED_BASELINE ? 1
                                                    : r->canary;
    if (!is_hashed(v)) {
        places[0] = 0;
        places[1] = 1;
    }
}

/* Who of those within `places` sent `count` requests, by stretch. */
static void send(struct stretch *all, size_t n, const double places[2], size_t at[2],
                 uint64_t count, struct cm_rng *rng)
{
    double rest = 0;
    for (size_t i = 0; i < n; i++)
        rest += all[i].from >= places[0] && all[i].until <= places[1] ? all[i].part.share : 0;
    for (size_t i = 0; i < n && count > 0; i++) {
        double share = all[i].part.share;
        if (all[i].from < places[0] || all[i].until > places[1] || share <= 0)
            continue;
        uint64_t part = cm_draw_binomial(rng, count, share < rest ? share / rest : 1);
        all[i].sent[at[0]][at[1]] += part;
        count -= part;
        rest -= share;
    }
}

static void send_all(struct cm_visits *v, size_t group, struct stretch *all, size_t n,
                     struct cm_rng *rng)
{
    static const size_t become[CM_VISIT_KINDS] = {FINE, HARMED, SPILLED, SPILLED};
    for (size_t route = 0; route < v->n; route++)
        for (size_t phase = 0; phase < CM_PHASES; phase++)
            for (size_t kind = 0; kind < CM_VISIT_KINDS; kind++) {
                double places[2];
                size_t at[2] = {phase, become[kind]};
                places_of(v, route, kind, places);
                send(all, n, places, at, count_of(v, route, group, phase)[kind], rng);
            }
}

/* The users whom these requests touch besides those already touched. */
static uint64_t touch(struct cm_urn *urn, uint64_t requests, struct cm_rng *rng)
{
    uint64_t fresh = cm_urn_draw(urn, requests, rng);
    urn->touched += fresh;
    urn->requests += requests;
    return fresh;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* One stretch: harm first, then service among those unharmed. Harm by an old version is drawn by
 * itself among them, since it does not expose. */
static void count_stretch(const struct stretch *s, double shape, struct cm_outcome *o,
                          struct cm_rng *rng)
{
    const uint64_t *now = s->sent[CM_IN_ROLLOUT], *later = s->sent[CM_ESCAPED];
    bool escaped = later[FINE] + later[HARMED] + later[SPILLED] > 0;
    struct cm_urn harmed = {.shape = shape, .users = s->part.users};
    touch(&harmed, now[HARMED], rng);
    uint64_t exposed_then = harmed.touched + cm_urn_draw(&harmed, now[FINE], rng);
    uint64_t harmed_then = harmed.touched + cm_urn_draw(&harmed, now[SPILLED], rng);
    uint64_t exposed_at_all = exposed_then, harmed_at_all = harmed_then;
    if (escaped) {
        touch(&harmed, later[HARMED], rng);
        harmed_at_all =
            larger(harmed_at_all,
                   harmed.touched + cm_urn_draw(&harmed, now[SPILLED] + later[SPILLED], rng));
        exposed_at_all = larger(
            exposed_at_all, harmed.touched + cm_urn_draw(&harmed, now[FINE] + later[FINE], rng));
    }
    o->reached_in_rollout.exposed += (uint32_t)exposed_then;
    o->reached_in_rollout.harmed += (uint32_t)harmed_then;
    o->reached.exposed += (uint32_t)exposed_at_all;
    o->reached.harmed += (uint32_t)harmed_at_all;
}

void cm_visits_count(struct cm_visits *v, struct cm_outcome *outcome)
{
    const struct cm_crowd *c = &v->world->crowd;
    double *cut = cm_alloc((2 * v->n + 2) * sizeof *cut);
    size_t n = find_cuts(v, cut) - 1;
    struct stretch *all = cm_alloc(n * sizeof *all);
    for (size_t group = 0; group < c->n_groups; group++) {
        struct cm_rng rng = cm_rng_stream(c->seed, c->replication, v->purpose, group);
        set_stretches(v, group, cut, all, n);
        send_all(v, group, all, n, &rng);
        for (size_t i = 0; i < n; i++)
            count_stretch(&all[i], c->shape, outcome, &rng);
    }
    cm_free(all);
    cm_free(cut);
}
