/* The counts flow against closed forms: thinning, displacement by the latency (M/G/infinity),
 * attribution, latency buckets, windows inside blocks, recorded traffic.
 *
 * Seeds are fixed; every tolerance is four standard errors of the estimate, computed from the law
 * that is tested. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "sim/engine/counted.h"
#include "sim/engine/flow.h"
#include "tests/stat/scenario_text.h"

#define COMMON                                                                                     \
    "[metric.all]\nsignal = latency_quantile\nwindow = 1m\n"                                       \
    "[policy.p]\nsteps = 50%/1m, 100%\n"

/* One flow on the scenario in `text`; release -1 = healthy. */
struct fixture {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_flow flow;
    struct cm_harm harm;
};

static void open_flow(struct fixture *f, const char *text, int release)
{
    static const char counts[] = "time,requests\n0,120\n300,120\n600,120\n900,120\n1200,120\n"
                                 "1500,120\n1800,120\n2100,120\n2400,120\n2700,120\n";
    load_text(&f->scenario, text, counts);
    f->plan = (struct cm_plan){.scenario = &f->scenario, .release = release, .strength = 1};
    cm_flow_init(&f->flow, &f->plan);
}

static void close_flow(struct fixture *f)
{
    cm_flow_release(&f->flow);
    cm_scenario_release(&f->scenario);
}

static void begin(struct fixture *f, uint64_t replication, double share)
{
    f->harm = (struct cm_harm){0};
    cm_flow_begin(&f->flow, replication, &f->harm);
    cm_world_route(&f->flow.world, share);
}

/* All requests, or only the failures, that one version has answered so far. */
static double answered(const struct fixture *f, size_t version, bool only_failures)
{
    uint64_t cells[CM_CELLS_MAX], sum = 0;
    cm_ledger_read(&f->flow.ledger, cm_ledger_now(&f->flow.ledger), cells);
    for (size_t class = 0; class < f->flow.world.n_classes; class ++)
        for (size_t outcome = only_failures ? 1 : 0; outcome < CM_OUTCOMES; outcome++)
            for (size_t tempo = 0; tempo < CM_TEMPI; tempo++)
                sum += cells[cm_cell(f->flow.world.n_classes, version, class, outcome, tempo)];
    return (double)sum;
}

/* Mean and variance of a stream of numbers (Welford). */
struct moments {
    double n, mean, m2;
};

static void add(struct moments *m, double x)
{
    double d = x - m->mean;
    m->n += 1;
    m->mean += d / m->n;
    m->m2 += d * (x - m->mean);
}

static double variance(const struct moments *m)
{
    return m->m2 / (m->n - 1);
}

/* Within 4 s.e. of a Poisson law's mean and variance; the sample variance of a Poisson law has
 * variance (mu + 2 mu^2) / n up to O(1/n^2). */
static void expect_poisson(const struct moments *m, double mean)
{
    cr_assert_float_eq(m->mean, mean, 4 * sqrt(mean / m->n), "mean %g, want %g", m->mean, mean);
    double se = sqrt((mean + 2 * mean * mean) / m->n);
    cr_assert_float_eq(variance(m), mean, 4 * se, "variance %g, want %g", variance(m), mean);
}

Test(flow, the_canary_gets_a_thinned_poisson_stream)
{
    struct fixture f;
    struct moments requests = {0}, failures = {0};
    open_flow(&f,
              "[traffic]\nrate = 50 rps\n[service]\nerror_rate = 2%\n"
              "latency = fixed(value=0.1s)\n" COMMON,
              -1);
    for (uint64_t i = 0; i < 4000; i++) {
        begin(&f, i, 0.1);
        for (int k = 1; k <= 4; k++)
            cm_flow_advance(&f.flow, k * 15 * CM_SECOND);
        cr_assert(cm_ledger_verify(&f.flow.ledger));
        add(&requests, answered(&f, CM_CANARY, false));
        add(&failures, answered(&f, CM_CANARY, true));
    }
    expect_poisson(&requests, 50 * 0.1 * (60 - 0.1));
    expect_poisson(&failures, 50 * 0.1 * (60 - 0.1) * 0.02);
    close_flow(&f);
}

/* A canary that answers after an exponential time of mean mu, begun at 0 with rate r, has answered
 * Poisson(r (t - mu (1 - exp(-t / mu)))) by t, and has r mu (1 - exp(-t / mu)) in flight. */
