/* Designs with both errors spent keep both, and stop where they said. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/beta_spending.h"
#include "sim/stats/group_bounds.h"
#include "tests/unit/close.h"

static const double info[] = {0.25, 0.6, 0.8, 1};
enum { LOOKS = 4 };

static struct cm_beta_spending design(bool binding)
{
    return (struct cm_beta_spending){
        .plan = {LOOKS, info, 0.025, 1},
        .alpha = {CM_SPENDING_OBRIEN_FLEMING, 0},
        .beta = {CM_SPENDING_HWANG_SHIH_DECANI, -2},
        .type2 = 0.1,
        .binding = binding,
    };
}

Test(beta_spending, type_II_error_is_spent_as_planned)
{
    for (int binding = 0; binding < 2; binding++) {
        double upper[LOOKS], lower[LOOKS], up[LOOKS], down[LOOKS], sum = 0;
        struct cm_beta_spending d = design(binding);
        double drift = cm_beta_spending_design(&d, upper, lower);
        struct cm_group_exits exits = {up, down, 0};
        cm_group_sequential_exits(&d.plan, &(struct cm_group_bounds){upper, lower}, drift, &exits);
        for (int k = 0; k < LOOKS; k++) {
            sum += down[k];
            expect_close(sum, cm_spending_spent(&d.beta, 0.1, info[k]), 1e-9);
        }
        cr_expect_eq(upper[LOOKS - 1], lower[LOOKS - 1]);
    }
}

Test(beta_spending, type_I_error_is_kept_followed_or_not)
{
    double upper[LOOKS], lower[LOOKS], plain[LOOKS];
    struct cm_beta_spending d = design(false);
    cm_beta_spending_design(&d, upper, lower);
    cm_group_bounds_spend(&d.plan, &d.alpha, NULL, plain);
    for (int k = 0; k < LOOKS; k++)
        expect_close(upper[k], plain[k], 1e-12);
    cr_expect_lt(cm_group_sequential_power(&d.plan, &(struct cm_group_bounds){upper, lower}, 0),
                 0.025);
    d = design(true);
    cm_beta_spending_design(&d, upper, lower);
    expect_close(cm_group_sequential_power(&d.plan, &(struct cm_group_bounds){upper, lower}, 0),
                 0.025, 1e-9);
    cr_expect_lt(upper[LOOKS - 1], plain[LOOKS - 1]);
}

Test(beta_spending, binding_needs_less_drift_than_non_binding)
{
    double upper[LOOKS], lower[LOOKS];
    struct cm_beta_spending binding = design(true), free = design(false);
    double needs = cm_beta_spending_design(&binding, upper, lower);
    cr_expect_lt(needs, cm_beta_spending_design(&free, upper, lower));
    cr_expect_gt(needs, 1.959964 + 1.281552); /* what one look needs */
}

Test(beta_spending, beta_spent_late_costs_almost_nothing)
{
    double upper[LOOKS], lower[LOOKS];
    struct cm_beta_spending d = design(false);
    d.alpha = d.beta = (struct cm_spending){CM_SPENDING_HWANG_SHIH_DECANI, -400};
    expect_close(cm_beta_spending_design(&d, upper, lower), 1.959963985 + 1.281551566, 1e-8);
    cr_expect_eq(lower[0], -INFINITY);
    cr_expect_eq(upper[0], INFINITY);
}
