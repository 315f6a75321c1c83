/* Each node is cut where the weights of its two sides differ least. */
#include "sim/engine/bucket_tree.h"

#include <math.h>

/* Quantiles, and how much more often they are asked for than the buckets that hold none. */
static const struct {
    double q, weight;
} asked[] = {{0.5, 2}, {0.9, 2}, {0.95, 4}, {0.99, 3}, {0.999, 1}};

#define WEIGHT_OF_ANY 0.05

/* Weights of the buckets before each: those of low .. high - 1 add up to a difference. */
static void add_up(double *before, const struct cm_edges *edges, const struct cm_law *law)
{
    double weight[CM_BUCKETS_MAX];
    for (size_t b = 0; b <= edges->n; b++)
        weight[b] = WEIGHT_OF_ANY;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        size_t b = 0;
        while (b < edges->n && cm_law_cdf(law, edges->bound[b]) < asked[i].q)
            b++;
        weight[b] += asked[i].weight;
    }
    before[0] = 0;
    for (size_t b = 0; b <= edges->n; b++)
        before[b + 1] = before[b] + weight[b];
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

static void name_groups(struct cm_bucket_tree *tree)
{
    const struct cm_bucket_node *root = &tree->node[0];
    if (tree->n < 2 * CM_BUCKET_GROUPS - 1)
        return;
    bool left = tree->node[root->left].left > 0;
    tree->cut = left ? root->left : root->right;
    tree->group[0] = tree->node[tree->cut].left;
    tree->group[1] = tree->node[tree->cut].right;
    tree->group[2] = left ? root->right : root->left;
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
