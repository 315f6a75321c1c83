/* Merging and calibrating e-values. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/e_value.h"
#include "tests/unit/close.h"
#include "tests/unit/quadrature.h"

Test(e_value, a_worked_example_comes_out)
{
    const double log_e[] = {log(25.0), log(0.1), log(70.0), log(3.0)};
    expect_close(exp(cm_e_value_log_mean(log_e, NULL, 4)), 24.525, 1e-14);
    expect_close(cm_e_value_bonferroni_p(log_e, 4), 4.0 / 70, 1e-14);
    /* Limits are 80 / 1, 40, 26.7, 20. */
    cr_expect_eq(cm_e_value_bh(log_e, 4, 0.05, NULL), 0);
}

Test(e_value, weights_count)
{
    static const double log_e[] = {2, -INFINITY, 800, 5}, weight[] = {0.5, 0.25, 0, 0.25};
    expect_close(cm_e_value_log_mean(log_e, weight, 4), log(0.5 * exp(2.0) + 0.25 * exp(5.0)),
                 1e-14);
    static const double nothing[] = {-INFINITY, -INFINITY}, halves[] = {0.5, 0.5},
                        large[] = {900, 901};
    cr_expect_eq(cm_e_value_log_mean(nothing, halves, 2), -INFINITY);
    expect_close(cm_e_value_log_mean(large, halves, 2), 900 + log((1 + exp(1.0)) / 2), 1e-15);
}

Test(e_value, e_bh_rejects_the_most_that_it_may)
{
    /* n / (k alpha) for n = 5, alpha = 0.1: 50, 25, 16.7, 12.5, 10. */
    const double log_e[] = {log(13.0), log(2.0), log(14.0), log(60.0), log(20.0)};
    bool rejected[5];
    cr_expect_eq(cm_e_value_bh(log_e, 5, 0.1, rejected), 4);
    static const bool want[] = {true, false, true, true, true};
    for (int i = 0; i < 5; i++)
        cr_expect_eq(rejected[i], want[i]);
    /* The third largest alone would not do: a smaller one below it may. */
    cr_expect_eq(cm_e_value_bh(log_e, 2, 0.1, rejected), 0);
    cr_expect(!rejected[0] && !rejected[1]);
}

Test(e_value, p_values_of_e_values_are_at_most_one)
{
    cr_expect_eq(cm_e_value_p(-3), 1);
    cr_expect_eq(cm_e_value_p(-INFINITY), 1);
    cr_expect_eq(cm_e_value_p(INFINITY), 0);
    expect_close(cm_e_value_p(log(20.0)), 0.05, 1e-14);
    static const double small[] = {0.1, -1};
    cr_expect_eq(cm_e_value_bonferroni_p(small, 2), 1);
}

/* The mean over a uniform p, by p = u^8, which tames the pole at 0. */
static double part(double u, const void *context)
{
    double kappa = *(const double *)context, p = pow(u, 8);
    double log_e = kappa > 0 ? cm_e_value_log_of_p(p, kappa) : cm_e_value_log_of_p_mixed(p);
    return exp(log_e) * 8 * pow(u, 7);
}

Test(e_value, calibrated_p_values_are_one_on_average)
{
    for (double kappa = 0.25; kappa < 1; kappa += 0.25)
        expect_close(quadrature(part, &kappa, 1e-12, 1, 50), 1, 1e-9);
    /* Mixed, the tail beyond u has the mean 1 / (8 ln(1 / u)): slow, so that only a bound is seen.
     */
    const double mixed = 0;
    double most = quadrature(part, &mixed, 1e-12, 1, 2000);
    cr_expect(most < 1 && most > 0.99);
}

Test(e_value, the_mixed_calibrator_is_smooth_up_to_one)
{
    cr_expect_float_eq(cm_e_value_log_of_p_mixed(1), log(0.5), 1e-15);
    for (double p = 0.9; p < 1; p += 0.0013) {
        double next = cm_e_value_log_of_p_mixed(p + 1e-6), now = cm_e_value_log_of_p_mixed(p);
        cr_expect(next < now && now - next < 1e-6, "%g", p);
    }
    expect_close(cm_e_value_log_of_p_mixed(0.003), log(9.675896806670307), 1e-13); /* mpmath */
    expect_close(cm_e_value_log_of_p(0.003, 0.3), log(17.50396258794106), 1e-13);
    double tiny = exp(-41.0), close = exp(-39.0);
    expect_close(cm_e_value_log_of_p_mixed(tiny), 41 - 2 * log(41.0), 1e-13);
    expect_close(cm_e_value_log_of_p_mixed(close), 39 - 2 * log(39.0), 1e-13);
    cr_expect_eq(cm_e_value_log_of_p_mixed(0), INFINITY);
    cr_expect_eq(cm_e_value_log_of_p(0, 0.5), INFINITY);
}
