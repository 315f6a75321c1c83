/* Two flows on one scenario: scripts that are played by both, what they saw, and how far apart the
 * means and variances of that are. For test_flows.c, which says why. */
#ifndef CM_TEST_TWO_FLOWS_H
#define CM_TEST_TWO_FLOWS_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "sim/base/mem.h"
#include "sim/engine/flow.h"
#include "sim/scenario/flow_kind.h"
#include "tests/unit/support.h"

/* 26 x 132 comparisons: the normal quantile of 1e-3 / 3432 / 2. */
enum { CASES = 26, READINGS = 66, COMPARISONS = CASES * 2 * READINGS };
static const double LIMIT = 5.13;

enum { LOOKS = 6 };

struct script {
    const char *text;
    int release;
    double look_s[LOOKS];
    double share[LOOKS]; /* of the canary, up to that look */
};

/* --- scenarios --- */

/* 40 requests in each step of half a minute, but for every fourth, which has 160. */
static inline const char *recording(void)
{
    static char text[6000];
    int at = snprintf(text, sizeof text, "time,requests\n");
    for (int step = 0; step < 400; step++)
        at += snprintf(text + at, sizeof text - (size_t)at, "%d,%d\n", 30 * step,
                       step % 4 ? 40 : 160);
    return text;
}

static inline void load(struct cm_scenario *scenario, const char *text, enum cm_flow_kind kind)
{
    char flow[40];
    snprintf(flow, sizeof flow, "scenario.flow=%s", cm_flow_kind_names[kind]);
    struct memory_file files[] = {{"s.ini", text, 0}, {"counts.csv", recording(), 0}, {0}};
    const char *const set[] = {flow, NULL};
    const struct cm_load how = {.path = "s.ini", .source = memory_source(files), .set = set};
    struct cm_diags diags = {0};
    struct cm_buffer words = {0};
    int bad = cm_scenario_load(scenario, &how, &diags);
    cr_assert_eq(bad, 0, "%s", diags_text(&diags, &words));
    cr_assert_eq(cm_flow_kind_of(scenario), kind);
    cm_buffer_release(&words);
    cm_diags_release(&diags);
}

/* --- readings --- */

/* What a script saw of one replication, in an order that is the same for all of them. */
struct readings {
    size_t n;
    double value[READINGS];
};

static inline void add(struct readings *r, double value)
{
    cr_assert_lt(r->n, (size_t)READINGS);
    r->value[r->n++] = isnan(value) ? -1 : value;
}

/* Requests of a version and class (-1 = all) between two readings of the counters: all, failed,
 * slow. */
static inline void add_requests(struct readings *r, const uint64_t *between, size_t classes,
                                size_t version, int class)
{
    uint64_t all = 0, failed = 0, slow = 0;
    for (size_t c = 0; c < classes; c++) {
        const uint64_t *cell = between + cm_cell(classes, version, c, 0, 0);
        for (size_t i = 0; i < CM_OUTCOMES * CM_TEMPI && (class < 0 || (int)c == class); i++) {
            all += cell[i];
            failed += i / CM_TEMPI == CM_ERROR_ANSWER ? cell[i] : 0;
            slow += i % CM_TEMPI == CM_SLOW ? cell[i] : 0;
        }
    }
    add(r, (double)all);
    add(r, (double)failed);
    add(r, (double)slow);
}

/* What was answered in (from, until]. */
static inline void read_between(const struct cm_ledger *l, cm_time from, cm_time until,
                                uint64_t *cells)
{
    uint64_t before[CM_CELLS_MAX];
    cm_ledger_read(l, from, before);
    cm_ledger_read(l, until, cells);
    for (size_t c = 0; c < l->n_cells; c++)
        cells[c] -= before[c];
}

static inline void add_harm(struct readings *r, const struct cm_harm *harm)
{
    add(r, (double)harm->requests);
    add(r, (double)harm->failures);
    add(r, (double)harm->slow);
}

/* The scenario's one metric says which window and class are read. */
static inline void look(struct readings *r, struct cm_flow *flow, cm_time now)
{
    const struct cm_metric *metric = &flow->plan->scenario->metrics[0].metric;
    cm_time from = now - metric->window;
    uint64_t cells[CM_CELLS_MAX], histogram[CM_EDGES_MAX + 1];
    read_between(&flow->ledger, from, now, cells);
    for (size_t v = 0; v <= CM_CANARY; v++) {
        int class = metric->class.index;
        add_requests(r, cells, flow->ledger.n_classes, v, class);
        cm_ledger_histogram(&flow->ledger, from, v, class, histogram);
        add(r, cm_histogram_quantile(metric->quantile, &flow->plan->scenario->telemetry.buckets,
                                     histogram));
    }
}

