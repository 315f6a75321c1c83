/* Two event rates against binomial sums, mirrors and ends. */
#include "sim/stats/poisson_rate.h"
#include "tests/unit/close.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

static const struct cm_two_rates worked = {.x0 = 90, .x1 = 14, .t0 = 4000, .t1 = 400};

static struct cm_two_rates mirror_of(struct cm_two_rates r)
{
    return (struct cm_two_rates){r.x1, r.x0, r.t1, r.t0};
}

/* P(Bin(104, 1/11) >= 14); Clopper and Pearson's limits of 14 in 104, as odds times ten. */
Test(poisson_rate, worked_numbers_hold)
{
    expect_close(cm_poisson_rate_exact(&worked, 1, CM_GREATER), 0.0888319574510, 1e-11);
    struct cm_ratio r = cm_poisson_rate_ratio(&worked, 0.95);
    expect_close(r.value, 14.0 / 400 / (90.0 / 4000), 1e-14);
    expect_close(r.limits.low, 0.817752409, 1e-9);
    expect_close(r.limits.high, 2.747579841, 1e-9);
}

static double two_sided(unsigned k, unsigned n, double p)
{
    double at = gsl_ran_binomial_pdf(k, p, n), sum = 0;
    for (unsigned j = 0; j <= n; j++) {
        double other = gsl_ran_binomial_pdf(j, p, n);
        sum += other <= at * (1 + 1e-7) ? other : 0;
    }
    return sum;
}

Test(poisson_rate, the_canarys_events_are_binomial_given_all)
{
    for (unsigned x0 = 0; x0 < 20; x0 += 3)
        for (unsigned x1 = x0 == 0; x1 < 20; x1++) {
            const struct cm_two_rates r = {x0, x1, 30, 12};
            double p = 1.5 * 12 / (1.5 * 12 + 30);
            double above = x1 > 0 ? gsl_cdf_binomial_Q(x1 - 1, p, x0 + x1) : 1;
            double below = gsl_cdf_binomial_P(x1, p, x0 + x1);
            double at = gsl_ran_binomial_pdf(x1, p, x0 + x1);
            expect_close(cm_poisson_rate_exact(&r, 1.5, CM_GREATER), above, 1e-11);
            expect_close(cm_poisson_rate_exact(&r, 1.5, CM_LESS), below, 1e-11);
            expect_close(cm_poisson_rate_exact(&r, 1.5, CM_TWO_SIDED), two_sided(x1, x0 + x1, p),
                         1e-9);
            cr_expect(fabs(cm_poisson_rate_mid_p(&r, 1.5, CM_GREATER) - (above - at / 2)) < 1e-11);
            cr_expect(fabs(cm_poisson_rate_mid_p(&r, 1.5, CM_LESS) - (below - at / 2)) < 1e-11);
        }
}

Test(poisson_rate, arms_exchanged_turn_the_question)
{
    struct cm_two_rates mirror = mirror_of(worked);
    expect_close(cm_poisson_rate_exact(&mirror, 1 / 1.3, CM_LESS),
                 cm_poisson_rate_exact(&worked, 1.3, CM_GREATER), 1e-12);
    expect_close(cm_poisson_rate_exact(&mirror, 1 / 1.3, CM_TWO_SIDED),
                 cm_poisson_rate_exact(&worked, 1.3, CM_TWO_SIDED), 1e-12);
    struct cm_ratio a = cm_poisson_rate_ratio(&worked, 0.9),
                    b = cm_poisson_rate_ratio(&mirror, 0.9);
    expect_close(b.value, 1 / a.value, 1e-14);
    expect_close(b.limits.low, 1 / a.limits.high, 1e-12);
}

/* The limits are the ratios that the one-sided tests reject at half the level. */
Test(poisson_rate, limits_invert_the_test)
{
    struct cm_interval limits = cm_poisson_rate_ratio(&worked, 0.9).limits;
    expect_close(cm_poisson_rate_exact(&worked, limits.low, CM_GREATER), 0.05, 1e-10);
    expect_close(cm_poisson_rate_exact(&worked, limits.high, CM_LESS), 0.05, 1e-10);
}

Test(poisson_rate, without_events_in_an_arm_a_limit_is_missing)
{
    const struct cm_two_rates none = {0, 0, 10, 10}, canary = {0, 5, 10, 10};
    const struct cm_two_rates control = {5, 0, 10, 10};
    cr_expect(cm_poisson_rate_exact(&none, 1, CM_GREATER) == 1);
    cr_expect(cm_poisson_rate_exact(&none, 1, CM_TWO_SIDED) == 1);
    cr_expect(cm_poisson_rate_mid_p(&none, 1, CM_GREATER) == 0.5);
    expect_nan(cm_poisson_rate_ratio(&none, 0.95).value);
    cr_expect(cm_poisson_rate_ratio(&none, 0.95).limits.high == INFINITY);
    cr_expect(cm_poisson_rate_ratio(&canary, 0.95).value == INFINITY);
    cr_expect(cm_poisson_rate_ratio(&canary, 0.95).limits.low > 0);
    cr_expect(cm_poisson_rate_ratio(&canary, 0.95).limits.high == INFINITY);
    cr_expect(cm_poisson_rate_ratio(&control, 0.95).limits.low == 0);
    expect_close(cm_poisson_rate_exact(&canary, 1, CM_GREATER), 1.0 / 32, 1e-13);
}

/* Ten billion events: the normal law of a binomial share. */
Test(poisson_rate, huge_counts_are_no_obstacle)
{
    const struct cm_two_rates r = {UINT64_C(10000000000), UINT64_C(10000200000), 1, 1};
    double z = 100000 / sqrt(20000200000.0 / 4);
    expect_close(cm_poisson_rate_exact(&r, 1, CM_GREATER), gsl_cdf_ugaussian_Q(z), 1e-4);
}

Test(poisson_rate, impossible_exposures_and_ratios_have_no_answer)
{
    static const double bad[] = {0, -1, NAN, INFINITY};
    for (int i = 0; i < 4; i++) {
        const struct cm_two_rates control = {1, 2, bad[i], 1}, canary = {1, 2, 1, bad[i]};
        expect_nan(cm_poisson_rate_exact(&control, 1, CM_GREATER));
        expect_nan(cm_poisson_rate_exact(&canary, 1, CM_LESS));
        expect_nan(cm_poisson_rate_exact(&worked, bad[i], CM_TWO_SIDED));
        expect_nan(cm_poisson_rate_ratio(&control, 0.95).limits.low);
    }
    expect_nan(cm_poisson_rate_mid_p(&worked, 1, CM_TWO_SIDED));
    expect_nan(cm_poisson_rate_ratio(&worked, NAN).limits.low);
}
