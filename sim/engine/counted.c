/* A quantile is found by the groups of buckets; below them, along one path of the trees. */
#include "sim/engine/counted.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/stats/bucket_quantile.h"

static void ready_block(struct cm_ledger *l, size_t i)
{
    if (l->histograms.open[cm_ledger_slot(l, i)])
        return;
    const struct cm_answers answers = cm_ledger_answers(l, i);
    cm_histograms_ready(&l->histograms, &answers);
}

static void cut_parent(struct cm_ledger *l, size_t i, size_t row, size_t node)
{
    const struct cm_answers answers = cm_ledger_answers(l, i);
    cm_histograms_cut(&l->histograms, &answers, row, l->histograms.tree.node[node].parent);
}

/* What a window has in a node of one row whose parent was looked at before. The ring is walked in
 * slots: up to its end, and from its beginning on. */
static uint64_t count_row(struct cm_ledger *l, size_t first_block, size_t row, size_t node)
{
    const struct cm_histograms *h = &l->histograms;
    size_t stride = h->n_rows * h->tree.n;
    const uint64_t *sum = cm_histograms_sum(h, cm_ledger_slot(l, first_block), row, node);
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

static uint64_t count_node(struct cm_ledger *l, const struct cm_counted *w, size_t version,
                           size_t node)
{
    uint64_t count = 0;
    size_t row = version * l->n_classes;
    for (size_t class = w->first_class; class <= w->last_class; class ++)
        count += count_row(l, w->block, row + class, node);
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

/* Down the tree to the bucket that the quantile of a version falls into. */
static void descend(struct cm_ledger *l, const struct cm_counted *w, size_t version, double rank,
                    struct place *place)
{
    const struct cm_bucket_tree *tree = &l->histograms.tree;
    for (size_t i = w->block; i < l->n; i++)
        ready_block(l, i);
    while (tree->node[place->node].left > 0) {
        const struct cm_bucket_node *node = &tree->node[place->node];
        uint64_t left = count_node(l, w, version, node->left);
        bool above = (double)(place->below + left) < rank;
        place->below += above ? left : 0;
        place->here = above ? place->here - left : left;
        place->node = above ? node->right : node->left;
    }
}

static double find_quantile(struct cm_ledger *l, const struct cm_counted *w, size_t version,
                            double q)
{
    const struct cm_bucket_tree *tree = &l->histograms.tree;
    const struct cm_edges *edges = l->world->shapes.edges;
    const struct cm_counted_version *counted = &w->of[version];
    double rank = q * real(counted->n);
    if (counted->n == 0)
        return NAN;
    struct place place = find_group(tree, counted->below, rank);
    if (tree->node[place.node].left > 0)
        descend(l, w, version, rank, &place);
    return cm_bucket_place(edges->bound, edges->n, tree->node[place.node].low,
                           (rank - real(place.below)) / real(place.here));
}

double cm_counted_quantile(struct cm_ledger *l, const struct cm_counted *w, size_t version,
                           double q)
{
    if (!l->whole && !w->inside)
        return find_quantile(l, w, version, q);
    uint64_t counts[CM_BUCKETS_MAX];
    int class = w->first_class == w->last_class ? (int)w->first_class : -1;
    cm_ledger_histogram(l, w->from, version, class, counts);
    return cm_histogram_quantile(q, l->world->shapes.edges, counts);
}

/* Adds what came to each group in the cells of a row, which are `step` apart; returns how many of
 * it failed. */
static uint64_t add_row(const uint64_t *before, const uint64_t *now, size_t step,
                        uint64_t in_group[CM_BUCKET_GROUPS])
{
    const size_t failures = CM_TEMPI * CM_BUCKET_GROUPS;
    uint64_t x = 0;
    for (size_t cell = 0; cell < failures; cell += step)
        for (size_t i = cell, g = 0; g < CM_BUCKET_GROUPS; i++, g++) {
            uint64_t failed = now[failures + i] - before[failures + i];
            in_group[g] += now[i] - before[i] + failed;
            x += failed;
        }
    return x;
}

/* What a version has answered from the beginning of a block on. Where one tempo alone is counted
 * the cells of the other are 0 for ever. */
static void count_blocks(const struct cm_ledger *l, const struct cm_counted *w, size_t version,
                         struct cm_counted_version *counted)
{
    const uint64_t *before = cm_ledger_start(l, w->block), *now = l->latest;
    uint64_t in_group[CM_BUCKET_GROUPS] = {0}, x = 0, n = 0;
    size_t step = CM_BUCKET_GROUPS * (l->histograms.n_parts == CM_OUTCOMES ? CM_TEMPI : 1);
    size_t row = version * l->n_classes, last = row + w->last_class;
    for (row += w->first_class; row <= last; row++)
        x += add_row(before + row * CM_ROW_COUNTERS, now + row * CM_ROW_COUNTERS, step, in_group);
    for (size_t g = 0; g < CM_BUCKET_GROUPS; g++) {
        counted->below[g] = n;
        n += in_group[g];
    }
    counted->n = counted->below[CM_BUCKET_GROUPS] = n;
    counted->x = x;
}

/* The same from an instant inside a block on, of which the cells are known. */
static void count_cells(const struct cm_ledger *l, const struct cm_counted *w, size_t version,
                        const uint64_t *cells, struct cm_counted_version *counted)
{
    uint64_t of_outcome[CM_OUTCOMES] = {0};
    for (size_t class = w->first_class; class <= w->last_class; class ++)
        for (size_t k = 0; k < CM_ROW_CELLS; k++) {
            size_t cell = (version * l->n_classes + class) * CM_ROW_CELLS + k;
            of_outcome[k / CM_TEMPI] += cm_cell_total(l->latest, cell) - cells[cell];
        }
    counted->x = of_outcome[CM_ERROR_ANSWER];
    counted->n = of_outcome[CM_OK] + counted->x;
}

void cm_count_window(struct cm_ledger *l, cm_time from, int class, struct cm_counted *w)
{
    uint64_t cells[CM_CELLS_MAX];
    size_t i = cm_ledger_find(l, from);
    const struct cm_block *block = &l->blocks[cm_ledger_slot(l, i)];
    w->block = i + (block->until == from);
    w->inside = from > block->from && from < block->until;
    w->from = from;
    w->first_class = class < 0 ? 0 : (size_t) class;
    w->last_class = class < 0 ? l->n_classes - 1 : (size_t) class;
    if (w->inside)
        cm_ledger_read(l, from, cells);
    for (size_t version = 0, n = l->world->n_versions; version < n; version++)
        if (w->inside)
            count_cells(l, w, version, cells, &w->of[version]);
        else
            count_blocks(l, w, version, &w->of[version]);
}
