/* Sobol points, races, and points around the best.
 *
 * A race plays its entrants 1/64, 1/16, 1/4 and all of the replications (at least 32), and after
 * each stage but the last keeps a third of them by rank, a sixth more for those that nobody
 * dominates, so that the front keeps its ends, and, up to as many again as the third, all that the
 * best one does not beat beyond the noise. What is proven to break a limit goes at once; in a later
 * race so does what is proven worse than the best of all races before.
 *
 * Points around the best: one of the five best, a part of its coordinates moved by a normal step,
 * reflected at the ends. The step begins at a fifth of the range and shrinks by 0.6 whenever a
 * round finds nothing better; below a hundredth there is nothing to gain. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_qrng.h>

#include "analysis/tune.h"
#include "sim/base/draw.h"
#include "sim/base/mem.h"
#include "sim/base/rng.h"

static const double first_step = 0.2, last_step = 0.01, shrink = 0.6;
static const double moved = 0.3; /* share of the coordinates, at least two of them */
enum { RUNGS = 4, TIMES = 4, LEAST = 32, KEEP_LEAST = 4, PARENTS = 5, EXPLORE = 4, TRIES = 8 };

struct search {
    const struct cm_tune *tune;
    struct cm_tuning *result;
    gsl_qrng **sobol; /* one a family */
    struct cm_rng rng;
    double step;
    uint64_t rungs[RUNGS];
    size_t n_rungs;
    const struct cm_candidate *best;   /* of all finished races; NULL = none yet */
    const struct cm_candidate *proven; /* the same if it keeps the limits; else NULL */
    bool out, stopped;
};

/* The entrants of a race: indices of candidates. */
struct race {
    size_t *list;
    size_t n;
};

/* --- candidates --- */

static struct cm_candidate *add_candidate(struct cm_tuning *r, size_t family)
{
    if (r->n == r->room) {
        r->room = r->room ? 2 * r->room : 64;
        r->list = cm_grow(r->list, r->room, sizeof(struct cm_candidate *));
        r->standing = cm_grow(r->standing, r->room, sizeof *r->standing);
    }
    struct cm_candidate *c = cm_alloc(sizeof *c);
    c->family = family;
    c->number = r->n;
    r->standing[r->n] = (struct cm_standing){.keeping = CM_MAY_KEEP};
    r->list[r->n++] = c;
    return c;
}

static bool are_same(const struct cm_candidate *a, const struct cm_candidate *b, size_t dimensions)
{
    for (size_t i = 0; i < dimensions; i++)
        if (a->key[i] < b->key[i] || a->key[i] > b->key[i])
            return false;
    return a->family == b->family;
}

/* Enters a point unless it was tried before. */
static bool enter(struct search *s, struct race *race, struct cm_candidate *point)
{
    struct cm_tuning *r = s->result;
    memcpy(point->key, point->u, sizeof point->key);
    if (s->tune->settle)
        s->tune->settle(s->tune->self, point);
    for (size_t i = 0; i < r->n; i++)
        if (are_same(r->list[i], point, s->tune->dimensions))
            return false;
    race->list[race->n++] = r->n;
    struct cm_candidate *c = add_candidate(r, point->family);
    memcpy(c->u, point->u, sizeof c->u);
    memcpy(c->key, point->key, sizeof c->key);
    return true;
}

static void enter_sobol(struct search *s, struct race *race, size_t family)
{
    struct cm_candidate point = {.family = family};
    bool entered = false;
    for (int i = 0; i < TRIES && !entered; i++) {
        gsl_qrng_get(s->sobol[family], point.u);
        entered = enter(s, race, &point);
    }
}

/* Back into [0, 1], as by mirrors at its ends. */
static double reflect(double u)
{
    u = fabs(fmod(u, 2));
    return u > 1 ? 2 - u : u;
}

static void move(struct search *s, struct cm_candidate *point)
{
    size_t n = s->tune->dimensions;
    double share = fmax(moved, fmin(1, 2 / (double)n));
    for (size_t i = 0; i < n; i++) {
        bool moves = cm_rng_unit(&s->rng) < share;
        double by = cm_draw_normal(&s->rng);
        if (moves)
            point->u[i] = reflect(point->u[i] + s->step * by);
    }
}

/* A point near one of the best; each of them is as likely as those behind it together. */
static void enter_near(struct search *s, struct race *race)
{
    const struct cm_tuning *r = s->result;
    bool entered = false;
    for (int i = 0; i < TRIES && !entered; i++) {
        size_t parent = 0, most = r->n_order < PARENTS ? r->n_order : PARENTS;
        while (parent + 1 < most && cm_rng_unit(&s->rng) < 0.5)
            parent++;
        const struct cm_candidate *from = r->list[r->order[parent]];
        struct cm_candidate point = {.family = from->family};
        memcpy(point.u, from->u, sizeof point.u);
        move(s, &point);
        entered = enter(s, race, &point);
    }
}

