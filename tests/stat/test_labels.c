/* Labels as monitors see them: when they come, what they say, and that both flows agree.
 *
 * A policy that never decides looks every minute; what its gate's metric showed is read off the
 * rollout's labels at each look. Fixed seeds, 4 standard errors unless said otherwise. */
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

static void on_look(void *self, const struct cm_seen *seen)
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

static void on_order(void *self, cm_time now, const struct cm_order *order)
{
    (void)self, (void)now, (void)order;
}
static void on_say(void *self, cm_time now, int sentence, const struct cm_evidence *why)
{
    (void)self, (void)now, (void)sentence, (void)why;
}
static void on_time(void *self, cm_time at)
{
    (void)self, (void)at;
}
static void on_end(void *self, const struct cm_outcome *outcome)
{
    (void)self, (void)outcome;
}

/* Of one number that is seen in each replication. */
struct column {
    double n, sum, sum_sq, sum_4;
};
typedef struct column table[LOOKS][2][3];

static void collect(struct column *c, double x, double centre)
{
    double d = x - centre;
    c->n++;
    c->sum += x;
    c->sum_sq += d * d;
    c->sum_4 += d * d * d * d;
}

static double mean_of(const struct column *c)
{
    return c->sum / c->n;
}

/* Column by column, around the mean. */
static void sum_up(double (*got)[LOOKS][2][3], size_t n, table t)
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

static void play(const char *text, const char *flow, int release, size_t n, table t)
{
    struct cm_scenario scenario = {0};
    char all[3000];
    snprintf(all, sizeof all, "[scenario]\nhorizon = 10m\nflow = %s\n[telemetry]\nhistory = 3m\n%s",
             flow, text);
    load_text(&scenario, all, NULL);
    const struct cm_plan plan = {.scenario = &scenario, .release = release, .strength = 1};
    struct cm_rollout *rollout = cm_rollout_new(&plan);
    struct spy spy = {.rollout = rollout};
    const struct cm_observer observer = {&spy, on_look, on_order, on_say, on_time, on_time, on_end};
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

static double variance_of(const struct column *c)
{
    return c->sum_sq / c->n;
}

static double error_of(const struct column *c)
{
    return sqrt(variance_of(c) / c->n);
}

/* Standard error of a variance: sqrt((m4 - s^4) / n). */
static double variance_error(const struct column *c)
{
    double v = variance_of(c);
    return sqrt(fmax(0, c->sum_4 / c->n - v * v) / c->n);
}

static void expect_near(const char *what, int look, double got, double want, double error)
{
    cr_expect(fabs(got - want) <= error + 1e-12, "%s at look %d: %g, not %g +- %g", what, look, got,
              want, error);
}

/* --- when labels come --- */

#define TRAFFIC "[traffic]\nrate = 20 rps\n[service]\nerror_rate = 10%\n"

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

/* --- both flows --- */

/* 5 looks x 2 versions x (number, sum, squares) x (mean, variance) x 5 cases: the normal quantile
 * of 1e-3 / 300 / 2. */
static const double LIMIT = 4.66;

static void compare(const char *text, int release)
{
    table a, b;
    play(text, "counts", release, 600, a);
    play(text, "requests", release, 600, b);
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

#define RARE "[class.rare]\nshare = 30%\nerror_rate = 5%\nlatency = exponential(mean=20s)\n"
#define SCORES                                                                                     \
    "value = ordinal\nscore_1 = 2%\nscore_2 = 5%\nscore_3 = 13%\nscore_4 = 40%\nscore_5 = 40%\n"   \
    "judge_noise = 15%\n"
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
