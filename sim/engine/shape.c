/* Shapes are few (one a class and step of a profile), so they are found by linear search. */
#include "sim/engine/shape.h"

#include <math.h>
#include <string.h>

#include "sim/service/bisect.h"

void cm_shapes_init(struct cm_shapes *t, const struct cm_edges *edges, double slo_s)
{
    *t = (struct cm_shapes){.edges = edges, .slo = slo_s};
}

void cm_shapes_release(struct cm_shapes *t)
{
    for (size_t i = 0; i < t->n; i++)
        for (int tempo = 0; tempo < CM_TEMPI; tempo++) {
            cm_free(t->list[i].buckets[tempo]);
            cm_free(t->list[i].ranges[tempo]);
        }
    cm_free(t->list);
    *t = (struct cm_shapes){0};
}

static struct cm_band band_of(const struct cm_shape *s, double low, double high)
{
    struct cm_band part = {.low = low, .high = high};
    if (high <= low)
        return part;
    double beyond = isinf(high) ? 0 : cm_pace_tail(s->law, &s->pace, high);
    double mean_high = cm_pace_partial_mean(s->law, &s->pace, high);
    double mean_low = low > 0 ? cm_pace_partial_mean(s->law, &s->pace, low) : 0;
    part.p = (low > 0 ? cm_pace_tail(s->law, &s->pace, low) : 1) - beyond;
    part.m = mean_high - mean_low;
    if (low > 0) {
        part.g = cm_pace_outflow(s->law, &s->pace, low);
        part.f = cm_pace_cdf(s->law, &s->pace, low);
    }
    return part;
}

static bool same_pace(const struct cm_pace *a, const struct cm_pace *b)
{
    return a->times == b->times && a->plus_s == b->plus_s && a->slow_share == b->slow_share &&
           a->slow_times == b->slow_times && a->slow_plus_s == b->slow_plus_s;
}

static bool answered_by(const void *self, double x)
{
    const struct cm_shape *s = self;
    return cm_pace_tail(s->law, &s->pace, x) <= CM_SHAPE_REST;
}

static size_t add_shape(struct cm_shapes *t, const struct cm_law *law, const struct cm_pace *pace,
                        double until)
{
    if (t->n == t->room) {
        t->room = 2 * t->room + 8;
        t->list = cm_grow(t->list, t->room, sizeof *t->list);
    }
    struct cm_shape *s = &t->list[t->n];
    *s = (struct cm_shape){.law = law, .pace = *pace};
    s->longest = cm_bisect(answered_by, s, 0, cm_pace_longest(law, pace));
    s->tempo[CM_IN_TIME] = band_of(s, 0, t->slo);
    s->tempo[CM_SLOW] = band_of(s, t->slo, INFINITY);
    s->slowed = band_of(s, t->slo, until);
    t->longest = fmax(t->longest, s->longest);
    return t->n++;
}

size_t cm_shapes_find(struct cm_shapes *t, const struct cm_law *law, const struct cm_pace *pace)
{
    return cm_shapes_find_slowed(t, law, pace, 0);
}

size_t cm_shapes_find_slowed(struct cm_shapes *t, const struct cm_law *law,
                             const struct cm_pace *pace, double until)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct cm_shape *s = &t->list[i];
        if (s->law == law && s->slowed.high == until && same_pace(&s->pace, pace))
            return i;
    }
    return add_shape(t, law, pace, until);
}

/* Of one tempo, what falls into the buckets low .. high - 1. */
static struct cm_band range_of(const struct cm_shapes *t, const struct cm_shape *s,
                               enum cm_tempo tempo, size_t low, size_t high)
{
    const struct cm_band *whole = &s->tempo[tempo];
    double above = low > 0 ? t->edges->bound[low - 1] : 0;
    double upto = high <= t->edges->n ? t->edges->bound[high - 1] : INFINITY;
    return band_of(s, fmax(above, whole->low), fmin(upto, whole->high));
}

const struct cm_band *cm_shapes_buckets(struct cm_shapes *t, size_t shape, enum cm_tempo tempo)
{
    struct cm_shape *s = &t->list[shape];
    if (s->buckets[tempo])
        return s->buckets[tempo];
    struct cm_band *parts = cm_grow(NULL, t->edges->n + 1, sizeof *parts);
    for (size_t i = 0; i <= t->edges->n; i++)
        parts[i] = range_of(t, s, tempo, i, i + 1);
    return s->buckets[tempo] = parts;
}

const struct cm_band *cm_shapes_make_ranges(struct cm_shapes *t, const struct cm_bucket_tree *tree,
                                            size_t shape, enum cm_tempo tempo)
{
    struct cm_shape *s = &t->list[shape];
    struct cm_band *parts = cm_grow(NULL, tree->n, sizeof *parts);
    for (size_t i = 0; i < tree->n; i++)
        parts[i] = range_of(t, s, tempo, tree->node[i].low, tree->node[i].high);
    return s->ranges[tempo] = parts;
}

double cm_shape_answered(const struct cm_shape *shape, const struct cm_band *part, double x)
{
    if (x <= part->low || part->p <= 0)
        return 0;
    if (x >= part->high || x >= shape->longest)
        return x * part->p - part->m;
    double now = cm_pace_outflow(shape->law, &shape->pace, x);
    return fmax(0, now - part->g - part->f * (x - part->low));
}

double cm_shape_mass(const struct cm_shape *shape, const struct cm_band *part,
                     const double arrive[2], const double answer[2])
{
    double from = arrive[0], until = arrive[1] < answer[1] ? arrive[1] : answer[1];
    double most = part->high < shape->longest ? part->high : shape->longest;
    if (until <= from || answer[0] - until >= most)
        return 0;
    if (from >= answer[0] && answer[1] - until >= most)
        return part->p * (until - from);
    if (answer[0] - from >= shape->longest && until >= answer[1])
        return part->p * (answer[1] - answer[0]);
    double entered = cm_shape_answered(shape, part, answer[1] - from) -
                     cm_shape_answered(shape, part, answer[1] - until);
    double already = cm_shape_answered(shape, part, answer[0] - from) -
                     cm_shape_answered(shape, part, answer[0] - until);
    return fmax(0, entered - already);
}
