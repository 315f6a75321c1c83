/* Calibrated values against a closed form, and against the running extremum. */
#include "analysis/calibrate.h"

#include <math.h>

#include "sim/base/mem.h"
#include "sim/stats/threshold_rules.h"
#include "tests/stat/scenario_text.h"

/* Windows do not overlap, the first look is after one window: checks are independent. */
#define SHOP                                                                                       \
    "[scenario]\nreplications = 4000\nhorizon = 1h\nseed = 5\n[traffic]\nrate = 60 rps\n"          \
    "[service]\nerror_rate = 0.5%\nlatency = fixed(value=1ms)\n"                                   \
    "[defect.spike]\nerror_rate = +1pp\n[metric.errors]\nsignal = error_ratio\nwindow = 1m\n"      \
    "[policy.ours]\ncontroller = steps\nsteps = 50%/20m, 100%\nlook_every = 1m\ngates = "          \
    "g\non_undecided = ignore\n"

static int run_cells(void *self, struct cm_cell *cells, size_t n)
{
    struct cm_study study = {.cells = cells, .n_cells = n, .threads = 2};
    (void)self;
    return cm_study_run(&study);
}

static struct cm_calibration calibrate(const struct cm_scenario *s, double rate)
{
    const struct cm_calibrate ask = {.scenario = s,
                                     .row = cm_calibrate_row(s->gates[0].gate, NULL),
                                     .rate = rate,
                                     .runner = {NULL, run_cells}};
    struct cm_calibration c;
    cr_assert(cm_calibrate(&ask, &c) == 0);
    return c;
}

/* P(at least T of 20 checks fail), each with the probability of a window of Poisson traffic. */
Test(calibrate, the_threshold_is_the_least_with_the_asked_rate)
{
    struct cm_scenario s;
    load_text(&s, SHOP "[gate.g]\ntest = threshold\nmetric = errors\nmax = 0.6%\nfailures = 1\n",
              NULL);
    const struct cm_window_check window = {60, 60, 0.5, 0.005, 0.006};
    const double f = cm_poisson_window_check_fail(&window), rate = 0.03;
    uint64_t threshold = 1;
    while (cm_cumulative_threshold_prob(20, f, threshold) > rate)
        threshold++;
    struct cm_calibration c = calibrate(&s, rate);
    double p = cm_cumulative_threshold_prob(20, f, threshold);
    double se = sqrt(p * (1 - p) / (double)c.fresh.n);
    cr_expect(c.how == CM_CALIBRATED_FOUND && !c.rises);
    cr_expect(c.found.value == (double)threshold && c.next.value == (double)threshold - 1,
              "%g, not %g", c.found.value, (double)threshold);
    cr_expect(fabs((double)c.fresh.x / (double)c.fresh.n - p) < 4 * se);
    cm_scenario_release(&s);
}

/* With one look of Poisson errors the rate is P(errors / requests > max), a step function of max.
 */
Test(calibrate, any_number_can_be_moved)
{
    struct cm_scenario s;
    load_text(&s, SHOP "[gate.g]\ntest = threshold\nmetric = errors\nmax = 0.6%\nfailures = 3\n",
              NULL);
    const struct cm_calibrate ask = {.scenario = &s,
                                     .row = cm_calibrate_row(s.gates[0].gate, "max"),
                                     .rate = 0.03,
                                     .runner = {NULL, run_cells}};
    struct cm_calibration c;
    cr_assert(cm_calibrate(&ask, &c) == 0);
    const struct cm_window_check window = {60, 60, 0.5, 0.005, c.found.value};
    double p = cm_cumulative_threshold_prob(20, cm_poisson_window_check_fail(&window), 3);
    double fresh = (double)c.fresh.x / (double)c.fresh.n, n = (double)c.fresh.n;
    cr_expect(c.how == CM_CALIBRATED_FOUND && fabs(fresh - p) < 4 * sqrt(p * (1 - p) / n));
    cr_expect(fabs(p - 0.03) < 4 * sqrt(0.03 * 0.97 / n), "%g", p);
    cm_scenario_release(&s);
}

