/* A limit on what the monitor shows: the check that Flagger, Argo Rollouts, CodeDeploy and most
 * home-made policies run.
 *
 * Every limit that is set is held against the metric's window, on its own or against the control
 * arm; a value exactly at a limit passes. Error ratios are compared as counts, so that 3 errors in
 * 300 requests are not above 1 %.
 *
 * A look beyond a limit is an objection. How many stand decides what it means:
 *
 *     fail        it objects, and `failures` objections stand, this one included: in total
 *                 since the release began, in a row, or within the last few looks
 *     undecided   it objects, but fewer stand: the step should wait, not end
 *     pass        it does not object, whatever stood before
 *
 * so that a policy that holds on a fail goes on when the value is within its limits again. Looks
 * without a value or with too few requests neither add to the count nor end a run.
 *
 * Closed forms: sim/stats/threshold_rules.h. A limit knows nothing of chance: at small numbers of
 * requests it fails healthy releases, at large numbers it never sees what stays below it. */
#include <inttypes.h>
#include <math.h>

#include "sim/base/units.h"
#include "sim/gates/gate.h"
#include "sim/stats/share_limit.h"

enum counting { TOTAL, CONSECUTIVE, WITHIN };
static const char *const countings[] = {"total", "consecutive", "within", NULL};

enum { LAST_MAX = 64 };

struct options {
    struct cm_ref metric;
    struct cm_quantity max, min;
    double max_ratio;
    struct cm_quantity max_increase;
    uint64_t min_requests, failures, of_last;
    int count; /* enum counting */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "What is looked at."),
    CM_QUANTITY(struct options, max, "none",
                "Largest value of the canary that passes, in the metric's unit."),
    CM_QUANTITY(struct options, min, "none",
                "Smallest value of the canary that passes, in the metric's unit."),
    CM_NUMBER(struct options, max_ratio, "none", 0, 1e6,
              "Largest value of the canary that passes, as a multiple of the control's; without "
              "errors in the control any error of the canary is too many."),
    CM_QUANTITY(
        struct options, max_increase, "none",
        "Largest value of the canary that passes above the control's, in the metric's unit."),
    CM_COUNT(struct options, min_requests, "0", 0, 1e12,
             "Fewer requests in the window (of the control, too, where a limit compares with it) "
             "leave the look undecided."),
    CM_COUNT(struct options, failures, "1", 1, 1e9,
             "Objections (looks beyond a limit) that must stand for one to be a fail; an objection "
             "while fewer stand is undecided, and a look without one passes."),
    CM_CHOICE(struct options, count, "total", countings,
              "Which objections stand together: all since the release began, those in a row, or "
              "those within the last looks (of_last)."),
    CM_COUNT(struct options, of_last, "none", 1, LAST_MAX,
             "Over how many of the last looks count = within counts."),
    CM_PARAMS_END,
};

