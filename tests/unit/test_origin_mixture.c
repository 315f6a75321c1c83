/* Origin evidence against the shared oracles (mpmath), by exact enumeration of small stories, and
 * by the properties that any such evidence has. */
#include <criterion/criterion.h>
#include <math.h>

#include <gsl/gsl_randist.h>

#include "sim/stats/origin.h"
#include "tests/unit/gate_bench.h"
#include "tests/unit/stat_oracle.h"

enum { RATIOS = 8 };

/* Log evidence of the oracle's ticks, by ratio. */
static size_t add_ticks(const json_t *in, double *log_e)
{
    double ratio[RATIOS];
    size_t n = oracle_list(in, "rate_ratios", ratio, RATIOS), index;
    const json_t *tick;
    json_array_foreach(json_object_get(in, "ticks"), index, tick)
    {
        for (size_t r = 0; r < n; r++)
            log_e[r] += cm_origin_log_e((uint64_t)oracle_value(json_array_get(tick, 0)),
                                        (uint64_t)oracle_value(json_array_get(tick, 1)),
                                        oracle_value(json_array_get(tick, 2)), ratio[r]);
    }
    return n;
}

static double mixture(const char *output, const json_t *in, size_t i)
{
    double log_e[RATIOS] = {0};
    size_t n = add_ticks(in, log_e);
    return !strcmp(output, "llr_by_ratio") ? log_e[i]
           : !strcmp(output, "log_e")      ? cm_log_mean_exp(log_e, n)
                                           : NAN; /* SR and CUSUM: other gates */
}

static double sprt(const char *output, const json_t *in, size_t i)
{
    (void)i;
    return !strcmp(output, "llr") ? cm_origin_log_e(oracle_count(in, "errors_control"),
                                                    oracle_count(in, "errors_canary"),
                                                    oracle_number(in, "traffic_share"),
                                                    oracle_number(in, "rate_ratio"))
                                  : NAN;
}

Test(origin, shared_oracles_hold)
{
    cr_expect(oracle_check("origin_mixture", mixture) == 4);
    cr_expect(oracle_check("error_origin_sprt", sprt) == 1);
}

Test(origin, log_mean_exp_neither_overflows_nor_underflows)
{
    const double huge[] = {1000, 1000 + log(3)}, tiny[] = {-1000, -INFINITY};
    cr_expect(fabs(cm_log_mean_exp(huge, 2) - (1000 + log(2))) < 1e-12);
    cr_expect(fabs(cm_log_mean_exp(tiny, 2) - (-1000 - log(2))) < 1e-12);
    cr_expect(cm_log_mean_exp(NULL, 0) == -INFINITY);
}

/* For Poisson events the origins of x errors are Bin(x, s') under "rho times as bad"; then the mean
 * of the evidence for any other ratio is exactly 1. */
Test(origin, evidence_against_a_margin_has_mean_one_at_the_margin)
{
    static const double ratios[] = {0.5, 0.8 / 1.2, 1.5, 4};
    for (double rho = 0.5; rho < 3; rho += 0.7)
        for (size_t r = 0; r < sizeof ratios / sizeof ratios[0]; r++) {
            double share = cm_origin_share(900, 100, rho), mean = 0;
            for (unsigned x1 = 0; x1 <= 12; x1++)
                mean += gsl_ran_binomial_pdf(x1, share, 12) *
                        exp(cm_origin_log_e(12 - x1, x1, share, ratios[r]));
            cr_expect(fabs(mean - 1) < 1e-12, "rho %g r %g: %.15g", rho, ratios[r], mean);
        }
    cr_expect(cm_origin_share(0, 0, 1) == 0 && cm_origin_share(0, 5, 2) == 1);
    cr_expect(cm_origin_share(900, 100, 1) == 0.1);
}

/* The oracle's six ticks as counts with those shares: log E = 7.360161366538029. */
static const uint64_t six_ticks[][4] = {
    {10, 980, 0, 20}, {12, 980, 1, 20}, {9, 950, 1, 50},
    {11, 950, 3, 50}, {8, 900, 4, 100}, {10, 900, 6, 100},
};

