/* Wald's test: worked numbers, exact odds against a walk that is known, and the guarantees. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/stats/origin.h"
#include "sim/stats/rare_event.h"
#include "sim/stats/sprt.h"
#include "tests/unit/close.h"

Test(sprt, worked_examples_come_out)
{
    /* 15 errors in 450 requests, 2 % against 4 %. */
    expect_close(cm_sprt_share_ratio(15, 450, 0.02, 0.04), 15 * log(2.0) + 435 * log(0.96 / 0.98),
                 1e-13);
    expect_close(cm_sprt_share_ratio(15, 450, 0.02, 0.04), 1.42781777521, 1e-11);
    expect_close(cm_sprt_origin_share(0.2, 2), 1 / 3.0, 1e-14);
    struct cm_sprt_limits at = cm_sprt_wald_limits(0.01, 0.05);
    expect_close(at.log_upper, log(95.0), 1e-14);
    expect_close(at.log_lower, -log(19.8), 1e-14);
    expect_close(cm_sprt_count_ratio(7, 2, 3), 7 * log(1.5) - 1, 1e-14);
}

Test(sprt, limits_belong_to_the_decision)
{
    const struct cm_sprt_limits at = {-2, 3};
    cr_expect_eq(cm_sprt_decide(&at, 3), CM_SPRT_ACCEPT_H1);
    cr_expect_eq(cm_sprt_decide(&at, -2), CM_SPRT_ACCEPT_H0);
    cr_expect_eq(cm_sprt_decide(&at, nextafter(3, 0)), CM_SPRT_CONTINUE);
    cr_expect_eq(cm_sprt_decide(&at, nextafter(-2, 0)), CM_SPRT_CONTINUE);
}

/* The comparative form is the share of the errors that came from the canary. */
Test(sprt, the_origin_of_errors_is_a_bernoulli_sprt)
{
    for (double ratio = 0.5; ratio < 20; ratio *= 2)
        expect_close(cm_origin_log_e(30, 14, 0.2, ratio),
                     cm_sprt_share_ratio(14, 44, 0.2, cm_sprt_origin_share(0.2, ratio)), 1e-12);
}

/* With p0 + p1 = 1 an error and a good request weigh the same: gambler's ruin. */
Test(sprt, exact_odds_are_those_of_gamblers_ruin)
{
    double step = log(0.6 / 0.4);
    for (double p = 0.05; p < 1; p += 0.15) {
        const struct cm_sprt test = {p, 0.4, 0.6, {-5.5 * step, 8.5 * step}};
        struct cm_sprt_odds odds = cm_sprt_exact_odds(&test);
        struct cm_ruin ruin = cm_rare_event_gamblers_ruin(p, 6, 9);
        expect_close(odds.accept_h1, ruin.upper, 1e-10);
        expect_close(odds.accept_h0 + odds.accept_h1, 1, 1e-13);
        expect_close(odds.requests, ruin.steps, 1e-11);
        /* Wald is right where nothing overshoots. */
        const struct cm_sprt at_steps = {p, 0.4, 0.6, {-6 * step, 9 * step}};
        struct cm_sprt_odds wald = cm_sprt_wald_odds(&at_steps);
        expect_close(wald.accept_h1, ruin.upper, 1e-8);
        expect_close(wald.requests, ruin.steps, 1e-8);
    }
}

Test(sprt, real_errors_are_below_nominal_ones_together)
{
    /* alpha' + beta' <= alpha + beta, alpha' <= alpha / (1 - beta) (Wald 1947, 3.27). */
    static const double pairs[][2] = {{0.001, 0.004}, {0.05, 0.1}, {0.2, 0.25}};
    for (int i = 0; i < 3; i++) {
        struct cm_sprt test = {0, pairs[i][0], pairs[i][1], cm_sprt_wald_limits(0.05, 0.1)};
        test.p = test.p0;
        double alpha = cm_sprt_exact_odds(&test).accept_h1;
        test.p = test.p1;
        double beta = cm_sprt_exact_odds(&test).accept_h0;
        cr_expect_leq(alpha + beta, 0.15);
        cr_expect_leq(alpha, 0.05 / 0.9);
        /* With ln(1 / alpha) above, and whatever below, Ville's bound holds. */
        test.p = test.p0;
        test.limits.log_upper = -log(0.05);
        cr_expect_leq(cm_sprt_exact_odds(&test).accept_h1, 0.05);
    }
}

Test(sprt, more_errors_never_favour_the_release)
{
    double before = 0;
    for (double p = 0.005; p < 0.2; p *= 1.3) {
        const struct cm_sprt test = {p, 0.02, 0.04, cm_sprt_wald_limits(0.05, 0.1)};
        struct cm_sprt_odds exact = cm_sprt_exact_odds(&test), wald = cm_sprt_wald_odds(&test);
        cr_expect_gt(exact.accept_h1, before);
        cr_expect_float_eq(exact.accept_h1, wald.accept_h1, 0.05);
        before = exact.accept_h1;
    }
}

/* Where the mean of a step is 0, Wald's formula is its limit. */
Test(sprt, walds_odds_are_smooth_where_the_drift_vanishes)
{
    struct cm_sprt test = {0.5, 0.4, 0.6, cm_sprt_wald_limits(0.05, 0.1)};
    struct cm_sprt_odds at = cm_sprt_wald_odds(&test);
    double a = test.limits.log_upper, b = test.limits.log_lower;
    expect_close(at.accept_h0, a / (a - b), 1e-8);
    expect_close(at.requests, -a * b / (log(1.5) * log(1.5)), 1e-8);
    for (double e = 1e-12; e < 1e-3; e *= 10) {
        test.p = 0.5 + e;
        expect_close(cm_sprt_wald_odds(&test).accept_h0, at.accept_h0, 1e-7 + 20 * e);
        expect_close(cm_sprt_wald_odds(&test).requests, at.requests, 1e-7 + 5 * e);
    }
}

Test(sprt, certain_outcomes_have_certain_odds)
{
    struct cm_sprt test = {0, 0.02, 0.04, cm_sprt_wald_limits(0.05, 0.1)};
    cr_expect_eq(cm_sprt_exact_odds(&test).accept_h0, 1);
    cr_expect_eq(cm_sprt_wald_odds(&test).accept_h0, 1);
    expect_close(cm_sprt_exact_odds(&test).requests, ceil(test.limits.log_lower / log(0.96 / 0.98)),
                 1e-14);
    test.p = 1;
    cr_expect_eq(cm_sprt_exact_odds(&test).accept_h1, 1);
    cr_expect_eq(cm_sprt_wald_odds(&test).accept_h1, 1);
    cr_expect_eq(cm_sprt_exact_odds(&test).requests, 5); /* ln 18 / ln 2 = 4.2 */
    test.p = 1e-300;
    expect_close(cm_sprt_wald_odds(&test).accept_h0, 1, 1e-12);
}

Test(sprt, hypotheses_too_close_to_tell_have_no_table)
{
    const struct cm_sprt test = {0.5, 0.5, 0.5 + 1e-9, cm_sprt_wald_limits(0.05, 0.1)};
    expect_nan(cm_sprt_exact_odds(&test).requests);
}
