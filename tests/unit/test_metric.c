/* Metrics: quantiles from buckets by the rules of the Prometheus documentation ("Query functions",
 * histogram_quantile), and how metrics and buckets are written. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/stats/bucket_quantile.h"
#include "sim/telemetry/metric.h"
#include "tests/unit/stat_oracle.h"

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

Test(metric, quantiles_follow_each_rule_of_the_prometheus_documentation)
{
    static const struct {
        double q;
        struct cm_edges edges;
        uint64_t counts[5];
        double want;
        const char *rule;
    } cases[] = {
        {0.5, {3, {1, 2, 4}}, {0, 10, 0, 0}, 1.5, "linear distribution within a bucket"},
        {0.75, {3, {1, 2, 4}}, {2, 0, 2, 0}, 3, "linear, from the bound below the bucket"},
        {0.5, {3, {1, 2, 4}}, {10, 0, 0, 0}, 0.5, "the lowest bucket begins at 0"},
        {0.5, {3, {0, 2, 4}}, {10, 0, 0, 0}, 0, "a lowest bound <= 0 is returned itself"},
        {0.5, {3, {-1, 2, 4}}, {10, 0, 0, 0}, -1, "a lowest bound <= 0 is returned itself"},
        {0.99, {3, {1, 2, 4}}, {0, 0, 0, 7}, 4, "in the highest bucket: the second highest bound"},
        {0.95,
         {3, {1, 2, 4}},
         {50, 44, 0, 6},
         4,
         "in the highest bucket: the second highest bound"},
        {0.94, {3, {1, 2, 4}}, {50, 44, 0, 6}, 2, "a rank reached exactly ends its own bucket"},
        {0.5, {3, {1, 2, 4}}, {0, 0, 0, 0}, NAN, "0 observations: NaN"},
        {0.5, {0, {0}}, {7}, NAN, "fewer than two buckets: NaN"},
        {-0.1, {2, {1, 2}}, {1, 1, 1}, -INFINITY, "phi < 0: -Inf"},
        {1.1, {2, {1, 2}}, {1, 1, 1}, INFINITY, "phi > 1: +Inf"},
        {NAN, {2, {1, 2}}, {1, 1, 1}, NAN, "phi = NaN: NaN"},
        {1, {3, {1, 2, 4}}, {1, 1, 2, 0}, 4, "phi = 1: the end of the last bucket in use"},
        {0, {3, {1, 2, 4}}, {3, 1, 2, 0}, 0, "phi = 0: the start of the lowest bucket"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double got = cm_histogram_quantile(cases[i].q, &cases[i].edges, cases[i].counts);
        cr_expect(same(got, cases[i].want), "%s: %g, not %g", cases[i].rule, got, cases[i].want);
    }
}

static double answer(const char *output, const json_t *in, size_t i)
{
    double bounds[CM_EDGES_MAX + 1], cumulative[CM_EDGES_MAX + 1];
    struct cm_edges edges = {.n = oracle_list(in, "upper_bounds", bounds, CM_EDGES_MAX + 1) - 1};
    uint64_t counts[CM_EDGES_MAX + 1];
    (void)output, (void)i;
    oracle_list(in, "cumulative_counts", cumulative, CM_EDGES_MAX + 1);
    memcpy(edges.bound, bounds, edges.n * sizeof *bounds);
    for (size_t b = 0; b <= edges.n; b++)
        counts[b] = (uint64_t)(cumulative[b] - (b ? cumulative[b - 1] : 0));
    return cm_histogram_quantile(oracle_number(in, "q"), &edges, counts);
}

Test(metric, oracles_of_bucket_quantiles_hold)
{
    cr_expect(oracle_check("histogram_quantile", answer) == 2);
}

/* A property of any correct interpolation. */
Test(metric, a_bucket_quantile_never_falls_as_q_grows)
{
    const struct cm_edges edges = {5, {0.1, 0.2, 0.5, 1, 2}};
    const uint64_t counts[] = {3, 0, 17, 1, 0, 4};
    double last = 0;
    for (double q = 0; q <= 1; q += 1.0 / 1024) {
        double value = cm_histogram_quantile(q, &edges, counts);
        cr_assert(value >= last, "q %g: %g after %g", q, value, last);
        last = value;
    }
}

/* One value of [telemetry] or [metric]. */
static int set(const struct cm_section *section, void *at, const char *key, const char *text,
               struct cm_arena *arena, struct cm_err *err)
{
    return cm_param_set(cm_param_find(section->params, key), at, text, arena, err);
}

