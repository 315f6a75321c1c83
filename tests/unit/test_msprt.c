/* The mixture SPRT and asymptotic confidence sequences on single looks, against the shared oracles
 * (mpmath) and what Statsig, GrowthBook and Eppo document. */
#include "sim/gates/two_arms.h"
#include "tests/unit/gate_bench.h"

static void expect_near(double got, double want, double relative)
{
    cr_expect_float_eq(got, want, relative * fabs(want), "%.12g is not %.12g", got, want);
}
#define NEAR(got, want) expect_near(got, want, 1e-9)

/* C.msprt_two_prop.s01: 80 of 8000 against 22 of 900, tau = 1 %. */
Test(msprt, its_evidence_is_that_of_the_oracle)
{
    struct bench b =
        bench_of("msprt", "tau", "1%", "sides", "two", "pooling", "crude", "min_errors", "0", NULL);
    struct cm_verdict v = bench_look(&b, 80, 8000, 22, 900);
    NEAR(v.why.log_e, 2.1811251506142533);
    cr_expect_eq(v.label, CM_PASS, "below ln 20");
    cr_expect_eq(v.why.scale, CM_SCALE_DIFFERENCE);
    NEAR(v.why.value, 22.0 / 900 - 0.01);
    bench_release(&b);
}

/* statsig.5000.95000: half-widths in units of the standard error, V = 2.0842105263157897e-06. */
Test(msprt, without_tau_it_is_statsigs_test)
{
    struct bench two =
        bench_of("msprt", "sides", "two", "pooling", "crude", "min_errors", "0", NULL);
    struct bench one =
        bench_of("msprt", "sides", "one", "pooling", "crude", "min_errors", "0", NULL);
    double se = sqrt(2.0842105263157897e-06);
    struct cm_verdict v = bench_look(&two, 950, 95000, 50, 5000);
    NEAR(v.why.high, 5.3626305080953625 * se);
    v = bench_look(&one, 950, 95000, 50, 5000);
    NEAR(v.why.high, 5.5155119607394525 * se);
    bench_release(&two);
    bench_release(&one);
}

Test(msprt, it_fails_where_its_interval_leaves_zero)
{
    int fails = 0;
    for (uint64_t x1 = 40; x1 < 140; x1++) {
        struct bench b = bench_of("msprt", "sides", "two", "pooling", "crude", NULL);
        struct cm_verdict v = bench_look(&b, 950, 95000, x1, 5000);
        cr_expect_eq(v.label == CM_FAIL, v.why.low > 0, "%d errors", (int)x1);
        cr_expect_eq(v.decisive, v.label == CM_FAIL);
        fails += v.label == CM_FAIL;
        bench_release(&b);
    }
    cr_expect(fails > 10 && fails < 90);
}

Test(msprt, a_better_canary_never_fails_and_a_fail_is_for_good)
{
    struct bench b = bench_of("msprt", "sides", "two", "tau", "1%", NULL);
    cr_expect_eq(bench_look(&b, 900, 10000, 100, 10000).label, CM_PASS);
    bench_restart(&b);
    cr_expect_eq(bench_look(&b, 100, 10000, 900, 10000).label, CM_FAIL);
    struct cm_verdict v = bench_look(&b, 5000, 10000, 100, 10000);
    cr_expect_eq(v.label, CM_FAIL, "evidence was there");
    cr_expect_lt(v.why.value, 0);
    bench_release(&b);
}

/* A.cmh.s01 */
Test(two_arms, by_strata_the_difference_is_mantel_and_haenszels)
{
    static const struct cm_stratum strata[] = {{.x = {8, 1}, .n = {1900, 100}},
                                               {.x = {9, 3}, .n = {1800, 200}},
                                               {.x = {20, 12}, .n = {1500, 500}}};
    const struct cm_signal signal = {.fresh = strata, .n_fresh = 3};
    const struct cm_look look = {.control = CM_STABLE, .signals = &signal, .n_signals = 1};
    struct cm_two_arms a = {0};
    cm_two_arms_add(&a, &look, false);
    struct cm_difference d = cm_two_arms_difference(&a, CM_BY_STRATA);
    NEAR(d.estimate / sqrt(d.variance), 2.3332346997373374);
    /* (1 * 1900 - 8 * 100) / 2000 + ... over 95 + 180 + 375 */
    NEAR(d.estimate,
         ((1900 - 800) / 2000.0 + (5400 - 1800) / 2000.0 + (18000 - 10000) / 2000.0) / 650);
}

