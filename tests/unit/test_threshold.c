/* The threshold gate: exact limits, objections and labels, and agreement with the closed forms. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/stats/share_limit.h"
#include "sim/stats/threshold_rules.h"
#include "tests/unit/gate_bench.h"

Test(share_limit, counts_are_held_against_decimals_exactly)
{
    /* By whole numbers: x / n against a / 10^k is x 10^k against a n. */
    for (uint64_t a = 1; a < 1000; a++) {
        double limit = (double)a / 1000;
        cr_assert(cm_share_compare(a, 1000, limit) == 0, "%g", limit);
        cr_assert(cm_share_compare(a * 7, 7000, limit) == 0, "%g", limit);
        cr_assert(cm_share_compare(a * 7 + 1, 7000, limit) == 1, "%g", limit);
        cr_assert(cm_share_compare(a * 7 - 1, 7000, limit) == -1, "%g", limit);
        cr_assert(cm_share_floor(1000, limit) == a, "%g", limit);
    }
    /* In doubles the first comes out above its limit. */
    cr_expect(29 > 100 * 0.29 && cm_share_compare(29, 100, 0.29) == 0);
    cr_expect(cm_share_compare(3, 300, 0.01) == 0);
    /* One in ten million million is still above. */
    cr_expect(cm_share_compare(5000000000001, 10000000000000, 0.5) == 1);
}

Test(share_limit, limits_that_are_no_decimal_keep_a_slack)
{
    cr_expect(cm_share_compare(1, 3, 1.0 / 3) == 0);
    cr_expect(cm_share_compare(100001, 300000, 1.0 / 3) == 1);
    cr_expect(cm_limit_compare(0.5, 0.5 * (1 + 1e-13)) == 0);
    cr_expect(cm_limit_compare(0.5, 0.5 * (1 + 1e-11)) == -1);
    cr_expect(cm_limit_compare(INFINITY, INFINITY) == 0);
    cr_expect(cm_share_floor(0, 0.5) == 0 && cm_share_floor(5, 1) == 5);
}

Test(share_limit, arms_are_compared_as_fractions)
{
    /* 3/100 is 1.5 times 2/100; 7/100 is 2pp above 5/100. */
    cr_expect(cm_share_compare_ratio(&(struct cm_two_counts){2, 100, 3, 100}, 1.5) == 0);
    cr_expect(cm_share_compare_ratio(&(struct cm_two_counts){20, 1000, 3, 99}, 1.5) == 1);
    cr_expect(cm_share_compare_ratio(&(struct cm_two_counts){0, 100, 0, 100}, 2) == 0);
    cr_expect(cm_share_compare_ratio(&(struct cm_two_counts){0, 100, 1, 100}, 2) == 1);
    cr_expect(cm_share_compare_increase(&(struct cm_two_counts){5, 100, 7, 100}, 0.02) == 0);
    cr_expect(cm_share_compare_increase(&(struct cm_two_counts){50, 1000, 7, 101}, 0.02) == -1);
    cr_expect(cm_share_compare_increase(&(struct cm_two_counts){50, 1001, 7, 100}, 0.02) == 1);
    /* Beyond 2^40 requests as doubles. */
    const uint64_t huge = UINT64_C(1) << 41;
    cr_expect(cm_share_compare_ratio(&(struct cm_two_counts){1, huge, 3, huge}, 1.5) == 1);
}

static const struct cm_metric errors = {.signal = CM_ERROR_RATIO};
static const struct cm_metric latency = {.signal = CM_LATENCY_QUANTILE};
static const struct cm_metric rate = {.signal = CM_REQUEST_RATE};
static const struct cm_metric requests = {.signal = CM_REQUEST_RATE, .function = CM_BY_INCREASE};

