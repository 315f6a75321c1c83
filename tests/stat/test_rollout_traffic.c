/* Whole rollouts against closed forms: what slow answers, few requests, bursts and recordings do to
 * what gates see. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/stats/threshold_rules.h"
#include "tests/stat/rollouts.h"

enum { MANY = 40000, SOME = 8000 };

/* --- lag: M/G/infinity ------------------------------------------------------------------------ */

#define ERRORS                                                                                     \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"                                        \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 50%\n"

/* Answers take 30 s: the first look, after 15 s, finds nothing. */
Test(rollout_traffic, a_look_before_the_first_answer_has_no_data)
{
    struct rollouts r = play(
        "[traffic]\nrate = 20 rps\n[service]\nlatency = fixed(value=30s)\n" ERRORS
        "[policy.p]\nsteps = 50%/10m\nlook_every = 15s\ngates = limit\non_no_data = rollback\n",
        -1, 500);
    for (size_t i = 0; i < r.n; i++) {
        cr_assert(r.rows[i].end == CM_ROLLED_BACK && r.rows[i].ended_at == 15 * CM_SECOND);
        cr_assert_eq(r.rows[i].looks, 1);
    }
    /* What is in flight is answered all the same: 15 s of 10 rps. */
    expect_mean("requests", &r, requests, 150);
    free(r.rows);
}

/* Of a flow of rate r and exponential latency of mean m, Poisson(r (t - m (1 - exp(-t / m)))) are
 * answered by t: none of them leaves the look without data. */
Test(rollout_traffic, slow_answers_come_as_from_infinitely_many_servers)
{
    struct rollouts r = play(
        "[traffic]\nrate = 0.4 rps\n[service]\nlatency = exponential(mean=20s)\n" ERRORS
        "[policy.p]\nsteps = 25%/15s\nlook_every = 15s\ngates = limit\non_no_data = rollback\n",
        -1, MANY);
    double answered = 0.1 * (15 - 20 * (1 - exp(-0.75)));
    expect_chance("no data", &r, rolled_back, exp(-answered));
    free(r.rows);
}

/* A defect that makes answers slow also hides: a minute after the release a canary that takes 40 s
 * has answered half of what one that takes 20 s has. */
Test(rollout_traffic, a_slow_release_is_seen_late)
{
    static const char text[] =
        "[traffic]\nrate = 2 rps\n[service]\nlatency = fixed(value=20s)\n"
        "[defect.slow]\nlatency = +20s\n"
        "[metric.rate]\nsignal = rate\nwindow = 60s\n"
        "[gate.limit]\ntest = threshold\nmetric = rate\nmin = 0.5 rps\n"
        "[policy.p]\nsteps = 50%/60s\nlook_every = 60s\ngates = limit\non_no_data = ignore\n";
    struct rollouts healthy = play(text, -1, MANY), slow = play(text, 0, MANY);
    /* Below 0.5 rps: fewer than 30 answers in the minute. */
    expect_chance("healthy", &healthy, rolled_back, gsl_cdf_poisson_P(29, 40));
    expect_chance("slow", &slow, rolled_back, gsl_cdf_poisson_P(29, 20));
    free(healthy.rows);
    free(slow.rows);
}

/* --- few requests ----------------------------------------------------------------------------- */

#define SERVED "[service]\nerror_rate = 1%\nlatency = fixed(value=1ms)\n"

Test(rollout_traffic, a_gate_waits_for_its_requests)
{
    struct rollouts r = play("[traffic]\nrate = 1 rps\n" SERVED ERRORS "min_requests = 30\n"
                             "[policy.p]\nsteps = 50%/60s\nlook_every = 60s\ngates = limit\n"
                             "on_undecided = rollback\non_no_data = rollback\n",
                             -1, MANY);
    expect_chance("fewer than 30", &r, rolled_back, gsl_cdf_poisson_P(29, 30));
    free(r.rows);
}

/* The step ends at the first look, every 10 s from 60 s on, by which the canary has answered 40:
 * after t seconds Poisson(t / 2) of them are. */