Test(flow, slow_answers_are_seen_late_and_drained_to_the_last)
{
    struct fixture f;
    struct moments seen = {0}, in_flight = {0};
    open_flow(&f, "[traffic]\nrate = 4 rps\n[service]\nlatency = exponential(mean=10s)\n" COMMON,
              -1);
    for (uint64_t i = 0; i < 4000; i++) {
        begin(&f, i, 0.5);
        cm_flow_advance(&f.flow, 7 * CM_SECOND);
        cm_flow_advance(&f.flow, 20 * CM_SECOND);
        double before = answered(&f, CM_CANARY, false);
        cm_world_route(&f.flow.world, 0);
        cm_flow_drain(&f.flow);
        add(&seen, before);
        add(&in_flight, answered(&f, CM_CANARY, false) - before);
    }
    double left = 10 * (1 - exp(-2.0));
    expect_poisson(&seen, 2 * (20 - left));
    expect_poisson(&in_flight, 2 * left);
    close_flow(&f);
}

Test(flow, harm_is_the_defects_own_share)
{
    struct fixture f;
    struct moments failures = {0}, slow = {0}, requests = {0}, spilled = {0};
    open_flow(&f,
              "[traffic]\nrate = 50 rps\n[service]\nerror_rate = 1%\nlatency_slo = 200ms\n"
              "latency = exponential(mean=100ms)\n"
              "[defect.bad]\nerror_rate = +3pp\nlatency = x2\nonset = 30s\nspill = 50%\n" COMMON,
              0);
    for (uint64_t i = 0; i < 4000; i++) {
        begin(&f, i, 0.2);
        cm_flow_advance(&f.flow, 20 * CM_SECOND);
        cm_flow_advance(&f.flow, 50 * CM_SECOND);
        cm_world_route(&f.flow.world, 0);
        cm_flow_drain(&f.flow);
        add(&requests, (double)f.harm.requests);
        add(&failures, (double)f.harm.failures);
        add(&slow, (double)f.harm.slow);
        add(&spilled, answered(&f, CM_STABLE, true));
        cr_assert_eq(f.flow.world.onset, 30 * CM_SECOND);
    }
    double canary = 50 * 0.2 * 20, stable = 50 * 0.8 * 20;
    expect_poisson(&requests, canary);
    expect_poisson(&failures, canary * 0.03 + stable * 0.015);
    /* P(slow) = exp(-200/100k) at k times the latency: x2 on the canary, x1.5 on stable. */
    double more = canary * (exp(-1.0) - exp(-2.0)) + stable * (exp(-4.0 / 3) - exp(-2.0));
    expect_poisson(&slow, more);
    close_flow(&f);
}

Test(flow, a_window_inside_a_block_has_its_own_poisson_counts)
{
    struct fixture f;
    struct moments first = {0}, second = {0}, both = {0};
    uint64_t cells[CM_CELLS_MAX];
    open_flow(&f,
              "[traffic]\nrate = 20 rps\n[service]\nerror_rate = 0%\n"
              "latency = fixed(value=0.1s)\n" COMMON,
              -1);
    size_t cell = cm_cell(1, CM_STABLE, 0, CM_OK, CM_IN_TIME);
    for (uint64_t i = 0; i < 4000; i++) {
        begin(&f, i, 0);
        cm_flow_advance(&f.flow, 10 * CM_SECOND);
        cm_ledger_read(&f.flow.ledger, 0, cells);
        uint64_t start = cells[cell];
        cm_ledger_read(&f.flow.ledger, 3 * CM_SECOND + 1, cells);
        uint64_t inside = cells[cell];
        cm_ledger_read(&f.flow.ledger, 10 * CM_SECOND, cells);
        add(&first, (double)(inside - start));
        add(&second, (double)(cells[cell] - inside));
        add(&both, (double)(cells[cell] - start));
    }
    expect_poisson(&first, 60);
    expect_poisson(&second, 140);
    expect_poisson(&both, 200); /* no correlation between the halves: their variances add */
    close_flow(&f);
}

Test(flow, what_one_reader_asks_moves_no_number_of_another)
{
    struct fixture f;
    uint64_t alone[CM_CELLS_MAX], crowded[CM_CELLS_MAX], buckets[CM_EDGES_MAX + 1];
    open_flow(&f, "[traffic]\nrate = 20 rps\n" COMMON, -1);
    for (int pass = 0; pass < 2; pass++) {
        begin(&f, 7, 0.3);
        cm_flow_advance(&f.flow, 10 * CM_SECOND);
        for (int k = 1; pass == 1 && k < 10; k++) {
            cm_ledger_read(&f.flow.ledger, k * CM_SECOND + 3, crowded);
            cm_ledger_histogram(&f.flow.ledger, k * CM_SECOND, CM_CANARY, -1, buckets);
        }
        cm_ledger_read(&f.flow.ledger, 4 * CM_SECOND, pass ? crowded : alone);
    }
    cr_assert_arr_eq(alone, crowded, f.flow.ledger.n_cells * sizeof alone[0]);
    close_flow(&f);
}