Test(origin_mixture, the_gate_adds_up_what_the_oracle_adds_up)
{
    struct bench b = bench_of("origin_mixture", "metric", "errors", NULL);
    struct cm_verdict v = {0};
    for (size_t i = 0; i < 6; i++) {
        const uint64_t *t = six_ticks[i];
        v = bench_look(&b, t[0], t[1], t[2], t[3]);
        /* It passes ln(1 / 1 %) = 4.605 with the last tick. */
        cr_expect(v.label == (i < 5 ? CM_PASS : CM_FAIL), "tick %zu: %g", i, v.why.log_e);
        cr_expect(v.decisive == (i == 5));
    }
    cr_expect(fabs(v.why.log_e / 7.360161366538029 - 1) < 1e-9, "%.17g", v.why.log_e);
    cr_expect(fabs(v.why.p / exp(-7.360161366538029) - 1) < 1e-8);
    cr_expect(v.why.limit == -log(0.01) && v.why.x1 == 15 && v.why.n0 == 5660);
    bench_release(&b);
}

enum { N = 6 }; /* requests of each arm in each stratum of the enumeration */

/* The mean of E after two looks, over everything that can happen: x ~ Bin(N, p) in each arm. */
static double mean_evidence(struct bench *b, const double p0[2], const double p1[2])
{
    double sum = 0;
    for (unsigned a = 0; a <= N; a++)
        for (unsigned c = 0; c <= N; c++)
            for (unsigned a2 = 0; a2 <= N; a2++)
                for (unsigned c2 = 0; c2 <= N; c2++) {
                    bench_restart(b);
                    bench_look(b, a, N, c, N);
                    double e = exp(bench_look(b, a2, N, c2, N).why.log_e);
                    sum += e * gsl_ran_binomial_pdf(a, p0[0], N) *
                           gsl_ran_binomial_pdf(c, p1[0], N) * gsl_ran_binomial_pdf(a2, p0[1], N) *
                           gsl_ran_binomial_pdf(c2, p1[1], N);
                }
    return sum;
}

Test(origin_mixture, evidence_has_mean_at_most_one_without_a_defect_drifting_or_not)
{
    static const struct {
        double p0[2], p1[2];
    } healthy[] = {
        {{.1, .1}, {.1, .1}}, {{.02, .6}, {.02, .6}}, {{.9, .05}, {.9, .05}},
        {{.3, .3}, {.1, .3}}, {{.3, .3}, {.0, .29}},  {{1, .5}, {1, .5}},
    };
    struct bench b = bench_of("origin_mixture", NULL);
    for (size_t i = 0; i < sizeof healthy / sizeof healthy[0]; i++) {
        double mean = mean_evidence(&b, healthy[i].p0, healthy[i].p1);
        cr_expect(mean <= 1 + 1e-12, "case %zu: %.15g", i, mean);
    }
    const double p0[2] = {.1, .1}, bad[2] = {.3, .3};
    cr_expect(mean_evidence(&b, p0, bad) > 1.5); /* it is not always small */
    bench_release(&b);
}

Test(origin_mixture, splitting_a_stratum_at_one_share_changes_nothing)
{
    struct bench whole = bench_of("origin_mixture", NULL),
                 halves = bench_of("origin_mixture", NULL);
    double one = bench_look(&whole, 11, 900, 7, 100).why.log_e;
    bench_look(&halves, 9, 450, 2, 50);
    double two = bench_look(&halves, 2, 450, 5, 50).why.log_e;
    cr_expect(fabs(one - two) < 1e-12);
    bench_release(&whole), bench_release(&halves);
}

Test(origin_mixture, an_error_more_on_the_canary_never_lowers_the_evidence)
{
    struct bench b = bench_of("origin_mixture", NULL);
    double last = -INFINITY;
    for (uint64_t x1 = 0; x1 <= 20; x1++) {
        bench_restart(&b);
        double log_e = bench_look(&b, 20 - x1, 900, x1, 100).why.log_e;
        cr_expect(log_e > last, "%lu", (unsigned long)x1);
        last = log_e;
    }
    bench_release(&b);
}

