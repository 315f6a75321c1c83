/* One measurement of an AnalysisRun of Argo Rollouts: a query's result, judged by two conditions.
 *
 *     success   failure   the measurement is
 *     holds     -         Successful (pass), else Failed
 *     -         holds     Failed (fail), else Successful
 *     any       holds     Failed
 *     holds     not       Successful
 *     not       not       Inconclusive (undecided)
 *
 * A condition that cannot be evaluated, and a provider that does not answer, make it an Error. What
 * a window without data looks like decides what becomes of it: the quotient of two rates that are 0
 * is NaN, for which no comparison holds; a query for series that are not there returns nothing, and
 * result[0] is then an error. How many bad measurements end a rollout is the controller's affair.
 *
 * Values are in the metric's own unit: error ratios between 0 and 1, latencies in seconds.
 *
 * Source: argoproj/argo-rollouts v1.10, utils/evaluate/evaluate.go, metricproviders/prometheus.
 * Knows neither a control nor chance: a measurement is judged alone, however few requests it saw.
 */
#include <math.h>

#include "sim/gates/argo_condition.h"
#include "sim/gates/argo_metric.h"
#include "sim/gates/gate.h"
#include "sim/gates/type_condition.h"

enum shape { VECTOR, SCALAR };
static const char *const shapes[] = {"vector", "scalar", NULL};
enum nothing { NOT_A_NUMBER, EMPTY };
static const char *const nothings[] = {"nan", "empty", NULL};

/* Compiled for a value, and for the nil of a query that returns nothing. */
struct judge {
    struct cm_argo_condition given, nil;
    bool nil_panics;
};
struct options {
    struct cm_argo_measure measure; /* the controller's; first, so that it finds it */
    struct cm_ref metric;
    const char *success_condition, *failure_condition;
    int result;                      /* enum shape */
    int no_data;                     /* enum nothing */
    struct judge *success, *failure; /* the arena's */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "What is measured."),
    CM_CONDITION(struct options, success_condition, "none",
                 "Makes a measurement Successful, and without failure_condition anything else "
                 "Failed."),
    CM_CONDITION(struct options, failure_condition, "none",
                 "Makes a measurement Failed, and without success_condition anything else "
                 "Successful."),
    CM_CHOICE(
        struct options, result, "vector", shapes,
        "Whether the query returns a list (result[0]), as Prometheus does, or a single number "
        "(result)."),
    CM_CHOICE(struct options, no_data, "nan", nothings,
              "What a window without data returns: NaN, or nothing: an empty list, or nil."),
    CM_DURATION(struct cm_argo_measure, interval, "none", 1e9, CM_MAX_DURATION,
                "Time from the end of a measurement to the next; none = only one is taken."),
    CM_DURATION(struct cm_argo_measure, initial_delay, "none", 0, CM_MAX_DURATION,
                "Time from the start of the analysis to the first measurement; none = at once."),
    CM_COUNT(struct cm_argo_measure, count, "none", 0, 1e9,
             "Measurements that end the metric, errors not counted; none = with an interval for as "
             "long as the rollout lasts, without one 1."),
    CM_NUMBER(struct cm_argo_measure, failure_limit, "0", -1, 1e9,
              "Failed measurements, in all, that are borne: one more fails the analysis; -1 = any "
              "number."),
    CM_COUNT(struct cm_argo_measure, inconclusive_limit, "0", 0, 1e9,
             "Inconclusive measurements, in all, that are borne: one more makes the analysis "
             "inconclusive."),
    CM_COUNT(struct cm_argo_measure, consecutive_error_limit, "4", 0, 1e9,
             "Errors in a row that are borne, 10s apart: one more makes the analysis an error."),
    CM_COUNT(struct cm_argo_measure, consecutive_success_limit, "0", 0, 1e9,
             "Successes in a row that make the metric successful before its count; 0 = none do."),
    CM_FLAG(struct cm_argo_measure, dry_run, "no",
            "Whether the metric is measured and takes no part in the verdict (dryRun)."),
    CM_PARAMS_END,
};

enum rule { SUCCESSFUL, FAILED, INCONCLUSIVE, PANICKED, BROKEN };
static const char *const rules[] = {
    [SUCCESSFUL] = "the conditions make the measurement Successful",
    [FAILED] = "the conditions make the measurement Failed",
    [INCONCLUSIVE] = "neither condition holds, so that the measurement is Inconclusive",
    [PANICKED] = "a condition cannot be evaluated on this result, which is an Error",
    [BROKEN] = "the monitor did not answer, which is an Error",
    NULL,
};