/* --- the running extremum --- */

struct extremum {
    double log_e; /* the largest of a rollout */
};

static void see(void *self, const struct cm_seen *seen)
{
    struct extremum *most = self;
    most->log_e = fmax(most->log_e, seen->verdict->why.log_e);
}
static void ignore_order(void *self, cm_time now, const struct cm_order *order)
{
    (void)self, (void)now, (void)order;
}
static void ignore_say(void *self, cm_time now, int sentence, const struct cm_evidence *why)
{
    (void)self, (void)now, (void)sentence, (void)why;
}
static void ignore_time(void *self, cm_time at)
{
    (void)self, (void)at;
}
static void ignore_end(void *self, const struct cm_outcome *outcome)
{
    (void)self, (void)outcome;
}

/* How many healthy rollouts of a gate that never fails reach 1 / alpha. */
static uint64_t count_above(const struct cm_scenario *s, double alpha)
{
    const struct cm_plan plan = {.scenario = s, .policy = 0, .release = -1, .strength = 1};
    struct extremum most;
    const struct cm_observer observer = {&most,       see,         ignore_order, ignore_say,
                                         ignore_time, ignore_time, ignore_end,   NULL};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    uint64_t x = 0;
    cm_rollout_observe(rollout, &observer);
    for (uint64_t i = 0; i < s->run.replications; i++) {
        most.log_e = 0;
        cm_replicate(rollout, i);
        x += most.log_e >= -log(alpha);
    }
    cm_rollout_free(rollout);
    return x;
}

#define EVIDENCE(alpha) SHOP "[gate.g]\ntest = origin_mixture\nmetric = errors\nalpha = " alpha "\n"

Test(calibrate, alpha_is_the_quantile_of_the_running_extremum)
{
    struct cm_scenario s, never;
    load_text(&s, EVIDENCE("1%"), NULL);
    load_text(&never, EVIDENCE("0.0000001%"), NULL);
    struct cm_calibration c = calibrate(&s, 0.02);
    cr_expect(c.how == CM_CALIBRATED_FOUND && c.rises);
    cr_expect(c.found.x == count_above(&never, c.found.value), "%g", c.found.value);
    cr_expect(c.next.x == count_above(&never, c.next.value), "%g", c.next.value);
    cr_expect(c.found.x <= 80 && c.next.x > 80 && c.next.value / c.found.value < 1.001);
    cr_expect(c.low < c.found.value && c.found.value < c.high);
    cm_scenario_release(&s), cm_scenario_release(&never);
}

Test(calibrate, what_no_value_reaches_is_said)
{
    struct cm_scenario s;
    load_text(&s,
              SHOP "[gate.g]\ntest = origin_mixture\nmetric = errors\n"
                   "[gate.always]\ntest = threshold\nmetric = errors\nmax = 0.4%\n"
                   "[policy.theirs]\nextends = ours\ngates = g, always\n",
              NULL);
    struct cm_calibrate ask = {.scenario = &s,
                               .policy = 1,
                               .row = cm_calibrate_row(s.gates[0].gate, NULL),
                               .rate = 0.01,
                               .runner.run = run_cells};
    struct cm_calibration c;
    cr_assert(cm_calibrate(&ask, &c) == 0);
    cr_expect(c.how == CM_CALIBRATED_NEVER && c.found.x > c.found.n / 2);
    ask.policy = 0, ask.rate = 0.9;
    cr_assert(cm_calibrate(&ask, &c) == 0);
    cr_expect(c.how == CM_CALIBRATED_ALWAYS && c.found.value == 0.5, "%g", c.found.value);
    cm_scenario_release(&s);
}

