/* Partial expectations of a normal law. */
#include "sim/stats/normal_risk.h"
#include "tests/unit/close.h"

/* GrowthBook's chance and risk of 0.1 +- 0.25. */
Test(normal_risk, worked_numbers_hold)
{
    struct cm_normal_risk r = cm_normal_risk_of(0.1, 0.25);
    expect_close(r.chance, 0.655421741610324, 1e-13);
    expect_close(r.positive, 0.157609709236863, 1e-13);
    expect_close(r.negative, 0.0576097092368632, 1e-13);
}

Test(normal_risk, the_two_risks_differ_by_the_mean)
{
    for (double m = -3; m <= 3; m += 0.25) {
        struct cm_normal_risk r = cm_normal_risk_of(m, 0.7), o = cm_normal_risk_of(-m, 0.7);
        cr_expect(fabs(r.positive - r.negative - m) < 1e-14);
        cr_expect(r.positive == o.negative && fabs(r.chance + o.chance - 1) < 1e-15);
    }
}

Test(normal_risk, a_certain_difference_has_no_other_side)
{
    struct cm_normal_risk up = cm_normal_risk_of(2, 0), none = cm_normal_risk_of(0, 0);
    cr_expect(up.chance == 1 && up.positive == 2 && up.negative == 0);
    cr_expect(none.chance == 0 && none.positive == 0 && none.negative == 0);
}

/* E[D^+] is s phi(z) (1 / z^2 - 3 / z^4 + 15 / z^6 - ...) far out. */
Test(normal_risk, far_out_the_risk_is_tiny_but_not_zero)
{
    struct cm_normal_risk r = cm_normal_risk_of(-20, 1);
    expect_close(r.positive,
                 exp(-200) / sqrt(2 * 3.14159265358979324) / 400 * (1 - 3.0 / 400 + 15.0 / 160000),
                 1e-5);
    cr_expect(cm_normal_risk_of(-1000, 1).positive == 0);
}

Test(normal_risk, what_is_no_deviation_has_no_answer)
{
    expect_nan(cm_normal_risk_of(1, -1).chance);
    expect_nan(cm_normal_risk_of(NAN, 1).positive);
    expect_nan(cm_normal_risk_of(1, NAN).negative);
    expect_nan(cm_normal_risk_of(1, INFINITY).negative);
}