static void drop(struct search *s, size_t index)
{
    struct cm_candidate *c = s->result->list[index];
    cm_free(c->trials);
    c->trials = NULL;
}

/* --- races --- */

static uint64_t cost(const struct search *s, const struct race *race, uint64_t upto)
{
    const struct cm_tune_limits *limits = &s->tune->limits;
    uint64_t trials = 0;
    for (size_t i = 0; i < race->n; i++)
        trials += upto - s->result->list[race->list[i]]->n;
    return trials * (uint64_t)(limits->n_good + limits->n_bad);
}

/* Plays all entrants up to as many replications; false = not. */
static bool play(struct search *s, const struct race *race, uint64_t upto)
{
    const struct cm_tune *tune = s->tune;
    struct cm_tuning *r = s->result;
    uint64_t wanted = cost(s, race, upto);
    bool within = tune->budget == 0 || r->played + wanted <= tune->budget;
    s->out =
        !within || (r->played > 0 && tune->go_on && !tune->go_on(tune->self, r->played, wanted));
    if (s->out)
        return false;
    struct cm_candidate **list = cm_alloc((race->n + 1) * sizeof(struct cm_candidate *));
    for (size_t i = 0; i < race->n; i++)
        list[i] = r->list[race->list[i]];
    s->stopped = tune->play(tune->self, list, race->n, upto) != 0;
    cm_free(list);
    r->played += wanted;
    for (size_t i = 0; i < race->n && !s->stopped; i++)
        r->standing[race->list[i]] = cm_tune_standing(r->list[race->list[i]], &tune->limits);
    return !s->stopped;
}

/* Marks in `keeps` the entrants that nobody dominates, at most `room` of them that are not marked
 * yet. */
static void keep_front(const struct search *s, const struct race *race, bool *keeps, size_t room)
{
    struct cm_standing *standing = cm_alloc((race->n + 1) * sizeof *standing);
    size_t *front = cm_alloc((race->n + 1) * sizeof *front);
    for (size_t i = 0; i < race->n; i++)
        standing[i] = s->result->standing[race->list[i]];
    size_t n = cm_tune_front(standing, race->n, front);
    for (size_t i = 0; i < n && room > 0; i++) {
        if (keeps[front[i]] || standing[front[i]].keeping == CM_BREAKS)
            continue;
        keeps[front[i]] = true;
        room--;
    }
    cm_free(standing);
    cm_free(front);
}

/* Marks the better part by rank, and what cannot be told from the best as far as there is room. The
 * list is in the order of rank. */
static void keep_ranked(struct search *s, const struct race *race, bool *keeps, size_t part)
{
    struct cm_tuning *r = s->result;
    const struct cm_candidate *first = r->list[race->list[0]];
    for (size_t i = 0, kept = 0; i < race->n; i++) {
        const struct cm_candidate *c = r->list[race->list[i]];
        bool breaks = c->broken || r->standing[race->list[i]].keeping == CM_BREAKS;
        if (breaks || (s->proven && cm_tune_is_worse(c, s->proven)))
            continue;
        if (kept >= part && cm_tune_is_worse(c, s->proven ? s->proven : first))
            continue;
        if (kept < 2 * part)
            keeps[i] = true, kept++;
        else
            r->pressed++;
    }
}

/* Leaves the better part in the race; where all break a limit, the one that comes nearest. */
static void halve(struct search *s, struct race *race)
{
    if (race->n == 0)
        return;
    bool *keeps = cm_alloc(race->n * sizeof *keeps), any = false;
    size_t part = (race->n + 2) / 3, kept = 0;
    cm_tune_rank(s->result->standing, false, race->list, race->n);
    part = part < KEEP_LEAST ? KEEP_LEAST : part;
    keep_ranked(s, race, keeps, part);
    if (!s->proven)
        keep_front(s, race, keeps, part / 2);
    for (size_t i = 0; i < race->n; i++)
        any |= keeps[i];
    keeps[0] |= !any && !s->best && !s->result->list[race->list[0]]->broken;
    for (size_t i = 0; i < race->n; i++) {
        if (keeps[i])
            race->list[kept++] = race->list[i];
        else
            drop(s, race->list[i]);
    }
    race->n = kept;
    cm_free(keeps);
}

static void count_broken(struct search *s, const struct race *race)
{
    for (size_t i = 0; i < race->n; i++)
        s->result->broken += s->result->list[race->list[i]]->broken;
}

/* Candidates that were played as long as any, the best first. */
static void rank_longest(struct cm_tuning *r)
{
    r->replications = r->n_order = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->list[i]->trials && !r->list[i]->broken && r->list[i]->n > r->replications)
            r->replications = r->list[i]->n;
    r->order = cm_grow(r->order, r->n + 1, sizeof *r->order);
    for (size_t i = 0; i < r->n; i++)
        if (r->replications && r->list[i]->trials && !r->list[i]->broken &&
            r->list[i]->n == r->replications)
            r->order[r->n_order++] = i;
    cm_tune_rank(r->standing, true, r->order, r->n_order);
}

