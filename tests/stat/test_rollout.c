/* Whole rollouts against closed forms: counting rules, exposure, times, escape, harm.
 *
 * Latency is 1 ms unless it is the point, so that a window holds what arrived in it but for one
 * request in 60,000. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/stats/threshold_rules.h"
#include "tests/stat/rollouts.h"

enum { MANY = 40000, SOME = 6000 };

static double escaped_failures(const struct cm_outcome *row)
{
    return (double)row->escaped.failures;
}

static double escaped_requests(const struct cm_outcome *row)
{
    return (double)row->escaped.requests;
}

static double minutes_to_detect(const struct cm_outcome *row)
{
    return cm_seconds(row->ended_at - row->onset) / 60;
}

/* --- counting rules --------------------------------------------------------------------------- */

enum { CHECKS = 20 };

/* One look a minute, 20 of them, each with the window of its own minute. */
#define CHECKED_BY(gate, policy)                                                                   \
    "[scenario]\nhorizon = 4h\n[traffic]\nrate = 20 rps\n"                                         \
    "[service]\nerror_rate = 1.5%\nlatency = fixed(value=1ms)\n"                                   \
    "[defect.none]\nerror_rate = +0.000001pp\n"                                                    \
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"                                        \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 2%\n" gate                             \
    "[policy.p]\nsteps = 10%/20m\nlook_every = 60s\ngates = limit\n"                               \
    "on_undecided = ignore\non_no_data = ignore\n" policy
#define CHECKED(gate) CHECKED_BY(gate, "")

/* P(one check objects): 20 rps, a minute, a tenth of it, 1.5 % errors against 2 %. */
static double one_check(void)
{
    return cm_poisson_window_check_fail(&(struct cm_window_check){20, 60, 0.1, 0.015, 0.02});
}

Test(rollout, a_limit_read_once_objects_like_a_mixture_of_binomials)
{
    struct rollouts r =
        play("[traffic]\nrate = 20 rps\n[service]\nerror_rate = 1.5%\nlatency = fixed(value=1ms)\n"
             "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
             "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 2%\n"
             "[policy.p]\nsteps = 10%/60s\nlook_every = 60s\ngates = limit\n",
             -1, MANY);
    expect_chance("once", &r, rolled_back, one_check());
    free(r.rows);
}

Test(rollout, a_total_of_objections_is_a_binomial_tail)
{
    struct rollouts r = play(CHECKED("failures = 7\ncount = total\n"), -1, MANY);
    expect_chance("total", &r, rolled_back, cm_cumulative_threshold_prob(CHECKS, one_check(), 7));
    free(r.rows);
}

Test(rollout, looks_that_count_are_a_binomial_tail)
{
    struct rollouts r = play(CHECKED_BY("", "on_fail = count\ncount = 5\n"), -1, SOME);
    /* A counted look holds the step: of the first 19 looks any five end the rollout, from the 20th
     * on only a pass promotes, so that what lacks of five has to come in a row. */
    double f = one_check(), want = 0;
    for (unsigned bad = 0; bad < CHECKS; bad++)
        want += gsl_ran_binomial_pdf(bad, f, CHECKS - 1) * (bad >= 5 ? 1 : pow(f, 5 - bad));
    expect_chance("counted", &r, rolled_back, want);
    free(r.rows);
}

Test(rollout, objections_in_a_row_are_a_run)
{
    struct rollouts r = play(CHECKED("failures = 3\ncount = consecutive\n"), -1, MANY);
    expect_chance("run", &r, rolled_back, cm_consecutive_run(CHECKS, 3, one_check()).within);
    free(r.rows);
}

Test(rollout, k_objections_of_the_last_n_are_the_chain_of_the_last_outcomes)
{
    struct rollouts r = play(CHECKED("failures = 3\ncount = within\nof_last = 5\n"), -1, MANY);
    expect_chance("k of n", &r, rolled_back, cm_k_of_w_window(CHECKS, 3, 5, one_check()));
    free(r.rows);
}

/* --- times ------------------------------------------------------------------------------------ */

/* The look of the first objection is geometric: chi-square of all 20 looks and of none, level 1e-4;
 * what was served until then is the share of the traffic. */
Test(rollout, a_first_objection_that_rolls_back_is_geometric)
{
    struct rollouts r = play(CHECKED(""), 0, MANY);
    double f = one_check(), seen[CHECKS + 1] = {0}, chi2 = 0, mean = 0;
    for (size_t i = 0; i < r.n; i++) {
        uint32_t looks = r.rows[i].looks;
        cr_assert_eq(r.rows[i].ended_at, looks * CM_MINUTE);
        seen[rolled_back(&r.rows[i]) ? looks - 1 : CHECKS]++;
    }
    for (int k = 0; k <= CHECKS; k++) {
        double p = k < CHECKS ? f * pow(1 - f, k) : pow(1 - f, CHECKS);
        chi2 += pow(seen[k] - p * MANY, 2) / (p * MANY);
        mean += p * fmin(k + 1, CHECKS);
    }
    cr_expect(gsl_cdf_chisq_Q(chi2, CHECKS) > 1e-4, "chi2 %g", chi2);
    expect_mean("minutes", &r, minutes_to_detect, mean);
    expect_mean("requests", &r, requests, 20 * 0.1 * 60 * mean);
    free(r.rows);
}

