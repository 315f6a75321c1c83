/* Mixtures are fair bets on the laws they are made for: the mean of E is exactly 1 (one-sided and
 * two-sided alike, at any tuning), and at most 1 on better ones. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/mixture.h"
#include "sim/stats/point_mass.h"
#include "tests/unit/close.h"
#include "tests/unit/quadrature.h"

static const struct cm_mixture_tuning tunings[] = {{30, 0.05}, {2, 0.3}, {1000, 0.001}};
enum { TUNINGS = sizeof tunings / sizeof tunings[0] };

struct fair {
    const struct cm_mixture *m;
    double v;
};

static double normal_part(double z, const void *context)
{
    const struct fair *f = context;
    return exp(cm_mixture_log_e(f->m, z * sqrt(f->v), f->v) - 0.5 * z * z) /
           sqrt(2 * 3.14159265358979);
}

Test(mixture, normal_mixtures_are_fair_on_normal_sums)
{
    for (int i = 0; i < TUNINGS; i++)
        for (int one_sided = 0; one_sided < 2; one_sided++)
            for (double v = 0.5; v < 50; v *= 7) {
                struct cm_mixture m = cm_mixture_normal(&tunings[i], one_sided);
                double reach = 9 * sqrt(1 + v / m.rho);
                const struct fair fair = {&m, v};
                expect_close(quadrature(normal_part, &fair, -reach, reach, 40), 1, 1e-10);
            }
}

/* c times a sum of n exponential numbers of mean 1, less n: gamma(n), v = c^2 n. */
static double gamma_part(double x, const void *context)
{
    const struct fair *f = context;
    double c = f->m->c, log_density = cm_point_mass_poisson(f->v - 1, x);
    return exp(cm_mixture_log_e(f->m, c * (x - f->v), c * c * f->v) + log_density);
}

Test(mixture, gamma_exponential_mixtures_are_fair_on_waiting_times)
{
    for (int i = 0; i < 2; i++)
        for (double v = 1; v < 50; v *= 4) {
            struct cm_mixture m = cm_mixture_gamma_exponential(&tunings[i], i == 0 ? 1 : 0.7);
            const struct fair fair = {&m, v};
            /* E has a polynomial tail: what is beyond the end is told by the end of the table. */
            double near = quadrature(gamma_part, &fair, 0, 1e3, 400);
            double far = quadrature(gamma_part, &fair, 1e3, 1e5, 4000);
            cr_expect_leq(near + far, 1 + 1e-9);
            cr_expect_gt(near + far, 0.99);
        }
}

/* Counts of events of size c. */
static double poisson_mean_e(const struct cm_mixture *m, double expected, double mean)
{
    double sum = 0, c = m->c;
    for (double n = 0; n < 100 * (mean + 10); n++)
        sum += exp(cm_mixture_log_e(m, c * (n - expected), c * c * expected) +
                   cm_point_mass_poisson(n, mean));
    return sum;
}

Test(mixture, gamma_poisson_mixtures_are_fair_on_counts_and_not_on_fewer)
{
    for (int i = 0; i < TUNINGS; i++)
        for (double v = 0.2; v < 60; v *= 5) {
            struct cm_mixture m = cm_mixture_gamma_poisson(&tunings[i], i == 0 ? 1 : 2);
            expect_close(poisson_mean_e(&m, v, v), 1, 1e-9);
            cr_expect_lt(poisson_mean_e(&m, v, 0.8 * v), 1);
            cr_expect_lt(poisson_mean_e(&m, v, 1e-9), 1);
            cr_expect_gt(poisson_mean_e(&m, v, 1.2 * v), 1);
        }
}

/* n increments, h with probability g / (g + h), else -g; v = g h n. */
static double two_point_mean_e(const struct cm_mixture *m, double n, double up)
{
    double sum = 0;
    for (double k = 0; k <= n; k++) {
        double s = k * m->h - (n - k) * m->g;
        sum += exp(cm_mixture_log_e(m, s, m->g * m->h * n) +
                   cm_point_mass_binomial(k, n - k, up, 1 - up));
    }
    return sum;
}