/* No release errs, so that any number of failures will do: the one that is written. */
Test(calibrate, what_nothing_depends_on_stays_as_it_is)
{
    struct cm_scenario s;
    load_text(&s, SHOP "[gate.g]\ntest = threshold\nmetric = errors\nmax = 90%\nfailures = 7\n",
              NULL);
    struct cm_calibration c = calibrate(&s, 0.01);
    cr_expect(c.how == CM_CALIBRATED_ALWAYS && c.found.value == 7, "%g", c.found.value);
    cm_scenario_release(&s);
}

/* --- an option of the policy --- */

#define FLAGGER                                                                                    \
    "[scenario]\nreplications = 4000\nhorizon = 1h\nseed = 5\n[traffic]\nrate = 30 rps\n"          \
    "[service]\nerror_rate = 0.1%\nlatency = fixed(value=1ms)\n"                                   \
    "[metric.errors]\nsignal = error_ratio\nwindow = 1m\n"                                         \
    "[gate.success]\ntest = flagger_check\nmetric = errors\ncheck = request_success_rate\n"        \
    "min = 99%\n"                                                                                  \
    "[policy.other]\ncontroller = steps\nsteps = 10%/5m, 100%\ngates = success\n"                  \
    "[policy.ours]\ncontroller = flagger\ninterval = 1m\nthreshold = 7\nstep_weight = 5%\n"        \
    "max_weight = 50%\nmetrics = success\n"

/* P(rolled back) of a healthy release by the race of passed and failed checks. */
static double of_threshold(uint64_t threshold)
{
    double weight[10], fail[10];
    for (int i = 0; i < 10; i++) {
        weight[i] = 0.05 * (i + 1);
        const struct cm_window_check window = {30, 60, weight[i], 0.001, 0.01};
        fail[i] = cm_poisson_window_check_fail(&window);
    }
    const struct cm_race race = {10, weight, fail, threshold, 60, 1};
    return cm_flagger_race(&race).rolled_back;
}

Test(calibrate, the_threshold_of_flagger_is_an_option_of_the_policy)
{
    struct cm_scenario s;
    load_text(&s, FLAGGER, NULL);
    struct cm_calibrate ask = {.scenario = &s,
                               .policy = 1,
                               .gate = -1,
                               .row =
                                   cm_calibrate_policy_row(s.policies[1].controller, "threshold"),
                               .rate = 0.03,
                               .runner = {NULL, run_cells}};
    struct cm_calibration c;
    struct cm_buffer name = {0};
    cr_assert(cm_calibrate(&ask, &c) == 0);
    double n = (double)c.fresh.n, p = of_threshold(2), next = of_threshold(1);
    cr_assert(p < 0.03 && next > 0.03);
    cr_expect(c.how == CM_CALIBRATED_FOUND && !c.rises);
    cr_expect(c.found.value == 2 && c.next.value == 1, "%g, %g", c.found.value, c.next.value);
    cr_expect(fabs((double)c.fresh.x / n - p) < 4 * sqrt(p * (1 - p) / n));
    cr_expect(fabs((double)c.next.x / n - next) < 4 * sqrt(next * (1 - next) / n));
    cm_calibrate_name(&ask, cm_buffer_writer(&name));
    cr_expect_str_eq(name.text, "policy.ours.threshold");
    cr_expect_str_eq(c.text.found, "2");
    cm_buffer_release(&name);
    cm_scenario_release(&s);
}

Test(calibrate, only_a_number_of_a_policy_without_a_plan_is_moved)
{
    struct cm_scenario s;
    load_text(&s, FLAGGER "[policy.blue]\ncontroller = bluegreen\n", NULL);
    const struct cm_controller *flagger = s.policies[1].controller;
    cr_expect(cm_calibrate_policy_row(flagger, "interval") != NULL);
    cr_expect(cm_calibrate_policy_row(flagger, "provider") == NULL, "a word");
    cr_expect(cm_calibrate_policy_row(flagger, "min") == NULL, "an option of the gate");
    for (const struct cm_param *row = s.policies[2].controller->kind.params; row->name; row++)
        cr_expect(cm_calibrate_policy_row(s.policies[2].controller, row->name) == NULL);
    cm_scenario_release(&s);
}
