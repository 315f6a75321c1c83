/* Welch's test through whole looks: against its own function on raw values, whatever the strata. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/stats/welch.h"
#include "tests/unit/gate_bench.h"

static const double control[] = {9.1, 10.2, 8.7, 11.0, 9.9, 10.4};
static const double canary[] = {11.2, 12.1, 10.8, 11.9};

static void put(struct cm_stratum *t, enum cm_arm arm, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        t->n[arm]++, t->sum[arm] += x[i], t->sum_sq[arm] += x[i] * x[i];
}

/* All values in one stratum, or in two. */
static struct cm_verdict look_at(struct bench *b, bool split)
{
    struct cm_stratum t[2] = {{.until = 1}, {.until = 2}};
    size_t cut0 = split ? 2 : 6, cut1 = split ? 3 : 4;
    put(&t[0], CM_STABLE, control, cut0), put(&t[1], CM_STABLE, control + cut0, 6 - cut0);
    put(&t[0], CM_CANARY, canary, cut1), put(&t[1], CM_CANARY, canary + cut1, 4 - cut1);
    struct cm_signal s = {.fresh = t, .n_fresh = 2};
    struct cm_look look = {
        .now = 2, .since_step = 2, .control = CM_STABLE, .signals = &s, .n_signals = 1};
    return b->gate->look(b->options, b->state, &look);
}

Test(welch_gate, strata_come_to_the_test_of_all_values)
{
    struct cm_sample a = cm_sample_of(control, 6), b = cm_sample_of(canary, 4);
    struct cm_welch w = cm_welch_test(&a, &b, 0.5);
    double want = cm_welch_p(&w, CM_GREATER);
    struct bench gate = bench_of("welch", "margin", "0.5", "min_requests", "0", NULL);
    for (int split = 0; split < 2; split++) {
        bench_restart(&gate);
        struct cm_verdict v = look_at(&gate, split);
        cr_expect(fabs(v.why.p - want) <= 1e-9 * want, "%.12g, not %.12g", v.why.p, want);
        cr_expect(v.why.n0 == 6 && v.why.n1 == 4);
        cr_expect((v.label == CM_FAIL) == (want <= 0.01));
    }
    bench_release(&gate);
    gate = bench_of("welch", "side", "below", "min_requests", "0", NULL);
    cr_expect(look_at(&gate, true).why.p > 0.9);
    bench_release(&gate);
    gate = bench_of("welch", NULL);
    cr_expect(look_at(&gate, true).label == CM_UNDECIDED, "too few");
    bench_release(&gate);
}

Test(welch_gate, metrics_without_a_mean_are_refused)
{
    static const struct cm_metric p99 = {.signal = CM_LATENCY_QUANTILE};
    static const struct cm_metric mean = {.signal = CM_LATENCY_MEAN};
    cr_expect(strstr(bench_refusal(&p99, "welch", NULL).text, "is no mean"));
    cr_expect(bench_refusal(&mean, "welch", NULL).text[0] == '\0');
}

/* A gauge that stands still: sums of 0.1 and 0.3 round, and what rounds must not decide. */
Test(welch_gate, equal_constants_are_no_difference)
{
    static const double constants[] = {0.1, 0.3, 0.7, 1.1, 1234.1, 1e-3, 0};
    struct bench b = bench_of("welch", "min_requests", "0", NULL);
    for (size_t c = 0; c < sizeof constants / sizeof *constants; c++)
        for (size_t n = 2; n < 200; n++) {
            struct cm_stratum t = {.until = 1};
            double x = constants[c];
            for (size_t i = 0; i < 7 * n; i++)
                put(&t, CM_STABLE, &x, 1);
            for (size_t i = 0; i < n; i++)
                put(&t, CM_CANARY, &x, 1);
            struct cm_signal s = {.fresh = &t, .n_fresh = 1};
            struct cm_look look = {
                .now = 1, .since_step = 1, .control = CM_STABLE, .signals = &s, .n_signals = 1};
            bench_restart(&b);
            struct cm_verdict v = b.gate->look(b.options, b.state, &look);
            cr_assert(v.why.p >= 0.499, "%zu of %g: p %g", n, x, v.why.p);
        }
    bench_release(&b);
}
