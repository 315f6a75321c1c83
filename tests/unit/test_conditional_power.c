/* Conditional power where it is plain. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/conditional_power.h"
#include "tests/unit/close.h"

Test(conditional_power, on_course_it_is_a_half)
{
    /* B plus the drift of the rest ends exactly at the boundary. */
    struct cm_conditional_power cp = cm_conditional_power_of(0.25, 2, 1 + 0.75 * 3, 3);
    expect_close(cp.b_value, 1, 1e-15);
    expect_close(cp.planned, 0.5, 1e-14);
    cp = cm_conditional_power_of(0.25, 2, 4, 3);
    expect_close(cp.trend, 0.5, 1e-14);
}

Test(conditional_power, a_worked_example_comes_out)
{
    struct cm_conditional_power cp = cm_conditional_power_of(0.6, 0.5, 1.97, 3);
    expect_close(cp.planned, 0.2725547943548431, 1e-12); /* R's pnorm */
    expect_close(cp.trend, 0.018120070193087104, 1e-11);
}

Test(conditional_power, near_the_end_only_the_boundary_matters)
{
    cr_expect_gt(cm_conditional_power_of(1 - 1e-9, 2.1, 2, -3).planned, 1 - 1e-9);
    cr_expect_lt(cm_conditional_power_of(1 - 1e-9, 1.9, 2, 3).planned, 1e-9);
}

Test(conditional_power, before_the_start_and_after_the_end_there_is_none)
{
    expect_nan(cm_conditional_power_of(0, 1, 2, 3).planned);
    expect_nan(cm_conditional_power_of(1, 1, 2, 3).trend);
    expect_nan(cm_conditional_power_of((double)NAN, 1, 2, 3).b_value);
}