static inline void play(const struct script *script, struct cm_flow *flow, uint64_t replication,
                        struct readings *r)
{
    struct cm_harm harm = {0};
    uint64_t begin[CM_CELLS_MAX], end[CM_CELLS_MAX];
    r->n = 0;
    cm_flow_begin(flow, replication, &harm);
    cm_ledger_read(&flow->ledger, 0, begin);
    for (int i = 0; i < LOOKS; i++) {
        cm_time now = cm_from_seconds(script->look_s[i]);
        cm_world_route(&flow->world, script->share[i]);
        cm_flow_advance(flow, now);
        look(r, flow, now);
        if (i % 2 == 1)
            add_harm(r, &harm);
    }
    cm_world_route(&flow->world, 0);
    cm_flow_drain(flow);
    cm_ledger_read(&flow->ledger, cm_ledger_now(&flow->ledger), end);
    for (size_t c = 0; c < flow->ledger.n_cells; c++)
        end[c] -= begin[c];
    for (size_t v = 0; v <= CM_CANARY; v++)
        add_requests(r, end, flow->ledger.n_classes, v, -1);
    add_harm(r, &harm);
    cr_assert_eq(r->n, READINGS);
}

/* All replications of a script; the caller frees them. */
static inline struct readings *play_all(const struct script *script, enum cm_flow_kind kind,
                                        size_t n)
{
    struct readings *all = cm_alloc(n * sizeof *all);
    struct cm_scenario scenario = {0};
    load(&scenario, script->text, kind);
    const struct cm_plan plan = {.scenario = &scenario, .release = script->release, .strength = 1};
    struct cm_flow *flow = cm_alloc(sizeof *flow);
    cm_flow_init(flow, &plan);
    for (size_t i = 0; i < n; i++)
        play(script, flow, i, &all[i]);
    cr_assert(cm_ledger_verify(&flow->ledger));
    cm_flow_release(flow);
    cm_free(flow);
    cm_scenario_release(&scenario);
    return all;
}

/* --- comparison --- */

/* The mean of n values in its standard errors. */
static inline double deviation(const double *value, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += value[i];
    for (size_t i = 0; i < n; i++)
        squares += (value[i] - sum / (double)n) * (value[i] - sum / (double)n);
    if (squares == 0)
        return sum == 0 ? 0 : INFINITY;
    return sum / sqrt(squares * (double)n / (double)(n - 1));
}

struct disagreement {
    double means, variances; /* standard errors, the greatest of all readings */
    size_t means_at, variances_at;
};

/* One reading: means, then variances. */
static inline void compare(const struct readings *x, const struct readings *y, size_t n, size_t at,
                           struct disagreement *worst)
{
    double *difference = cm_alloc(n * sizeof *difference), mean_x = 0, mean_y = 0;
    for (size_t i = 0; i < n; i++) {
        mean_x += x[i].value[at] / (double)n;
        mean_y += y[i].value[at] / (double)n;
        difference[i] = x[i].value[at] - y[i].value[at];
    }
    double z = fabs(deviation(difference, n));
    if (z >= worst->means) {
        worst->means = z;
        worst->means_at = at;
    }
    for (size_t i = 0; i < n; i++)
        difference[i] = (x[i].value[at] - mean_x) * (x[i].value[at] - mean_x) -
                        (y[i].value[at] - mean_y) * (y[i].value[at] - mean_y);
    z = fabs(deviation(difference, n));
    if (z >= worst->variances) {
        worst->variances = z;
        worst->variances_at = at;
    }
    cm_free(difference);
}

static inline struct disagreement compare_all(const struct readings *x, const struct readings *y,
                                              size_t n)
{
    struct disagreement worst = {0};
    for (size_t at = 0; at < READINGS; at++)
        compare(x, y, n, at, &worst);
    return worst;
}

/* --- what most scripts share --- */

#define WATCH                                                                                      \
    "[telemetry]\nhistory = 100s\nbuckets = 50ms, 100ms, 150ms, 250ms, 400ms, 700ms, 1s, 3s\n"     \
    "[policy.p]\nsteps = 50%/1m, 100%\n"                                                           \
    "[metric.median]\nsignal = latency_quantile\nquantile = 50%\nwindow = 43s\n"

/* No window begins where a block does. */
#define LOOK_S                                                                                     \
    {                                                                                              \
        20, 47.25, 70, 100, 137, 180                                                               \
    }
#define SHARES                                                                                     \
    {                                                                                              \
        0.1, 0.1, 0.5, 0.25, 0.5, 1                                                                \
    }

static inline void expect_agreement_of(const struct script *by_counts,
                                       const struct script *by_requests, size_t n)
{
    struct readings *counts = play_all(by_counts, CM_FLOW_COUNTS, n);
    struct readings *requests = play_all(by_requests, CM_FLOW_REQUESTS, n);
    struct disagreement worst = compare_all(counts, requests, n);
    cr_log_info("means %.2f (reading %zu), variances %.2f (%zu)", worst.means, worst.means_at,
                worst.variances, worst.variances_at);
    cr_expect(worst.means <= LIMIT, "means are %g standard errors apart (reading %zu of %zu)",
              worst.means, worst.means_at, (size_t)READINGS);
    cr_expect(worst.variances <= LIMIT, "variances are %g standard errors apart (reading %zu)",
              worst.variances, worst.variances_at);
    cm_free(counts);
    cm_free(requests);
}

static inline void expect_agreement(const struct script *script, size_t n)
{
    expect_agreement_of(script, script, n);
}

#endif
