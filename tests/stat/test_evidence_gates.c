/* What gates that hold at every look promise, by simulation under a fixed seed: false rollbacks
 * with looks every 1, 10 and 100 strata while the weight ramps and errors drift; the exact course
 * of SPRT and CUSUM, from gates fed with strata and from whole rollouts.
 *
 * A chance f estimated from R rollouts has the standard error sqrt(f (1 - f) / R), a mean that of
 * the sample; each assertion allows four of them. */
#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>

#include "sim/base/draw.h"
#include "sim/stats/cusum.h"
#include "sim/stats/sprt.h"
#include "tests/stat/rollouts.h"
#include "tests/unit/gate_bench.h"

enum { SEED = 20250712, STRATA = 200, ROLLOUTS = 2000 };

static double slack(double chance, int rollouts)
{
    return 4 * sqrt(chance * (1 - chance) / rollouts);
}

/* --- false rollbacks -------------------------------------------------------------------------- */

/* 200 strata of 2,000 requests over which the share of the canary ramps and the error probability
 * of both, 1 % on average, drifts by a factor of 4. */
static void draw_strata(struct cm_stratum *strata, struct cm_rng *rng, double ratio)
{
    static const double share[] = {0.01, 0.05, 0.1, 0.5};
    double phase = 6.28 * cm_rng_unit(rng);
    for (int k = 0; k < STRATA; k++) {
        double p = 0.01 * exp(0.7 * sin(0.1 * k + phase));
        struct cm_stratum *s = &strata[k];
        *s = (struct cm_stratum){.from = k * CM_MINUTE, .until = (k + 1) * CM_MINUTE};
        s->n[CM_CANARY] = (uint64_t)(2000 * share[4 * k / STRATA]);
        s->n[CM_STABLE] = 2000 - s->n[CM_CANARY];
        s->x[CM_STABLE] = cm_draw_binomial(rng, s->n[CM_STABLE], p);
        s->x[CM_CANARY] = cm_draw_binomial(rng, s->n[CM_CANARY], ratio * p);
    }
}

static bool fails_once(struct bench *b, const struct cm_stratum *strata, int per_look)
{
    bench_restart(b);
    for (int k = 0; k < STRATA; k += per_look) {
        struct cm_signal signal = {.fresh = strata + k, .n_fresh = (size_t)per_look};
        struct cm_look look = {.now = strata[k + per_look - 1].until,
                               .number = k / per_look,
                               .control = CM_STABLE,
                               .signals = &signal,
                               .n_signals = 1};
        look.since_step = look.now;
        if (b->gate->look(b->options, b->state, &look).label == CM_FAIL)
            return true;
    }
    return false;
}

static double failed(struct bench *b, int per_look, double ratio)
{
    struct cm_stratum strata[STRATA];
    int count = 0;
    for (uint64_t i = 0; i < ROLLOUTS; i++) {
        struct cm_rng rng = cm_rng_stream(SEED, i, ratio > 1 ? 2 : 1, 0);
        draw_strata(strata, &rng, ratio);
        count += fails_once(b, strata, per_look);
    }
    return (double)count / ROLLOUTS;
}

/* At one percent, as gates promise by default, fails would be too few to tell. */
static void expect_promise(struct bench *b, double least)
{
    for (int per_look = 1; per_look <= 100; per_look *= 10) {
        double healthy = failed(b, per_look, 1), bad = failed(b, per_look, 2);
        cr_expect_leq(healthy, 0.1 + slack(0.1, ROLLOUTS), "%s every %d: %g", b->gate->kind.name,
                      per_look, healthy);
        cr_expect_gt(bad, 0.9, "%s every %d: %g", b->gate->kind.name, per_look, bad);
        /* It is not kept by never objecting. */
        cr_expect(per_look > 1 || healthy > least, "%s: %g", b->gate->kind.name, healthy);
    }
    bench_release(b);
}

Test(evidence_gates, comparing_gates_keep_alpha_at_any_number_of_looks_and_under_drift)
{
    struct bench gates[] = {
        bench_of("origin_mixture", "alpha", "10%", NULL),
        bench_of("origin_sprt", "alpha", "10%", "ratio", "1.5", NULL),
        bench_of("binomial_mixture", "alpha", "10%", NULL),
    };
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++)
        expect_promise(&gates[i], 0.01);
}

