/* Brent's method on functions whose zeros are known. */
#include "sim/stats/root.h"
#include "tests/unit/close.h"

static double cubic(double x, const void *context)
{
    (void)context;
    return x * x * x - 2;
}

static double stairs(double x, const void *context)
{
    return floor(x) - *(const double *)context;
}

struct counted {
    int *calls;
};

static double counting(double x, const void *context)
{
    const struct counted *c = context;
    (*c->calls)++;
    return cos(x) - x;
}

Test(root, a_simple_zero_is_found_to_the_tolerance)
{
    const struct cm_function f = {cubic, NULL};
    expect_close(cm_root_brent(&f, 0, 3, 1e-14), cbrt(2), 1e-14);
    expect_close(cm_root_brent(&f, 3, 0, 1e-14), cbrt(2), 1e-14);
    cr_expect(fabs(cm_root_brent(&f, 0, 3, 0.01) - cbrt(2)) <= 0.01);
}

/* 0.739085133215161 is the fixed point of the cosine. */
Test(root, interpolation_takes_few_steps)
{
    int calls = 0;
    const struct counted context = {&calls};
    const struct cm_function f = {counting, &context};
    expect_close(cm_root_brent(&f, 0, 100, 1e-12), 0.739085133215161, 1e-12);
    cr_expect(calls < 25, "%d", calls);
}

Test(root, a_zero_at_an_end_is_the_answer)
{
    const double level = 2;
    const struct cm_function f = {stairs, &level};
    cr_expect(cm_root_brent(&f, 2, 7, 1e-9) == 2);
    cr_expect(floor(cm_root_brent(&f, 0, 2.5, 1e-9)) == 2);
}

Test(root, a_jump_is_enclosed)
{
    const double level = 1.5;
    const struct cm_function f = {stairs, &level};
    expect_close(cm_root_brent(&f, 0, 7.3, 1e-9), 2, 1e-9);
}
