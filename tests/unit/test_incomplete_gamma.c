/* Scaled incomplete gamma functions against 40-digit arithmetic and their recurrences. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/incomplete_gamma.h"

/* Of a logarithm: the function itself to 2e-12. */
static void expect_log(double got, double want)
{
    double room = 2e-12 + 4e-16 * fabs(want);
    cr_expect(fabs(got - want) <= room, "%.17g, not %.17g", got, want);
}

struct value {
    double k, x, log;
};

Test(incomplete_gamma, lower_function_agrees_with_mpmath)
{
    static const struct value cases[] = {
        {0.001, 0.5, 7.4073118090120288},       {0.5, 0.1, 0.76025544226719427},
        {2.5, 2.5, -0.043693117154393081},      {10, 3, -1.9944811236360235},
        {10, 40, 15.913032935016174},           {300, 250, -3.9934818131193712},
        {300, 900, 268.48363847311856},         {10000.0, 10100.0, -3.3622808706676923},
        {10000.0, 5000.0, -8.5173930515945757}, {3, -7, -2.2268618266536096},
        {0.7, -0.2, 0.24083284460964274},       {50, -400, -6.1072668821282266},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_log(cm_incomplete_gamma_log_lower(cases[i].k, cases[i].x), cases[i].log);
}

Test(incomplete_gamma, upper_function_agrees_with_mpmath)
{
    static const struct value cases[] = {
        {0.001, 0.5, -0.079582719342050588},
        {0.5, 0.1, 1.4001111659457572},
        {0.25, 0.9, -0.32362757517308115},
        {2.5, 2.5, -0.38340203144680137},
        {10, 3, 4.8146014970831649},
        {10, 40, -3.4426290650891082},
        {300, 250, 2.7626290420033431},
        {300, 900, -6.3994183013879084},
        {10000.0, 10100.0, -5.0305787359546365},
        {10000.0, 5000.0, 1927.785582280003},
        {-3, 0.5, -1.3003392150605384},
        {-20.5, 4, -3.2054960885029104},
        {0, 2, -1.0179674386282179},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_log(cm_incomplete_gamma_log_upper(cases[i].k, cases[i].x), cases[i].log);
}

/* k lower(k) = 1 + x lower(k + 1) and x upper(k + 1) = 1 + k upper(k): partial integration. */
Test(incomplete_gamma, neighbours_obey_partial_integration)
{
    for (double k = 0.3; k < 1e7; k *= 3.7)
        for (double f = 0.5; f < 1.6; f += 0.25) {
            double x = k * f;
            double lower = cm_incomplete_gamma_log_lower(k, x);
            double upper = cm_incomplete_gamma_log_upper(k, x);
            if (lower < 600)
                expect_log(log(k) + lower, log1p(x * exp(cm_incomplete_gamma_log_lower(k + 1, x))));
            if (upper < 600)
                expect_log(log(x) + cm_incomplete_gamma_log_upper(k + 1, x), log1p(k * exp(upper)));
        }
}

Test(incomplete_gamma, lower_function_is_smooth_across_zero)
{
    for (double k = 0.5; k < 100; k *= 3) {
        cr_expect_float_eq(cm_incomplete_gamma_log_lower(k, 0), -log(k), 1e-14);
        cr_expect_float_eq(cm_incomplete_gamma_log_lower(k, 1e-9), -log(k), 2e-9);
        cr_expect_float_eq(cm_incomplete_gamma_log_lower(k, -1e-9), -log(k), 2e-9);
    }
}

Test(incomplete_gamma, far_below_zero_the_two_ways_meet)
{
    for (double k = 0.5; k < 1e9; k *= 1000) {
        double sum = cm_incomplete_gamma_log_lower(k, -1e8);
        double moments = cm_incomplete_gamma_log_lower(k, -1e8 * (1 + 1e-15));
        cr_expect_float_eq(sum, moments, 1e-11);
    }
    cr_expect_float_eq(cm_incomplete_gamma_log_lower(3, -1e300), -300 * log(10.0), 1e-11);
}

Test(incomplete_gamma, arguments_out_of_range_are_no_number)
{
    cr_expect(isnan(cm_incomplete_gamma_log_lower(0, 1)));
    cr_expect(isnan(cm_incomplete_gamma_log_lower(1, INFINITY)));
    cr_expect(isnan(cm_incomplete_gamma_log_lower((double)NAN, 1)));
    cr_expect(isnan(cm_incomplete_gamma_log_upper(1, 0)));
    cr_expect(isnan(cm_incomplete_gamma_log_upper(1, (double)NAN)));
    cr_expect(isnan(cm_incomplete_gamma_log_upper(INFINITY, 1)));
}
