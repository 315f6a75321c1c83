/* tail_origin on single looks: the shared oracle (mpmath), where its edges come from, and that it
 * is a fair bet, all outcomes of two small strata enumerated. */
#include <criterion/criterion.h>

#include "tests/unit/gate_bench.h"

enum { BUCKETS = 4 };
static const struct cm_edges edges = {3, {0.1, 0.2, 0.4}};

/* Begins a release before which stable had these latencies. */
static void begin(struct bench *b, const uint64_t *history)
{
    struct cm_stratum before = {.buckets = {[CM_STABLE] = history}};
    struct cm_signal signal = {.fresh = &before, .n_fresh = 1};
    struct cm_look look = {.edges = &edges, .signals = &signal, .n_signals = 1};
    bench_restart(b);
    b->gate->start(b->options, b->state, &look);
}

static struct cm_verdict look_at(struct bench *b, const uint64_t *control, const uint64_t *canary)
{
    struct cm_stratum fresh = {.from = b->number * CM_MINUTE,
                               .until = (b->number + 1) * CM_MINUTE,
                               .buckets = {[CM_STABLE] = control, [CM_CANARY] = canary}};
    for (int i = 0; i < BUCKETS; i++)
        fresh.n[CM_STABLE] += control[i], fresh.n[CM_CANARY] += canary[i];
    struct cm_signal signal = {.fresh = &fresh, .n_fresh = 1};
    struct cm_look look = {.now = fresh.until,
                           .since_step = fresh.until,
                           .number = b->number++,
                           .control = CM_STABLE,
                           .edges = &edges,
                           .signals = &signal,
                           .n_signals = 1};
    return b->gate->look(b->options, b->state, &look);
}

/* Quantiles of 50 %, 85 % and 97 % are in the first three buckets. */
static const uint64_t usual[] = {70, 20, 8, 2};

/* tail_origin_e of the oracle: edges after buckets 1, 2 and 3, ratios 1.5 and 3, shares of 6 % and
 * 12 %, to which fast requests were added here. */
Test(tail_origin_gate, looks_are_the_oracle_s)
{
    static const uint64_t control[2][4] = {{858, 60, 20, 2}, {804, 55, 18, 3}};
    static const uint64_t canary[2][4] = {{55, 4, 1, 0}, {104, 9, 5, 2}};
    struct bench b = bench_of("tail_origin", "ratios", "1.5, 3", "levels", "0.5, 0.85, 0.97", NULL);
    begin(&b, usual);
    look_at(&b, control[0], canary[0]);
    double log_e = look_at(&b, control[1], canary[1]).why.log_e;
    cr_expect(fabs(log_e - 0.46341503576604803) < 1e-12, "%.17g", log_e);
    bench_release(&b);
}

/* With these counts the edges' evidence is that of 28 and of 8 requests, so their mean tells which
 * edges there are. */
static double evidence_with(const char *levels, const uint64_t *history)
{
    struct bench b = bench_of("tail_origin", "ratios", "2", "levels", levels, NULL);
    static const uint64_t control[] = {900, 20, 0, 0}, canary[] = {72, 20, 0, 8};
    begin(&b, history);
    double e = exp(look_at(&b, control, canary).why.log_e);
    bench_release(&b);
    return e;
}

Test(tail_origin_gate, edges_are_the_bounds_at_or_above_the_levels)
{
    double s = 100.0 / 1020; /* the canary's share */
    double low = exp(28 * log(2) - 48 * log1p(s)), high = exp(8 * log(2) - 8 * log1p(s));
    cr_expect(fabs(evidence_with("0.5", usual) / low - 1) < 1e-12);
    cr_expect(fabs(evidence_with("0.7", usual) / low - 1) < 1e-12); /* exactly the first bucket */
    cr_expect(fabs(evidence_with("0.71", usual) / high - 1) < 1e-12);
    cr_expect(fabs(evidence_with("0.5, 0.71", usual) / ((low + high) / 2) - 1) < 1e-12);
    /* Two levels in one bucket are one edge; a level above the last bound is none. */
    cr_expect(fabs(evidence_with("0.5, 0.6, 0.71", usual) / ((low + high) / 2) - 1) < 1e-12);
    cr_expect(fabs(evidence_with("0.5, 0.99", usual) / low - 1) < 1e-12);
}