Test(rollout_traffic, a_step_waits_for_its_requests)
{
    struct rollouts r = play("[traffic]\nrate = 1 rps\n" SERVED ERRORS
                             "[policy.p]\nsteps = 50%/60s\nlook_every = 10s\ngates = limit\n"
                             "min_requests = 40\non_no_data = ignore\n",
                             -1, MANY);
    for (int t = 60; t <= 120; t += 10) {
        double late = 0, want = gsl_cdf_poisson_P(39, 0.5 * t);
        for (size_t i = 0; i < r.n; i++)
            late += r.rows[i].ended_at > t * CM_SECOND;
        late /= (double)r.n;
        cr_expect(fabs(late - want) <= 4 * sqrt(want * (1 - want) / MANY),
                  "later than %d s: %g, not %g", t, late, want);
    }
    free(r.rows);
}

/* --- bursts ----------------------------------------------------------------------------------- */

/* The canary's requests of one window W, at share w of traffic of dispersion D: variance over mean
 * is 1 + w (D - 1). 1.5 for the kurtosis of the sample variance. */
Test(rollout_traffic, a_rollout_is_exposed_to_the_dispersion_of_its_traffic)
{
    struct rollouts r =
        play("[traffic]\narrivals = gamma_poisson\nrate = 10 rps\ndispersion = 9\n"
             "window = 2m\ncorrelation = 3m\n" SERVED "[metric.m]\nsignal = error_ratio\n"
             "[policy.p]\nsteps = 50%/2m\n",
             -1, SOME);
    struct cm_sample s = sample_of(&r, requests);
    double want = 600 * (1 + 0.5 * 8);
    cr_expect_float_eq(s.mean, 600, 4 * sqrt(want / SOME), "mean %g", s.mean);
    cr_expect_float_eq(s.variance, want, 4 * 1.5 * want * sqrt(2.0 / SOME), "variance %g, not %g",
                       s.variance, want);
    free(r.rows);
}

/* --- recordings ------------------------------------------------------------------------------- */

enum { RECORDED = 200 }; /* requests of each minute */

/* 20 minutes, of which history and horizon leave no choice: minutes of the rollout are minutes of
 * the recording. */
static const char recording[] = "time,requests\n"
                                "0,200\n60,200\n120,200\n180,200\n240,200\n300,200\n360,200\n"
                                "420,200\n480,200\n540,200\n600,200\n660,200\n720,200\n780,200\n"
                                "840,200\n900,200\n960,200\n1020,200\n1080,200\n1140,200\n";

#define REPLAYED                                                                                   \
    "[scenario]\nhorizon = 10m\n"                                                                  \
    "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 60s\n[telemetry]\nhistory = 10m\n"    \
    "[service]\nerror_rate = 5%\nlatency = fixed(value=0.1ms)\n"                                   \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"                                        \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 8%\n"

/* Of exactly 200 requests the canary gets a binomial number. */
static double replayed_check(double share)
{
    double fail = 0;
    for (unsigned n = 1; n <= RECORDED; n++)
        fail += gsl_ran_binomial_pdf(n, share, RECORDED) *
                gsl_cdf_binomial_Q((unsigned)floor(0.08 * n + 1e-9), 0.05, n);
    return fail;
}

Test(rollout_traffic, recorded_requests_are_thinned_not_multiplied)
{
    struct rollouts r =
        play_recorded(REPLAYED "[policy.p]\nsteps = 25%/60s\nlook_every = 60s\ngates = limit\n",
                      recording, -1, MANY);
    double want = replayed_check(0.25);
    struct cm_sample n = sample_of(&r, requests);
    expect_chance("objects", &r, rolled_back, want);
    /* 200 x 25 %; a Poisson count would have variance 50. */
    expect_mean("requests", &r, requests, 50);
    cr_expect_float_eq(n.variance, 37.5, 4 * 37.5 * sqrt(2.0 / MANY), "variance %g", n.variance);
    free(r.rows);
}

/* Minutes of a recording are independent of each other, and so are the checks of them. */
Test(rollout_traffic, recorded_minutes_are_checked_one_by_one)
{
    struct rollouts r = play_recorded(
        REPLAYED "failures = 2\n"
                 "[policy.p]\nsteps = 25%/5m, 50%/5m\nlook_every = 60s\ngates = limit\n"
                 "on_undecided = ignore\n",
        recording, -1, MANY);
    double a = replayed_check(0.25), b = replayed_check(0.5), at_most_one = 0;
    for (unsigned i = 0; i <= 1; i++)
        for (unsigned k = 0; i + k <= 1; k++)
            at_most_one += gsl_ran_binomial_pdf(i, a, 5) * gsl_ran_binomial_pdf(k, b, 5);
    expect_chance("two of ten", &r, rolled_back, 1 - at_most_one);
    free(r.rows);
}
