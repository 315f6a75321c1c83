/* Shifts: the median difference against all differences, limits against the test they invert. */
#include "sim/base/rng.h"
#include "sim/stats/ranks.h"
#include "sim/stats/shift.h"
#include "tests/unit/close.h"

static const double x0[] = {5.2, 6.8, 7.1, 9.9, 10.4}, x1[] = {7.5, 8.8, 11, 12.5, 13.1, 14};
static const struct cm_values control = {x0, 5}, canary = {x1, 6};

Test(shift, the_estimate_is_the_median_of_all_differences)
{
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.shift"), 0);
    for (int k = 0; k < 200; k++) {
        size_t n0 = 1 + (size_t)k % 9, n1 = 1 + (size_t)(3 * k) % 11, n = 0;
        double a[9], b[11], all[99];
        for (size_t i = 0; i < n0; i++)
            a[i] = (double)(cm_rng_next(&rng) % 100) / 7 - 5;
        for (size_t j = 0; j < n1; j++)
            b[j] = (double)(cm_rng_next(&rng) % 100) / 7 - 9;
        cm_values_sort(a, n0);
        cm_values_sort(b, n1);
        for (size_t i = 0; i < n0; i++)
            for (size_t j = 0; j < n1; j++)
                all[n++] = b[j] - a[i];
        cm_values_sort(all, n);
        double want = (all[(n - 1) / 2] + all[n / 2]) / 2;
        const struct cm_values va = {a, n0}, vb = {b, n1};
        double got = cm_shift_hodges_lehmann(&va, &vb);
        cr_assert(fabs(got - want) < 1e-14, "%d: %g, not %g", k, got, want);
    }
}

/* By R's wilcox.test(canary, control, exact = FALSE, conf.int = TRUE, conf.level = 0.98); its
 * estimate is where Brent's method meets the stretch of zeros between 3.2 and 3.6. */
Test(shift, limits_are_those_of_r)
{
    struct cm_shift_limits s = cm_shift_interval(&control, &canary, 0.98, 1e-9);
    cr_expect(fabs(s.limits.low + 2.4) < 1e-8 && fabs(s.limits.high - 7.9) < 1e-8, "%g %g",
              s.limits.low, s.limits.high);
    cr_expect(fabs(s.estimate - 3.25635857805339) < 1e-9, "%.14g", s.estimate);
    expect_close(cm_shift_hodges_lehmann(&control, &canary), 3.4, 1e-14);
}

/* At a limit the test's z steps over its quantile. */
Test(shift, limits_are_where_the_test_turns)
{
    struct cm_shift_limits s = cm_shift_interval(&control, &canary, 0.9, 1e-10);
    double quantile = 1.64485362695147, off = 1e-6, sides[2][2] = {{0, 0}, {0, 0}};
    for (int i = 0; i < 2; i++)
        for (int end = 0; end < 2; end++) {
            const struct cm_values_walk w = {.control = control,
                                             .canary = canary,
                                             .shift = (end ? s.limits.high : s.limits.low) +
                                                      (i ? off : -off)};
            struct cm_rank_sum r = cm_ranks_of_walk(&w);
            sides[end][i] = cm_ranks_z(&r, CM_TWO_SIDED, true);
        }
    cr_expect(sides[0][0] >= quantile && sides[0][1] < quantile);
    cr_expect(sides[1][0] > -quantile && sides[1][1] <= -quantile);
}

Test(shift, moving_the_canary_moves_everything)
{
    double moved[6];
    for (int i = 0; i < 6; i++)
        moved[i] = x1[i] + 100;
    const struct cm_values far = {moved, 6};
    struct cm_shift_limits s = cm_shift_interval(&control, &canary, 0.95, 1e-9);
    struct cm_shift_limits t = cm_shift_interval(&control, &far, 0.95, 1e-9);
    cr_expect(fabs(t.limits.low - s.limits.low - 100) < 1e-6);
    cr_expect(fabs(t.limits.high - s.limits.high - 100) < 1e-6);
    expect_close(cm_shift_hodges_lehmann(&control, &far),
                 cm_shift_hodges_lehmann(&control, &canary) + 100, 1e-13);
    struct cm_shift_limits m = cm_shift_interval(&canary, &control, 0.95, 1e-9);
    cr_expect(fabs(m.limits.low + s.limits.high) < 1e-6);
}

Test(shift, constants_differ_by_their_difference)
{
    static const double three[] = {3, 3, 3}, five[] = {5, 5};
    const struct cm_values a = {three, 3}, b = {five, 2};
    struct cm_shift_limits s = cm_shift_interval(&a, &b, 0.95, 1e-9);
    cr_expect(s.estimate == 2 && s.limits.low == 2 && s.limits.high == 2);
    cr_expect(cm_shift_hodges_lehmann(&a, &b) == 2);
}

Test(shift, too_few_values_leave_the_outermost_differences)
{
    static const double one[] = {1}, two[] = {4};
    const struct cm_values a = {one, 1}, b = {two, 1};
    struct cm_shift_limits s = cm_shift_interval(&a, &b, 0.95, 1e-9);
    cr_expect(s.limits.low == 3 && s.limits.high == 3);
}

Test(shift, nothing_and_nan_have_no_answer)
{
    static const double odd[] = {1, NAN};
    const struct cm_values none = {odd, 0}, bad = {odd, 2};
    expect_nan(cm_shift_hodges_lehmann(&none, &canary));
    expect_nan(cm_shift_hodges_lehmann(&control, &bad));
    expect_nan(cm_shift_interval(&bad, &canary, 0.95, 1e-4).estimate);
    expect_nan(cm_shift_interval(&control, &canary, 1, 1e-4).limits.low);
}
