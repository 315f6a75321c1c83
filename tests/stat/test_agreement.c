/* The counts flow against the simulation one would write first (naive.h), which shares no line and
 * no random number with it: mean and variance of every counter at every look, of counters a window
 * before it, of latency buckets, of harm.
 *
 * Estimates of two samples may be four standard errors of their difference apart; those of a
 * variance rest on the fourth moment. Of about 1,500 comparisons one in ten such files would have
 * one beyond that by chance: seeds are fixed. The last tests show that two per cent of anything
 * would be seen. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sim/engine/flow.h"
#include "tests/stat/naive.h"
#include "tests/stat/scenario_text.h"

enum {
    LOOK_VALUES = sizeof(struct naive_look) / sizeof(double),
    VALUES = sizeof(struct naive_result) / sizeof(double),
    DERIVED = 4,
    COLUMNS = VALUES + DERIVED
};

/* --- both sides to columns -------------------------------------------------------------------- */

/* One replication as a row; sums and differences show whether columns vary together. */
static void to_row(const struct naive_result *result, double *row)
{
    memcpy(row, result, sizeof *result);
    const struct naive_look *last = &result->look[NAIVE_LOOKS - 1];
    double all = 0, failed = 0, slow = 0;
    for (int c = 0; c < NAIVE_CLASSES; c++)
        for (int f = 0; f < 2; f++)
            for (int s = 0; s < 2; s++) {
                all += last->now[AT_STABLE][c][f][s] + last->now[AT_CANARY][c][f][s];
                failed += f * last->now[AT_CANARY][c][f][s];
                slow += s * last->now[AT_CANARY][c][f][s];
            }
    row[VALUES] = all;
    row[VALUES + 1] = failed - last->harm.failures;
    row[VALUES + 2] = slow - last->harm.slow;
    row[VALUES + 3] = result->harm.requests - result->harm.failures - result->harm.slow;
}

static double *naive_rows(const struct naive_model *model, size_t n)
{
    double *rows = calloc(n * COLUMNS, sizeof *rows);
    struct naive naive = {.model = model, .rng = gsl_rng_alloc(gsl_rng_mt19937)};
    struct naive_result result;
    gsl_rng_set(naive.rng, 4711);
    for (size_t i = 0; i < n; i++) {
        naive_play(&naive, &result);
        to_row(&result, rows + i * COLUMNS);
    }
    gsl_rng_free(naive.rng);
    return rows;
}

struct engine {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_flow flow;
    struct cm_harm harm;
    uint64_t start[CM_CELLS_MAX];
};

static struct naive_harm harm_of(const struct engine *e)
{
    return (struct naive_harm){(double)e->harm.requests, (double)e->harm.failures,
                               (double)e->harm.slow};
}

static void read_cells(const struct engine *e, double at, naive_cells cells)
{
    uint64_t now[CM_CELLS_MAX];
    size_t n = e->flow.world.n_classes;
    cm_ledger_read(&e->flow.ledger, cm_from_seconds(at), now);
    for (size_t v = 0; v < VERSIONS; v++)
        for (size_t c = 0; c < n; c++)
            for (size_t f = 0; f < 2; f++)
                for (size_t s = 0; s < 2; s++) {
                    size_t cell = cm_cell(n, v, c, f, s);
                    cells[v][c][f][s] = (double)(now[cell] - e->start[cell]);
                }
}

static void read_look(struct engine *e, const struct naive_model *m, int k, struct naive_look *look)
{
    uint64_t buckets[CM_EDGES_MAX + 1];
    cm_time from = cm_from_seconds(m->look[k] - m->window);
    read_cells(e, m->look[k], look->now);
    read_cells(e, m->look[k] - m->window, look->before);
    for (size_t v = 0; v < VERSIONS; v++) {
        cm_ledger_histogram(&e->flow.ledger, from, v, -1, buckets);
        for (size_t b = 0; b <= NAIVE_EDGES; b++)
            look->bucket[v][b] = (double)buckets[b];
    }
    look->harm = harm_of(e);
}

