/* Power of tests of event counts: by enumeration, by a published size, and against themselves. */
#include "sim/stats/event_power.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "sim/stats/poisson_rate.h"

static const struct cm_event_plan shop = {
    .control_share = 0.9, .canary_share = 0.1, .rate = 5, .p0 = 0.01, .p1 = 0.05, .alpha = 0.05};

Test(event_power, of_a_comparison_is_the_sum_over_all_tables)
{
    const double seconds = 600;
    double sum = 0, m0 = shop.rate * seconds * 0.9 * shop.p0,
           m1 = shop.rate * seconds * 0.1 * shop.p1;
    for (unsigned x0 = 0; x0 < 90; x0++)
        for (unsigned x1 = 0; x1 < 70; x1++) {
            struct cm_two_rates table = {x0, x1, 0.9, 0.1};
            if (cm_poisson_rate_exact(&table, 1, CM_GREATER) <= shop.alpha)
                sum += gsl_ran_poisson_pdf(x0, m0) * gsl_ran_poisson_pdf(x1, m1);
        }
    double power = cm_event_power(&shop, seconds);
    cr_expect(fabs(power - sum) < 1e-12, "%.15g, not %.15g", power, sum);
}

Test(event_power, of_a_release_that_is_not_worse_is_at_most_alpha)
{
    struct cm_event_plan healthy = shop;
    healthy.p1 = healthy.p0;
    for (double seconds = 1; seconds < 1e5; seconds *= 3)
        cr_expect(cm_event_power(&healthy, seconds) <= healthy.alpha);
    healthy.control_share = 0;
    for (double seconds = 1; seconds < 1e5; seconds *= 3)
        cr_expect(cm_event_power(&healthy, seconds) <= healthy.alpha);
}

Test(event_power, against_a_known_rate_is_a_poisson_tail)
{
    struct cm_event_plan known = shop;
    known.control_share = 0;
    /* 5 errors are expected in 1000 s, 10 or more have 3.2 %, 9 or more 6.8 %. */
    cr_expect(gsl_cdf_poisson_Q(9, 5) < 0.05 && gsl_cdf_poisson_Q(8, 5) > 0.05);
    double power = cm_event_power(&known, 1000), tail = gsl_cdf_poisson_Q(9, 25);
    cr_expect(fabs(power - tail) < 1e-12, "%.15g, not %.15g", power, tail);
}

Test(event_power, has_been_reached_when_it_says_so_and_not_before)
{
    double seconds = cm_event_power_time(&shop, 0.95, 1e9);
    cr_expect(fabs(cm_event_power(&shop, seconds) - 0.95) < 1e-9);
    cr_expect(cm_event_power(&shop, 0.99 * seconds) < 0.95);
    cr_expect(isinf(cm_event_power_time(&shop, 0.95, 0.9 * seconds)));
}

Test(event_power, against_a_known_rate_holds_from_then_on)
{
    struct cm_event_plan known = shop;
    known.control_share = 0;
    for (double power = 0.5; power < 0.995; power += 0.07) {
        double seconds = cm_event_power_time(&known, power, 1e9);
        cr_expect(cm_event_power(&known, 0.999 * seconds) < power, "at %g", power);
        for (double later = 1.0001; later < 10; later *= 1.003)
            cr_expect(cm_event_power(&known, later * seconds) >= power, "%g at %g", power, later);
    }
}

Test(event_power, where_nothing_ever_fails_the_first_error_tells)
{
    struct cm_event_plan clean = shop;
    clean.control_share = 0, clean.p0 = 0;
    double seconds = cm_event_power_time(&clean, 0.95, 1e9);
    cr_expect(fabs(seconds - log(20) / (5 * 0.1 * 0.05)) < 1e-6, "%g", seconds);
}

Test(event_power, the_smallest_effect_seen_is_seen)
{
    double p1 = cm_event_power_effect(&shop, 0.8, 600);
    struct cm_event_plan found = shop;
    found.p1 = p1;
    cr_expect(p1 > shop.p0 && fabs(cm_event_power(&found, 600) - 0.8) < 1e-9, "%g", p1);
    cr_expect(isnan(cm_event_power_effect(&shop, 0.8, 0.1)));
}

/* The same against a known rate, where gsl_cdf_gamma_Pinv is of no use any more: (z_a sqrt(p0) +
 * z_b sqrt(p1)) / (p1 - p0) is the root of the requests. */
Test(event_power, against_a_known_rate_of_millions_of_errors_is_nearly_normal)
{
    struct cm_event_plan many = {
        .canary_share = 0.5, .rate = 1e4, .p0 = 0.01, .p1 = 0.01001, .alpha = 0.025};
    double seconds = cm_event_power_time(&many, 0.9, 1e9);
    double z =
        gsl_cdf_ugaussian_Qinv(0.025) * sqrt(many.p0) + gsl_cdf_ugaussian_Qinv(0.1) * sqrt(many.p1);
    double n = z * z / (1e-5 * 1e-5);
    cr_expect(fabs(seconds * 5e3 / n - 1) < 0.005, "%g, not %g", seconds * 5e3, n);
    cr_expect(isinf(cm_event_power_time(&many, 0.9, 1e3)), "a search that ends");
}

/* Every n-th term of a sum over 8e5 counts: the normal approximation of the difference of rates. */
Test(event_power, of_billions_of_errors_does_not_sum_them_one_by_one)
{
    struct cm_event_plan many = {.control_share = 0.5,
                                 .canary_share = 0.5,
                                 .rate = 1e6,
                                 .p0 = 0.01,
                                 .p1 = 0.010003,
                                 .alpha = 0.025};
    double requests = 0.5 * many.rate * 86400, power = cm_event_power(&many, 86400);
    double z = (many.p1 - many.p0) * sqrt(requests / (many.p0 + many.p1));
    double near = gsl_cdf_ugaussian_P(z - gsl_cdf_ugaussian_Qinv(0.025));
    cr_expect(fabs(power - near) < 1e-3, "%.12g, not %.12g", power, near);
}

/* Large counts: the normal approximation, z_a + z_b = (p1 - p0) / se. */
Test(event_power, of_many_errors_is_nearly_normal)
{
    struct cm_event_plan many = {.control_share = 0.5,
                                 .canary_share = 0.5,
                                 .rate = 1e4,
                                 .p0 = 0.01,
                                 .p1 = 0.0101,
                                 .alpha = 0.025};
    double seconds = cm_event_power_time(&many, 0.9, 1e9);
    double z = gsl_cdf_ugaussian_Qinv(0.025) + gsl_cdf_ugaussian_Qinv(0.1);
    double n = z * z * 2 * 0.01005 / (1e-4 * 1e-4);
    cr_expect(fabs(seconds * 5e3 / n - 1) < 0.005, "%g, not %g", seconds * 5e3, n);
}
