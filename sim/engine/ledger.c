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
    l->n_counters = l->n_cells + (l->whole ? 0 : l->histograms.n_rows * CM_BUCKET_GROUPS);
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

static size_t slot(const struct cm_ledger *l, size_t i)
{
    return (l->first + i) & (l->room - 1);
}

/* Counters at the beginning of block i. */
static const uint64_t *start_of(const struct cm_ledger *l, size_t i)
{
    return l->total + slot(l, i - 1) * l->n_counters;
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
        l->first = slot(l, 1);
        l->n--;
    }
}

/* The next block; its counters are to be filled in. */
static size_t open_block(struct cm_ledger *l, cm_time until)
{
    cm_time from = l->now;
    assert(until > from);
    forget(l, from);
    l->found_at = CM_NEVER;
    if (l->n + 1 == l->room)
        grow(l);
    size_t k = slot(l, l->n++);
    l->blocks[k] = (struct cm_block){
        .from = from, .until = until, .entries = l->journal ? l->journal->end : 0};
    l->now = until;
    l->latest = l->total + k * l->n_counters;
    return k;
}

void cm_ledger_append(struct cm_ledger *l, cm_time until, const uint64_t *cells)
{
    assert(l->whole);
    size_t k = open_block(l, until); /* may move the totals */
    uint64_t *total = l->total + k * l->n_counters;
    const uint64_t *before = start_of(l, l->n - 1);
    for (size_t c = 0, n = l->n_cells; c < n; c++)
        total[c] = before[c] + cells[c];
}

/* Of each cell, the answers in a group and those to the left of it; in the last one, all. Where one
 * tempo alone is counted the cells of the other are 0 for ever. */
static void add_row(const struct cm_grouped *row, const uint64_t *before, uint64_t *total,
                    size_t groups, size_t step)
{
    uint64_t upto[CM_BUCKET_GROUPS];
    memcpy(upto, before + groups, sizeof upto);
    for (size_t c = 0; c < CM_ROW_CELLS; c += step) {
        const uint64_t *count = row->count[c];
        uint64_t two = count[0] + count[1], three = two + count[2], all = three + count[3];
        upto[0] += count[0];
        upto[1] += two;
        upto[2] += three;
        upto[3] += all;
        total[c] = before[c] + all;
    }
    memcpy(total + groups, upto, sizeof upto);
}

void cm_ledger_append_rows(struct cm_ledger *l, cm_time until, const struct cm_grouped *rows)
{
    size_t k = open_block(l, until), n = l->histograms.n_rows, groups = l->n_cells;
    uint64_t *total = l->total + k * l->n_counters;
    const uint64_t *before = start_of(l, l->n - 1);
    size_t step = l->histograms.n_parts == CM_OUTCOMES ? CM_TEMPI : 1;
    assert(!l->whole);
    for (size_t row = 0; row < n; row++, before += CM_ROW_CELLS, total += CM_ROW_CELLS)
        add_row(&rows[row], before, total, groups - row * (CM_ROW_CELLS - CM_BUCKET_GROUPS), step);
    if (l->n_buckets > 0)
        cm_histograms_give(&l->histograms, k, rows);
}

uint64_t *cm_ledger_buckets(struct cm_ledger *l)
{
    size_t k = slot(l, l->n - 1);
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
    const struct cm_block *last = &l->blocks[slot(l, l->n - 1)];
    uint64_t back = 1 + (uint64_t)(last->from - at) / (uint64_t)(last->until - last->from);
    return back < l->n ? l->n - 1 - (size_t)back : 0;
}

