/* What the trials of a candidate say, and which of two is better.
 *
 * Shares: Wilson's interval, 0 of n by its one-sided limit; means: Student's t (interval.h). A
 * limit is kept if the upper end of the interval is within it, broken if the lower end is above it.
 * Between the two the share that was seen decides for the time being, and a single event decides
 * nothing: one rollback of 32 healthy releases is 3 %, and says little about 1 %.
 *
 * Worse beyond the noise: the mean of the paired differences is more than z standard errors above
 * 0. With z = 2.58 one comparison in 200 of equals says so. Harm has a heavy tail (an escaped
 * defect costs a hundred times a caught one), so differences of fewer than 16 replications say
 * nothing. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/measure.h"
#include "analysis/tune.h"
#include "sim/stats/interval.h"

static const double z = 2.58;
static const double safer = 0.85;
enum { FEW = 16 };

/* --- one candidate --- */

/* Sums of values that may be missing. */
struct sum {
    uint64_t n;
    double mean, squares; /* Welford 1962 */
};

static void add(struct sum *s, double x)
{
    double before = x - s->mean;
    s->n++;
    s->mean += before / (double)s->n;
    s->squares += before * (x - s->mean);
}

static struct cm_scored mean_of(const struct sum *s)
{
    struct cm_sample sample = {.n = (size_t)s->n,
                               .mean = s->n ? s->mean : NAN,
                               .variance = s->n > 1 ? s->squares / (double)(s->n - 1) : NAN};
    struct cm_interval limits = cm_interval_mean(&sample, CM_LEVEL);
    return (struct cm_scored){sample.mean, limits.low, limits.high};
}

/* The release of which it happened most often. */
static uint64_t most(const uint64_t *counts, int releases)
{
    uint64_t x = 0;
    for (int i = 0; i < releases; i++)
        x = counts[i] > x ? counts[i] : x;
    return x;
}

static struct cm_scored share_of(uint64_t x, uint64_t n)
{
    struct cm_interval limits = cm_interval_share(x, n, CM_LEVEL);
    return (struct cm_scored){(double)x / (double)n, limits.low, limits.high};
}

/* `few`: what was seen may be one event. */
static enum cm_keeping keeping_of(const struct cm_scored *s, double limit, bool few)
{
    if (isnan(limit))
        return CM_KEEPS;
    if (isnan(s->value))
        return CM_BREAKS; /* never promoted: there is no time */
    if (s->high <= limit)
        return CM_KEEPS;
    if (s->low > limit)
        return CM_BREAKS;
    return few || s->value <= limit ? CM_MAY_KEEP : CM_SEEMS_TO_BREAK;
}

/* Takes one more limit into account. */
static void hold(struct cm_standing *s, const struct cm_scored *scored, double limit, bool few)
{
    enum cm_keeping keeping = keeping_of(scored, limit, few);
    s->keeping = keeping > s->keeping ? keeping : s->keeping;
    if (isnan(limit))
        return;
    double above = isnan(scored->value) ? INFINITY : scored->value - limit;
    s->excess = fmax(s->excess, limit > 0 ? above / limit : above);
}

static void count(const struct cm_trial *t, uint64_t good[CM_TUNE_RELEASES],
                  uint64_t bad[CM_TUNE_RELEASES])
{
    for (int i = 0; i < CM_TUNE_RELEASES; i++) {
        good[i] += t->false_rollback >> i & 1;
        bad[i] += t->missed >> i & 1;
    }
}

