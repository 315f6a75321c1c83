/* Labels as monitors see them: when they come, what they say, by closed forms.
 *
 * A policy that never decides looks every minute; what its gate's metric showed is read off the
 * rollout's labels at each look. Fixed seeds, 4 standard errors unless said otherwise. */
#include "tests/stat/labels_seen.h"

/* --- when labels come --- */

/* A label 90 s after the request: of 20 rps, 30 % to the canary, 90 % right, half of them labelled
 * there are 2.7/s, but none of requests before the release. */
static void fixed_delay(const char *flow)
{
    table t;
    play(TRAFFIC POLICY LABELLED("value = bernoulli\nchance = 30%\nsampling = 50%\n"
                                 "delay = fixed(value=90s)\n"),
         flow, -1, 800, t);
    for (int look = 0; look < LOOKS; look++) {
        double until = 60.0 * (look + 1) - 90, from = fmax(0, until - 37);
        double want = 2.7 * fmax(0, until - from);
        const struct column *n = &t[look][CM_CANARY][0], *sum = &t[look][CM_CANARY][1];
        expect_near("labels", look, mean_of(n), want, 4 * sqrt(want / n->n));
        expect_near("their variance", look, variance_of(n), want, 4 * variance_error(n));
        expect_near("conversions", look, mean_of(sum), 0.3 * want, 4 * sqrt(0.3 * want / n->n));
    }
}

Test(labels, come_after_their_delay_in_counts)
{
    fixed_delay("counts");
}

Test(labels, come_after_their_delay_in_requests)
{
    fixed_delay("requests");
}

/* Of a flow r that began at 0, delayed by an exponential law of mean m, r (t - m (1 - exp(-t/m)))
 * have come by t. */
static void exponential_delay(const char *flow)
{
    table t;
    const double m = 50, r = 20 * 0.3 * 0.9;
    play(TRAFFIC POLICY LABELLED("value = normal\nmean = 5\nsd = 2\n"
                                 "delay = exponential(mean=50s)\n"),
         flow, -1, 600, t);
    for (int look = 0; look < LOOKS; look++) {
        double until = 60.0 * (look + 1), from = until - 37;
        double want = r * (37 - m * (exp(-from / m) - exp(-until / m)));
        const struct column *of = t[look][CM_CANARY];
        expect_near("labels", look, mean_of(&of[0]), want, 4 * sqrt(want / of[0].n));
        expect_near("sum", look, mean_of(&of[1]), 5 * want, 4 * error_of(&of[1]));
        expect_near("squares", look, mean_of(&of[2]), 29 * want, 4 * error_of(&of[2]));
        /* A Poisson number of labels: n E[x^2]. */
        expect_near("variance of the sum", look, variance_of(&of[1]), 29 * want,
                    4 * variance_error(&of[1]));
    }
}

Test(labels, are_displaced_as_their_delay_says_in_counts)
{
    exponential_delay("counts");
}

Test(labels, are_displaced_as_their_delay_says_in_requests)
{
    exponential_delay("requests");
}

/* --- the mean latency --- */

/* Exponential: mean 200 ms, mean square 2 x 0.04. */
Test(labels, the_mean_latency_is_that_of_the_law)
{
    table t;
    play("[traffic]\nrate = 20 rps\n[service]\nerror_rate = 10%\n"
         "latency = exponential(mean=200ms)\n[metric.m]\nsignal = latency_mean\nwindow = 37s\n"
         "[gate.g]\ntest = threshold\nmetric = m\nmax = 100s\n"
         "[policy.p]\ncontroller = steps\nsteps = 30%/5m, 100%\nlook_every = 1m\ngates = g\n"
         "[defect.d]\nlatency = x3\n",
         "auto", 0, 600, t);
    for (int look = 1; look < LOOKS; look++) {
        const struct column *stable = t[look][CM_STABLE], *canary = t[look][CM_CANARY];
        expect_near("stable's requests", look, mean_of(&stable[0]), 14 * 37,
                    4 * error_of(&stable[0]));
        expect_near("stable's sum", look, mean_of(&stable[1]), 14 * 37 * 0.2,
                    4 * error_of(&stable[1]));
        expect_near("canary's sum", look, mean_of(&canary[1]), 6 * 37 * 0.6,
                    4 * error_of(&canary[1]));
        expect_near("canary's squares", look, mean_of(&canary[2]), 6 * 37 * 0.72,
                    4 * error_of(&canary[2]));
    }
}

/* --- what is lost --- */

/* 20 rps, 30 % to the canary, 90 % right, 0.8 points each, from the onset at 1 m to the horizon of
 * 4 m; half of that drop for the others. It is an expectation: no label's noise is in it. */
Test(labels, lost_kpi_is_right_answers_times_the_drop)
{
    struct cm_scenario scenario = {0};
    load_text(
        &scenario,
        "[scenario]\nhorizon = 4m\n" TRAFFIC POLICY LABELLED(
            SCORES
            "weight = 2\n") "[defect.d]\nkpi = k\nkpi_change = -0.8\nonset = 1m\nspill = 50%\n",
        NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = 0, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    struct cm_outcome row = cm_replicate(rollout, 0);
    double want = 2 * 20 * 0.9 * (0.3 * 0.8 + 0.7 * 0.4) * 180;
    cr_expect(fabs(row.rollout.kpi - want) < 1e-9 * want, "%g, not %g", row.rollout.kpi, want);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
}
