/* The two flows against each other: counts drawn as sums, and every request drawn.
 *
 * They share the world's path and the ledger's totals, nothing in between, so that a mistake in
 * displacement, thinning, attribution, buckets or windows would have to be made twice, alike.
 *
 * (a) Routes that follow a script, never a verdict: mean and variance of every reading at every
 *     look. Replication i has the same path in both flows, so that readings are compared in pairs,
 *     which takes the path's own variance out: with means mx, my, of x - y, and of
 *     (x - mx)^2 - (y - my)^2.
 * (b) Policies that decide: how rollouts end, when, and with what harm.
 *
 * Seeds are fixed. A comparison fails beyond LIMIT standard errors, which has a chance of 4e-7;
 * there are at most COMPARISONS of them in this file, so that all together fail with less than
 * 1e-3 if the flows agree. That they do not pass anything is tested, too: two per cent of any
 * parameter of either flow is seen. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "sim/base/mem.h"
#include "sim/engine/flow.h"
#include "sim/scenario/flow_kind.h"
#include "tests/unit/support.h"

/* 17 x 132 comparisons: the normal quantile of 1e-3 / 2244 / 2. */
enum { CASES = 17, READINGS = 66, COMPARISONS = CASES * 2 * READINGS };
static const double LIMIT = 5.06;

enum { LOOKS = 6 };

struct script {
    const char *text;
    int release;
    double look_s[LOOKS];
    double share[LOOKS]; /* of the canary, up to that look */
};

/* --- scenarios --- */

/* 40 requests in each step of half a minute, but for every fourth, which has 160. */
static const char *recording(void)
{
    static char text[6000];
    int at = snprintf(text, sizeof text, "time,requests\n");
    for (int step = 0; step < 400; step++)
        at += snprintf(text + at, sizeof text - (size_t)at, "%d,%d\n", 30 * step,
                       step % 4 ? 40 : 160);
    return text;
}

static void load(struct cm_scenario *scenario, const char *text, enum cm_flow_kind kind)
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

/* --- readings --- */

/* What a script saw of one replication, in an order that is the same for all of them. */
struct readings {
    size_t n;
    double value[READINGS];
};

static void add(struct readings *r, double value)
{
    cr_assert_lt(r->n, (size_t)READINGS);
    r->value[r->n++] = isnan(value) ? -1 : value;
}

/* Requests of a version and class (-1 = all) between two readings of the counters: all, failed,
 * slow. */
static void add_requests(struct readings *r, const uint64_t *between, size_t classes,
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
static void read_between(const struct cm_ledger *l, cm_time from, cm_time until, uint64_t *cells)
{
    uint64_t before[CM_CELLS_MAX];
    cm_ledger_read(l, from, before);
    cm_ledger_read(l, until, cells);
    for (size_t c = 0; c < l->n_cells; c++)
        cells[c] -= before[c];
}

static void add_harm(struct readings *r, const struct cm_harm *harm)
{
    add(r, (double)harm->requests);
    add(r, (double)harm->failures);
    add(r, (double)harm->slow);
}

/* The scenario's one metric says which window and class are read. */
static void look(struct readings *r, struct cm_flow *flow, cm_time now)
{
    const struct cm_metric *metric = &flow->plan->scenario->metrics[0].metric;
    cm_time from = now - metric->window;
    uint64_t cells[CM_CELLS_MAX], histogram[CM_EDGES_MAX + 1];
    read_between(&flow->ledger, from, now, cells);
    for (size_t v = 0; v < CM_VERSIONS; v++) {
        int class = metric->class.index;
        add_requests(r, cells, flow->ledger.n_classes, v, class);
        cm_ledger_histogram(&flow->ledger, from, v, class, histogram);
        add(r, cm_histogram_quantile(metric->quantile, &flow->plan->scenario->telemetry.buckets,
                                     histogram));
    }
}

static void play(const struct script *script, struct cm_flow *flow, uint64_t replication,
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
    for (size_t v = 0; v < CM_VERSIONS; v++)
        add_requests(r, end, flow->ledger.n_classes, v, -1);
    add_harm(r, &harm);
    cr_assert_eq(r->n, READINGS);
}

/* All replications of a script; the caller frees them. */
static struct readings *play_all(const struct script *script, enum cm_flow_kind kind, size_t n)
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
static double deviation(const double *value, size_t n)
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
static void compare(const struct readings *x, const struct readings *y, size_t n, size_t at,
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

static struct disagreement compare_all(const struct readings *x, const struct readings *y, size_t n)
{
    struct disagreement worst = {0};
    for (size_t at = 0; at < READINGS; at++)
        compare(x, y, n, at, &worst);
    return worst;
}

static void expect_agreement(const struct script *script, size_t n)
{
    struct readings *counts = play_all(script, CM_FLOW_COUNTS, n);
    struct readings *requests = play_all(script, CM_FLOW_REQUESTS, n);
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

/* --- (a) --- */

Test(flows, agree_on_plain_traffic)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 20 rps\n"
                                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                                      "[defect.bad]\nerror_rate = +3pp\nlatency = x1.5\n"
                                      "onset = 62s\n" WATCH,
                                      0, LOOK_S, SHARES},
                     1500);
}

