/* Exits against closed forms of two looks, published errors of peeking, and common sense. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "sim/stats/group_sequential.h"
#include "tests/unit/close.h"

static struct cm_group_plan looks_at(size_t looks, const double *info)
{
    return (struct cm_group_plan){looks, info, 0.05, 1};
}

Test(group_sequential, two_looks_above_zero_have_sheppards_probability)
{
    /* P(Z1 >= 0 or Z2 >= 0) = 3/4 - asin(r) / (2 pi), r = sqrt(I1 / I2) (Sheppard 1899). */
    static const double zero[] = {0, 0};
    for (double t = 0.05; t < 1; t += 0.15) {
        const double info[] = {t, 1};
        struct cm_group_plan plan = looks_at(2, info);
        const struct cm_group_bounds at = {zero, NULL};
        expect_close(cm_group_sequential_power(&plan, &at, 0),
                     0.75 - asin(sqrt(t)) / (2 * 3.14159265358979323846), 1e-12);
    }
}

Test(group_sequential, many_looks_at_zero_follow_sparre_andersen)
{
    /* A symmetric walk of n equal steps stays below 0 with probability C(2n, n) / 4^n. */
    double info[20], zero[20] = {0}, stays = 1;
    for (size_t k = 0; k < 20; k++) {
        info[k] = (double)(k + 1);
        stays *= ((double)k + 0.5) / (double)(k + 1);
    }
    struct cm_group_plan plan = looks_at(20, info);
    expect_close(cm_group_sequential_power(&plan, &(struct cm_group_bounds){zero, NULL}, 0),
                 1 - stays, 1e-12);
}

