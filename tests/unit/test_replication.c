/* Replications: ends of the ranges. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/error_flow.h"
#include "sim/stats/order_statistics.h"
#include "sim/stats/replication.h"

Test(replication, equal_outputs_have_no_paired_variance)
{
    cr_expect_eq(cm_replication_paired(2, 2, 1, 10).independent, 0.4);
    cr_expect_float_eq(cm_replication_paired(2, 2, 1, 10).paired, 0, 1e-15);
}

Test(replication, too_few_runs_for_the_controls_are_refused)
{
    cr_expect(isnan(cm_replication_control(0.5, 3, 1).estimated));
    cr_expect_float_eq(cm_replication_control(0.5, 4, 1).estimated, 1, 1e-15); /* 0.5 * 2 / 1 */
}

Test(replication, what_is_certain_needs_no_runs)
{
    cr_expect_eq(cm_replication_needed(1, 0.95, 0.1), 0);
    cr_expect(isnan(cm_replication_needed(0, 0.95, 0.1)));
}

Test(replication, jeffreys_limits_are_mirrored)
{
    struct cm_interval few = cm_replication_jeffreys(3, 40, 0.95);
    struct cm_interval many = cm_replication_jeffreys(37, 40, 0.95);
    cr_expect_float_eq(few.low, 1 - many.high, 1e-12);
    cr_expect_float_eq(few.high, 1 - many.low, 1e-12);
}

Test(order_statistics, the_median_of_one_value_is_that_value)
{
    struct cm_order_moments one = cm_order_statistics_exponential(1, 0.5, 20);
    cr_expect_eq(one.expected, 20);
    cr_expect_eq(one.variance, 400);
    cr_expect(isnan(cm_order_statistics_exponential(0, 0.5, 20).expected));
}

Test(error_flow, a_flat_ramp_is_a_steady_stream)
{
    cr_expect_float_eq(cm_error_flow_ramp_cdf(0.02, 0, 1, 50), -expm1(-1.0), 1e-14);
    cr_expect_eq(cm_error_flow_ramp_cdf(0, 0, 1, 50), 0);
    cr_expect_eq(cm_error_flow_ramp_cdf(0, 0, 0, 0), 1);
    cr_expect(isnan(cm_error_flow_ramp_cdf(-1, 0, 1, 50)));
}
