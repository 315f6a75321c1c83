/* How many replications, and what variance reduction makes of them. */
#ifndef CM_REPLICATION_H
#define CM_REPLICATION_H

#include <stdint.h>

#include "sim/stats/interval.h"

/* The mean of n paired differences: (Va + Vb - 2 corr sqrt(Va Vb)) / n with common random numbers,
 * (Va + Vb) / n without (Law 2015, 11.2). n >= 1, variances >= 0, corr in [-1, 1]. */
struct cm_paired_variance {
    double paired, independent;
};
struct cm_paired_variance cm_replication_paired(double var_a, double var_b, double corr,
                                                uint64_t n);

/* The variance left by control variates with squared multiple correlation R2: 1 - R2, and with
 * estimated coefficients times (n - 2) / (n - q - 2) for q of them (Lavenberg and Welch 1981). n >
 * q + 2, R2 in [0, 1]; NAN for others. */
struct cm_control_ratio {
    double asymptotic, estimated;
};
struct cm_control_ratio cm_replication_control(double r_squared, uint64_t n, uint64_t controls);

/* Replications until a share p is known to a relative half-width eps: z^2 (1 - p) / (p eps^2), not
 * rounded up. p in (0, 1], level in (0, 1), eps > 0; NAN for others. */
double cm_replication_needed(double p, double level, double eps);

/* Jeffreys' interval of x of n >= 1: the beta law with x + 1/2 and n - x + 1/2, equal tails at both
 * ends (Brown, Cai and DasGupta 2001, without their change at 0 and n). */
struct cm_interval cm_replication_jeffreys(uint64_t x, uint64_t n, double level);

#endif