Test(group_sequential, peeking_costs_what_armitage_mcpherson_and_rowe_found)
{
    /* JRSS A 1969, table 2, two-sided 5 %: to three decimals. */
    static const struct {
        size_t looks;
        double error;
    } cases[] = {{1, 0.050}, {2, 0.083},  {3, 0.107},  {4, 0.126},
                 {5, 0.142}, {10, 0.193}, {20, 0.248}, {50, 0.320}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_float_eq(cm_group_sequential_repeated(cases[i].looks, 1.95996398454, 2),
                           cases[i].error, 5.1e-4);
    /* Three looks at 1.96, to the accuracy of R's pmvnorm. */
    expect_close(cm_group_sequential_repeated(3, 1.96, 2), 0.107248036, 7e-7);
}

Test(group_sequential, repeated_tests_out_of_range_are_no_number)
{
    expect_nan(cm_group_sequential_repeated(0, 2, 1));
    expect_nan(cm_group_sequential_repeated(CM_GROUP_LOOKS + 1, 2, 1));
    expect_nan(cm_group_sequential_repeated(3, -0.1, 2));
    expect_nan(cm_group_sequential_repeated(3, (double)NAN, 2));
    expect_nan(cm_group_sequential_repeated(3, 2, 0));
    expect_nan(cm_group_sequential_repeated(3, 2, 3));
}

Test(group_sequential, power_grows_with_drift)
{
    static const double info[] = {0.1, 0.3, 0.35, 0.8, 1}, upper[] = {3, 2.8, INFINITY, 2.2, 2.1};
    static const double lower[] = {-1, -INFINITY, 0, 0.3, 2.1};
    struct cm_group_plan plan = looks_at(5, info);
    for (int both = 0; both < 2; both++) {
        const struct cm_group_bounds at = {upper, both ? lower : NULL};
        double before = 0;
        for (double drift = -4; drift <= 8; drift += 0.5) {
            double power = cm_group_sequential_power(&plan, &at, drift);
            cr_expect_gt(power, before);
            before = power;
        }
    }
}

Test(group_sequential, boundaries_that_meet_at_the_end_leave_nobody)
{
    static const double info[] = {0.4, 0.7, 1}, upper[] = {3, 2.5, 2}, lower[] = {-1, 0, 2};
    struct cm_group_plan plan = looks_at(3, info);
    for (double drift = -2; drift <= 6; drift += 2) {
        double up[3], down[3], sum = 0;
        struct cm_group_exits exits = {up, down, 0};
        cm_group_sequential_exits(&plan, &(struct cm_group_bounds){upper, lower}, drift, &exits);
        for (int k = 0; k < 3; k++)
            sum += up[k] + down[k];
        expect_close(sum, 1, 1e-12);
        cr_expect(exits.info > 0.4 && exits.info < 1);
    }
}

Test(group_sequential, without_boundaries_everybody_stays_to_the_end)
{
    static const double info[] = {0.4, 0.7, 1.5}, upper[] = {INFINITY, INFINITY, INFINITY};
    struct cm_group_plan plan = looks_at(3, info);
    double up[3], down[3];
    struct cm_group_exits exits = {up, down, 0};
    cm_group_sequential_exits(&plan, &(struct cm_group_bounds){upper, NULL}, 2, &exits);
    expect_close(exits.info, 1.5, 1e-14);
    for (int k = 0; k < 3; k++)
        cr_expect(up[k] == 0 && down[k] == 0);
}

Test(group_sequential, mirrored_boundaries_and_drift_mirror_the_exits)
{
    static const double info[] = {0.2, 0.6, 1}, upper[] = {2.5, 2.2, 2}, lower[] = {-3, -1, -2.5};
    static const double minus_lower[] = {3, 1, 2.5}, minus_upper[] = {-2.5, -2.2, -2};
    double up[3], down[3], up2[3], down2[3];
    struct cm_group_plan plan = looks_at(3, info);
    struct cm_group_exits a = {up, down, 0}, b = {up2, down2, 0};
    cm_group_sequential_exits(&plan, &(struct cm_group_bounds){upper, lower}, 1.3, &a);
    cm_group_sequential_exits(&plan, &(struct cm_group_bounds){minus_lower, minus_upper}, -1.3, &b);
    for (int k = 0; k < 3; k++) {
        expect_close(up[k], down2[k], 1e-11);
        expect_close(down[k], up2[k], 1e-11);
    }
    expect_close(a.info, b.info, 1e-12);
}

Test(group_sequential, looks_that_are_close_count_as_the_first_of_them)
{
    static const double info[] = {0.4, 0.400001, 0.400002, 1}, upper[] = {2.5, 2.5, 2.5, 2};
    struct cm_group_plan plan = looks_at(4, info);
    double up[4], down[4];
    struct cm_group_exits exits = {up, down, 0};
    cm_group_sequential_exits(&plan, &(struct cm_group_bounds){upper, NULL}, 1, &exits);
    cr_expect_gt(up[0], 0.01);
    cr_expect(up[1] == 0 && up[2] == 0);
    cr_expect_gt(up[3], 0.01);
    cr_expect_eq(cm_group_sequential_next(&plan, 0), 3);
    cr_expect_eq(cm_group_sequential_next(&plan, 3), 4);
    expect_close(cm_group_sequential_ahead(&plan, 0), 0.6, 1e-14);
    cr_expect_eq(cm_group_sequential_ahead(&plan, 3), INFINITY);
}

Test(group_sequential, a_plan_that_is_none_is_refused_in_words)
{
    static const double fine[] = {0.5, 1}, zero[] = {0, 1}, back[] = {0.5, 0.5},
                        endless[] = {0.5, INFINITY};
    static const struct {
        struct cm_group_plan plan;
        const char *want;
    } cases[] = {
        {{0, fine, 0.05, 1}, "0 looks"},
        {{CM_GROUP_LOOKS + 1, fine, 0.05, 1}, "1001 looks"},
        {{2, zero, 0.05, 1}, "information 0 of look 1"},
        {{2, back, 0.05, 1}, "look 2 has to be above 0.5"},
        {{2, endless, 0.05, 1}, "finite"},
        {{2, fine, 0, 1}, "alpha 0"},
        {{2, fine, 0.6, 1}, "alpha 0.6"},
        {{2, fine, 1, 2}, "alpha 1"},
        {{2, fine, (double)NAN, 1}, "alpha nan"},
        {{2, fine, 0.05, 3}, "not 3"},
    };
    struct cm_err err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(cm_group_sequential_check(&cases[i].plan, &err), -1);
        cr_expect_not_null(strstr(err.text, cases[i].want), "%s", err.text);
    }
    const struct cm_group_plan plan = {2, fine, 0.6, 2};
    cr_expect_eq(cm_group_sequential_check(&plan, &err), 0);
}
