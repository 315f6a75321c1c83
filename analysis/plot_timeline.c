/* One rollout as its policy saw it: the weight of the canary, and below it what a gate read at each
 * look, on one axis of time.
 *
 * Errors and latency are those of the first gate that reads such a metric, with the counts that its
 * verdict rests on and their Wilson interval; where its evidence is an e-value or a p-value, that
 * has a panel of its own, since there the limit is on the evidence. A limit on a difference or a
 * ratio is drawn where the control puts it at that look. Weights change at the events that change
 * them, not at looks. */
#include <math.h>
#include <string.h>

#include "analysis/plot_parts.h"
#include "analysis/trace.h"
#include "analysis/words.h"
#include "sim/stats/interval.h"

static const char *lacks(const struct cm_plot_ask *ask)
{
    (void)ask;
    return NULL;
}

/* --- the weight --- */

static bool moves_weight(const struct cm_trace_event *e)
{
    return e->what == CM_TRACE_WEIGHT || e->what == CM_TRACE_FINISH || e->what == CM_TRACE_PEOPLE;
}

static void add_weight(struct cm_table *t, double at, double share)
{
    cm_table_number(t, at);
    cm_table_number(t, share);
}

/* What lies beyond the end of the picture is not in it. */
static void add_weights(const struct cm_trace *trace, double end, struct cm_picture *p)
{
    struct cm_table *t = cm_picture_add(p, "weights");
    double share = 0, top = 0;
    cm_picture_column(t, "time", CM_COLUMN_DURATION);
    cm_picture_column(t, "weight", CM_COLUMN_NUMBER);
    for (size_t i = 0; i < trace->n; i++) {
        const struct cm_trace_event *e = &trace->events[i];
        if (!moves_weight(e) || cm_seconds(e->at) > end)
            continue;
        share = e->canary_share;
        top = fmax(top, share);
        add_weight(t, cm_seconds(e->at), share);
    }
    add_weight(t, end, share);
    cm_picture_number(p, "weight_top", top);
}

/* --- panels --- */

/* What a panel shows of a gate's looks. */
enum panel { ERRORS, LATENCY, METRIC, EVIDENCE, PANELS };
static const char *const panel_names[] = {"errors", "latency", "metric", "evidence"};

/* Evidence that is not in the metric's unit. */
static bool is_evidence(const struct cm_trace_look *look)
{
    return look->verdict.why.scale == CM_SCALE_LOG_E || look->verdict.why.scale == CM_SCALE_P;
}

static bool shows(const struct cm_trace_look *look, enum panel panel)
{
    if (look->n_signals == 0)
        return false;
    int signal = look->signals[0].metric->metric.signal;
    if (panel == EVIDENCE)
        return is_evidence(look) && !isnan(look->verdict.why.value);
    if (panel == METRIC)
        return signal != CM_ERROR_RATIO && signal != CM_LATENCY_QUANTILE;
    return signal == (panel == ERRORS ? CM_ERROR_RATIO : CM_LATENCY_QUANTILE);
}

/* The counts of the verdict; those of its signal where it gives none. */
static struct cm_two_counts counts_of(const struct cm_trace_look *look)
{
    const struct cm_evidence *why = &look->verdict.why;
    const struct cm_trace_arm *arm = look->signals[0].arm;
    if (why->n1 > 0)
        return (struct cm_two_counts){why->x0, why->n0, why->x1, why->n1};
    return (struct cm_two_counts){arm[look->control].errors, arm[look->control].requests,
                                  arm[CM_CANARY].errors, arm[CM_CANARY].requests};
}

/* Where the limit is on the axis of the metric; NAN = it is on something else. */
static double limit_of(const struct cm_trace_look *look, double control)
{
    const struct cm_evidence *why = &look->verdict.why;
    switch (why->scale) {
    case CM_SCALE_METRIC:
        return why->limit;
    case CM_SCALE_DIFFERENCE:
        return control + why->limit;
    case CM_SCALE_RATIO:
        return control * why->limit;
    default:
        return NAN;
    }
}

/* What stands in a row. */
struct shown {
    double canary, low, high, control, limit;
};

/* Flagger's success rates are shown as the errors that they leave. */
static double as_errors(double limit, double value)
{
    return limit > 0.5 && value < 0.5 ? 1 - limit : limit;
}

