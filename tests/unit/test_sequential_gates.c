/* Single looks of the sequential, betting and change-detection gates: numbers of the shared oracles
 * (mpmath), and of formulas worked out here. */
#include <criterion/criterion.h>

#include "sim/stats/betting.h"
#include "tests/unit/gate_bench.h"

static bool near(double got, double want)
{
    return fabs(got - want) <= 1e-9 * fabs(want);
}

/* --- SPRT ------------------------------------------------------------------------------------- */

/* sprt_bernoulli: 15 errors in 450 requests, p0 = 2 %, p1 = 4 %, alpha = 1 %, beta = 5 %. */
Test(sprt_gate, looks_are_the_oracle_s)
{
    struct bench wald = bench_of("sprt", "target", "2%", "beta", "5%", "limits", "wald", NULL);
    struct bench ville = bench_of("sprt", "target", "2%", "beta", "5%", NULL);
    struct cm_verdict v = bench_look(&wald, 0, 0, 15, 450);
    cr_expect(near(v.why.value, 1.4278177752091583), "%.17g", v.why.value);
    cr_expect(near(v.why.limit, 4.553876891600541), "%.17g", v.why.limit);
    cr_expect(v.label == CM_PASS && !v.decisive && v.why.x1 == 15 && v.why.n1 == 450);
    cr_expect(near(bench_look(&ville, 0, 0, 15, 450).why.limit, -log(0.01)));
    cr_expect_eq(bench_look(&wald, 0, 0, 9, 90).label, CM_FAIL); /* + 9 ln 2 - 81 (0.0206) > 3.2 */
    /* log_lower of the oracle, at which the canary is accepted: 450 good requests give - 9.3. */
    v = bench_look(&ville, 0, 0, 0, 450);
    cr_expect(v.label == CM_PASS && v.decisive);
    cr_expect(near(v.why.limit, -2.9856819377004897), "%.17g", v.why.limit);
    bench_release(&wald), bench_release(&ville);
}

/* error_origin_sprt: 30 and 14 errors at a share of 1/5, ratio 2, alpha = 5 %, beta = 10 %. */
Test(origin_sprt_gate, looks_are_the_oracle_s)
{
    struct bench b = bench_of("origin_sprt", "alpha", "5%", "limits", "wald", NULL);
    struct cm_verdict v = bench_look(&b, 30, 4000, 14, 1000);
    cr_expect(near(v.why.log_e, 1.6819120289052307), "%.17g", v.why.log_e);
    cr_expect(near(v.why.limit, 2.8903717578961645), "%.17g", v.why.limit);
    cr_expect(near(v.why.p, exp(-1.6819120289052307)));
    bench_release(&b);
}

Test(origin_sprt_gate, a_margin_multiplies_the_ratio_and_the_share)
{
    struct bench b = bench_of("origin_sprt", "margin", "1.5", NULL);
    /* 3 ln 2 - 10 ln(1 + s'), s' = 150 / 1050 */
    double value = bench_look(&b, 7, 900, 3, 100).why.value;
    cr_expect(fabs(value - (3 * log(2) - 10 * log(1 + 150.0 / 1050))) < 1e-12, "%g", value);
    bench_release(&b);
}

Test(origin_sprt_gate, an_acceptance_is_taken_back_unless_it_finishes_the_test)
{
    struct bench on = bench_of("origin_sprt", NULL);
    struct bench finish = bench_of("origin_sprt", "after_pass", "finish", NULL);
    struct bench wait = bench_of("origin_sprt", "pass_needs_evidence", "yes", NULL);
    cr_expect_eq(bench_look(&wait, 9, 500, 9, 500).label, CM_UNDECIDED);
    cr_expect_eq(bench_look(&wait, 90, 500, 30, 500).label, CM_PASS);
    struct bench *both[] = {&on, &finish};
    for (int i = 0; i < 2; i++) {
        /* 90 of 120 errors on the control: 30 ln 2 - 120 ln 1.5 = - 27.9 */
        struct cm_verdict v = bench_look(both[i], 90, 500, 30, 500);
        cr_expect(v.label == CM_PASS && v.decisive && v.why.value < v.why.limit);
        bench_look(both[i], 1, 500, 300, 500);
        v = bench_look(both[i], 0, 500, 1, 500);
        cr_expect_eq(v.label, i ? CM_PASS : CM_FAIL);
        cr_expect(v.decisive);
    }
    bench_release(&on), bench_release(&finish), bench_release(&wait);
}

