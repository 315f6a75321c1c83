/* Asymptotic confidence sequences: published values, and width and evidence as each other's
 * inverse. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/asymptotic.h"
#include "tests/unit/close.h"
#include "tests/unit/quadrature.h"

Test(asymptotic, growthbooks_numbers_come_out)
{
    /* n = 5000, SE 0.01, difference 0.03, alpha 5 %, tuned at 5000 (packages/stats of GrowthBook).
     */
    const struct cm_asymptotic a = {5000, 0.03, 0.01 * 0.01 * 5000};
    double two = cm_asymptotic_rho(5000, 0.05, false), one = cm_asymptotic_rho(5000, 0.05, true);
    expect_close(two, 0.03984006677137368, 1e-14);
    expect_close(one, 0.03557768852889753, 1e-14);
    expect_close(cm_asymptotic_half_width(&a, two, 0.05, false), 0.03035208990376253, 1e-13);
    expect_close(cm_asymptotic_half_width(&a, one, 0.05, true), 0.027790942353135218, 1e-13);
    expect_close(exp(-cm_asymptotic_log_e(&a, two, false)), 0.054947614547404815, 1e-12);
}

Test(asymptotic, a_limit_at_zero_has_evidence_one_over_alpha)
{
    for (int one_sided = 0; one_sided < 2; one_sided++)
        for (double alpha = 1e-6; alpha < 0.4; alpha *= 9)
            for (double n = 10; n < 1e9; n *= 100) {
                double rho = cm_asymptotic_rho(5000, 0.05, one_sided);
                struct cm_asymptotic a = {n, 0, 3};
                a.estimate = cm_asymptotic_half_width(&a, rho, alpha, one_sided);
                cr_expect_float_eq(cm_asymptotic_log_e(&a, rho, one_sided), -log(alpha), 1e-10);
            }
}

struct fair {
    double n, rho;
};

static double part(double z, const void *context)
{
    const struct fair *f = context;
    const struct cm_asymptotic a = {f->n, z / sqrt(f->n), 1};
    return exp(cm_asymptotic_log_e(&a, f->rho, false) - 0.5 * z * z) / sqrt(2 * 3.14159265358979);
}

Test(asymptotic, on_a_normal_mean_two_sided_evidence_is_fair)
{
    for (double n = 1; n < 1e6; n *= 30) {
        const struct fair fair = {n, 0.04};
        double reach = 9 * sqrt(1 + n * 0.0016);
        expect_close(quadrature(part, &fair, -reach, reach, 80), 1, 1e-10);
    }
}

Test(asymptotic, an_uplift_of_shares_has_the_delta_methods_error)
{
    struct cm_sample control = cm_asymptotic_share(100, 5000),
                     canary = cm_asymptotic_share(30, 1000);
    struct cm_asymptotic a = cm_asymptotic_uplift(&control, &canary);
    expect_close(a.estimate, 0.5, 1e-14);
    double square = 0.03 * 0.97 / (0.02 * 0.02 * 1000) +
                    0.02 * 0.98 * 0.03 * 0.03 / (0.02 * 0.02 * 0.02 * 0.02 * 5000);
    expect_close(a.variance, 6000 * square, 1e-13);
    expect_close(a.n, 6000, 1e-15);
}

Test(asymptotic, a_difference_adds_the_arms_errors)
{
    const struct cm_sample control = {400, 3, 8}, canary = {100, 3.5, 5};
    struct cm_asymptotic a = cm_asymptotic_difference(&control, &canary);
    expect_close(a.estimate, 0.5, 1e-15);
    expect_close(a.variance / a.n, 8.0 / 400 + 5.0 / 100, 1e-14);
}

Test(asymptotic, nothing_seen_excludes_nothing)
{
    const struct cm_asymptotic none = {0, NAN, NAN}, better = {1000, -5, 1};
    cr_expect_eq(cm_asymptotic_half_width(&none, 0.04, 0.05, false), INFINITY);
    cr_expect_eq(cm_asymptotic_log_e(&none, 0.04, false), -INFINITY);
    cr_expect_eq(cm_asymptotic_log_e(&better, 0.04, true), -INFINITY);
    cr_expect_gt(cm_asymptotic_log_e(&better, 0.04, false), 3);
    struct cm_sample no_errors = cm_asymptotic_share(0, 100), empty = cm_asymptotic_share(0, 0);
    expect_nan(empty.mean);
    expect_nan(cm_asymptotic_uplift(&no_errors, &no_errors).estimate);
    expect_nan(cm_asymptotic_difference(&empty, &no_errors).estimate);
}
