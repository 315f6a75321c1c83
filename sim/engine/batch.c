/* Given their number, the arrivals of a Poisson process are independent and uniform (Kingman,
 * Poisson Processes, 1993, 2.4), and so are recorded requests within their step. */
#include "sim/engine/batch.h"

#include <assert.h>
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
        [CM_ARRIVE] = "requests.arrive",
        [CM_CHOOSE] = "requests.choose",
        [CM_TAKE] = "requests.take",
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
    cm_free(b->u);
    cm_free(b->law_s);
    cm_free(b->kind);
    cm_free(b->words);
    cm_free(b->in_order);
    cm_free(b->by_kind);
    *b = (struct cm_batch){0};
}

static void make_room(struct cm_batch *b, size_t n)
{
    b->n = n;
    if (n < b->room)
        return;
    b->room = 2 * n + 1;
    b->at = cm_grow(b->at, b->room, sizeof *b->at);
    b->u = cm_grow(b->u, b->room, sizeof *b->u);
    b->law_s = cm_grow(b->law_s, b->room, sizeof *b->law_s);
    b->kind = cm_grow(b->kind, b->room, sizeof *b->kind);
    memset(b->kind, 0, b->room * sizeof *b->kind); /* and so it stays where there is one */
    b->words = cm_grow(b->words, b->room, sizeof *b->words);
    b->in_order = cm_grow(b->in_order, b->room, sizeof *b->in_order);
    b->by_kind = cm_grow(b->by_kind, b->room, sizeof *b->by_kind);
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
static inline void arrive(struct cm_batch *b, size_t i, uint64_t word)
{
    uint64_t length = (uint64_t)(b->until - b->from), within = word * length;
    b->at[i] = b->from + 1 + (cm_time)(uint64_t)((cm_u128)word * length >> 64);
    b->u[i] = (double)(int64_t)(within >> 11) * 0x1p-53;
}

static void arrive_all(struct cm_batch *b)
{
    struct cm_rng rng = b->stream[CM_ARRIVE];
    for (size_t i = 0, n = b->n; i < n; i++)
        arrive(b, i, cm_rng_next(&rng));
    b->stream[CM_ARRIVE] = rng;
}

/* Two stacks for each word, so that most have none beside them. */
static size_t set_stacks(struct cm_batch *b)
{
    size_t stacks = 2;
    b->stack_shift = 63;
    for (; stacks < 2 * b->n && stacks < CM_BATCH_STACKS_MAX; stacks *= 2)
        b->stack_shift--;
    return stacks;
}

/* Words, places for them, empty so far, and where the stack of each ends. */
static void draw_words(struct cm_batch *b)
{
    struct cm_rng rng = b->stream[CM_ARRIVE];
    uint16_t *end = b->stack_begin;
    size_t stacks = set_stacks(b);
    memset(end, 0, stacks * sizeof *end);
    for (size_t i = 0, n = b->n; i < n; i++) {
        uint64_t word = cm_rng_next(&rng);
        b->words[i] = word;
        b->in_order[i] = UINT64_MAX;
        end[cm_batch_stack(b, word)]++;
    }
    for (size_t i = 1; i < stacks; i++)
        end[i] = (uint16_t)(end[i] + end[i - 1]);
    b->stream[CM_ARRIVE] = rng;
}

/* Puts the words in order, which are uniform over all their values: each is dealt to a stack by its
 * first bits, which grows from its end down to its beginning, and there put behind those that are
 * less. What follows, another stack's word or an empty place, is never less. */
static void sort(struct cm_batch *b)
{
    const uint64_t *words = b->words;
    uint64_t *in_order = b->in_order;
    in_order[b->n] = UINT64_MAX;
    for (size_t i = 0, n = b->n; i < n; i++) {
        uint64_t word = words[i], *hole = in_order + --b->stack_begin[cm_batch_stack(b, word)];
        for (; hole[1] < word; hole++)
            hole[0] = hole[1];
        hole[0] = word;
    }
}

static void arrive_in_order(struct cm_batch *b)
{
    assert(b->n <= UINT16_MAX);
    draw_words(b);
    sort(b);
    for (size_t i = 0, n = b->n; i < n; i++)
        arrive(b, i, b->in_order[i]);
    b->at[b->n] = CM_NEVER;
    b->words_per_ns = UINT64_MAX / (uint64_t)(b->until - b->from);
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
    for (size_t i = 0, n = b->n; i < n; i++) {
        size_t kind = (size_t)cm_alias_draw(&b->choose, &rng);
        b->kind[i] = (uint8_t)kind;
        count[kind]++;
    }
    b->stream[CM_CHOOSE] = rng;
    for (size_t kind = 0; kind < b->n_kinds; kind++) {
        fill(&b->kinds[kind], &b->stream[CM_TAKE], b->by_kind + sum, count[kind]);
        next[kind] = sum;
        sum += count[kind];
    }
    for (size_t i = 0, n = b->n; i < n; i++)
        b->law_s[i] = b->by_kind[next[b->kind[i]]++];
}

static void take(struct cm_batch *b)
{
    if (b->n_kinds > 1) {
        take_by_kind(b);
        return;
    }
    fill(&b->kinds[0], &b->stream[CM_TAKE], b->law_s, b->n);
}

void cm_batch_draw(struct cm_batch *b, size_t n, cm_time from, cm_time until, bool in_order)
{
    make_room(b, n);
    b->from = from;
    b->until = until;
    if (n == 0)
        return;
    (in_order ? arrive_in_order : arrive_all)(b);
    take(b);
}
