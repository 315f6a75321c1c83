/* Readings are kept as running totals, so that a window costs two look-ups whatever its length. */
#include "sim/engine/ledger.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/engine/halving.h"
#include "sim/engine/journal.h"
#include "sim/engine/kept.h"
#include "sim/engine/means.h"
#include "sim/scenario/flow_kind.h"
#include "sim/stats/bucket_quantile.h"

/* Counters at the beginning of the first block are those of the slot before it. */
static void grow(struct cm_ledger *l)
{
    struct cm_ledger old = *l;
    size_t histogram = cm_ledger_histogram_size(l);
    l->room = old.room ? 2 * old.room : 64;
    l->first = 1;
    l->blocks = cm_grow(NULL, l->room, sizeof *l->blocks);
    l->total = cm_alloc(l->room * l->n_counters * sizeof *l->total);
    l->buckets = cm_grow(NULL, l->room * histogram + 1, sizeof *l->buckets);
    size_t first = old.first - 1, n = old.room ? old.n + 1 : 0;
    if (l->n_buckets > 0 && !l->whole)
        cm_histograms_grow(&l->histograms, l->room, first, n);
    for (size_t i = 0; i < n; i++) {
        size_t k = (first + i) & (old.room - 1);
        l->blocks[i] = old.blocks[k];
        memcpy(l->total + i * l->n_counters, old.total + k * l->n_counters,
               l->n_counters * sizeof *l->total);
        memcpy(l->buckets + i * histogram, old.buckets + k * histogram,
               histogram * sizeof *l->buckets);
    }
    cm_free(old.blocks);
    cm_free(old.total);
    cm_free(old.buckets);
}

void cm_ledger_init(struct cm_ledger *l, const struct cm_plan *plan, struct cm_world *world)
{
    *l = (struct cm_ledger){
        .plan = plan,
        .world = world,
        .n_classes = world->n_classes,
        .n_cells = cm_cell(world->n_classes, world->n_versions, 0, 0, 0),
        .halving_purpose = cm_rng_purpose("ledger.halving"),
        .keep = cm_kept_window(plan->scenario),
        .history = cm_kept_history(plan->scenario),
        .whole = plan->scenario->arrivals->recorded ||
                 cm_flow_kind_of(plan->scenario) == CM_FLOW_REQUESTS,
    };
    cm_histograms_init(&l->histograms, world);
    l->n_counters = l->n_cells * CM_BUCKET_GROUPS;
    if (cm_kept_latency(plan->scenario))
        l->n_buckets = plan->scenario->telemetry.buckets.n + 1;
    grow(l);
}

void cm_ledger_release(struct cm_ledger *l)
{
    cm_free(l->blocks);
    cm_free(l->total);
    cm_free(l->buckets);
    cm_histograms_release(&l->histograms);
    *l = (struct cm_ledger){0};
}

void cm_ledger_begin(struct cm_ledger *l, uint64_t replication)
{
    l->replication = replication;
    cm_histograms_begin(&l->histograms, replication);
    l->first = 1;
    l->n = 0;
    l->now = -l->plan->scenario->history;
    l->latest = memset(l->total, 0, l->n_counters * sizeof *l->total);
    l->found_at = CM_NEVER;
    l->hold = l->plan->scenario->scraping ? cm_ledger_now(l)
              : l->history > 0            ? -l->history
                                          : CM_NEVER;
}

void cm_ledger_skip(struct cm_ledger *l, cm_time now)
{
    assert(l->n == 0 && now >= l->now);
    l->now = now;
}

cm_time cm_ledger_since(const struct cm_ledger *l)
{
    return l->n > 0 ? l->blocks[l->first].from : l->now;
}

/* Up to where the past is kept. */
static cm_time since(const struct cm_ledger *l, cm_time now)
{
    return now - l->keep < l->hold ? now - l->keep : l->hold;
}

/* Blocks that no later reader can reach make room. */
static void forget(struct cm_ledger *l, cm_time now)
{
    while (l->n > 1 && l->blocks[l->first].until < since(l, now)) {
        if (l->journal)
            cm_journal_forget(l->journal, l->blocks[l->first].entries);
        l->first = cm_ledger_slot(l, 1);
        l->n--;
    }
}