Test(two_arms, steps_share_alpha)
{
    struct cm_two_arms a = {0};
    double sum = 0;
    for (int k = 0; k < 1000; k++) {
        sum += cm_two_arms_alpha(&a, 0.05);
        a.crude.n1 = 1;
        cm_two_arms_forget(&a);
    }
    cr_expect_float_eq(sum, 0.05, 1e-4);
    cr_expect_lt(sum, 0.05);
}

/* C.asymptotic_cs.s02, .s03: for one mean of variance 0.0099 and n = 10000; two arms of 5000 have
 * twice the standard error. */
Test(asymptotic_cs, its_limits_are_those_of_the_oracle)
{
    struct bench one = bench_of("asymptotic_cs", "pooling", "crude", NULL);
    struct bench two = bench_of("asymptotic_cs", "pooling", "crude", "sides", "two", NULL);
    NEAR(bench_look(&one, 50, 5000, 50, 5000).why.high, 2 * 0.002787288877408929);
    NEAR(bench_look(&two, 50, 5000, 50, 5000).why.high, 2 * 0.003046131371761194);
    bench_release(&one);
    bench_release(&two);
}

/* gb.n5000: half-widths 0.0278 and 0.0304 for a standard error of 0.01 at 5000 units. */
Test(asymptotic_cs, its_defaults_on_crude_sums_are_growthbooks)
{
    double se = sqrt(2 * 0.0099 / 2500);
    struct bench one = bench_of("asymptotic_cs", "pooling", "crude", NULL);
    struct bench two = bench_of("asymptotic_cs", "pooling", "crude", "sides", "two", NULL);
    NEAR(bench_look(&one, 25, 2500, 25, 2500).why.high, 2.7790942353135218 * se);
    NEAR(bench_look(&two, 25, 2500, 25, 2500).why.high, 3.035208990376253 * se);
    bench_release(&one);
    bench_release(&two);
}

/* eppo.500, eppo.10000, eppo.100000 */
Test(asymptotic_cs, two_sided_at_10000_it_is_eppos)
{
    static const struct {
        uint64_t each;
        double multiplier;
    } cases[] = {{5000, 3.035208990376252}, {50000, 3.241723145405437}};
    struct bench b = bench_of("asymptotic_cs", "pooling", "crude", "sides", "two", "n_star",
                              "10000", "min_errors", "0", NULL);
    for (size_t i = 0; i < 2; i++) {
        uint64_t n = cases[i].each;
        bench_restart(&b);
        struct cm_verdict v = bench_look(&b, n / 100, n, n / 100, n);
        NEAR(v.why.high, cases[i].multiplier * sqrt(2 * 0.0099 / (double)n));
    }
    bench_restart(&b);
    struct cm_verdict v = bench_look(&b, 5, 250, 5, 250);
    NEAR(v.why.high, 4.718793463117082 * sqrt(2 * 0.02 * 0.98 / 250));
    bench_release(&b);
}

Test(asymptotic_cs, it_fails_above_its_margin_and_passes_early_below_the_other)
{
    struct bench b = bench_of("asymptotic_cs", "margin", "1%", "promote_margin", "3%", NULL);
    struct cm_verdict v = bench_look(&b, 1000, 50000, 1600, 50000);
    cr_expect_eq(v.label, CM_PASS, "worse by 1.2 points, surely by more than 0");
    cr_expect(v.why.low > 0 && v.why.low < 0.01);
    cr_expect(v.decisive, "and surely by less than 3");
    bench_restart(&b);
    v = bench_look(&b, 1000, 50000, 2500, 50000);
    cr_expect_eq(v.label, CM_FAIL);
    cr_expect_gt(v.why.low, 0.01);
    v = bench_look(&b, 1000, 10000, 0, 10000);
    cr_expect_eq(v.label, CM_FAIL, "for good");
    bench_release(&b);
}

