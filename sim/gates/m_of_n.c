/* An alarm as CloudWatch has it: M of the last N datapoints beyond a limit, with a policy for
 * datapoints that are missing (sim/stats/m_of_n.h).
 *
 * Each look is a datapoint: let looks come once a window of the metric, which is the alarm's
 * period. OK passes, ALARM fails, INSUFFICIENT_DATA is no data, and so the alarm begins. A query
 * that fails is no datapoint and leaves everything as it was.
 *
 * A percentile of few samples means little: with low_samples = ignore a look with fewer than
 * `samples` (CloudWatch: 10 / (1 - p), so 1000 for p99) keeps the state, and its point is missing.
 *
 * Alarms on a Lambda alias count both versions (scope = alias), so that a defect is diluted by
 * stable's traffic; those on a version's own metrics do not.
 *
 * Source: Amazon CloudWatch User Guide, "Using Amazon CloudWatch alarms". It knows neither a
 * baseline nor chance: what breaches is a value, however few requests are behind it. */
#include <inttypes.h>
#include <math.h>

#include "sim/gates/gate.h"
#include "sim/stats/m_of_n.h"

enum { RANGE_MAX = 64 };
static const char *const missings[] = {"missing", "ignore", "breaching", "not_breaching", NULL};
enum low { EVALUATE, IGNORE };
static const char *const lows[] = {"evaluate", "ignore", NULL};
enum scope { CANARY, ALIAS };
static const char *const scopes[] = {"canary", "alias", NULL};

struct options {
    struct cm_ref metric;
    struct cm_quantity max, min;
    uint64_t breaches, of_last, look_back;
    int missing;     /* enum cm_missing */
    int low_samples; /* enum low */
    uint64_t samples;
    int scope; /* enum scope */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "What is looked at."),
    CM_QUANTITY(struct options, max, "none",
                "Largest value of the canary that does not breach, in the metric's unit."),
    CM_QUANTITY(struct options, min, "none",
                "Smallest value of the canary that does not breach, in the metric's unit."),
    CM_COUNT(struct options, breaches, "1", 1, RANGE_MAX,
             "Datapoints to alarm: as many of the last have to breach."),
    CM_COUNT(struct options, of_last, "1", 1, RANGE_MAX,
             "Evaluation periods: over how many of the last datapoints (looks) breaches count."),
    CM_COUNT(struct options, look_back, "2", 0, RANGE_MAX,
             "How many datapoints before those may stand in for missing ones."),
    CM_CHOICE(struct options, missing, "missing", missings,
              "How missing datapoints count, as far as they are needed to fill of_last."),
    CM_CHOICE(struct options, low_samples, "evaluate", lows,
              "Whether a look with fewer than `samples` requests is a datapoint all the same, or "
              "keeps the state."),
    CM_COUNT(struct options, samples, "1000", 1, 1e12,
             "For low_samples = ignore: requests that make a percentile p mean something, 10 / (1 "
             "- p) in CloudWatch."),
    CM_CHOICE(struct options, scope, "canary", scopes,
              "Whose requests are counted: the canary's, or those of the whole alias, in which a "
              "canary at 10% is one answer in ten."),
    CM_PARAMS_END,
};

