/* What gates promise of many looks, by simulated strata: the size and power of group sequential
 * tests, the coverage of intervals for all looks, and what peeking does to a posterior. */
#include "sim/base/draw.h"
#include "sim/stats/group_sequential.h"
#include "tests/unit/gate_bench.h"

/* Strata of n0 and n1 requests a look; the common error rate p swings by a factor e^drift. */
struct walk {
    int looks;
    uint64_t n0, n1;
    double p, ratio, drift;
    bool ramps; /* the canary's part grows from 1 in 20 of n1 to all of it */
};

static struct cm_verdict step(struct bench *b, const struct walk *w, int look, double phase,
                              struct cm_rng *rng)
{
    double turn = 6.2832 * look / w->looks + phase, part = (1 + 19.0 * look / w->looks) / 20;
    double p = w->p * exp(w->drift * sin(turn));
    uint64_t n1 = w->ramps ? (uint64_t)(part * (double)w->n1) : w->n1;
    uint64_t x0 = cm_draw_binomial(rng, w->n0, p);
    uint64_t x1 = cm_draw_binomial(rng, n1, p * w->ratio);
    return bench_look(b, x0, w->n0, x1, n1);
}

/* How many of `walks` ever fail. */
static int fails(struct bench *b, const struct walk *w, int walks)
{
    int failed = 0;
    for (int i = 0; i < walks; i++) {
        struct cm_rng rng = cm_rng_stream(7, (uint64_t)i, cm_rng_purpose("promises"), 0);
        double phase = 6.2832 * cm_rng_unit(&rng);
        bool fails = false;
        bench_restart(b);
        for (int k = 0; k < w->looks && !fails; k++)
            fails = step(b, w, k, phase, &rng).label == CM_FAIL;
        failed += fails;
    }
    return failed;
}

static double four_se(double p, int n)
{
    return 4 * sqrt(p * (1 - p) / n);
}

enum { WALKS = 4000 };

static const struct walk healthy = {.looks = 5, .n0 = 4000, .n1 = 4000, .p = 0.05, .ratio = 1};

static void expect_size(const char *boundary, double alpha)
{
    struct bench b =
        bench_of("group_sequential", "looks", "5", "alpha", "5%", "boundary", boundary, NULL);
    double rate = fails(&b, &healthy, WALKS) / (double)WALKS;
    cr_expect_float_eq(rate, alpha, four_se(alpha, WALKS), "%s: %g", boundary, rate);
    bench_release(&b);
}

Test(promises, a_group_sequential_test_fails_as_many_healthy_releases_as_it_says)
{
    expect_size("pocock", 0.05);
    expect_size("obrien_fleming", 0.05);
    expect_size("wang_tsiatis", 0.05);
    expect_size("spend_pocock", 0.05);
    expect_size("spend_obrien_fleming", 0.05);
}

/* Power of the boundaries that the gate shows, by numerical integration: the drift is the mean of z
 * with all information in, delta sqrt(I) with I = 5 * 2000 / (p q). */
Test(promises, a_group_sequential_test_has_the_power_of_its_design)
{
    struct bench b = bench_of("group_sequential", "looks", "5", "boundary", "pocock", NULL);
    struct walk bad = healthy;
    bad.ratio = 1.12;
    double info[5], upper[5], mean = 0.05 * (1 + bad.ratio) / 2;
    for (int k = 0; k < 5; k++) {
        info[k] = (k + 1) / 5.0;
        upper[k] = bench_look(&b, 200, 4000, 200, 4000).why.limit;
    }
    const struct cm_group_plan plan = {.looks = 5, .info = info, .alpha = 0.025, .sides = 1};
    const struct cm_group_bounds at = {upper, NULL};
    double drift = 0.05 * (bad.ratio - 1) * sqrt(5 * 2000 / (mean * (1 - mean)));
    double power = cm_group_sequential_power(&plan, &at, drift);
    double rate = fails(&b, &bad, WALKS) / (double)WALKS;
    cr_expect(power > 0.5 && power < 0.9, "%g", power);
    cr_expect_float_eq(rate, power, four_se(power, WALKS), "%g, not %g", rate, power);
    bench_release(&b);
}

static const struct walk ramp = {
    .looks = 60, .n0 = 2000, .n1 = 2000, .p = 0.02, .ratio = 1, .drift = 0.6, .ramps = true};

static void expect_held(struct bench b, double alpha)
{
    double rate = fails(&b, &ramp, 2000) / 2000.0;
    cr_expect_leq(rate, alpha + four_se(alpha, 2000), "%s: %g", b.gate->kind.name, rate);
    cr_expect_gt(rate, alpha / 50, "%s: %g", b.gate->kind.name, rate);
    bench_release(&b);
}

Test(promises, by_strata_limits_for_all_looks_hold_over_a_ramp_with_drift)
{
    expect_held(bench_of("msprt", "tau", "1%", NULL), 0.05);
    expect_held(bench_of("msprt", NULL), 0.05);
    expect_held(bench_of("asymptotic_cs", NULL), 0.05);
    expect_held(bench_of("asymptotic_cs", "sides", "two", NULL), 0.05);
}

/* Simpson's paradox, as scenarios/platforms.ini shows it. */
Test(promises, by_crude_sums_they_do_not)
{
    struct bench b = bench_of("asymptotic_cs", "pooling", "crude", NULL);
    cr_expect_gt(fails(&b, &ramp, 500), 100);
    bench_release(&b);
}

/* One look in a hundred by design of the 99 %; many looks, several times as many. */
Test(promises, a_posterior_bounds_one_look_and_peeking_inflates_it)
{
    struct walk one = {.looks = 1, .n0 = 40000, .n1 = 40000, .p = 0.02, .ratio = 1}, many = one;
    many.looks = 50, many.n0 = many.n1 = 800;
    struct bench b = bench_of("bayes", "evidence", "release", NULL);
    double once = fails(&b, &one, WALKS) / (double)WALKS;
    double peeked = fails(&b, &many, 1000) / 1000.0;
    cr_expect_float_eq(once, 0.01, four_se(0.01, WALKS), "%g", once);
    cr_expect_gt(peeked, 4 * once, "%g", peeked);
    bench_release(&b);
}