Test(origin_mixture, a_fail_is_for_good_and_the_p_value_never_rises)
{
    struct bench b = bench_of("origin_mixture", NULL);
    cr_expect(bench_look(&b, 0, 900, 5, 100).label == CM_FAIL); /* 5 ln 10 - 5 ln 1.9 = 8.3 */
    struct cm_verdict later = bench_look(&b, 60, 900, 0, 100);
    cr_expect(later.why.log_e < 0 && later.label == CM_FAIL && later.why.p < 0.01);
    bench_restart(&b);
    cr_expect(bench_look(&b, 60, 900, 0, 100).why.p == 1);
    bench_release(&b);
}

Test(origin_mixture, dispersion_divides_the_log_evidence)
{
    struct bench b = bench_of("origin_mixture", "ratios", "2", NULL);
    struct bench half = bench_of("origin_mixture", "ratios", "2", "dispersion", "2", NULL);
    double one = bench_look(&b, 4, 900, 5, 100).why.log_e;
    cr_expect(fabs(one - (5 * log(2) - 9 * log(1.1))) < 1e-12);
    cr_expect(fabs(bench_look(&half, 4, 900, 5, 100).why.log_e - one / 2) < 1e-12);
    bench_release(&b), bench_release(&half);
}

Test(origin_mixture, a_margin_raises_what_is_no_objection)
{
    struct bench strict = bench_of("origin_mixture", NULL);
    struct bench lenient = bench_of("origin_mixture", "margin", "2", NULL);
    /* 25 of 115 errors on a tenth of the requests: 2.5 times as bad */
    cr_expect(bench_look(&strict, 90, 9000, 25, 1000).label == CM_FAIL);
    cr_expect(bench_look(&lenient, 90, 9000, 25, 1000).label == CM_PASS);
    cr_expect(bench_look(&lenient, 90, 9000, 60, 1000).label == CM_FAIL);
    bench_release(&strict), bench_release(&lenient);
}

Test(origin_mixture, steps_share_alpha_unless_each_has_its_own)
{
    struct bench shared = bench_of("origin_mixture", "evidence", "step", NULL);
    struct bench own = bench_of("origin_mixture", "evidence", "step", "alpha_per", "step", NULL);
    double sum = 0;
    for (int step = 1; step <= 50; step++) {
        double alpha = exp(-bench_look(&shared, 1, 900, 0, 100).why.limit);
        cr_expect(fabs(alpha - 0.01 / (step * (step + 1))) < 1e-15, "%d: %g", step, alpha);
        cr_expect(fabs(bench_look(&own, 1, 900, 0, 100).why.limit + log(0.01)) < 1e-12);
        sum += alpha;
        shared.gate->new_step(shared.options, shared.state);
        shared.gate->new_step(shared.options, shared.state); /* an empty step spends nothing */
        own.gate->new_step(own.options, own.state);
    }
    cr_expect(fabs(sum - 0.01 * 50 / 51) < 1e-12); /* the sum telescopes to 1 - 1 / 51 */
    bench_release(&shared), bench_release(&own);
}

Test(origin_mixture, evidence_of_a_step_begins_with_the_step)
{
    struct cm_stratum strata[2] = {
        {.from = 0, .until = CM_MINUTE, .x = {5, 5}, .n = {900, 100}},
        {.from = CM_MINUTE, .until = 2 * CM_MINUTE, .x = {1, 1}, .n = {500, 500}},
    };
    struct cm_signal s = {.fresh = strata, .n_fresh = 2};
    struct cm_look look = {.now = 2 * CM_MINUTE,
                           .since_step = CM_MINUTE,
                           .control = CM_STABLE,
                           .signals = &s,
                           .n_signals = 1};
    struct bench step = bench_of("origin_mixture", "evidence", "step", NULL);
    struct bench release = bench_of("origin_mixture", NULL);
    cr_expect(step.gate->look(step.options, step.state, &look).why.n1 == 500);
    cr_expect(release.gate->look(release.options, release.state, &look).why.n1 == 600);
    release.gate->new_step(release.options, release.state);
    look.now = 3 * CM_MINUTE, look.since_step = 0, s.n_fresh = 0;
    cr_expect(release.gate->look(release.options, release.state, &look).why.n1 == 600);
    bench_release(&step), bench_release(&release);
}

