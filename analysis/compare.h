/* Policies side by side: every other one of a study against a reference, pair by pair.
 *
 * Replication i meets the same release and the same traffic under every policy, so that differences
 * are taken row by row: their interval is Student's, of n paired differences, and narrower than
 * that of two independent means. Ratios of mean harm have the interval of a ratio of sums over
 * replications (sim/stats/interval.h). */
#ifndef CM_COMPARE_H
#define CM_COMPARE_H

#include "analysis/results.h"
#include "sim/base/table.h"
#include "sim/base/write.h"

struct cm_comparison {
    struct cm_table shares;   /* false rollbacks, detection: reference, policy, difference */
    struct cm_table amounts;  /* blast radius: reference, policy, difference, ratio */
    struct cm_buffer verdict; /* a sentence for each policy and bad release */
    bool fair; /* false rollbacks of all policies are alike: not provably more than a factor of 1.5
                  and half a point apart */
};

/* `reference` counts the study's policies. Release it. */
void cm_compare(struct cm_comparison *c, const struct cm_results *r, size_t reference);
void cm_compare_release(struct cm_comparison *c);

#endif