/* Up to a look, by way of the changes of the route that come before it. */
static void advance(struct engine *e, const struct naive_model *m, int k)
{
    double since = k > 0 ? m->look[k - 1] : -1;
    for (int i = 0; i < NAIVE_ROUTES; i++)
        if (m->route[i].from > since && m->route[i].from <= m->look[k]) {
            cm_flow_advance(&e->flow, cm_from_seconds(m->route[i].from));
            cm_world_route(&e->flow.world, m->route[i].share);
        }
    cm_flow_advance(&e->flow, cm_from_seconds(m->look[k]));
}

static double *engine_rows(const char *text, const struct naive_model *m, size_t n)
{
    static const char counts[] = "time,requests\n0,40\n20,40\n40,40\n60,40\n80,40\n100,40\n"
                                 "120,40\n140,40\n160,40\n180,40\n200,40\n220,40\n";
    double *rows = calloc(n * COLUMNS, sizeof *rows);
    struct engine e = {0};
    load_text(&e.scenario, text, counts);
    e.plan = (struct cm_plan){.scenario = &e.scenario, .release = 0, .strength = 1};
    cm_flow_init(&e.flow, &e.plan);
    for (size_t i = 0; i < n; i++) {
        struct naive_result result = {0};
        e.harm = (struct cm_harm){0};
        cm_flow_begin(&e.flow, i, &e.harm);
        cm_ledger_read(&e.flow.ledger, 0, e.start);
        for (int k = 0; k < NAIVE_LOOKS; k++) {
            advance(&e, m, k);
            read_look(&e, m, k, &result.look[k]);
        }
        cm_world_route(&e.flow.world, 0);
        cm_flow_drain(&e.flow);
        cr_assert(cm_ledger_verify(&e.flow.ledger));
        result.harm = harm_of(&e);
        to_row(&result, rows + i * COLUMNS);
    }
    cm_flow_release(&e.flow);
    cm_scenario_release(&e.scenario);
    return rows;
}

/* --- comparison ------------------------------------------------------------------------------- */

/* A column's mean and variance, and the squared standard errors of both. */
struct estimate {
    double mean, mean_se2, variance, variance_se2;
};

static struct estimate estimate_of(const double *rows, size_t n, size_t column)
{
    double mean = 0, m2 = 0, m4 = 0, size = (double)n;
    for (size_t i = 0; i < n; i++)
        mean += rows[i * COLUMNS + column] / size;
    for (size_t i = 0; i < n; i++) {
        double d2 = pow(rows[i * COLUMNS + column] - mean, 2);
        m2 += d2 / size;
        m4 += d2 * d2 / size;
    }
    return (struct estimate){mean, m2 / size, m2, (m4 - m2 * m2) / size};
}

static double distance(double a, double b, double se2)
{
    return a == b ? 0 : fabs(a - b) / sqrt(se2);
}

/* The largest distance of any column, in standard errors of the difference. Columns that are almost
 * always 0 are not near enough to normal to say anything. */
struct distances {
    double mean, variance;
    size_t mean_at, variance_at;
};

static struct distances distances_of(const double *a, size_t n, const double *b, size_t m)
{
    struct distances most = {0};
    for (size_t c = 0; c < COLUMNS; c++) {
        struct estimate x = estimate_of(a, n, c), y = estimate_of(b, m, c);
        double means = distance(x.mean, y.mean, x.mean_se2 + y.mean_se2);
        double variances = distance(x.variance, y.variance, x.variance_se2 + y.variance_se2);
        if (fabs(x.mean) * (double)m < 50)
            continue;
        if (means > most.mean)
            most.mean = means, most.mean_at = c;
        if (variances > most.variance)
            most.variance = variances, most.variance_at = c;
    }
    return most;
}

/* --- the scenarios ---------------------------------------------------------------------------- */

/* A route up and down while answers take 8 s: all that is seen is late, and what was sent at one
 * weight is answered at another. */
static double after_25(double t)
{
    return t >= 25;
}

/* Two per cent later. */
static double after_25_5(double t)
{
    return t >= 25.5;
}

