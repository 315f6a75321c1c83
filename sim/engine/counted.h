/* Counted: what was answered in a window, from an instant to now.
 *
 * Where it begins at the beginning of a block it is a difference of counters, groups of buckets and
 * all; where it begins inside a block, the block is halved (ledger.h). */
#ifndef CM_COUNTED_H
#define CM_COUNTED_H

#include "sim/engine/ledger.h"

struct cm_counted {
    cm_time from;
    size_t first_class, last_class;
    size_t block; /* the first one */
    bool inside;  /* it begins inside of it */
    struct cm_counted_version {
        uint64_t n, x; /* all; failures among them */
        /* Below each group of buckets; after the last one, all. Not where the window begins inside
         * a block, or the flow draws all buckets. */
        uint64_t below[CM_BUCKET_GROUPS + 1];
    } of[CM_VERSIONS];
};

/* What was answered in (from, now], of one class or (-1) of all; valid until the next append. */
void cm_count_window(struct cm_ledger *l, cm_time from, int class, struct cm_counted *counted);
/* The q-quantile of a version's latency, as the histogram tells it; seconds, NAN if there is none.
 */
double cm_counted_quantile(struct cm_ledger *l, const struct cm_counted *counted, size_t version,
                           double q);

#endif
