/* Tables of Poisson laws: found again, kept apart, and the same whoever was first. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/base/poisson_tables.h"

Test(poisson_tables, a_mean_that_is_met_again_has_the_same_table)
{
    struct cm_poisson_tables t = {0};
    const uint64_t *cells[300];
    for (int i = 0; i < 300; i++)
        cells[i] = cm_poisson_tables_find(&t, 0.5 + i).alias.cells;
    for (int i = 0; i < 300; i++)
        cr_expect_eq(cm_poisson_tables_find(&t, 0.5 + i).alias.cells, cells[i], "mean %g", 0.5 + i);
    cr_expect_eq(t.n, 300);
    cm_poisson_tables_release(&t);
}

Test(poisson_tables, what_is_drawn_does_not_depend_on_other_means)
{
    struct cm_poisson_tables alone = {0}, crowded = {0};
    for (int i = 1; i < 100; i++)
        cm_poisson_tables_find(&crowded, i);
    struct cm_poisson_table a = cm_poisson_tables_find(&alone, 41.5);
    struct cm_poisson_table b = cm_poisson_tables_find(&crowded, 41.5);
    struct cm_rng one = cm_rng_stream(1, 0, cm_rng_purpose("test"), 0), two = one;
    for (int i = 0; i < 1000; i++) {
        uint64_t first = cm_poisson_table_draw(&a, &one);
        cr_assert_eq(first, cm_poisson_table_draw(&b, &two));
    }
    cm_poisson_tables_release(&alone);
    cm_poisson_tables_release(&crowded);
}

Test(poisson_tables, a_few_are_kept_and_many_are_forgotten)
{
    struct cm_poisson_tables t = {0};
    cm_poisson_tables_find(&t, 10);
    cm_poisson_tables_clear(&t);
    cr_expect_eq(t.n, 1);
    for (int i = 0; i < 1000; i++)
        cm_poisson_tables_find(&t, 1000 + i);
    cm_poisson_tables_clear(&t);
    cr_expect_eq(t.n, 0);
    cm_poisson_tables_release(&t);
}

Test(poisson_tables, round_means_leave_a_rest_below_a_quarter)
{
    struct cm_poisson_tables t = {0};
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test"), 1);
    cm_poisson_tables_round(&t);
    for (double mean = 1e-3; mean <= CM_POISSON_TABLES_MEAN; mean *= 1.01) {
        double rest = mean;
        uint64_t count = cm_poisson_tables_draw(&t, &rest, &rng);
        double quarters = 4 * (mean - rest);
        cr_expect(rest >= 0 && rest < 0.25 && quarters == floor(quarters), "%g leaves %g", mean,
                  rest);
        cr_expect(fabs((double)count - mean) <= 10 * sqrt(mean) + 10, "%g", mean);
    }
    cm_poisson_tables_release(&t);
}
