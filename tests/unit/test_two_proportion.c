/* Two-sample tests of error ratios against the shared oracles (mpmath, R), against GSL, and end to
 * end: the gate's own errors when it is asked again and again. */
#include <criterion/criterion.h>
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/base/rng.h"
#include "sim/stats/hypergeometric.h"
#include "sim/stats/two_proportion.h"
#include "tests/unit/gate_bench.h"
#include "tests/unit/stat_oracle.h"

static struct cm_two_counts counts_of(const json_t *in)
{
    return (struct cm_two_counts){oracle_count(in, "x_control"), oracle_count(in, "n_control"),
                                  oracle_count(in, "x_canary"), oracle_count(in, "n_canary")};
}

static double z_test(const char *output, const json_t *in, size_t i)
{
    struct cm_two_counts c = counts_of(in);
    bool pooled = json_is_true(json_object_get(in, "pooled"));
    double z = cm_two_proportion_z(&c, pooled, oracle_number(in, "margin_abs"));
    (void)i;
    return !strcmp(output, "z") ? z : cm_two_proportion_p_of_z(z);
}

static double fisher(const char *output, const json_t *in, size_t i)
{
    struct cm_two_counts c = counts_of(in);
    (void)i;
    if (strcmp(json_string_value(json_object_get(in, "alternative")), "greater") != 0)
        return cm_two_proportion_fisher_as(&c, CM_TWO_SIDED);
    return !strcmp(output, "p_value") ? cm_two_proportion_fisher(&c) : cm_two_proportion_mid_p(&c);
}

Test(two_proportion, shared_oracles_hold)
{
    cr_expect(oracle_check("two_prop_z", z_test) == 10);
    cr_expect(oracle_check("fisher_exact", fisher) == 7);
}

/* A second implementation: GSL's, at sizes where its logarithms of factorials still carry. */
Test(two_proportion, the_hypergeometric_tail_agrees_with_gsl)
{
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.hypergeometric"), 0);
    for (int i = 0; i < 2000; i++) {
        unsigned n0 = 1 + (unsigned)(cm_rng_next(&rng) % 2000);
        unsigned n1 = 1 + (unsigned)(cm_rng_next(&rng) % 300);
        unsigned x0 = (unsigned)(cm_rng_next(&rng) % (n0 + 1));
        unsigned x1 = (unsigned)(cm_rng_next(&rng) % (n1 + 1));
        struct cm_tail tail = cm_hypergeometric_tail(&(struct cm_two_counts){x0, n0, x1, n1});
        double at = gsl_ran_hypergeometric_pdf(x1, n1, n0, x0 + x1);
        double above = gsl_cdf_hypergeometric_Q(x1, n1, n0, x0 + x1);
        cr_assert(fabs(tail.at - at) <= 1e-9 * at &&
                      fabs(tail.above - above) <= 1e-9 * above + 1e-14,
                  "%u/%u %u/%u: %g %g, not %g %g", x0, n0, x1, n1, tail.at, tail.above, at, above);
    }
}

/* By definition: all tables with these margins, one after the other. */
static double two_sided(const struct cm_two_counts *c)
{
    unsigned n0 = (unsigned)c->n0, n1 = (unsigned)c->n1, x = (unsigned)(c->x0 + c->x1);
    double at = gsl_ran_hypergeometric_pdf((unsigned)c->x1, n1, n0, x), sum = 0;
    for (unsigned k = 0; k <= x && k <= n1; k++) {
        double other = x - k <= n0 ? gsl_ran_hypergeometric_pdf(k, n1, n0, x) : 0;
        sum += other <= at * (1 + 1e-7) ? other : 0;
    }
    return sum;
}

