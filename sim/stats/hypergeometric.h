/* The upper tail of the hypergeometric law, at the sizes that rollouts have (10^9 requests).
 *
 * X bad requests fell on n0 + n1; if both arms are equally bad, the number of them that fell on the
 * n1 of the canary has P(k) = C(n1, k) C(n0, X - k) / C(n0 + n1, X). */
#ifndef CM_HYPERGEOMETRIC_H
#define CM_HYPERGEOMETRIC_H

#include "sim/stats/share_limit.h"

struct cm_tail {
    double above, at; /* P(K > x1), P(K = x1) */
};

/* Every x at most its n; relative error about 1e-12. */
struct cm_tail cm_hypergeometric_tail(const struct cm_two_counts *c);

/* The probability of all tables that are at most as probable as this one. 1 where only one table is
 * possible. */
double cm_hypergeometric_two_sided(const struct cm_two_counts *c);

#endif
