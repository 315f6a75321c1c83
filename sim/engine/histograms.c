/* A tree is empty above its groups. */
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
    cm_free(h->course);
    cm_free(h->open);
    cm_free(h->sum);
    cm_free(h->part);
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
    h->course = move(h->course, h->n_rows * sizeof *h->course, room, from);
    h->open = move(h->open, sizeof *h->open, room, from);
    h->sum = move(h->sum, nodes * sizeof *h->sum, room, from);
    h->part = move(h->part, nodes * h->n_parts * sizeof *h->part, room, from);
}

void cm_histograms_give(struct cm_histograms *h, size_t slot, const struct cm_course *courses)
{
    struct cm_course *course = h->course + slot * h->n_rows;
    for (size_t row = 0, n = h->n_rows; row < n; row++)
        course[row] = courses[row];
    h->open[slot] = false;
}

static const struct cm_course *course_of(const struct cm_histograms *h,
                                         const struct cm_answers *block, size_t row)
{
    return &h->course[block->slot * h->n_rows + row];
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

/* Gives the failures of a node to the other answers of their tempo. */
static void merge(const struct cm_histograms *h, uint64_t *part)
{
    size_t tempi = h->n_parts / CM_OUTCOMES;
    for (size_t tempo = 0; tempo < tempi; tempo++) {
        part[tempo] += part[tempi + tempo];
        part[tempi + tempo] = 0;
    }
}

static void take_group(struct cm_histograms *h, const struct cm_answers *block, size_t row,
                       size_t group)
{
    size_t node = h->tree.group[group];
    uint64_t *part = parts(h, block, row, node), sum = 0;
    for (size_t k = 0; k < h->n_parts; k++) {
        size_t i = (row * CM_ROW_CELLS + cell_of(h, k)) * CM_BUCKET_GROUPS + group;
        part[k] = block->after[i] - block->before[i];
        sum += part[k];
    }
    sums(h, block, row)[node] = sum;
    if (!course_of(h, block, row)->tells)
        merge(h, part);
}

static void take_row(struct cm_histograms *h, const struct cm_answers *block, size_t row)
{
    for (size_t g = 0; g < h->tree.n_groups; g++)
        take_group(h, block, row, g);
}

void cm_histograms_ready(struct cm_histograms *h, const struct cm_answers *block)
{
    if (h->open[block->slot])
        return;
    memset(sums(h, block, 0), 0xff, h->n_rows * h->tree.n * sizeof *h->sum); /* CM_NOT_DRAWN */
    for (size_t row = 0; row < h->n_rows; row++)
        take_row(h, block, row);
    h->open[block->slot] = true;
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

/* Which share of each part of a node falls into the left child, by the path of the world. Where the
 * outcome tells nothing the other answers hold the failures, too (`merge`): if there are only
 * failures, their means are the ones that count. */
static void left_shares_by_world(const struct cm_histograms *h, const struct cm_answers *block,
                                 struct cm_children *children, double *share)
{
    const cm_time window[2] = {block->from, block->until};
    size_t tempi = h->n_parts / CM_OUTCOMES;
    for (size_t tempo = 0; tempo < tempi; tempo++) {
        double means[CM_OUTCOMES][2];
        children->tempo = (enum cm_tempo)tempo;
        cm_means_of_children(h->world, children, window, means);
        for (size_t o = 0; o < CM_OUTCOMES; o++) {
            const double *mean = means[o][0] + means[o][1] > 0 ? means[o] : means[CM_OUTCOMES - 1];
            share[o * tempi + tempo] = share_of(mean[0], mean[1]);
        }
    }
}

/* The same; where the row's answers came about simply, without a look at the world. */
static void left_shares(const struct cm_histograms *h, const struct cm_answers *block,
                        struct cm_children *children, double *share)
{
    const struct cm_bucket_node *n = &h->tree.node[children->node];
    const struct cm_course *course = course_of(h, block, children->row);
    size_t tempi = h->n_parts / CM_OUTCOMES;
    if (course->shape == CM_NO_SHAPE) {
        left_shares_by_world(h, block, children, share);
        return;
    }
    for (size_t tempo = 0; tempo < tempi; tempo++) {
        const struct cm_band *range =
            cm_shapes_ranges(&h->world->shapes, &h->tree, course->shape, (enum cm_tempo)tempo);
        for (size_t o = 0; o < CM_OUTCOMES; o++)
            share[o * tempi + tempo] = share_of(cm_course_mean(course, o, &range[n->left]),
                                                cm_course_mean(course, o, &range[n->right]));
    }
}

void cm_histograms_cut(struct cm_histograms *h, const struct cm_answers *block, size_t row,
                       size_t node)
{
    const struct cm_bucket_node *n = &h->tree.node[node];
    uint64_t *sum = sums(h, block, row);
    assert(n->left > 0 && h->open[block->slot] && sum[node] != CM_NOT_DRAWN);
    const uint64_t *whole = parts(h, block, row, node);
    uint64_t *left = parts(h, block, row, n->left), *right = parts(h, block, row, n->right);
    struct cm_rng rng = stream_of(h, block, row, node);
    double share[CM_ROW_CELLS] = {0};
    if (sum[node] > 0)
        left_shares(h, block, &(struct cm_children){&h->tree, row, node, 0}, share);
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
    cm_histograms_ready(h, block);
    for (size_t i = h->tree.above; i < h->tree.n; i++)
        if (sum[i] == CM_NOT_DRAWN)
            cm_histograms_cut(h, block, row, h->tree.node[i].parent);
    for (size_t b = 0; b <= h->world->shapes.edges->n; b++)
        buckets[b] = sum[h->tree.leaf[b]];
}
