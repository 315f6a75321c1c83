/* The root of a tree is what the ledger counted. */
#include "sim/engine/histograms.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"
#include "sim/engine/means.h"

void cm_histograms_init(struct cm_histograms *h, struct cm_world *world)
{
    *h = (struct cm_histograms){
        .world = world,
        .n_rows = world->n_versions * world->n_classes,
        .n_parts = isinf(world->shapes.slo) ? CM_OUTCOMES : CM_ROW_CELLS,
        .purpose = cm_rng_purpose("ledger.buckets"),
    };
    cm_bucket_tree_init(&h->tree, world->shapes.edges, &world->plan->scenario->service.latency);
}

void cm_histograms_release(struct cm_histograms *h)
{
    cm_free(h->state);
    cm_free(h->shape);
    cm_free(h->sum);
    cm_free(h->part);
    cm_free(h->given);
    cm_free(h->given_before);
    *h = (struct cm_histograms){0};
}

void cm_histograms_begin(struct cm_histograms *h, uint64_t replication)
{
    h->root = cm_rng_stream(h->world->plan->scenario->run.seed, replication, h->purpose, 0);
}

/* As much of each slot as `size` bytes. */
static void *move(void *old, size_t size, size_t room, const size_t from[2])
{
    char *new = cm_grow(NULL, room, size);
    for (size_t i = 0; i < from[1]; i++)
        memcpy(new + i *size, (char *)old + ((from[0] + i) & (room / 2 - 1)) * size, size);
    cm_free(old);
    return new;
}

void cm_histograms_grow(struct cm_histograms *h, size_t room, size_t first, size_t n)
{
    const size_t from[2] = {first, n}, nodes = h->n_rows * h->tree.n;
    h->state = move(h->state, sizeof *h->state, room, from);
    h->shape = move(h->shape, h->n_rows * sizeof *h->shape, room, from);
    h->sum = move(h->sum, nodes * sizeof *h->sum, room, from);
    h->part = move(h->part, nodes * h->n_parts * sizeof *h->part, room, from);
    h->given = move(h->given, h->n_rows * sizeof *h->given, room, from);
    h->given_before = move(h->given_before, h->n_rows * sizeof h->given_now[0], room, from);
}

void cm_histograms_clear(struct cm_histograms *h, size_t slot)
{
    h->state[slot] = CM_SLOT_EMPTY;
}

static uint64_t *sums(const struct cm_histograms *h, const struct cm_answers *block, size_t row)
{
    return h->sum + (block->slot * h->n_rows + row) * h->tree.n;
}

static uint64_t *parts(const struct cm_histograms *h, const struct cm_answers *block, size_t row,
                       size_t node)
{
    return h->part + ((block->slot * h->n_rows + row) * h->tree.n + node) * h->n_parts;
}

/* Where a part is among the cells of its row. */
static size_t cell_of(const struct cm_histograms *h, size_t part)
{
    return h->n_parts == CM_OUTCOMES ? part * CM_TEMPI : part;
}

/* Gives the failures of a root to the other answers of their tempo. */
static void merge(const struct cm_histograms *h, uint64_t *root)
{
    size_t tempi = h->n_parts / CM_OUTCOMES;
    for (size_t tempo = 0; tempo < tempi; tempo++) {
        root[tempo] += root[tempi + tempo];
        root[tempi + tempo] = 0;
    }
}

/* All answers of a row, from the ledger. */
static void take_root(struct cm_histograms *h, const struct cm_answers *block, size_t row)
{
    const struct cm_world *w = h->world;
    uint64_t *root = parts(h, block, row, 0), sum = 0;
    for (size_t k = 0; k < h->n_parts; k++) {
        size_t cell = row * CM_ROW_CELLS + cell_of(h, k);
        root[k] = block->after[cell] - block->before[cell];
        sum += root[k];
    }
    sums(h, block, row)[0] = sum;
    size_t shape = cm_steady_shape(w, row, block->from, block->until);
    h->shape[block->slot * h->n_rows + row] = shape;
    if (shape != CM_NO_SHAPE || !cm_outcome_tells(w, row, block->from, block->until))
        merge(h, root);
}

void cm_histograms_give(struct cm_histograms *h, size_t slot, const struct cm_grouped *rows)
{
    for (size_t row = 0, at = slot * h->n_rows; row < h->n_rows; row++, at++) {
        uint64_t *before = h->given_before + at * CM_BUCKET_GROUPS, *now = h->given_now[row];
        uint64_t sum = 0;
        h->given[at] = rows[row];
        for (size_t g = 0; g < CM_BUCKET_GROUPS; g++) {
            sum += rows[row].count[g] + rows[row].count[CM_BUCKET_GROUPS + g];
            before[g] = now[g];
            now[g] += sum;
        }
    }
    h->state[slot] = CM_SLOT_GIVEN;
}

/* What was given of a group: failures have been put to the other answers of their tempo. */
static void take_group(struct cm_histograms *h, const struct cm_answers *block, size_t row,
                       size_t group)
{
    const struct cm_grouped *given = &h->given[block->slot * h->n_rows + row];
    size_t node = h->tree.group[group];
    uint64_t *part = parts(h, block, row, node);
    memset(part, 0, h->n_parts * sizeof *part);
    /* Without an objective nothing is slow, and the second part are failures. */
    part[CM_IN_TIME] = given->count[group];
    part[CM_SLOW] = given->count[CM_BUCKET_GROUPS + group];
    sums(h, block, row)[node] = part[CM_IN_TIME] + part[CM_SLOW];
}