enum rule { FINE, ALARM, INSUFFICIENT, BROKEN };
static const char *const rules[] = {
    [FINE] = "too few of the last datapoints breach",
    [ALARM] = "enough of the last datapoints breach",
    [INSUFFICIENT] = "there are no datapoints to judge by",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

struct state {
    enum cm_point points[RANGE_MAX]; /* oldest first */
    size_t n;
    enum rule now; /* what the alarm says */
    bool begun;
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (isnan(o->max.value) && isnan(o->min.value))
        return cm_fail(err, "no limit is set (max or min)");
    if (o->breaches > o->of_last)
        return cm_fail(err, "%" PRIu64 " breaches do not fit in the last %" PRIu64 " datapoints",
                       o->breaches, o->of_last);
    if (o->of_last + o->look_back > RANGE_MAX)
        return cm_fail(err, "of_last and look_back are %" PRIu64 " together; %d is the most",
                       o->of_last + o->look_back, RANGE_MAX);
    return 0;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    const struct options *o = options;
    if (cm_gate_check_unit("max", &o->max, metrics->metric[0], err) ||
        cm_gate_check_unit("min", &o->min, metrics->metric[0], err))
        return -1;
    if (o->scope == ALIAS && metrics->metric[0]->signal != CM_ERROR_RATIO)
        return cm_fail(err, "scope = alias needs an error ratio: other metrics of two versions do "
                            "not add up");
    return 0;
}

static bool breaches(const struct options *o, const struct cm_signal *s)
{
    return (!isnan(o->max.value) && cm_gate_against(s, CM_CANARY, o->max.value) > 0) ||
           (!isnan(o->min.value) && cm_gate_against(s, CM_CANARY, o->min.value) < 0);
}

/* The evaluation range moves on by one. */
static void remember(const struct options *o, struct state *st, enum cm_point point)
{
    size_t range = (size_t)(o->of_last + o->look_back);
    if (st->n == range) {
        for (size_t i = 1; i < range; i++)
            st->points[i - 1] = st->points[i];
        st->n--;
    }
    st->points[st->n++] = point;
}

/* The alarm's state after this datapoint; points before the first are missing. */
static void evaluate(const struct options *o, struct state *st)
{
    static const enum rule rule_of[] = {
        [CM_ALARM_OK] = FINE, [CM_ALARM_RAISED] = ALARM, [CM_ALARM_INSUFFICIENT] = INSUFFICIENT};
    const struct cm_alarm_rule alarm = {(size_t)o->breaches, (size_t)o->of_last,
                                        (enum cm_missing)o->missing};
    enum cm_alarm state = cm_m_of_n_state(&alarm, st->points, st->n);
    if (state != CM_ALARM_KEPT)
        st->now = rule_of[state];
}

/* What the alarm's metric shows, in the place of the canary's. */
static struct cm_signal shown(const struct options *o, const struct cm_look *look)
{
    struct cm_signal s = look->signals[0];
    if (o->scope == CANARY || s.state[CM_CANARY] == CM_GATE_ERROR)
        return s;
    s.x[CM_CANARY] += s.x[look->control];
    s.n[CM_CANARY] += s.n[look->control];
    s.value[CM_CANARY] = (double)s.x[CM_CANARY] / (double)s.n[CM_CANARY]; /* NAN of nothing */
    s.state[CM_CANARY] = s.n[CM_CANARY] > 0 ? CM_PASS : CM_NO_DATA;
    return s;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    static const enum cm_label labels[] = {
        [FINE] = CM_PASS, [ALARM] = CM_FAIL, [INSUFFICIENT] = CM_NO_DATA};
    const struct options *o = options;
    const struct cm_signal seen = shown(o, look), *s = &seen;
    struct state *st = state;
    if (s->state[CM_CANARY] == CM_GATE_ERROR)
        return cm_verdict_of(CM_GATE_ERROR, BROKEN);
    if (!st->begun)
        st->now = INSUFFICIENT;
    st->begun = true;
    bool none = s->state[CM_CANARY] != CM_PASS || isnan(s->value[CM_CANARY]);
    bool few = !none && o->low_samples == IGNORE && s->n[CM_CANARY] < o->samples;
    remember(o, st,
             none || few      ? CM_POINT_MISSING
             : breaches(o, s) ? CM_POINT_BREACHING
                              : CM_POINT_FINE);
    if (!few)
        evaluate(o, st);
    struct cm_verdict v = cm_verdict_of(labels[st->now], (int)st->now);
    v.why.value = s->value[CM_CANARY];
    v.why.limit = isnan(o->max.value) ? o->min.value : o->max.value;
    s = &look->signals[0]; /* who did it, also where both are counted */
    v.why.x0 = s->x[look->control], v.why.n0 = s->n[look->control];
    v.why.x1 = s->x[CM_CANARY], v.why.n1 = s->n[CM_CANARY];
    return v;
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

const struct cm_gate cm_gate_m_of_n = {
    .kind = {.name = "m_of_n",
             .summary = "A CloudWatch alarm: M of the last N datapoints beyond a limit.",
             .source = "Amazon CloudWatch User Guide",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "breaches",
    .rules = rules,
    .check_metrics = check_metrics,
    .state_size = state_size,
    .look = look,
};
