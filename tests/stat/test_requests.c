/* The requests flow by itself, where counts cannot follow: latency under load, in closed forms; and
 * what holds exactly for every single path.
 *
 * Seeds are fixed; tolerances are four standard errors. */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>

#include "sim/engine/flow.h"
#include "tests/stat/scenario_text.h"

#define COMMON                                                                                     \
    "[metric.all]\nsignal = latency_quantile\nwindow = 1m\n"                                       \
    "[policy.p]\nsteps = 50%/1m, 100%\n[scenario]\nflow = requests\nhorizon = 20m\n"

struct fixture {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_flow flow;
    struct cm_harm harm;
};

static void open_flow(struct fixture *f, const char *text, const char *counts)
{
    load_text(&f->scenario, text, counts);
    f->plan = (struct cm_plan){.scenario = &f->scenario, .release = -1, .strength = 1};
    cm_flow_init(&f->flow, &f->plan);
    cr_assert_not_null(f->flow.requests);
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

/* Requests that one version has answered up to `at`. */
static uint64_t answered(const struct fixture *f, cm_time at, size_t version)
{
    uint64_t cells[CM_CELLS_MAX], sum = 0;
    size_t classes = f->flow.ledger.n_classes;
    cm_ledger_read(&f->flow.ledger, at, cells);
    for (size_t c = cm_cell(classes, version, 0, 0, 0); c < cm_cell(classes, version + 1, 0, 0, 0);
         c++)
        sum += cells[c];
    return sum;
}

static void expect_mean(const double *values, size_t n, double want)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    double tolerance = 4 * sqrt(squares) / (double)n;
    cr_expect(fabs(mean - want) <= tolerance, "%g, not %g +- %g", mean, want, tolerance);
    cr_log_info("%g, want %g, tolerance %g", mean, want, tolerance);
}

/* By Little's law E[n] = rate E[latency]; by PASTA an arrival finds E[n] on average, so that
 * E[latency] = m (1 + E[n] / K): E[n] = rate m / (1 - rate m / K), whatever the law. */
Test(requests, find_as_many_in_flight_as_littles_law_says)
{
    enum { N = 1500 };
    static double stable[N], canary[N];
    struct fixture f;
    open_flow(&f,
              "[traffic]\nrate = 100 rps\n[service]\nlatency_load = 40\n"
              "latency = 80% gamma(mean=200ms, shape=2) + 20% lognormal(median=500ms, sigma=0.5)\n"
              "[telemetry]\nhistory = 1m\n" COMMON,
              NULL);
    double m = cm_law_mean(&f.scenario.service.latency);
    for (uint64_t i = 0; i < N; i++) {
        begin(&f, i, 0.6);
        for (int look = 1; look <= 3; look++)
            cm_flow_advance(&f.flow, look * 13 * CM_SECOND);
        const struct cm_requests *r = f.flow.requests;
        cr_assert(cm_pending_verify(&r->pending));
        cr_assert_eq(r->in_flight[CM_STABLE] + r->in_flight[CM_CANARY], r->pending.n);
        stable[i] = (double)r->in_flight[CM_STABLE];
        canary[i] = (double)r->in_flight[CM_CANARY];
    }
    expect_mean(stable, N, 40 * m / (1 - 40 * m / 40));
    expect_mean(canary, N, 60 * m / (1 - 60 * m / 40));
    close_flow(&f);
}

/* All take 10 s without load, K = 10, and nothing is answered in the first 10 s: the j-th to arrive
 * finds j - 1 and is answered 9 + j seconds later. By t = 15 s that has happened to the j-th if it
 * came before 6 - j, that is if at least j of a Poisson flow did. */
Test(requests, are_slowed_by_those_before_them_and_not_by_themselves)
{
    enum { N = 20000 };
    static double seen[N];
    struct fixture f;
    open_flow(&f,
              "[traffic]\nrate = 4 rps\n[service]\nlatency_load = 10\nlatency = fixed(value=10s)\n"
              "[telemetry]\nhistory = 1m\n" COMMON,
              NULL);
    for (uint64_t i = 0; i < N; i++) {
        begin(&f, i, 0.5);
        cm_flow_advance(&f.flow, 3 * CM_SECOND);
        cm_flow_advance(&f.flow, 15 * CM_SECOND);
        seen[i] = (double)answered(&f, 15 * CM_SECOND, CM_CANARY);
    }
    double want = 0;
    for (unsigned j = 1; j <= 5; j++)
        want += gsl_cdf_poisson_Q(j - 1, 2 * (6 - (double)j));
    expect_mean(seen, N, want);
    close_flow(&f);
}