Test(rollout, a_clean_release_is_promoted_in_the_shortest_time)
{
    static const char text[] =
        "[traffic]\nrate = 20 rps\n[service]\nlatency = fixed(value=1ms)\n"
        "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
        "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 99%\n"
        "[policy.p]\nsteps = 5%/95s, 20%/7m, 100%/2m\nlook_every = 50s\ngates = limit\n";
    struct cm_scenario s = {0};
    load_text(&s, text, NULL);
    cm_time shortest = s.policies[0].controller->shortest(s.policies[0].options);
    cm_scenario_release(&s);
    struct rollouts r = play(text, -1, 100);
    cr_assert_eq(shortest, 95 * CM_SECOND + 9 * CM_MINUTE);
    for (size_t i = 0; i < r.n; i++) {
        cr_expect(r.rows[i].end == CM_PROMOTED && r.rows[i].ended_at == shortest);
        cr_expect_eq(r.rows[i].looks, 2 + 9 + 3); /* every 50 s, and where the bake ends */
        cr_expect_eq(r.rows[i].mitigated_at, CM_NEVER);
    }
    free(r.rows);
}

/* --- exposure and harm ------------------------------------------------------------------------ */

#define SERVED    "[traffic]\nrate = 20 rps\n[service]\nerror_rate = 1%\nlatency = fixed(value=1ms)\n"
#define UNWATCHED "[metric.m]\nsignal = error_ratio\n[policy.p]\n"

Test(rollout, exposure_is_the_integral_of_the_weight)
{
    static const double weight[] = {0.05, 0.25, 0.5}, detect[] = {0, 0, 0};
    struct rollouts r = play(SERVED "[defect.bad]\nerror_rate = +2pp\n" UNWATCHED
                                    "steps = 5%/10m, 25%/10m, 50%/10m, 100%\n",
                             0, SOME);
    double exposure = cm_step_schedule_exposure(3, weight, detect, 600).exposure_s;
    expect_mean("requests", &r, requests, 20 * exposure);
    expect_mean("failures", &r, failures, 20 * exposure * 0.02);
    free(r.rows);
}

/* Each step is looked at once, at its end, with a chance of its own to be the last. */
Test(rollout, exposure_ends_with_the_step_that_detects)
{
    static const double weight[] = {0.05, 0.25, 0.5};
    double detect[3];
    struct rollouts r =
        play(SERVED "[defect.bad]\nerror_rate = +0.5pp\n"
                    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
                    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 2%\n"
                    "[policy.p]\nsteps = 5%/60s, 25%/60s, 50%/60s, 100%\nlook_every = 60s\n"
                    "gates = limit\n",
             0, MANY);
    for (int i = 0; i < 3; i++)
        detect[i] =
            cm_poisson_window_check_fail(&(struct cm_window_check){20, 60, weight[i], 0.015, 0.02});
    struct cm_schedule_odds want = cm_step_schedule_exposure(3, weight, detect, 60);
    expect_chance("detected", &r, rolled_back, 1 - want.missed);
    expect_mean("requests", &r, requests, 20 * want.exposure_s);
    /* A look that sees many errors comes after them: failures follow exposure all the same (Wald's
     * identity). */
    expect_mean("failures", &r, failures, 20 * want.exposure_s * 0.005);
    expect_mean("minutes", &r, minutes_to_detect, want.duration_s / 60);
    free(r.rows);
}

Test(rollout, a_defect_of_one_class_is_diluted_by_its_share)
{
    struct rollouts r = play(SERVED "[class.checkout]\nshare = 20%\nerror_rate = 2%\n"
                                    "[defect.bad]\nerror_rate = x3\nscope = checkout\n" UNWATCHED
                                    "steps = 50%/20m\n",
                             0, SOME);
    expect_mean("requests", &r, requests, 20 * 0.5 * 1200);
    expect_mean("failures", &r, failures, 20 * 0.5 * 1200 * 0.2 * 0.04);
    free(r.rows);
}

/* All requests are checked: 80 % of them at 1 %, the rest at 6 %. A metric of the class sees its
 * own 20 % alone. */
Test(rollout, a_metric_of_all_requests_dilutes_what_one_class_feels)
{
#define DILUTED(filter, limit)                                                                     \
    SERVED "[class.checkout]\nshare = 20%\nerror_rate = 2%\n"                                      \
           "[defect.bad]\nerror_rate = x3\nscope = checkout\n"                                     \
           "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n" filter                          \
           "[gate.limit]\ntest = threshold\nmetric = errors\nmax = " limit                         \
           "\n[policy.p]\nsteps = 50%/60s\nlook_every = 60s\ngates = limit\n"
    struct rollouts all = play(DILUTED("", "2.2%"), 0, MANY);
    struct rollouts own = play(DILUTED("class = checkout\n", "7%"), 0, MANY);
    expect_chance(
        "all", &all, rolled_back,
        cm_poisson_window_check_fail(&(struct cm_window_check){20, 60, 0.5, 0.02, 0.022}));
    expect_chance("class", &own, rolled_back,
                  cm_poisson_window_check_fail(&(struct cm_window_check){20, 60, 0.1, 0.06, 0.07}));
    free(all.rows);
    free(own.rows);
}

