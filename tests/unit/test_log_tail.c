/* Tails in log space against 40-digit arithmetic, and where they have a closed form. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/log_tail.h"
#include "tests/unit/close.h"

Test(log_tail, normal_tails_agree_with_mpmath)
{
    static const struct {
        double z, log;
    } cases[] = {
        {-9, -1.1285884059538406e-19}, {-1, -0.17275377902344989},  {0, -0.69314718055994531},
        {0.5, -1.1759117615936186},    {3, -6.6077262215103495},    {8, -35.01343715991455},
        {40, -804.60844201375379},     {1000, -500007.82669481218},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_close(cm_log_tail_normal(cases[i].z), cases[i].log, 1e-13);
    cr_expect_eq(cm_log_tail_normal(-40), 0);
    cr_expect_eq(cm_log_tail_normal(-INFINITY), 0);
    cr_expect_eq(cm_log_tail_normal(INFINITY), -INFINITY);
    expect_nan(cm_log_tail_normal((double)NAN));
}

Test(log_tail, beta_tails_agree_with_mpmath)
{
    static const struct {
        double a, b, t, log;
    } cases[] = {
        {3, 5, 0.2, -1.9103268123731631},       {5, 3, 0.9, -0.026027290376642264},
        {0.5, 0.5, 0.001, -3.9052936169690375}, {200, 1000, 0.01, -394.00906966285271},
        {1000, 3, 0.2, -1596.7583391559744},    {5000, 100000.0, 0.001, -14542.378550366412},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_close(cm_log_tail_beta(cases[i].a, cases[i].b, cases[i].t, 1 - cases[i].t),
                     cases[i].log, 1e-12);
}

Test(log_tail, powers_are_beta_tails)
{
    expect_close(cm_log_tail_beta(1e6, 1, 0.5, 0.5), 1e6 * log(0.5), 1e-13);
    expect_close(cm_log_tail_beta(1, 1e3, 0.5, 0.5), log1p(-exp(1e3 * log(0.5))), 1e-13);
}

Test(log_tail, where_doubles_end_the_two_ways_meet)
{
    /* I_{1/2}(a, 3) = 2^-a (1 + a / 2 + a (a + 1) / 8), around 1e-290. */
    for (double a = 930; a < 1000; a += 7)
        expect_close(cm_log_tail_beta(a, 3, 0.5, 0.5),
                     -a * log(2.0) + log(1 + a / 2 + a * (a + 1) / 8), 1e-13);
}

Test(log_tail, ends_of_the_beta_law_are_certain_and_impossible)
{
    cr_expect_eq(cm_log_tail_beta(2, 3, 0, 1), -INFINITY);
    cr_expect_eq(cm_log_tail_beta(2, 3, 1, 0), 0);
    expect_nan(cm_log_tail_beta((double)NAN, 3, 0.5, 0.5));
}