Test(sprt_gate, options_that_cannot_work_are_refused)
{
    cr_expect_str_eq(bench_refusal(NULL, "sprt", "target", "20%", "ratio", "5", NULL).text,
                     "ratio (5) times target (0.2) must be below 1");
    cr_expect_str_eq(bench_refusal(NULL, "origin_sprt", "alpha", "50%", "beta", "50%", NULL).text,
                     "alpha (0.5) and beta (0.5) must come to less than 1");
}

/* --- change detectors ------------------------------------------------------------------------- */

/* The oracle's six ticks as counts with those shares. */
static const uint64_t six_ticks[][4] = {
    {10, 980, 0, 20}, {12, 980, 1, 20}, {9, 950, 1, 50},
    {11, 950, 3, 50}, {8, 900, 4, 100}, {10, 900, 6, 100},
};

static struct cm_verdict after_ticks(struct bench *b)
{
    struct cm_verdict v = {0};
    for (size_t i = 0; i < 6; i++)
        v = bench_look(b, six_ticks[i][0], six_ticks[i][1], six_ticks[i][2], six_ticks[i][3]);
    return v;
}

/* log_sr_mixture 9.024064308938707 and cusum_by_ratio of origin_mixture in the oracle. */
Test(change_gates, looks_are_the_oracle_s)
{
    struct bench sr = bench_of("origin_sr", "looks", "50", NULL);
    struct cm_verdict v = after_ticks(&sr);
    cr_expect(near(v.why.value, 9.024064308938707 - log(50)), "%.17g", v.why.value);
    cr_expect(near(v.why.limit, -log(0.01)));
    static const struct {
        const char *ratio;
        double want;
    } cases[] = {{"1.25", 2.292781597573865}, {"2", 6.300124578961379}, {"10", 6.759807606040777}};
    for (size_t i = 0; i < 3; i++) {
        struct bench b = bench_of("origin_cusum", "ratio", cases[i].ratio, NULL);
        v = after_ticks(&b);
        cr_expect(near(v.why.value, cases[i].want), "%s: %.17g", cases[i].ratio, v.why.value);
        cr_expect(isnan(v.why.p) && isnan(v.why.log_e));
        bench_release(&b);
    }
    bench_release(&sr);
}

/* A good past: 200 looks with the right share of the errors, then 5 times as many. */
Test(change_gates, a_good_past_does_not_speak_for_a_release_that_turns_bad)
{
    static const char *const names[] = {"origin_sprt", "origin_sr", "origin_cusum"};
    int until[3] = {0};
    for (int i = 0; i < 3; i++) {
        struct bench b = bench_of(names[i], NULL);
        for (int look = 0; look < 200; look++)
            cr_assert_eq(bench_look(&b, 9, 900, 1, 100).label, CM_PASS);
        while (bench_look(&b, 9, 900, 5, 100).label != CM_FAIL)
            until[i]++;
        bench_release(&b);
    }
    /* A look is worth 5 ln 2 - 14 ln 1.1 = 2.1 of the 4.6 or 7 asked; the SPRT has lost 200 times
     * 0.26 first. */
    cr_expect(until[0] > 20 && until[1] <= 5 && until[2] <= 4, "%d %d %d", until[0], until[1],
              until[2]);
}

Test(change_gates, looks_without_anything_new_are_not_counted)
{
    struct bench b = bench_of("origin_sr", NULL), bare = bench_of("origin_sr", NULL);
    bench_look(&b, 9, 900, 3, 100), bench_look(&bare, 9, 900, 3, 100);
    double before = bench_look(&b, 0, 0, 0, 0).why.value;
    cr_expect(near(before, bench_look(&bare, 0, 0, 0, 0).why.value) && isfinite(before));
    cr_expect_gt(bench_look(&b, 0, 900, 0, 100).why.value, before); /* R + 1 */
    bench_release(&b), bench_release(&bare);
}

/* --- betting ---------------------------------------------------------------------------------- */

