/* Given their number, the arrivals of a Poisson process are independent and uniform; in order they
 * are the partial sums of n + 1 exponential gaps, divided by their sum (Devroye, Non-Uniform Random
 * Variate Generation, 1986, V.2). The same holds for recorded requests within their step. */
#include "sim/engine/batch.h"

#include <string.h>

#include "sim/base/mem.h"

static void add_kinds(struct cm_batch *b, const struct cm_world *w, size_t class)
{
    const struct cm_law *law = w->classes[class].latency;
    for (size_t i = 0; i < law->n && w->classes[class].share > 0; i++)
        b->kinds[b->n_kinds++] = (struct cm_batch_kind){
            .share = w->classes[class].share * law->part[i].weight,
            .class = class,
            .law = law->part[i].kind,
            .options = law->part[i].options,
        };
}

void cm_batch_init(struct cm_batch *b, const struct cm_world *w)
{
    static const char *const step[CM_BATCH_STEPS] = {
        [CM_ARRIVE] = "requests.arrive",       [CM_CHOOSE] = "requests.choose",
        [CM_TAKE] = "requests.take",           [CM_DECIDE] = "requests.decide",
        [CM_SLOW_DOWN] = "requests.slow-down",
    };
    double share[CM_BATCH_KINDS];
    *b = (struct cm_batch){0};
    for (size_t class = 0; class < w->n_classes; class ++)
        add_kinds(b, w, class);
    for (size_t i = 0; i < b->n_kinds; i++)
        share[i] = b->kinds[i].share;
    cm_alias_init(&b->choose, b->cells, share, b->n_kinds);
    for (size_t i = 0; i < CM_BATCH_STEPS; i++)
        b->purpose[i] = cm_rng_purpose(step[i]);
}

void cm_batch_release(struct cm_batch *b)
{
    cm_free(b->at);
    cm_free(b->law_s);
    cm_free(b->u);
    cm_free(b->kind);
    cm_free(b->sorted);
    *b = (struct cm_batch){0};
}

static void make_room(struct cm_batch *b, size_t n)
{
    b->n = n;
    if (n <= b->room)
        return;
    b->room = 2 * n;
    b->at = cm_grow(b->at, b->room, sizeof *b->at);
    b->law_s = cm_grow(b->law_s, b->room, sizeof *b->law_s);
    b->u = cm_grow(b->u, b->room, sizeof *b->u);
    b->kind = cm_grow(b->kind, b->room, sizeof *b->kind);
    b->sorted = cm_grow(b->sorted, b->room, sizeof *b->sorted);
}

void cm_batch_streams(struct cm_batch *b, uint64_t seed, uint64_t replication, cm_time from,
                      cm_time until)
{
    uint64_t block = cm_rng_mix2((uint64_t)from, (uint64_t)until);
    for (size_t i = 0; i < CM_BATCH_STEPS; i++)
        b->stream[i] = cm_rng_stream(seed, replication, b->purpose[i], block);
}

/* One word is a place in the interval: its nanosecond, and where in it. The latter is uniform and
 * nothing else depends on it, so that it serves as u. */
static void arrive(struct cm_batch *b, cm_time from, cm_time until)
{
    struct cm_rng rng = b->stream[CM_ARRIVE];
    uint64_t length = (uint64_t)(until - from);
    cm_time *at = b->at;
    double *u = b->u;
    for (size_t i = 0, n = b->n; i < n; i++) {
        cm_u128 place = (cm_u128)cm_rng_next(&rng) * length;
        at[i] = from + 1 + (cm_time)(uint64_t)(place >> 64);
        u[i] = (double)(int64_t)((uint64_t)place >> 11) * 0x1p-53;
    }
    b->stream[CM_ARRIVE] = rng;
}

/* Rounding may put the last one at the very end, never beyond. */
static void arrive_in_order(struct cm_batch *b, cm_time from, cm_time until)
{
    struct cm_rng rng = b->stream[CM_ARRIVE];
    double sum = 0, *gap_sum = b->sorted;
    for (size_t i = 0; i < b->n; i++) {
        sum += cm_draw_exponential(&rng);
        gap_sum[i] = sum;
    }
    sum += cm_draw_exponential(&rng);
    b->stream[CM_ARRIVE] = rng;
    double scale = (double)(until - from) / sum;
    for (size_t i = 0; i < b->n; i++) {
        cm_time at = from + 1 + (cm_time)(gap_sum[i] * scale);
        b->at[i] = at < until ? at : until;
    }
}

/* The latencies of one kind. */
static void fill(const struct cm_batch_kind *kind, struct cm_rng *rng, double *law_s, size_t n)
{
    if (kind->law->fill) {
        kind->law->fill(kind->options, rng, law_s, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        law_s[i] = kind->law->draw(kind->options, rng);
}

/* Several kinds: how many there are of each, then each one's latencies side by side, then dealt out
 * to the requests. */
static void take_by_kind(struct cm_batch *b)
{
    size_t count[CM_BATCH_KINDS] = {0}, next[CM_BATCH_KINDS], sum = 0;
    struct cm_rng rng = b->stream[CM_CHOOSE];
    for (size_t i = 0; i < b->n; i++) {
        size_t kind = (size_t)cm_alias_draw(&b->choose, &rng);
        b->kind[i] = (uint8_t)kind;
        count[kind]++;
    }
    b->stream[CM_CHOOSE] = rng;
    for (size_t kind = 0; kind < b->n_kinds; kind++) {
        fill(&b->kinds[kind], &b->stream[CM_TAKE], b->sorted + sum, count[kind]);
        next[kind] = sum;
        sum += count[kind];
    }
    for (size_t i = 0; i < b->n; i++)
        b->law_s[i] = b->sorted[next[b->kind[i]]++];
}

static void take(struct cm_batch *b)
{
    if (b->n_kinds > 1) {
        take_by_kind(b);
        return;
    }
    memset(b->kind, 0, b->n * sizeof *b->kind);
    fill(&b->kinds[0], &b->stream[CM_TAKE], b->law_s, b->n);
}

static void decide(struct cm_batch *b)
{
    struct cm_rng rng = b->stream[CM_DECIDE];
    for (size_t i = 0; i < b->n; i++)
        b->u[i] = cm_rng_unit(&rng);
    b->stream[CM_DECIDE] = rng;
}

void cm_batch_draw(struct cm_batch *b, size_t n, cm_time from, cm_time until, bool in_order)
{
    make_room(b, n);
    if (n == 0)
        return;
    if (in_order) {
        arrive_in_order(b, from, until);
        decide(b);
    } else {
        arrive(b, from, until);
    }
    take(b);
}
