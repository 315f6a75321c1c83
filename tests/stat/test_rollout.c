/* Whole rollouts against closed forms: counting rules, exposure, detection times, escape, harm.
 *
 * Latency is 1 ms unless it is the point, so that a window holds what arrived in it but for one
 * request in 60,000. Seeds are fixed; every estimate may be four standard errors off. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "sim/engine/replicate.h"
#include "sim/stats/interval.h"
#include "sim/stats/threshold_rules.h"
#include "tests/stat/scenario_text.h"

enum { ROLLOUTS = 6000 };

/* One column of the outcomes of all replications. */
typedef double column(const struct cm_outcome *row);

static double rolled_back(const struct cm_outcome *row)
{
    return row->end == CM_ROLLED_BACK;
}

static double requests(const struct cm_outcome *row)
{
    return (double)row->rollout.requests;
}

static double failures(const struct cm_outcome *row)
{
    return (double)row->rollout.failures;
}

static double escaped_failures(const struct cm_outcome *row)
{
    return (double)row->escaped.failures;
}

static double minutes_to_detect(const struct cm_outcome *row)
{
    return cm_seconds(row->ended_at - row->onset) / 60;
}

static struct cm_outcome rows[ROLLOUTS];

static void play(const char *text, int release)
{
    struct cm_scenario scenario = {0};
    load_text(&scenario, text, NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = release, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < ROLLOUTS; i++)
        rows[i] = cm_replicate(rollout, i);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
}

static void expect(const char *what, column *value, double want)
{
    static double values[ROLLOUTS];
    for (size_t i = 0; i < ROLLOUTS; i++)
        values[i] = value(&rows[i]);
    struct cm_sample sample = cm_sample_of(values, ROLLOUTS);
    double error = 4 * sqrt(sample.variance / ROLLOUTS);
    cr_expect(fabs(sample.mean - want) <= error, "%s: %g, not %g +- %g", what, sample.mean, want,
              error);
}

/* --- counting rules --------------------------------------------------------------------------- */

#define CHECKED(gate)                                                                              \
    "[scenario]\nhorizon = 4h\n[traffic]\nrate = 20 rps\n"                                         \
    "[service]\nerror_rate = 1.5%\nlatency = fixed(value=1ms)\n"                                   \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"                                        \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 2%\n" gate                             \
    "[policy.p]\nsteps = 10%/20m\nlook_every = 60s\ngates = limit\n"                               \
    "on_undecided = ignore\non_no_data = ignore\n"

/* P(one check objects): 20 rps, a minute, a tenth of it, 1.5 % errors against 2 %. */
static double one_check(void)
{
    return cm_poisson_window_check_fail(&(struct cm_window_check){20, 60, 0.1, 0.015, 0.02});
}

Test(rollout, a_total_of_objections_is_a_binomial_tail)
{
    play(CHECKED("failures = 7\ncount = total\n"), -1);
    expect("total", rolled_back, cm_cumulative_threshold_prob(20, one_check(), 7));
}

Test(rollout, objections_in_a_row_are_a_run)
{
    play(CHECKED("failures = 3\ncount = consecutive\n"), -1);
    expect("run", rolled_back, cm_consecutive_run(20, 3, one_check()).within);
}

Test(rollout, k_objections_of_the_last_n_are_the_chain_of_the_last_outcomes)
{
    play(CHECKED("failures = 3\ncount = within\nof_last = 5\n"), -1);
    expect("k of n", rolled_back, cm_k_of_w_window(20, 3, 5, one_check()));
}

Test(rollout, a_first_objection_that_rolls_back_is_geometric)
{
    double f = one_check(), kept = pow(1 - f, 20);
    play(CHECKED("") "[defect.none]\nerror_rate = +0.000001pp\n", 0);
    /* Minutes until the first objection, at most 20: sum over k < 20 of (1 - f)^k. */
    expect("rolled back", rolled_back, 1 - kept);
    expect("minutes", minutes_to_detect, (1 - kept) / f);
}

/* The p-quantile read from buckets is above a bound iff fewer than p of all answers lie at or below
 * it: with Poisson counts, a sum over those above. */
