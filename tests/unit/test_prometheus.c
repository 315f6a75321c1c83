/* Prometheus' rules on series made by hand, each case with its rule in words. Sources: the pages
 * "Querying basics" and "Query functions" of the Prometheus documentation (3.x), and its migration
 * guide for the ranges of 2.x. Expected values are worked out by hand; the sums stand beside them.
 */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/telemetry/prometheus.h"

enum { SAMPLES = 6 };

/* Seconds and values; a series ends before the first pair that does not ascend in time. */
struct pair {
    double t, v;
};

static size_t make(const struct pair *pairs, struct cm_prometheus_sample *samples)
{
    size_t n = 0;
    while (n < SAMPLES && (n == 0 || pairs[n].t > pairs[n - 1].t)) {
        samples[n] = (struct cm_prometheus_sample){cm_from_seconds(pairs[n].t), pairs[n].v};
        n++;
    }
    return n;
}

static bool close_to(double got, double want)
{
    return got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= 1e-12 * fabs(want);
}

/* A counter that has run for long and rises by 1 a second, scraped every 15 s. */
#define OLD                                                                                        \
    {                                                                                              \
        {0, 1e9}, {15, 1e9 + 15}, {30, 1e9 + 30}, {45, 1e9 + 45},                                  \
        {                                                                                          \
            60, 1e9 + 60                                                                           \
        }                                                                                          \
    }
#define RATE     CM_BY_RATE
#define INCREASE CM_BY_INCREASE
#define IRATE    CM_BY_IRATE

struct range_case {
    const char *rule;
    enum cm_function function;
    struct pair series[SAMPLES];
    double at, window;
    bool closed;
    double want; /* NAN = not in the result */
};

static void expect_ranges(const struct range_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct range_case *c = &cases[i];
        struct cm_prometheus_sample samples[SAMPLES];
        size_t n_samples = make(c->series, samples);
        const struct cm_range range = {cm_from_seconds(c->at), cm_from_seconds(c->window),
                                       c->closed};
        struct cm_element got = cm_prometheus_apply(c->function, samples, n_samples, &range);
        cr_expect(got.exists == !isnan(c->want) && close_to(got.value, c->want),
                  "%s: %.17g, not %.17g", c->rule, got.value, c->want);
    }
}
#define EXPECT_RANGES(cases) expect_ranges(cases, sizeof(cases) / sizeof((cases)[0]))

static const struct range_case at_edges[] = {
    /* 45 in 45 s, 15 more up to the left edge */
    {"a range is left-open: the sample on its left edge is not in it", INCREASE, OLD, 60, 60, false,
     60},
    {"in 2.x a range is closed: the sample on its left edge is in it", INCREASE, OLD, 60, 60, true,
     60},
    {"the sample on the right edge is in the range", INCREASE, OLD, 60, 30, false, 30},
    {"samples after the query are not seen", INCREASE, OLD, 45, 30, false, 30},
    {"a left-open window of one scrape interval holds one sample: no result", RATE, OLD, 60, 15,
     false, NAN},
    {"a closed window of one scrape interval holds two samples", INCREASE, OLD, 60, 15, true, 15},
    /* 47 - 20 = 27 reaches back to 30 and 45: 15 in 15 s, 10 to the left, 2 to the right */
    {"between scrapes a window of less than two intervals may hold two samples", INCREASE, OLD, 47,
     27, false, 27},
    {"between scrapes a window of less than two intervals may hold one: no result", INCREASE, OLD,
     58, 27, false, NAN},
    {"a range without samples has no result", RATE, {{0, 5}}, 600, 60, false, NAN},
    {"one sample is no rate", RATE, {{50, 5}}, 60, 60, false, NAN},
    {"one sample is no increase", INCREASE, {{50, 5}}, 60, 60, true, NAN},
    {"the past before time 0 is like any other",
     INCREASE,
     {{-45, 100}, {-30, 115}, {-15, 130}},
     -15,
     45,
     false,
     45},
    {"a failed scrape leaves no sample in a range",
     INCREASE,
     {{15, 1e6}, {30, NAN}, {45, 1e6 + 30}, {60, 1e6 + 45}},
     60,
     60,
     false,
     60}, /* spacing 22.5: 45 in 45 s, 15 to the left */
};

Test(prometheus, a_range_holds_what_its_edges_let_in)
{
    EXPECT_RANGES(at_edges);
}

