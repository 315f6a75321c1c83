/* Welch's test (1947): do two means differ, whatever the variances?
 *
 *     t = (m1 - m0 - d) / sqrt(v1 / n1 + v0 / n0)
 *     df = (a + b)^2 / (a^2 / (n1 - 1) + b^2 / (n0 - 1)),  a = v1 / n1, b = v0 / n0 (Satterthwaite)
 *
 * Exact for normal values, by the central limit theorem for others. Latencies have heavy tails:
 * compare their logarithms. Samples come from cm_sample_of, which accumulates as Welford does. */
#ifndef CM_WELCH_H
#define CM_WELCH_H

#include "sim/stats/alternative.h"
#include "sim/stats/interval.h"

struct cm_welch {
    double t, df;
};

/* The margin has the unit of the means. NAN for an arm of fewer than two values; where neither arm
 * varies, t is 0 or infinite, and df = n0 + n1 - 2. */
struct cm_welch cm_welch_test(const struct cm_sample *control, const struct cm_sample *canary,
                              double margin);

/* NAN for NAN. */
double cm_welch_p(const struct cm_welch *w, enum cm_alternative alternative);

#endif
