/* Power and cost of group sequential designs; see the header. */
#include "sim/stats/group_power.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/mem.h"
#include "sim/stats/root.h"

static const double MOST_DRIFT = 40;
static const double TOLERANCE = 1e-12;

struct wanted {
    const struct cm_group_plan *plan;
    const struct cm_group_bounds *at;
    double power;
};

static double excess_power(double drift, const void *context)
{
    const struct wanted *w = context;
    return cm_group_sequential_power(w->plan, w->at, drift) - w->power;
}

/* Doubles the drift until the power is there, so that no drift is looked at that is far too large.
 */
double cm_group_power_drift(const struct cm_group_plan *plan, const struct cm_group_bounds *at,
                            double power)
{
    const struct wanted wanted = {plan, at, power};
    const struct cm_function f = {excess_power, &wanted};
    double low = 0, high = 2.5;
    if (!(power > 0 && power < 1) || excess_power(0, &wanted) > 0)
        return NAN;
    while (excess_power(high, &wanted) < 0) {
        low = high;
        high *= 2;
        if (high > MOST_DRIFT)
            return NAN;
    }
    return cm_root_brent(&f, low, high, TOLERANCE);
}

static double expected_info(const struct cm_group_plan *plan, const struct cm_group_bounds *at,
                            double drift)
{
    double *block = cm_alloc(2 * plan->looks * sizeof *block);
    struct cm_group_exits exits = {.upper = block, .lower = block + plan->looks};
    cm_group_sequential_exits(plan, at, drift, &exits);
    cm_free(block);
    return exits.info;
}

struct cm_group_cost cm_group_power_cost(const struct cm_group_plan *plan,
                                         const struct cm_group_bounds *at, double power)
{
    struct cm_group_cost cost = {NAN, NAN, NAN};
    cost.drift = cm_group_power_drift(plan, at, power);
    if (isnan(cost.drift))
        return cost;
    double one_look =
        gsl_cdf_ugaussian_Qinv(plan->alpha / plan->sides) + gsl_cdf_ugaussian_Pinv(power);
    double ratio = cost.drift / one_look;
    cost.inflation = ratio * ratio * plan->info[plan->looks - 1];
    cost.expected = ratio * ratio * expected_info(plan, at, cost.drift);
    return cost;
}
