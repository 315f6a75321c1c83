/* Rules of windows, ranks and splits in whole rollouts, against closed forms; seeds are fixed, and
 * a share may be four standard errors off. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "sim/base/draw.h"
#include "sim/stats/threshold_rules.h"
#include "tests/stat/rollouts.h"
#include "tests/unit/gate_bench.h"

enum { MANY = 20000, SOME = 4000 };

static double seconds(const struct cm_outcome *row)
{
    return cm_seconds(row->ended_at);
}

/* --- M of N ----------------------------------------------------------------------------------- */

/* Twenty windows that do not overlap: each breaches with a chance of its own (sums over Poisson
 * requests), and 2 of 3 in a row come as the chain of the last two says. */
Test(rules, two_of_three_datapoints_breach_as_often_as_the_chain_says)
{
    struct rollouts r =
        play("[scenario]\nhorizon = 1h\n[traffic]\nrate = 0.5 rps\n"
             "[service]\nerror_rate = 10%\nlatency = fixed(value=1ms)\n"
             "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
             "[gate.alarm]\ntest = m_of_n\nmetric = errors\nmax = 20%\nbreaches = 2\n"
             "of_last = 3\nlook_back = 0\nmissing = not_breaching\n"
             "[policy.p]\nsteps = 50%/20m\nlook_every = 60s\ngates = alarm\n",
             -1, SOME);
    const struct cm_window_check check = {0.5, 60, 0.5, 0.1, 0.2};
    double want = cm_k_of_w_window(20, 2, 3, cm_poisson_window_check_fail(&check));
    cr_expect(want > 0.05 && want < 0.5, "%g", want);
    expect_chance("2 of 3", &r, rolled_back, want);
    free(r.rows);
}

/* --- burn rate -------------------------------------------------------------------------------- */

/* From a clean past the long window's ratio rises to e over W: the alert fires after
 * W burn (1 - SLO) / e, of a service half of which fails 24 % (The Site Reliability Workbook, ch.
 * 5). Looks come every 5 s, so that it is seen 2.5 s later on average. */
Test(rules, a_burn_rate_alert_fires_when_the_workbook_says)
{
#define BURN(scope)                                                                                \
    "[scenario]\nhorizon = 2h\n[traffic]\nrate = 100 rps\n"                                        \
    "[service]\nerror_rate = 0%\nlatency = fixed(value=1ms)\n[defect.bad]\nerror_rate = +24pp\n"   \
    "[metric.long]\nsignal = error_ratio\nwindow = 10m\n"                                          \
    "[metric.short]\nsignal = error_ratio\nwindow = 50s\n"                                         \
    "[gate.budget]\ntest = burn_rate\nlong_window = long\nshort_window = short\nslo = 99%\n"       \
    "burn = 6\nscope = " scope "\n"                                                                \
    "[policy.p]\nsteps = 50%/1h\nlook_every = 5s\ngates = budget\n"
    struct rollouts service = play(BURN("service"), 0, 200), own = play(BURN("canary"), 0, 20);
    double mean = sample_of(&service, seconds).mean, want = 600 * 0.06 / 0.12;
    cr_expect(fabs(mean - want - 2.5) < 3, "%g s, not %g", mean, want);
    cr_expect(sample_of(&own, seconds).mean == 5, "the canary's window has no clean past");
    free(service.rows), free(own.rows);
}

/* --- k sigma ---------------------------------------------------------------------------------- */

/* One look after ten: Student's t with 9 degrees, of a value against the mean of ten others. */
Test(rules, k_deviations_are_student_s)
{
    int failed = 0;
    struct bench b = bench_of("k_sigma", "k", "2.5", "points", "10", NULL);
    for (uint64_t r = 0; r < MANY; r++) {
        struct cm_rng rng = cm_rng_stream(20240918, r, 1, 0);
        struct cm_verdict v = {0};
        bench_restart(&b);
        for (int i = 0; i < 10; i++) {
            uint64_t x0 = cm_draw_binomial(&rng, 20000, 0.3);
            uint64_t x1 = cm_draw_binomial(&rng, 20000, 0.3);
            v = bench_look(&b, x0, 20000, x1, 20000);
        }
        failed += v.label == CM_FAIL;
    }
    double got = (double)failed / MANY, want = gsl_cdf_tdist_Q(2.5 / sqrt(1 + 1.0 / 10), 9);
    cr_expect(fabs(got - want) <= 4 * sqrt(want * (1 - want) / MANY), "%g, not %g", got, want);
    cr_expect(want > 2.5 * gsl_cdf_ugaussian_Q(2.5), "%g: not the normal tail", want);
    bench_release(&b);
}

/* --- split ------------------------------------------------------------------------------------ */