/* The next block; returns its counters. */
static uint64_t *next_block(struct cm_ledger *l, cm_time until)
{
    cm_time from = l->now;
    assert(until > from);
    forget(l, from);
    l->found_at = CM_NEVER;
    if (l->n + 1 == l->room)
        grow(l);
    size_t k = cm_ledger_slot(l, l->n++);
    l->blocks[k] = (struct cm_block){
        .from = from, .until = until, .entries = l->journal ? l->journal->end : 0};
    l->now = until;
    uint64_t *counters = l->total + k * l->n_counters;
    memcpy(counters, cm_ledger_start(l, l->n - 1), l->n_counters * sizeof *counters);
    l->latest = counters;
    return counters;
}

uint64_t *cm_ledger_open(struct cm_ledger *l, cm_time until, const struct cm_course *courses)
{
    uint64_t *counters = next_block(l, until);
    assert(!l->whole);
    if (l->n_buckets > 0)
        cm_histograms_give(&l->histograms, cm_ledger_slot(l, l->n - 1), courses);
    return counters;
}

void cm_ledger_append(struct cm_ledger *l, cm_time until, const uint64_t *cells)
{
    uint64_t *counters = next_block(l, until);
    assert(l->whole);
    for (size_t c = 0, n = l->n_cells; c < n; c++)
        counters[c * CM_BUCKET_GROUPS] += cells[c];
}

uint64_t *cm_ledger_buckets(struct cm_ledger *l)
{
    size_t k = cm_ledger_slot(l, l->n - 1);
    uint64_t *buckets = l->buckets + k * cm_ledger_histogram_size(l);
    assert(l->whole);
    l->blocks[k].filled = true;
    memset(buckets, 0, cm_ledger_histogram_size(l) * sizeof *buckets);
    return buckets;
}

static double mean_of_cell(const struct cm_halved *h, cm_time from, cm_time until)
{
    return cm_mean_of_cell(h->ledger->world, h->cell, from, until);
}

/* Where a block would be if all were as long as the last one, as they are between looks. */
static size_t guess_block(const struct cm_ledger *l, cm_time at)
{
    const struct cm_block *last = &l->blocks[cm_ledger_slot(l, l->n - 1)];
    uint64_t back = 1 + (uint64_t)(last->from - at) / (uint64_t)(last->until - last->from);
    return back < l->n ? l->n - 1 - (size_t)back : 0;
}