static const char slow_text[] =
    "[traffic]\nrate = 20 rps\n"
    "[service]\nerror_rate = 10%\nlatency_slo = 10s\nlatency = exponential(mean=8s)\n"
    "[defect.bad]\nerror_rate = +25pp\nlatency = x1.5\nonset = 25s\nspill = 20%\n"
    "[telemetry]\nbuckets = 1s, 5s, 10s, 20s\n"
    "[metric.m]\nsignal = latency_quantile\nwindow = 13s\n[policy.p]\nsteps = 50%/1m\n";
static const struct naive_model slow_model = {
    .past = 70,
    .rate = 20,
    .class = {{1, 0.1, 8, 0}},
    .classes = 1,
    .slo = 10,
    .edge = {1, 5, 10, 20},
    .level = after_25,
    .onset = 25,
    .error_times = 1,
    .error_plus = 0.25,
    .latency_times = 1.5,
    .scope = -1,
    .spill = 0.2,
    .route = {{0, 0.2}, {20, 0.5}, {55, 0.1}, {70, 0.8}},
    .look = {15, 40, 62, 80},
    .window = 13,
};

/* Two pulses that make some of the answers of one class take eight times as long. */
static double pulse(double t)
{
    return t >= 18 && fmod(t - 18, 30) < 11;
}

static const char class_text[] =
    "[traffic]\nrate = 40 rps\n"
    "[service]\nerror_rate = 8%\nlatency_slo = 500ms\n"
    "latency = lognormal(median=120ms, sigma=0.6)\n"
    "[class.checkout]\nshare = 25%\nerror_rate = 15%\n"
    "latency = lognormal(median=300ms, sigma=0.5)\n"
    "[defect.bad]\nprofile = pulse\nonset = 18s\nlasts = 11s\nevery = 30s\n"
    "error_rate = x3\nlatency = x1.2\nslow_share = 30%\nslow_latency = x8\nscope = checkout\n"
    "[telemetry]\nbuckets = 100ms, 250ms, 500ms, 2s\n"
    "[metric.m]\nsignal = latency_quantile\nwindow = 7s\n[policy.p]\nsteps = 50%/1m\n";
static const struct naive_model class_model = {
    .past = 10,
    .rate = 40,
    .class = {{0.25, 0.15, 0.3, 0.5}, {0.75, 0.08, 0.12, 0.6}},
    .classes = 2,
    .slo = 0.5,
    .edge = {0.1, 0.25, 0.5, 2},
    .level = pulse,
    .onset = 18,
    .error_times = 3,
    .latency_times = 1.2,
    .slow_share = 0.3,
    .slow_times = 8,
    .scope = 0,
    .route = {{0, 0.3}, {25, 0.6}, {50, 0.6}, {50, 0.6}},
    .look = {10, 25, 31, 60},
    .window = 7,
};

/* Grows from 10 s on, doubling every 10 s, full after 40 s, anew after 55 s; the curve itself, of
 * which the engine has pieces. */
static double leak(double t)
{
    double uptime = fmod(t - 10, 55);
    return t < 10 ? 0 : uptime >= 40 ? 1 : expm1(log(2) / 10 * uptime) / expm1(log(2) * 4);
}

static const char leak_text[] =
    "[traffic]\nrate = 20 rps\n"
    "[service]\nerror_rate = 10%\nlatency_slo = 1s\nlatency = exponential(mean=0.5s)\n"
    "warm_up = 25s\nwarm_up_error_rate = x2\nwarm_up_latency = x1.5\n"
    "[environment]\ndrift = 0.3\ncorrelation = 20s\n"
    "[defect.bad]\nprofile = leak\nonset = 10s\ndoubles_every = 10s\nfull_after = 40s\n"
    "restart_every = 55s\nerror_rate = x3\nlatency = x2\nspill = 50%\n"
    "[telemetry]\nbuckets = 250ms, 500ms, 1s, 2s\n"
    "[metric.m]\nsignal = latency_quantile\nwindow = 9s\n[policy.p]\nsteps = 50%/1m\n";
