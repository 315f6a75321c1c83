/* Flagger's race in whole rollouts: traffic, metric, gate and controller against the closed form.
 *
 * Windows of a minute, looked at once a minute, do not overlap: checks are independent, and each
 * fails with the chance of a Poisson sum. The rollout is the race of sim/stats/threshold_rules.h
 * with a lag of one interval (fluxcd/flagger v1.44.0: the rollback comes one tick after the last
 * failure). The first weight comes one interval after the release, and Succeeded two after the last
 * check; from the copy to the primary on all requests meet the new version. Latency is 1 ms, and a
 * window without requests (e^-60 at 5%) does not occur. */
#include "sim/stats/threshold_rules.h"
#include "tests/stat/rollouts.h"

enum { ROLLOUTS = 8000, WEIGHTS = 4, THRESHOLD = 3 };
static const double RATE = 20, INTERVAL_S = 60;

static const char text[] =
    "[scenario]\nhorizon = 4h\n[traffic]\nrate = 20 rps\n"
    "[service]\nerror_rate = 1.5%\nlatency = fixed(value=1ms)\n"
    "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
    "[gate.rate]\ntest = flagger_check\ncheck = request_success_rate\nmetric = errors\nmin = 98%\n"
    "[policy.race]\ncontroller = flagger\ninterval = 60s\nthreshold = 3\nmetrics = rate\n";

static double seconds(const struct cm_outcome *row)
{
    return cm_seconds(row->ended_at);
}

static double looks(const struct cm_outcome *row)
{
    return (double)row->looks;
}

/* Steps and list lead to the same weights: 5, 10, 15 and 20%. */
static void expect_race(const char *steps)
{
    static const double weight[WEIGHTS] = {0.05, 0.1, 0.15, 0.2};
    struct cm_buffer whole = {0};
    double fail[WEIGHTS];
    for (size_t i = 0; i < WEIGHTS; i++)
        fail[i] = cm_poisson_window_check_fail(
            &(struct cm_window_check){RATE, INTERVAL_S, weight[i], 0.015, 0.02});
    struct cm_race_odds want =
        cm_flagger_race(&(struct cm_race){WEIGHTS, weight, fail, THRESHOLD, INTERVAL_S, 1});
    double promoted = 1 - want.rolled_back, last = 2 * INTERVAL_S * promoted;
    cm_print(cm_buffer_writer(&whole), "%s%s", text, steps);
    struct rollouts r = play(whole.text, -1, ROLLOUTS);
    cr_expect(want.rolled_back > 0.1 && want.rolled_back < 0.9); /* the test can tell */
    expect_chance("rolled back", &r, rolled_back, want.rolled_back);
    expect_mean("seconds", &r, seconds, INTERVAL_S + want.duration_s + last);
    expect_mean("looks", &r, looks, want.duration_s / INTERVAL_S - want.rolled_back);
    expect_mean("requests", &r, requests, RATE * (want.exposure_s + last));
    free(r.rows);
    cm_buffer_release(&whole);
}

Test(flagger, checks_that_hold_and_count_are_its_race)
{
    expect_race("step_weight = 5%\nmax_weight = 20%\n");
}

Test(flagger, listed_weights_are_raced_alike)
{
    expect_race("step_weights = 5%, 10%, 15%, 20%\n");
}

/* Blue/green without a load test: nobody sends the canary anything, and all checks find nothing. */
Test(flagger, iterations_without_traffic_roll_everything_back)
{
    struct cm_buffer whole = {0};
    cm_print(cm_buffer_writer(&whole), "%siterations = 5\n", text);
    struct rollouts r = play(whole.text, -1, 100);
    cr_expect_eq(share_of(&r, rolled_back), 1);
    cr_expect_eq(sample_of(&r, seconds).mean, (THRESHOLD + 2) * INTERVAL_S);
    free(r.rows);
    cm_buffer_release(&whole);
}

/* With one the canary has data from the first check on, though no request of a user: 4 checks on
 * the test's traffic and one of all of it, which are 5 at equal chances. */
Test(flagger, a_load_test_is_judged_and_hurts_nobody)
{
    struct cm_buffer whole = {0};
    cm_print(cm_buffer_writer(&whole), "%siterations = 4\nload_test = 20%%\nthreshold = 1\n",
             "[scenario]\nhorizon = 4h\n[traffic]\nrate = 20 rps\n"
             "[service]\nerror_rate = 1.5%\nlatency = fixed(value=1ms)\n"
             "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
             "[gate.rate]\ntest = flagger_check\ncheck = request_success_rate\n"
             "metric = errors\nmin = 98%\n"
             "[policy.race]\ncontroller = flagger\ninterval = 60s\nmetrics = rate\n");
    double test =
        cm_poisson_window_check_fail(&(struct cm_window_check){RATE, INTERVAL_S, 0.2, 0.015, 0.02});
    double all =
        cm_poisson_window_check_fail(&(struct cm_window_check){RATE, INTERVAL_S, 1, 0.015, 0.02});
    struct rollouts r = play(whole.text, -1, 1000);
    expect_chance("rolled back", &r, rolled_back, 1 - pow(1 - test, 4) * (1 - all));
    for (size_t i = 0; i < r.n; i++)
        cr_expect(r.rows[i].looks == 5 || r.rows[i].rollout.requests == 0);
    free(r.rows);
    cm_buffer_release(&whole);
}
