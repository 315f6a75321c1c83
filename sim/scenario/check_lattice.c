/* Small counts make lattices of limits: of n requests, k errors are k / n, so a limit below 1 / n
 * allows none at all, however it is written. With n the expected requests of the canary in one
 * window at the first weight of the policy, or the least number that the gate judges if that is
 * more,
 *
 *     limit * n < 1   means that one error fails the check.
 *
 * The first weight is found by rehearsing the policy (rehearsal.h). */
#include <math.h>
#include <string.h>

#include "sim/base/units.h"
#include "sim/scenario/check.h"
#include "sim/scenario/rehearsal.h"

const void *cm_check_option(const struct cm_named_gate *gate, const char *key,
                            const struct cm_type *type)
{
    const struct cm_param *row = cm_param_find(gate->gate->kind.params, key);
    if (!row || row->type != type)
        return NULL;
    return (const char *)gate->options + row->offset;
}

struct cm_needs cm_check_needs(const struct cm_named_gate *gate)
{
    return gate->gate->needs ? gate->gate->needs(gate->options) : (struct cm_needs){.window = true};
}

/* The share of errors that a gate allows; NAN = it has no such limit. */
static double error_limit(const struct cm_scenario *s, const struct cm_named_gate *gate)
{
    const struct cm_quantity *max = cm_check_option(gate, "max", &cm_type_quantity);
    if (strcmp(gate->gate->kind.name, "threshold") != 0 || !max || gate->n_metrics == 0 ||
        s->metrics[gate->metric[0]].metric.signal != CM_ERROR_RATIO)
        return NAN;
    return max->value;
}

double cm_check_rate(const struct cm_scenario *s, const struct cm_metric *metric)
{
    double rate = s->arrivals->mean_rate ? s->arrivals->mean_rate(s->arrivals_options) : NAN;
    int class = metric->class.index;
    if (metric->signal == CM_GAUGE_MEAN) /* has samples, whatever the traffic is */
        return INFINITY;
    if (metric->signal == CM_KPI_MEAN) {
        const struct cm_kpi *kpi = &s->kpis[metric->kpi.index].kpi;
        class = class < 0 ? kpi->class.index : class;
        rate *= kpi->sampling;
    }
    return class < 0 ? rate : rate * s->classes[class].answer.share;
}

/* The expected count is a mean over the week: bursts and nights differ, the order of it does not.
 */
static void report(struct cm_loading *l, const struct cm_scenario *s,
                   const struct cm_named_policy *policy, int gate_index, double weight)
{
    const struct cm_named_gate *gate = &s->gates[gate_index];
    if (gate->n_metrics == 0)
        return;
    const struct cm_metric *metric = &s->metrics[gate->metric[0]].metric;
    double limit = error_limit(s, gate), rate = cm_check_rate(s, metric);
    double requests = rate * weight * cm_seconds(metric->window);
    double judged = fmax(requests, (double)cm_check_needs(gate).requests);
    if (!(limit > 0 && requests > 0 && limit * judged < 1))
        return;
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    cm_units_print_time(metric->window, to);
    cm_print(to, " of ");
    cm_units_print(weight, CM_RATIO, to);
    cm_print(to, " of %.3g rps is %.3g requests: one error is over the limit of ", rate, requests);
    cm_units_print(limit, CM_RATIO, to);
    size_t i = cm_entry_at(l, &cm_gate_section, gate_index);
    cm_diag_add(l->diags, CM_DIAG_LATTICE, cm_entry_value_place(l, i, "max", 0, 0),
                "[%s] at the first step of [policy.%s], %s", cm_entry_title(l, i), policy->name,
                text.text);
    cm_buffer_release(&text);
}

void cm_check_lattice(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t p = 0; p < s->n_policies; p++) {
        const struct cm_named_policy *policy = &s->policies[p];
        double weight = policy->n_gates ? cm_rehearse(policy).first : 0;
        for (size_t g = 0; g < policy->n_watched; g++)
            report(l, s, policy, policy->gate[g], weight);
    }
}
