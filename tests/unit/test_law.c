/* Laws against GSL's cdfs, against quadrature and against closed forms. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <string.h>

#include "sim/service/law.h"

static struct cm_arena arena;

static void release(void)
{
    cm_arena_release(&arena);
}
TestSuite(law, .fini = release);

static const struct cm_param row = {.name = "latency", .type = &cm_type_law};

static struct cm_law law_of(const char *text)
{
    struct cm_law law;
    struct cm_err err;
    cr_assert_eq(cm_param_set(&row, &law, text, &arena, &err), 0, "%s: %s", text, err.text);
    return law;
}

/* Laws without jumps, with support from 0 (or nearly) on. */
static const char *const smooth[] = {
    "lognormal(median=120ms, sigma=0.6)",
    "lognormal(median=2s, sigma=3)",
    "gamma(mean=100ms, shape=0.3)",
    "gamma(mean=100ms, shape=400)",
    "weibull(scale=1s, shape=0.5)",
    "weibull(scale=200ms, shape=3)",
    "pareto(scale=1s, alpha=2.5)",
    "exponential(mean=10m)",
    "uniform(low=50ms, high=150ms)",
    "99% lognormal(median=120ms, sigma=0.6) + 1% pareto(scale=1s, alpha=2.5)",
    "50% gamma(mean=1s, shape=2) + 30% uniform(high=10s) + 20% exponential(mean=1m)",
};
enum { SMOOTH = sizeof smooth / sizeof *smooth };

static const double levels[] = {1e-6, 1e-4, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999, 1 - 1e-9};
enum { LEVELS = sizeof levels / sizeof *levels };

Test(law, the_quantile_inverts_the_cdf_and_the_tail)
{
    for (int i = 0; i < SMOOTH; i++) {
        struct cm_law law = law_of(smooth[i]);
        for (int j = 0; j < LEVELS; j++) {
            double p = levels[j], x = cm_law_quantile(&law, p);
            cr_expect(epsilon_eq(dbl, cm_law_cdf(&law, x) / p, 1, 1e-8), "%s at %g", smooth[i], p);
            /* 1 - p itself has a relative error of 1e-16 / 1e-9 */
            cr_expect(epsilon_eq(dbl, cm_law_tail(&law, x) / (1 - p), 1, 1e-6), "%s at %g",
                      smooth[i], p);
        }
    }
}

Test(law, cdf_and_tail_add_to_one)
{
    for (int i = 0; i < SMOOTH; i++) {
        struct cm_law law = law_of(smooth[i]);
        cr_expect_eq(cm_law_cdf(&law, -1), 0);
        cr_expect_eq(cm_law_tail(&law, -1), 1);
        cr_expect_eq(cm_law_cdf(&law, 0), 0, "%s", smooth[i]);
        cr_expect(epsilon_eq(dbl, cm_law_cdf(&law, INFINITY), 1, 1e-15), "%s", smooth[i]);
        cr_expect_eq(cm_law_tail(&law, INFINITY), 0, "%s", smooth[i]);
        for (double x = 1e-4; x < 1e4; x *= 1.7) {
            double sum = cm_law_cdf(&law, x) + cm_law_tail(&law, x);
            cr_expect(epsilon_eq(dbl, sum, 1, 1e-14), "%s at %g", smooth[i], x);
        }
    }
}

static double cdf_at(double x, void *law)
{
    return cm_law_cdf(law, x);
}

static double integral(gsl_function *f, double low, double high)
{
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(2000);
    double result, error;
    gsl_integration_qag(f, low, high, 0, 1e-9, 2000, GSL_INTEG_GAUSS31, space, &result, &error);
    gsl_integration_workspace_free(space);
    return result;
}

/* In stretches between quantiles, which keeps the quadrature away from kinks. */
Test(law, the_outflow_is_the_integral_of_the_cdf)
{
    static const double knots[] = {0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999};
    for (int i = 0; i < SMOOTH; i++) {
        struct cm_law law = law_of(smooth[i]);
        gsl_function f = {cdf_at, &law};
        double low = cm_law_quantile(&law, 0), sum = 0;
        for (size_t j = 0; j < sizeof knots / sizeof *knots; j++) {
            double high = cm_law_quantile(&law, knots[j]);
            sum += integral(&f, low, high);
            cr_expect(epsilon_eq(dbl, cm_law_outflow(&law, high) / sum, 1, 1e-8), "%s up to %g: %g",
                      smooth[i], high, sum);
            low = high;
        }
    }
}

Test(law, the_outflow_passes_smoothly_into_its_limit)
{
    for (int i = 0; i < SMOOTH; i++) {
        struct cm_law law = law_of(smooth[i]);
        double x = law.longest * (1 - 1e-12);
        double jump = cm_law_outflow(&law, law.longest) - cm_law_outflow(&law, x);
        cr_expect(epsilon_eq(dbl, jump / law.longest, 1e-12, 3e-12), "%s: %g", smooth[i], jump);
    }
}

Test(law, next_to_nothing_is_longer_than_longest)
{
    for (int i = 0; i < SMOOTH; i++) {
        struct cm_law law = law_of(smooth[i]);
        cr_expect(isfinite(law.longest), "%s", smooth[i]);
        double rest = cm_law_tail(&law, law.longest);
        cr_expect(lt(dbl, rest, CM_LAW_REST), "%s leaves %g", smooth[i], rest);
        if (!strstr(smooth[i], "uniform"))
            cr_expect(gt(dbl, rest, 0.1 * CM_LAW_REST), "%s wastes: %g", smooth[i], rest);
    }
}