Test(tail_origin_gate, without_a_history_or_an_edge_there_is_no_data)
{
    static const uint64_t none[BUCKETS] = {0}, endless[BUCKETS] = {0, 0, 0, 9};
    struct bench b = bench_of("tail_origin", NULL);
    begin(&b, none);
    struct cm_verdict v = look_at(&b, usual, usual);
    cr_expect(v.label == CM_NO_DATA && strstr(b.gate->rules[v.rule], "history"));
    begin(&b, endless);
    cr_expect_eq(look_at(&b, usual, usual).label, CM_NO_DATA);
    begin(&b, usual);
    cr_expect_eq(look_at(&b, usual, usual).label, CM_PASS);
    cr_expect_eq(look_at(&b, usual, none).label, CM_PASS); /* seen before */
    bench_release(&b);
}

Test(tail_origin_gate, a_slow_canary_fails_for_good_and_the_loudest_edge_is_shown)
{
    static const uint64_t control[] = {700, 200, 80, 20}, slow[] = {60, 14, 6, 20};
    struct bench b = bench_of("tail_origin", NULL);
    struct bench step = bench_of("tail_origin", "evidence", "step", NULL);
    begin(&b, usual), begin(&step, usual);
    struct cm_verdict v = look_at(&b, control, slow);
    cr_expect(v.label == CM_FAIL && v.decisive && v.why.x0 == 20 && v.why.x1 == 20);
    cr_expect(v.why.n0 == 1000 && v.why.n1 == 100);
    cr_expect_eq(look_at(&b, control, usual).label, CM_FAIL);
    look_at(&step, control, slow);
    step.gate->new_step(step.options, step.state);
    cr_expect_eq(look_at(&step, control, usual).label, CM_PASS); /* with its edges */
    bench_release(&b), bench_release(&step);
}

/* 3 requests of the control and 2 of the canary, each in one of the last three buckets. */
enum { CONTROL = 3, REQUESTS = 5, OUTCOMES = 243 };

static double outcome(int code, const double laws[2][3], uint64_t counts[2][BUCKETS])
{
    double chance = 1;
    memset(counts, 0, 2 * sizeof *counts);
    for (int i = 0; i < REQUESTS; i++, code /= 3) {
        counts[i >= CONTROL][code % 3 + 1]++;
        chance *= laws[i >= CONTROL][code % 3];
    }
    return chance;
}

static double mean(struct bench *b, const double laws[2][2][3])
{
    double sum = 0;
    for (int code = 0; code < OUTCOMES * OUTCOMES; code++) {
        double chance = 1, log_e = 0;
        begin(b, usual);
        for (int k = 0; k < 2; k++) {
            uint64_t counts[2][BUCKETS];
            chance *= outcome(k ? code / OUTCOMES : code % OUTCOMES, laws[k], counts);
            log_e = look_at(b, counts[0], counts[1]).why.log_e;
        }
        sum += chance * exp(log_e);
    }
    return sum;
}

Test(tail_origin_gate, it_is_a_fair_bet_whatever_the_latencies_of_both_do)
{
    static const double drifts[2][2][3] = {{{.7, .2, .1}, {.7, .2, .1}},
                                           {{.1, .3, .6}, {.1, .3, .6}}};
    static const double faster[2][2][3] = {{{.7, .2, .1}, {.8, .15, .05}},
                                           {{.1, .3, .6}, {.3, .3, .4}}};
    static const double slower[2][2][3] = {{{.7, .2, .1}, {.2, .2, .6}},
                                           {{.8, .1, .1}, {.2, .1, .7}}};
    struct bench b = bench_of("tail_origin", "levels", "0.71, 0.91", "ratios", "1.5, 4", NULL);
    cr_expect_leq(mean(&b, drifts), 1 + 1e-12);
    cr_expect_leq(mean(&b, faster), 1 + 1e-12);
    cr_expect_gt(mean(&b, slower), 1.3);
    bench_release(&b);
}

Test(tail_origin_gate, only_latencies_have_a_tail)
{
    const struct cm_metric errors = {.signal = CM_ERROR_RATIO};
    cr_expect_str_eq(bench_refusal(&errors, "tail_origin", NULL).text,
                     "the metric is no latency (this test needs signal = latency_quantile)");
    cr_expect_str_eq(bench_refusal(NULL, "tail_origin", "levels", "0.5, 1.5", NULL).text,
                     "1.5 is outside [0.001, 0.999999]");
}