/* To the end, or as far as the budget goes. */
static void run(struct search *s, struct race *race)
{
    for (size_t i = 0; i < s->n_rungs && race->n > 0; i++) {
        if (!play(s, race, s->rungs[i]))
            return;
        if (i == 0)
            count_broken(s, race);
        if (i + 1 < s->n_rungs)
            halve(s, race);
    }
    rank_longest(s->result);
    s->result->rounds++;
}

/* --- the search --- */

static void set_best(struct search *s)
{
    const struct cm_tuning *r = s->result;
    size_t first = r->order[0];
    s->best = r->list[first];
    s->proven = r->standing[first].keeping == CM_KEEPS ? s->best : NULL;
}

static void set_rungs(struct search *s)
{
    uint64_t all = s->tune->replications;
    for (int i = RUNGS - 1; i >= 0; i--) {
        uint64_t n = all;
        for (int k = 0; k < i; k++)
            n /= TIMES;
        n = n < LEAST ? LEAST : n;
        n = n > all ? all : n;
        if (s->n_rungs == 0 || n > s->rungs[s->n_rungs - 1])
            s->rungs[s->n_rungs++] = n;
    }
}

static void start(struct search *s)
{
    size_t families = s->tune->families, n = families * s->tune->start;
    struct race race = {.list = cm_alloc((n + 1) * sizeof *race.list)};
    for (size_t i = 0; i < n; i++)
        enter_sobol(s, &race, i % families);
    run(s, &race);
    cm_free(race.list);
}

/* Whether the best is another than before. */
static bool improve(struct search *s)
{
    const struct cm_candidate *before = s->best;
    struct race race = {.list = cm_alloc((s->tune->round + 1) * sizeof *race.list)};
    for (size_t i = 0; i < s->tune->round; i++) {
        if (i % EXPLORE == 0)
            enter_sobol(s, &race, i / EXPLORE % s->tune->families);
        else
            enter_near(s, &race);
    }
    run(s, &race);
    cm_free(race.list);
    if (!s->out && !s->stopped)
        set_best(s);
    return s->best != before;
}

static void refine(struct search *s)
{
    struct cm_tuning *r = s->result;
    if (s->out || s->stopped || r->n_order == 0)
        return;
    set_best(s);
    while (s->step >= last_step && !s->out && !s->stopped)
        if (!improve(s))
            s->step *= shrink;
}

/* Counts those that might as well have been chosen. */
static size_t count_ties(const struct cm_tuning *r)
{
    size_t ties = 0;
    for (size_t i = 1; i < r->n_order; i++)
        ties += r->standing[r->order[i]].keeping == r->standing[r->order[0]].keeping &&
                !cm_tune_is_worse(r->list[r->order[i]], r->list[r->order[0]]);
    return ties;
}

static void choose(struct cm_tuning *r)
{
    rank_longest(r);
    struct cm_standing *standing = cm_alloc((r->n_order + 1) * sizeof *standing);
    r->front = cm_alloc((r->n_order + 1) * sizeof *r->front);
    for (size_t i = 0; i < r->n_order; i++)
        standing[i] = r->standing[r->order[i]];
    r->n_front = cm_tune_front(standing, r->n_order, r->front);
    for (size_t i = 0; i < r->n_front; i++)
        r->front[i] = r->order[r->front[i]];
    r->ties = count_ties(r);
    cm_free(standing);
}

int cm_tune_search(const struct cm_tune *tune, struct cm_tuning *result)
{
    struct search s = {.tune = tune,
                       .result = result,
                       .step = first_step,
                       .rng = cm_rng_stream(tune->seed, 0, cm_rng_purpose("tune.refine"), 0)};
    *result = (struct cm_tuning){0};
    assert(tune->dimensions > 0 && tune->dimensions <= CM_TUNE_DIMENSIONS && tune->families > 0);
    s.sobol = cm_alloc(tune->families * sizeof(gsl_qrng *));
    for (size_t i = 0; i < tune->families; i++)
        s.sobol[i] = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)tune->dimensions);
    set_rungs(&s);
    start(&s);
    refine(&s);
    for (size_t i = 0; i < tune->families; i++)
        gsl_qrng_free(s.sobol[i]);
    cm_free(s.sobol);
    result->end = s.stopped ? CM_TUNE_STOPPED : s.out ? CM_TUNE_OUT_OF_BUDGET : CM_TUNE_CONVERGED;
    if (!s.stopped)
        choose(result);
    return s.stopped ? -1 : 0;
}

void cm_tune_release(struct cm_tuning *r)
{
    for (size_t i = 0; i < r->n; i++) {
        cm_free(r->list[i]->trials);
        cm_free(r->list[i]);
    }
    cm_free(r->list);
    cm_free(r->standing);
    cm_free(r->order);
    cm_free(r->front);
    *r = (struct cm_tuning){0};
}
