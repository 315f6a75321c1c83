/* Our exponential function, against libm's in long double. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>

#include "sim/base/exp.h"
#include "sim/base/rng.h"

Test(exp, powers_of_two_are_rounded_once)
{
    for (int i = 0; i < CM_EXP_POWERS; i++)
        cr_expect_eq(cm_exp_powers[i], (double)exp2l((long double)i / CM_EXP_POWERS), "%d", i);
}

/* In units of the last place: half a one for the rounding of the table, half a one for its own. */
static double error_of(double x)
{
    long double want = expl((long double)x);
    int exponent;
    frexpl(want, &exponent);
    return (double)(((long double)cm_exp(x) - want) / ldexpl(1, exponent - DBL_MANT_DIG));
}

Test(exp, is_within_one_unit_of_the_last_place)
{
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.exp"), 0);
    static const double scale[] = {1e-9, 1e-3, 0.1, 4, 30, 690};
    double most = 0;
    for (size_t i = 0; i < 300000; i++) {
        double x = scale[i % 6] * (2 * cm_rng_unit(&rng) - 1);
        most = fmax(most, fabs(error_of(x)));
    }
    cr_expect_lt(most, 1.01, "%g", most);
    cr_expect_gt(most, 0.5, "%g: the error is measured", most);
    cr_expect_eq(cm_exp(0), 1);
}