Test(two_proportion, fishers_other_alternatives_are_sums_over_tables)
{
    for (unsigned x0 = 0; x0 <= 30; x0 += 3)
        for (unsigned x1 = 0; x1 <= 12; x1++)
            for (unsigned n0 = 30; n0 <= 90; n0 += 30) {
                const struct cm_two_counts c = {x0, n0, x1, 12}, mirror = {x1, 12, x0, n0};
                double p = cm_two_proportion_fisher_as(&c, CM_TWO_SIDED), want = two_sided(&c);
                double less = cm_two_proportion_fisher_as(&c, CM_LESS);
                cr_assert(fabs(p - want) <= 1e-9 * want, "%u %u %u: %g, not %g", x0, n0, x1, p,
                          want);
                cr_assert(fabs(p - cm_two_proportion_fisher_as(&mirror, CM_TWO_SIDED)) < 1e-12);
                cr_assert(fabs(less - gsl_cdf_hypergeometric_P(x1, 12, n0, x0 + x1)) < 1e-12);
            }
    const struct cm_two_counts empty = {0, 0, 3, 5}, none = {0, 10, 0, 10};
    cr_expect(cm_two_proportion_fisher_as(&empty, CM_TWO_SIDED) == 1);
    cr_expect(cm_two_proportion_fisher_as(&none, CM_TWO_SIDED) == 1);
}

/* A ratio of 1 is no margin, and what has no errors has nothing to say. */
Test(two_proportion, the_ratio_test_meets_the_difference_at_one)
{
    const struct cm_two_counts c = {80, 8000, 22, 900}, none = {0, 100, 0, 100};
    cr_expect(cm_two_proportion_ratio_z(&c, 1) == cm_two_proportion_z(&c, false, 0));
    cr_expect(cm_two_proportion_ratio_z(&c, 2) > 0 && cm_two_proportion_ratio_z(&c, 2.5) < 0);
    cr_expect(fabs(cm_two_proportion_ratio_z(&c, 22.0 / 900 * 100)) < 1e-12);
    cr_expect(cm_two_proportion_ratio_z(&none, 2) == 0);
}

/* With 10^10 requests the origins of a few errors are binomial: relative difference about
 * X^2 / n1. */
Test(two_proportion, ten_billion_requests_are_no_obstacle)
{
    const struct cm_two_counts c = {30, UINT64_C(9900000000), 4, 100000000};
    struct cm_tail tail = cm_hypergeometric_tail(&c);
    cr_expect(fabs(tail.above / gsl_cdf_binomial_Q(4, 0.01, 34) - 1) < 1e-4);
    cr_expect(fabs(tail.at / gsl_ran_binomial_pdf(4, 0.01, 34) - 1) < 1e-4);
}

/* P(K = 0) is 2^-10000 here, which no double holds, and P(K > 0) is 1 but for that. */
Test(two_proportion, a_canary_far_better_than_the_control_does_not_underflow)
{
    const struct cm_two_counts c = {10000, 1000000, 0, 1000000};
    cr_expect(cm_two_proportion_fisher(&c) == 1 && cm_two_proportion_mid_p(&c) == 1);
    const struct cm_two_counts worse = {0, 1000000, 10000, 1000000};
    cr_expect(cm_two_proportion_fisher(&worse) == 0);
}

Test(two_proportion, nothing_to_compare_says_nothing)
{
    cr_expect(cm_two_proportion_z(&(struct cm_two_counts){0, 100, 0, 10}, true, 0) == 0);
    cr_expect(cm_two_proportion_z(&(struct cm_two_counts){0, 0, 1, 10}, true, 0) == 0);
    cr_expect(cm_two_proportion_fisher(&(struct cm_two_counts){5, 100, 0, 10}) == 1);
    cr_expect(cm_two_proportion_fisher(&(struct cm_two_counts){0, 0, 3, 10}) == 1);
    cr_expect(cm_two_proportion_mid_p(&(struct cm_two_counts){0, 100, 0, 10}) == 0.5);
    cr_expect(cm_two_proportion_mid_p(&(struct cm_two_counts){100, 100, 10, 10}) == 0.5);
}

/* The size at nominal 1 % is 2.79 % for the pooled z, by an exact computation elsewhere; here by
 * summing over all outcomes. */
