/* Each node is cut where the weights of its two sides differ least. */
#include "sim/engine/bucket_tree.h"

#include <math.h>

/* Quantiles, and how much more often they are asked for than the buckets that hold none. */
static const struct {
    double q, weight;
} asked[] = {{0.5, 2}, {0.9, 2}, {0.95, 4}, {0.99, 3}, {0.999, 1}};

#define WEIGHT_OF_ANY 0.05

/* How often the quantile of ANSWERS is found up to where the law has `p`, by the normal law: its
 * share of the answers has a standard deviation of sqrt(q (1 - q) / ANSWERS). */
#define ANSWERS 300.0
static double found_below(double p, double q)
{
    return p < 1 ? erfc((q - p) / sqrt(2 * q * (1 - q) / ANSWERS)) / 2 : 1;
}

/* Weights of the buckets before each: those of low .. high - 1 add up to a difference. */
static void add_up(double *before, const struct cm_edges *edges, const struct cm_law *law)
{
    before[0] = 0;
    for (size_t b = 0; b <= edges->n; b++) {
        double p = b < edges->n ? cm_law_cdf(law, edges->bound[b]) : 1;
        before[b + 1] = (double)(b + 1) * WEIGHT_OF_ANY;
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
            before[b + 1] += asked[i].weight * found_below(p, asked[i].q);
    }
}

static uint8_t best_cut(const double *before, const struct cm_bucket_node *node)
{
    uint8_t best = (uint8_t)(node->low + 1);
    double least = INFINITY;
    for (size_t cut = best; cut < node->high; cut++) {
        double left = before[cut] - before[node->low], right = before[node->high] - before[cut];
        if (fabs(left - right) < least) {
            least = fabs(left - right);
            best = (uint8_t)cut;
        }
    }
    return best;
}

static uint8_t add_child(struct cm_bucket_tree *tree, size_t parent, uint8_t low, uint8_t high)
{
    tree->node[tree->n] =
        (struct cm_bucket_node){.low = low, .high = high, .parent = (uint8_t)parent};
    return (uint8_t)tree->n++;
}

/* The last of those down to depth 2 that hold this bucket. */
static uint8_t group_of(const struct cm_bucket_tree *tree, uint8_t bucket)
{
    uint8_t node = 0;
    for (int depth = 0; depth < 2 && tree->node[node].left > 0; depth++) {
        const struct cm_bucket_node *left = &tree->node[tree->node[node].left];
        node = bucket < left->high ? tree->node[node].left : tree->node[node].right;
    }
    return node;
}

static void name_groups(struct cm_bucket_tree *tree)
{
    for (uint8_t bucket = 0; bucket < tree->node[0].high;) {
        uint8_t node = group_of(tree, bucket);
        tree->group[tree->n_groups++] = node;
        tree->above = node >= tree->above ? node + 1u : tree->above;
        bucket = tree->node[node].high;
    }
}

void cm_bucket_tree_init(struct cm_bucket_tree *tree, const struct cm_edges *edges,
                         const struct cm_law *law)
{
    double before[CM_BUCKETS_MAX + 1];
    add_up(before, edges, law);
    *tree = (struct cm_bucket_tree){.n = 1};
    tree->node[0].high = (uint8_t)(edges->n + 1);
    for (size_t i = 0; i < tree->n; i++) {
        struct cm_bucket_node *node = &tree->node[i];
        if (node->low + 1 == node->high) {
            tree->leaf[node->low] = (uint8_t)i;
            continue;
        }
        uint8_t cut = best_cut(before, node);
        node->left = add_child(tree, i, node->low, cut);
        node->right = add_child(tree, i, cut, node->high);
    }
    name_groups(tree);
}
