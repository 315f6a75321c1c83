/* Rules about the whole, one function each. They run in the order of the table at the end; those
 * that would draw wrong conclusions from a half-read file wait for one without errors. */
#include "sim/scenario/check.h"

#include <math.h>
#include <string.h>

#include "sim/base/units.h"
#include "sim/scenario/flow_kind.h"
#include "sim/scenario/sections.h"

/* Shares written as 33.33% may add to a little more than the whole. */
static const double ROUNDING = 1e-9;

/* As a user would write it. */
static const char *show_time(const struct cm_loading *l, cm_time time)
{
    struct cm_buffer text = {0};
    cm_units_print_time(time, cm_buffer_writer(&text));
    const char *kept = cm_arena_text(l->arena, text.text, text.length);
    cm_buffer_release(&text);
    return kept;
}

/* Whether an entry of this section was read without mistakes. */
static bool is_sound(const struct cm_loading *l, size_t i, const struct cm_section *section)
{
    return l->entries[i].section == section && !l->drafts[i].broken;
}

/* Classes are disjoint parts of the traffic (service.h). */
static void check_shares(struct cm_loading *l, const struct cm_scenario *s)
{
    double sum = 0;
    (void)s;
    for (size_t i = 0; i < l->n; i++) {
        if (!is_sound(l, i, &cm_class_section))
            continue;
        const struct cm_class *answer = l->entries[i].common;
        sum += answer->share;
        if (sum <= 1 + ROUNDING)
            continue;
        cm_diag_add(l->diags, CM_DIAG_SHARES, cm_entry_value_place(l, i, "share", 0, 0),
                    "[%s] share: with this one the classes add to %.6g%% of the requests, more "
                    "than 100%%",
                    cm_entry_title(l, i), 100 * sum);
        return;
    }
}

/* Defects are alternatives: a release has at most one (defect.h). What they leave is healthy. */
static void check_priors(struct cm_loading *l, const struct cm_scenario *s)
{
    double sum = 0;
    (void)s;
    for (size_t i = 0; i < l->n; i++) {
        if (!is_sound(l, i, &cm_defect_section))
            continue;
        const struct cm_defect *defect = l->entries[i].common;
        sum += isnan(defect->prior) ? 0 : defect->prior;
        if (sum <= 1 + ROUNDING)
            continue;
        cm_diag_add(l->diags, CM_DIAG_PRIORS, cm_entry_value_place(l, i, "prior", 0, 0),
                    "[%s] prior: with this one the defects add to %.6g%% of the releases, more "
                    "than 100%%",
                    cm_entry_title(l, i), 100 * sum);
        return;
    }
}

/* A window that reaches beyond the history would read what was never simulated. */
static void check_history(struct cm_loading *l, const struct cm_scenario *s)
{
    size_t i = cm_entry_at(l, &cm_telemetry_section, 0);
    const char *reader = "";
    cm_time longest = cm_view_longest_window(l, &reader);
    if (l->drafts[i].broken || s->telemetry.history == CM_NO_DURATION || s->history >= longest)
        return;
    cm_diag_add(l->diags, CM_DIAG_HISTORY, cm_entry_value_place(l, i, "history", 0, 0),
                "[telemetry] history: %s is shorter than the %s that [%s] reads",
                show_time(l, s->history), show_time(l, longest), reader);
}

/* Whether the traffic has a clock, and which: none, one that wraps round, or a recording's. */
static cm_time span_of(const struct cm_scenario *s)
{
    return s->arrivals && s->arrivals->span ? s->arrivals->span(s->arrivals_options) : 0;
}