static const uint64_t stream[] = {0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1};

static double wealth_of_stream(struct bench *b)
{
    double wealth = NAN;
    for (size_t i = 0; i < sizeof stream / sizeof *stream; i++)
        wealth = bench_look(b, 0, 0, stream[i], 1).why.log_e;
    return wealth;
}

/* betting_wealth_fixed and betting_wealth_prpl of the oracle, request by request. */
Test(betting_gate, requests_bet_on_one_by_one_are_the_oracle_s)
{
    static const char *const units[] = {"request", "stratum"};
    for (int i = 0; i < 2; i++) {
        struct bench fixed =
            bench_of("betting", "target", "10%", "stake", "fixed", "bet_on", units[i], NULL);
        struct bench plug_in =
            bench_of("betting", "target", "10%", "stake", "plug_in", "bet_on", units[i], NULL);
        double wealth = wealth_of_stream(&fixed);
        cr_expect(near(wealth, 3.5447325622863266), "%s: %.17g", units[i], wealth);
        if (i == 1) { /* the oracle's squares are of single numbers */
            wealth = wealth_of_stream(&plug_in);
            cr_expect(near(wealth, 3.8198960408427407), "%.17g", wealth);
        }
        bench_release(&fixed), bench_release(&plug_in);
    }
}

Test(betting_gate, a_stratum_of_requests_has_one_stake)
{
    struct bench b = bench_of("betting", "target", "10%", "stake", "fixed", "lambda", "2", NULL);
    double wealth = bench_look(&b, 0, 0, 7, 40).why.log_e;
    cr_expect(near(wealth, 7 * log(1 + 2 * 0.9) + 33 * log(1 - 2 * 0.1)), "%.17g", wealth);
    struct bench ratio = bench_of("betting", "target", "10%", "stake", "fixed", "lambda", "2",
                                  "bet_on", "stratum", NULL);
    cr_expect(near(bench_look(&ratio, 0, 0, 7, 40).why.log_e, log(1 + 2 * (7 / 40.0 - 0.1))));
    bench_release(&b), bench_release(&ratio);
}

/* After n numbers with the mean mu the nearly Kelly stake is (mu - m) / (s2 + (mu - m)^2). */
Test(betting_gate, it_bets_by_what_it_has_seen_and_never_on_health)
{
    struct bench b = bench_of("betting", "target", "10%", NULL);
    bench_look(&b, 0, 0, 0, 1000);
    double before = bench_look(&b, 0, 0, 0, 1000).why.log_e; /* mu below m: no bet from here on */
    cr_expect(near(bench_look(&b, 0, 0, 500, 1000).why.log_e, before));
    double mu = 500.5 / 3001, s2 = 0, m = 0.1;
    const double seen[][3] = {{0, 1000, .5 / 1001}, {0, 1000, .5 / 2001}, {500, 500, mu}};
    for (int i = 0; i < 3; i++)
        s2 += seen[i][0] * pow(1 - seen[i][2], 2) + seen[i][1] * pow(seen[i][2], 2);
    s2 = (s2 + 0.25) / 3001;
    double lambda = (mu - m) / (s2 + (mu - m) * (mu - m));
    double gain = bench_look(&b, 0, 0, 30, 100).why.log_e - before;
    cr_expect(fabs(gain - (30 * log1p(lambda * 0.9) + 70 * log1p(-lambda * 0.1))) < 1e-9, "%g",
              gain);
    bench_release(&b);
}

Test(betting_gate, no_stake_is_above_the_cut)
{
    struct bench b = bench_of("betting", "target", "10%", "cut", "0.05", NULL);
    bench_look(&b, 0, 0, 900, 1000);
    double before = bench_look(&b, 0, 0, 900, 1000).why.log_e;
    double loss = bench_look(&b, 0, 0, 0, 1).why.log_e - before;
    cr_expect(near(loss, log(1 - 0.05)), "%.17g", loss);
    bench_release(&b);
}

Test(betting_gate, a_fixed_stake_above_what_can_be_lost_is_refused)
{
    cr_expect_str_eq(
        bench_refusal(NULL, "betting", "target", "20%", "stake", "fixed", "lambda", "6", NULL).text,
        "lambda (6) must be at most 1/target (5)");
}

