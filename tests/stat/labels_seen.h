/* What tests of labels share: scenarios that are played, and what their gate's metric showed at
 * each look, over replications. */
#ifndef CM_TEST_LABELS_SEEN_H
#define CM_TEST_LABELS_SEEN_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "sim/engine/rollout.h"
#include "tests/stat/scenario_text.h"

#define POLICY                                                                                     \
    "[gate.g]\ntest = threshold\nmetric = m\nmax = 1000000\n"                                      \
    "[policy.p]\ncontroller = steps\nsteps = 30%/5m, 100%\nlook_every = 1m\ngates = g\n"
#define LABELLED(kpi) "[metric.m]\nsignal = kpi\nkpi = k\nwindow = 37s\n[kpi.k]\n" kpi

enum { LOOKS = 5 };

struct spy {
    const struct cm_rollout *rollout;
    int look;
    double got[LOOKS][2][3]; /* number, sum, sum of squares */
};

static inline void on_look(void *self, const struct cm_seen *seen)
{
    struct spy *spy = self;
    const struct cm_rollout *r = spy->rollout;
    const struct cm_metric *metric = &r->plan.scenario->metrics[0].metric;
    const cm_time window[2] = {seen->look->now - metric->window, seen->look->now};
    for (size_t v = 0; v < 2 && spy->look < LOOKS; v++) {
        struct cm_kpi_moments m = cm_labels_between(&r->labels, metric, window, v);
        double *got = spy->got[spy->look][v];
        got[0] = (double)m.n, got[1] = m.sum, got[2] = m.sum_sq;
        const struct cm_signal *signal = &seen->look->signals[0];
        cr_expect_eq(signal->n[v], m.n);
        cr_expect(m.n == 0 ? isnan(signal->value[v]) : signal->value[v] == m.sum / (double)m.n);
    }
    spy->look++;
}

static inline void on_order(void *self, cm_time now, const struct cm_order *order)
{
    (void)self, (void)now, (void)order;
}
static inline void on_say(void *self, cm_time now, int sentence, const struct cm_evidence *why)
{
    (void)self, (void)now, (void)sentence, (void)why;
}
static inline void on_time(void *self, cm_time at)
{
    (void)self, (void)at;
}
static inline void on_pods(void *self, cm_time now, enum cm_arm arm, const struct cm_pods *pods)
{
    (void)self, (void)now, (void)arm, (void)pods;
}
static inline void on_end(void *self, const struct cm_outcome *outcome)
{
    (void)self, (void)outcome;
}

/* Of one number that is seen in each replication. */
struct column {
    double n, sum, sum_sq, sum_4;
};
typedef struct column table[LOOKS][2][3];

static inline void collect(struct column *c, double x, double centre)
{
    double d = x - centre;
    c->n++;
    c->sum += x;
    c->sum_sq += d * d;
    c->sum_4 += d * d * d * d;
}

static inline double mean_of(const struct column *c)
{
    return c->sum / c->n;
}

/* Column by column, around the mean. */
static inline void sum_up(double (*got)[LOOKS][2][3], size_t n, table t)
{
    memset(t, 0, sizeof(table));
    for (int pass = 0; pass < 2; pass++)
        for (int look = 0; look < LOOKS; look++)
            for (int v = 0; v < 2; v++)
                for (int k = 0; k < 3; k++) {
                    struct column *c = &t[look][v][k];
                    double centre = pass ? mean_of(c) : 0;
                    *c = (struct column){0};
                    for (size_t i = 0; i < n; i++)
                        collect(c, got[i][look][v][k], centre);
                }
}

static inline void play(const char *text, const char *flow, int release, size_t n, table t)
{
    struct cm_scenario scenario = {0};
    char all[3000];
    snprintf(all, sizeof all, "[scenario]\nhorizon = 10m\nflow = %s\n[telemetry]\nhistory = 3m\n%s",
             flow, text);
    load_text(&scenario, all, NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = release, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    struct spy spy = {.rollout = rollout};
    const struct cm_observer observer = {&spy,    on_look, on_order, on_say,
                                         on_time, on_time, on_end,   on_pods};
    double(*got)[LOOKS][2][3] = cm_alloc(n * sizeof *got);
    cm_rollout_observe(rollout, &observer);
    for (size_t i = 0; i < n; i++) {
        spy.look = 0;
        cm_replicate(rollout, i);
        memcpy(got[i], spy.got, sizeof *got);
    }
    sum_up(got, n, t);
    cm_free(got);
    cm_rollout_free(rollout);
    cm_scenario_release(&scenario);
}

static inline double variance_of(const struct column *c)
{
    return c->sum_sq / c->n;
}

static inline double error_of(const struct column *c)
{
    return sqrt(variance_of(c) / c->n);
}

/* Standard error of a variance: sqrt((m4 - s^4) / n). */
static inline double variance_error(const struct column *c)
{
    double v = variance_of(c);
    return sqrt(fmax(0, c->sum_4 / c->n - v * v) / c->n);
}

static inline void expect_near(const char *what, int look, double got, double want, double error)
{
    cr_expect(fabs(got - want) <= error + 1e-12, "%s at look %d: %g, not %g +- %g", what, look, got,
              want, error);
}

#define TRAFFIC "[traffic]\nrate = 20 rps\n[service]\nerror_rate = 10%\n"
#define RARE    "[class.rare]\nshare = 30%\nerror_rate = 5%\nlatency = exponential(mean=20s)\n"
#define SCORES                                                                                     \
    "value = ordinal\nscore_1 = 2%\nscore_2 = 5%\nscore_3 = 13%\nscore_4 = 40%\nscore_5 = 40%\n"   \
    "judge_noise = 15%\n"

#endif