Test(mixture, beta_binomial_mixtures_are_fair_on_two_points)
{
    static const double ranges[][2] = {{0.2, 0.8}, {0.5, 0.5}, {0.99, 0.01}, {3, 1}};
    for (int i = 0; i < TUNINGS; i++)
        for (int j = 0; j < 4; j++)
            for (int one_sided = 0; one_sided < 2; one_sided++) {
                double g = ranges[j][0], h = ranges[j][1], up = g / (g + h);
                struct cm_mixture m = cm_mixture_beta_binomial(&tunings[i], g, h, one_sided);
                expect_close(two_point_mean_e(&m, 1, up), 1, 1e-12);
                expect_close(two_point_mean_e(&m, 40, up), 1, 1e-12);
                if (one_sided)
                    cr_expect_lt(two_point_mean_e(&m, 40, 0.9 * up), 1);
            }
}

Test(mixture, a_bound_is_where_evidence_is_enough)
{
    const struct cm_mixture ms[] = {
        cm_mixture_normal(&tunings[0], false),
        cm_mixture_normal(&tunings[0], true),
        cm_mixture_gamma_exponential(&tunings[0], 0.5),
        cm_mixture_gamma_poisson(&tunings[0], 2),
        cm_mixture_beta_binomial(&tunings[0], 0.2, 0.8, true),
    };
    for (int i = 0; i < 5; i++)
        for (double v = 20; v < 1e7; v *= 30) {
            double strict = cm_mixture_bound(&ms[i], v, 0.001),
                   loose = cm_mixture_bound(&ms[i], v, 0.1);
            cr_expect_float_eq(cm_mixture_log_e(&ms[i], strict, v), -log(0.001), 1e-8);
            cr_expect_gt(strict, loose);
            /* With the law of the iterated logarithm it is a few standard deviations. */
            cr_expect(strict > 3 * sqrt(v) && strict < 12 * sqrt(v) + 12, "%d: %g at %g", i, strict,
                      v);
        }
}

Test(mixture, a_two_sided_normal_bound_has_its_closed_form)
{
    struct cm_mixture m = cm_mixture_normal(&tunings[1], false);
    for (double v = 0; v < 1e9; v = 9 * v + 0.1)
        expect_close(cm_mixture_bound(&m, v, 0.02),
                     sqrt((v + m.rho) * (log1p(v / m.rho) - 2 * log(0.02))), 1e-12);
}

Test(mixture, a_bound_is_tightest_where_it_is_tuned)
{
    for (double v = 10; v < 2000; v *= 1.5) {
        const struct cm_mixture_tuning here = {100, 0.05}, there = {v, 0.05};
        struct cm_mixture best = cm_mixture_normal(&here, false),
                          other = cm_mixture_normal(&there, false);
        cr_expect_leq(cm_mixture_bound(&best, 100, 0.05),
                      cm_mixture_bound(&other, 100, 0.05) * (1 + 1e-4));
    }
}

Test(mixture, one_sided_tuning_spends_the_other_side_too)
{
    const struct cm_mixture_tuning one = {70, 0.02}, two = {70, 0.04};
    expect_close(cm_mixture_normal(&one, true).rho, cm_mixture_normal(&two, false).rho, 1e-14);
    double twice = -2 * log(0.04);
    expect_close(cm_mixture_normal(&two, false).rho, 70 / (twice + log(1 + twice)), 1e-14);
}

Test(mixture, sums_that_cannot_grow_enough_are_bounded_by_their_end)
{
    struct cm_mixture m = cm_mixture_beta_binomial(&tunings[0], 0.5, 0.5, false);
    cr_expect_eq(cm_mixture_bound(&m, 0.25, 0.01), 0.5); /* one observation */
    expect_nan(cm_mixture_log_e(&m, 1e3, 0.25));
}

Test(mixture, time_before_the_start_is_no_number)
{
    struct cm_mixture m = cm_mixture_normal(&tunings[0], false);
    expect_nan(cm_mixture_log_e(&m, 1, -1));
    expect_nan(cm_mixture_bound(&m, -1, 0.05));
    expect_nan(cm_mixture_bound(&m, (double)NAN, 0.05));
    cr_expect_eq(cm_mixture_log_e(&m, 0, 0), 0);
}

Test(mixture, evidence_keeps_its_digits_at_the_scale_of_a_fleet)
{
    /* 1e9 expected events, 5 standard deviations more: the counts of the normal law, almost. */
    const struct cm_mixture_tuning tuning = {1e9, 0.05};
    struct cm_mixture counts = cm_mixture_gamma_poisson(&tuning, 1),
                      normal = cm_mixture_normal(&tuning, true);
    double s = 5 * sqrt(1e9);
    cr_expect_float_eq(cm_mixture_log_e(&counts, s, 1e9), cm_mixture_log_e(&normal, s, 1e9), 2e-3);
}