static struct shown errors_of(const struct cm_trace_look *look)
{
    const struct cm_two_counts c = counts_of(look);
    struct shown s = {NAN, NAN, NAN, NAN, NAN};
    if (c.n0 > 0)
        s.control = (double)c.x0 / (double)c.n0;
    if (c.n1 > 0) {
        struct cm_interval limits = cm_interval_wilson(c.x1, c.n1, CM_LEVEL);
        s.canary = (double)c.x1 / (double)c.n1;
        s.low = limits.low;
        s.high = limits.high;
    }
    s.limit = as_errors(limit_of(look, s.control), isnan(s.canary) ? 0 : s.canary);
    return s;
}

static struct shown shown_of(const struct cm_trace_look *look, enum panel panel)
{
    const struct cm_trace_arm *arm = look->signals[0].arm;
    const struct cm_evidence *why = &look->verdict.why;
    if (panel == ERRORS)
        return errors_of(look);
    if (panel == EVIDENCE)
        return (struct shown){why->value, NAN, NAN, NAN, why->limit};
    return (struct shown){arm[CM_CANARY].value, NAN, NAN, arm[look->control].value,
                          limit_of(look, arm[look->control].value)};
}

/* The gate whose looks a panel shows: the first that ever had a value. NULL = none, and no panel.
 */
static const struct cm_named_gate *gate_of(const struct cm_trace *trace, enum panel panel)
{
    for (size_t i = 0; i < trace->n; i++) {
        const struct cm_trace_look *look = trace->events[i].look;
        if (trace->events[i].what == CM_TRACE_LOOK && shows(look, panel) &&
            !isnan(shown_of(look, panel).canary))
            return look->gate;
    }
    return NULL;
}

static void add_look(struct cm_table *t, double at, const struct cm_trace_look *look,
                     struct shown s)
{
    cm_table_number(t, at);
    cm_table_text(t, cm_label_names[look->verdict.label]);
    cm_table_number(t, s.canary);
    cm_table_number(t, s.low);
    cm_table_number(t, s.high);
    cm_table_number(t, s.control);
    cm_table_number(t, s.limit);
}

/* What has to be seen of a panel. */
struct reach {
    double low, high;
};

/* Values and limits in full, intervals only as far as they do not press the rest flat (a Wilson
 * interval of few requests reaches far). Errors and latencies begin at 0. */
static struct reach reach_of(struct reach so_far, enum panel panel, struct shown s)
{
    const double flat = 1.5, air = 1.15;
    double low = fmin(fmin(s.canary, s.control), s.limit); /* fmin ignores NAN */
    double high = fmax(fmax(s.canary, s.control), s.limit);
    if (panel == ERRORS || panel == LATENCY) {
        low = 0;
        high = fmax(air * high, fmin(s.high, flat * high));
    }
    return (struct reach){fmin(so_far.low, low), fmax(so_far.high, high)};
}

static const char *const look_columns[] = {"time", "verdict", "canary", "low",
                                           "high", "control", "limit",  NULL};

/* The last value of each line. */
static void remember(struct shown *last, struct shown now)
{
    last->canary = isnan(now.canary) ? last->canary : now.canary;
    last->control = isnan(now.control) ? last->control : now.control;
    last->limit = isnan(now.limit) ? last->limit : now.limit;
}

/* The names of the lines, where they end. Of p-values the axis is logarithmic, and so are the
 * distances between them. */
static void add_labels(enum panel panel, struct shown last, struct reach reach, bool is_p,
                       struct cm_picture *p)
{
    static const char *const names[] = {"errors_labels", "latency_labels", "metric_labels",
                                        "evidence_labels"};
    struct cm_plot_label labels[] = {
        {"canary", is_p ? log10(last.canary) : last.canary, 1},
        {"stable", last.control, 2},
        {"limit", is_p ? log10(last.limit) : last.limit, 3},
    };
    const double gap = 0.16 * (reach.high - reach.low);
    const struct cm_plot_labels linear = {names[panel], labels, 3, reach.low, reach.high, gap};
    const struct cm_plot_labels logarithmic = {names[panel], labels, 3, -INFINITY, 0, 0.5};
    cm_picture_labels(p, is_p ? &logarithmic : &linear);
}

