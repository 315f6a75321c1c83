/* Sample sizes: the formula turned round, and whole numbers at the edge. */
#include "sim/stats/sample_size.h"
#include "tests/unit/close.h"

#include <gsl/gsl_cdf.h>

static const struct cm_two_share_plan worked = {
    .p0 = 0.01, .p1 = 0.03, .ratio = 1, .alpha = 0.05, .power = 0.9, .sides = 1};

/* R's rpact::getSampleSizeRates: 837.38. */
Test(sample_size, worked_numbers_hold)
{
    struct cm_two_sizes n = cm_sample_size_two_shares(&worked);
    expect_close(n.n0, 837.380522982, 1e-11);
    cr_expect(n.n1 == n.n0);
    cr_expect(cm_sample_size_zero_failures(0.005, 0.05) == 598);
}

/* With these sizes the z test has the power asked for. */
Test(sample_size, the_power_comes_back)
{
    for (double r = 0.01; r < 20; r *= 3)
        for (int sides = 1; sides <= 2; sides++) {
            struct cm_two_share_plan plan = worked;
            plan.ratio = r, plan.sides = sides, plan.p1 = 0.017;
            struct cm_two_sizes n = cm_sample_size_two_shares(&plan);
            double pb = (n.n0 * plan.p0 + n.n1 * plan.p1) / (n.n0 + n.n1);
            double null = sqrt(pb * (1 - pb) * (1 / n.n0 + 1 / n.n1));
            double sd = sqrt(plan.p0 * (1 - plan.p0) / n.n0 + plan.p1 * (1 - plan.p1) / n.n1);
            double bound = gsl_cdf_ugaussian_Qinv(0.05 / sides) * null;
            expect_close(gsl_cdf_ugaussian_Q((bound - (plan.p1 - plan.p0)) / sd), 0.9, 1e-9);
            expect_close(n.n1, r * n.n0, 1e-14);
        }
}

Test(sample_size, fewer_errors_are_seen_as_well_as_more)
{
    struct cm_two_share_plan plan = worked;
    plan.p0 = 0.03, plan.p1 = 0.01;
    expect_close(cm_sample_size_two_shares(&plan).n0, cm_sample_size_two_shares(&worked).n0, 1e-12);
}

Test(sample_size, impossible_plans_have_no_size)
{
    struct cm_two_share_plan plan[8];
    for (int i = 0; i < 8; i++)
        plan[i] = worked;
    plan[0].p1 = 0.01, plan[1].p0 = -0.1, plan[2].p1 = NAN, plan[3].ratio = 0;
    plan[4].alpha = 0, plan[5].power = 1, plan[6].sides = 3, plan[7].alpha = NAN;
    for (int i = 0; i < 8; i++)
        expect_nan(cm_sample_size_two_shares(&plan[i]).n0);
}

/* The definition: n is enough, n - 1 is not. */
Test(sample_size, zero_failures_are_the_least_that_convince)
{
    for (double p = 1e-6; p < 1; p *= 1.37)
        for (double beta = 1e-9; beta < 1; beta *= 11) {
            double n = cm_sample_size_zero_failures(p, beta);
            cr_assert(n * log1p(-p) <= log(beta) * (1 - 1e-12), "%g %g: %g", p, beta, n);
            cr_assert(n < 1.5 || (n - 1) * log1p(-p) > log(beta), "%g %g: %g", p, beta, n);
        }
    cr_expect(cm_sample_size_zero_failures(0.5, 0.25) == 2);
    cr_expect(cm_sample_size_zero_failures(0.1, 0.9 * 0.9 * 0.9) == 3);
    cr_expect(cm_sample_size_zero_failures(0.01, 0.9801) == 2, "ln(0.9801) / ln(0.99) rounds up");
}

Test(sample_size, certain_and_impossible_failures)
{
    cr_expect(cm_sample_size_zero_failures(1, 0.05) == 1);
    cr_expect(cm_sample_size_zero_failures(0, 0.05) == INFINITY);
    expect_nan(cm_sample_size_zero_failures(NAN, 0.05));
    expect_nan(cm_sample_size_zero_failures(0.1, 0));
    expect_nan(cm_sample_size_zero_failures(0.1, 1));
}
