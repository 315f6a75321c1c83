/* A trace for programs: one JSON object a line (JSON Lines), in the order in which things happened.
 *
 * The first object says what was played, the last how it ended; "event" tells them apart. Times are
 * seconds since the release (at_s), shares are between 0 and 1, steps and looks count from 1. What
 * a value, its limit and its interval are in is said by "unit" beside them. What is not there, not
 * a number or never happens is null. Unlike the text nothing is folded and nothing is rounded. */
#include <math.h>

#include "analysis/trace.h"
#include "analysis/words.h"
#include "analysis/write.h"
#include "sim/scenario/flow_kind.h"

enum { SCHEMA_VERSION = 1 }; /* grows when a key goes or changes its meaning */

/* --- pieces --- */

struct line {
    struct cm_writer to;
    bool any; /* a comma comes next */
};

/* Every key is written once, here: commas cannot be forgotten. */
static void key(struct line *l, const char *name)
{
    cm_print(l->to, "%s\"%s\": ", l->any ? ", " : "", name);
    l->any = true;
}

/* Without a name: an element of an array, or the line itself. */
static void open_object(struct line *l, const char *name)
{
    if (name)
        key(l, name);
    cm_print(l->to, "{");
    l->any = false;
}

static void close_object(struct line *l)
{
    cm_print(l->to, "}");
    l->any = true;
}

static void add_text(struct line *l, const char *name, const char *text)
{
    key(l, name);
    cm_write_json_text(text, l->to);
}

static void add_number(struct line *l, const char *name, double value)
{
    key(l, name);
    cm_write_json_number(value, l->to);
}

static void add_count(struct line *l, const char *name, uint64_t count)
{
    key(l, name);
    cm_print(l->to, "%llu", (unsigned long long)count);
}

static void add_flag(struct line *l, const char *name, bool flag)
{
    key(l, name);
    cm_print(l->to, flag ? "true" : "false");
}

/* CM_NEVER is null: a time that does not come. */
static void add_time(struct line *l, const char *name, cm_time time)
{
    add_number(l, name, time == CM_NEVER ? NAN : cm_seconds(time));
}

static void begin(struct line *l, const char *event)
{
    open_object(l, NULL);
    add_text(l, "event", event);
}

static void end(struct line *l)
{
    close_object(l);
    cm_print(l->to, "\n");
    l->any = false;
}

/* --- units --- */

static const char *unit_name(const struct cm_metric *metric)
{
    static const char *const names[] = {
        [CM_PURE] = "requests", [CM_RATIO] = "1", [CM_SECONDS] = "s", [CM_PER_SECOND] = "1/s"};
    bool mean = metric->signal == CM_KPI_MEAN || metric->signal == CM_GAUGE_MEAN;
    return mean ? "1" : names[cm_metric_unit(metric)];
}

/* Of value, limit and interval. */
static const char *evidence_unit(const struct cm_trace_look *look)
{
    static const char *const units[] = {[CM_SCALE_RATIO] = "1",
                                        [CM_SCALE_P] = "1",
                                        [CM_SCALE_LOG_E] = "1",
                                        [CM_SCALE_COUNT] = "1",
                                        [CM_SCALE_SCORE] = "1"};
    enum cm_scale scale = look->verdict.why.scale;
    bool metric = scale == CM_SCALE_METRIC || scale == CM_SCALE_DIFFERENCE;
    if (metric && look->n_signals > 0)
        return unit_name(&look->signals[0].metric->metric);
    return units[scale];
}

static const char *const scale_names[] = {
    [CM_SCALE_METRIC] = "metric", [CM_SCALE_DIFFERENCE] = "difference", [CM_SCALE_RATIO] = "ratio",
    [CM_SCALE_P] = "p",           [CM_SCALE_LOG_E] = "log_e",           [CM_SCALE_COUNT] = "count",
    [CM_SCALE_SCORE] = "score",
};
/* --- the first line --- */

/* What looks refer to by name, said once. */
static void write_metrics(struct line *l, const struct cm_scenario *s,
                          const struct cm_named_gate *gate)
{
    key(l, "metrics");
    cm_print(l->to, "[");
    for (size_t m = 0; m < gate->n_metrics; m++) {
        const struct cm_named_metric *metric = &s->metrics[gate->metric[m]];
        cm_print(l->to, m > 0 ? ", " : "");
        open_object(l, NULL);
        add_text(l, "metric", metric->name);
        add_text(l, "signal", cm_signal_names[metric->metric.signal]);
        add_time(l, "window_s", metric->metric.window);
        add_text(l, "class", metric->metric.class.name);
        close_object(l);
    }
    cm_print(l->to, "]");
}