static const struct range_case near_edges[] = {
    {"to both edges, if both gaps are below 1.1 spacings",
     INCREASE,
     {{10, 1000}, {25, 1015}, {40, 1030}, {55, 1045}},
     60,
     60,
     false,
     60}, /* 45 in 45 s, 10 and 5 */
    {"by half a spacing to the left, if the gap is longer",
     INCREASE,
     {{30, 1000}, {45, 1015}, {60, 1030}},
     60,
     60,
     false,
     37.5}, /* 30 in 30 s, 7.5 */
    {"by half a spacing to the right, if the gap is longer",
     INCREASE,
     {{15, 1000}, {30, 1015}},
     60,
     60,
     false,
     37.5}, /* 15 in 15 s, 15 and 7.5 */
    {"a gap of 1.1 spacings is not nearer than 1.1 spacings",
     INCREASE,
     {{11, 1000}, {21, 1010}, {31, 1020}, {41, 1030}},
     41,
     41,
     false,
     35}, /* 30 in 30 s, 5 */
    {"a gap just below 1.1 spacings is bridged whole",
     INCREASE,
     {{10.99, 1000}, {20.99, 1010}, {30.99, 1020}, {40.99, 1030}},
     40.99,
     40.99,
     false,
     40.99}, /* 30 in 30 s, 10.99 */
    {"the mean spacing counts: a scrape lost inside widens it",
     INCREASE,
     {{20, 1000}, {30, 1010}, {60, 1040}},
     60,
     56,
     false,
     56}, /* 40 in 40 s, spacing 20; 16 */
    {"two samples are enough, however far apart",
     INCREASE,
     {{5, 1000}, {55, 1050}},
     60,
     60,
     false,
     60}, /* 50 in 50 s, 5 and 5 */
    {"a last scrape that was lost is bridged",
     INCREASE,
     {{15, 1000}, {30, 1015}, {45, 1030}},
     60,
     60,
     false,
     60}, /* 30 in 30 s, 15 and 15 */
    {"uneven scrapes count by their mean spacing",
     INCREASE,
     {{14, 1000}, {31, 1017}, {44, 1030}, {59, 1045}},
     60,
     60,
     false,
     60}, /* 45 in 45 s, 14 and 1 */
    {"a flat counter has an increase of 0", INCREASE, {{15, 7}, {30, 7}}, 30, 30, false, 0},
    {"a counter that stays at 0 has an increase of 0",
     INCREASE,
     {{15, 0}, {30, 0}},
     30,
     30,
     false,
     0},
};

Test(prometheus, an_increase_is_extrapolated_to_edges_that_are_near)
{
    EXPECT_RANGES(near_edges);
}

static const struct range_case near_zero[] = {
    {"a young counter reaches back to its zero, not to the edge",
     INCREASE,
     {{15, 5}, {30, 20}, {45, 35}, {60, 50}},
     60,
     60,
     false,
     50}, /* 45 in 45 s; zero is 5 s before the first sample */
    {"a counter whose first sample is 0 is not extrapolated to the left",
     INCREASE,
     {{15, 0}, {30, 15}, {45, 30}, {60, 45}},
     60,
     60,
     false,
     45},
    {"zero beyond the edge does not matter",
     INCREASE,
     {{15, 20}, {30, 35}, {45, 50}, {60, 65}},
     60,
     60,
     false,
     60}, /* zero is 20 s back, the edge 15 s */
    {"zero nearer than half a spacing cuts that, too",
     INCREASE,
     {{30, 3}, {45, 18}, {60, 33}},
     60,
     60,
     false,
     33}, /* 30 in 30 s, 3 instead of 7.5 */
    {"zero farther than half a spacing does not lengthen it",
     INCREASE,
     {{30, 10}, {45, 25}, {60, 40}},
     60,
     60,
     false,
     37.5},
    {"to the right there is no such limit",
     INCREASE,
     {{15, 0}, {30, 15}},
     45,
     45,
     false,
     30}, /* 15 in 15 s, 15 to the right */
    {"a first error is an increase only from the second sample on",
     INCREASE,
     {{30, 1}, {45, 1}, {60, 1}},
     60,
     60,
     false,
     0},
    {"the zero follows from the increase with resets",
     INCREASE,
     {{15, 10}, {30, 25}, {45, 5}, {60, 20}},
     60,
     60,
     false,
     45}, /* 35 in 45 s; zero is 45 * 10 / 35 s back, which 35 / 45 a second make 10 */
};

Test(prometheus, extrapolation_stops_where_the_counter_would_have_been_zero)
{
    EXPECT_RANGES(near_zero);
}