/* Beyond its ends a recording has no traffic: a release has to fall where it has. */
static void check_recording(struct cm_loading *l, const struct cm_scenario *s)
{
    size_t i = cm_entry_at(l, &cm_traffic_section, 0);
    if (l->drafts[i].broken || s->arrivals->repeats || span_of(s) == 0)
        return;
    const char *note = s->arrivals->note ? s->arrivals->note(s->arrivals_options) : NULL;
    if (note)
        cm_diag_add(l->diags, CM_DIAG_RECORDING_NOTE, cm_entry_value_place(l, i, "file", 0, 0),
                    "[traffic] %s", note);
    cm_time span = span_of(s), wanted = cm_later(s->history, s->run.horizon);
    if (span < wanted)
        cm_diag_add(l->diags, CM_DIAG_RECORDING, cm_entry_value_place(l, i, "file", 0, 0),
                    "[traffic] the recording covers %s; history (%s) and horizon (%s) need %s",
                    show_time(l, span), show_time(l, s->history), show_time(l, s->run.horizon),
                    show_time(l, wanted));
}

/* A fixed moment means something only where the rate or people depend on the moment. */
static void check_start(struct cm_loading *l, const struct cm_scenario *s)
{
    size_t i = cm_entry_at(l, &cm_traffic_section, 0);
    if (l->drafts[i].broken || s->run.start.random)
        return;
    if ((span_of(s) > 0 && s->arrivals->repeats) || s->people.day_begins != CM_NO_DURATION)
        return;
    size_t scenario = cm_entry_at(l, &cm_scenario_section, 0);
    cm_diag_add(l->diags, CM_DIAG_START_UNUSED, cm_entry_value_place(l, scenario, "start", 0, 0),
                "[scenario] start has no effect: traffic of arrivals = %s knows no weekdays",
                s->arrivals->kind.name);
}

/* Counts would be drawn as if every request were alone. */
static void check_flow(struct cm_loading *l, const struct cm_scenario *s)
{
    const char *obstacle = cm_flow_kind_obstacle(s);
    size_t i = cm_entry_at(l, &cm_scenario_section, 0);
    if (obstacle && s->run.flow == CM_FLOW_COUNTS)
        cm_diag_add(l->diags, CM_DIAG_FLOW, cm_entry_value_place(l, i, "flow", 0, 0),
                    "[scenario] flow: counts cannot be drawn where %s; use requests or auto",
                    obstacle);
}

/* Requests that a version would have in flight if load changed nothing: rate times latency. */
static double unloaded(const struct cm_scenario *s)
{
    double rest = 1, seconds = 0;
    for (size_t i = 0; i < s->n_classes; i++) {
        const struct cm_class *class = &s->classes[i].answer;
        const struct cm_law *law = class->latency.n > 0 ? &class->latency : &s->service.latency;
        seconds += class->share * cm_law_mean(law);
        rest -= class->share;
    }
    seconds += fmax(0, rest) * cm_law_mean(&s->service.latency);
    return s->arrivals->mean_rate(s->arrivals_options) * seconds;
}

/* With n in flight, n = a (1 + n / load) has no solution from a = load on: each request finds more
 * in flight than the one before. */
static void check_load(struct cm_loading *l, const struct cm_scenario *s)
{
    size_t i = cm_entry_at(l, &cm_service_section, 0);
    double load = s->service.latency_load;
    if (load > 0 && unloaded(s) >= load)
        cm_diag_add(l->diags, CM_DIAG_LOAD_GROWS, cm_entry_value_place(l, i, "latency_load", 0, 0),
                    "[service] latency_load: without load %.3g requests would be in flight on "
                    "average; if %.3g double the latency, it grows without end",
                    unloaded(s), load);
}

/* Units of limits, signals a test cannot use: the gate knows, the metric is another section. */
static void check_gate_metrics(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t k = 0; k < s->n_gates; k++) {
        const struct cm_named_gate *gate = &s->gates[k];
        const struct cm_metric *metric[sizeof gate->metric / sizeof *gate->metric] = {0};
        size_t i = cm_entry_at(l, &cm_gate_section, (int)k);
        bool sound = !l->drafts[i].broken && gate->gate->check_metrics;
        for (size_t m = 0; sound && m < gate->n_metrics; m++) {
            metric[m] = &s->metrics[gate->metric[m]].metric;
            sound = !l->drafts[cm_entry_at(l, &cm_metric_section, gate->metric[m])].broken;
        }
        struct cm_gate_metrics metrics = {metric, gate->n_metrics};
        struct cm_err err = {0};
        if (!sound || !gate->gate->check_metrics(gate->options, &metrics, &err))
            continue;
        l->drafts[i].broken = true;
        cm_diag_add(l->diags, CM_DIAG_GATE_METRIC, cm_entry_err_place(l, i, &err, ""), "[%s] %s",
                    cm_entry_title(l, i), err.text);
    }
}

