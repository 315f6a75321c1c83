/* The samplers' constants, computed again from their definitions. */
#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "sim/base/draw_tables.h"

/* f is of the exact x, x itself is rounded by up to 2^-53 of itself; with f = exp(-x^2 / 2), x < 4,
 * that is 16 2^-53 of f. */
static void expect_close(double got, long double want, const char *what, int i)
{
    cr_expect(fabsl((long double)got - want) <= 2e-15L * want, "%s[%d] is %a, not %La", what, i,
              got, want);
}

struct pile {
    const char *name;
    const double *x, *f;
    long double (*density)(long double), (*beyond)(long double);
};

/* Each layer has the area v of the lowest one, tail included, and the last one ends at the top. A
 * layer's width is compared through the height that its upper edge reaches: near the top, where f
 * is flat, x is not determined better than f allows. */
static void check_pile(const struct pile *pile)
{
    long double r = pile->x[1], v = r * pile->density(r) + pile->beyond(r);
    expect_close(pile->x[0], v / pile->density(r), pile->name, 0);
    for (int i = 0; i <= CM_DRAW_LAYERS; i++)
        expect_close(pile->f[i], pile->density(pile->x[i]), pile->name, i);
    for (int i = 1; i < CM_DRAW_LAYERS; i++) {
        long double top = pile->density(pile->x[i]) + v / pile->x[i];
        long double reached = pile->density(pile->x[i + 1]);
        cr_expect(fabsl(top - reached) < 1e-15L, "%s: layer %d is off by %Lg", pile->name, i,
                  top - reached);
        cr_expect_lt(pile->x[i + 1], pile->x[i]);
    }
    cr_expect_eq(pile->x[CM_DRAW_LAYERS], 0);
    cr_expect_eq(pile->f[CM_DRAW_LAYERS], 1);
}

static long double normal(long double x)
{
    return expl(-x * x / 2);
}

static long double normal_beyond(long double x)
{
    return sqrtl(acosl(-1) / 2) * erfcl(x / sqrtl(2));
}

static long double exponential(long double x)
{
    return expl(-x);
}

Test(draw_tables, the_normal_layers_have_equal_areas)
{
    check_pile(&(struct pile){.name = "normal",
                              .x = cm_draw_normal_x,
                              .f = cm_draw_normal_f,
                              .density = normal,
                              .beyond = normal_beyond});
}

Test(draw_tables, the_exponential_layers_have_equal_areas)
{
    check_pile(&(struct pile){.name = "exponential",
                              .x = cm_draw_exponential_x,
                              .f = cm_draw_exponential_f,
                              .density = exponential,
                              .beyond = exponential});
}

/* The r of 256 layers in Marsaglia & Tsang (2000). */
Test(draw_tables, the_last_layers_begin_where_they_were_published)
{
    cr_expect_eq(cm_draw_normal_x[1], 3.6541528853610088);
    cr_expect_eq(cm_draw_exponential_x[1], 7.69711747013104972);
}

Test(draw_tables, log_factorials_are_sums_of_logarithms)
{
    long double sum = 0;
    for (int k = 0; k <= 100000; k++) {
        if (k > 1)
            sum += logl(k);
        double got = cm_log_factorial((uint64_t)k);
        cr_assert(fabsl(got - sum) <= 1e-15L * sum, "ln %d! is %a, not %La", k, got, sum);
    }
}

/* lgammal of glibc 2.36 is good to a few units of its last place, 2^-63 of the result. */
Test(draw_tables, log_factorials_reach_to_2_to_the_53)
{
    for (double k = 1000; k <= 0x1p53; k *= 3) {
        double got = cm_log_factorial((uint64_t)k);
        long double want = lgammal(floor(k) + 1);
        cr_expect(fabsl(got - want) <= 1e-15L * want, "ln %.0f! is %a, not %La", k, got, want);
    }
}

/* ln P(k) in long double: errors of 2^-64 of the largest term, which is below 1e-12 here. */
static long double log_poisson(long double k, long double mean)
{
    return k * logl(mean) - mean - lgammal(k + 1);
}

Test(draw_tables, log_poissons_agree_with_their_definition)
{
    static const double means[] = {1e-300, 0.1, 1, 5, 12, 31.5, 100, 1500, 1e6};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        double mean = means[i];
        for (int z = -10; z <= 12; z++) {
            double k = fmax(0, floor(mean + z * sqrt(mean + 1)));
            double got = cm_log_poisson(k, mean), want = (double)log_poisson(k, mean);
            cr_expect(fabs(got - want) <= 1e-12 + 4e-16 * fabs(want) + 4e-16 * fabs(k - mean),
                      "mean %g, k %g: %a, not %a", mean, k, got, want);
        }
    }
}

/* At 1e12 the terms of the definition are 3e13 and their rounding, in double, 4e-3: the point of
 * Loader's form. The mode's chance is 1 / sqrt(2 pi mean) (1 - 1 / (12 mean)), and the ratio of
 * neighbours is mean / k. */
Test(draw_tables, log_poissons_stay_exact_at_1e12)
{
    double mean = 1e12, mode = cm_log_poisson(mean, mean);
    cr_expect_float_eq(mode, -0.5 * log(2 * acos(-1) * mean), 1e-13);
    for (double k = mean - 5e6; k < mean + 5e6; k += 12345) {
        double step = cm_log_poisson(k, mean) - cm_log_poisson(k - 1, mean);
        cr_expect_float_eq(step, -log1p((k - mean) / mean), 2e-9, "k %.0f: %g", k, step);
    }
}

Test(draw_tables, log_binomials_agree_with_gsl)
{
    static const struct {
        unsigned n;
        double p;
    } cases[] = {{1, 0.3}, {2, 0.5}, {40, 0.01}, {100, 0.3}, {1000, 0.999}, {100000, 0.5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned n = cases[i].n;
        for (unsigned k = 0; k <= n; k += 1 + n / 100) {
            double want = gsl_ran_binomial_pdf(k, cases[i].p, n);
            if (want < 1e-290)
                continue;
            double got = exp(cm_log_binomial(k, n, cases[i].p));
            cr_expect(fabs(got - want) <= 1e-9 * want, "n %u, p %g, k %u: %a, not %a", n,
                      cases[i].p, k, got, want);
        }
    }
}

/* P(k) / P(k - 1) = (n - k + 1) / k * p / (1 - p), where the factorials have 17 digits. */
Test(draw_tables, log_binomials_stay_exact_at_2_to_the_53)
{
    double n = 0x1p53, p = 0.3, sd = sqrt(n * p * (1 - p));
    for (int z = -6; z <= 6; z++) {
        double k = floor(n * p + z * sd), step = 0x1p20;
        double got = cm_log_binomial(k + step, n, p) - cm_log_binomial(k, n, p);
        double middle = k + step / 2; /* the log ratio is linear enough over 2^20 steps */
        double want = step * log1p((n * p - middle) / (middle * (1 - p)));
        cr_expect_float_eq(got, want, 1e-6, "%d sd: %g, not %g", z, got, want);
    }
}
