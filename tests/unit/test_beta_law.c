/* The beta law against exact binomial sums, against identities, and where GSL's functions fail. */
#include "sim/stats/beta_law.h"
#include "sim/stats/interval.h"
#include "tests/unit/close.h"

/* P(Bin(n, t) >= a) with n = a + b - 1, summed in decimal arithmetic of 60 digits. */
Test(beta_law, distribution_functions_are_binomial_tails)
{
    static const struct {
        double a, b, t, want;
    } cases[] = {
        {3, 5, 0.25, 0.24359130859375},
        {50, 1000, 0.04, 0.119051862670112819},
        {50, 1000, 0.08, 0.999986682170751653},
        {2000, 100000, 0.0195, 0.404534885040413974},
        {2000, 100000, 0.0214, 0.999970694894729760},
        {33, 1000000000, 3.3e-08, 0.523152685630966550},
        {10, 10000000, 2e-06, 0.995004672027561308},
        {300, 300, 0.45, 0.00705158610896315959},
        {1, 100000, 1.0001000000000001e-05, 0.632159184522140624},
        {1, 100000, 2.5e-05, 0.917917566534980132},
        {1, 10000000, 1.5e-07, 0.776869864953714271},
        {1, 1000000000, 1.05e-09, 0.650062251081747863},
        {3, 100000, 3.0003e-05, 0.576893932251392285},
        {3, 100000, 7.500000000000001e-05, 0.979748826116914228},
        {3, 10000000, 4.5e-07, 0.826422093589876880},
        {3, 1000000000, 3.15e-09, 0.609563560807132857},
        {10, 100000, 0.00010001, 0.542314250437950300},
        {10, 100000, 0.00025, 0.999779143084538552},
        {10, 10000000, 1.5e-06, 0.930146922627981463},
        {10, 1000000000, 1.0500000000000001e-08, 0.602867412700728570},
        {33, 100000, 0.000330033, 0.524124175759123834},
        {33, 100000, 0.000825, 0.999999999812756771},
        {33, 10000000, 4.95e-06, 0.994673055929071566},
        {33, 1000000000, 3.4649999999999996e-08, 0.633224763842221125},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double a = cases[i].a, b = cases[i].b, t = cases[i].t;
        expect_close(cm_beta_law_below(a, b, t, 1 - t), cases[i].want, 1e-14);
    }
}

Test(beta_law, the_two_tails_add_to_one_at_all_sizes)
{
    static const double size[] = {0.01, 0.5, 1, 3, 33.3, 1e4, 1e6, 1e9};
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++)
            for (double z = -8; z <= 8; z += 0.5) {
                double a = size[i], b = size[j], mean = a / (a + b);
                double t = mean + z * sqrt(mean * (1 - mean) / (a + b + 1));
                if (t <= 0 || t >= 1)
                    continue;
                double below = cm_beta_law_below(a, b, t, 1 - t);
                double above = cm_beta_law_above(a, b, t, 1 - t);
                cr_assert(below >= 0 && above >= 0 && fabs(below + above - 1) < 1e-9,
                          "%g %g %g: %g %g", a, b, t, below, above);
            }
}

/* gsl_cdf_beta_P(0.5, 1e6, 1e6) is NAN. */
Test(beta_law, half_of_a_symmetric_law_is_below_its_mean)
{
    for (double a = 0.5; a < 1e10; a *= 10)
        expect_close(cm_beta_law_below(a, a, 0.5, 0.5), 0.5, 1e-11);
}

Test(beta_law, one_parameter_of_one_has_a_closed_form)
{
    for (double a = 0.1; a < 1e7; a *= 3) {
        expect_close(cm_beta_law_below(a, 1, 0.9, 0.1), pow(0.9, a), 1e-9);
        expect_close(cm_beta_law_above(1, a, 1e-4, 1 - 1e-4), exp(a * log1p(-1e-4)), 1e-9);
    }
}

Test(beta_law, ends_are_certain)
{
    cr_expect(cm_beta_law_below(2, 3, 0, 1) == 0 && cm_beta_law_below(2, 3, 1, 0) == 1);
    cr_expect(cm_beta_law_above(2, 3, 0, 1) == 1 && cm_beta_law_above(2, 3, 1, 0) == 0);
    expect_nan(cm_beta_law_below(NAN, 3, 0.5, 0.5));
    expect_nan(cm_beta_law_quantile(NAN, 2, 3));
}

Test(beta_law, quantiles_invert_the_distribution_function)
{
    static const double p[] = {1e-12, 0.001, 0.3, 0.5, 0.999};
    static const double size[] = {0.5, 1, 17, 4000, 3e6};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++)
            for (size_t k = 0; k < 5; k++) {
                double t = cm_beta_law_quantile(p[k], size[i], size[j]);
                if (t < 1)
                    expect_close(cm_beta_law_below(size[i], size[j], t, 1 - t), p[k], 1e-7);
            }
}

/* Halves [0, 1] until its ends are neighbours. */
static double bisected(double p, double a, double b)
{
    double low = 0, high = 1, middle = 0.5;
    for (; middle > low && middle < high; middle = 0.5 * (low + high))
        if (cm_beta_law_below(a, b, middle, 1 - middle) < p)
            low = middle;
        else
            high = middle;
    return middle;
}

Test(beta_law, quantiles_are_those_of_bisection)
{
    static const double p[] = {1e-12, 1e-5, 0.005, 0.3, 0.5, 0.6, 0.975, 1 - 1e-6};
    static const double size[] = {0.03, 0.5, 1, 1.01, 2, 17, 4000, 3e6};
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++)
            for (size_t k = 0; k < 8; k++) {
                double t = cm_beta_law_quantile(p[k], size[i], size[j]);
                double want = bisected(p[k], size[i], size[j]);
                if (want > 1e-300)
                    expect_close(t, want, 1e-11);
                else
                    cr_expect(t < 1e-300, "%g, not %g", t, want);
            }
    cr_expect(cm_beta_law_quantile(0, 2, 3) == 0 && cm_beta_law_quantile(1, 2, 3) == 1);
}

/* ln B(a, b) - ln B(a + 1, b) = ln((a + b) / a), told at an arbitrary t. */
Test(beta_law, densities_tell_ratios_of_beta_functions)
{
    for (double a = 0.3; a < 1e9; a *= 7) {
        double b = 3 * a, t = 0.25;
        double ratio = cm_beta_law_log_mass(a + 1, b, t, 1 - t) -
                       cm_beta_law_log_mass(a, b, t, 1 - t) - log(t);
        expect_close(exp(ratio), (a + b) / a, 1e-12);
    }
}

/* Before, both went through GSL's beta function and lost their way at the mean. */
Test(beta_law, intervals_of_ten_million_find_their_limits)
{
    struct cm_ranks ranks = cm_ranks_of_quantile(10000000, 0.5, 0.95);
    double half = 1.959964 * sqrt(10000000.0) / 2;
    cr_expect(fabs((double)ranks.low - (5000000 - half)) < 2, "%zu", ranks.low);
    cr_expect(fabs((double)ranks.high - (5000001 + half)) < 2, "%zu", ranks.high);
    cr_expect(ranks.coverage >= 0.95 && ranks.coverage < 0.9505, "%g", ranks.coverage);
    struct cm_interval share = cm_interval_clopper_pearson(5000000, 10000000, 0.95);
    cr_expect(fabs(share.low - (0.5 - half / 1e7)) < 1e-7 &&
                  fabs(share.high - (0.5 + half / 1e7)) < 1e-7,
              "%.10g %.10g", share.low, share.high);
}
