/* Spending functions against their formulas at points where those are easy. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/stats/spending.h"
#include "tests/unit/close.h"

static const struct cm_spending all[] = {
    {CM_SPENDING_OBRIEN_FLEMING, 0},
    {CM_SPENDING_POCOCK, 0},
    {CM_SPENDING_HWANG_SHIH_DECANI, 1},
    {CM_SPENDING_HWANG_SHIH_DECANI, 0},
    {CM_SPENDING_HWANG_SHIH_DECANI, -4},
    {CM_SPENDING_POWER, 0.5},
    {CM_SPENDING_POWER, 3},
};
enum { ALL = sizeof all / sizeof all[0] };

Test(spending, everything_is_spent_at_the_end_and_nothing_before_the_start)
{
    for (int i = 0; i < ALL; i++) {
        cr_expect_eq(cm_spending_spent(&all[i], 0.025, 0), 0);
        cr_expect_eq(cm_spending_spent(&all[i], 0.025, -1), 0);
        cr_expect_eq(cm_spending_spent(&all[i], 0.025, 1), 0.025);
        cr_expect_eq(cm_spending_spent(&all[i], 0.025, 1.3), 0.025);
        expect_close(cm_spending_spent(&all[i], 0.025, 1 - 1e-13), 0.025, 1e-11);
    }
}

Test(spending, more_information_never_spends_less)
{
    for (int i = 0; i < ALL; i++)
        for (int t = 0; t < 200; t++)
            cr_expect_leq(cm_spending_spent(&all[i], 0.05, t / 200.0),
                          cm_spending_spent(&all[i], 0.05, (t + 1) / 200.0));
}

Test(spending, a_quarter_of_the_information_spends_what_the_formulas_say)
{
    /* z_{0.025} = 1.959963984540054; 2 Q(2 z) = 8.857...e-5 (tables of the normal law). */
    expect_close(cm_spending_spent(&all[0], 0.05, 0.25), 2 * 4.4285e-5, 1e-4);
    expect_close(cm_spending_spent(&all[1], 0.05, 0.25), 0.05 * log(1 + 1.718281828459045 / 4),
                 1e-14);
    expect_close(cm_spending_spent(&all[4], 0.05, 0.25), 0.05 * (exp(1.0) - 1) / (exp(4.0) - 1),
                 1e-14);
    expect_close(cm_spending_spent(&all[3], 0.05, 0.25), 0.0125, 1e-14);
    expect_close(cm_spending_spent(&all[5], 0.05, 0.25), 0.025, 1e-14);
    expect_close(cm_spending_spent(&all[6], 0.05, 0.25), 0.05 / 64, 1e-14);
}

Test(spending, hwang_shih_decani_is_linear_around_zero)
{
    for (double g = 1e-4; g > 1e-18; g /= 100) {
        const struct cm_spending up = {CM_SPENDING_HWANG_SHIH_DECANI, g};
        const struct cm_spending down = {CM_SPENDING_HWANG_SHIH_DECANI, -g};
        expect_close(cm_spending_spent(&up, 0.05, 0.3), 0.015, g);
        expect_close(cm_spending_spent(&down, 0.05, 0.3), 0.015, g);
    }
}

Test(spending, extreme_parameters_are_still_numbers)
{
    const struct cm_spending late = {CM_SPENDING_HWANG_SHIH_DECANI, -500};
    const struct cm_spending early = {CM_SPENDING_HWANG_SHIH_DECANI, 500};
    expect_close(cm_spending_spent(&late, 0.05, 0.5), 0.05 * exp(-250.0), 1e-12);
    expect_close(cm_spending_spent(&early, 0.05, 0.5), 0.05, 1e-12);
}

Test(spending, parameters_out_of_range_are_refused_by_name)
{
    static const struct {
        struct cm_spending s;
        const char *want;
    } cases[] = {
        {{CM_SPENDING_HWANG_SHIH_DECANI, 501}, "Hwang-Shih-DeCani"},
        {{CM_SPENDING_HWANG_SHIH_DECANI, (double)NAN}, "Hwang-Shih-DeCani"},
        {{CM_SPENDING_POWER, 0}, "power"},
        {{CM_SPENDING_POWER, -1}, "power"},
    };
    struct cm_err err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(cm_spending_check(&cases[i].s, &err), -1);
        cr_expect_not_null(strstr(err.text, cases[i].want), "%s", err.text);
    }
    for (int i = 0; i < ALL; i++)
        cr_expect_eq(cm_spending_check(&all[i], &err), 0);
}
