/* A cursor: what one version answered between instants that ascend.
 *
 * For somebody who reads many instants of a block in order. What is left of a block's count n after
 * `at` is cut at the next instant as Binomial(n, mean(at, next] / mean(at, end of block]): the
 * instants of answers, given their number, are independent. Counts agree with the ledger's at the
 * ends of blocks; inside, they are drawn for this reader alone, who moves nobody's numbers. With a
 * journal they are counted. */
#ifndef CM_CURSOR_H
#define CM_CURSOR_H

#include "sim/engine/ledger.h"

struct cm_cursor {
    struct cm_ledger *ledger; /* borrowed */
    size_t version;
    uint64_t purpose;
    cm_time at, until; /* `until` ends the block that holds `at`; equal: between two blocks */
    size_t n_cells, n_counters; /* of the version: class x outcome x tempo, then class x bucket */
    uint64_t *left;             /* owned; of the block, after `at` */
    double *mean;               /* owned; theirs; NAN = not worked out */
    uint64_t *passed;           /* owned; counted by the last move */
};

void cm_cursor_init(struct cm_cursor *c, struct cm_ledger *ledger, size_t version);
void cm_cursor_release(struct cm_cursor *c);
/* To the beginning of what the ledger keeps. */
void cm_cursor_begin(struct cm_cursor *c);
/* To an instant that is not before c->at and not after the ledger's now. */
void cm_cursor_move(struct cm_cursor *c, cm_time to);

#endif