/* A verdict made of itself is none. */
static void check_parts(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t k = 0; k < s->n_gates; k++) {
        size_t i = cm_entry_at(l, &cm_gate_section, (int)k);
        if (s->gates[k].level >= 0 || l->drafts[i].broken)
            continue;
        cm_diag_add(l->diags, CM_DIAG_GATE_CYCLE, cm_entry_value_place(l, i, "of", 0, 0),
                    "[%s] of: the gate is made of itself, or of one that is", cm_entry_title(l, i));
        return;
    }
}

/* Whether hooks or people decide where gates do not. */
static bool has_say(const struct cm_named_policy *policy)
{
    struct cm_uses uses = cm_controller_uses(policy->controller, policy->options);
    return uses.hooks || uses.people == CM_SOMEBODY;
}

static int given_by(const struct cm_named_gate *part)
{
    return part->gate->gives_with ? part->gate->gives_with(part->options) : part->gate->gives;
}

/* Whoever combines p-values or e-values has to get them. */
static void check_given(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t k = 0; k < s->n_gates; k++) {
        const struct cm_named_gate *gate = &s->gates[k];
        size_t i = cm_entry_at(l, &cm_gate_section, (int)k);
        for (size_t p = 0; !l->drafts[i].broken && p < gate->n_parts; p++) {
            const struct cm_named_gate *part = gate->part[p] < 0 ? NULL : &s->gates[gate->part[p]];
            int takes = gate->gate->takes;
            if (!part || !part->gate || !takes || (given_by(part) & takes))
                continue;
            cm_diag_add(l->diags, CM_DIAG_GATE_PART, cm_entry_value_place(l, i, "of", 0, 0),
                        "[%s] of: %s (test = %s) gives no %s to combine%s", cm_entry_title(l, i),
                        part->name, part->gate->kind.name,
                        takes & CM_GIVES_P ? "p-value" : "e-value",
                        part->gate->gives & takes ? " with its options" : "");
        }
    }
}

/* Without a policy there is no rollout; without a gate there is no canary. */
static void check_policies(struct cm_loading *l, const struct cm_scenario *s)
{
    if (s->n_policies == 0 && !l->document->cut)
        cm_diag_add(l->diags, CM_DIAG_NO_POLICY, (struct cm_place){.file = l->document->file},
                    "there is no policy: give at least one [policy.NAME]");
    for (size_t k = 0; k < s->n_policies; k++) {
        size_t i = cm_entry_at(l, &cm_policy_section, (int)k);
        if (!l->drafts[i].broken && s->policies[k].n_gates == 0 && !has_say(&s->policies[k]))
            cm_diag_add(l->diags, CM_DIAG_NO_GATES, cm_entry_place(l, i),
                        "[%s] has no gates: it promotes every release", cm_entry_title(l, i));
    }
}

static const struct {
    void (*check)(struct cm_loading *l, const struct cm_scenario *s);
    bool wants_no_errors;
} rules[] = {
    {check_policies, false},     {check_shares, false},
    {check_priors, false},       {check_history, false},
    {check_recording, false},    {check_start, false},
    {check_parts, false},        {check_given, false},
    {check_gate_metrics, false}, {check_flow, false},
    {check_load, true},          {cm_check_functions, false},
    {cm_check_kpi, true},        {cm_check_unused, true},
    {cm_check_lattice, true},    {cm_check_control, true},
    {cm_check_monitor, true},    {cm_check_users, true},
    {cm_check_pods, true},       {cm_check_counterparts, true},
    {cm_check_flagger, true},    {cm_check_idle, true},
};

void cm_check_all(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!rules[i].wants_no_errors || l->diags->errors == 0)
            rules[i].check(l, s);
}