/* They learn from look to look: two looks are too few, and so are crude blocks. */
Test(evidence_gates, gates_that_learn_or_forget_keep_alpha)
{
    struct bench safe = bench_of("safe_2x2", "alpha", "10%", NULL);
    struct bench sr = bench_of("origin_sr", "alpha", "10%", "looks", "200", NULL);
    double healthy = failed(&safe, 1, 1);
    cr_expect(healthy <= 0.1 + slack(0.1, ROLLOUTS) && healthy > 0.001, "%g", healthy);
    cr_expect_gt(failed(&safe, 1, 2), 0.9);
    bench_release(&safe);
    expect_promise(&sr, 0.01);
}

/* --- SPRT ------------------------------------------------------------------------------------- */

/* Wald's test, request by request: P(accept H1), P(accept H0) and the mean number of requests. */
static void expect_course(double p, const struct cm_sprt *test, uint64_t purpose)
{
    enum { TESTS = 4000 };
    struct bench b = bench_of("sprt", "target", "5%", "alpha", "5%", "beta", "10%", "limits",
                              "wald", "after_pass", "finish", NULL);
    struct cm_sprt_odds odds = cm_sprt_exact_odds(test);
    double requests[TESTS];
    int worse = 0;
    for (uint64_t i = 0; i < TESTS; i++) {
        struct cm_rng rng = cm_rng_stream(SEED, i, purpose, 0);
        struct cm_verdict v = {0};
        bench_restart(&b);
        while (!v.decisive)
            v = bench_look(&b, 0, 0, cm_rng_unit(&rng) < p, 1);
        requests[i] = (double)v.why.n1;
        worse += v.label == CM_FAIL;
    }
    double share = (double)worse / TESTS;
    struct cm_sample s = cm_sample_of(requests, TESTS);
    cr_expect(fabs(share - odds.accept_h1) <= slack(odds.accept_h1, TESTS), "%g, not %g", share,
              odds.accept_h1);
    cr_expect(fabs(s.mean - odds.requests) <= 4 * sqrt(s.variance / TESTS), "%g, not %g", s.mean,
              odds.requests);
    bench_release(&b);
}

Test(evidence_gates, the_sprt_gate_runs_the_exact_course_of_the_test)
{
    static const double truths[] = {0.05, 0.07, 0.1};
    for (int i = 0; i < 3; i++) {
        const struct cm_sprt test = {truths[i], 0.05, 0.1, cm_sprt_wald_limits(0.05, 0.1)};
        expect_course(truths[i], &test, 10 + (uint64_t)i);
    }
}

/* Rollouts at 100 %: a look a minute, at which a minute's recorded 60 requests have been answered
 * (as many in each, so that errors are binomial), 20 looks. */
enum { PER_LOOK = 60, LOOKS = 20 };
#define SPRT_ROLLOUT                                                                               \
    "[scenario]\nhorizon = 30m\n"                                                                  \
    "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 1m\n[telemetry]\nhistory = 10m\n"     \
    "[service]\nerror_rate = 7%\nlatency = fixed(value=1us)\n"                                     \
    "[metric.errors]\nsignal = error_ratio\n"                                                      \
    "[gate.test]\ntest = sprt\nmetric = errors\ntarget = 5%\nalpha = 5%\nlimits = wald\n"          \
    "[policy.p]\nsteps = 100%/20m\ngates = test\nlook_every = 1m\nearly = finish\n"