static void write_gates(struct line *l, const struct cm_trace *t)
{
    const struct cm_scenario *s = t->plan.scenario;
    key(l, "gates");
    cm_print(l->to, "[");
    for (size_t i = 0; i < t->policy->n_watched; i++) {
        const struct cm_named_gate *gate = &s->gates[t->policy->gate[i]];
        cm_print(l->to, i > 0 ? ", " : "");
        open_object(l, NULL);
        add_text(l, "gate", gate->name);
        add_text(l, "test", gate->gate->kind.name);
        write_metrics(l, s, gate);
        close_object(l);
    }
    cm_print(l->to, "]");
}

/* In words: the numbers are in the scenario. */
static void write_effect(struct line *l, const struct cm_trace *t)
{
    struct cm_buffer words = {0};
    if (t->defect)
        cm_words_effect(&t->defect->effect, t->plan.strength, cm_buffer_writer(&words));
    add_text(l, "effect", words.text);
    cm_buffer_release(&words);
}

/* Of a recorded release nobody knows what it was like. */
static void add_truth(struct line *l, const struct cm_trace *t, const char *name, bool flag)
{
    if (t->history)
        add_text(l, name, NULL);
    else
        add_flag(l, name, flag);
}

static void write_rollout(struct line *l, const struct cm_trace *t,
                          const struct cm_trace_options *options)
{
    const struct cm_scenario *s = t->plan.scenario;
    open_object(l, NULL);
    add_count(l, "schema_version", SCHEMA_VERSION);
    add_text(l, "event", "rollout");
    add_text(l, "version", options->version);
    add_text(l, "command", options->command);
    add_text(l, "file", s->file);
    add_text(l, "title", s->title);
    add_text(l, "history", t->history);
    add_count(l, "seed", s->run.seed);
    add_count(l, "replication", t->replication);
    add_text(l, "flow", cm_flow_kind_names[cm_flow_kind_of(s)]);
    add_time(l, "horizon_s", s->run.horizon);
    add_text(l, "policy", t->policy->name);
    add_text(l, "controller", t->policy->controller->kind.name);
    add_text(l, "release", t->history ? NULL : t->defect ? t->defect->name : "healthy");
    write_effect(l, t);
    add_text(l, "profile", t->defect ? t->defect->profile->kind.name : NULL);
    add_text(l, "scope", t->defect ? t->defect->effect.scope.name : NULL);
    add_truth(l, t, "harmless", cm_trace_harmless(t));
    write_gates(l, t);
    end(l);
}

/* --- looks --- */

/* As the gate gave it. */
static void write_evidence(struct line *l, const struct cm_trace_look *look)
{
    const struct cm_evidence *why = &look->verdict.why;
    add_text(l, "scale", scale_names[why->scale]);
    add_text(l, "unit", evidence_unit(look));
    add_number(l, "value", why->value);
    add_number(l, "limit", why->limit);
    add_number(l, "low", why->low);
    add_number(l, "high", why->high);
    add_number(l, "p", why->p);
    add_number(l, "log_e", why->log_e);
    add_text(l, "control", cm_words_arms[look->control]);
    add_count(l, "control_requests", why->n0);
    add_count(l, "control_errors", why->x0);
    add_count(l, "canary_requests", why->n1);
    add_count(l, "canary_errors", why->x1);
    add_time(l, "counts_from_s", look->counts_from);
}

/* Arms that serve nothing are left out. */
static void write_arms(struct line *l, const struct cm_trace_signal *signal)
{
    static const enum cm_arm arms[] = {CM_STABLE, CM_CANARY, CM_BASELINE};
    for (size_t i = 0; i < sizeof arms / sizeof *arms; i++) {
        const struct cm_trace_arm *arm = &signal->arm[arms[i]];
        if (arms[i] == CM_BASELINE && arm->requests == 0)
            continue;
        open_object(l, cm_words_arms[arms[i]]);
        add_number(l, "value", arm->value);
        add_text(l, "state", cm_label_names[arm->state]);
        add_count(l, "requests", arm->requests);
        add_count(l, "errors", arm->errors);
        close_object(l);
    }
}

static void write_signals(struct line *l, const struct cm_trace_look *look, cm_time at)
{
    key(l, "signals");
    cm_print(l->to, "[");
    for (size_t m = 0; m < look->n_signals; m++) {
        const struct cm_trace_signal *signal = &look->signals[m];
        cm_print(l->to, m > 0 ? ", " : "");
        open_object(l, NULL);
        add_text(l, "metric", signal->metric->name);
        add_text(l, "unit", unit_name(&signal->metric->metric));
        add_text(l, "reads", look->windows ? "window" : "steps");
        add_time(l, "from_s", signal->from);
        add_time(l, "until_s", at);
        add_number(l, "share_before_weight_change", signal->before);
        write_arms(l, signal);
        close_object(l);
    }
    cm_print(l->to, "]");
}

