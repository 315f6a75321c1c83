/* One metric of a Flagger analysis (fluxcd/flagger v1.44.0, pkg/controller/scheduler_metrics.go).
 *
 *     request_success_rate   fails if the share of requests that succeed is below min or above max
 *     request_duration       fails if the latency is below min or above max, all of them cut down
 *                            to whole milliseconds: 500.9ms pass a max of 500ms
 *     query                  fails if the metric's value is below min or above max
 *
 * A value at a limit passes. Each look stands for itself, and there is no control: what the monitor
 * has no value for, or gives no answer to, is said so, and counted against the release by the
 * controller. Success rates are compared as counts where they are such. */
#include "sim/gates/flagger_check.h"

#include <math.h>

#include "sim/gates/gate.h"

enum check { SUCCESS_RATE, DURATION, QUERY };
static const char *const checks[] = {"request_success_rate", "request_duration", "query", NULL};

struct options {
    struct cm_ref metric;
    int check; /* enum check */
    struct cm_quantity min, max;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "What is looked at."),
    CM_CHOICE(struct options, check, "query", checks,
              "What is made of it: the success rate of an error_ratio, in percent of all requests, "
              "a latency in whole milliseconds, or the value itself, as inline queries and "
              "templates have it."),
    CM_QUANTITY(struct options, min, "none",
                "Smallest value that passes (thresholdRange.min): of a success rate a share of "
                "the requests, else in the metric's unit."),
    CM_QUANTITY(struct options, max, "none",
                "Largest value that passes (thresholdRange.max): of a success rate a share of "
                "the requests, else in the metric's unit."),
    CM_PARAMS_END,
};

static const char *const rules[] = {
    [CM_CHECK_FINE] = "the value is within its range",
    [CM_CHECK_SUCCESS_RATE_LOW] = "the success rate is below min",
    [CM_CHECK_SUCCESS_RATE_HIGH] = "the success rate is above max",
    [CM_CHECK_DURATION_LOW] = "the duration, in whole milliseconds, is below min",
    [CM_CHECK_DURATION_HIGH] = "the duration, in whole milliseconds, is above max",
    [CM_CHECK_VALUE_LOW] = "the value is below min",
    [CM_CHECK_VALUE_HIGH] = "the value is above max",
    [CM_CHECK_NO_SUCCESS_RATE] = "no values found: the canary gets no traffic",
    [CM_CHECK_NO_DURATION] = "no durations found: the canary gets no traffic",
    [CM_CHECK_NO_VALUE] = "no values found",
    [CM_CHECK_BUILTIN_BROKEN] = "the monitor did not answer the built-in query",
    [CM_CHECK_QUERY_BROKEN] = "the monitor did not answer",
    NULL,
};

static bool is_set(const struct cm_quantity *limit)
{
    return !isnan(limit->value);
}

/* A range that holds nothing fails every check, which Flagger takes without a word. */
static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (is_set(&o->min) && is_set(&o->max) && o->min.value > o->max.value)
        return cm_fail(err, "min is above max: no value passes");
    return 0;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    const struct options *o = options;
    const struct cm_metric *metric = metrics->metric[0];
    bool latency = metric->signal == CM_LATENCY_QUANTILE || metric->signal == CM_LATENCY_MEAN;
    if (o->check == SUCCESS_RATE && cm_gate_needs_errors(metrics, err))
        return -1;
    if (o->check == DURATION && !latency)
        return cm_fail(err,
                       "check = request_duration needs a metric with signal = "
                       "latency_quantile or latency_mean, not %s",
                       cm_signal_names[metric->signal]);
    return cm_gate_check_unit("min", &o->min, metric, err) ||
                   cm_gate_check_unit("max", &o->max, metric, err)
               ? -1
               : 0;
}