Test(rules, a_router_that_is_right_raises_the_alarm_with_probability_alpha)
{
    struct rollouts r = play("[traffic]\nrate = 100 rps\n[service]\nlatency = fixed(value=1ms)\n"
                             "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
                             "[gate.split]\ntest = srm\nmetric = errors\nalpha = 5%\nsays = fail\n"
                             "[policy.p]\nsteps = 20%/60s\nlook_every = 60s\ngates = split\n",
                             -1, SOME);
    expect_chance("split", &r, rolled_back, 0.05);
    free(r.rows);
}

/* Answers that take longer than a step are counted at the share of the next one. */
Test(rules, answers_in_flight_look_like_a_wrong_split)
{
    struct rollouts r = play("[scenario]\nhorizon = 1h\n[traffic]\nrate = 100 rps\n"
                             "[service]\nlatency = fixed(value=30s)\nlatency_slo = 60s\n"
                             "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
                             "[gate.split]\ntest = srm\nmetric = errors\nsays = fail\n"
                             "[policy.p]\nsteps = 20%/60s, 50%/60s\nlook_every = 60s\n"
                             "gates = split\n",
                             -1, 50);
    cr_expect(share_of(&r, rolled_back) == 1);
    free(r.rows);
}

/* --- latencies -------------------------------------------------------------------------------- */

#define COMPARED(test)                                                                             \
    "[traffic]\nrate = 40 rps\n[service]\nlatency = lognormal(median=100ms, sigma=0.6)\n"          \
    "[defect.slower]\nlatency = x1.2\n[telemetry]\nbuckets = 50ms, 70ms, 90ms, 110ms, 130ms, "     \
    "160ms, 200ms, 300ms, 500ms\n"                                                                 \
    "[metric.p99]\nsignal = latency_quantile\nwindow = 60s\n"                                      \
    "[gate.slow]\nmetric = p99\nalpha = 5%\ntest = " test "\n"                                     \
    "[policy.p]\nsteps = 30%/60s\nlook_every = 60s\ngates = slow\n"

/* Some 720 against 1,680 requests: the rank sum is normal, ties included; D+ on buckets is never
 * too large. */
Test(rules, tests_on_buckets_keep_alpha_at_one_look)
{
    struct rollouts ranks = play(COMPARED("mann_whitney"), -1, SOME);
    struct rollouts distance = play(COMPARED("ks"), -1, SOME);
    expect_chance("ranks", &ranks, rolled_back, 0.05);
    double got = share_of(&distance, rolled_back);
    cr_expect(got > 0.01 && got <= 0.05 + 4 * sqrt(0.05 * 0.95 / SOME), "distance: %g", got);
    free(ranks.rows), free(distance.rows);
    ranks = play(COMPARED("mann_whitney"), 0, 200), distance = play(COMPARED("ks"), 0, 200);
    cr_expect(share_of(&ranks, rolled_back) > 0.95 && share_of(&distance, rolled_back) > 0.9);
    free(ranks.rows), free(distance.rows);
}

/* --- guards ----------------------------------------------------------------------------------- */

#define GUARDED(gate)                                                                              \
    "[scenario]\nhorizon = 2h\n[traffic]\nrate = 20 rps\n[service]\nlatency = fixed(value=1ms)\n"  \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n[gate.guard]\n" gate                     \
    "[policy.p]\nsteps = 25%/60s, 50%/60s\nlook_every = 30s\ngates = guard\n"

Test(rules, guards_hold_each_step_until_they_are_content)
{
    struct rollouts bake = play(GUARDED("test = bake\ntime = 5m\n"), -1, 10);
    struct rollouts once = play(GUARDED("test = bake\ntime = 5m\nsince = release\n"), -1, 10);
    struct rollouts few = play(GUARDED("test = min_sample\nmetric = errors\n"), -1, SOME);
    expect_mean("each step", &bake, seconds, 600);
    expect_mean("once", &once, seconds, 360);
    /* 1,000 requests at 5 rps take 200 s +- 6.3, seen at 210 s or 30 s later; at 10 rps 100 s +-
     * 3.2, seen at 120 s or 30 s sooner. */
    double later = gsl_cdf_gamma_Q(210, 1000, 0.2), sooner = gsl_cdf_gamma_P(90, 1000, 0.1);
    double mean = sample_of(&few, seconds).mean, want = 330 + 30 * (later - sooner);
    double error = 4 * 30 * sqrt((later * (1 - later) + sooner * (1 - sooner)) / SOME);
    cr_expect(fabs(mean - want) < error, "%g, not %g +- %g", mean, want, error);
    free(bake.rows), free(once.rows), free(few.rows);
}
