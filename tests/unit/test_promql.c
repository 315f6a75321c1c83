/* What queries are taken for: the shapes of promql.h, and the questions that the others end in. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "interop/promql.h"

/* Queries as the documentation of Flagger, Argo Rollouts and Prometheus writes them. */
static const struct {
    const char *query;
    enum cm_promql_shape shape;
    double scale, window_s;
    enum cm_promql_guard guard;
} known[] = {
    {"sum(irate(requests_total{code!~\"5.*\"}[5m])) / sum(irate(requests_total[5m]))",
     CM_PROMQL_SUCCESS_RATIO, 1, 300, CM_PROMQL_NO_GUARD},
    {"sum(rate(requests_total{response_code!~\"5.*\", app=\"a\"}[1m]))\n/\n"
     "sum(rate(requests_total{app=\"a\"}[1m])) * 100",
     CM_PROMQL_SUCCESS_RATIO, 100, 60, CM_PROMQL_NO_GUARD},
    {"sum(rate(response_total{classification=\"success\"}[1m])) / "
     "sum(rate(response_total[1m]))",
     CM_PROMQL_SUCCESS_RATIO, 1, 60, CM_PROMQL_NO_GUARD},
    {"100 - sum(rate(r{status!~\"5..\"}[1m])) / sum(rate(r[1m])) * 100", CM_PROMQL_ERROR_RATIO, 100,
     60, CM_PROMQL_NO_GUARD},
    {"1 - (sum(rate(http_errors_total[2m])) / sum(rate(http_requests_total[2m])))",
     CM_PROMQL_SUCCESS_RATIO, 1, 120, CM_PROMQL_NO_GUARD},
    {"sum(rate(r{code=~\"5.*\"}[1m])) by (job) / sum by (job) (rate(r[1m]))", CM_PROMQL_ERROR_RATIO,
     1, 60, CM_PROMQL_NO_GUARD},
    {"sum(rate(r{code=~\"[45]..\"}[1m])) / on(job) group_left sum(rate(r[1m]))",
     CM_PROMQL_ERROR_RATIO, 1, 60, CM_PROMQL_NO_GUARD},
    {"sum(increase(failures_total[1h30m])) / (sum(increase(failures_total[1h30m])) + "
     "sum(increase(successes_total[1h30m])))",
     CM_PROMQL_ERROR_RATIO, 1, 5400, CM_PROMQL_NO_GUARD},
    {"histogram_quantile(0.99, sum(rate(request_duration_seconds_bucket[30s])) by (le))",
     CM_PROMQL_QUANTILE, 1, 30, CM_PROMQL_NO_GUARD},
    {"histogram_quantile(0.95, sum by (le) (rate(istio_request_duration_milliseconds_bucket[1m])))",
     CM_PROMQL_QUANTILE, 1000, 60, CM_PROMQL_NO_GUARD},
    {"histogram_quantile(0.5, sum(irate(d_seconds_bucket[1m])) by (le)) * 1000", CM_PROMQL_QUANTILE,
     1000, 60, CM_PROMQL_NO_GUARD},
    {"sum(rate(d_seconds_sum[1m])) / sum(rate(d_seconds_count[1m])) * 1000", CM_PROMQL_MEAN, 1000,
     60, CM_PROMQL_NO_GUARD},
    {"sum(rate(requests_total[1m]))", CM_PROMQL_RATE, 1, 60, CM_PROMQL_NO_GUARD},
    {"sum(increase(errors_total[5m]))", CM_PROMQL_RATE, 1, 300, CM_PROMQL_NO_GUARD},
    {"avg(memory_working_set_bytes{pod=~\"a-.*\"}) / 1e6", CM_PROMQL_GAUGE, 1e-6, NAN,
     CM_PROMQL_NO_GUARD},
    {"max_over_time(cpu_usage[10m])", CM_PROMQL_GAUGE, 1, 600, CM_PROMQL_NO_GUARD},
    {"(sum(rate(r{code=~\"5.*\",v=\"canary\"}[1m])) / sum(rate(r{v=\"canary\"}[1m]))) / "
     "(sum(rate(r{code=~\"5.*\",v=\"stable\"}[1m])) / sum(rate(r{v=\"stable\"}[1m])))",
     CM_PROMQL_COMPARISON, 1, 60, CM_PROMQL_NO_GUARD},
    {"sum(rate(r{code=~\"5.*\"}[1m])) / sum(rate(r[1m])) or vector(0)", CM_PROMQL_ERROR_RATIO, 1,
     60, CM_PROMQL_OR},
    {"(sum(rate(r{code=~\"5.*\"}[1m])) or vector(0)) / sum(rate(r[1m]))", CM_PROMQL_ERROR_RATIO, 1,
     60, CM_PROMQL_OR},
    {"sum(rate(r{code=~\"5.*\"}[1m])) / clamp_min(sum(rate(r[1m])), 1)", CM_PROMQL_ERROR_RATIO, 1,
     60, CM_PROMQL_CLAMP},
    {"sum(rate(r{code=~\"5.*\"}[1m])) / (sum(rate(r[1m])) > 0)", CM_PROMQL_ERROR_RATIO, 1, 60,
     CM_PROMQL_FILTER},
    {"(sum(rate(r{code=~\"5.*\"}[1m])) / sum(rate(r[1m]))) > bool 0.05", CM_PROMQL_ERROR_RATIO, 1,
     60, CM_PROMQL_BOOL},
};

