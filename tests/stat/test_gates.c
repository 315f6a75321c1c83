/* Error rates of whole gates by simulation under a fixed seed: what each promises, and what it does
 * not.
 *
 * A share f estimated from R rollouts has the standard error sqrt(f (1 - f) / R); each assertion
 * allows four of them. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/base/draw.h"
#include "tests/unit/gate_bench.h"

enum { SEED = 20240611, ROLLOUTS = 2000 };

static double slack(double share)
{
    return 4 * sqrt(share * (1 - share) / ROLLOUTS);
}

/* A rollout of ticks: the share of the canary ramps, and the common error probability drifts. */
struct course {
    int ticks, per_look, per_step; /* per_step is a multiple of per_look */
    uint64_t requests;             /* of both arms in a tick */
    double base, swing;            /* error probability: base exp(swing sin(...)) */
    double ratio;                  /* of the canary's to the control's */
    const double *share;           /* by step */
};

/* One look's counts. */
struct counts {
    uint64_t x0, n0, x1, n1;
};

static void add_tick(const struct course *c, int tick, double phase, struct cm_rng *rng,
                     struct counts *sum)
{
    double p = c->base * exp(c->swing * sin(0.1 * tick + phase));
    uint64_t n1 = (uint64_t)((double)c->requests * c->share[tick / c->per_step]);
    uint64_t n0 = c->requests - n1;
    sum->n0 += n0, sum->n1 += n1;
    sum->x0 += cm_draw_binomial(rng, n0, p);
    sum->x1 += cm_draw_binomial(rng, n1, c->ratio * p);
}

static bool fails_once(struct bench *b, const struct course *c, struct cm_rng *rng)
{
    struct counts sum = {0};
    double phase = 6.28 * cm_rng_unit(rng);
    bench_restart(b);
    for (int tick = 0; tick < c->ticks; tick++) {
        if (tick % c->per_step == 0 && b->gate->new_step)
            b->gate->new_step(b->options, b->state);
        add_tick(c, tick, phase, rng, &sum);
        if ((tick + 1) % c->per_look != 0)
            continue;
        if (bench_look(b, sum.x0, sum.n0, sum.x1, sum.n1).label == CM_FAIL)
            return true;
        sum = (struct counts){0};
    }
    return false;
}

/* The share of rollouts that the gate fails. */
static double failed(struct bench *b, const struct course *c, uint64_t purpose)
{
    int count = 0;
    for (uint64_t i = 0; i < ROLLOUTS; i++) {
        struct cm_rng rng = cm_rng_stream(SEED, i, purpose, 0);
        count += fails_once(b, c, &rng);
    }
    return (double)count / ROLLOUTS;
}

static const double ramp[] = {0.01, 0.05, 0.1, 0.25, 0.5};

Test(gates, origin_evidence_keeps_its_promise_at_any_number_of_looks_and_under_drift)
{
    struct bench b = bench_of("origin_mixture", "alpha", "5%", NULL);
    struct bench step = bench_of("origin_mixture", "alpha", "5%", "evidence", "step", NULL);
    for (int per_look = 1; per_look <= 20; per_look = per_look == 1 ? 10 : per_look + 10) {
        const struct course healthy = {100, per_look, 20, 2000, 0.01, 0.7, 1, ramp};
        double share = failed(&b, &healthy, 1), stepwise = failed(&step, &healthy, 1);
        cr_expect(share <= 0.05 + slack(0.05), "a look every %d: %g", per_look, share);
        cr_expect(stepwise <= 0.05 + slack(0.05), "a look every %d: %g", per_look, stepwise);
        /* With many looks it errs 0.2 to 0.6 times as often as it may (measured elsewhere). */
        cr_expect(per_look > 1 || share > 0.2 * 0.05 - slack(0.01), "too good: %g", share);
        const struct course bad = {100, per_look, 20, 2000, 0.01, 0.7, 1.5, ramp};
        cr_expect(failed(&b, &bad, 2) > 0.99);
    }
    bench_release(&b), bench_release(&step);
}

/* Pocock's problem: P(max of 20 equally spaced z >= 1.645) = .2144413410675381, one-sided
 * (repeated_test_type1, Armitage-McPherson-Rowe recursion). */
Test(gates, a_test_repeated_twenty_times_errs_as_often_as_the_recursion_says)
{
    static const double half[] = {0.5};
    const struct course steady = {20, 1, 20, 4000, 0.2, 0, 1, half};
    /* alpha = P(Z >= 1.645) */
    struct bench naive =
        bench_of("two_proportion", "alpha", "4.99849055391213%", "method", "pooled_z", NULL);
    double share = failed(&naive, &steady, 3);
    cr_expect(fabs(share - 0.2144413410675381) < slack(0.2144), "%g", share);
    struct bench divided = bench_of("two_proportion", "alpha", "4.99849055391213%", "method",
                                    "pooled_z", "looks", "20", NULL);
    share = failed(&divided, &steady, 3);
    cr_expect(share < 0.05 + slack(0.05), "%g", share);
    bench_release(&naive), bench_release(&divided);
}

/* Simpson's paradox: the error rate drifts while the weight ramps. */
Test(gates, crude_sums_fail_healthy_releases_under_drift_and_a_ramp)
{
    const struct course healthy = {100, 1, 20, 2000, 0.01, 0.7, 1, ramp};
    struct bench crude =
        bench_of("two_proportion", "alpha", "1%", "looks", "100", "evidence", "release", NULL);
    struct bench step = bench_of("two_proportion", "alpha", "1%", "looks", "100", NULL);
    double mixed = failed(&crude, &healthy, 4), clean = failed(&step, &healthy, 4);
    cr_expect(mixed > 0.1, "%g", mixed); /* promised: 1 % */
    cr_expect(clean <= 0.01 + slack(0.01), "%g", clean);
    bench_release(&crude), bench_release(&step);
}