/* A flat object but for the signals, of which there may be several. */
static void write_look(struct line *l, const struct cm_trace_look *look, cm_time at)
{
    const struct cm_verdict *v = &look->verdict;
    const char *const *rules = look->gate->gate->rules;
    add_text(l, "gate", look->gate->name);
    add_count(l, "look", (uint64_t)look->number);
    add_text(l, "label", cm_label_names[v->label]);
    add_flag(l, "decisive", v->decisive);
    add_text(l, "rule", rules && v->rule >= 0 ? rules[v->rule] : NULL);
    write_evidence(l, look);
    write_signals(l, look, at);
}

/* --- other events --- */

static void write_pods(struct line *l, const struct cm_trace_event *e)
{
    add_text(l, "version", cm_words_arms[e->arm]);
    add_count(l, "available", (uint64_t)e->pods.available);
    add_count(l, "wanted", (uint64_t)e->pods.wanted);
}

/* The same three keys first, whatever it is. */
static void write_event(struct line *l, const struct cm_trace_event *e)
{
    static const char *const names[] = {
        [CM_TRACE_LOOK] = "look",     [CM_TRACE_STEP] = "step",     [CM_TRACE_WEIGHT] = "weight",
        [CM_TRACE_PAUSE] = "pause",   [CM_TRACE_SAY] = "say",       [CM_TRACE_ONSET] = "onset",
        [CM_TRACE_FINISH] = "finish", [CM_TRACE_PEOPLE] = "people", [CM_TRACE_HORIZON] = "horizon",
        [CM_TRACE_PODS] = "pods",
    };
    begin(l, names[e->what]);
    add_time(l, "at_s", e->at);
    add_count(l, "step", (uint64_t)e->step);
    add_number(l, "canary_share", e->canary_share);
    if (e->what == CM_TRACE_PODS)
        write_pods(l, e);
    if (e->what == CM_TRACE_SAY)
        add_text(l, "sentence", e->sentence);
    if (e->what == CM_TRACE_FINISH)
        add_text(l, "end", cm_end_names[e->end]);
    if (e->what == CM_TRACE_LOOK)
        write_look(l, e->look, e->at);
    end(l);
}

/* --- the last line --- */

static void write_harm(struct line *l, const char *name, const struct cm_harm *harm)
{
    open_object(l, name);
    add_count(l, "requests", harm->requests);
    add_count(l, "failures", harm->failures);
    add_count(l, "slow_requests", harm->slow);
    close_object(l);
}

/* A duration from the onset; null if it does not come to that. */
static void add_since_onset(struct line *l, const char *name, const struct cm_outcome *o,
                            bool happened, cm_time at)
{
    bool known = happened && o->onset != CM_NEVER && at != CM_NEVER;
    add_time(l, name, known ? at - o->onset : CM_NEVER);
}

/* The row of the replication, and what follows from it. */
static void write_outcome(struct line *l, const struct cm_trace *t)
{
    const struct cm_outcome *o = &t->outcome;
    const struct cm_named_gate *gate =
        o->gate < 0 ? NULL : &t->plan.scenario->gates[t->policy->gate[o->gate]];
    bool harmless = cm_trace_harmless(t), detected = !harmless && o->detected;
    bool rule = gate && gate->gate->rules && o->rule >= 0;
    begin(l, "outcome");
    add_text(l, "end", cm_end_names[o->end]);
    add_time(l, "ended_at_s", o->ended_at);
    add_count(l, "step", (uint64_t)o->step + 1);
    add_text(l, "gate", gate ? gate->name : NULL);
    add_text(l, "rule", rule ? gate->gate->rules[o->rule] : NULL);
    add_truth(l, t, "false_rollback", harmless && o->end == CM_ROLLED_BACK);
    add_truth(l, t, "early_rollback", o->early_rollback);
    add_truth(l, t, "detected", detected);
    add_truth(l, t, "missed", !harmless && cm_outcome_missed(o));
    add_time(l, "onset_s", o->onset);
    add_since_onset(l, "detection_time_s", o, detected, o->ended_at);
    add_time(l, "mitigated_at_s", o->mitigated_at);
    add_since_onset(l, "time_to_mitigation_s", o, true, o->mitigated_at);
    write_harm(l, "during_rollout", &o->rollout);
    write_harm(l, "escaped", &o->escaped);
    add_count(l, "looks", o->looks);
    add_count(l, "evaluations", o->evaluations);
    end(l);
}

void cm_trace_write_jsonl(const struct cm_trace *t, const struct cm_trace_options *options,
                          struct cm_writer to)
{
    struct line l = {.to = to};
    write_rollout(&l, t, options);
    for (size_t i = 0; i < t->n; i++)
        write_event(&l, &t->events[i]);
    write_outcome(&l, t);
}
