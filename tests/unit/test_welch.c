/* Welch's test by hand, against the normal limit, and where nothing varies. */
#include "sim/stats/welch.h"
#include "tests/unit/close.h"

#include <gsl/gsl_cdf.h>

/* a = 625 / 60, b = 400 / 500: by hand. */
Test(welch, worked_numbers_hold)
{
    const struct cm_sample control = {500, 80, 400}, canary = {60, 86, 625};
    struct cm_welch w = cm_welch_test(&control, &canary, 0);
    double a = 625.0 / 60, b = 0.8;
    expect_close(w.t, 6 / sqrt(a + b), 1e-14);
    expect_close(w.df, (a + b) * (a + b) / (a * a / 59 + b * b / 499), 1e-12);
    expect_close(cm_welch_p(&w, CM_GREATER), gsl_cdf_tdist_Q(w.t, w.df), 1e-14);
    cr_expect(cm_welch_test(&control, &canary, 6).t == 0);
}

Test(welch, arms_exchanged_turn_the_sign)
{
    const struct cm_sample control = {50, 80, 400}, canary = {60, 86, 625};
    struct cm_welch w = cm_welch_test(&control, &canary, 1);
    struct cm_welch m = cm_welch_test(&canary, &control, -1);
    expect_close(m.t, -w.t, 1e-15);
    expect_close(m.df, w.df, 1e-15);
    expect_close(cm_welch_p(&m, CM_LESS), cm_welch_p(&w, CM_GREATER), 1e-14);
    expect_close(cm_welch_p(&m, CM_TWO_SIDED), 2 * cm_welch_p(&w, CM_GREATER), 1e-14);
    expect_close(cm_welch_p(&w, CM_LESS) + cm_welch_p(&w, CM_GREATER), 1, 1e-14);
}

/* Equal sizes and variances: Student's two-sample test with 2 n - 2 degrees. */
Test(welch, equal_variances_have_students_degrees)
{
    const struct cm_sample control = {30, 1, 0.25}, canary = {30, 1.2, 0.25};
    expect_close(cm_welch_test(&control, &canary, 0).df, 58, 1e-12);
}

Test(welch, constants_differ_infinitely_or_not_at_all)
{
    const struct cm_sample three = {5, 3, 0}, four = {7, 4, 0};
    struct cm_welch up = cm_welch_test(&three, &four, 0), down = cm_welch_test(&four, &three, 0);
    cr_expect(up.t == INFINITY && up.df == 10 && down.t == -INFINITY);
    cr_expect(cm_welch_p(&up, CM_GREATER) == 0 && cm_welch_p(&up, CM_LESS) == 1);
    cr_expect(cm_welch_p(&down, CM_GREATER) == 1 && cm_welch_p(&down, CM_TWO_SIDED) == 0);
    struct cm_welch same = cm_welch_test(&three, &four, 1);
    cr_expect(same.t == 0 && cm_welch_p(&same, CM_GREATER) == 0.5);
}

Test(welch, tiny_variances_do_not_underflow)
{
    const struct cm_sample control = {10, 0, 1e-200}, canary = {8, 3e-100, 2e-200};
    struct cm_welch w = cm_welch_test(&control, &canary, 0);
    const struct cm_sample scaled = {10, 0, 1}, other = {8, 3, 2};
    struct cm_welch want = cm_welch_test(&scaled, &other, 0);
    expect_close(w.t, want.t, 1e-12);
    expect_close(w.df, want.df, 1e-12);
}

Test(welch, single_values_and_nan_have_no_answer)
{
    const struct cm_sample one = {1, 3, NAN}, two = {2, 3, 1}, odd = {5, NAN, 1};
    struct cm_welch w = cm_welch_test(&one, &two, 0), v = cm_welch_test(&two, &one, 0);
    expect_nan(w.t);
    expect_nan(v.df);
    expect_nan(cm_welch_p(&w, CM_GREATER));
    struct cm_welch n = cm_welch_test(&two, &odd, 0);
    expect_nan(cm_welch_p(&n, CM_TWO_SIDED));
}
