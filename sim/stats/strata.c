/* Running sums over strata; the formula is in the header. */
#include "sim/stats/strata.h"

#include <assert.h>
#include <math.h>

void cm_strata_add(struct cm_strata *strata, const struct cm_two_counts *c)
{
    assert(c->x0 <= c->n0 && c->x1 <= c->n1);
    double n0 = (double)c->n0, n1 = (double)c->n1, x0 = (double)c->x0, x1 = (double)c->x1;
    double n = n0 + n1, x = x0 + x1;
    if (n0 == 0 || n1 == 0)
        return;
    /* x1 - n1 x / n, without the difference of two large products. */
    strata->excess += (x1 * n0 - x0 * n1) / n;
    strata->variance += n0 / n * (n1 / n) * x * ((n - x) / (n - 1));
    strata->risk_over += x1 * n0 / n;
    strata->risk_under += x0 * n1 / n;
    strata->odds_over += x1 * (n0 - x0) / n;
    strata->odds_under += x0 * (n1 - x1) / n;
}

double cm_strata_z(const struct cm_strata *strata, bool continuity)
{
    if (!(strata->variance > 0))
        return 0;
    double correction = continuity ? fmin(0.5, fabs(strata->excess)) : 0;
    return (strata->excess - copysign(correction, strata->excess)) / sqrt(strata->variance);
}

double cm_strata_risk_ratio(const struct cm_strata *strata)
{
    return strata->risk_over / strata->risk_under;
}

double cm_strata_odds_ratio(const struct cm_strata *strata)
{
    return strata->odds_over / strata->odds_under;
}