static double quantile(struct cm_ledger *l, cm_time from, size_t version, int class, double q)
{
    struct cm_counted window;
    cm_count_window(l, from, class, &window);
    return cm_counted_quantile(l, &window, version, q);
}

/* Cells are sums of groups of buckets whether or not anybody reads the buckets. */
static void read_latency(const char *traffic)
{
    static const char *const readers[] = {
        "[metric.m]\nsignal = error_ratio\nwindow = 1m\n[policy.p]\nsteps = 50%/1m\n",
        "[metric.m]\nsignal = latency_quantile\nwindow = 1m\n[policy.p]\nsteps = 50%/1m\n",
    };
    uint64_t cells[2][CM_CELLS_MAX];
    for (int k = 0; k < 2; k++) {
        struct fixture f;
        char text[400];
        snprintf(text, sizeof text, "[traffic]\nrate = 20 rps\n%s[service]\nerror_rate = 5%%\n%s",
                 traffic, readers[k]);
        open_flow(&f, text, -1);
        begin(&f, 3, 0.3);
        for (int i = 1; i <= 20; i++)
            cm_flow_advance(&f.flow, i * CM_MINUTE);
        if (k == 1)
            quantile(&f.flow.ledger, 19 * CM_MINUTE, CM_CANARY, -1, 0.95);
        cm_flow_advance(&f.flow, 21 * CM_MINUTE);
        cm_ledger_read(&f.flow.ledger, 21 * CM_MINUTE, cells[k]);
        close_flow(&f);
    }
    cr_assert_arr_eq(cells[0], cells[1], cm_cell(1, CM_BASELINE, 0, 0, 0) * sizeof cells[0][0]);
}

Test(flow, whoever_reads_latency_moves_no_count)
{
    read_latency("");
    read_latency("arrivals = gamma_poisson\n");
}

/* Pearson's chi-square of the bucket counts; 99.99 % quantile by Wilson and Hilferty (1931). */
Test(flow, latency_buckets_have_the_laws_masses)
{
    struct fixture f;
    uint64_t counts[CM_EDGES_MAX + 1], sum[CM_EDGES_MAX + 1] = {0};
    open_flow(&f,
              "[traffic]\nrate = 200 rps\n[service]\nlatency_slo = 300ms\n"
              "latency = exponential(mean=100ms)\n"
              "[telemetry]\nbuckets = 50ms, 100ms, 250ms, 500ms\n" COMMON,
              -1);
    for (uint64_t i = 0; i < 200; i++) {
        begin(&f, i, 0.5);
        cm_flow_advance(&f.flow, 30 * CM_SECOND);
        cm_flow_advance(&f.flow, 45 * CM_SECOND);
        cm_ledger_histogram(&f.flow.ledger, 35 * CM_SECOND + 11, CM_CANARY, -1, counts);
        for (int b = 0; b < 5; b++)
            sum[b] += counts[b];
    }
    static const double edge[] = {0, 0.5, 1, 2.5, 5, INFINITY};
    double chi2 = 0, mean = 200 * 200 * 0.5 * (10 - 11e-9);
    for (int b = 0; b < 5; b++) {
        double want = mean * (exp(-edge[b]) - exp(-edge[b + 1]));
        chi2 += ((double)sum[b] - want) * ((double)sum[b] - want) / want;
    }
    cr_assert_lt(chi2, 5 * pow(1 - 2.0 / 45 + 3.719 * sqrt(2.0 / 45), 3), "chi2 %g", chi2);
    close_flow(&f);
}

/* Recorded traffic is conserved, and the canary's part of N requests is binomial. */
#define WATCHED                                                                                    \
    "[traffic]\nrate = 20 rps\n[telemetry]\nhistory = 10m\n[metric.other]\nsignal = error_ratio\n"
/* Totals differ by what was not drawn, windows do not. */
Test(flow, history_that_no_window_reaches_is_not_drawn_and_moves_nothing)
{
    static const char *const texts[] = {WATCHED "window = 1m\n" COMMON,
                                        WATCHED "window = 10m\n" COMMON};
    struct fixture f;
    uint64_t seen[2][3][CM_CELLS_MAX] = {0};
    for (int k = 0; k < 2; k++) {
        open_flow(&f, texts[k], -1);
        begin(&f, 1, 0.1);
        cr_expect_eq(cm_ledger_since(&f.flow.ledger), k ? -10 * CM_MINUTE : -CM_MINUTE);
        cm_ledger_read(&f.flow.ledger, -30 * CM_SECOND, seen[k][0]);
        cm_ledger_read(&f.flow.ledger, 0, seen[k][1]);
        cm_flow_advance(&f.flow, CM_MINUTE);
        cm_ledger_read(&f.flow.ledger, CM_MINUTE, seen[k][2]);
        close_flow(&f);
    }
    for (int i = 1; i < 3; i++)
        for (size_t c = 0; c < CM_CELLS_MAX; c++)
            cr_expect_eq(seen[0][i][c] - seen[0][i - 1][c], seen[1][i][c] - seen[1][i - 1][c]);
}