enum rule { FINE, ABOVE_MAX, BELOW_MIN, ABOVE_RATIO, ABOVE_INCREASE, TOO_FEW, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "the value is within its limits",
    [ABOVE_MAX] = "the value is above max",
    [BELOW_MIN] = "the value is below min",
    [ABOVE_RATIO] = "the value is above max_ratio times the control's",
    [ABOVE_INCREASE] = "the value is more than max_increase above the control's",
    [TOO_FEW] = "the window holds too few requests",
    [NOTHING] = "the window holds no data",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

struct state {
    uint64_t total, run; /* objections since the release began, in a row */
    uint64_t last;       /* a bit a look, the newest lowest; set = it objected */
};

static bool is_set(const struct cm_quantity *limit)
{
    return !isnan(limit->value);
}

/* Whether a limit compares with the control, which must then have values, too. */
static bool is_relative(const struct options *o)
{
    return !isnan(o->max_ratio) || is_set(&o->max_increase);
}

/* In the units in which they were written. */
static int fail_order(const struct options *o, struct cm_err *err)
{
    struct cm_buffer min = {0}, max = {0};
    cm_units_print(o->min.value, o->min.unit, cm_buffer_writer(&min));
    cm_units_print(o->max.value, o->max.unit, cm_buffer_writer(&max));
    cm_fail(err, "min (%s) is above max (%s)", min.text, max.text);
    cm_buffer_release(&min);
    cm_buffer_release(&max);
    return -1;
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (!is_set(&o->max) && !is_set(&o->min) && !is_relative(o))
        return cm_fail(err, "no limit is set (max, min, max_ratio or max_increase)");
    if (is_set(&o->max) && is_set(&o->min) && o->max.value < o->min.value)
        return fail_order(o, err);
    if (o->count != WITHIN && o->of_last != UINT64_MAX)
        return cm_fail(err, "of_last needs count = within");
    if (o->count == WITHIN && o->of_last == UINT64_MAX)
        return cm_fail(err, "count = within needs of_last, the number of looks it counts over");
    if (o->count == WITHIN && o->failures > o->of_last)
        return cm_fail(err, "%" PRIu64 " failures do not fit in the last %" PRIu64 " looks",
                       o->failures, o->of_last);
    return 0;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    const struct options *o = options;
    const struct cm_metric *metric = metrics->metric[0];
    if (cm_gate_check_unit("max", &o->max, metric, err) ||
        cm_gate_check_unit("min", &o->min, metric, err) ||
        cm_gate_check_unit("max_increase", &o->max_increase, metric, err))
        return -1;
    if (metric->signal != CM_ERROR_RATIO)
        return 0;
    if (is_set(&o->min) && o->min.value > 1)
        return cm_fail(err, "no error ratio reaches min, which is above 100%%");
    if ((is_set(&o->max) && o->max.value >= 1) ||
        (is_set(&o->max_increase) && o->max_increase.value >= 1))
        return cm_fail(err, "no error ratio is above 100%%: the limit would never object");
    return 0;
}

/* The canary's value against a multiple of the control's, or (ratio NAN) a distance from it.
 * Without errors in the control, 0 is at every multiple of it and anything else above. */
static int against_control(const struct cm_signal *s, enum cm_arm control, double ratio,
                           double increase)
{
    bool shares = cm_gate_is_share(s, CM_CANARY) && cm_gate_is_share(s, control);
    if (!shares)
        return cm_limit_compare(s->value[CM_CANARY], isnan(ratio) ? s->value[control] + increase
                                                                  : ratio * s->value[control]);
    const struct cm_two_counts counts = {s->x[control], s->n[control], s->x[CM_CANARY],
                                         s->n[CM_CANARY]};
    return isnan(ratio) ? cm_share_compare_increase(&counts, increase)
                        : cm_share_compare_ratio(&counts, ratio);
}

/* What was held against what. */
struct held {
    double value, limit;
    enum cm_scale scale;
};

/* Whether a value beyond a limit (side > 0) breaks it; `why` shows the first limit that there is,
 * or the one that is broken. */
static bool breaks(struct cm_evidence *why, struct held held, int side, bool *shown)
{
    if (side > 0 || !*shown)
        why->value = held.value, why->limit = held.limit, why->scale = held.scale;
    *shown = true;
    return side > 0;
}

/* The first limit that the look breaks, or FINE. */
static enum rule broken_limit(const struct options *o, const struct cm_look *look,
                              struct cm_evidence *why)
{
    const struct cm_signal *s = &look->signals[0];
    double canary = s->value[CM_CANARY], control = s->value[look->control];
    bool shown = false;
    if (is_set(&o->max) && breaks(why, (struct held){canary, o->max.value, CM_SCALE_METRIC},
                                  cm_gate_against(s, CM_CANARY, o->max.value), &shown))
        return ABOVE_MAX;
    if (is_set(&o->min) && breaks(why, (struct held){canary, o->min.value, CM_SCALE_METRIC},
                                  -cm_gate_against(s, CM_CANARY, o->min.value), &shown))
        return BELOW_MIN;
    if (!isnan(o->max_ratio) &&
        breaks(why, (struct held){canary / control, o->max_ratio, CM_SCALE_RATIO},
               against_control(s, look->control, o->max_ratio, NAN), &shown))
        return ABOVE_RATIO;
    if (is_set(&o->max_increase) &&
        breaks(why, (struct held){canary - control, o->max_increase.value, CM_SCALE_DIFFERENCE},
               against_control(s, look->control, NAN, o->max_increase.value), &shown))
        return ABOVE_INCREASE;
    return FINE;
}

/* What keeps an arm from being judged, or FINE. */
static enum rule lack_of(const struct options *o, const struct cm_signal *s, enum cm_arm arm)
{
    if (s->state[arm] == CM_GATE_ERROR)
        return BROKEN;
    if (s->state[arm] != CM_PASS || isnan(s->value[arm]))
        return NOTHING;
    return s->n[arm] < o->min_requests ? TOO_FEW : FINE;
}

static enum rule obstacle(const struct options *o, const struct cm_look *look)
{
    const struct cm_signal *s = &look->signals[0];
    enum rule canary = lack_of(o, s, CM_CANARY);
    enum rule control = is_relative(o) ? lack_of(o, s, look->control) : FINE;
    return canary > control ? canary : control;
}

static unsigned ones(uint64_t bits)
{
    unsigned n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

/* Objections that stand together, this look's included. */
static uint64_t standing(const struct options *o, const struct state *st)
{
    if (o->count == WITHIN)
        return ones(st->last & (UINT64_MAX >> (LAST_MAX - o->of_last)));
    return o->count == CONSECUTIVE ? st->run : st->total;
}

static void remember(struct state *st, bool objects)
{
    st->total += objects;
    st->run = objects ? st->run + 1 : 0;
    st->last = st->last << 1 | objects;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    static const enum cm_label labels[] = {
        [TOO_FEW] = CM_UNDECIDED, [NOTHING] = CM_NO_DATA, [BROKEN] = CM_GATE_ERROR};
    const struct options *o = options;
    const struct cm_signal *s = &look->signals[0];
    struct state *st = state;
    enum rule rule = obstacle(o, look);
    struct cm_verdict v = cm_verdict_of(labels[rule], (int)rule);
    v.why.x0 = s->x[look->control], v.why.n0 = s->n[look->control];
    v.why.x1 = s->x[CM_CANARY], v.why.n1 = s->n[CM_CANARY];
    v.why.value = s->value[CM_CANARY];
    if (rule != FINE)
        return v;
    rule = broken_limit(o, look, &v.why);
    remember(st, rule != FINE);
    if (rule != FINE)
        v.label = standing(o, st) >= o->failures ? CM_FAIL : CM_UNDECIDED;
    v.rule = (int)rule;
    return v;
}

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    return (struct cm_needs){
        .window = true, .control = is_relative(o), .requests = o->min_requests};
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

const struct cm_gate cm_gate_threshold = {
    .kind = {.name = "threshold",
             .summary = "A limit on the metric's window, alone or against the control.",
             .source = "the checks of Flagger, Argo Rollouts and CodeDeploy",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "failures",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .look = look,
};
