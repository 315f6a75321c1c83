/* Stitched boundaries against published constants and against what they must exceed. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/stitching.h"
#include "tests/unit/close.h"

Test(stitching, constants_of_the_empirical_band_are_the_published_ones)
{
    /* A = 0.85, from an execution of the authors' program. */
    static const struct {
        double alpha, constant;
    } cases[] = {{0.05, 8.122719}, {0.025, 8.622649}, {0.01, 9.283543}, {0.005, 9.783365}};
    for (int i = 0; i < 4; i++)
        cr_expect_float_eq(cm_stitching_empirical_constant(cases[i].alpha, 0.85), cases[i].constant,
                           1e-6);
}

Test(stitching, bands_are_the_published_ones)
{
    double constant = cm_stitching_empirical_constant(0.01, 0.85);
    expect_close(cm_stitching_empirical(1e6, 100, 0.85, constant), 0.00289586209499, 1e-7);
    expect_close(cm_stitching_empirical(100, 1, 0.85, constant), 0.282005774387, 1e-7);
    cr_expect_eq(cm_stitching_empirical(99, 100, 0.85, constant), INFINITY);
    cr_expect(isfinite(cm_stitching_empirical(100, 100, 0.85, constant)));
}

Test(stitching, a_band_for_all_times_is_wider_than_one_for_one_look)
{
    /* Massart (1990): sqrt(ln(2 / alpha) / (2 t)). */
    for (double alpha = 1e-6; alpha < 0.5; alpha *= 10) {
        double constant = cm_stitching_empirical_constant(alpha, 0.85);
        for (double t = 100; t < 1e12; t *= 10)
            cr_expect_gt(cm_stitching_empirical(t, 100, 0.85, constant),
                         sqrt(log(2 / alpha) / (2 * t)));
    }
}

Test(stitching, constants_out_of_range_are_no_number)
{
    expect_nan(cm_stitching_empirical_constant(0, 0.85));
    expect_nan(cm_stitching_empirical_constant(1, 0.85));
    expect_nan(cm_stitching_empirical_constant(0.05, 0.7));
    expect_nan(cm_stitching_empirical_constant(0.05, (double)NAN));
    expect_nan(cm_stitching_empirical((double)NAN, 1, 0.85, 8));
    cr_expect(isfinite(cm_stitching_empirical_constant(1e-9, 0.708)));
    cr_expect(isfinite(cm_stitching_empirical_constant(0.9, 50)));
}

Test(stitching, the_polynomial_boundary_has_its_closed_form)
{
    /* v = v_min, c = 0, s = 2, eta = e: l = ln(zeta(2) / alpha), zeta(2) = pi^2 / 6. */
    const struct cm_stitching epochs = {7, 2, exp(1.0)};
    double l = log(3.14159265358979 * 3.14159265358979 / 6 / 0.05);
    double k1 = (exp(0.25) + exp(-0.25)) / sqrt(2.0), k2 = (exp(0.5) + 1) / 2;
    expect_close(cm_stitching_polynomial(&epochs, 7, 0, 0.05), k1 * sqrt(7 * l), 1e-13);
    expect_close(cm_stitching_polynomial(&epochs, 7, 2, 0.05),
                 sqrt(k1 * k1 * 7 * l + 4 * k2 * k2 * l * l) + 2 * k2 * l, 1e-13);
    cr_expect_eq(cm_stitching_polynomial(&epochs, 0, 2, 0.05),
                 cm_stitching_polynomial(&epochs, 7, 2, 0.05));
    expect_nan(cm_stitching_polynomial(&epochs, (double)NAN, 2, 0.05));
}

Test(stitching, the_polynomial_boundary_grows_like_the_iterated_logarithm)
{
    const struct cm_stitching epochs = {1, 1.4, 2};
    double at = cm_stitching_polynomial(&epochs, 1e12, 0, 0.05);
    double later = cm_stitching_polynomial(&epochs, 1e14, 0, 0.05);
    cr_expect(later > 10 * at && later < 10.5 * at);
}

Test(stitching, quantile_boundaries_exceed_those_of_one_quantile)
{
    const struct cm_stitching_quantile q = {{100, 1.4, 2}, 0.5};
    for (double p = 0.01; p < 1; p += 0.07)
        for (double t = 100; t < 1e7; t *= 10)
            cr_expect_gt(cm_stitching_double(&q, p, t, 0.05), 2 * sqrt(p * (1 - p) * t));
}

Test(stitching, quantile_boundaries_agree_with_mpmath)
{
    static const struct {
        double p, t, want;
    } cases[] = {{0.9, 1000, 43.7211936103715},
                 {0.1, 1000, 59.9652124625475},
                 {0.99, 50, 2.09351217914867},
                 {0.3, 100000, 820.165672441856}};
    const struct cm_stitching_quantile q = {{100, 1.4, 2}, 0.5};
    for (int i = 0; i < 4; i++)
        expect_close(cm_stitching_double(&q, cases[i].p, cases[i].t, 0.05), cases[i].want, 1e-13);
}

Test(stitching, a_high_quantile_needs_less_room_than_the_median)
{
    const struct cm_stitching_quantile q = {{100, 1.4, 2}, 0.5};
    cr_expect_lt(cm_stitching_double(&q, 0.99, 1e5, 0.05), cm_stitching_double(&q, 0.5, 1e5, 0.05));
    cr_expect_lt(cm_stitching_double(&q, 0.5, 1e5, 0.1), cm_stitching_double(&q, 0.5, 1e5, 0.05));
}
