/* Two gamma posteriors: closed forms, mirrors, ends. */
#include "sim/stats/gamma_compare.h"
#include "tests/unit/close.h"

/* Events 14 in 400 against 90 in 4000, prior Gamma(1, 1). */
Test(gamma_compare, worked_numbers_hold)
{
    const struct cm_gamma canary = {15, 401}, control = {91, 4001};
    expect_close(cm_gamma_compare_greater(&canary, &control, 1), 0.946222734866, 1e-11);
}

/* Exponential against exponential: which clock rings first. */
Test(gamma_compare, exponentials_have_a_closed_form)
{
    for (double r = 1e-3; r < 1e4; r *= 7) {
        const struct cm_gamma x = {1, 3}, y = {1, 5};
        expect_close(cm_gamma_compare_greater(&x, &y, r), 5 / (5 + 3 * r), 1e-13);
    }
}

Test(gamma_compare, either_is_larger_and_units_do_not_matter)
{
    const struct cm_gamma x = {14.5, 400}, y = {90.5, 4000};
    const struct cm_gamma hours_x = {14.5, 400 / 3600.0}, hours_y = {90.5, 4000 / 3600.0};
    double last = 1;
    for (double r = 0.1; r < 10; r *= 1.3) {
        double p = cm_gamma_compare_greater(&x, &y, r);
        expect_close(p + cm_gamma_compare_greater(&y, &x, 1 / r), 1, 1e-13);
        expect_close(cm_gamma_compare_greater(&hours_x, &hours_y, r), p, 1e-12);
        cr_expect(p < last);
        last = p;
    }
}

Test(gamma_compare, impossible_parameters_have_no_answer)
{
    static const double bad[] = {0, -1, NAN, INFINITY};
    const struct cm_gamma fine = {2, 3};
    for (int i = 0; i < 4; i++) {
        const struct cm_gamma shape = {bad[i], 1}, rate = {1, bad[i]};
        expect_nan(cm_gamma_compare_greater(&shape, &fine, 1));
        expect_nan(cm_gamma_compare_greater(&fine, &rate, 1));
        expect_nan(cm_gamma_compare_greater(&fine, &fine, bad[i]));
    }
}
