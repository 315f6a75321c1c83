/* By how much is the canary slower? The shift that rank tests estimate.
 *
 * Estimate: the median of all differences canary - control (Hodges and Lehmann 1963). Interval: the
 * shifts that the test of Mann and Whitney does not reject, with a continuity correction of 1/2 (as
 * Kayenta's judge and R's wilcox.test with exact = FALSE). Values have one unit, the shift has it
 * too. NAN for an arm without values, or with any that is not finite. */
#ifndef CM_SHIFT_H
#define CM_SHIFT_H

#include "sim/stats/interval.h"
#include "sim/stats/values.h"

/* Exact, without listing the differences. */
double cm_shift_hodges_lehmann(const struct cm_values *control, const struct cm_values *canary);

/* z as a function of the shift is a staircase; the limits are where it crosses the normal
 * quantiles, to within `tolerance`. The estimate is where the uncorrected z is 0: between two
 * middle differences that is a stretch, of which Brent's method finds some point, R's the same one.
 */
struct cm_shift_limits {
    double estimate;
    struct cm_interval limits;
};
struct cm_shift_limits cm_shift_interval(const struct cm_values *control,
                                         const struct cm_values *canary, double level,
                                         double tolerance);

#endif
