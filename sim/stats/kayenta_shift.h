/* By how much the canary's values are above the control's, in the eyes of Kayenta's judge.
 *
 * The interval inverts the test of Mann and Whitney in its normal approximation, whatever n: with
 * R the rank sum of the canary's values less mu, average ranks for ties t,
 *
 *     dz = R - m (m + 1) / 2 - m n / 2,   c = sign(dz) / 2
 *     s^2 = m n / 12 (m + n + 1 - sum (t^3 - t) / ((m + n) (m + n - 1)))
 *     f(mu, q) = (dz - c) / s - q
 *
 * and its ends are where f(mu, -+z) = 0, or the outermost differences where there is no such mu.
 * The estimate solves f(mu, 0) = 0, *with* the continuity correction, where R's wilcox.test leaves
 * it out (shift.h). f is a staircase: of a stair at 0 Brent's method finds some point, and on data
 * whose differences are less than its absolute tolerance of 1e-4 it finds next to nothing. Both
 * are the judge's own ways, and are kept to the last bit.
 *
 * Source: spinnaker/kayenta, kayenta-mannwhitney: MannWhitney.scala, BrentSolver.java. */
#ifndef CM_KAYENTA_SHIFT_H
#define CM_KAYENTA_SHIFT_H

#include <stdbool.h>

#include "sim/stats/values.h"

struct cm_kayenta_shift {
    double low, high, estimate; /* low > high can be */
    bool failed;                /* all values are tied at some mu: the judge throws, and so no
                                   number stands above */
};

/* Neither arm is empty, values are finite. */
struct cm_kayenta_shift cm_kayenta_shift_of(const struct cm_values *control,
                                            const struct cm_values *canary, double confidence);

/* f(mu, q); NAN where all values are tied. */
double cm_kayenta_shift_test(const struct cm_values *control, const struct cm_values *canary,
                             double mu, double q);

/* The normal quantile at (1 - confidence) / 2 as commons-math has it: to the last bit at the levels
 * 0.9, 0.95, 0.98 and 0.99, elsewhere to 2e-15. */
double cm_kayenta_quantile(double confidence);

#endif
