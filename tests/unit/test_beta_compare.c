/* Comparing beta laws: finite sums against quadrature, closed forms, mirrors, tiny probabilities.
 */
#include "sim/stats/beta_compare.h"
#include "sim/stats/beta_law.h"
#include "sim/stats/beta_quadrature.h"
#include "tests/unit/close.h"

static const struct {
    struct cm_beta canary, control;
} pairs[] = {
    {{23, 879}, {81, 7921}},    {{3, 59}, {1, 201}},
    {{3, 899}, {2, 100}},       {{1, 1000}, {500, 1000}},
    {{500, 1000}, {1, 1000}},   {{20, 30}, {2e5, 1e6}},
    {{300, 300}, {300, 300}},   {{2, 1}, {1, 2}},
    {{1, 9001}, {8, 8001}},     {{1, 1}, {1, 1}},
    {{1, 1}, {1e6, 1e6}},       {{40, 1e5}, {4e5, 1e8}},
    {{2000, 1e7}, {1900, 1e7}}, {{2.5, 1000}, {500, 1000.5}},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

/* 80 of 8000 against 22 of 900 with uniform priors. */
Test(beta_compare, worked_numbers_hold)
{
    const struct cm_beta canary = {23, 879}, control = {81, 7921};
    expect_close(cm_beta_compare_greater(&canary, &control, 0), 0.999801839945, 1e-11);
    expect_close(cm_beta_compare_loss(&canary, &control), 0.0153765802990, 1e-11);
}

/* Two ways that share nothing but the density. */
Test(beta_compare, sums_and_quadrature_agree)
{
    for (int i = 0; i < PAIRS; i++) {
        const struct cm_beta *x = &pairs[i].canary, *y = &pairs[i].control;
        expect_close(cm_beta_compare_greater(x, y, 0), cm_beta_quadrature_greater(x, y, 0), 1e-10);
        expect_close(cm_beta_compare_loss(x, y), cm_beta_quadrature_loss(x, y), 1e-8);
        expect_close(cm_beta_compare_loss(y, x), cm_beta_quadrature_loss(y, x), 1e-8);
    }
}

/* From no evidence to six standard deviations on either side, from one error to half a million. */
Test(beta_compare, sums_of_many_errors_agree_with_quadrature)
{
    static const double errors[] = {1, 2, 30, 3000, 30000, 500000};
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 6; k++)
            for (double z = -6; z <= 6; z += 3) {
                double apart = exp(z * sqrt(1 / errors[i] + 1 / errors[k]));
                const struct cm_beta x = {errors[i], 200 * errors[i]};
                const struct cm_beta y = {errors[k], 200 * errors[k] * apart};
                double p = cm_beta_compare_greater(&x, &y, 0);
                expect_close(p, cm_beta_quadrature_greater(&x, &y, 0), 1e-10);
            }
}

/* P(X > Y) = 2/3 and 1/2 by integrating polynomials; Beta(a, 1) is the maximum of a uniforms: the
 * largest of a + b is among the first a with probability a / (a + b). */
Test(beta_compare, closed_forms)
{
    for (double a = 0.25; a < 1e5; a *= 3.3) {
        const struct cm_beta x = {a, 1}, y = {2.5, 1}, first = {1, a}, second = {1, 2.5};
        expect_close(cm_beta_compare_greater(&x, &y, 0), a / (a + 2.5), 1e-10);
        expect_close(cm_beta_compare_greater(&second, &first, 0), a / (a + 2.5), 1e-10);
    }
    const struct cm_beta uniform = {1, 1};
    expect_close(cm_beta_compare_loss(&uniform, &uniform), 1.0 / 6, 1e-12);
    for (double m = -0.95; m < 1; m += 0.1) /* a triangle */
        expect_close(cm_beta_compare_greater(&uniform, &uniform, m),
                     m > 0 ? (1 - m) * (1 - m) / 2 : 1 - (1 + m) * (1 + m) / 2, 1e-11);
}

Test(beta_compare, either_is_larger)
{
    static const double margins[] = {-0.6, -0.01, 0, 1e-4, 0.3};
    for (int i = 0; i < PAIRS; i++)
        for (int k = 0; k < 5; k++) {
            const struct cm_beta *x = &pairs[i].canary, *y = &pairs[i].control;
            const struct cm_beta mx = {x->b, x->a}, my = {y->b, y->a};
            double p = cm_beta_compare_greater(x, y, margins[k]);
            double rest = cm_beta_compare_greater(y, x, -margins[k]);
            cr_expect(p >= 0 && p <= 1 && fabs(p + rest - 1) < 1e-9, "%d %g: %g %g", i, margins[k],
                      p, rest);
            expect_close(cm_beta_compare_greater(&my, &mx, margins[k]), p, 1e-9);
        }
}

