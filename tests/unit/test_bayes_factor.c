/* Bayes factors against their definitions in log-gammas, and at sizes where those fail. */
#include "sim/stats/bayes_factor.h"
#include "tests/unit/close.h"

#include <gsl/gsl_sf_gamma.h>

static double lnbeta(double a, double b)
{
    return gsl_sf_lngamma(a) + gsl_sf_lngamma(b) - gsl_sf_lngamma(a + b);
}

static const struct cm_two_counts worked = {80, 8000, 22, 900};

Test(bayes_factor, worked_numbers_hold)
{
    const struct cm_beta uniform = {1, 1};
    expect_close(cm_bayes_factor_two_shares(&worked, &uniform), 1.48184020591, 1e-10);
    expect_close(cm_bayes_factor_worse(&worked, &uniform),
                 1.48184020591 + log(2 * 0.999801839945018), 1e-10);
}

Test(bayes_factor, two_shares_are_four_beta_functions)
{
    for (uint64_t x0 = 0; x0 <= 40; x0 += 8)
        for (uint64_t x1 = 0; x1 <= 20; x1 += 5)
            for (double a = 0.5; a < 30; a *= 4) {
                const struct cm_two_counts c = {x0, 40, x1, 20};
                const struct cm_beta prior = {a, 3};
                double x = (double)(x0 + x1), n0 = (double)x0, n1 = (double)x1;
                double want = lnbeta(a + n0, 43 - n0) + lnbeta(a + n1, 23 - n1) -
                              lnbeta(a + x, 63 - x) - lnbeta(a, 3);
                double got = cm_bayes_factor_two_shares(&c, &prior);
                cr_expect(fabs(got - want) < 1e-11, "%g, not %g", got, want);
            }
}

/* With uniform priors and equal shares the factor is about 1 / sqrt(n / (4 pi p q)): they speak for
 * H0, a little more with every request (Lindley 1957). Log-gammas of 10^12 leave no digit of it. */
Test(bayes_factor, huge_counts_keep_their_digits)
{
    const struct cm_beta uniform = {1, 1};
    double n = 1e12, pq = 0.25;
    const struct cm_two_counts c = {500000000000, 1000000000000, 500000000000, 1000000000000};
    double want = -0.5 * log(n / (4 * 3.14159265358979324 * pq));
    cr_expect(fabs(cm_bayes_factor_two_shares(&c, &uniform) - want) < 1e-6, "%.12g, not %.12g",
              cm_bayes_factor_two_shares(&c, &uniform), want);
}

Test(bayes_factor, arms_may_be_exchanged_unless_one_is_to_be_worse)
{
    const struct cm_two_counts mirror = {worked.x1, worked.n1, worked.x0, worked.n0};
    const struct cm_beta prior = {0.5, 20};
    expect_close(cm_bayes_factor_two_shares(&mirror, &prior),
                 cm_bayes_factor_two_shares(&worked, &prior), 1e-12);
    double worse = exp(cm_bayes_factor_worse(&worked, &prior));
    double better = exp(cm_bayes_factor_worse(&mirror, &prior));
    expect_close((worse + better) / 2, exp(cm_bayes_factor_two_shares(&worked, &prior)), 1e-10);
}

/* Its mean under H0 is 1. */
Test(bayes_factor, against_a_point_it_is_an_e_value)
{
    const struct cm_beta prior = {0.5, 2};
    double mean = 0, p0 = 0.03;
    for (uint64_t x = 0; x <= 60; x++) {
        double k = (double)x;
        double null = exp(gsl_sf_lnchoose(60, (unsigned)x) + k * log(p0) + (60 - k) * log1p(-p0));
        mean += null * exp(cm_bayes_factor_share(x, 60, p0, &prior));
    }
    expect_close(mean, 1, 1e-12);
    const struct cm_gamma gamma = {1, 50};
    mean = 0;
    for (unsigned x = 0; x <= 150; x++) {
        double null = exp(-8 + x * log(8) - gsl_sf_lnfact(x));
        mean += null * exp(cm_bayes_factor_rate(x, 400, 0.02, &gamma));
    }
    /* The marginal law is geometric; what lies beyond 150 is left out. */
    expect_close(mean, 1 - pow(8.0 / 9, 151), 1e-12);
}

Test(bayes_factor, without_data_there_is_no_evidence)
{
    const struct cm_beta prior = {0.5, 2};
    const struct cm_two_counts none = {0, 0, 0, 0}, one = {3, 50, 0, 0};
    cr_expect(fabs(cm_bayes_factor_two_shares(&none, &prior)) < 1e-12);
    cr_expect(fabs(cm_bayes_factor_two_shares(&one, &prior)) < 1e-12);
    cr_expect(fabs(cm_bayes_factor_worse(&none, &prior)) < 1e-9);
    cr_expect(fabs(cm_bayes_factor_share(0, 0, 0.1, &prior)) < 1e-12);
}

Test(bayes_factor, impossible_priors_and_points_have_no_answer)
{
    const struct cm_beta fine = {1, 1}, bad = {0, 1};
    const struct cm_gamma gamma = {1, 1}, flat = {1, 0};
    expect_nan(cm_bayes_factor_two_shares(&worked, &bad));
    expect_nan(cm_bayes_factor_worse(&worked, &bad));
    expect_nan(cm_bayes_factor_share(1, 2, 0, &fine));
    expect_nan(cm_bayes_factor_share(1, 2, NAN, &fine));
    expect_nan(cm_bayes_factor_rate(1, 0, 0.1, &gamma));
    expect_nan(cm_bayes_factor_rate(1, 1, NAN, &gamma));
    expect_nan(cm_bayes_factor_rate(1, 1, 0.1, &flat));
}