Test(flows, agree_at_a_low_rate)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 0.4 rps\n"
                                      "[service]\nerror_rate = 20%\nlatency_slo = 200ms\n"
                                      "[defect.bad]\nerror_rate = x2\nlatency = +90ms\n" WATCH,
                                      0, LOOK_S, SHARES},
                     6000);
}

Test(flows, agree_in_bursts)
{
    expect_agreement(&(struct script){"[traffic]\narrivals = bursts\nrate = 10 rps\n"
                                      "burst_factor = 6\nburst_every = 2m\nburst_lasts = 15s\n"
                                      "[service]\nerror_rate = 5%\nlatency_slo = 300ms\n"
                                      "[defect.bad]\nerror_rate = +5pp\n" WATCH,
                                      0, LOOK_S, SHARES},
                     2500);
}

Test(flows, agree_while_traffic_and_errors_drift_and_incidents_come)
{
    expect_agreement(
        &(struct script){"[traffic]\narrivals = gamma_poisson\nrate = 10 rps\ndispersion = 5\n"
                         "window = 1m\ncorrelation = 40s\n"
                         "[environment]\ndrift = 0.6\ncorrelation = 30s\nincident_every = 5m\n"
                         "incident_lasts = exponential(mean=40s)\n"
                         "incident_error_rate = +10pp\nincident_latency = x2\n"
                         "[service]\nerror_rate = 4%\nlatency_slo = 300ms\n"
                         "[defect.bad]\nerror_rate = x2\nlatency = x1.3\n" WATCH,
                         0, LOOK_S, SHARES},
        2500);
}

Test(flows, agree_on_recorded_traffic)
{
    expect_agreement(
        &(struct script){"[scenario]\nhorizon = 10m\n"
                         "[traffic]\narrivals = replay\nfile = counts.csv\nstep = 30s\n"
                         "[service]\nerror_rate = 10%\nlatency_slo = 3s\n"
                         "latency = exponential(mean=4s)\n"
                         "[defect.bad]\nerror_rate = +10pp\nlatency = x2\n" WATCH,
                         0, LOOK_S, SHARES},
        4000);
}

Test(flows, agree_on_a_defect_of_one_class)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 30 rps\n"
                                      "[service]\nerror_rate = 2%\nlatency_slo = 300ms\n"
                                      "[class.checkout]\nshare = 20%\nerror_rate = 6%\n"
                                      "latency = gamma(mean=200ms, shape=2)\n"
                                      "[class.search]\nshare = 30%\n"
                                      "[defect.bad]\nerror_rate = +6pp\nlatency = x1.4\n"
                                      "scope = checkout\nspill = 30%\n" WATCH "class = checkout\n",
                                      0, LOOK_S, SHARES},
                     1500);
}

Test(flows, agree_on_a_tail_of_slow_answers)
{
    expect_agreement(
        &(struct script){
            "[traffic]\nrate = 20 rps\n"
            "[service]\nerror_rate = 5%\nlatency_slo = 500ms\n"
            "latency = 90% lognormal(median=120ms, sigma=0.5) + 10% uniform(low=1s, high=9s)\n"
            "[defect.bad]\nslow_share = 20%\nslow_latency = x4\nlatency = +30ms\n" WATCH,
            0, LOOK_S, SHARES},
        1500);
}

Test(flows, agree_on_a_leak_with_restarts)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 20 rps\n"
                                      "[service]\nerror_rate = 3%\nlatency_slo = 300ms\n"
                                      "[defect.bad]\nprofile = leak\nonset = 30s\n"
                                      "doubles_every = 10s\nfull_after = 50s\n"
                                      "restart_every = 70s\nerror_rate = +10pp\nlatency = x3\n"
                                      "spill = 20%\n" WATCH,
                                      0, LOOK_S, SHARES},
                     1500);
}

Test(flows, agree_on_answers_that_outlast_a_change_of_weight)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 15 rps\n"
                                      "[service]\nerror_rate = 10%\nlatency_slo = 20s\n"
                                      "latency = exponential(mean=15s)\n"
                                      "[defect.bad]\nlatency = x2\nerror_rate = +10pp\n"
                                      "onset = 45s\n" WATCH,
                                      0,
                                      LOOK_S,
                                      {0.5, 0, 1, 0.2, 0.8, 0}},
                     2000);
}

Test(flows, agree_on_a_tail_that_reaches_back_before_the_history)
{
    expect_agreement(&(struct script){"[traffic]\nrate = 5 rps\n"
                                      "[service]\nerror_rate = 10%\nlatency_slo = 20s\n"
                                      "latency = pareto(scale=2s, alpha=1.4)\n" WATCH,
                                      -1, LOOK_S, SHARES},
                     4000);
}

Test(flows, agree_while_the_canary_is_cold_and_beyond_a_load)
{
    expect_agreement(
        &(struct script){"[traffic]\narrivals = diurnal\nrate = 20 rps\nday_swing = 90%\n"
                         "[service]\nerror_rate = 5%\nlatency_slo = 300ms\nwarm_up = 30s\n"
                         "warm_up_error_rate = x2\nwarm_up_latency = x2\n"
                         "[defect.bad]\nprofile = load\nabove = 9 rps\nerror_rate = +8pp\n"
                         "latency = x2\n" WATCH,
                         0, LOOK_S, SHARES},
        2000);
}