Test(rollout, a_quantile_reading_above_a_bound_is_a_binomial_event)
{
    static const char text[] =
        "[traffic]\nrate = 2 rps\n[service]\nlatency = exponential(mean=100ms)\n"
        "[telemetry]\nbuckets = 100ms, 200ms, 300ms, 400ms\n"
        "[metric.p90]\nsignal = latency_quantile\nquantile = 90%\nwindow = 60s\n"
        "[gate.slow]\ntest = threshold\nmetric = p90\nmax = 200ms\n"
        "[policy.p]\nsteps = 50%/90s\nlook_every = 90s\ngates = slow\non_no_data = ignore\n";
    double below = 60 * (1 - exp(-2.0)), above = 60 * exp(-2.0), want = 0;
    for (unsigned a = 0; a < 60; a++) /* below < 0.9 (below + a), so below < 9 a */
        want += a == 0 ? 0 : gsl_ran_poisson_pdf(a, above) * gsl_cdf_poisson_P(9 * a - 1, below);
    play(text, -1);
    expect("p90 above 200 ms", rolled_back, want);
}

/* --- exposure and harm ------------------------------------------------------------------------ */

#define UNWATCHED "[metric.m]\nsignal = error_ratio\n[policy.p]\n"

Test(rollout, exposure_is_the_integral_of_the_weight)
{
    static const double weight[] = {0.05, 0.25, 0.5}, detect[] = {0, 0, 0};
    play("[traffic]\nrate = 20 rps\n[service]\nerror_rate = 1%\nlatency = fixed(value=1ms)\n"
         "[defect.bad]\nerror_rate = +2pp\n" UNWATCHED "steps = 5%/10m, 25%/10m, 50%/10m, 100%\n",
         0);
    double exposure = cm_step_schedule_exposure(3, weight, detect, 600).exposure_s;
    expect("requests", requests, 20 * exposure);
    expect("failures", failures, 20 * exposure * 0.02);
}

Test(rollout, a_defect_of_one_class_is_diluted_by_its_share)
{
    play("[traffic]\nrate = 20 rps\n[service]\nerror_rate = 1%\nlatency = fixed(value=1ms)\n"
         "[class.checkout]\nshare = 20%\nerror_rate = 2%\n"
         "[defect.bad]\nerror_rate = x3\nscope = checkout\n" UNWATCHED "steps = 50%/20m\n",
         0);
    expect("requests", requests, 20 * 0.5 * 1200);
    expect("failures", failures, 20 * 0.5 * 1200 * 0.2 * 0.04);
}

/* x3 of an error rate whose log odds drift with sd 0.5: the defect fails 2 E[p], and E[p] is an
 * integral over the normal law (trapezium, +-8 sd). */
Test(rollout, a_failure_is_the_defects_own_at_the_rate_that_drift_has_left)
{
    double mean = 0, odds = log(0.01 / 0.99), h = 0.01;
    for (int i = -800; i <= 800; i++)
        mean += h * gsl_ran_ugaussian_pdf(i * h) / (1 + exp(-(odds + 0.5 * i * h)));
    play("[traffic]\nrate = 20 rps\n[service]\nerror_rate = 1%\nlatency = fixed(value=1ms)\n"
         "[environment]\ndrift = 0.5\ncorrelation = 1m\n"
         "[defect.bad]\nerror_rate = x3\n" UNWATCHED "steps = 50%/20m\n",
         0);
    expect("failures", failures, 20 * 0.5 * 1200 * 2 * mean);
}

/* After promotion the bad release serves everybody until people notice, an exponential time of mean
 * 20 m, or the horizon, 30 m later: E[min] = 20 (1 - exp(-30 / 20)). */
Test(rollout, what_escapes_harms_until_people_notice_or_the_horizon)
{
    play("[scenario]\nhorizon = 40m\n[traffic]\nrate = 20 rps\n"
         "[service]\nerror_rate = 1%\nlatency = fixed(value=1ms)\n"
         "[defect.bad]\nerror_rate = +2pp\n[escape]\ndetection = exponential(mean=20m)\n" UNWATCHED
         "steps = 50%/10m, 100%\n",
         0);
    expect("failures", escaped_failures, 20 * 0.02 * 1200 * (1 - exp(-1.5)));
}

/* Answers take 30 s: at the first look, after 15 s, the canary has answered nothing. */
Test(rollout, a_look_before_the_first_answer_has_no_data)
{
    play("[traffic]\nrate = 20 rps\n[service]\nlatency = fixed(value=30s)\n"
         "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
         "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 50%\n"
         "[policy.p]\nsteps = 50%/10m\nlook_every = 15s\ngates = limit\non_no_data = rollback\n",
         -1);
    for (size_t i = 0; i < ROLLOUTS; i++)
        cr_assert(rows[i].end == CM_ROLLED_BACK && rows[i].ended_at == 15 * CM_SECOND);
}