/* The first block that ends at or after `at`; often the last one. */
static size_t block_at(const struct cm_ledger *l, cm_time at)
{
    size_t low = 0, high = l->n - 1;
    if (at > l->blocks[slot(l, high)].from)
        return high;
    size_t guess = guess_block(l, at);
    const struct cm_block *guessed = &l->blocks[slot(l, guess)];
    if (at > guessed->from && at <= guessed->until)
        return guess;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->blocks[slot(l, middle)].until < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What block i answered up to `at`, which is inside it, by the journal. */
static const struct cm_journal *count_part(const struct cm_ledger *l, size_t i, cm_time at)
{
    const struct cm_block *block = &l->blocks[slot(l, i)];
    uint64_t first = i > 0 ? l->blocks[slot(l, i - 1)].entries : l->journal->first;
    cm_journal_count(l->journal, first, block->entries, at > block->from ? at - block->from : 0);
    return l->journal;
}

/* Counters at an instant inside block i. */
static const uint64_t *read_inside(const struct cm_ledger *l, size_t i, cm_time at, uint64_t *cells)
{
    const struct cm_block *block = &l->blocks[slot(l, i)];
    const uint64_t *start = start_of(l, i), *end = start_of(l, i + 1);
    const uint64_t *part = l->journal ? count_part(l, i, at)->cells : NULL;
    const cm_time within[2] = {block->from, block->until};
    for (size_t c = 0; c < l->n_cells; c++) {
        struct cm_halved h = {.ledger = l, .key = c, .mean = mean_of_cell, .cell = c};
        cells[c] = start[c] + (part ? part[c] : cm_halve(&h, end[c] - start[c], within, at));
    }
    return cells;
}

/* Counters at an instant up to which block i is the first to reach. */
static const uint64_t *read_at(const struct cm_ledger *l, size_t i, cm_time at, uint64_t *cells)
{
    const struct cm_block *block = &l->blocks[slot(l, i)];
    assert(at <= block->until);
    if (at == block->until)
        return start_of(l, i + 1);
    return at <= block->from ? start_of(l, i) : read_inside(l, i, at, cells);
}

/* block_at, for windows: several metrics and versions ask for the same one. */
static size_t find_block(struct cm_ledger *l, cm_time at)
{
    if (l->found_at != at) {
        l->found = block_at(l, at);
        l->found_at = at;
    }
    return l->found;
}

const uint64_t *cm_ledger_at(struct cm_ledger *l, cm_time at, uint64_t *cells)
{
    return read_at(l, find_block(l, at), at, cells);
}

void cm_ledger_read(const struct cm_ledger *l, cm_time at, uint64_t *cells)
{
    const uint64_t *counters = read_at(l, block_at(l, at), at, cells);
    if (counters != cells)
        memcpy(cells, counters, l->n_cells * sizeof *cells);
}

static struct cm_answers answers_of(const struct cm_ledger *l, size_t i)
{
    size_t k = slot(l, i);
    return (struct cm_answers){
        .slot = k,
        .from = l->blocks[k].from,
        .until = l->blocks[k].until,
    };
}

/* Draws what is not drawn yet of the buckets of one block. */
static void fill(struct cm_ledger *l, size_t i)
{
    const struct cm_answers answers = answers_of(l, i);
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
    const struct cm_block *block = &l->blocks[slot(l, i)];
    if (from >= block->until)
        return;
    if (!block->filled)
        fill(l, i);
    const uint64_t *buckets =
        l->buckets + slot(l, i) * cm_ledger_histogram_size(l) + row * l->n_buckets;
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

/* Whole blocks, from the first to the last one, and rows of one version. */
struct window {
    size_t first_block, first_row, last_row;
};

static void ready_block(struct cm_ledger *l, size_t i)
{
    if (l->histograms.open[slot(l, i)])
        return;
    const struct cm_answers answers = answers_of(l, i);
    cm_histograms_ready(&l->histograms, &answers);
}

static void cut_parent(struct cm_ledger *l, size_t i, size_t row, size_t node)
{
    const struct cm_answers answers = answers_of(l, i);
    cm_histograms_cut(&l->histograms, &answers, row, l->histograms.tree.node[node].parent);
}

/* What a window has in a node of one row whose parent was looked at before. The ring is walked in
 * slots: up to its end, and from its beginning on. */
static uint64_t count_row(struct cm_ledger *l, size_t first_block, size_t row, size_t node)
{
    const struct cm_histograms *h = &l->histograms;
    size_t stride = h->n_rows * h->tree.n;
    const uint64_t *sum = cm_histograms_sum(h, slot(l, first_block), row, node);
    const uint64_t *end = cm_histograms_sum(h, l->room, row, node);
    uint64_t count = 0;
    for (size_t i = first_block, n = l->n; i < n; i++, sum += stride) {
        if (sum == end)
            sum -= l->room * stride;
        if (*sum == CM_NOT_DRAWN)
            cut_parent(l, i, row, node);
        count += *sum;
    }
    return count;
}

static uint64_t count_node(struct cm_ledger *l, const struct window *w, size_t node)
{
    uint64_t count = 0;
    for (size_t row = w->first_row; row <= w->last_row; row++)
        count += count_row(l, w->first_block, row, node);
    return count;
}

/* A conversion from signed integers is one instruction, from unsigned ones it is several. */
static double real(uint64_t count)
{
    return (double)(int64_t)count;
}

/* Where a quantile is: in a node that has so many answers, and so many below it. */
struct place {
    size_t node;
    uint64_t below, here;
};

/* What a window has in the groups to the left of each; after the last one, in all. */
static void count_groups(const struct cm_ledger *l, const struct window *w, uint64_t *below)
{
    const uint64_t *before = start_of(l, w->first_block) + l->n_cells,
                   *now = l->latest + l->n_cells;
    memset(below, 0, (CM_BUCKET_GROUPS + 1) * sizeof *below);
    for (size_t row = w->first_row; row <= w->last_row; row++)
        for (size_t g = 0, i = row * CM_BUCKET_GROUPS; g < CM_BUCKET_GROUPS; g++, i++)
            below[g + 1] += now[i] - before[i];
}

/* The first group that reaches the rank; beyond the last one nothing is added. */
static struct place find_group(const struct cm_bucket_tree *tree, const uint64_t *below,
                               double rank)
{
    uint64_t least = (uint64_t)(int64_t)rank;
    least += real(least) < rank;
    size_t g = 0;
    for (size_t i = 1; i < CM_BUCKET_GROUPS; i++)
        g += below[i] < least;
    return (struct place){tree->group[g], below[g], below[g + 1] - below[g]};
}

/* Down the tree to the bucket that the quantile falls into. */
static void descend(struct cm_ledger *l, const struct window *w, double rank, struct place *place)
{
    const struct cm_bucket_tree *tree = &l->histograms.tree;
    for (size_t i = w->first_block; i < l->n; i++)
        ready_block(l, i);
    while (tree->node[place->node].left > 0) {
        const struct cm_bucket_node *node = &tree->node[place->node];
        uint64_t left = count_node(l, w, node->left);
        bool above = (double)(place->below + left) < rank;
        place->below += above ? left : 0;
        place->here = above ? place->here - left : left;
        place->node = above ? node->right : node->left;
    }
}

static double find_quantile(struct cm_ledger *l, const struct window *w, double q)
{
    const struct cm_bucket_tree *tree = &l->histograms.tree;
    const struct cm_edges *edges = l->world->shapes.edges;
    uint64_t below[CM_BUCKET_GROUPS + 1];
    count_groups(l, w, below);
    if (below[CM_BUCKET_GROUPS] == 0)
        return NAN;
    double rank = q * real(below[CM_BUCKET_GROUPS]);
    struct place place = find_group(tree, below, rank);
    if (tree->node[place.node].left > 0)
        descend(l, w, rank, &place);
    return cm_bucket_place(edges->bound, edges->n, tree->node[place.node].low,
                           (rank - real(place.below)) / real(place.here));
}

/* The block within which something is answered just after `from`. */
static size_t first_block(struct cm_ledger *l, cm_time from)
{
    size_t i = find_block(l, from);
    return i + (l->blocks[slot(l, i)].until == from);
}

double cm_ledger_quantile(struct cm_ledger *l, cm_time from, size_t version, int class, double q)
{
    size_t i = first_block(l, from), first = class < 0 ? 0 : (size_t) class;
    if (l->whole || from > l->blocks[slot(l, i)].from) {
        uint64_t counts[CM_BUCKETS_MAX];
        cm_ledger_histogram(l, from, version, class, counts);
        return cm_histogram_quantile(q, l->world->shapes.edges, counts);
    }
    const struct window window = {
        .first_block = i,
        .first_row = version * l->n_classes + first,
        .last_row = version * l->n_classes + (class < 0 ? l->n_classes - 1 : first),
    };
    return find_quantile(l, &window, q);
}

struct cm_block_view cm_ledger_view(struct cm_ledger *l, cm_time at)
{
    size_t i = block_at(l, at + 1);
    const struct cm_block *block = &l->blocks[slot(l, i)];
    assert(at >= block->from && at < block->until);
    if (l->n_buckets > 0 && !block->filled)
        fill(l, i);
    return (struct cm_block_view){
        .until = block->until,
        .before = start_of(l, i),
        .after = start_of(l, i + 1),
        .buckets = l->buckets + slot(l, i) * cm_ledger_histogram_size(l),
    };
}

const struct cm_journal *cm_ledger_part(const struct cm_ledger *l, cm_time at)
{
    return l->journal ? count_part(l, block_at(l, at), at) : NULL;
}

bool cm_ledger_verify(const struct cm_ledger *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct cm_block *block = &l->blocks[slot(l, i)];
        if (block->until <= block->from ||
            (i > 0 && l->blocks[slot(l, i - 1)].until != block->from))
            return false;
        for (size_t c = 0; c < l->n_cells; c++)
            if (start_of(l, i + 1)[c] < start_of(l, i)[c])
                return false;
    }
    return true;
}