/* The first block that ends at or after `at`; often the last one. */
static size_t block_at(const struct cm_ledger *l, cm_time at)
{
    size_t low = 0, high = l->n - 1;
    if (at > l->blocks[cm_ledger_slot(l, high)].from)
        return high;
    size_t guess = guess_block(l, at);
    const struct cm_block *guessed = &l->blocks[cm_ledger_slot(l, guess)];
    if (at > guessed->from && at <= guessed->until)
        return guess;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->blocks[cm_ledger_slot(l, middle)].until < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What block i answered up to `at`, which is inside it, by the journal. */
static const struct cm_journal *count_part(const struct cm_ledger *l, size_t i, cm_time at)
{
    const struct cm_block *block = &l->blocks[cm_ledger_slot(l, i)];
    uint64_t first = i > 0 ? l->blocks[cm_ledger_slot(l, i - 1)].entries : l->journal->first;
    cm_journal_count(l->journal, first, block->entries, at > block->from ? at - block->from : 0);
    return l->journal;
}

/* Cells at an instant up to which block i is the first to reach. */
static void read_at(const struct cm_ledger *l, size_t i, cm_time at, uint64_t *cells)
{
    const struct cm_block *block = &l->blocks[cm_ledger_slot(l, i)];
    const uint64_t *start = cm_ledger_start(l, i), *end = cm_ledger_start(l, i + 1);
    bool inside = at > block->from && at < block->until;
    const uint64_t *part = inside && l->journal ? count_part(l, i, at)->cells : NULL;
    const cm_time within[2] = {block->from, block->until};
    assert(at <= block->until);
    for (size_t c = 0; c < l->n_cells; c++) {
        struct cm_halved h = {.ledger = l, .key = c, .mean = mean_of_cell, .cell = c};
        cells[c] = cm_cell_total(at == block->until ? end : start, c);
        if (inside)
            cells[c] += part ? part[c] : cm_halve(&h, cm_cell_gained(start, end, c), within, at);
    }
}

/* block_at, for windows: several metrics and versions ask for the same one. */
size_t cm_ledger_find(struct cm_ledger *l, cm_time at)
{
    if (l->found_at != at) {
        l->found = block_at(l, at);
        l->found_at = at;
    }
    return l->found;
}

void cm_ledger_read(const struct cm_ledger *l, cm_time at, uint64_t *cells)
{
    read_at(l, block_at(l, at), at, cells);
}

struct cm_answers cm_ledger_answers(const struct cm_ledger *l, size_t i)
{
    size_t k = cm_ledger_slot(l, i);
    return (struct cm_answers){
        .slot = k,
        .from = l->blocks[k].from,
        .until = l->blocks[k].until,
        .before = cm_ledger_start(l, i),
        .after = cm_ledger_start(l, i + 1),
    };
}

/* Draws what is not drawn yet of the buckets of one block. */
static void fill(struct cm_ledger *l, size_t i)
{
    const struct cm_answers answers = cm_ledger_answers(l, i);
    uint64_t *buckets = l->buckets + answers.slot * cm_ledger_histogram_size(l);
    for (size_t row = 0; row < l->histograms.n_rows; row++)
        cm_histograms_fill(&l->histograms, &answers, row, buckets + row * l->n_buckets);
    l->blocks[answers.slot].filled = true;
}

static double mean_of_bucket(const struct cm_halved *h, cm_time from, cm_time until)
{
    const size_t row[2] = {h->cell / h->ledger->n_classes, h->cell % h->ledger->n_classes};
    return cm_mean_of_bucket(h->ledger->world, row, h->bucket, from, until);
}

static void add_buckets(struct cm_ledger *l, size_t i, size_t row, cm_time from, uint64_t *counts)
{
    const struct cm_block *block = &l->blocks[cm_ledger_slot(l, i)];
    if (from >= block->until)
        return;
    if (!block->filled)
        fill(l, i);
    const uint64_t *buckets =
        l->buckets + cm_ledger_slot(l, i) * cm_ledger_histogram_size(l) + row * l->n_buckets;
    for (size_t b = 0; b < l->n_buckets; b++)
        counts[b] += buckets[b];
    if (from <= block->from)
        return;
    const uint64_t *part = l->journal ? count_part(l, i, from)->buckets : NULL;
    const cm_time within[2] = {block->from, block->until};
    for (size_t b = 0; part && b < l->n_buckets; b++)
        counts[b] -= part[row * l->n_buckets + b];
    for (size_t b = 0; !part && b < l->n_buckets; b++) {
        struct cm_halved h = {.ledger = l,
                              .key = l->n_cells + row * l->n_buckets + b,
                              .mean = mean_of_bucket,
                              .cell = row,
                              .bucket = b};
        counts[b] -= cm_halve(&h, buckets[b], within, from);
    }
}

void cm_ledger_histogram(struct cm_ledger *l, cm_time from, size_t version, int class,
                         uint64_t *counts)
{
    memset(counts, 0, l->n_buckets * sizeof *counts);
    size_t first = class < 0 ? 0 : (size_t) class;
    size_t last = class < 0 ? l->n_classes - 1 : first;
    for (size_t i = block_at(l, from); i < l->n; i++)
        for (size_t c = first; c <= last; c++)
            add_buckets(l, i, version * l->n_classes + c, from, counts);
}

struct cm_block_view cm_ledger_view(struct cm_ledger *l, cm_time at)
{
    size_t i = block_at(l, at + 1);
    const struct cm_block *block = &l->blocks[cm_ledger_slot(l, i)];
    assert(at >= block->from && at < block->until);
    if (l->n_buckets > 0 && !block->filled)
        fill(l, i);
    return (struct cm_block_view){
        .until = block->until,
        .before = cm_ledger_start(l, i),
        .after = cm_ledger_start(l, i + 1),
        .buckets = l->buckets + cm_ledger_slot(l, i) * cm_ledger_histogram_size(l),
    };
}

const struct cm_journal *cm_ledger_part(const struct cm_ledger *l, cm_time at)
{
    return l->journal ? count_part(l, block_at(l, at), at) : NULL;
}

bool cm_ledger_verify(const struct cm_ledger *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct cm_block *block = &l->blocks[cm_ledger_slot(l, i)];
        if (block->until <= block->from ||
            (i > 0 && l->blocks[cm_ledger_slot(l, i - 1)].until != block->from))
            return false;
        for (size_t c = 0; c < l->n_counters; c++)
            if (cm_ledger_start(l, i + 1)[c] < cm_ledger_start(l, i)[c])
                return false;
    }
    return true;
}