/* Answers take no time, so that each is seen in the step in which it was recorded. */
Test(requests, that_were_recorded_are_all_there_and_in_their_step)
{
    struct fixture f;
    char counts[5000];
    int at = snprintf(counts, sizeof counts, "time,requests\n");
    for (int step = 0; step < 400; step++)
        at += snprintf(counts + at, sizeof counts - (size_t)at, "%d,%d\n", 20 * step,
                       700 * (step % 3));
    open_flow(&f,
              "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 20s\n"
              "[service]\nlatency = fixed(value=0s)\n" COMMON,
              counts);
    for (uint64_t i = 0; i < 20; i++) {
        begin(&f, i, 0.25);
        cm_flow_advance(&f.flow, 100 * CM_SECOND);
        cm_flow_advance(&f.flow, 130 * CM_SECOND);
        const struct cm_world *w = &f.flow.world;
        size_t steps = 0;
        for (size_t k = 0; k < w->n; k++) {
            const struct cm_piece *piece = cm_world_piece(w, k);
            if (piece->step_from < 70 * CM_SECOND || piece->step_until > 130 * CM_SECOND)
                continue;
            uint64_t n = 0;
            for (size_t v = 0; v <= CM_CANARY; v++)
                n += answered(&f, piece->step_until, v) - answered(&f, piece->step_from, v);
            cr_expect_eq(n, piece->count);
            steps++;
        }
        cr_expect_geq(steps, 2);
    }
    close_flow(&f);
}

/* The same requests, whoever gets them: the latency buckets of both versions together. */
Test(requests, are_the_same_at_any_share)
{
    struct fixture f;
    uint64_t seen[3][2 * (CM_EDGES_MAX + 1)] = {{0}};
    static const double share[3] = {0, 0.3, 1};
    open_flow(&f,
              "[traffic]\nrate = 200 rps\n[service]\nlatency = 50% exponential(mean=100ms) + 50% "
              "uniform(low=0s, high=1s)\n[class.search]\nshare = 30%\n" COMMON,
              NULL);
    for (int pass = 0; pass < 3; pass++) {
        begin(&f, 5, share[pass]);
        cm_flow_advance(&f.flow, 60 * CM_SECOND);
        for (size_t v = 0; v <= CM_CANARY; v++)
            for (int class = 0; class < 2; class ++) {
                uint64_t buckets[CM_EDGES_MAX + 1], *sum = seen[pass] + class * CM_EDGES_MAX;
                cm_ledger_histogram(&f.flow.ledger, 17 * CM_SECOND, v, class, buckets);
                for (size_t b = 0; b < f.flow.ledger.n_buckets; b++)
                    sum[b] += buckets[b];
            }
    }
    cr_expect_arr_eq(seen[0], seen[1], sizeof seen[0]);
    cr_expect_arr_eq(seen[0], seen[2], sizeof seen[0]);
    close_flow(&f);
}

/* A path depends on nothing that was played before it. */
Test(requests, are_the_same_whatever_was_played_before)
{
    struct fixture f;
    uint64_t first[CM_CELLS_MAX], again[CM_CELLS_MAX];
    open_flow(
        &f, "[traffic]\nrate = 50 rps\n[service]\nlatency_load = 30\nlatency_slo = 300ms\n" COMMON,
        NULL);
    for (int pass = 0; pass < 2; pass++) {
        for (uint64_t other = 0; pass == 1 && other < 3; other++) {
            begin(&f, 100 + other, 0.9);
            cm_flow_advance(&f.flow, (7 + (cm_time)other) * CM_SECOND);
        }
        begin(&f, 3, 0.3);
        cm_flow_advance(&f.flow, 20 * CM_SECOND);
        cm_world_route(&f.flow.world, 0);
        cm_flow_drain(&f.flow);
        cm_ledger_read(&f.flow.ledger, 11 * CM_SECOND + 17, pass ? again : first);
        cr_expect_eq(f.flow.requests->pending.n + f.flow.requests->in_flight[CM_CANARY], 0);
    }
    cr_expect_arr_eq(first, again, f.flow.ledger.n_cells * sizeof first[0]);
    close_flow(&f);
}
