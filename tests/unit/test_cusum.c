/* Charts so simple that the run is known, and charts that never alarm. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/cusum.h"

static void close_to(double got, double want, double relative)
{
    cr_expect(fabs(got - want) <= relative * fabs(want), "%.17g is not %.17g", got, want);
}

Test(cusum, a_chart_that_one_event_sets_off_runs_geometrically)
{
    const struct cm_cusum_poisson counts = {0.25, 0, 1};
    const struct cm_cusum_bernoulli flags = {0.02, 6, 5};
    close_to(cm_cusum_poisson_arl(&counts), -1 / expm1(-0.25), 1e-13);
    close_to(cm_cusum_poisson_within(&counts, 10), -expm1(-2.5), 1e-12);
    close_to(cm_cusum_bernoulli_arl(&flags), 50, 1e-12);
    close_to(cm_cusum_bernoulli_within(&flags, 10), -expm1(10 * log1p(-0.02)), 1e-12);
}

Test(cusum, a_normal_chart_with_hardly_a_limit_alarms_above_k)
{
    /* P(X > 1) = 0.15865525393145705 (tables of the normal law). */
    close_to(cm_cusum_normal_arl(1, 1e-9, 0), 1 / 0.15865525393145705, 1e-8);
}

Test(cusum, the_classical_run_lengths_come_out)
{
    /* k = 1/2, h = 4: 335.37 in every table (van Dobben de Bruyn 1968). */
    close_to(cm_cusum_normal_arl(0.5, 4, 0), 335.37, 2e-5);
}

Test(cusum, a_chart_that_cannot_rise_never_alarms)
{
    const struct cm_cusum_bernoulli flat = {0.5, 1, 5}, calm = {0, 30, 75};
    const struct cm_cusum_poisson silent = {0, 2, 5};
    const struct cm_cusum_poisson rare = {1e-12, 2, 5}, rarest = {1e-200, 2, 5};
    cr_expect(isinf(cm_cusum_bernoulli_arl(&flat)));
    cr_expect(isinf(cm_cusum_bernoulli_arl(&calm)));
    cr_expect(isinf(cm_cusum_poisson_arl(&silent)));
    cr_expect(isinf(cm_cusum_poisson_arl(&rare)));   /* beyond what doubles can tell */
    cr_expect(isinf(cm_cusum_poisson_arl(&rarest))); /* the equations are singular */
    cr_expect_eq(cm_cusum_bernoulli_within(&calm, 100), 0);
}

Test(cusum, nothing_observed_is_no_alarm)
{
    const struct cm_cusum_poisson counts = {3, 2, 5};
    cr_expect_eq(cm_cusum_poisson_within(&counts, 0), 0);
}

Test(cusum, parameters_out_of_range_are_no_number)
{
    const struct cm_cusum_poisson flat = {1, 2, 0}, wide = {1, 2, CM_CUSUM_STATES + 1};
    const struct cm_cusum_bernoulli share = {1.5, 3, 5};
    cr_expect(isnan(cm_cusum_poisson_arl(&flat)));
    cr_expect(isnan(cm_cusum_poisson_within(&wide, 3)));
    cr_expect(isnan(cm_cusum_bernoulli_arl(&share)));
    cr_expect(isnan(cm_cusum_normal_arl(0.5, 0, 0)));
}

Test(cusum, a_bound_on_a_probability_is_at_most_one)
{
    cr_expect_eq(cm_cusum_shiryaev_bound(100, 500).alarm_at_most, 1);
}