/* --- safe 2 x 2 and the beta mixture ---------------------------------------------------------- */

/* safe_2x2_plugin of the oracle, one-sided, with the prior Beta(1, 1). */
Test(safe_gate, looks_are_the_oracle_s)
{
    static const uint64_t control[] = {1, 0, 0, 1, 0, 0}, canary[] = {1, 1, 0, 2, 1, 1};
    struct bench b = bench_of("safe_2x2", "prior", "1", NULL);
    double log_e = NAN;
    for (int i = 0; i < 6; i++)
        log_e = bench_look(&b, control[i], 19, canary[i], 6).why.log_e;
    cr_expect(near(log_e, 4.010236323172275), "%.17g", log_e);
    bench_release(&b);
}

/* By hand: from the first block a = 2.18 / 100.36 and b = 5.18 / 50.36. */
Test(safe_gate, the_second_block_is_held_against_what_the_first_taught)
{
    struct bench b = bench_of("safe_2x2", NULL);
    cr_expect_eq(bench_look(&b, 2, 100, 5, 50).why.log_e, 0);
    double a = 2.18 / 100.36, c = 5.18 / 50.36, t = (100 * a + 50 * c) / 150;
    double want =
        1 * log(a / t) + 99 * log((1 - a) / (1 - t)) + 6 * log(c / t) + 44 * log((1 - c) / (1 - t));
    double got = bench_look(&b, 1, 100, 6, 50).why.log_e;
    cr_expect(fabs(got - want) < 1e-12, "%.17g, not %.17g", got, want);
    bench_release(&b);
}

/* binomial_mixture_log_e: 9 of 100 errors at a share of 5 %, prior Beta(1, 19), one-sided; and the
 * same when it comes in two strata of that share. */
Test(binomial_mixture_gate, looks_are_the_oracle_s)
{
    struct bench b = bench_of("binomial_mixture", "concentration", "20", NULL);
    double value = bench_look(&b, 91, 9500, 9, 500).why.log_e;
    cr_expect(near(value, 0.8692531906562689), "%.17g", value);
    bench_restart(&b);
    bench_look(&b, 60, 1900, 2, 100);
    value = bench_look(&b, 31, 950, 7, 50).why.log_e;
    cr_expect(near(value, 0.8692531906562689), "%.17g", value);
    bench_release(&b);
}

/* What 40 errors said at a share of 10 % still speaks at 50 %. */
Test(binomial_mixture_gate, a_change_of_the_weight_forgets_nothing)
{
    struct bench known = bench_of("binomial_mixture", NULL);
    struct bench fresh = bench_of("binomial_mixture", NULL);
    double before = bench_look(&known, 28, 900, 12, 100).why.log_e;
    double gain = bench_look(&known, 8, 500, 24, 500).why.log_e - before;
    cr_expect_gt(gain, bench_look(&fresh, 8, 500, 24, 500).why.log_e);
    bench_release(&known), bench_release(&fresh);
}

/* --- alternatives ----------------------------------------------------------------------------- */

Test(sequential_gates, the_tilt_is_the_alternative)
{
    struct cm_rng rng = cm_rng_seeded(1, 1);
    struct bench absolute = bench_of("sprt", "target", "1%", "ratio", "3", NULL);
    struct bench origin = bench_of("origin_sprt", "ratio", "3", "margin", "1.5", NULL);
    struct bench cusum = bench_of("origin_cusum", "ratio", "3", "margin", "2", NULL);
    struct bench sr = bench_of("origin_sr", "ratios", "2, 4", "margin", "2", NULL);
    cr_expect_eq(absolute.gate->tilt(absolute.options, &rng), 3);
    cr_expect_eq(origin.gate->tilt(origin.options, &rng), 4.5);
    cr_expect_eq(cusum.gate->tilt(cusum.options, &rng), 6);
    int large = 0;
    for (int i = 0; i < 1000; i++)
        large += sr.gate->tilt(sr.options, &rng) == 8;
    cr_expect(abs(large - 500) < 64, "%d", large); /* 4 standard errors of Bin(1000, 1/2) */
    bench_release(&absolute), bench_release(&origin), bench_release(&cusum), bench_release(&sr);
}