/* Means from textbooks: e^(mu + s^2/2), k theta, scale Gamma(1 + 1/k) with Gamma(3) = 2,
 * a s / (a - 1), (low + high) / 2. */
Test(law, means_are_those_of_the_textbook)
{
    static const struct {
        const char *text;
        double mean;
    } cases[] = {
        {"lognormal(median=120ms, sigma=0.6)", 0.12 * 1.1972173631218102},
        {"gamma(mean=100ms, shape=0.3)", 0.1},
        {"weibull(scale=1s, shape=0.5)", 2},
        {"pareto(scale=1s, alpha=2.5)", 5. / 3},
        {"exponential(mean=10m)", 600},
        {"uniform(low=50ms, high=150ms)", 0.1},
        {"fixed(value=30s)", 30},
        {"75% fixed(value=0s) + 25% pareto(scale=1s, alpha=2.5)", 5. / 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_law law = law_of(cases[i].text);
        cr_expect(epsilon_eq(dbl, cm_law_mean(&law), cases[i].mean, 1e-13 * cases[i].mean), "%s",
                  cases[i].text);
        cr_expect(
            epsilon_eq(dbl, cm_law_partial_mean(&law, 1e15), cases[i].mean, 1e-9 * cases[i].mean),
            "%s", cases[i].text);
    }
}

static double lognormal_q(double x)
{
    return gsl_cdf_lognormal_Q(x, log(0.12), 0.6);
}
static double gamma_q(double x)
{
    return gsl_cdf_gamma_Q(x, 2.5, 0.04);
}
static double weibull_q(double x)
{
    return gsl_cdf_weibull_Q(x, 0.2, 0.7);
}
static double pareto_q(double x)
{
    return gsl_cdf_pareto_Q(x, 1.5, 0.3);
}
static double exponential_q(double x)
{
    return gsl_cdf_exponential_Q(x, 0.3);
}

Test(law, tails_agree_with_gsl_where_they_are_tiny)
{
    static const struct {
        const char *text;
        double (*oracle)(double);
    } cases[] = {
        {"lognormal(median=120ms, sigma=0.6)", lognormal_q},
        {"gamma(mean=100ms, shape=2.5)", gamma_q},
        {"weibull(scale=200ms, shape=0.7)", weibull_q},
        {"pareto(scale=300ms, alpha=1.5)", pareto_q},
        {"exponential(mean=300ms)", exponential_q},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_law law = law_of(cases[i].text);
        for (double x = 0.01; x < 20; x *= 1.3) {
            double want = cases[i].oracle(x);
            cr_expect(epsilon_eq(dbl, cm_law_tail(&law, x) / want, 1, 1e-11), "%s at %g: %g",
                      cases[i].text, x, want);
        }
    }
}

/* E[L; L <= x] -> x^2 / 2m: the naive difference would be all rounding error. */
Test(law, the_partial_mean_of_the_exponential_is_exact_near_zero)
{
    struct cm_law law = law_of("exponential(mean=1s)");
    for (double x = 1e-12; x < 1e-6; x *= 10)
        cr_expect(epsilon_eq(dbl, cm_law_partial_mean(&law, x) / (x * x / 2), 1, x), "at %g", x);
}

Test(law, a_fixed_duration_is_a_step)
{
    struct cm_law law = law_of("fixed(value=2s)");
    cr_expect_eq(cm_law_cdf(&law, 1.999), 0);
    cr_expect_eq(cm_law_cdf(&law, 2), 1);
    cr_expect_eq(cm_law_outflow(&law, 1.5), 0);
    cr_expect_eq(cm_law_outflow(&law, 5), 3);
    cr_expect_eq(law.longest, 2);
    cr_expect_eq(cm_law_quantile(&law, 0.3), 2);
}

Test(law, nothing_at_all_takes_no_time)
{
    struct cm_law law = law_of("fixed(value=0s)");
    cr_expect_eq(cm_law_cdf(&law, 0), 1);
    cr_expect_eq(cm_law_outflow(&law, 3), 3);
    cr_expect_eq(cm_law_mean(&law), 0);
}

Test(law, the_quantile_of_a_mixture_finds_jumps_and_gaps)
{
    struct cm_law law = law_of("40% fixed(value=1s) + 60% uniform(low=2s, high=4s)");
    cr_expect_eq(cm_law_quantile(&law, 0), 1);
    cr_expect_eq(cm_law_quantile(&law, 1e-300), 1);
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&law, 0.2), 1, 1e-12));
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&law, 0.4), 1, 1e-12));
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&law, 0.7), 3, 1e-12));
    cr_expect(epsilon_eq(dbl, cm_law_quantile(&law, 1), 4, 1e-12));
}

Test(law, quantiles_of_the_ends_are_the_ends)
{
    for (int i = 0; i < SMOOTH; i++) {
        struct cm_law law = law_of(smooth[i]);
        bool bounded = strncmp(smooth[i], "uniform", 7) == 0;
        cr_expect_eq(isinf(cm_law_quantile(&law, 1)) != 0, !bounded, "%s", smooth[i]);
        cr_expect_eq(cm_law_cdf(&law, cm_law_quantile(&law, 0)), 0, "%s", smooth[i]);
    }
}