Test(two_proportion, the_pooled_z_errs_more_than_it_says_at_small_shares)
{
    static const struct {
        unsigned n0, n1;
        double p, size, within;
    } cases[] = {{5400, 600, 0.001, 0.0279, 0.00005}, {3000, 3000, 0.005, 0.0099, 0.0001}};
    for (size_t i = 0; i < 2; i++) {
        double size = 0, mid = 0;
        for (unsigned x0 = 0; x0 < 60; x0++)
            for (unsigned x1 = 0; x1 < 60; x1++) {
                struct cm_two_counts c = {x0, cases[i].n0, x1, cases[i].n1};
                double p = gsl_ran_binomial_pdf(x0, cases[i].p, cases[i].n0) *
                           gsl_ran_binomial_pdf(x1, cases[i].p, cases[i].n1);
                size += cm_two_proportion_p_of_z(cm_two_proportion_z(&c, true, 0)) <= 0.01 ? p : 0;
                mid += cm_two_proportion_mid_p(&c) <= 0.01 ? p : 0;
            }
        if (i == 0)
            cr_expect(fabs(size - cases[i].size) < cases[i].within, "%g", size);
        cr_expect(mid < 0.0125, "mid-p %g", mid); /* close to nominal */
    }
}

enum { LOOKS = 4, N0 = 80, N1 = 20, WIDTH = N1 * LOOKS + 1 };

/* P(errors of one look) of each arm, at an error probability of 5 %. */
static void fill(double *pmf, unsigned n)
{
    for (unsigned x = 0; x <= n; x++)
        pmf[x] = gsl_ran_binomial_pdf(x, 0.05, n);
}

/* P(a errors of the control and c of the canary in all), from what it was one look before. */
static double reach(const double *before, int a, int c, const double *pmf0, const double *pmf1)
{
    double sum = 0;
    for (int i = 0; i <= N0 && i <= a; i++)
        for (int j = 0; j <= N1 && j <= c; j++)
            sum += before[(a - i) * WIDTH + c - j] * pmf0[i] * pmf1[j];
    return sum;
}

/* P(the gate fails at this look, and did not before); `after` gets the stories that go on. */
static double one_look(struct bench *b, int look, const double *before, double *after)
{
    const uint64_t n0 = (uint64_t)(N0 * look), n1 = (uint64_t)(N1 * look);
    double failed = 0, pmf0[N0 + 1], pmf1[N1 + 1];
    fill(pmf0, N0), fill(pmf1, N1);
    for (int a = 0; a <= N0 * look && a < 80; a++) /* more than 80 errors of 320: below 1e-30 */
        for (int c = 0; c <= N1 * look; c++) {
            double p = reach(before, a, c, pmf0, pmf1);
            bench_restart(b);
            bool fails = bench_look(b, (uint64_t)a, n0, (uint64_t)c, n1).label == CM_FAIL;
            failed += fails ? p : 0;
            after[a * WIDTH + c] = fails ? 0 : p;
        }
    return failed;
}

/* The oracle's exact_two_arm_binomial_gs (dynamic programming): 80/20 requests a look, p = 5 %,
 * pooled z >= 1.96, four looks; they add up to 3.7 times the nominal 2.5 %. */
Test(two_proportion, asking_again_and_again_fails_healthy_releases_as_often_as_computed)
{
    static double mass[LOOKS + 1][(N0 * LOOKS + 1) * WIDTH];
    static const double want[] = {.0470582282872, .0181240506226, .0148646318386, .0115251335137};
    /* alpha = P(Z >= 1.96), all of it at every look */
    struct bench b = bench_of("two_proportion", "alpha", "2.49978951482204%", "method", "pooled_z",
                              "min_requests", "0", NULL);
    mass[0][0] = 1;
    for (int look = 1; look <= LOOKS; look++) {
        double failed = one_look(&b, look, mass[look - 1], mass[look]);
        cr_expect(fabs(failed - want[look - 1]) < 1e-11, "look %d: %.13g", look, failed);
    }
    bench_release(&b);
}

