/* Burn rates: the published table, and rates that never page. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/burn_rate.h"

Test(burn_rate, the_published_table_comes_out)
{
    /* The Site Reliability Workbook, ch. 5: budget, window, burn rate over 30 days. */
    static const struct {
        double budget, window_h, burn;
    } cases[] = {{0.02, 1, 14.4}, {0.05, 6, 6}, {0.1, 72, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct cm_burn_alert alert = {0.999, cases[i].window_h, 720, cases[i].budget};
        cr_expect_float_eq(cm_burn_rate_alert(&alert, 0.5).burn, cases[i].burn, 1e-12);
    }
}

Test(burn_rate, a_rate_below_the_threshold_is_never_detected)
{
    const struct cm_burn_alert alert = {0.999, 1, 720, 0.02};
    cr_expect(isinf(cm_burn_rate_alert(&alert, 0.014).detection_time_h));
    cr_expect_lt(cm_burn_rate_alert(&alert, 0.015).detection_time_h, 1);
}

Test(burn_rate, a_threshold_that_is_whole_but_for_rounding_is_whole)
{
    /* 10 (1 - 0.9) 10 = 10 only but for rounding: all ten have to fail. */
    cr_expect_float_eq(cm_burn_rate_window_prob(10, 0.5, 0.9, 10), pow(0.5, 10), 1e-15);
    cr_expect_eq(cm_burn_rate_window_prob(10, 1, 0.9, 10), 1);
}

Test(burn_rate, more_errors_than_requests_cannot_be)
{
    cr_expect_eq(cm_burn_rate_window_prob(100, 1, 0.9, 11), 0);
}

Test(burn_rate, a_goal_of_one_leaves_no_budget)
{
    const struct cm_burn_alert alert = {1, 1, 720, 0.02};
    cr_expect(isnan(cm_burn_rate_alert(&alert, 0.01).burn));
    cr_expect(isnan(cm_burn_rate_window_prob(10, 0.1, 1, 1)));
}