Test(metric, default_buckets_are_those_of_prometheus_and_print_as_they_read)
{
    static const double want[] = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
    struct cm_arena arena = {0};
    struct cm_telemetry telemetry, again;
    cm_params_default(cm_telemetry_section.params, &telemetry, &arena);
    cr_expect(telemetry.history == CM_NO_DURATION);
    cr_assert(telemetry.buckets.n == sizeof want / sizeof want[0]);
    for (size_t i = 0; i < telemetry.buckets.n; i++)
        cr_expect(telemetry.buckets.bound[i] == want[i], "bound %zu", i);

    struct cm_buffer text = {0};
    struct cm_err err;
    const struct cm_param *row = cm_param_find(cm_telemetry_section.params, "buckets");
    row->type->print(row, &telemetry.buckets, cm_buffer_writer(&text));
    cr_assert(set(&cm_telemetry_section, &again, "buckets", text.text, &arena, &err) == 0);
    cr_expect(memcmp(&again.buckets, &telemetry.buckets, sizeof again.buckets) == 0);
    cm_buffer_release(&text);
    cm_arena_release(&arena);
}

Test(metric, a_mistake_in_the_buckets_is_pointed_at)
{
    static const struct {
        const char *text, *says;
        size_t at;
    } cases[] = {
        {"5ms, 5ms", "5ms is not above the bound before it", 5},
        {"5ms, 10", "a unit is needed (10s, 10m, 10ms)", 5},
        {"5ms,, 10ms", "a bound is missing (5ms, 10ms, 25ms)", 4},
        {"0s, 10ms", "0s is outside (0s, 1d]", 0},
        {"5ms, 2d", "2d is outside (0s, 1d]", 5},
        {"5ms, 10%", "'10%' is a ratio; a duration is expected (5m, 250ms, 1h30m)", 5},
    };
    struct cm_arena arena = {0};
    struct cm_telemetry telemetry;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cm_err err = {0};
        cr_expect(set(&cm_telemetry_section, &telemetry, "buckets", cases[i].text, &arena, &err));
        cr_expect(strcmp(err.text, cases[i].says) == 0 && err.at == cases[i].at, "%s: %s at %zu",
                  cases[i].text, err.text, err.at);
    }
    cm_arena_release(&arena);
}

Test(metric, a_histogram_of_more_bounds_than_fit_is_refused)
{
    struct cm_arena arena = {0};
    struct cm_telemetry telemetry;
    struct cm_err err = {0};
    struct cm_buffer text = {0};
    for (int i = 1; i <= CM_EDGES_MAX + 1; i++)
        cm_print(cm_buffer_writer(&text), "%s%dms", i > 1 ? "," : "", i);
    cr_expect(set(&cm_telemetry_section, &telemetry, "buckets", text.text, &arena, &err));
    cr_expect(strcmp(err.text, "a histogram has at most 64 bounds") == 0, "%s", err.text);
    cm_buffer_release(&text);
    cm_arena_release(&arena);
}

Test(metric, a_metric_reads_with_its_defaults_and_knows_its_unit)
{
    static const struct {
        const char *signal;
        enum cm_unit unit;
    } cases[] = {
        {"error_ratio", CM_RATIO}, {"latency_quantile", CM_SECONDS}, {"rate", CM_PER_SECOND}};
    struct cm_arena arena = {0};
    struct cm_err err;
    for (size_t i = 0; i < 3; i++) {
        struct cm_metric metric = {0};
        cm_params_default(cm_metric_section.params, &metric, &arena);
        cr_assert(set(&cm_metric_section, &metric, "signal", cases[i].signal, &arena, &err) == 0);
        cr_expect(cm_metric_unit(&metric) == cases[i].unit, "%s", cases[i].signal);
        cr_assert(set(&cm_metric_section, &metric, "function", "increase", &arena, &err) == 0);
        bool counts = cases[i].unit == CM_PER_SECOND;
        cr_expect(cm_metric_unit(&metric) == (counts ? CM_PURE : cases[i].unit));
        cr_expect(metric.window == CM_MINUTE && metric.quantile == 0.99 &&
                  metric.class.index == -1);
    }
    cr_expect(cm_param_find(cm_metric_section.params, "signal")->dflt == NULL);
    cm_arena_release(&arena);
}
