/* Barnard's and Boschloo's tests against their definition: every table, a fine grid. */
#include "sim/stats/two_proportion.h"
#include "sim/stats/unconditional.h"
#include "tests/unit/close.h"

#include <gsl/gsl_randist.h>

typedef bool extreme(const struct cm_two_counts *table, const struct cm_two_counts *seen);

static double z_of(const struct cm_two_counts *c)
{
    return cm_two_proportion_z(c, true, 0);
}

static bool larger_z(const struct cm_two_counts *table, const struct cm_two_counts *seen)
{
    return z_of(table) >= z_of(seen) - 1e-9;
}

static bool farther_z(const struct cm_two_counts *table, const struct cm_two_counts *seen)
{
    return fabs(z_of(table)) >= fabs(z_of(seen)) - 1e-9;
}

static bool smaller_p(const struct cm_two_counts *table, const struct cm_two_counts *seen)
{
    return cm_two_proportion_fisher(table) <= cm_two_proportion_fisher(seen) * (1 + 1e-9);
}

/* The largest probability of the extreme tables over pi = 0, 1/steps, ..., 1. */
static double by_definition(const struct cm_two_counts *seen, extreme *of)
{
    enum { STEPS = 900 };
    double sup = 0;
    for (int k = 0; k <= STEPS; k++) {
        double pi = (double)k / STEPS, sum = 0;
        for (unsigned x0 = 0; x0 <= seen->n0; x0++)
            for (unsigned x1 = 0; x1 <= seen->n1; x1++) {
                const struct cm_two_counts table = {x0, seen->n0, x1, seen->n1};
                if (of(&table, seen))
                    sum += gsl_ran_binomial_pdf(x0, pi, (unsigned)seen->n0) *
                           gsl_ran_binomial_pdf(x1, pi, (unsigned)seen->n1);
            }
        sup = fmax(sup, sum);
    }
    return sup;
}

static const struct cm_two_counts tables[] = {
    {1, 9, 4, 7}, {0, 6, 3, 6}, {2, 8, 1, 5}, {0, 5, 1, 9}, {3, 7, 3, 7}};
enum { TABLES = sizeof tables / sizeof tables[0] };

Test(unconditional, one_sided_tests_are_suprema_over_the_common_share)
{
    for (int t = 0; t < TABLES; t++) {
        double barnard = cm_unconditional_barnard(&tables[t], CM_GREATER);
        double boschloo = cm_unconditional_boschloo(&tables[t], CM_GREATER);
        expect_close(barnard, by_definition(&tables[t], larger_z), 1e-5);
        expect_close(boschloo, by_definition(&tables[t], smaller_p), 1e-5);
        cr_expect(boschloo <= cm_two_proportion_fisher(&tables[t]) + 1e-12, "%d", t);
    }
}

/* 0 of 2 against 1 of 1 is the only table as extreme: (1 - pi)^2 pi is largest at pi = 1/3. */
Test(unconditional, the_supremum_is_found_between_points_of_the_grid)
{
    const struct cm_two_counts c = {0, 2, 1, 1};
    expect_close(cm_unconditional_barnard(&c, CM_GREATER), 4.0 / 27, 1e-13);
    expect_close(cm_unconditional_boschloo(&c, CM_GREATER), 4.0 / 27, 1e-13);
}

Test(unconditional, two_sided_barnard_looks_both_ways)
{
    for (int t = 0; t < TABLES; t++)
        expect_close(cm_unconditional_barnard(&tables[t], CM_TWO_SIDED),
                     by_definition(&tables[t], farther_z), 1e-5);
}

Test(unconditional, less_is_greater_of_the_arms_exchanged)
{
    for (int t = 0; t < TABLES; t++) {
        struct cm_two_counts c = tables[t], mirror = {c.x1, c.n1, c.x0, c.n0};
        expect_close(cm_unconditional_barnard(&c, CM_LESS),
                     cm_unconditional_barnard(&mirror, CM_GREATER), 1e-12);
        expect_close(cm_unconditional_boschloo(&c, CM_LESS),
                     cm_unconditional_boschloo(&mirror, CM_GREATER), 1e-12);
        double one =
            fmin(cm_unconditional_boschloo(&c, CM_LESS), cm_unconditional_boschloo(&c, CM_GREATER));
        expect_close(cm_unconditional_boschloo(&c, CM_TWO_SIDED), fmin(1, 2 * one), 1e-12);
    }
}

Test(unconditional, tables_without_contrast_are_certain)
{
    const struct cm_two_counts none = {0, 5, 0, 5}, all = {5, 5, 5, 5}, empty = {0, 0, 1, 3};
    cr_expect(cm_unconditional_barnard(&none, CM_GREATER) == 1);
    cr_expect(cm_unconditional_boschloo(&all, CM_GREATER) == 1);
    cr_expect(cm_unconditional_barnard(&all, CM_TWO_SIDED) == 1);
    cr_expect(cm_unconditional_boschloo(&empty, CM_TWO_SIDED) == 1);
}

Test(unconditional, five_hundred_requests_an_arm_are_the_limit)
{
    const struct cm_two_counts most = {3, 500, 14, 500}, over = {3, 501, 14, 500};
    double p = cm_unconditional_boschloo(&most, CM_GREATER);
    cr_expect(p > 0 && p <= cm_two_proportion_fisher(&most), "%g", p);
    expect_nan(cm_unconditional_boschloo(&over, CM_GREATER));
    expect_nan(cm_unconditional_barnard(&over, CM_LESS));
}
