/* Rank and distance tests on buckets, through whole looks: sourced p-values, what is added up, what
 * is refused. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/unit/gate_bench.h"

static bool close_to(double got, double want, double relative)
{
    return fabs(got - want) <= relative * fabs(want);
}

enum { BUCKETS = 5 };
static const struct cm_edges edges = {BUCKETS - 1, {0.05, 0.1, 0.2, 0.4}};

static struct cm_verdict look_at(struct bench *b, const uint64_t *control, const uint64_t *canary)
{
    struct cm_stratum t = {.until = CM_MINUTE, .buckets = {control, canary, NULL}};
    struct cm_signal s = {.fresh = &t, .n_fresh = 1};
    struct cm_look look = {.now = CM_MINUTE,
                           .since_step = CM_MINUTE,
                           .control = CM_STABLE,
                           .edges = &edges,
                           .signals = &s,
                           .n_signals = 1};
    return b->gate->look(b->options, b->state, &look);
}

static const uint64_t control[BUCKETS] = {400, 300, 200, 80, 20};
static const uint64_t canary[BUCKETS] = {30, 30, 25, 10, 5};

/* From the definitions. U = sum of h1 (cumulated h0 + h0 / 2): 30 * 200 + 30 * 550 + 25 * 800 + 10
 * * 940 + 5 * 990 = 56850 of 100000 pairs; ties 430, 330, 225, 90, 25 of 1100. */
Test(mann_whitney, two_histograms_have_the_p_of_their_rank_sum)
{
    double ties = 0;
    for (int b = 0; b < BUCKETS; b++) {
        double t = (double)(control[b] + canary[b]);
        ties += t * t * t - t;
    }
    double variance = 100000.0 / 12 * (1101 - ties / (1100.0 * 1099));
    double z = (56850 - 50000 - 0.5) / sqrt(variance);
    struct bench b = bench_of("mann_whitney", "alpha", "0.5%", NULL);
    struct cm_verdict v = look_at(&b, control, canary);
    cr_expect(close_to(v.why.p, erfc(z / sqrt(2)) / 2, 1e-9), "%.12g", v.why.p);
    cr_expect(v.label == CM_PASS && v.why.n0 == 1000 && v.why.n1 == 100 && v.why.limit == 0.005);
    bench_release(&b);
    b = bench_of("mann_whitney", NULL);
    cr_expect(look_at(&b, control, canary).label == CM_FAIL, "p = %g", v.why.p);
    bench_release(&b);
}

/* Shares below the bounds: .4 .7 .9 .98 and .3 .6 .85 .95: D+ = .1, m = 1000/11. */
Test(ks, two_histograms_have_the_p_of_their_distance)
{
    struct bench b = bench_of("ks", NULL);
    struct cm_verdict v = look_at(&b, control, canary);
    cr_expect(close_to(v.why.p, exp(-2 * 1000.0 / 11 * 0.01), 1e-9), "%.12g", v.why.p);
    cr_expect(v.label == CM_PASS);
    for (int i = 0; i < 2; i++)
        v = look_at(&b, control, canary);
    cr_expect(close_to(v.why.p, exp(-2 * 3000.0 / 11 * 0.01), 1e-9), "%.12g", v.why.p);
    cr_expect(v.label == CM_FAIL && v.decisive && v.why.n1 == 300);
    bench_release(&b);
}

Test(histograms, a_faster_canary_is_no_objection)
{
    static const char *const kinds[] = {"mann_whitney", "ks"};
    for (int k = 0; k < 2; k++) {
        struct bench b = bench_of(kinds[k], NULL);
        cr_expect(look_at(&b, canary, control).why.p > 0.5, "%s", kinds[k]);
        bench_release(&b);
    }
}

Test(histograms, steps_forget_and_thin_arms_are_not_tested)
{
    static const char *const kinds[] = {"mann_whitney", "ks"};
    static const struct cm_metric errors = {.signal = CM_ERROR_RATIO};
    static const uint64_t none[BUCKETS] = {0};
    for (int k = 0; k < 2; k++) {
        struct bench b = bench_of(kinds[k], NULL);
        cr_expect(look_at(&b, control, none).label == CM_NO_DATA);
        look_at(&b, control, canary);
        b.gate->new_step(b.options, b.state);
        cr_expect(look_at(&b, control, canary).why.n1 == 100);
        cr_expect(b.gate->needs(b.options).buckets && b.gate->needs(b.options).strata);
        bench_release(&b);
        b = bench_of(kinds[k], "min_requests", "101", NULL);
        cr_expect(look_at(&b, control, canary).label == CM_UNDECIDED);
        bench_release(&b);
        struct cm_err err = bench_refusal(&errors, kinds[k], NULL);
        cr_expect(strstr(err.text, "no latency"), "%s", err.text);
    }
}
