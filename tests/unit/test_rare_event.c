/* Where a rare event estimator becomes plain sampling, and walks without a drift. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/rare_event.h"

static void close_to(double got, double want, double relative)
{
    cr_expect(fabs(got - want) <= relative * fabs(want), "%.17g is not %.17g", got, want);
}

Test(rare_event, without_a_tilt_nothing_is_gained)
{
    struct cm_tilt none = cm_rare_event_binomial_tilt(50, 0.1, 9, 0.1);
    close_to(none.gain, 1, 1e-12);
    close_to(none.relative_variance, (1 - none.prob) / none.prob, 1e-12);
    cr_expect_eq(none.theta, 0);
}

Test(rare_event, shares_of_zero_and_one_cannot_be_tilted)
{
    cr_expect(isnan(cm_rare_event_binomial_tilt(50, 0, 9, 0.1).prob));
    cr_expect(isnan(cm_rare_event_binomial_tilt(50, 0.1, 9, 1).prob));
    cr_expect(isnan(cm_rare_event_binomial_tilt(50, 0.1, 51, 0.2).prob));
}

Test(rare_event, a_fair_walk_is_the_limit_of_unfair_ones)
{
    struct cm_ruin fair = cm_rare_event_gamblers_ruin(0.5, 10, 15);
    cr_expect_eq(fair.upper, 0.4);
    cr_expect_eq(fair.steps, 150);
    close_to(cm_rare_event_gamblers_ruin(0.5 + 1e-7, 10, 15).upper, 0.4, 1e-5);
    close_to(cm_rare_event_gamblers_ruin(0.5 - 1e-7, 10, 15).steps, 150, 1e-5);
}

Test(rare_event, a_mirrored_walk_reaches_the_mirrored_bound)
{
    double up = cm_rare_event_gamblers_ruin(0.45, 10, 15).upper;
    close_to(cm_rare_event_gamblers_ruin(0.55, 15, 10).upper, 1 - up, 1e-13);
}

Test(rare_event, far_bounds_do_not_overflow)
{
    struct cm_ruin far = cm_rare_event_gamblers_ruin(0.1, 5000, 5000);
    cr_expect_eq(far.upper, 0);
    close_to(far.steps, 5000 / 0.8, 1e-12); /* straight down at 0.8 a step */
}

Test(rare_event, one_level_is_plain_sampling)
{
    const double level[] = {0.2}, never[] = {0.5, 0};
    close_to(cm_rare_event_splitting(level, 1, 100).relative_variance, 0.8 / (100 * 0.2), 1e-13);
    cr_expect(isnan(cm_rare_event_splitting(never, 2, 100).prob));
}