/* The mean difference is the loss of promoting less that of rolling back. */
Test(beta_compare, losses_differ_by_the_difference_of_means)
{
    for (int i = 0; i < PAIRS; i++) {
        const struct cm_beta *x = &pairs[i].canary, *y = &pairs[i].control;
        double d = cm_beta_compare_mean(x) - cm_beta_compare_mean(y);
        double promote = cm_beta_compare_loss(x, y), back = cm_beta_compare_loss(y, x);
        cr_expect(promote >= 0 && back >= 0);
        cr_expect(fabs(promote - back - d) < 1e-10 * (promote + back), "%d: %g %g %g", i, promote,
                  back, d);
    }
}

/* A prior worth a tenth of an error, and none seen: the two terms of a loss cancel near 1. */
Test(beta_compare, losses_of_weak_priors_hold)
{
    for (double a = 0.1; a < 1; a *= 1.7)
        for (double b = 50; b < 1e5; b *= 5) {
            const struct cm_beta x = {a, b}, y = {0.3, 1300};
            double d = cm_beta_compare_mean(&x) - cm_beta_compare_mean(&y);
            double promote = cm_beta_compare_loss(&x, &y), back = cm_beta_compare_loss(&y, &x);
            cr_expect(fabs(promote - back - d) < 1e-8 * (promote + back), "%g %g: %g %g %g", a, b,
                      promote, back, d);
        }
}

/* Laws so wide in log-odds that their ends are beyond what exponentials can tell. */
Test(beta_compare, margins_between_very_wide_laws_hold)
{
    const struct cm_beta x = {0.494948, 0.431615}, y = {0.318266, 0.0353629};
    double p = cm_beta_compare_greater(&x, &y, -0.18), rest = cm_beta_compare_greater(&y, &x, 0.18);
    cr_expect(p > 0.1 && p < 0.9 && fabs(p + rest - 1) < 1e-9, "%g %g", p, rest);
}

Test(beta_compare, more_errors_of_the_canary_are_more_evidence)
{
    double last = 0, last_loss = 0;
    for (double x = 0; x <= 60; x++) {
        const struct cm_beta canary = {0.5 + x, 900.5 - x}, control = {80.5, 7920.5};
        double p = cm_beta_compare_greater(&canary, &control, 0.002);
        double loss = cm_beta_compare_loss(&canary, &control);
        cr_expect(p > last - 1e-12 && loss > last_loss, "%g", x);
        last = p, last_loss = loss;
    }
}

Test(beta_compare, margins_beyond_what_is_possible_are_certain)
{
    const struct cm_beta x = {2, 3}, y = {4, 5};
    cr_expect(cm_beta_compare_greater(&x, &y, 1) == 0);
    cr_expect(cm_beta_compare_greater(&x, &y, -1) == 1);
    expect_nan(cm_beta_compare_greater(&x, &y, NAN));
}

Test(beta_compare, impossible_parameters_have_no_answer)
{
    static const double bad[] = {0, -1, NAN, INFINITY};
    const struct cm_beta fine = {2, 3};
    for (int i = 0; i < 4; i++) {
        const struct cm_beta a = {bad[i], 1}, b = {1, bad[i]};
        expect_nan(cm_beta_compare_greater(&a, &fine, 0));
        expect_nan(cm_beta_compare_greater(&fine, &b, 0));
        expect_nan(cm_beta_compare_loss(&b, &fine));
        expect_nan(cm_beta_compare_mean(&a));
        expect_nan(cm_beta_compare_credible(&b, 0.95).low);
    }
    expect_nan(cm_beta_compare_credible(&fine, 1).high);
}

Test(beta_compare, credible_intervals_cut_equal_tails)
{
    static const struct cm_beta betas[] = {{23, 879}, {0.5, 0.5}, {1, 1}, {1e6, 40}};
    for (int i = 0; i < 4; i++) {
        struct cm_interval c = cm_beta_compare_credible(&betas[i], 0.9);
        expect_close(cm_beta_law_below(betas[i].a, betas[i].b, c.low, 1 - c.low), 0.05, 1e-7);
        expect_close(cm_beta_law_above(betas[i].a, betas[i].b, c.high, 1 - c.high), 0.05, 1e-7);
    }
    struct cm_interval uniform = cm_beta_compare_credible(&betas[2], 0.9);
    expect_close(uniform.low, 0.05, 1e-13);
    expect_close(uniform.high, 0.95, 1e-13);
}