/* What a window has in groups is a difference of running totals, below them trees are searched.
 * Both find what the whole histogram says, which is drawn last, since it fills in every tree. */
Test(flow, a_quantile_found_in_groups_is_that_of_the_histogram)
{
    enum { LOOKS = 20 };
    static const double asked[] = {0.1, 0.5, 0.94, 0.95, 0.96, 0.99, 1};
    struct fixture f;
    uint64_t counts[CM_BUCKETS_MAX];
    open_flow(&f,
              "[traffic]\nrate = 20 rps\n[service]\nlatency_slo = 200ms\n"
              "latency = lognormal(median=80ms, sigma=0.6)\n" COMMON,
              -1);
    begin(&f, 1, 0.1);
    for (int look = 1; look <= LOOKS; look++) {
        cm_time now = look * CM_MINUTE, from = now - CM_MINUTE;
        double found[2][7];
        if (look == LOOKS / 2)
            cm_world_route(&f.flow.world, 0.4);
        cm_flow_advance(&f.flow, now - 30 * CM_SECOND);
        cm_flow_advance(&f.flow, now);
        for (size_t v = 0; v < 2; v++)
            for (size_t i = 0; i < 7; i++)
                found[v][i] = quantile(&f.flow.ledger, from, v, -1, asked[i]);
        for (size_t v = 0; v < 2; v++) {
            cm_ledger_histogram(&f.flow.ledger, from, v, -1, counts);
            for (size_t i = 0; i < 7; i++)
                cr_expect_eq(found[v][i],
                             cm_histogram_quantile(asked[i], f.flow.world.shapes.edges, counts));
        }
    }
    close_flow(&f);
}

Test(flow, recorded_requests_are_thinned_and_none_is_lost)
{
    struct fixture f;
    struct moments canary = {0};
    open_flow(&f,
              "[scenario]\nhorizon = 20m\n"
              "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 5m\n"
              "[service]\nlatency = exponential(mean=20s)\n" COMMON,
              -1);
    for (uint64_t i = 0; i < 4000; i++) {
        begin(&f, i, 0.25);
        double before = answered(&f, CM_CANARY, false);
        cr_assert_eq(before, 0);
        for (int k = 1; k <= 10; k++)
            cm_flow_advance(&f.flow, k * 30 * CM_SECOND);
        cm_world_route(&f.flow.world, 0);
        cm_flow_drain(&f.flow);
        cr_assert_eq(f.flow.n_in_flight, 0);
        add(&canary, answered(&f, CM_CANARY, false));
    }
    /* Every step of counts.csv has 120 requests: 5 minutes at any offset are two binomial parts. */
    double mean = 120 * 0.25;
    cr_assert_float_eq(canary.mean, mean, 4 * sqrt(mean * 0.75 / canary.n));
    cr_assert_leq(variance(&canary), mean * (1 + 4 * sqrt(2 / canary.n)));
    close_flow(&f);
}

/* A version at share w of traffic with dispersion D sees 1 + w (D - 1). */
Test(flow, a_version_sees_its_share_of_the_dispersion)
{
    struct fixture f;
    struct moments canary = {0};
    open_flow(&f,
              "[traffic]\narrivals = gamma_poisson\nrate = 30 rps\ndispersion = 9\n"
              "window = 1m\ncorrelation = 2m\n[service]\nlatency = fixed(value=1ms)\n" COMMON,
              -1);
    for (uint64_t i = 0; i < 8000; i++) {
        begin(&f, i, 0.5);
        cm_flow_advance(&f.flow, 60 * CM_SECOND);
        double before = answered(&f, CM_CANARY, false);
        cm_flow_advance(&f.flow, 120 * CM_SECOND);
        add(&canary, answered(&f, CM_CANARY, false) - before);
    }
    /* Variance of a sample variance of a near-normal count: 2 sigma^4 / n; 1.5 for its kurtosis. */
    double want = 900 * (1 + 0.5 * 8), se = 1.5 * want * sqrt(2 / canary.n);
    cr_assert_float_eq(canary.mean, 900, 4 * sqrt(want / canary.n));
    cr_assert_float_eq(variance(&canary), want, 4 * se, "%g, want %g", variance(&canary), want);
    close_flow(&f);
}
