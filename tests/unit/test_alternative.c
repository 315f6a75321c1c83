/* Normal tails: symmetric, and right far out, where 1 - Phi is 0. */
#include "sim/stats/alternative.h"
#include "tests/unit/close.h"

/* Q(1.96) and Q(10): Abramowitz and Stegun, table 26.1; R pnorm. */
Test(alternative, tails_are_the_normal_ones)
{
    expect_close(cm_alternative_p_of_z(1.96, CM_GREATER), 0.0249978951482204, 1e-12);
    expect_close(cm_alternative_p_of_z(10, CM_GREATER), 7.61985302416053e-24, 1e-12);
    expect_close(cm_alternative_p_of_z(-1.96, CM_TWO_SIDED), 0.0499957902964409, 1e-12);
}

Test(alternative, less_mirrors_greater)
{
    for (double z = -6; z <= 6; z += 0.75) {
        cr_expect(cm_alternative_p_of_z(z, CM_LESS) == cm_alternative_p_of_z(-z, CM_GREATER));
        expect_close(cm_alternative_p_of_z(z, CM_LESS) + cm_alternative_p_of_z(z, CM_GREATER), 1,
                     1e-15);
    }
    cr_expect(cm_alternative_mirror(CM_LESS) == CM_GREATER &&
              cm_alternative_mirror(CM_GREATER) == CM_LESS &&
              cm_alternative_mirror(CM_TWO_SIDED) == CM_TWO_SIDED);
}

Test(alternative, the_ends_of_the_line)
{
    cr_expect(cm_alternative_p_of_z(0, CM_TWO_SIDED) == 1);
    cr_expect(cm_alternative_p_of_z(INFINITY, CM_GREATER) == 0);
    cr_expect(cm_alternative_p_of_z(-INFINITY, CM_GREATER) == 1);
    expect_nan(cm_alternative_p_of_z(NAN, CM_TWO_SIDED));
}
