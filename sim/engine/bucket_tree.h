/* A binary tree over the buckets of a histogram, in which few cuts find a quantile.
 *
 * A node is a range of buckets, its children are the two parts of it. Whoever knows how many
 * answers a node has, and how many of them its left child, needs nothing of the other side: a
 * quantile is found by the counts along one path. The tree is that of the best search for the
 * quantiles that people ask for (Knuth, The Art of Computer Programming 3, 6.2.2, by the rule of
 * weight balance), each where it is found among a thousand answers: near a bound, now on one side
 * of it and now on the other. It depends on the buckets and on the service's latency law, not on
 * who reads. */
#ifndef CM_BUCKET_TREE_H
#define CM_BUCKET_TREE_H

#include "sim/service/law.h"
#include "sim/telemetry/metric.h"

#define CM_BUCKETS_MAX      (CM_EDGES_MAX + 1)
#define CM_BUCKET_NODES_MAX (2 * CM_BUCKETS_MAX - 1)
#define CM_BUCKET_GROUPS    4

struct cm_bucket_node {
    uint8_t low, high;           /* buckets low .. high - 1 */
    uint8_t left, right, parent; /* nodes; left = 0: one bucket, no children */
};

/* Node 0 holds all buckets; parents come before their children. */
struct cm_bucket_tree {
    struct cm_bucket_node node[CM_BUCKET_NODES_MAX];
    size_t n;
    uint8_t leaf[CM_BUCKETS_MAX]; /* the node of each bucket */
    /* Of the first nodes, down to depth 2, those that hold all buckets, from left to right. */
    uint8_t group[CM_BUCKET_GROUPS];
    size_t n_groups, above; /* how many are first */
};

void cm_bucket_tree_init(struct cm_bucket_tree *tree, const struct cm_edges *edges,
                         const struct cm_law *law);

#endif