/* Whole milliseconds of a duration, in seconds; one that is whole but for rounding stays. */
static double whole_ms(double seconds)
{
    static const double SLACK = 1e-9;
    double ms = seconds * 1000, nearest = round(ms);
    return (fabs(ms - nearest) <= SLACK * (1 + nearest) ? nearest : trunc(ms)) / 1000;
}

/* Of shares that are differences from 1: 1 - 0.99 is 0.01. */
static double complement(double share)
{
    const double places = 1e12;
    return round((1 - share) * places) / places;
}

/* The success rate against a limit: -1 below, 0 at, 1 above. */
static int compare_success(const struct cm_signal *s, double limit)
{
    uint64_t n = s->n[CM_CANARY], x = s->x[CM_CANARY];
    return cm_gate_is_share(s, CM_CANARY) ? cm_share_compare(n - x, n, limit)
                                          : cm_limit_compare(1 - s->value[CM_CANARY], limit);
}

static int compare(const struct options *o, const struct cm_signal *s, double limit)
{
    if (o->check == SUCCESS_RATE)
        return compare_success(s, limit);
    if (o->check == DURATION)
        return cm_limit_compare(whole_ms(s->value[CM_CANARY]), whole_ms(limit));
    return cm_gate_against(s, CM_CANARY, limit);
}

/* On the metric's own scale, where a success rate is what is left of the errors. */
static void show(const struct options *o, double value, double limit, struct cm_evidence *why)
{
    bool cut = o->check == DURATION;
    why->value = cut ? whole_ms(value) : value;
    why->limit = cut ? whole_ms(limit) : o->check == SUCCESS_RATE ? complement(limit) : limit;
}

static struct cm_verdict judge(const struct options *o, const struct cm_signal *s)
{
    static const enum cm_flagger_rule low[] = {CM_CHECK_SUCCESS_RATE_LOW, CM_CHECK_DURATION_LOW,
                                               CM_CHECK_VALUE_LOW};
    static const enum cm_flagger_rule high[] = {CM_CHECK_SUCCESS_RATE_HIGH, CM_CHECK_DURATION_HIGH,
                                                CM_CHECK_VALUE_HIGH};
    struct cm_verdict v = cm_verdict_of(CM_PASS, CM_CHECK_FINE);
    bool below = is_set(&o->min) && compare(o, s, o->min.value) < 0;
    bool above = is_set(&o->max) && compare(o, s, o->max.value) > 0;
    show(o, s->value[CM_CANARY], below || !is_set(&o->max) ? o->min.value : o->max.value, &v.why);
    if (!below && !above)
        return v;
    v.label = CM_FAIL;
    v.rule = (int)(below ? low : high)[o->check];
    return v;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    static const enum cm_flagger_rule nothing[] = {CM_CHECK_NO_SUCCESS_RATE, CM_CHECK_NO_DURATION,
                                                   CM_CHECK_NO_VALUE};
    const struct options *o = options;
    const struct cm_signal *s = &look->signals[0];
    struct cm_verdict v;
    (void)state;
    if (s->state[CM_CANARY] == CM_GATE_ERROR)
        v = cm_verdict_of(CM_GATE_ERROR, o->check == QUERY ? (int)CM_CHECK_QUERY_BROKEN
                                                           : (int)CM_CHECK_BUILTIN_BROKEN);
    else if (s->state[CM_CANARY] != CM_PASS || isnan(s->value[CM_CANARY]))
        v = cm_verdict_of(CM_NO_DATA, (int)nothing[o->check]);
    else
        v = judge(o, s);
    v.why.x0 = s->x[look->control], v.why.n0 = s->n[look->control];
    v.why.x1 = s->x[CM_CANARY], v.why.n1 = s->n[CM_CANARY];
    return v;
}

const struct cm_gate cm_gate_flagger_check = {
    .kind = {.name = "flagger_check",
             .summary = "A metric of Flagger: a success rate, a duration, or a query's value.",
             .source = "fluxcd/flagger v1.44.0",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .rules = rules,
    .check_metrics = check_metrics,
    .look = look,
};