/* The nodes that groups are cut from need no parts: nobody cuts them again. */
static void take_given(struct cm_histograms *h, const struct cm_answers *block, size_t row)
{
    const struct cm_bucket_tree *tree = &h->tree;
    uint64_t *sum = sums(h, block, row);
    h->shape[block->slot * h->n_rows + row] = h->given[block->slot * h->n_rows + row].shape;
    for (size_t g = 0; g < tree->n_groups; g++)
        take_group(h, block, row, g);
    for (size_t i = tree->above; i-- > 0;)
        if (sum[i] == CM_NOT_DRAWN)
            sum[i] = sum[tree->node[i].left] + sum[tree->node[i].right];
}

void cm_histograms_ready(struct cm_histograms *h, size_t slot)
{
    const struct cm_answers block = {.slot = slot};
    size_t nodes = h->n_rows * h->tree.n;
    memset(h->sum + slot * nodes, 0xff, nodes * sizeof *h->sum); /* CM_NOT_DRAWN */
    for (size_t row = 0; row < h->n_rows && h->state[slot] == CM_SLOT_GIVEN; row++)
        take_given(h, &block, row);
    h->state[slot] = CM_SLOT_OPEN;
}

static struct cm_rng stream_of(const struct cm_histograms *h, const struct cm_answers *block,
                               size_t row, size_t node)
{
    uint64_t name = cm_rng_mix2((uint64_t)block->from, (uint64_t)block->until);
    return cm_rng_branch(&h->root, cm_rng_mix2(name, row * CM_BUCKET_NODES_MAX + node));
}

static double share_of(double left, double right)
{
    return right > 0 ? left / (left + right) : left > 0;
}

/* Which share of each part of a node falls into the left child, by the path of the world. */
static void left_shares_by_world(const struct cm_histograms *h, const struct cm_answers *block,
                                 struct cm_children *children, double *share)
{
    const cm_time window[2] = {block->from, block->until};
    size_t tempi = h->n_parts / CM_OUTCOMES;
    for (size_t tempo = 0; tempo < tempi; tempo++) {
        double means[CM_OUTCOMES][2];
        children->tempo = (enum cm_tempo)tempo;
        cm_means_of_children(h->world, children, window, means);
        for (size_t o = 0; o < CM_OUTCOMES; o++)
            share[o * tempi + tempo] = share_of(means[o][0], means[o][1]);
    }
}

/* The same; where all that is answered has one shape, by that. */
static void left_shares(const struct cm_histograms *h, const struct cm_answers *block,
                        struct cm_children *children, double *share)
{
    const struct cm_bucket_node *n = &h->tree.node[children->node];
    size_t tempi = h->n_parts / CM_OUTCOMES;
    size_t shape = h->shape[block->slot * h->n_rows + children->row];
    if (shape == CM_NO_SHAPE) {
        left_shares_by_world(h, block, children, share);
        return;
    }
    for (size_t tempo = 0; tempo < tempi; tempo++) {
        const struct cm_band *range =
            cm_shapes_ranges(&h->world->shapes, &h->tree, shape, (enum cm_tempo)tempo);
        share[tempo] = share[tempi + tempo] = share_of(range[n->left].p, range[n->right].p);
    }
}

void cm_histograms_cut(struct cm_histograms *h, const struct cm_answers *block, size_t row,
                       size_t node)
{
    const struct cm_bucket_node *n = &h->tree.node[node];
    uint64_t *sum = sums(h, block, row);
    assert(n->left > 0 && h->state[block->slot] == CM_SLOT_OPEN);
    if (node == 0 && sum[0] == CM_NOT_DRAWN)
        take_root(h, block, row);
    assert(sum[node] != CM_NOT_DRAWN);
    uint64_t *root = parts(h, block, row, 0);
    const uint64_t *whole = root + node * h->n_parts;
    uint64_t *left = root + n->left * h->n_parts, *right = root + n->right * h->n_parts;
    struct cm_rng rng = stream_of(h, block, row, node);
    double share[CM_ROW_CELLS] = {0};
    left_shares(h, block, &(struct cm_children){.tree = &h->tree, .row = row, .node = node}, share);
    sum[n->left] = 0;
    for (size_t k = 0; k < h->n_parts; k++) {
        left[k] = whole[k] > 0 ? cm_draw_binomial(&rng, whole[k], share[k]) : 0;
        right[k] = whole[k] - left[k];
        sum[n->left] += left[k];
    }
    sum[n->right] = sum[node] - sum[n->left];
}

void cm_histograms_fill(struct cm_histograms *h, const struct cm_answers *block, size_t row,
                        uint64_t *buckets)
{
    const uint64_t *sum = sums(h, block, row);
    cm_histograms_open(h, block->slot);
    if (sum[0] == CM_NOT_DRAWN)
        take_root(h, block, row);
    for (size_t i = 1; i < h->tree.n; i++)
        if (sum[i] == CM_NOT_DRAWN)
            cm_histograms_cut(h, block, row, h->tree.node[i].parent);
    for (size_t b = 0; b <= h->world->shapes.edges->n; b++)
        buckets[b] = sum[h->tree.leaf[b]];
}
