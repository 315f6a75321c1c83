/* A trace for people: what is played, what happened, how it ended. */
#include "analysis/trace_parts.h"
#include "analysis/words.h"
#include "analysis/write.h"
#include "sim/base/units.h"
#include "sim/scenario/flow_kind.h"

/* Says what was collected, and empties it. */
static void paragraph(struct cm_buffer *text, struct cm_writer to)
{
    cm_write_text.paragraph(to, text->text);
    cm_buffer_clear(text);
}

/* What was recorded is not described by the scenario. */
static void say_history(const struct cm_trace *t, const struct cm_trace_options *options,
                        struct cm_writer to)
{
    cm_print(to,
             "%s, read by policy %s (%s controller) of %s. Its orders move nothing: the traffic "
             "is what it was. Hooks succeed and people approve. coalmine %s.",
             t->history, t->policy->name, t->policy->controller->kind.name, t->plan.scenario->file,
             options->version);
}

/* Enough to play it again. */
static void say_cell(const struct cm_trace *t, const struct cm_trace_options *options,
                     struct cm_writer to)
{
    const struct cm_scenario *s = t->plan.scenario;
    cm_print(to, "%s, seed %llu, replication %llu: release %s under policy %s (%s controller). ",
             s->file, (unsigned long long)s->run.seed, (unsigned long long)t->replication,
             t->defect ? t->defect->name : "healthy", t->policy->name,
             t->policy->controller->kind.name);
    cm_words_rate(s->arrivals->mean_rate(s->arrivals_options), to);
    cm_print(to, " (%s arrivals), horizon ", s->arrivals->kind.name);
    cm_words_duration(cm_seconds(s->run.horizon), to);
    cm_print(to, ", %s flow. coalmine %s.", cm_flow_kind_names[cm_flow_kind_of(s)],
             options->version);
}

/* The truth, which no gate sees, in the words of the file. */
static void say_defect(const struct cm_trace *t, struct cm_writer to)
{
    const struct cm_defect *effect = &t->defect->effect;
    cm_print(to, "The release carries %s: ", t->defect->name);
    cm_words_effect(effect, t->plan.strength, to);
    cm_print(to, " for %s%s, %s profile", effect->scope.index < 0 ? "everyone" : "class ",
             effect->scope.index < 0 ? "" : t->plan.scenario->classes[effect->scope.index].name,
             t->defect->profile->kind.name);
    if (effect->spill > 0) {
        cm_print(to, "; ");
        cm_words_share(effect->spill, to);
        cm_print(to, " of it also hits stable");
    }
    cm_print(to, effect->harmless ? "; nobody minds it. " : ". ");
    if (t->outcome.onset == CM_NEVER) {
        cm_print(to, "It never acted on a request.");
        return;
    }
    cm_print(to, "Onset, when it could first touch a request: ");
    cm_trace_say_time(t->outcome.onset, false, to);
    cm_print(to, ".");
}

/* What stands behind the names in the timeline: "limit: threshold on errors, the error ratio of all
 * requests over 1m".
 */
static void say_gate(const struct cm_trace *t, const struct cm_named_gate *gate,
                     struct cm_writer to)
{
    static const char *const signals[] = {
        [CM_ERROR_RATIO] = "error ratio", [CM_LATENCY_QUANTILE] = "latency",
        [CM_REQUEST_RATE] = "requests",   [CM_LATENCY_MEAN] = "mean latency",
        [CM_KPI_MEAN] = "mean KPI label", [CM_GAUGE_MEAN] = "mean gauge"};
    const struct cm_scenario *s = t->plan.scenario;
    bool windows = !gate->gate->needs || gate->gate->needs(gate->options).window;
    cm_print(to, "%s: %s", gate->name, gate->gate->kind.name);
    for (size_t m = 0; m < gate->n_metrics; m++) {
        const struct cm_named_metric *named = &s->metrics[gate->metric[m]];
        const struct cm_metric *metric = &named->metric;
        cm_print(to, "%s%s, the ", m > 0 ? "; " : " on ", named->name);
        if (metric->signal == CM_LATENCY_QUANTILE) {
            cm_units_print(metric->quantile, CM_RATIO, to);
            cm_print(to, " quantile of the ");
        }
        cm_print(to, "%s of %s%s", signals[metric->signal],
                 metric->class.index < 0 ? "all requests" : "class ",
                 metric->class.index < 0 ? "" : s->classes[metric->class.index].name);
        cm_print(to, windows ? " over " : ", counted from look to look");
        if (windows)
            cm_units_print_time(metric->window, to);
    }
}

/* In the order in which the policy asks them. */
static void say_gates(const struct cm_trace *t, struct cm_writer to)
{
    struct cm_buffer text = {0};
    for (size_t i = 0; i < t->policy->n_watched; i++) {
        say_gate(t, &t->plan.scenario->gates[t->policy->gate[i]], cm_buffer_writer(&text));
        cm_write_text.item(to, text.text);
        cm_buffer_clear(&text);
    }
    if (t->policy->n_gates > 0)
        cm_write_text.end_of_items(to);
    cm_buffer_release(&text);
}

/* From what was played to how it ended; a healthy release has no truth to tell. */
void cm_trace_write_text(const struct cm_trace *t, const struct cm_trace_options *options,
                         struct cm_writer to)
{
    struct cm_buffer text = {0};
    struct cm_writer out = cm_buffer_writer(&text);
    cm_write_text.title(to, t->plan.scenario->title);
    if (t->history)
        say_history(t, options, out);
    else
        say_cell(t, options, out);
    paragraph(&text, to);
    if (options->command)
        cm_write_text.code(to, options->command);
    if (t->defect) {
        say_defect(t, out);
        paragraph(&text, to);
    }
    say_gates(t, to);
    cm_trace_timeline(t, options->all, to);
    cm_trace_say_outcome(t, to);
    cm_buffer_release(&text);
}
