/* Marks: all that counters need to know of one answer, as one small number.
 *
 *     mark = ((fate x classes + class) x 9 + 3 outcome + tempo) x buckets + bucket
 *
 * Outcome and tempo each have three values here: as it should be, bad, bad by the defect's doing.
 * Answering a request is then one increment; what a block came to is folded into cells, latency
 * buckets and harm once. */
#ifndef CM_MARK_H
#define CM_MARK_H

#include "sim/engine/ledger.h"
#include "sim/engine/outcome.h"

enum cm_fate { CM_OF_STABLE, CM_OF_CANARY, CM_OF_CANARY_EXPOSED, CM_OF_BASELINE, CM_FATES };
enum cm_doing { CM_FINE, CM_BAD, CM_BAD_BY_DEFECT, CM_DOINGS };

/* They fit into CM_ENTRY_MARK_BITS: 4 fates x 16 classes x 9 x 65 buckets are fewer than 2^16. */

struct cm_marks {
    size_t n_classes, n_buckets; /* at least 1 bucket: nobody reads latency */
    size_t n_fates;              /* the last one only where a baseline serves */
};

static inline size_t cm_marks_count(const struct cm_marks *m)
{
    return m->n_fates * m->n_classes * CM_DOINGS * CM_DOINGS * m->n_buckets;
}

/* The first mark of a class that meets this fate; add to it outcome, tempo and bucket. */
static inline size_t cm_mark_first(const struct cm_marks *m, enum cm_fate fate, size_t class)
{
    return (fate * m->n_classes + class) * CM_DOINGS * CM_DOINGS * m->n_buckets;
}

static inline size_t cm_fate_version(size_t fate)
{
    return fate == CM_OF_STABLE ? CM_STABLE : fate == CM_OF_BASELINE ? CM_BASELINE : CM_CANARY;
}

/* The version that gave an answer with this mark. */
static inline size_t cm_mark_version(const struct cm_marks *m, size_t mark)
{
    return mark < cm_mark_first(m, CM_OF_CANARY, 0)     ? CM_STABLE
           : mark < cm_mark_first(m, CM_OF_BASELINE, 0) ? CM_CANARY
                                                        : CM_BASELINE;
}

/* Where counts by mark are added up; any of the three may be NULL. */
struct cm_tally {
    uint64_t *cells;
    uint64_t *buckets; /* version x class x bucket */
    struct cm_harm *harm;
};
void cm_marks_fold(const struct cm_marks *m, const uint64_t *counts, const struct cm_tally *into);

#endif
