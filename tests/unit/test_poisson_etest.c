/* The E-test against the double sum that defines it. */
#include "sim/stats/poisson_etest.h"
#include "tests/unit/close.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

static double stat(double a, double b, double d, enum cm_etest kind)
{
    double variance = kind == CM_ETEST_SCORE ? (a + b) * d : a + b * d * d;
    return variance > 0 ? (a - b * d) / sqrt(variance) : 0;
}

static bool as_extreme(double t, double seen, enum cm_alternative alternative)
{
    if (alternative == CM_TWO_SIDED)
        return fabs(t) >= fabs(seen) - 1e-10;
    return alternative == CM_GREATER ? t >= seen - 1e-10 : t <= seen + 1e-10;
}

/* Both means are small: 200 terms either way. */
static double by_definition(const struct cm_two_rates *r, double ratio, enum cm_etest kind,
                            enum cm_alternative alternative)
{
    double d = ratio * r->t1 / r->t0, m0 = (double)(r->x0 + r->x1) / (1 + d), sum = 0;
    double seen = stat((double)r->x1, (double)r->x0, d, kind);
    for (unsigned b = 0; b < 200; b++)
        for (unsigned a = 0; a < 200; a++)
            if (as_extreme(stat(a, b, d, kind), seen, alternative))
                sum += gsl_ran_poisson_pdf(a, d * m0) * gsl_ran_poisson_pdf(b, m0);
    return sum;
}

Test(poisson_etest, p_is_the_double_sum)
{
    static const struct cm_two_rates cases[] = {
        {6, 11, 60, 50}, {0, 3, 10, 5}, {3, 0, 10, 5}, {20, 1, 10, 4}, {1, 30, 2, 7}};
    for (int i = 0; i < 5; i++)
        for (int kind = CM_ETEST_SCORE; kind <= CM_ETEST_WALD; kind++)
            for (int side = CM_GREATER; side <= CM_TWO_SIDED; side++) {
                double p = cm_poisson_etest_p(&cases[i], 1.25, kind, side);
                expect_close(p, by_definition(&cases[i], 1.25, kind, side), 1e-9);
            }
}

/* 11 / 50 against 6 / 60: the score by hand, and published as 1.594. */
Test(poisson_etest, worked_numbers_hold)
{
    const struct cm_two_rates r = {6, 11, 60, 50};
    expect_close(cm_poisson_etest_stat(&r, 1, CM_ETEST_SCORE), 6 / sqrt(17 * 5.0 / 6), 1e-14);
    expect_close(cm_poisson_etest_stat(&r, 1, CM_ETEST_WALD), 6 / sqrt(11 + 6 * 25.0 / 36), 1e-14);
    expect_close(cm_poisson_etest_p(&r, 1, CM_ETEST_SCORE, CM_GREATER), 0.0594939971729, 1e-10);
}

Test(poisson_etest, the_other_side_is_the_rest)
{
    const struct cm_two_rates r = {41, 37, 60, 50};
    for (int kind = CM_ETEST_SCORE; kind <= CM_ETEST_WALD; kind++) {
        double both =
            cm_poisson_etest_p(&r, 1, kind, CM_GREATER) + cm_poisson_etest_p(&r, 1, kind, CM_LESS);
        cr_expect(both > 1 && both < 1.1, "the table itself is counted twice: %g", both);
    }
}

/* A million events an arm: the score is standard normal. */
Test(poisson_etest, large_counts_are_normal)
{
    gsl_set_error_handler_off();
    const struct cm_two_rates r = {1000000, 1004000, 1, 1};
    double z = cm_poisson_etest_stat(&r, 1, CM_ETEST_SCORE);
    expect_close(cm_poisson_etest_p(&r, 1, CM_ETEST_SCORE, CM_GREATER),
                 cm_alternative_p_of_z(z, CM_GREATER), 2e-2);
}

Test(poisson_etest, nothing_and_the_impossible)
{
    const struct cm_two_rates none = {0, 0, 1, 1}, bad = {1, 2, 0, 1}, fine = {1, 2, 1, 1};
    cr_expect(cm_poisson_etest_stat(&none, 1, CM_ETEST_SCORE) == 0);
    cr_expect(cm_poisson_etest_p(&none, 1, CM_ETEST_WALD, CM_GREATER) == 1);
    expect_nan(cm_poisson_etest_stat(&bad, 1, CM_ETEST_SCORE));
    const struct cm_two_rates many = {CM_POISSON_ETEST_MAX, 1, 1, 1};
    expect_nan(cm_poisson_etest_p(&many, 1, CM_ETEST_SCORE, CM_GREATER));
    expect_nan(cm_poisson_etest_p(&fine, NAN, CM_ETEST_SCORE, CM_GREATER));
    expect_nan(cm_poisson_etest_p(&fine, 0, CM_ETEST_SCORE, CM_GREATER));
}