Test(threshold, a_value_exactly_at_its_limit_passes)
{
    struct bench b = bench_of("threshold", "max", "1%", NULL);
    struct cm_verdict at = bench_look(&b, 0, 900, 3, 300), above = bench_look(&b, 0, 900, 4, 300);
    cr_expect(at.label == CM_PASS && above.label == CM_FAIL);
    cr_expect(!above.decisive);
    cr_expect(above.why.value == 4.0 / 300 && above.why.limit == 0.01);
    cr_expect(above.why.x1 == 4 && above.why.n1 == 300 && above.why.n0 == 900);
    cr_expect(strcmp(b.gate->rules[above.rule], "the value is above max") == 0);
    bench_release(&b);
}

Test(threshold, every_limit_objects_on_its_own_side)
{
    static const struct {
        const char *key, *limit;
        uint64_t x0, n0, x1, n1;
        enum cm_label label;
        double value;
    } cases[] = {
        {"min", "1%", 0, 0, 1, 100, CM_PASS, 0.01},
        {"min", "1%", 0, 0, 1, 101, CM_FAIL, 1.0 / 101},
        {"max_ratio", "1.5", 2, 100, 3, 100, CM_PASS, 1.5},
        {"max_ratio", "1.5", 2, 100, 4, 100, CM_FAIL, 2},
        {"max_ratio", "1.5", 0, 100, 1, 100, CM_FAIL, INFINITY},
        {"max_increase", "2pp", 5, 100, 7, 100, CM_PASS, 0.02},
        {"max_increase", "2pp", 5, 100, 8, 100, CM_FAIL, 0.03},
        {"max_increase", "0", 5, 100, 5, 100, CM_PASS, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b = bench_of("threshold", cases[i].key, cases[i].limit, NULL);
        struct cm_verdict v = bench_look(&b, cases[i].x0, cases[i].n0, cases[i].x1, cases[i].n1);
        cr_expect(v.label == cases[i].label, "case %zu", i);
        cr_expect(v.why.value == cases[i].value || fabs(v.why.value - cases[i].value) < 1e-15,
                  "case %zu: %g", i, v.why.value);
        bench_release(&b);
    }
}

Test(threshold, the_first_broken_limit_speaks_and_a_pass_shows_the_first_there_is)
{
    struct bench b = bench_of("threshold", "max", "10%", "max_ratio", "2", NULL);
    struct cm_verdict v = bench_look(&b, 1, 100, 3, 100);
    cr_expect(v.label == CM_FAIL && v.why.limit == 2);
    cr_expect(strstr(b.gate->rules[v.rule], "max_ratio") != NULL);
    bench_restart(&b);
    v = bench_look(&b, 1, 100, 2, 100);
    cr_expect(v.label == CM_PASS && v.why.limit == 0.1 && v.why.value == 0.02);
    bench_release(&b);
}

/* What latency and rates look like: values without counts to prove them. */
static struct cm_verdict look_at_value(struct bench *b, double control, double canary, uint64_t n)
{
    struct cm_signal s = {.value = {control, canary, NAN}, .n = {n, n, 0}};
    s.state[CM_BASELINE] = CM_NO_DATA;
    struct cm_look look = {.control = CM_STABLE, .signals = &s, .n_signals = 1};
    return b->gate->look(b->options, b->state, &look);
}

Test(threshold, latency_is_compared_in_seconds_and_rates_may_be_of_nothing)
{
    struct bench slow = bench_of("threshold", "max", "500ms", NULL);
    cr_expect(look_at_value(&slow, 0.1, 0.5, 60).label == CM_PASS);
    cr_expect(look_at_value(&slow, 0.1, 0.501, 60).label == CM_FAIL);
    struct bench slower = bench_of("threshold", "max_increase", "50ms", NULL);
    cr_expect(look_at_value(&slower, 0.1, 0.15, 60).label == CM_PASS); /* 0.1 + 0.05 > 0.15 */
    cr_expect(look_at_value(&slower, 0.1, 0.151, 60).label == CM_FAIL);
    struct bench idle = bench_of("threshold", "min", "1 rps", NULL);
    cr_expect(look_at_value(&idle, 30, 0, 0).label == CM_FAIL);
    bench_release(&slow), bench_release(&slower), bench_release(&idle);
}

Test(threshold, what_cannot_be_judged_is_neither_a_pass_nor_an_objection)
{
    struct bench b = bench_of("threshold", "max", "1%", "min_requests", "100", NULL);
    cr_expect(bench_look(&b, 0, 900, 0, 0).label == CM_NO_DATA);
    cr_expect(bench_look(&b, 0, 900, 50, 99).label == CM_UNDECIDED);
    cr_expect(bench_look(&b, 0, 0, 0, 100).label == CM_PASS);
    struct cm_signal s = {.state = {CM_PASS, CM_GATE_ERROR, CM_NO_DATA}, .value = {0, 0, NAN}};
    struct cm_look look = {.control = CM_STABLE, .signals = &s, .n_signals = 1};
    cr_expect(b.gate->look(b.options, b.state, &look).label == CM_GATE_ERROR);
    struct bench relative = bench_of("threshold", "max_ratio", "2", "min_requests", "100", NULL);
    cr_expect(bench_look(&relative, 0, 0, 0, 100).label == CM_NO_DATA);
    cr_expect(bench_look(&relative, 0, 99, 0, 100).label == CM_UNDECIDED);
    bench_release(&b), bench_release(&relative);
}

/* Labels of a gate for a story of looks: '!' = beyond the limit, '.' = within, '0' = no requests.
 */
static void tell(struct bench *b, const char *looks, char *labels)
{
    static const char letters[] = {[CM_PASS] = 'p',
                                   [CM_UNDECIDED] = 'u',
                                   [CM_NO_DATA] = '0',
                                   [CM_GATE_ERROR] = 'e',
                                   [CM_FAIL] = 'F'};
    bench_restart(b);
    for (; *looks; looks++)
        *labels++ = letters[bench_look(b, 0, 100, *looks == '!', *looks == '0' ? 0 : 10).label];
    *labels = '\0';
}

Test(threshold, an_objection_is_undecided_until_enough_stand)
{
    static const struct {
        const char *count, *failures, *of_last, *looks, *labels;
    } cases[] = {
        {"total", "1", "none", ".!.!", "pFpF"},
        {"total", "3", "none", "!.!0.!.!", "upu0pFpF"},
        {"consecutive", "2", "none", "!.!!.!", "upuFpu"},
        {"consecutive", "2", "none", "!0!", "u0F"}, /* no data does not end a run */
        {"within", "2", "3", "!.!..!..!", "upFppuppu"},
        {"within", "2", "2", "!!.!!", "uFpuF"},
        {"within", "2", "3", "!0!.", "u0Fp"}, /* nor does it fill the window */
        {"within", "1", "1", "!.!", "FpF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char labels[16];
        struct bench b = bench_of("threshold", "max", "1%", "failures", cases[i].failures, "count",
                                  cases[i].count, "of_last", cases[i].of_last, NULL);
        tell(&b, cases[i].looks, labels);
        cr_expect(strcmp(labels, cases[i].labels) == 0, "%s %s of %s: %s", cases[i].count,
                  cases[i].failures, cases[i].looks, labels);
        bench_release(&b);
    }
}

/* P(the gate fails within n looks) with objections of probability f, over all 2^n stories. */
static double by_enumeration(struct bench *b, int n, double f)
{
    double sum = 0;
    for (uint32_t story = 0; story < UINT32_C(1) << n; story++) {
        bool failed = false;
        double p = 1;
        bench_restart(b);
        for (int i = 0; i < n; i++) {
            bool objects = story >> i & 1;
            failed |= bench_look(b, 0, 100, objects, 10).label == CM_FAIL;
            p *= objects ? f : 1 - f;
        }
        sum += failed ? p : 0;
    }
    return sum;
}

Test(threshold, failing_agrees_with_the_closed_form_of_each_way_to_count)
{
    const int n = 12;
    const double f = 0.2;
    struct bench total = bench_of("threshold", "max", "1%", "failures", "3", NULL);
    struct bench run =
        bench_of("threshold", "max", "1%", "failures", "3", "count", "consecutive", NULL);
    struct bench within = bench_of("threshold", "max", "1%", "failures", "3", "count", "within",
                                   "of_last", "5", NULL);
    double a = by_enumeration(&total, n, f), b = by_enumeration(&run, n, f),
           c = by_enumeration(&within, n, f);
    cr_expect(fabs(a - cm_cumulative_threshold_prob(n, f, 3)) < 1e-12, "%.17g", a);
    cr_expect(fabs(b - cm_consecutive_run(n, 3, f).within) < 1e-12, "%.17g", b);
    cr_expect(fabs(c - cm_k_of_w_window(n, 3, 5, f)) < 1e-12, "%.17g", c);
    bench_release(&total), bench_release(&run), bench_release(&within);
}

static void expect_refusal(struct cm_err err, const char *says)
{
    cr_expect(strcmp(err.text, says) == 0, "'%s', not '%s'", err.text, says);
}

Test(threshold, a_limit_in_another_unit_than_the_metric_is_refused_with_the_right_one)
{
    expect_refusal(bench_refusal(&errors, "threshold", "max", "500ms", NULL),
                   "max = 500ms has another unit than the metric, which is an error ratio (1%, "
                   "0.5pp)");
    expect_refusal(bench_refusal(&errors, "threshold", "max", "0.01", NULL),
                   "max = 0.01 has another unit than the metric, which is an error ratio (1%, "
                   "0.5pp)");
    expect_refusal(bench_refusal(&latency, "threshold", "max_increase", "1%", NULL),
                   "max_increase = 1% has another unit than the metric, which is a latency (500ms, "
                   "1s)");
    expect_refusal(bench_refusal(&rate, "threshold", "min", "1s", NULL),
                   "min = 1s has another unit than the metric, which is a rate (30 rps, 90 rpm)");
    expect_refusal(bench_refusal(&requests, "threshold", "min", "30 rps", NULL),
                   "min = 30 rps has another unit than the metric, which is a number of requests "
                   "(100, 2k)");
    expect_refusal(bench_refusal(&requests, "threshold", "min", "100", NULL), "");
    expect_refusal(bench_refusal(&errors, "threshold", "max", "0", NULL), "");
    expect_refusal(bench_refusal(&latency, "threshold", "max", "1s", "max_ratio", "3", NULL), "");
}

Test(threshold, options_that_cannot_work_are_refused)
{
    expect_refusal(bench_refusal(NULL, "threshold", NULL),
                   "no limit is set (max, min, max_ratio or max_increase)");
    expect_refusal(bench_refusal(NULL, "threshold", "max", "1%", "min", "2%", NULL),
                   "min (2%) is above max (1%)");
    expect_refusal(bench_refusal(NULL, "threshold", "max", "1%", "of_last", "5", NULL),
                   "of_last needs count = within");
    expect_refusal(bench_refusal(NULL, "threshold", "max", "1%", "count", "within", NULL),
                   "count = within needs of_last, the number of looks it counts over");
    expect_refusal(bench_refusal(NULL, "threshold", "max", "1%", "count", "within", "of_last", "3",
                                 "failures", "4", NULL),
                   "4 failures do not fit in the last 3 looks");
    expect_refusal(bench_refusal(&errors, "threshold", "max", "100%", NULL),
                   "no error ratio is above 100%: the limit would never object");
    expect_refusal(bench_refusal(&errors, "threshold", "min", "101%", NULL),
                   "no error ratio reaches min, which is above 100%");
}
