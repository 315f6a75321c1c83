/* What Kayenta's judge does to healthy and to bad releases: the classifier by itself, and the whole
 * loop in the engine, on gauges that are autoregressions of one sample a point.
 *
 * The chances held against are of tests/oracle/kayenta_cases.json (operating_characteristics):
 * Monte Carlo of another implementation, with as many samples as stand beside them. Differences may
 * be four standard errors of both. CM_TEST_SIZE=large takes twenty times as many. */
#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/stats/kayenta_metric.h"
#include "tests/stat/rollouts.h"

enum { POINTS = 60 };

static size_t enlarged(size_t n)
{
    const char *size = getenv("CM_TEST_SIZE");
    return size && strcmp(size, "large") == 0 ? 20 * n : n;
}

/* `want` was seen in `reps`; of a chance that is hardly ever seen at least one is allowed. */
static void expect_near(const char *what, double got, size_t n, double want, size_t reps)
{
    double p = fmax(want, 1 / (double)reps);
    double error = 4 * sqrt(p * (1 - p) * (1 / (double)n + 1 / (double)reps));
    cr_expect(fabs(got - want) <= error, "%s: %g, not %g +- %g", what, got, want, error);
}

/* --- the classifier --------------------------------------------------------------------------- */

enum law { NORMAL, AUTOREGRESSION, LOGNORMAL, COUNTS };
struct anchor {
    enum law law;
    double parameter; /* rho, sigma, mean of the counts */
    size_t points;
    double times; /* the canary's mean */
    size_t reps;
    double high, low;
};

static void draw(gsl_rng *rng, const struct anchor *a, double times, double *x)
{
    double rho = a->law == AUTOREGRESSION ? a->parameter : 0;
    double z = gsl_ran_ugaussian(rng);
    for (size_t i = 0; i < a->points; i++) {
        double mean = 100 * times;
        x[i] = a->law == COUNTS      ? gsl_ran_poisson(rng, a->parameter * times)
               : a->law == LOGNORMAL ? mean * exp(a->parameter * z)
                                     : mean + 10 * z;
        z = rho * z + sqrt(1 - rho * rho) * gsl_ran_ugaussian(rng);
    }
}

static const struct cm_kayenta_rule defaults = {
    .cleaning = {.outlier_factor = 3},
    .allowed_increase = 1,
    .allowed_decrease = 1,
    .tolerance = CM_KAYENTA_TOLERANCE,
    .confidence = CM_KAYENTA_CONFIDENCE,
};

static void check_anchor(const struct anchor *a, size_t n)
{
    double x[2][POINTS], labels[CM_KAYENTA_LABELS] = {0};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    char what[80];
    n = enlarged(n);
    for (size_t i = 0; i < n; i++) {
        draw(rng, a, 1, x[0]);
        draw(rng, a, a->times, x[1]);
        const struct cm_kayenta_series control = {x[0], a->points}, canary = {x[1], a->points};
        labels[cm_kayenta_judge(&defaults, &control, &canary, a->points).label] += 1 / (double)n;
    }
    snprintf(what, sizeof what, "law %d (%g), %zu points, x%g", (int)a->law, a->parameter,
             a->points, a->times);
    expect_near(what, labels[CM_KAYENTA_HIGH], n, a->high, a->reps);
    expect_near(what, labels[CM_KAYENTA_LOW], n, a->low, a->reps);
    cr_expect_eq(labels[CM_KAYENTA_ERROR], 0);
    gsl_rng_free(rng);
}

static void check_anchors(const struct anchor *list, size_t size, size_t n)
{
    for (size_t i = 0; i < size; i++)
        check_anchor(&list[i], n);
}
#define CHECK(list, n) check_anchors(list, sizeof(list) / sizeof *(list), n)

Test(kayenta, few_points_object_to_healthy_releases)
{
    static const struct anchor anchors[] = {
        {NORMAL, 0, 2, 1, 200000, 0.11764, 0.11694},  {NORMAL, 0, 3, 1, 200000, 0.02508, 0.02475},
        {NORMAL, 0, 4, 1, 200000, 0.00508, 0.00494},  {NORMAL, 0, 5, 1, 200000, 0.00094, 0.00093},
        {NORMAL, 0, 10, 1, 200000, 0.00106, 0.00106},
    };
    CHECK(anchors, 10000);
}

Test(kayenta, sixty_independent_points_object_twice_in_a_thousand)
{
    static const struct anchor anchors[] = {
        {NORMAL, 0, POINTS, 1, 100000, 0.00103, 0.00098},
        {LOGNORMAL, 0.5, POINTS, 1, 30000, 0.00107, 0.00087},
    };
    CHECK(anchors, 3000);
}

Test(kayenta, autocorrelation_makes_it_object_to_half_of_the_healthy_releases)
{
    static const struct anchor anchors[] = {
        {AUTOREGRESSION, 0.3, POINTS, 1, 30000, 0.01083, 0.01073},
        {AUTOREGRESSION, 0.5, POINTS, 1, 30000, 0.035, 0.03407},
        {AUTOREGRESSION, 0.7, POINTS, 1, 30000, 0.095, 0.0935},
        {AUTOREGRESSION, 0.9, POINTS, 1, 30000, 0.24367, 0.24353},
    };
    CHECK(anchors, 2500);
}

