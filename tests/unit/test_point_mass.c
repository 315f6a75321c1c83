/* Binomial and Poisson probabilities against exact rational numbers and against themselves. */
#include "sim/stats/point_mass.h"
#include "tests/unit/close.h"

/* Fractions by hand: C(10, 3) 0.3^3 0.7^7 and so on. */
Test(point_mass, small_cases_are_exact_fractions)
{
    expect_close(exp(cm_point_mass_binomial(3, 7, 0.3, 0.7)), 0.266827932, 1e-14);
    expect_close(exp(cm_point_mass_binomial(1, 1, 0.5, 0.5)), 0.5, 1e-14);
    expect_close(exp(cm_point_mass_poisson(3, 2)), 8 * exp(-2) / 6, 1e-14);
}

Test(point_mass, the_ends_are_certain_or_impossible)
{
    cr_expect(cm_point_mass_binomial(0, 0, 0.3, 0.7) == 0);
    cr_expect(cm_point_mass_binomial(0, 5, 0, 1) == 0);
    cr_expect(cm_point_mass_binomial(5, 0, 1, 0) == 0);
    cr_expect(cm_point_mass_binomial(1, 4, 0, 1) == -INFINITY);
    cr_expect(cm_point_mass_binomial(4, 1, 1, 0) == -INFINITY);
    cr_expect(cm_point_mass_poisson(0, 0) == 0);
    cr_expect(cm_point_mass_poisson(2, 0) == -INFINITY);
    expect_close(cm_point_mass_binomial(0, 1000, 1e-20, 1), -1e-17, 1e-12);
}

Test(point_mass, laws_add_to_one)
{
    static const double p[] = {1e-6, 0.01, 0.5, 0.9};
    for (size_t i = 0; i < sizeof p / sizeof p[0]; i++) {
        double sum = 0;
        for (double x = 0; x <= 3000; x++)
            sum += exp(cm_point_mass_binomial(x, 3000 - x, p[i], 1 - p[i]));
        expect_close(sum, 1, 1e-12);
    }
    double sum = 0;
    for (double x = 0; x <= 2000; x++)
        sum += exp(cm_point_mass_poisson(x, 1000));
    expect_close(sum, 1, 1e-12);
}

/* Ten billion requests, one in a hundred bad: the local limit law, whose relative error at the mode
 * is about 1 / (12 n p q). */
Test(point_mass, huge_counts_keep_their_digits)
{
    double n = 1e10, p = 0.01, normal = 1 / sqrt(2 * 3.14159265358979324 * n * p * (1 - p));
    expect_close(exp(cm_point_mass_binomial(n * p, n - n * p, p, 1 - p)), normal, 2e-9);
    expect_close(exp(cm_point_mass_poisson(1e10, 1e10)), 1 / sqrt(2 * 3.14159265358979324 * 1e10),
                 1e-10);
}

/* x! is gamma(x + 1): the density of Beta(a, b) is built from such values. The whole-number formula
 * and the other one meet at whole numbers. */
Test(point_mass, real_counts_interpolate_whole_ones)
{
    for (double x = 1; x < 40; x++) {
        double whole = cm_point_mass_poisson(x, 7), above = cm_point_mass_poisson(x + 1e-9, 7);
        cr_expect(fabs(whole - above) < 1e-7, "%g: %.15g %.15g", x, whole, above);
    }
}