static enum cm_argo_kind kind_of(const struct options *o)
{
    return o->result == VECTOR ? CM_ARGO_REALS : CM_ARGO_REAL;
}

static int check_one(const struct options *o, const char *key, const char *text, struct cm_err *err)
{
    struct cm_argo_condition condition;
    struct cm_err why;
    if (text == NULL || cm_argo_condition_compile(text, kind_of(o), &condition, &why) == 0)
        return 0;
    return cm_fail(err, "%s with result = %s: %.400s", key, shapes[o->result], why.text);
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->success_condition == NULL && o->failure_condition == NULL)
        return cm_fail(err, "no condition is set (success_condition or failure_condition): every "
                            "measurement would be Successful");
    if (o->measure.failure_limit != trunc(o->measure.failure_limit))
        return cm_fail(err, "failure_limit = %g is no whole number", o->measure.failure_limit);
    return check_one(o, "success_condition", o->success_condition, err) ||
                   check_one(o, "failure_condition", o->failure_condition, err)
               ? -1
               : 0;
}

static struct judge *judge_of(const struct options *o, const char *text, struct cm_arena *arena)
{
    struct judge *judge = cm_arena_alloc(arena, sizeof *judge);
    struct cm_err why;
    if (text == NULL)
        return judge;
    cm_argo_condition_compile(text, kind_of(o), &judge->given, &why); /* was checked */
    judge->nil_panics = cm_argo_condition_compile(text, CM_ARGO_NIL, &judge->nil, &why) != 0;
    return judge;
}

static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    struct options *o = options;
    (void)source, (void)file, (void)err;
    o->success = judge_of(o, o->success_condition, arena);
    o->failure = judge_of(o, o->failure_condition, arena);
    return 0;
}

static enum cm_argo_truth ask(const struct judge *judge, const struct cm_argo_value *result)
{
    struct cm_err why;
    if (result->kind != CM_ARGO_NIL)
        return cm_argo_condition_hold(&judge->given, result, &why);
    return judge->nil_panics ? CM_ARGO_PANIC : cm_argo_condition_hold(&judge->nil, result, &why);
}

static enum cm_label judged(const struct options *o, const struct cm_signal *s)
{
    bool has_data = s->state[CM_CANARY] == CM_PASS;
    const struct cm_argo_value number = {.kind = CM_ARGO_REAL,
                                         .as.real = has_data ? s->value[CM_CANARY] : (double)NAN};
    bool nothing = !has_data && o->no_data == EMPTY;
    struct cm_argo_value result = number;
    if (o->result == VECTOR)
        result =
            (struct cm_argo_value){.kind = CM_ARGO_LIST, .items = &number, .n = nothing ? 0 : 1};
    else if (nothing)
        result = (struct cm_argo_value){.kind = CM_ARGO_NIL};
    return cm_argo_condition_label(ask(o->success, &result), ask(o->failure, &result));
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    static const enum rule spoke[CM_LABELS] = {[CM_PASS] = SUCCESSFUL,
                                               [CM_FAIL] = FAILED,
                                               [CM_UNDECIDED] = INCONCLUSIVE,
                                               [CM_GATE_ERROR] = PANICKED};
    const struct options *o = options;
    const struct cm_signal *s = &look->signals[0];
    (void)state;
    if (s->state[CM_CANARY] == CM_GATE_ERROR)
        return cm_verdict_of(CM_GATE_ERROR, BROKEN);
    enum cm_label label = judged(o, s);
    struct cm_verdict v = cm_verdict_of(label, (int)spoke[label]);
    v.why.value = s->value[CM_CANARY];
    v.why.limit = cm_argo_condition_limit(o->failure_condition != NULL ? &o->failure->given
                                                                       : &o->success->given);
    v.why.x1 = s->x[CM_CANARY];
    v.why.n1 = s->n[CM_CANARY];
    return v;
}

static struct cm_needs needs(const void *options)
{
    (void)options;
    return (struct cm_needs){.window = true};
}

const struct cm_gate cm_gate_argo_metric = {
    .kind = {.name = "argo_metric",
             .summary = "A measurement as Argo Rollouts judges it, by conditions on the result.",
             .source = "argoproj/argo-rollouts v1.10, utils/evaluate",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check,
             .prepare = prepare},
    .rules = rules,
    .controllers = sizeof(struct cm_argo_measure),
    .needs = needs,
    .look = look,
};