Test(kayenta, counts_of_one_a_point_are_the_worst_and_of_a_few_the_best)
{
    static const struct anchor anchors[] = {
        {COUNTS, 0.2, POINTS, 1, 30000, 0.00053, 0.0007},
        {COUNTS, 1, POINTS, 1, 30000, 0.00517, 0.00487},
        {COUNTS, 3, POINTS, 1, 30000, 0.00013, 0.00003},
        {COUNTS, 100, POINTS, 1, 30000, 0.00123, 0.00093},
    };
    CHECK(anchors, 2500);
}

Test(kayenta, it_sees_means_and_overlooks_sparse_errors)
{
    static const struct anchor anchors[] = {
        {NORMAL, 0, POINTS, 1.02, 10000, 0.0202, 0},
        {NORMAL, 0, POINTS, 1.05, 10000, 0.3178, 0},
        {NORMAL, 0, POINTS, 1.1, 10000, 0.9841, 0},
        {COUNTS, 3, POINTS, 1.5, 10000, 0.6534, 0},
        {COUNTS, 0.2, POINTS, 1.5, 10000, 0.0212, 0.0001},
        {COUNTS, 0.2, POINTS, 2, 10000, 0.1393, 0},
        {COUNTS, 0.2, POINTS, 3, 10000, 0.6147, 0},
        {LOGNORMAL, 0.25, POINTS, 1.1, 10000, 0.1393, 0},
    };
    CHECK(anchors, 1000);
}

/* --- the loop --------------------------------------------------------------------------------- */

enum { METRICS = 10 };

/* One loop: metrics that are gauges of mean 100 and deviation 10 with a correlation time, so that
 * points a minute apart have a correlation of exp(-1m / time). */
struct loop {
    const char *correlation, *interval, *look_back;
    size_t metrics, reps, n;
    double rejected;
};

static void write_loop(const struct loop *l, struct cm_buffer *text)
{
    struct cm_writer to = cm_buffer_writer(text);
    cm_print(to, "[scenario]\nhorizon = 2h\n[traffic]\nrate = 1 rps\n[telemetry]\nhistory = 10m\n");
    for (size_t m = 0; m < l->metrics; m++)
        cm_print(to,
                 "[gauge.g%zu]\nmean = 100\nsd = 10\nsample_every = 1m\ncorrelation = %s\n"
                 "[metric.m%zu]\nsignal = gauge\ngauge = g%zu\nwindow = 1m\n",
                 m, l->correlation, m, m);
    cm_print(to, "[gate.judge]\ntest = kayenta\nlook_back = %s\nmetrics = m0", l->look_back);
    for (size_t m = 1; m < l->metrics; m++)
        cm_print(to, ", m%zu", m);
    cm_print(to,
             "\n[policy.p]\ncontroller = kayenta\ncontrol = baseline\nweight = 20%%\n"
             "lifetime = 1h\ninterval = %s\ngates = judge\n",
             l->interval);
}

static void check_loop(const struct loop *l)
{
    struct cm_buffer text = {0};
    char what[80];
    size_t n = enlarged(l->n);
    write_loop(l, &text);
    struct rollouts r = play(text.text, -1, n);
    snprintf(what, sizeof what, "%zu metrics, correlation %s, every %s, look-back %s", l->metrics,
             l->correlation, l->interval, l->look_back);
    expect_near(what, share_of(&r, rolled_back), n, l->rejected, l->reps);
    free(r.rows);
    cm_buffer_release(&text);
}

#define RHO_0   "0s"
#define RHO_0_5 "86.56170245333781s" /* 1m / ln 2 */

Test(kayenta_loop, looks_multiply_false_rollbacks)
{
    static const struct loop loops[] = {
        {RHO_0, "1h", "0s", 1, 8000, 500, 0.002},
        {RHO_0, "10m", "0s", 1, 8000, 1000, 0.0101},
        {RHO_0, "10m", "10m", 1, 8000, 1000, 0.012},
    };
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
        check_loop(&loops[i]);
}

Test(kayenta_loop, autocorrelation_multiplies_them_again)
{
    static const struct loop loops[] = {
        {RHO_0_5, "1h", "0s", 1, 8000, 500, 0.0729},
        {RHO_0_5, "10m", "0s", 1, 8000, 500, 0.2028},
        {RHO_0_5, "10m", "10m", 1, 8000, 500, 0.3021},
    };
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
        check_loop(&loops[i]);
}

Test(kayenta_loop, ten_metrics_reject_half_of_the_healthy_releases)
{
    static const struct loop loops[] = {
        {RHO_0, "1h", "0s", METRICS, 2000, 200, 0.019},
        {RHO_0, "10m", "0s", METRICS, 2000, 200, 0.0225},
        {RHO_0_5, "1h", "0s", METRICS, 2000, 200, 0.494},
        {RHO_0_5, "10m", "0s", METRICS, 2000, 200, 0.536},
    };
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
        check_loop(&loops[i]);
}
