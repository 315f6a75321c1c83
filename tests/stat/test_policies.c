/* Whole rollouts against closed forms: traffic, metric, gate and controller together.
 *
 * One check a weight on windows that do not overlap: a threshold on the error ratio of the last
 * minute, looked at once a minute, held on an objection and rolled back at the third. The chance
 * that a check objects is a Poisson sum, the rollout a race between passes and objections
 * (sim/stats/threshold_rules.h). Latency is 1 ms, so that a request in 60,000 is answered in the
 * next window: far below the error of the simulation. Every estimate may be four standard errors
 * off. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/engine/replicate.h"
#include "sim/stats/interval.h"
#include "sim/stats/threshold_rules.h"
#include "tests/stat/scenario_text.h"

enum { ROLLOUTS = 8000, WEIGHTS = 5 };

static const char text[] = "[scenario]\nhorizon = 4h\n"
                           "[traffic]\nrate = 20 rps\n"
                           "[service]\nerror_rate = 1.5%\nlatency = fixed(value=1ms)\n"
                           "[metric.errors]\nsignal = error_ratio\nwindow = 60s\n"
                           "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 2%\n"
                           "[policy.race]\n"
                           "steps = 10%/60s, 20%/60s, 30%/60s, 40%/60s, 50%/60s\n"
                           "look_every = 60s\ngates = limit\non_fail = count\ncount = 3\n"
                           "on_no_data = ignore\n";

static struct cm_race_odds closed_form(void)
{
    static const double weight[WEIGHTS] = {0.1, 0.2, 0.3, 0.4, 0.5};
    double fail[WEIGHTS];
    for (size_t i = 0; i < WEIGHTS; i++)
        fail[i] =
            cm_poisson_window_check_fail(&(struct cm_window_check){20, 60, weight[i], 0.015, 0.02});
    return cm_flagger_race(&(struct cm_race){WEIGHTS, weight, fail, 3, 60, 0});
}

static void expect_mean(const char *what, const double *values, double want)
{
    struct cm_sample sample = cm_sample_of(values, ROLLOUTS);
    double error = 4 * sqrt(sample.variance / ROLLOUTS);
    cr_expect(fabs(sample.mean - want) <= error, "%s: %g, not %g +- %g", what, sample.mean, want,
              error);
}

Test(policies, checks_that_hold_and_count_are_the_race_of_the_closed_form)
{
    static double rolled_back[ROLLOUTS], seconds[ROLLOUTS], looks[ROLLOUTS];
    struct cm_scenario scenario = {0};
    load_text(&scenario, text, NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < ROLLOUTS; i++) {
        struct cm_outcome outcome = cm_replicate(rollout, i);
        cr_assert(outcome.end == CM_ROLLED_BACK || outcome.end == CM_PROMOTED);
        rolled_back[i] = outcome.end == CM_ROLLED_BACK;
        seconds[i] = cm_seconds(outcome.ended_at);
        looks[i] = outcome.looks;
    }
    struct cm_race_odds want = closed_form();
    cr_expect(want.rolled_back > 0.1 && want.rolled_back < 0.9); /* the test can tell */
    expect_mean("rolled back", rolled_back, want.rolled_back);
    expect_mean("seconds", seconds, want.duration_s);
    expect_mean("looks", looks, want.duration_s / 60);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
}