static const struct range_case resets[] = {
    {"the value before the drop is added",
     INCREASE,
     {{0, 1000}, {15, 1010}, {30, 5}, {45, 15}},
     45,
     45,
     true,
     25}, /* 15 - 1000 + 1010 */
    {"every drop counts",
     INCREASE,
     {{0, 1000}, {15, 10}, {30, 2}, {45, 15}},
     45,
     45,
     true,
     25}, /* 15 - 1000 + 1000 + 10 */
    {"a reset to 0 is one", INCREASE, {{0, 1000}, {15, 1030}, {30, 0}, {45, 0}}, 45, 45, true, 30},
    {"an equal value is no reset", INCREASE, {{0, 9}, {15, 9}, {30, 12}}, 30, 30, true, 3},
    {"a restart that was overtaken between two scrapes is not seen",
     INCREASE,
     {{0, 1000}, {15, 1002}},
     15,
     15,
     true,
     2},
    {"a drop outside the range does not matter",
     INCREASE,
     {{0, 2000}, {15, 1000}, {30, 1015}, {45, 1030}},
     45,
     30,
     true,
     30},
    {"a drop across a lost scrape is found",
     INCREASE,
     {{0, 1000}, {15, NAN}, {30, 20}},
     30,
     30,
     true,
     20}, /* 20 - 1000 + 1000 */
};

Test(prometheus, a_counter_that_fell_was_reset)
{
    EXPECT_RANGES(resets);
}

static const struct range_case slopes[] = {
    {"rate: the increase divided by the window", RATE, OLD, 60, 60, false, 1},
    {"rate divides by the whole window, however young the counter",
     RATE,
     {{255, 1000}, {270, 1015}, {285, 1030}, {300, 1045}},
     300,
     300,
     false,
     0.175}, /* (45 + 7.5) / 300 */
    {"irate: the slope between the last two samples",
     IRATE,
     {{15, 0}, {30, 15}, {45, 30}, {60, 90}},
     60,
     60,
     false,
     4}, /* 60 / 15 */
    {"irate is the same in any window that holds two samples",
     IRATE,
     {{15, 0}, {30, 15}, {45, 30}, {60, 90}},
     60,
     300,
     false,
     4},
    {"irate is not extrapolated, and divides by the time between the samples",
     IRATE,
     {{15, 0}, {45, 30}},
     60,
     60,
     false,
     1},
    {"irate needs two samples", IRATE, {{60, 90}}, 60, 60, false, NAN},
    {"irate after a reset: the new value",
     IRATE,
     {{30, 100}, {45, 115}, {60, 30}},
     60,
     60,
     false,
     2}, /* 30 / 15 */
    {"irate of a flat counter is 0", IRATE, {{45, 7}, {60, 7}}, 60, 60, false, 0},
    {"irate skips a failed scrape",
     IRATE,
     {{30, 100}, {45, NAN}, {60, 160}},
     60,
     60,
     false,
     2}, /* 60 / 30 */
};

Test(prometheus, rate_is_the_increase_over_the_window_and_irate_the_last_slope)
{
    EXPECT_RANGES(slopes);
}

Test(prometheus, what_was_counted_is_not_extrapolated)
{
    static const struct cm_prometheus_sample samples[] = {
        {15 * CM_SECOND, 10}, {30 * CM_SECOND, 25}, {45 * CM_SECOND, 5}, {60 * CM_SECOND, 20}};
    static const struct cm_range range = {70 * CM_SECOND, 60 * CM_SECOND, false};
    cr_expect_eq(cm_prometheus_apply(CM_BY_RATE, samples, 4, &range).counted, 35);
    cr_expect_eq(cm_prometheus_apply(CM_BY_INCREASE, samples, 4, &range).counted, 35);
    cr_expect_eq(cm_prometheus_apply(CM_BY_IRATE, samples, 4, &range).counted, 15);
}

