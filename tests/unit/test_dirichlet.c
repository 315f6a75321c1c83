/* Dirichlet mixtures: agreement with the beta mixture, fairness on three classes, and limits of the
 * ratio of rates where the evidence says. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/binomial_mixture.h"
#include "sim/stats/dirichlet.h"
#include "tests/unit/close.h"

Test(dirichlet, two_classes_are_the_binomial_mixture)
{
    static const double share[] = {0.9, 0.1};
    const struct cm_dirichlet d = {2, share, 100};
    struct cm_binomial_mixture m = cm_binomial_mixture_of(0.1, 10, 90, false);
    static const uint64_t counts[][2] = {{180, 22}, {0, 0}, {5, 0}, {0, 7}, {900000000, 100000000}};
    for (int i = 0; i < 5; i++)
        cr_expect_float_eq(cm_dirichlet_log_bf(&d, counts[i]),
                           cm_binomial_mixture_log_e(&m, counts[i][1], counts[i][0] + counts[i][1]),
                           1e-12);
    cr_expect_float_eq(cm_dirichlet_log_bf(&d, counts[0]), -0.525458727508, 1e-11); /* mpmath */
}

Test(dirichlet, three_classes_are_fair_under_their_shares)
{
    static const double share[] = {0.5, 0.3, 0.2};
    for (double k = 0.1; k < 1e4; k *= 20) {
        const struct cm_dirichlet d = {3, share, k};
        double sum = 0;
        for (int a = 0; a <= 20; a++)
            for (int b = 0; a + b <= 20; b++) {
                const uint64_t counts[] = {(uint64_t)a, (uint64_t)b, (uint64_t)(20 - a - b)};
                double log_chance = lgamma(21) - lgamma(a + 1) - lgamma(b + 1) -
                                    lgamma(21 - a - b) + a * log(0.5) + b * log(0.3) +
                                    (20 - a - b) * log(0.2);
                sum += exp(log_chance + cm_dirichlet_log_bf(&d, counts));
            }
        expect_close(sum, 1, 1e-11);
    }
}

Test(dirichlet, the_limits_of_a_ratio_are_the_published_ones)
{
    const struct cm_rate_ratio r = {90, 14, 0.1, 100};
    struct cm_interval ci = cm_dirichlet_rate_ratio(&r, 0.05);
    cr_expect_float_eq(ci.low, -0.5354359033141375, 1e-10);
    cr_expect_float_eq(ci.high, 1.0564811196850759, 1e-10);
}

Test(dirichlet, no_difference_is_excluded_exactly_when_the_evidence_says_so)
{
    static const double share[] = {0.8, 0.2};
    const struct cm_dirichlet d = {2, share, 50};
    for (uint64_t canary = 1; canary < 60; canary++) {
        const uint64_t counts[] = {80, canary};
        const struct cm_rate_ratio r = {80, canary, 0.2, 50};
        struct cm_interval ci = cm_dirichlet_rate_ratio(&r, 0.05);
        bool excluded = ci.low > 0 || ci.high < 0;
        cr_expect_eq(excluded, cm_dirichlet_log_bf(&d, counts) > -log(0.05));
        double estimate = log((double)canary / 20);
        cr_expect(ci.low < estimate && estimate < ci.high);
    }
}

Test(dirichlet, an_arm_without_events_leaves_one_side_open)
{
    struct cm_rate_ratio r = {500, 0, 0.1, 100};
    struct cm_interval ci = cm_dirichlet_rate_ratio(&r, 0.05);
    cr_expect_eq(ci.low, -INFINITY);
    cr_expect_lt(ci.high, 0);
    r.control = 0, r.canary = 500;
    ci = cm_dirichlet_rate_ratio(&r, 0.05);
    cr_expect_eq(ci.high, INFINITY);
    cr_expect_gt(ci.low, 0);
    r.canary = 0;
    ci = cm_dirichlet_rate_ratio(&r, 0.5);
    cr_expect(ci.low == -INFINITY && ci.high == INFINITY);
    r.canary = 1;
    ci = cm_dirichlet_rate_ratio(&r, 0.5);
    cr_expect(isfinite(ci.low));
}

Test(dirichlet, more_events_narrow_the_limits)
{
    double before = INFINITY;
    for (uint64_t n = 10; n < 100000000; n *= 10) {
        const struct cm_rate_ratio r = {9 * n, n, 0.1, 100};
        struct cm_interval ci = cm_dirichlet_rate_ratio(&r, 0.05);
        cr_expect_lt(ci.high - ci.low, before);
        cr_expect(ci.low < 0 && ci.high > 0);
        before = ci.high - ci.low;
    }
}
