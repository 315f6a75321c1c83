/* Which of k policies is best? Constants of procedures that answer with a guarantee.
 *
 * Outputs are normal and independent over replications; delta is the difference that matters. */
#ifndef CM_RANKING_H
#define CM_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kim and Nelson (2001) with c = 1, 2, ...: for c = 1 eta = ((2 alpha / (k - 1))^(-2 / (n0 - 1)) -
 * 1) / 2, and h2 = 2 c eta (n0 - 1). k >= 2, n0 >= 2, 0 < 2 alpha < k - 1; NAN for others, and for
 * c other than 1, whose eta has no closed form. */
struct cm_kim_nelson {
    double eta, h2;
};
struct cm_kim_nelson cm_ranking_kim_nelson(uint64_t k, uint64_t n0, double alpha, uint64_t c);

/* Rinott (1978): N_i = max(n0, ceil(h^2 S_i^2 / delta^2)) replications with the h for which
 *
 *     E_Y[ (E_X Phi(h / sqrt((n0 - 1) (1/X + 1/Y))))^(k - 1) ] = P*,  X, Y ~ chi2(n0 - 1)
 *
 * pick the best with probability P*. k >= 2, n0 >= 3, 1/k < P* < 1; NAN for others. About six
 * digits: both integrals by 96 Gauss-Legendre nodes. */
double cm_ranking_rinott_h(uint64_t k, uint64_t n0, double p_star);

/* Chen, Lin, Yucesan and Chick (2000): shares of a budget, N_i ~ (s_i / (mean_i - best))^2 for all
 * but the best, N_b = s_b sqrt(sum N_i^2 / s_i^2); not rounded. `out` has one a policy, adding to
 * `total`; NAN if the best is tied. Deviations above 0; n >= 2. */
struct cm_ocba {
    size_t n;
    const double *mean, *sd; /* borrowed */
    bool minimize;
};
void cm_ranking_ocba(const struct cm_ocba *policies, double total, double *out);

#endif
