/* Power and cost of designs against the fixed test and published inflation factors. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "sim/stats/group_bounds.h"
#include "sim/stats/group_power.h"
#include "tests/unit/close.h"

static const double fifths[] = {0.2, 0.4, 0.6, 0.8, 1};

Test(group_power, one_look_costs_one)
{
    static const double end = 1;
    const struct cm_group_plan plan = {1, &end, 0.025, 1};
    double upper = gsl_cdf_ugaussian_Qinv(0.025);
    struct cm_group_cost cost =
        cm_group_power_cost(&plan, &(struct cm_group_bounds){&upper, NULL}, 0.9);
    expect_close(cost.drift, upper + gsl_cdf_ugaussian_Pinv(0.9), 1e-10);
    expect_close(cost.inflation, 1, 1e-10);
    expect_close(cost.expected, 1, 1e-10);
}

Test(group_power, five_looks_cost_what_jennison_and_turnbull_say)
{
    /* Two-sided 5 %, power 0.9: factors R of tables 2.2 and 2.4. */
    static const struct {
        double delta, inflation;
    } cases[] = {{0.5, 1.207}, {0, 1.026}};
    const struct cm_group_plan plan = {5, fifths, 0.05, 2};
    for (int i = 0; i < 2; i++) {
        double upper[5], lower[5];
        cm_group_bounds_shape(&plan, cases[i].delta, upper);
        for (int k = 0; k < 5; k++)
            lower[k] = -upper[k];
        struct cm_group_cost cost =
            cm_group_power_cost(&plan, &(struct cm_group_bounds){upper, lower}, 0.9);
        cr_expect_float_eq(cost.inflation, cases[i].inflation, 6e-4);
        cr_expect_lt(cost.expected, 0.8);
    }
}

Test(group_power, the_drift_that_is_found_has_the_power)
{
    const struct cm_group_plan plan = {5, fifths, 0.01, 1};
    double upper[5];
    cm_group_bounds_shape(&plan, 0.3, upper);
    const struct cm_group_bounds at = {upper, NULL};
    for (double power = 0.05; power < 1; power += 0.15)
        expect_close(cm_group_sequential_power(&plan, &at, cm_group_power_drift(&plan, &at, power)),
                     power, 1e-10);
}

Test(group_power, a_power_that_no_drift_has_is_no_number)
{
    static const double upper[] = {2, 2, 2, 2, 2},
                        never[] = {INFINITY, INFINITY, INFINITY, INFINITY, INFINITY};
    const struct cm_group_plan plan = {5, fifths, 0.05, 1};
    expect_nan(cm_group_power_drift(&plan, &(struct cm_group_bounds){upper, NULL}, 0.01));
    expect_nan(cm_group_power_drift(&plan, &(struct cm_group_bounds){upper, NULL}, 1));
    expect_nan(cm_group_power_drift(&plan, &(struct cm_group_bounds){upper, NULL}, (double)NAN));
    expect_nan(cm_group_power_cost(&plan, &(struct cm_group_bounds){never, NULL}, 0.9).expected);
}