/* Looks of the panel's gate, up to the end of the picture; whether there is such a gate. */
static bool add_panel(const struct cm_trace *trace, enum panel panel, double end,
                      struct cm_picture *p)
{
    const struct cm_named_gate *gate = gate_of(trace, panel);
    if (!gate)
        return false;
    struct cm_table *t = cm_picture_add(p, panel_names[panel]);
    struct shown last = {NAN, NAN, NAN, NAN, NAN};
    struct reach reach = {NAN, NAN};
    bool is_p = false;
    for (size_t i = 0; look_columns[i]; i++)
        cm_picture_column(t, look_columns[i], i == 1 ? CM_COLUMN_TEXT : CM_COLUMN_NUMBER);
    for (size_t i = 0; i < trace->n; i++) {
        const struct cm_trace_event *e = &trace->events[i];
        if (e->what != CM_TRACE_LOOK || e->look->gate != gate || cm_seconds(e->at) > end ||
            !shows(e->look, panel))
            continue;
        struct shown s = shown_of(e->look, panel);
        add_look(t, cm_seconds(e->at), e->look, s);
        reach = reach_of(reach, panel, s);
        remember(&last, s);
        is_p = panel == EVIDENCE && e->look->verdict.why.scale == CM_SCALE_P;
    }
    if (!(reach.high > reach.low))
        reach.high = reach.low + 1;
    add_labels(panel, last, reach, is_p, p);
    cm_picture_number(p, cm_picture_say(p, "%s_low", panel_names[panel]), reach.low);
    cm_picture_number(p, cm_picture_say(p, "%s_top", panel_names[panel]), reach.high);
    cm_picture_text(p, cm_picture_say(p, "%s_gate", panel_names[panel]), gate->name);
    if (panel == EVIDENCE)
        cm_picture_number(p, "evidence_is_p", is_p);
    return true;
}

/* What the axes of latency (which quantile) and of other metrics are called. */
static void name_axes(const struct cm_trace *trace, struct cm_picture *p)
{
    const struct cm_named_metric *metrics = trace->plan.scenario->metrics;
    const struct cm_named_gate *gate = gate_of(trace, LATENCY);
    if (gate)
        cm_picture_text(
            p, "latency_name",
            cm_picture_say(p, "p%.4g latency", 100 * metrics[gate->metric[0]].metric.quantile));
    gate = gate_of(trace, METRIC);
    if (gate)
        cm_picture_text(p, "metric_name", metrics[gate->metric[0]].name);
}

/* --- the whole --- */

static const char *const ends[CM_ENDS] = {
    [CM_PROMOTED] = "promoted",
    [CM_ROLLED_BACK] = "rolled back",
    [CM_STUCK] = "stuck",
    [CM_SUPERSEDED] = "superseded",
    [CM_PAUSED] = "paused for good",
    [CM_TIMED_OUT] = "not decided",
};

static void say_title(const struct cm_trace *t, struct cm_picture *p)
{
    struct cm_writer to = cm_picture_title(p);
    const char *name = t->defect ? t->defect->name : "healthy release";
    cm_print(to, "%s: %s ", name, ends[t->outcome.end]);
    cm_print(to, t->outcome.end == CM_TIMED_OUT ? "by " : "at ");
    cm_words_duration(cm_seconds(t->outcome.ended_at), to);
    if (t->defect && !cm_trace_harmless(t)) {
        cm_print(to, ", ");
        cm_words_count(t->outcome.rollout.failures, to);
        cm_print(to, t->outcome.rollout.failures == 1 ? " request failed" : " requests failed");
    }
}

/* A little past the decision, so that its line does not stand on the frame. */
static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    const double beyond = 1.06;
    const struct cm_plan plan = {ask->scenario, ask->policy, ask->release, 1};
    struct cm_trace trace = {0};
    (void)err;
    cm_trace_record(&trace, &plan, ask->replication);
    double decided = cm_seconds(trace.outcome.ended_at);
    bool is_decided = trace.outcome.end != CM_PAUSED && trace.outcome.end != CM_TIMED_OUT;
    double end = is_decided ? beyond * fmax(decided, 1) : decided;
    add_weights(&trace, end, p);
    int panels = 1;
    for (enum panel panel = ERRORS; panel < PANELS; panel++)
        panels += add_panel(&trace, panel, end, p);
    name_axes(&trace, p);
    cm_picture_number(p, "panels", panels);
    cm_picture_number(p, "t_end", end);
    cm_picture_number(p, "decided", is_decided ? decided : -1);
    cm_picture_number(p, "onset",
                      trace.outcome.onset != CM_NEVER && cm_seconds(trace.outcome.onset) < end
                          ? cm_seconds(trace.outcome.onset)
                          : -1);
    cm_picture_text(p, "decision", ends[trace.outcome.end]);
    cm_picture_time_axis(p, end);
    say_title(&trace, p);
    cm_trace_release(&trace);
    return 0;
}

const struct cm_plot cm_plot_timeline = {
    .name = "timeline",
    .summary = "One rollout: weight, errors and latency as the policy saw them, and its decision.",
    .of = CM_PLOT_OF_ROLLOUT,
    .lacks = lacks,
    .draw = draw,
};
