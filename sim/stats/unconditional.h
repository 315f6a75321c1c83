/* Unconditional exact tests of two shares: Barnard's (1945) and Boschloo's (1970).
 *
 * p = sup over pi of P(the table is as extreme as this one | both arms err with pi), where extreme
 * is told by the pooled z (Barnard) or by the p of Fisher's test (Boschloo; never above Fisher's
 * p). More powerful than Fisher's test in small samples, because only the requests are taken as
 * given, not the errors. Costs milliseconds: for arms of at most CM_UNCONDITIONAL_MAX requests; NAN
 * for larger ones, 1 for an empty arm. */
#ifndef CM_UNCONDITIONAL_H
#define CM_UNCONDITIONAL_H

#include "sim/stats/alternative.h"
#include "sim/stats/share_limit.h"

#define CM_UNCONDITIONAL_MAX 500

/* Two-sided: by |z|. */
double cm_unconditional_barnard(const struct cm_two_counts *c, enum cm_alternative alternative);

/* Two-sided: twice the smaller of the one-sided p, at most 1. */
double cm_unconditional_boschloo(const struct cm_two_counts *c, enum cm_alternative alternative);

#endif