/* x3 of an error rate whose log odds drift with sd 0.5: the defect fails 2 E[p], and E[p] is an
 * integral over the normal law (trapezium, +-8 sd). */
Test(rollout, a_failure_is_the_defects_own_at_the_rate_that_drift_has_left)
{
    double mean = 0, odds = log(0.01 / 0.99), h = 0.01;
    for (int i = -800; i <= 800; i++)
        mean += h * gsl_ran_ugaussian_pdf(i * h) / (1 + exp(-(odds + 0.5 * i * h)));
    struct rollouts r = play(SERVED "[environment]\ndrift = 0.5\ncorrelation = 1m\n"
                                    "[defect.bad]\nerror_rate = x3\n" UNWATCHED "steps = 50%/20m\n",
                             0, SOME);
    expect_mean("failures", &r, failures, 20 * 0.5 * 1200 * 2 * mean);
    free(r.rows);
}

/* After promotion the bad release serves everybody until people notice, an exponential time of mean
 * 20 m, or the horizon, 30 m later: E[min] = 20 (1 - exp(-30 / 20)). */
Test(rollout, what_escapes_harms_until_people_notice_or_the_horizon)
{
    struct rollouts r = play(
        "[scenario]\nhorizon = 40m\n" SERVED
        "[defect.bad]\nerror_rate = +2pp\n[escape]\ndetection = exponential(mean=20m)\n" UNWATCHED
        "steps = 50%/10m, 100%\n",
        0, SOME);
    double minutes = 20 * (1 - exp(-1.5)), noticed = 0;
    expect_mean("requests", &r, escaped_requests, 20 * 60 * minutes);
    expect_mean("failures", &r, escaped_failures, 20 * 0.02 * 60 * minutes);
    expect_mean("until then", &r, failures, 20 * 0.02 * 0.5 * 600);
    for (size_t i = 0; i < r.n; i++) {
        cr_expect(r.rows[i].end == CM_PROMOTED && r.rows[i].ended_at == 10 * CM_MINUTE);
        noticed += r.rows[i].mitigated_at <= 40 * CM_MINUTE;
    }
    cr_expect_float_eq(noticed / SOME, 1 - exp(-1.5), 4 * sqrt(exp(-1.5) / SOME));
    free(r.rows);
}

/* A time bomb that goes off at 25 m, after a promotion at 10 m: people notice it from then on. */
Test(rollout, people_notice_from_the_onset_on)
{
    struct rollouts r = play("[scenario]\nhorizon = 2h\n" SERVED
                             "[defect.bomb]\nerror_rate = +2pp\nonset = 25m\n[escape]\ndetection = "
                             "fixed(value=9m)\n" UNWATCHED "steps = 50%/10m, 100%\n",
                             0, SOME);
    expect_mean("requests", &r, escaped_requests, 20 * 540);
    expect_mean("failures", &r, escaped_failures, 20 * 0.02 * 540);
    for (size_t i = 0; i < r.n; i++) {
        cr_expect(r.rows[i].end == CM_PROMOTED && r.rows[i].onset == 25 * CM_MINUTE);
        cr_expect(r.rows[i].mitigated_at == 34 * CM_MINUTE && r.rows[i].rollout.failures == 0);
        cr_expect_eq(r.rows[i].rollout.requests, 0); /* served before it was bad */
    }
    free(r.rows);
}

/* Every request after the onset is harmed: whatever luck decides, they are the same requests. */
Test(rollout, harm_is_done_to_requests_that_were_exposed)
{
    struct rollouts r =
        play("[traffic]\nrate = 2 rps\n"
             "[service]\nerror_rate = 0%\nlatency = exponential(mean=3s)\nlatency_slo = 100s\n"
             "[defect.bad]\nerror_rate = +100pp\nlatency = +100s\nonset = 47s\n" UNWATCHED
             "steps = 25%/60s\n[escape]\ndetection = fixed(value=1s)\n",
             0, 500);
    double exposed = 0;
    for (size_t i = 0; i < r.n; i++) {
        const struct cm_outcome *o = &r.rows[i];
        cr_expect_eq(o->rollout.failures, o->rollout.requests);
        cr_expect_eq(o->rollout.slow, o->rollout.requests);
        cr_expect_eq(o->escaped.failures, o->escaped.requests);
        cr_expect_eq(o->escaped.slow, o->escaped.requests);
        exposed += (double)(o->rollout.requests + o->escaped.requests);
    }
    /* A quarter of the last 13 seconds, then all of one. */
    cr_expect_float_eq(exposed / 500, 6.5 + 2, 4 * sqrt(8.5 / 500), "%g", exposed / 500);
    free(r.rows);
}
