/* The tree of a histogram's buckets: every bucket is one leaf, and what people ask for is near. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "sim/engine/bucket_tree.h"
#include "tests/stat/scenario_text.h"

/* `buckets` of a service with this latency. */
static void open_tree(struct cm_bucket_tree *tree, const char *buckets)
{
    struct cm_scenario scenario = {0};
    char text[512];
    snprintf(text, sizeof text,
             "[service]\nlatency = lognormal(median=80ms, sigma=0.6)\n[telemetry]\nbuckets = %s\n"
             "[metric.m]\nsignal = latency_quantile\n[policy.p]\nsteps = 50%%/1m\n",
             buckets);
    load_text(&scenario, text, NULL);
    cm_bucket_tree_init(tree, &scenario.telemetry.buckets, &scenario.service.latency);
    cm_scenario_release(&scenario);
}

static size_t depth_of(const struct cm_bucket_tree *tree, size_t node)
{
    size_t depth = 0;
    for (; node > 0; node = tree->node[node].parent)
        depth++;
    return depth;
}

static const char many[] = "10ms, 13ms, 17ms, 22ms, 28ms, 36ms, 47ms, 60ms, 78ms, 101ms, 130ms, "
                           "169ms, 218ms, 282ms, 365ms, 472ms, 610ms, 789ms, 1020ms";

Test(bucket_tree, children_cut_their_parent_in_two)
{
    struct cm_bucket_tree tree;
    open_tree(&tree, many);
    cr_assert_eq(tree.n, 2 * 20 - 1);
    for (size_t i = 0; i < tree.n; i++) {
        const struct cm_bucket_node *n = &tree.node[i];
        if (n->left == 0) {
            cr_expect_eq(n->low + 1, n->high);
            cr_expect_eq(tree.leaf[n->low], i);
            continue;
        }
        cr_assert(n->left > i && n->right > i);
        cr_expect_eq(tree.node[n->left].low, n->low);
        cr_expect_eq(tree.node[n->left].high, tree.node[n->right].low);
        cr_expect_eq(tree.node[n->right].high, n->high);
        cr_expect(tree.node[n->left].parent == i && tree.node[n->right].parent == i);
    }
}

/* P95 = 80 ms exp(0.6 x 1.645) = 215 ms, in the bucket up to 218 ms; a balanced tree needs 4 or 5.
 */
Test(bucket_tree, two_cuts_find_the_bucket_of_p95)
{
    struct cm_bucket_tree tree;
    open_tree(&tree, many);
    cr_expect_leq(depth_of(&tree, tree.leaf[12]), 2);
}

/* 218 ms is at 95.3 %: among some hundred answers p95 is now below it and now above. */
Test(bucket_tree, a_quantile_near_a_bound_has_the_buckets_on_both_sides_among_the_groups)
{
    struct cm_bucket_tree tree;
    open_tree(&tree, many);
    bool below = false, above = false;
    for (size_t g = 0; g < tree.n_groups; g++) {
        below |= tree.group[g] == tree.leaf[12];
        above |= tree.group[g] == tree.leaf[13];
    }
    cr_expect(below && above);
}

Test(bucket_tree, groups_hold_every_bucket_once_from_left_to_right)
{
    static const char *const buckets[] = {"1s", "100ms, 1s", "50ms, 80ms, 1s", many};
    for (size_t i = 0; i < sizeof buckets / sizeof *buckets; i++) {
        struct cm_bucket_tree tree;
        open_tree(&tree, buckets[i]);
        size_t low = 0;
        for (size_t g = 0; g < tree.n_groups; g++) {
            const struct cm_bucket_node *node = &tree.node[tree.group[g]];
            cr_expect_eq(node->low, low);
            cr_expect(tree.group[g] < tree.above);
            low = node->high;
        }
        cr_expect_eq(low, tree.node[0].high);
        cr_expect(tree.n_groups <= CM_BUCKET_GROUPS);
    }
}

Test(bucket_tree, one_bound_makes_two_buckets)
{
    struct cm_bucket_tree tree;
    open_tree(&tree, "1s");
    cr_expect_eq(tree.n, 3);
    cr_expect(tree.leaf[0] == 1 && tree.leaf[1] == 2);
}
