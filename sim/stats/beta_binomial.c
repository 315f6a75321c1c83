/* The tail of the beta-binomial law; see the header. */
#include "sim/stats/beta_binomial.h"

#include <math.h>

double cm_beta_binomial_at_least(const struct cm_beta *beta, uint64_t m, uint64_t k)
{
    if (isnan(cm_beta_compare_mean(beta)))
        return NAN;
    if (k == 0 || k > m)
        return k == 0;
    const struct cm_beta order = {(double)k, (double)(m - k) + 1};
    return cm_beta_compare_greater(beta, &order, 0);
}