Test(origin_mixture, enough_evidence_of_health_is_a_decisive_pass)
{
    struct bench b = bench_of("origin_mixture", "promote_margin", "0.5", NULL);
    struct bench strict =
        bench_of("origin_mixture", "promote_margin", "0.5", "pass_needs_evidence", "yes", NULL);
    struct cm_verdict early = bench_look(&b, 10, 500, 10, 500);
    cr_expect(early.label == CM_PASS && !early.decisive);
    cr_expect(bench_look(&strict, 10, 500, 10, 500).label == CM_UNDECIDED);
    /* 100 of 200 errors on half the requests, against 1.5 times as bad: by hand for r = 1,
     * s' = 0.6, q = 1 / 1.5: 100 ln q - 200 ln(1 - s' + q s') = 4.08; r = 0.8 is below that. */
    struct cm_verdict late = bench_look(&b, 90, 4500, 90, 4500);
    cr_expect(late.label == CM_PASS && late.decisive);
    cr_expect(bench_look(&strict, 90, 4500, 90, 4500).label == CM_PASS);
    /* What came later takes it back. */
    cr_expect(!bench_look(&b, 10, 500, 30, 500).decisive);
    bench_release(&b), bench_release(&strict);
}

Test(origin_mixture, without_requests_there_is_no_verdict)
{
    struct bench b = bench_of("origin_mixture", NULL);
    cr_expect(bench_look(&b, 1, 900, 0, 0).label == CM_NO_DATA);
    cr_expect(bench_look(&b, 0, 0, 1, 100).label == CM_PASS); /* the control was seen before */
    bench_release(&b);
}

Test(origin_mixture, the_tilt_is_one_of_its_ratios_each_as_often)
{
    struct bench b = bench_of("origin_mixture", "ratios", "2, 5", "margin", "1.5", NULL);
    struct cm_rng rng = cm_rng_seeded(1, 1);
    int larger = 0;
    for (int i = 0; i < 1000; i++) {
        double ratio = b.gate->tilt(b.options, &rng);
        cr_assert(ratio == 3 || ratio == 7.5, "%g", ratio);
        larger += ratio == 7.5;
    }
    cr_expect(abs(larger - 500) < 64); /* 4 standard errors of Bin(1000, 1/2) */
    bench_release(&b);
}

static void expect_refusal(struct cm_err err, const char *says)
{
    cr_expect(strcmp(err.text, says) == 0, "'%s', not '%s'", err.text, says);
}

Test(origin_mixture, options_that_cannot_work_are_refused)
{
    const char *gate = "origin_mixture";
    expect_refusal(bench_refusal(NULL, gate, "ratios", "1.5, 1", NULL),
                   "1 is outside [1.0001, 1000000]");
    expect_refusal(bench_refusal(NULL, gate, "ratios", "1.5, 2, 1.5", NULL), "1.5 stands twice");
    expect_refusal(bench_refusal(NULL, gate, "ratios", "1.5,", NULL),
                   "a ratio is missing (1.5, 2, 5)");
    expect_refusal(bench_refusal(NULL, gate, "pass_needs_evidence", "yes", NULL),
                   "pass_needs_evidence needs a promote_margin to find evidence for");
    expect_refusal(bench_refusal(NULL, gate, "alpha_per", "step", NULL),
                   "alpha_per = step needs evidence = step");
    expect_refusal(bench_refusal(NULL, gate, "margin", "1.5", "promote_margin", "0.25", NULL),
                   "1 + promote_margin (1.25) must be above margin (1.5)");
    const struct cm_metric rate = {.signal = CM_REQUEST_RATE};
    expect_refusal(bench_refusal(&rate, gate, NULL),
                   "the metric counts no errors (this test needs signal = error_ratio)");
}

Test(origin_mixture, ratios_print_as_they_read)
{
    struct bench b = bench_of("origin_mixture", NULL);
    const struct cm_param *row = cm_param_find(b.gate->kind.params, "ratios");
    struct cm_buffer text = {0};
    row->type->print(row, (const char *)b.options + row->offset, cm_buffer_writer(&text));
    cr_expect(strcmp(text.text, row->dflt) == 0, "%s", text.text);
    cm_buffer_release(&text);
    bench_release(&b);
}