Test(promql, the_shapes_are_told_apart)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct cm_promql query;
        struct cm_err err = {0};
        int status = cm_promql_classify(known[i].query, &query, &err);
        cr_expect_eq(status, 0, "%s: %s", known[i].query, err.text);
        cr_expect_str_eq(cm_promql_names[query.shape], cm_promql_names[known[i].shape], "%s",
                         known[i].query);
        cr_expect(fabs(query.scale - known[i].scale) <= 1e-9 * known[i].scale, "%s: scale %g",
                  known[i].query, query.scale);
        cr_expect(isnan(known[i].window_s) ? isnan(query.window_s)
                                           : query.window_s == known[i].window_s,
                  "%s: window %g", known[i].query, query.window_s);
        cr_expect_str_eq(cm_promql_guards[query.guard], cm_promql_guards[known[i].guard], "%s",
                         known[i].query);
    }
}

Test(promql, function_quantile_version_and_unit_are_kept)
{
    struct cm_promql query;
    struct cm_err err = {0};
    cr_assert_eq(cm_promql_classify("histogram_quantile(0.9, rate(lat_bucket{v=\"canary\"}[1m]))",
                                    &query, &err),
                 0);
    cr_expect_eq(query.quantile, 0.9);
    cr_expect_str_eq(query.function, "rate");
    cr_expect_str_eq(query.series, "lat_bucket");
    cr_expect_eq(query.version, CM_PROMQL_CANARY);
    cr_expect(!query.unit_known);
    cr_assert_eq(cm_promql_classify("sum(irate(http_errors[1m]))", &query, &err), 0);
    cr_expect(query.of_errors);
    cr_expect_str_eq(query.function, "irate");
    cr_assert_eq(cm_promql_classify("histogram_quantile(0.99, rate(a_seconds_bucket{d=\"x\"}[1m])) "
                                    "- histogram_quantile(0.99, "
                                    "rate(a_seconds_bucket{d=\"x-primary\"}[1m]))",
                                    &query, &err),
                 0);
    cr_expect_eq(query.shape, CM_PROMQL_COMPARISON);
    cr_expect_eq(query.of, CM_PROMQL_QUANTILE);
    cr_expect(!query.quotient);
}

static const struct {
    const char *query, *says;
    enum cm_promql_shape nearest;
} asked[] = {
    {"sum(rate(a[1m])) / sum(rate(b[1m]))", "do not tell successes from errors",
     CM_PROMQL_SUCCESS_RATIO},
    {"sum(rate(r{code=~\"5..\"}[1m])) / sum(rate(r{code=~\"2..\"}[1m]))",
     "only a part of the requests", CM_PROMQL_ERROR_RATIO},
    {"histogram_quantile(0.9, sum(a_seconds_bucket) by (le))", "without rate()",
     CM_PROMQL_QUANTILE},
    {"sum(rate(a[1m] offset 1w))", "another time", CM_PROMQL_RATE},
    {"max_over_time(a[10m:1m])", "subqueries", CM_PROMQL_GAUGE},
    {"predict_linear(a[10m], 60)", "a function that is not read", CM_PROMQL_GAUGE},
    {"time()", "a function without arguments", CM_PROMQL_UNKNOWN},
    {"5 * 3", "a constant", CM_PROMQL_UNKNOWN},
    {"a[5m]", "a range, and no value", CM_PROMQL_GAUGE},
    {"sum(rate(a[$interval]))", "a variable whose value no file gives", CM_PROMQL_UNKNOWN},
    {"", "ends too early", CM_PROMQL_UNKNOWN},
    {"sum(", "ends too early", CM_PROMQL_UNKNOWN},
    {"sum(a", "a '(' without its ')'", CM_PROMQL_UNKNOWN},
    {"a)", "a ')' without its '('", CM_PROMQL_UNKNOWN},
    {"a b", "an operator was expected", CM_PROMQL_UNKNOWN},
    {"a{b=1}", "a quoted value was expected", CM_PROMQL_UNKNOWN},
    {"a{b=\"1}", "without its closing quote", CM_PROMQL_UNKNOWN},
    {"a[b]", "a duration was expected", CM_PROMQL_UNKNOWN},
    {"a ? b", "is no PromQL", CM_PROMQL_UNKNOWN},
    {"sum by (a", "a list of labels without its end", CM_PROMQL_UNKNOWN},
    {"(a, b)", "a ',' outside of a call", CM_PROMQL_UNKNOWN},
};

Test(promql, what_is_not_understood_is_said_with_the_nearest_shape)
{
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct cm_promql query;
        struct cm_err err = {0};
        cr_expect_eq(cm_promql_classify(asked[i].query, &query, &err), -1, "%s", asked[i].query);
        cr_expect(strstr(err.text, asked[i].says), "%s: %s", asked[i].query, err.text);
        cr_expect_str_eq(cm_promql_names[query.shape], cm_promql_names[asked[i].nearest], "%s",
                         asked[i].query);
    }
}

/* Nothing that can be repeated takes long or much. */
Test(promql, hostile_queries_end_soon)
{
    static const char *const units[] = {
        "(",  "sum(",         "-",     "a+", "a{",           "a[1m]", "1 ", "\"",
        "a,", "sum by (a) (", "a or ", "a^", "a offset 1m ", ")",     "#\n"};
    static char text[1 << 20];
    clock_t began = clock();
    for (size_t limit = 16 * 1024 - 1; limit < sizeof text; limit += sizeof text / 2) {
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            size_t n = 0, length = strlen(units[i]);
            for (; n + length < limit; n += length)
                memcpy(text + n, units[i], length);
            text[n] = '\0';
            struct cm_promql query;
            struct cm_err err = {0};
            cr_expect_eq(cm_promql_classify(text, &query, &err), -1, "%s", units[i]);
        }
    }
    cr_expect_lt((double)(clock() - began) / CLOCKS_PER_SEC, 1.0);
}
