/* Series that a gate is shown: by the store itself, and in the engine by a gate that only notes
 * what it sees. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/engine/points.h"
#include "sim/engine/replicate.h"
#include "tests/stat/scenario_text.h"

static void add(struct cm_points *p, double x)
{
    cm_points_add(p);
    for (size_t m = 0; m < p->n_metrics; m++) {
        const struct cm_signal signal = {.value = {x + (double)m, -x - (double)m, NAN}};
        cm_points_set(p, m, &signal);
    }
}

Test(points, rows_stay_whole_when_they_grow)
{
    struct cm_points p;
    cm_points_init(&p, CM_MINUTE, 2, 2);
    cm_points_begin(&p, 0);
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(p.next, (i + 1) * CM_MINUTE);
        add(&p, i);
    }
    for (size_t m = 0; m < 2; m++) {
        const struct cm_signal_series *shown = cm_points_show(&p, m);
        cr_expect_eq(shown->at, 1000 * CM_MINUTE);
        cr_assert(shown->n[CM_STABLE] == 1000 && shown->n[CM_CANARY] == 1000);
        cr_expect_eq(shown->n[CM_BASELINE], 0u);
        for (int i = 0; i < 1000; i++)
            cr_expect(shown->value[CM_STABLE][i] == i + (double)m &&
                      shown->value[CM_CANARY][i] == -i - (double)m);
    }
    cm_points_release(&p);
}

Test(points, a_release_that_begins_anew_begins_its_grid)
{
    struct cm_points p;
    cm_points_init(&p, CM_MINUTE, 1, 2);
    cm_points_begin(&p, 0);
    add(&p, 1);
    cm_points_begin(&p, 90 * CM_SECOND);
    cr_expect_eq(p.next, 150 * CM_SECOND);
    cr_expect_eq(cm_points_show(&p, 0)->n[CM_STABLE], 0u);
    cm_points_release(&p);
}

Test(points, without_a_step_there_never_is_a_point)
{
    struct cm_points p;
    cm_points_init(&p, 0, 1, 2);
    cm_points_begin(&p, 0);
    cr_expect_eq(p.next, CM_NEVER);
}

/* --- in the engine ---------------------------------------------------------------------------- */

/* What the spy was shown at its last look. */
static struct {
    size_t n[CM_ARMS], gaps[CM_ARMS], looks;
    double last[CM_ARMS], value[CM_ARMS];
    cm_time at, now;
} spied;

static struct cm_needs needs(const void *options)
{
    (void)options;
    return (struct cm_needs){.window = true, .series_step = CM_MINUTE};
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct cm_signal *s = &look->signals[0];
    const struct cm_signal_series *series = s->series;
    (void)options, (void)state;
    spied.looks++;
    spied.now = look->now;
    spied.at = series->at;
    for (int arm = 0; arm < CM_ARMS; arm++) {
        spied.n[arm] = series->n[arm];
        spied.gaps[arm] = 0;
        for (size_t i = 0; i < series->n[arm]; i++)
            spied.gaps[arm] += isnan(series->value[arm][i]) != 0;
        spied.value[arm] = s->value[arm];
        spied.last[arm] = spied.n[arm] > 0 ? series->value[arm][spied.n[arm] - 1] : (double)NAN;
    }
    return cm_verdict_of(CM_PASS, 0);
}

static void spy_on(const char *flow)
{
    const struct cm_gate spy = {.kind = {.name = "spy"}, .needs = needs, .look = look};
    struct cm_scenario scenario = {0};
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text),
             "[scenario]\nhorizon = 1h\nflow = %s\n[traffic]\nrate = 50 rps\n"
             "[metric.m]\nsignal = error_ratio\nwindow = 1m\n"
             "[gate.g]\ntest = threshold\nmetric = m\nmax = 90%%\n"
             "[policy.p]\nsteps = 20%%/10m, 100%%\nlook_every = 150s\ngates = g\n",
             flow);
    load_text(&scenario, text.text, NULL);
    struct cm_named_gate gate = scenario.gates[0];
    gate.gate = &spy;
    scenario.gates = &gate;
    const struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
    struct cm_rollout *r = cm_rollout_new(&plan);
    for (uint64_t i = 0; i < 3; i++)
        cm_replicate(r, i);
    cm_rollout_free(r);
    cm_scenario_release(&scenario);
    cm_buffer_release(&text);
}

/* Looks at 2:30, 5:00, 7:30 and 10:00, of a grid that begins with the release. */
static void check_spied(void)
{
    cr_expect(spied.looks == 12 && spied.now == 10 * CM_MINUTE && spied.at == 10 * CM_MINUTE);
    cr_expect(spied.n[CM_STABLE] == 10 && spied.n[CM_CANARY] == 10 && spied.n[CM_BASELINE] == 0);
    cr_expect(spied.gaps[CM_STABLE] == 0 && spied.gaps[CM_CANARY] == 0);
    cr_expect(spied.last[CM_STABLE] == spied.value[CM_STABLE] &&
              spied.last[CM_CANARY] == spied.value[CM_CANARY]);
}

Test(points, the_last_point_is_what_the_query_says_in_the_counts_flow)
{
    spy_on("counts");
    check_spied();
}

Test(points, the_last_point_is_what_the_query_says_in_the_requests_flow)
{
    spy_on("requests");
    check_spied();
}