Test(prometheus, a_gauge_is_its_newest_sample_until_it_is_stale)
{
    static const struct range_case cases[] = {
        {"the newest sample before the query", RATE, {{0, 3}, {15, 4}, {30, 5}}, 20, 300, false, 4},
        {"the sample at the instant of the query", RATE, {{0, 3}, {15, 4}}, 15, 300, false, 4},
        {"looked for up to 5 minutes back", RATE, {{0, 3}, {1, 4}}, 300.5, 300, false, 4},
        {"a sample exactly 5 minutes old is stale", RATE, {{0, 3}}, 300, 300, false, NAN},
        {"in 2.x it is not", RATE, {{0, 3}}, 300, 300, true, 3},
        {"a failed scrape ends the series at once", RATE, {{0, 3}, {15, NAN}}, 16, 300, false, NAN},
        {"until it is scraped again", RATE, {{0, 3}, {15, NAN}, {30, 6}}, 31, 300, false, 6},
        {"before the first sample there is none", RATE, {{30, 3}}, 20, 300, false, NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cm_prometheus_sample samples[SAMPLES];
        size_t n = make(cases[i].series, samples);
        const struct cm_range range = {cm_from_seconds(cases[i].at),
                                       cm_from_seconds(cases[i].window), cases[i].closed};
        struct cm_element got = cm_prometheus_instant(samples, n, &range);
        cr_expect(got.exists == !isnan(cases[i].want) && close_to(got.value, cases[i].want),
                  "%s: %g", cases[i].rule, got.value);
    }
    const struct cm_range range = {0, CM_MINUTE, false};
    cr_expect_not(cm_prometheus_instant(NULL, 0, &range).exists, "no samples, no value");
}

static struct cm_element some(double value)
{
    return (struct cm_element){.exists = true, .value = value, .counted = 2 * value};
}

static const struct cm_element none = {.exists = false, .value = NAN};

Test(prometheus, a_sum_is_over_the_series_that_exist)
{
    struct cm_element sum = none;
    cm_prometheus_add(&sum, none);
    cr_expect_not(sum.exists, "the sum of nothing is nothing, not 0");
    cm_prometheus_add(&sum, some(2));
    cm_prometheus_add(&sum, none);
    cm_prometheus_add(&sum, some(3));
    cr_expect(sum.exists && sum.value == 5 && sum.counted == 10, "missing series drop out");
    cm_prometheus_add(&sum, some(NAN));
    cr_expect(sum.exists && isnan(sum.value), "NaN is a value and stays");
}

Test(prometheus, a_ratio_needs_both_sides_and_0_over_0_is_nan)
{
    cr_expect_eq(cm_prometheus_ratio(some(1), some(4)).value, 0.25);
    struct cm_element ratio = cm_prometheus_ratio(some(0), some(0));
    cr_expect(ratio.exists && isnan(ratio.value), "0 / 0 is NaN, which is a value");
    cr_expect(isinf(cm_prometheus_ratio(some(1), some(0)).value), "1 / 0 is +Inf");
    cr_expect_not(cm_prometheus_ratio(none, some(1)).exists, "nothing over something is nothing");
    cr_expect_not(cm_prometheus_ratio(some(1), none).exists, "something over nothing is nothing");
}

Test(prometheus, a_quantile_is_read_from_monotonic_bucket_rates)
{
    static const struct cm_edges edges = {3, {1, 2, 4}};
    static const struct {
        const char *rule;
        double q, cumulative[4], want;
    } cases[] = {
        {"linear between the bounds of its bucket", 0.5, {0.25, 0.75, 1, 1}, 1.5},
        {"from 0 in the first bucket", 0.5, {1, 1, 1, 1}, 0.5},
        {"the last bound for what is above it", 0.99, {0, 0, 0.5, 1}, 4},
        {"a rank that a bucket reaches exactly ends there", 0.75, {0.25, 0.75, 1, 1}, 2},
        {"a bucket below the one before it is raised to it", 0.5, {0.6, 0.4, 1, 1}, 5. / 6},
        {"the +Inf bucket is raised, too", 1, {0, 0.5, 1, 0.8}, 4},
        {"after a dip the next bucket counts from what was raised", 0.9, {0.2, 0.8, 0.6, 1}, 4},
        {"a difference of rounding is none", 1, {1, 1 + 1e-15, 1, 1}, 1},
        {"no observation: NaN", 0.5, {0, 0, 0, 0}, NAN},
        {"q below 0: -Inf", -1, {0.25, 0.75, 1, 1}, -INFINITY},
        {"q above 1: +Inf", 2, {0.25, 0.75, 1, 1}, INFINITY},
        {"q NaN: NaN", NAN, {0.25, 0.75, 1, 1}, NAN},
        {"a NaN bucket rate: NaN", 0.5, {0.25, 0.75, 1, NAN}, NAN},
    };
    struct cm_element buckets[4];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t b = 0; b < 4; b++)
            buckets[b] = some(cases[i].cumulative[b]);
        struct cm_element got = cm_prometheus_quantile(cases[i].q, &edges, buckets);
        cr_expect(got.exists && close_to(got.value, cases[i].want), "%s: %g, not %g", cases[i].rule,
                  got.value, cases[i].want);
    }
    buckets[3] = none;
    cr_expect_not(cm_prometheus_quantile(0.5, &edges, buckets).exists, "no +Inf bucket, no value");
    static const struct cm_edges no_edges = {0, {0}};
    const struct cm_element only = some(1);
    cr_expect(isnan(cm_prometheus_quantile(0.5, &no_edges, &only).value),
              "fewer than two buckets: NaN");
}
