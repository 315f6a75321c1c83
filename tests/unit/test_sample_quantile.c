/* Weighted order statistics and bucket intervals. */
#include "sim/stats/bucket_quantile.h"
#include "sim/stats/sample_quantile.h"
#include "tests/unit/close.h"

#include <gsl/gsl_cdf.h>

static const double p[] = {0.001, 0.1, 0.5, 0.9, 0.99, 0.9999};

/* Weights add to one, and shift and scale with the values. */
Test(sample_quantile, a_constant_is_its_own_quantile)
{
    enum { N = 5000 };
    static double x[N];
    for (int i = 0; i < N; i++)
        x[i] = 7;
    for (size_t n = 1; n <= N; n *= 3)
        for (int k = 0; k < 6; k++) {
            const struct cm_values v = {x, n};
            expect_close(cm_sample_quantile_harrell_davis(&v, p[k]), 7, 1e-12);
            double error = cm_sample_quantile_error(&v, p[k]);
            cr_expect(isnan(error) || error < 1e-6, "%zu %g: %g", n, p[k], error);
        }
}

/* By definition, all weights from GSL's beta function. */
Test(sample_quantile, the_estimate_is_its_formula)
{
    double x[300];
    for (int i = 0; i < 300; i++)
        x[i] = exp(0.02 * i);
    const struct cm_values v = {x, 300};
    for (int k = 0; k < 6; k++) {
        double a = 301 * p[k], b = 301 * (1 - p[k]), want = 0;
        for (int i = 1; i <= 300; i++)
            want += (gsl_cdf_beta_P(i / 300.0, a, b) - gsl_cdf_beta_P((i - 1) / 300.0, a, b)) *
                    x[i - 1];
        expect_close(cm_sample_quantile_harrell_davis(&v, p[k]), want, 1e-10);
    }
}

Test(sample_quantile, estimates_rise_with_p_and_the_median_is_in_the_middle)
{
    double x[101], last = -INFINITY;
    for (int i = 0; i <= 100; i++)
        x[i] = i - 50;
    const struct cm_values v = {x, 101};
    for (int k = 0; k < 6; k++) {
        double q = cm_sample_quantile_harrell_davis(&v, p[k]);
        cr_expect(q > last && q >= -50 && q <= 50);
        last = q;
    }
    cr_expect(fabs(cm_sample_quantile_harrell_davis(&v, 0.5)) < 1e-12);
}

/* Exponential quantiles as a sample: the asymptotic error sqrt(p q / n) / f(x_p) is sqrt(p / q / n)
 * here. */
Test(sample_quantile, the_error_is_the_asymptotic_one_in_large_samples)
{
    enum { N = 20000 };
    static double x[N];
    for (int i = 0; i < N; i++)
        x[i] = -log1p(-(i + 0.5) / N);
    const struct cm_values v = {x, N};
    expect_close(cm_sample_quantile_error(&v, 0.5), sqrt(1.0 / N), 0.01);
    expect_close(cm_sample_quantile_error(&v, 0.9), sqrt(9.0 / N), 0.01);
    expect_close(cm_sample_quantile_error(&v, 0.99), sqrt(99.0 / N), 0.02);
}

/* By definition: the deviation under the weights of Beta(m - 1, n - m). */
Test(sample_quantile, the_error_is_its_formula)
{
    double x[25], mean = 0, squares = 0;
    for (int i = 0; i < 25; i++)
        x[i] = i * i;
    for (int i = 1; i <= 25; i++) { /* m = 23 */
        double w = gsl_cdf_beta_P(i / 25.0, 22, 2) - gsl_cdf_beta_P((i - 1) / 25.0, 22, 2);
        mean += w * x[i - 1], squares += w * x[i - 1] * x[i - 1];
    }
    const struct cm_values v = {x, 25};
    expect_close(cm_sample_quantile_error(&v, 0.9), sqrt(squares - mean * mean), 1e-10);
}

Test(sample_quantile, two_samples_differ_by_their_shift)
{
    double x0[500], x1[500];
    for (int i = 0; i < 500; i++)
        x0[i] = sqrt(i), x1[i] = sqrt(i) + 3;
    const struct cm_values a = {x0, 500}, b = {x1, 500};
    cr_expect(fabs(cm_sample_quantile_z(&a, &b, 0.9, 3)) < 1e-9);
    double z = cm_sample_quantile_z(&a, &b, 0.9, 0);
    expect_close(z, 3 / (sqrt(2) * cm_sample_quantile_error(&a, 0.9)), 1e-9);
    expect_close(cm_sample_quantile_z(&b, &a, 0.9, 0), -z, 1e-12);
}

Test(sample_quantile, samples_too_thin_have_no_answer)
{
    static const double x[] = {1, 2, 3, NAN};
    const struct cm_values none = {x, 0}, one = {x, 1}, three = {x, 3}, bad = {x, 4};
    expect_nan(cm_sample_quantile_harrell_davis(&none, 0.5));
    expect_nan(cm_sample_quantile_harrell_davis(&bad, 0.5));
    expect_nan(cm_sample_quantile_harrell_davis(&three, 1));
    expect_nan(cm_sample_quantile_harrell_davis(&three, NAN));
    cr_expect(cm_sample_quantile_harrell_davis(&one, 0.9) == 1);
    expect_nan(cm_sample_quantile_error(&one, 0.5));
    expect_nan(cm_sample_quantile_error(&three, 0.9));
    expect_nan(cm_sample_quantile_error(&bad, 0.5));
    expect_nan(cm_sample_quantile_z(&three, &one, 0.5, 0));
    cr_expect(isfinite(cm_sample_quantile_error(&three, 0.6)));
}

static const double bounds[] = {10, 20, 50, 100, 200}, mass[] = {400, 300, 230, 50, 19, 1};

/* z sqrt(0.9 0.1 / 1000) is 0.0186 on either side of 0.9. */
Test(sample_quantile, woodruffs_limits_are_bucket_quantiles)
{
    struct cm_interval i = cm_sample_quantile_woodruff(0.9, bounds, mass, 5, 0.95);
    double half = 1.95996398454005 * sqrt(0.00009);
    expect_close(i.low, cm_bucket_quantile(0.9 - half, bounds, mass, 5), 1e-12);
    expect_close(i.high, cm_bucket_quantile(0.9 + half, bounds, mass, 5), 1e-12);
    expect_close(i.low, 20 + 30 * ((0.9 - half) * 1000 - 700) / 230, 1e-12);
}

Test(sample_quantile, limits_that_buckets_cannot_give_are_infinite)
{
    static const double few[] = {3, 2, 1, 0, 0, 0}, none[6] = {0};
    cr_expect(cm_sample_quantile_woodruff(0.99, bounds, few, 5, 0.95).high == INFINITY);
    cr_expect(cm_sample_quantile_woodruff(0.01, bounds, few, 5, 0.95).low == -INFINITY);
    expect_nan(cm_sample_quantile_woodruff(0.5, bounds, none, 5, 0.95).low);
    expect_nan(cm_sample_quantile_woodruff(1, bounds, mass, 5, 0.95).low);
}

Test(bucket_quantile, it_rises_with_q)
{
    static const double holes[] = {0, 300, 0, 0, 19, 1}, low[] = {-1, 0, 2, 3, 9};
    for (int k = 0; k < 3; k++) {
        double last = -INFINITY;
        for (double q = 0; q <= 1; q += 1.0 / 512) {
            double x = cm_bucket_quantile(q, k == 2 ? low : bounds, k == 1 ? holes : mass, 5);
            cr_expect(x >= last, "%d %g: %g after %g", k, q, x, last);
            last = x;
        }
    }
}