/* The law of the errors among the undecided, look by look. */
static struct cm_sprt_odds exact_rollout(double p, uint64_t looks)
{
    const struct cm_sprt_limits limits = cm_sprt_wald_limits(0.05, 0.1);
    enum { MOST = PER_LOOK * LOOKS };
    double mass[MOST + 1] = {1}, next[MOST + 1];
    double chance[PER_LOOK + 1];
    struct cm_sprt_odds odds = {0, 0, 0};
    for (unsigned k = 0; k <= PER_LOOK; k++)
        chance[k] = gsl_ran_binomial_pdf(k, p, PER_LOOK);
    for (uint64_t look = 1; look <= looks; look++) {
        memset(next, 0, sizeof next);
        for (uint64_t x = 0; x <= MOST; x++)
            for (unsigned k = 0; mass[x] > 0 && k <= PER_LOOK; k++)
                next[x + k] += mass[x] * chance[k];
        for (uint64_t x = 0; x <= MOST; x++) {
            double ratio =
                x > look * PER_LOOK ? 0 : cm_sprt_share_ratio(x, look * PER_LOOK, 0.05, 0.1);
            enum cm_sprt_decision d = cm_sprt_decide(&limits, ratio);
            odds.accept_h1 += d == CM_SPRT_ACCEPT_H1 ? next[x] : 0;
            odds.accept_h0 += d == CM_SPRT_ACCEPT_H0 ? next[x] : 0;
            mass[x] = d == CM_SPRT_CONTINUE ? next[x] : 0;
        }
    }
    return odds;
}

static double promoted_early(const struct cm_outcome *row)
{
    return row->end == CM_PROMOTED && row->ended_at < 20 * CM_MINUTE;
}

Test(evidence_gates, rollouts_under_an_sprt_end_as_the_test_does)
{
    enum { MANY = 8000 };
    char counts[4096] = "time,requests\n";
    size_t used = strlen(counts);
    for (int minute = 0; minute < 180; minute++)
        used +=
            (size_t)snprintf(counts + used, sizeof counts - used, "%d,%d\n", 60 * minute, PER_LOOK);
    struct rollouts r = play_recorded(SPRT_ROLLOUT, counts, -1, MANY);
    double failed_in_time = exact_rollout(0.07, LOOKS).accept_h1;
    /* An acceptance at the last look cannot be told from the end of the bake. */
    double accepted = exact_rollout(0.07, LOOKS - 1).accept_h0;
    cr_expect(failed_in_time > 0.1 && accepted > 0.1, "%g, %g", failed_in_time, accepted);
    expect_chance("failed", &r, rolled_back, failed_in_time);
    expect_chance("accepted", &r, promoted_early, accepted);
    free(r.rows);
}

/* --- CUSUM ------------------------------------------------------------------------------------ */

/* The ratio r for which ln r / ln(1 - s + r s) is m; it falls from 1 / s at r = 1. Then an error of
 * the canary moves the chart up by m - 1 times as much as one of the control moves it down. */
static double lattice_ratio(double share, double m)
{
    double low = 0.1, high = 3;
    for (int i = 0; i < 60; i++) {
        double log_r = (low + high) / 2;
        if (log_r / log1p(share * expm1(log_r)) > m)
            low = log_r;
        else
            high = log_r;
    }
    return exp(low);
}

/* One error a look, on the canary with its share (or with p): the chart of cusum.h. */
static void expect_run(double p, uint64_t purpose)
{
    enum { RUNS = 2000, M = 7, H = 20 };
    double ratio = lattice_ratio(0.1, M), down = log1p(0.1 * (ratio - 1));
    char r[40], limit[40];
    snprintf(r, sizeof r, "%.17g", ratio);
    snprintf(limit, sizeof limit, "%.17g", (H - 0.5) * down);
    struct bench b = bench_of("origin_cusum", "ratio", r, "limit", limit, NULL);
    double runs[RUNS];
    for (uint64_t i = 0; i < RUNS; i++) {
        struct cm_rng rng = cm_rng_stream(SEED, i, purpose, 0);
        enum cm_label label = CM_PASS;
        bench_restart(&b);
        while (label == CM_PASS) {
            bool canary = cm_rng_unit(&rng) < p;
            label = bench_look(&b, !canary, 900, canary, 100).label;
        }
        runs[i] = b.number;
    }
    struct cm_sample s = cm_sample_of(runs, RUNS);
    double want = cm_cusum_bernoulli_arl(&(struct cm_cusum_bernoulli){p, M, H});
    cr_expect(fabs(s.mean - want) <= 4 * sqrt(s.variance / RUNS), "p %g: %g, not %g", p, s.mean,
              want);
    /* What the gate's help says of healthy releases. */
    cr_expect(p > 0.1 || want >= exp((H - 1) * down), "%g", want);
    bench_release(&b);
}

Test(evidence_gates, the_cusum_gate_runs_as_long_as_its_chart)
{
    expect_run(0.1, 20);
    expect_run(0.25, 21);
}
