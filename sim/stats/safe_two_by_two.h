/* A safe test of two shares, block by block.
 *
 * With error probabilities a for the control and b for the canary, and their mean t = (n0 a + n1 b)
 * / (n0 + n1), the e-value of a block is the likelihood of a and b over that of t in both arms. Its
 * mean is at most 1 whenever the arms are equally good, whatever the common probability is and
 * however it drifts from block to block; the product over blocks is an e-process. a and b are
 * either given or the means of beta(k, k) posteriors of the blocks before; one-sided, blocks are
 * passed over as long as b <= a.
 *
 * A block is fixed before its data are seen: a stratum is. Valid whatever the sizes, but with a
 * canary of 1 % it learns slowly. Source: Turner, Ly and Gruenwald (JSPI 2024), 2 and 3. */
#ifndef CM_SAFE_TWO_BY_TWO_H
#define CM_SAFE_TWO_BY_TWO_H

#include <stdbool.h>

#include "sim/stats/share_limit.h"

/* ln of the e-value of one block; a, b in (0, 1). */
double cm_safe_two_by_two_block(const struct cm_two_counts *block, double a, double b);

struct cm_safe_two_by_two {
    double prior; /* k > 0; 0.18 is good */
    bool one_sided;
    struct cm_two_counts seen;
    double log_e;
};
/* The next block. Start from {prior, one_sided}. */
void cm_safe_two_by_two_add(struct cm_safe_two_by_two *s, const struct cm_two_counts *block);

#endif
