/* What the next requests will bring: the beta-binomial law.
 *
 * With Beta(a, b) for the error ratio, K of the next m requests are bad; given the ratio K is
 * binomial. K >= k iff the k-th smallest of m uniform numbers, which is Beta(k, m - k + 1), lies
 * below the ratio: one comparison of two beta laws. */
#ifndef CM_BETA_BINOMIAL_H
#define CM_BETA_BINOMIAL_H

#include <stdint.h>

#include "sim/stats/beta_compare.h"

/* P(K >= k). NAN for impossible parameters. */
double cm_beta_binomial_at_least(const struct cm_beta *beta, uint64_t m, uint64_t k);

#endif