struct cm_standing cm_tune_standing(const struct cm_candidate *c,
                                    const struct cm_tune_limits *limits)
{
    struct sum goal = {0}, time = {0};
    uint64_t good[CM_TUNE_RELEASES] = {0}, bad[CM_TUNE_RELEASES] = {0};
    if (c->broken || c->n == 0)
        return (struct cm_standing){.goal = {NAN, NAN, NAN}, .keeping = CM_BREAKS};
    for (uint64_t i = 0; i < c->n; i++) {
        const struct cm_trial *t = &c->trials[i];
        add(&goal, t->goal);
        if (!isnan(t->promoted_after))
            add(&time, t->promoted_after);
        count(t, good, bad);
    }
    uint64_t x = most(good, limits->n_good), y = most(bad, limits->n_bad);
    struct cm_standing s = {.n = c->n,
                            .goal = mean_of(&goal),
                            .time_to_promote = mean_of(&time),
                            .false_rollback = share_of(x, c->n),
                            .missed = share_of(y, c->n)};
    hold(&s, &s.time_to_promote, limits->time_to_promote, false);
    hold(&s, &s.false_rollback, limits->false_rollback, x <= 1);
    hold(&s, &s.missed, limits->missed, y <= 1);
    return s;
}

/* --- two --- */

bool cm_tune_is_worse(const struct cm_candidate *a, const struct cm_candidate *b)
{
    struct sum difference = {0};
    uint64_t n = a->n < b->n ? a->n : b->n;
    for (uint64_t i = 0; i < n; i++)
        add(&difference, a->trials[i].goal - b->trials[i].goal);
    if (n < FEW)
        return false;
    double error = sqrt(difference.squares / (double)(n - 1) / (double)n);
    return difference.mean > z * error;
}

/* The part of a limit that the upper end of an interval takes, the larger of both shares. */
static double strain_of(const struct cm_standing *s, const struct cm_tune_limits *limits)
{
    double rollback = s->false_rollback.high / limits->false_rollback;
    double missed = s->missed.high / limits->missed;
    return fmax(isnan(limits->false_rollback) ? 0 : rollback, isnan(limits->missed) ? 0 : missed);
}

bool cm_tune_is_safer(const struct cm_standing *a, const struct cm_standing *than,
                      const struct cm_tune_limits *limits)
{
    return strain_of(a, limits) < safer * strain_of(than, limits);
}

bool cm_tune_dominates(const struct cm_standing *a, const struct cm_standing *b)
{
    const double of_a[] = {a->goal.value, a->false_rollback.value, a->time_to_promote.value};
    const double of_b[] = {b->goal.value, b->false_rollback.value, b->time_to_promote.value};
    bool less = false;
    for (int i = 0; i < 3; i++) {
        if (!(of_a[i] <= of_b[i])) /* NAN is never better */
            return false;
        less |= of_a[i] < of_b[i];
    }
    return less;
}

/* --- many --- */

/* A total order: limits, then the goal (of those that break a limit: by how much), then the number.
 */
struct key {
    int group;
    double goal;
    size_t index;
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->goal != y->goal)
        return x->goal < y->goal ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int group_of(const struct cm_standing *s, bool proven)
{
    if (isnan(s->goal.value))
        return CM_BREAKS + 1;
    if (!proven && s->keeping == CM_KEEPS)
        return CM_MAY_KEEP;
    return (int)s->keeping;
}

void cm_tune_rank(const struct cm_standing *standing, bool proven, size_t *order, size_t n)
{
    struct key *keys = cm_alloc((n + 1) * sizeof *keys);
    for (size_t i = 0; i < n; i++) {
        const struct cm_standing *s = &standing[order[i]];
        double goal = isnan(s->goal.value) ? 0 : s->goal.value;
        goal = s->keeping == CM_BREAKS ? s->excess : goal;
        keys[i] = (struct key){group_of(s, proven), goal, order[i]};
    }
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 0; i < n; i++)
        order[i] = keys[i].index;
    cm_free(keys);
}

size_t cm_tune_front(const struct cm_standing *standing, size_t n, size_t *front)
{
    struct key *keys = cm_alloc((n + 1) * sizeof *keys);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool dominated = isnan(standing[i].goal.value);
        for (size_t j = 0; j < n && !dominated; j++)
            dominated = cm_tune_dominates(&standing[j], &standing[i]);
        if (!dominated)
            keys[kept++] = (struct key){0, standing[i].goal.value, i};
    }
    qsort(keys, kept, sizeof *keys, compare_keys);
    for (size_t i = 0; i < kept; i++)
        front[i] = keys[i].index;
    cm_free(keys);
    return kept;
}
