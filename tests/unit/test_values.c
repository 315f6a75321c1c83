/* Sorting and walking two samples. */
#include "sim/stats/values.h"
#include "tests/unit/close.h"

Test(values, sorting_puts_nan_last)
{
    double x[] = {3, NAN, -INFINITY, 2, NAN, -0.0, INFINITY};
    cm_values_sort(x, 7);
    cr_expect(x[0] == -INFINITY && x[1] == 0 && x[2] == 2 && x[3] == 3 && x[4] == INFINITY);
    cr_expect(isnan(x[5]) && isnan(x[6]));
    cm_values_sort(NULL, 0);
}

Test(values, only_finite_samples_are_finite)
{
    static const double x[] = {-INFINITY, 1, 2, INFINITY}, odd[] = {1, NAN};
    cr_expect(cm_values_finite(&(struct cm_values){x + 1, 2}));
    cr_expect(cm_values_finite(&(struct cm_values){NULL, 0}));
    cr_expect(!cm_values_finite(&(struct cm_values){x, 2}));
    cr_expect(!cm_values_finite(&(struct cm_values){x + 1, 3}));
    cr_expect(!cm_values_finite(&(struct cm_values){odd, 2}));
}

Test(values, a_walk_stops_at_every_distinct_value)
{
    static const double control[] = {1, 2, 2, 5}, canary[] = {3, 3, 6};
    static const struct {
        double value;
        size_t at0, at1, below0, below1;
    } want[] = {{1, 1, 0, 0, 0}, {2, 2, 2, 1, 0}, {5, 1, 1, 3, 2}};
    struct cm_values_walk w = {.control = {control, 4}, .canary = {canary, 3}, .shift = 1};
    for (size_t i = 0; i < 3; i++) {
        cr_assert(cm_values_next(&w));
        cr_expect(w.value == want[i].value && w.at0 == want[i].at0 && w.at1 == want[i].at1 &&
                      w.below0 == want[i].below0 && w.below1 == want[i].below1,
                  "%zu: %g %zu %zu", i, w.value, w.at0, w.at1);
    }
    cr_expect(!cm_values_next(&w) && w.below0 == 4 && w.below1 == 3);
    cr_expect(!cm_values_next(&w), "and again");
}