/* 1 % against 1.5 % is an uplift of one half: delta method by hand. */
Test(asymptotic_cs, an_uplift_is_shown_as_a_ratio)
{
    struct bench b =
        bench_of("asymptotic_cs", "pooling", "crude", "effect", "uplift", "sides", "two", NULL);
    struct cm_verdict v = bench_look(&b, 100, 10000, 150, 10000);
    cr_expect_eq(v.why.scale, CM_SCALE_RATIO);
    NEAR(v.why.value, 1.5);
    double se = sqrt(0.015 * 0.985 / 10000 / 1e-4 + 0.0099 / 10000 * 2.25 / 1e-4);
    double rho = 0.03984006677137368, n = 20000; /* C.asymptotic_cs.s01 */
    double width =
        se * sqrt(2 * (n * rho * rho + 1) / (n * rho * rho) * log(sqrt(n * rho * rho + 1) / 0.05));
    NEAR(v.why.high - v.why.value, width);
    bench_release(&b);
}

Test(asymptotic_cs, what_makes_no_sense_is_refused)
{
    const struct cm_metric latency = {.signal = CM_LATENCY_QUANTILE};
    cr_expect_str_eq(bench_refusal(NULL, "asymptotic_cs", "effect", "uplift", NULL).text,
                     "effect = uplift needs pooling = crude");
    cr_expect_str_eq(
        bench_refusal(NULL, "asymptotic_cs", "margin", "2%", "promote_margin", "1%", NULL).text,
        "promote_margin (0.01) must be above margin (0.02)");
    cr_expect_neq(bench_refusal(&latency, "asymptotic_cs", NULL).text[0], 0);
    cr_expect_neq(bench_refusal(&latency, "msprt", NULL).text[0], 0);
}

static void expect_guards(const char *gate)
{
    struct bench b = bench_of(gate, NULL);
    cr_expect_eq(bench_look(&b, 0, 0, 5, 10).label, CM_NO_DATA);
    bench_restart(&b);
    struct cm_verdict v = bench_look(&b, 0, 1000, 9, 10);
    cr_expect_eq(v.label, CM_PASS, "9 errors are below min_errors");
    cr_expect_eq(v.why.x1, 9);
    bench_release(&b);
    struct bench whole = bench_of(gate, NULL), tenth = bench_of(gate, "alpha_over", "10", NULL);
    int fails[2] = {0};
    for (uint64_t x1 = 20; x1 < 300; x1++) {
        bench_restart(&whole);
        bench_restart(&tenth);
        fails[0] += bench_look(&whole, 100, 10000, x1, 10000).label == CM_FAIL;
        fails[1] += bench_look(&tenth, 100, 10000, x1, 10000).label == CM_FAIL;
    }
    cr_expect(fails[0] > fails[1] && fails[1] > 0, "%s: a tenth of alpha is harder to use", gate);
    bench_release(&whole);
    bench_release(&tenth);
}

Test(msprt, thin_data_pass_without_objection)
{
    expect_guards("msprt");
}
Test(asymptotic_cs, thin_data_pass_without_objection)
{
    expect_guards("asymptotic_cs");
}

/* What composites get of a step is worth its part of alpha: it fails where p is alpha. */
Test(two_arms, what_a_step_gives_to_others_is_worth_its_part_of_alpha)
{
    static const char *const names[] = {"msprt", "asymptotic_cs"};
    for (int i = 0; i < 2; i++) {
        struct bench b = i == 0 ? bench_of("msprt", "tau", "1%", "evidence", "step", NULL)
                                : bench_of("asymptotic_cs", "evidence", "step", NULL);
        double last = 0;
        for (int step = 1; step < 5; step++) {
            struct cm_verdict v = bench_look(&b, 90, 9000, 21, 1000);
            cr_expect_eq(v.label == CM_FAIL, v.why.p <= 0.05, "%s: %g", names[i], v.why.p);
            cr_expect(v.why.p > last, "%s: %g", names[i], v.why.p);
            last = v.why.p;
            b.gate->new_step(b.options, b.state);
        }
        cr_expect_gt(last, 0.05, "%s: %g", names[i], last);
        bench_release(&b);
    }
}
