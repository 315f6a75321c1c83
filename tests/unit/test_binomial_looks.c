/* Exact looks against enumeration, and against the normal law where arms are large. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/binomial_looks.h"
#include "sim/stats/group_sequential.h"
#include "sim/stats/two_proportion.h"
#include "tests/unit/close.h"

static double choose(int n, int k)
{
    double c = 1;
    for (int i = 0; i < k; i++)
        c = c * (n - i) / (i + 1);
    return c;
}

static double binomial(int n, int k, double p)
{
    return choose(n, k) * pow(p, k) * pow(1 - p, n - k);
}

/* Both looks of 4 and 3 requests, every outcome. */
Test(binomial_looks, two_looks_agree_with_every_outcome_counted)
{
    static const double critical[] = {1.2, 1.5};
    struct cm_binomial_looks plan = {4, 3, 0.3, 0.6, 2, critical, true};
    for (int pooled = 0; pooled < 2; pooled++) {
        double want[2] = {0, 0}, got[2];
        plan.pooled = pooled;
        for (int i = 0; i < 5 * 4 * 5 * 4; i++) {
            int a0 = i % 5, a1 = i / 5 % 4, b0 = i / 20 % 5, b1 = i / 100;
            double p = binomial(4, a0, 0.3) * binomial(3, a1, 0.6) * binomial(4, b0, 0.3) *
                       binomial(3, b1, 0.6);
            const struct cm_two_counts first = {(uint64_t)a0, 4, (uint64_t)a1, 3};
            const struct cm_two_counts both = {(uint64_t)(a0 + b0), 8, (uint64_t)(a1 + b1), 6};
            if (cm_two_proportion_z(&first, pooled, 0) >= critical[0])
                want[0] += p;
            else if (cm_two_proportion_z(&both, pooled, 0) >= critical[1])
                want[1] += p;
        }
        expect_close(cm_binomial_looks_reject(&plan, got), want[0] + want[1], 1e-13);
        expect_close(got[0], want[0], 1e-13);
        expect_close(got[1], want[1], 1e-13);
    }
}

Test(binomial_looks, large_equal_arms_come_near_the_normal_law)
{
    static const double critical[] = {2, 2, 2};
    double at[3];
    const struct cm_binomial_looks plan = {100, 100, 0.4, 0.4, 3, critical, true};
    cr_expect_float_eq(cm_binomial_looks_reject(&plan, at), cm_group_sequential_repeated(3, 2, 1),
                       0.006);
}

Test(binomial_looks, errors_that_cannot_happen_reject_nothing)
{
    static const double critical[] = {1, 1};
    double at[2];
    struct cm_binomial_looks plan = {5, 5, 0, 0, 2, critical, true};
    cr_expect_eq(cm_binomial_looks_reject(&plan, at), 0);
    plan.p1 = 1;
    expect_close(cm_binomial_looks_reject(&plan, at), 1, 1e-14);
}

Test(binomial_looks, what_is_too_large_or_no_probability_is_not_feasible)
{
    static const double critical[] = {1, 1};
    const struct cm_binomial_looks fine = {5, 5, 0.1, 0.1, 2, critical, true};
    struct cm_binomial_looks plan = fine;
    cr_expect(cm_binomial_looks_feasible(&fine));
    plan.n0 = 1000000;
    cr_expect_not(cm_binomial_looks_feasible(&plan));
    plan.n0 = UINT64_MAX;
    cr_expect_not(cm_binomial_looks_feasible(&plan));
    plan = fine, plan.n1 = 0;
    cr_expect_not(cm_binomial_looks_feasible(&plan));
    plan = fine, plan.p0 = (double)NAN;
    cr_expect_not(cm_binomial_looks_feasible(&plan));
    plan = fine, plan.p1 = 1.1;
    cr_expect_not(cm_binomial_looks_feasible(&plan));
    plan = fine, plan.looks = 0;
    cr_expect_not(cm_binomial_looks_feasible(&plan));
}