static const struct naive_model leak_model = {
    .past = 10,
    .rate = 20,
    .class = {{1, 0.1, 0.5, 0}},
    .classes = 1,
    .slo = 1,
    .edge = {0.25, 0.5, 1, 2},
    .drift = 0.3,
    .correlation = 20,
    .warm_up = 25,
    .warm_up_error = 2,
    .warm_up_latency = 1.5,
    .level = leak,
    .onset = 10,
    .error_times = 3,
    .latency_times = 2,
    .scope = -1,
    .spill = 0.5,
    .route = {{0, 0.4}, {30, 0.6}, {60, 0.2}, {80, 0.5}},
    .look = {12, 35, 66, 90},
    .window = 9,
};

/* The first scenario with 40 requests in every 20 seconds, exactly. */
static const char recorded_text[] =
    "[scenario]\nhorizon = 2m\n"
    "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 20s\n"
    "[service]\nerror_rate = 10%\nlatency_slo = 10s\nlatency = exponential(mean=8s)\n"
    "[defect.bad]\nerror_rate = +25pp\nlatency = x1.5\nonset = 25s\nspill = 20%\n"
    "[telemetry]\nhistory = 2m\nbuckets = 1s, 5s, 10s, 20s\n"
    "[metric.m]\nsignal = latency_quantile\nwindow = 13s\n[policy.p]\nsteps = 50%/1m\n";

static void expect_agreement(const char *text, const struct naive_model *m, size_t n_naive,
                             size_t n_engine)
{
    double *naive = naive_rows(m, n_naive), *engine = engine_rows(text, m, n_engine);
    struct distances far = distances_of(naive, n_naive, engine, n_engine);
    cr_expect_leq(far.mean, 4, "column %zu of %d: means %.2f standard errors apart", far.mean_at,
                  (int)COLUMNS, far.mean);
    cr_expect_leq(far.variance, 4, "column %zu of %d: variances %.2f standard errors apart",
                  far.variance_at, (int)COLUMNS, far.variance);
    free(naive);
    free(engine);
}

Test(agreement, a_changing_weight_with_slow_answers)
{
    expect_agreement(slow_text, &slow_model, 3000, 5000);
}

Test(agreement, a_defect_of_one_class_in_pulses)
{
    expect_agreement(class_text, &class_model, 3000, 5000);
}

Test(agreement, a_leak_with_warm_up_and_drift)
{
    expect_agreement(leak_text, &leak_model, 5000, 3000);
}

Test(agreement, recorded_requests)
{
    struct naive_model m = slow_model;
    m.rate = 0;
    m.step = 20;
    m.each = 40;
    expect_agreement(recorded_text, &m, 5000, 5000);
}

/* --- what the comparison sees ----------------------------------------------------------------- */

static void expect_seen(const char *what, const struct naive_model *wrong, const double *engine,
                        size_t n)
{
    double *naive = naive_rows(wrong, n);
    struct distances far = distances_of(naive, n, engine, 2 * n);
    cr_expect_gt(far.mean, 5, "two per cent of the %s: %.2f standard errors", what, far.mean);
    free(naive);
}

Test(agreement, two_per_cent_of_any_parameter_would_be_seen)
{
    enum { N = 2800 };
    double *engine = engine_rows(slow_text, &slow_model, 2 * N);
    struct naive_model wrong = slow_model;
    wrong.rate *= 1.02;
    expect_seen("rate", &wrong, engine, N);
    wrong = slow_model;
    wrong.class[0].error *= 1.02;
    expect_seen("error rate", &wrong, engine, N);
    wrong = slow_model;
    wrong.class[0].median *= 1.02;
    expect_seen("latency", &wrong, engine, N);
    wrong = slow_model;
    wrong.route[1].share *= 1.02;
    expect_seen("weight", &wrong, engine, N);
    wrong = slow_model;
    wrong.onset *= 1.02;
    wrong.level = after_25_5;
    expect_seen("onset", &wrong, engine, N);
    free(engine);
}
