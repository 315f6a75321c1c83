/* Labels in both flows, and where pods differ: means and variances of what windows hold at each
 * look.
 *
 * Fixed seeds, 4 standard errors unless said otherwise. */
#include "tests/stat/labels_seen.h"

/* --- both flows --- */

/* 5 looks x 2 versions x (number, sum, squares) x (mean, variance) x 5 cases: the normal quantile
 * of 1e-3 / 300 / 2. */
static const double LIMIT = 4.66;

static void compare(const char *text, int release)
{
    table a, b;
    play(text, "counts", release, 400, a);
    play(text, "requests", release, 400, b);
    for (int look = 0; look < LOOKS; look++)
        for (int v = 0; v < 2; v++)
            for (int k = 0; k < 3; k++) {
                const struct column *x = &a[look][v][k], *y = &b[look][v][k];
                if (isnan(x->sum))
                    continue;
                expect_near("mean", look, mean_of(x), mean_of(y),
                            LIMIT * hypot(error_of(x), error_of(y)));
                expect_near("variance", look, variance_of(x), variance_of(y),
                            LIMIT * hypot(variance_error(x), variance_error(y)));
            }
}

#define RAMP "[defect.d]\nkpi = k\nprofile = ramp\nlasts = 4m\nerror_rate = +20pp\n"

Test(flows_of_labels, agree_on_scores_that_a_ramp_lowers)
{
    compare(TRAFFIC POLICY RARE LABELLED(SCORES "delay = lognormal(median=40s, sigma=0.8)\n") RAMP
            "kpi_change = -1.5\nscope = rare\n",
            0);
}

Test(flows_of_labels, agree_on_values_that_come_with_slow_answers)
{
    compare(TRAFFIC POLICY RARE LABELLED("value = gamma\nmean = 40\nsd = 30\nsampling = 40%\n") RAMP
            "kpi_change = x0.6\nspill = 50%\n",
            0);
}

Test(flows_of_labels, agree_on_a_class_under_gamma_traffic_and_drift)
{
    compare("[traffic]\narrivals = gamma_poisson\nrate = 20 rps\ndispersion = 8\n"
            "[environment]\ndrift = 0.5\ncorrelation = 2m\n" POLICY RARE LABELLED(
                "value = normal\nmean = 1\nsd = 2\nclass = rare\n"
                "delay = gamma(mean=30s, shape=2)\n") RAMP "kpi_change = -2\n",
            0);
}

/* --- pods that differ --- */

#define HALF_OF_IT                                                                                 \
    "[pods]\nstable = 3\ncanary = 2\nerror_noise = 0.5\n[defect.d]\nkpi = k\nkpi_change = -2\n"    \
    "instances = 1\n"

Test(flows_of_labels, agree_where_one_pod_of_two_is_bad)
{
    compare(TRAFFIC POLICY LABELLED("value = normal\nmean = 1\nsd = 2\ndelay = "
                                    "exponential(mean=15s)\n") HALF_OF_IT,
            0);
}

Test(flows_of_labels, agree_on_leaks_by_uptime)
{
    compare(TRAFFIC POLICY LABELLED(
                "value = bernoulli\nchance = 30%\n") "[pods]\ncanary = 2\nrestart_every = "
                                                     "2m\nstart_up = fixed(value=5s)\n"
                                                     "[defect.d]\nprofile = leak\ndoubles_every = "
                                                     "30s\nfull_after = 2m\nkpi = k\n"
                                                     "kpi_change = x0.1\nlatency = x3\n",
            0);
}

/* 20 rps, 30 % to the canary, 90 % right: half of them are worth 2 less than 1. */
Test(labels_of_pods, are_those_of_the_pod_that_answered)
{
    for (int f = 0; f < 2; f++) {
        table t;
        play(TRAFFIC POLICY LABELLED(
                 "value = normal\nmean = 1\nsd = 1\n") "[pods]\ncanary = 2\n"
                                                       "[defect.d]\nkpi = k\nkpi_change = "
                                                       "-2\ninstances = 1\n",
             f ? "requests" : "counts", 0, 300, t);
        double n = 20 * 0.3 * 0.9 * 37;
        for (int look = 1; look < LOOKS; look++) {
            const struct column *canary = t[look][CM_CANARY];
            expect_near("labels", look, mean_of(&canary[0]), n, 4 * error_of(&canary[0]));
            expect_near("their sum", look, mean_of(&canary[1]), 0, 4 * error_of(&canary[1]));
            /* The mean square is 1 + 1, around either mean. */
            expect_near("their squares", look, mean_of(&canary[2]), 2 * n,
                        4 * error_of(&canary[2]));
        }
    }
}

/* As for one pod of one in test_labels.c: half of the drop. */
Test(labels_of_pods, lost_kpi_is_the_bad_pods)
{
    struct cm_scenario scenario = {0};
    load_text(
        &scenario,
        "[scenario]\nhorizon = 4m\n" TRAFFIC POLICY LABELLED(
            SCORES
            "weight = 2\n") "[pods]\ncanary = 2\n"
                            "[defect.d]\nkpi = k\nkpi_change = -0.8\nonset = 1m\ninstances = 50%\n",
        NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = 0, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    struct cm_outcome row = cm_replicate(rollout, 0);
    double want = 2 * 20 * 0.9 * 0.3 * 0.8 / 2 * 180;
    cr_expect(fabs(row.rollout.kpi - want) < 1e-9 * want, "%g, not %g", row.rollout.kpi, want);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
}
