/* Histograms: how long the answers of each block took, drawn where somebody looks.
 *
 * Of a version and class, the counts of a block are a tree (bucket_tree.h). Its groups are drawn
 * with the cells; below them a node's count is cut into those of its children as Binomial(count,
 * mean of left / mean of both), the chain rule of the multinomial. Each cut has a stream of its
 * own, named by block, row and node, and happens once: whoever looks sees the same numbers, in
 * whatever order the cuts were asked for, and none is drawn that nobody needs.
 *
 * A node is made of parts, as the means differ by outcome and tempo. Where the outcome tells
 * nothing of the latency the failures are put to the other answers and need no cuts of their own.
 */
#ifndef CM_HISTOGRAMS_H
#define CM_HISTOGRAMS_H

#include "sim/engine/means.h"

#define CM_NOT_DRAWN UINT64_MAX

/* A block of the ledger, in a slot of its ring. */
struct cm_answers {
    size_t slot;
    cm_time from, until;
    const uint64_t *before, *after; /* all counters at its beginning and end */
};

struct cm_histograms {
    struct cm_bucket_tree tree;
    struct cm_world *world; /* borrowed */
    size_t n_rows;          /* version x class */
    size_t n_parts;         /* of a node: outcome x tempo, without an objective outcome alone */
    uint64_t purpose;
    struct cm_rng root; /* of the replication: the streams of the cuts are branches of it */
    /* Of each slot; owned. */
    struct cm_course *course; /* each row */
    bool *open;               /* sums and parts hold; else they are those of the block before */
    uint64_t *sum;            /* of each row and node, from the groups down; CM_NOT_DRAWN */
    uint64_t *part;           /* of each row, node and part */
};

void cm_histograms_init(struct cm_histograms *h, struct cm_world *world);
void cm_histograms_release(struct cm_histograms *h);
void cm_histograms_begin(struct cm_histograms *h, uint64_t replication);
/* Of `room` slots, of which the contents of n, from `first` on, go to the front. */
void cm_histograms_grow(struct cm_histograms *h, size_t room, size_t first, size_t n);
/* Another block takes the slot, whose rows came about so. */
void cm_histograms_give(struct cm_histograms *h, size_t slot, const struct cm_course *courses);

/* Readies the block for cuts; most are never looked into. */
void cm_histograms_ready(struct cm_histograms *h, const struct cm_answers *block);

/* Cuts what the block has in a node; the node has to be drawn. */
void cm_histograms_cut(struct cm_histograms *h, const struct cm_answers *block, size_t row,
                       size_t node);
/* All buckets of a row. */
void cm_histograms_fill(struct cm_histograms *h, const struct cm_answers *block, size_t row,
                        uint64_t *buckets);

/* What a block has in a node, or CM_NOT_DRAWN. */
static inline const uint64_t *cm_histograms_sum(const struct cm_histograms *h, size_t slot,
                                                size_t row, size_t node)
{
    return h->sum + (slot * h->n_rows + row) * h->tree.n + node;
}

#endif