Test(two_proportion, the_gate_adds_up_its_strata_and_divides_alpha_by_the_looks)
{
    struct bench b = bench_of("two_proportion", "metric", "errors", "alpha", "1%", "looks", "20",
                              "method", "fisher", NULL);
    cr_expect(bench_look(&b, 40, 4000, 11, 450).label == CM_PASS);
    struct cm_verdict v = bench_look(&b, 40, 4000, 11, 450);
    /* 80/8000 against 22/900: Fisher's p is 4.48121124526e-4 (the oracle's A.fisher_exact.s01). */
    cr_expect(fabs(v.why.p / 4.48121124526e-4 - 1) < 1e-11 && v.why.value == v.why.p);
    cr_expect(v.label == CM_FAIL && v.decisive && v.why.limit == 0.0005);
    cr_expect(v.why.x0 == 80 && v.why.n0 == 8000 && v.why.x1 == 22 && v.why.n1 == 900);
    bench_release(&b);
    b = bench_of("two_proportion", "looks", "100", "method", "fisher", NULL);
    cr_expect(bench_look(&b, 80, 8000, 22, 900).label == CM_PASS); /* 4.48e-4 > 1 % / 100 */
    bench_release(&b);
}

Test(two_proportion, every_method_is_the_one_it_is_called)
{
    static const struct {
        const char *method;
        double p; /* the oracle's cases for 80/8000 against 22/900 */
    } cases[] = {{"mid_p", 3.0784468973673614e-4},
                 {"fisher", 4.481211245264950e-4},
                 {"pooled_z", 5.6729144790875014e-5},
                 {"unpooled_z", 3.0458950470275505e-3}};
    for (size_t i = 0; i < 4; i++) {
        struct bench b = bench_of("two_proportion", "method", cases[i].method, NULL);
        double p = bench_look(&b, 80, 8000, 22, 900).why.p;
        cr_expect(fabs(p / cases[i].p - 1) < 1e-9, "%s: %.17g", cases[i].method, p);
        bench_release(&b);
    }
}

Test(two_proportion, what_is_too_little_to_judge_does_not_fail)
{
    struct bench b = bench_of("two_proportion", "min_requests", "100", "min_errors", "10", NULL);
    cr_expect(bench_look(&b, 0, 1000, 0, 0).label == CM_NO_DATA);
    cr_expect(bench_look(&b, 0, 1000, 8, 50).label == CM_UNDECIDED);
    struct cm_verdict few = bench_look(&b, 1, 1000, 0, 50);
    cr_expect(few.label == CM_PASS && strstr(b.gate->rules[few.rule], "too few errors"));
    cr_expect(bench_look(&b, 1, 1000, 0, 50).label == CM_FAIL);
    bench_release(&b);
}

Test(two_proportion, a_step_forgets_under_step_evidence_and_only_there)
{
    struct bench step = bench_of("two_proportion", NULL);
    struct bench release = bench_of("two_proportion", "evidence", "release", NULL);
    bench_look(&step, 1, 1000, 1, 1000), bench_look(&release, 1, 1000, 1, 1000);
    step.gate->new_step(step.options, step.state);
    release.gate->new_step(release.options, release.state);
    cr_expect(bench_look(&step, 2, 500, 1, 500).why.n1 == 500);
    cr_expect(bench_look(&release, 2, 500, 1, 500).why.n1 == 1500);
    bench_release(&step), bench_release(&release);
}

/* A drifting common error rate and a ramping share: 1 % of 1000 at share 1 %, then 4 % of 1000 at
 * share 50 %. No arm is worse in any stratum; only the crude sums differ. */
Test(two_proportion, crude_sums_over_a_ramp_confuse_drift_with_a_defect)
{
    struct bench release = bench_of("two_proportion", "evidence", "release", NULL);
    struct bench step = bench_of("two_proportion", NULL);
    bench_look(&release, 99, 9900, 1, 100), bench_look(&step, 99, 9900, 1, 100);
    step.gate->new_step(step.options, step.state);
    cr_expect(bench_look(&release, 200, 5000, 200, 5000).label == CM_FAIL);
    cr_expect(bench_look(&step, 200, 5000, 200, 5000).label == CM_PASS);
    bench_release(&release), bench_release(&step);
}

Test(two_proportion, a_metric_without_errors_is_refused)
{
    const struct cm_metric latency = {.signal = CM_LATENCY_QUANTILE};
    struct cm_err err = bench_refusal(&latency, "two_proportion", NULL);
    cr_expect(strcmp(err.text,
                     "the metric counts no errors (this test needs signal = error_ratio)") == 0);
}
