/* Small counts make lattices of limits: of n requests, k errors are k / n, so a limit below 1 / n
 * allows none at all, however it is written. With n the expected requests of the canary in one
 * window at the first weight of the policy, or the least number that the gate judges if that is
 * more,
 *
 *     limit * n < 1   means that one error fails the check.
 *
 * The first weight is found by asking the controller: it is woken at a desk where everything goes
 * well until it sends the canary traffic, so that no controller has to be known here. */
#include <math.h>
#include <string.h>

#include "sim/base/units.h"
#include "sim/scenario/check.h"

enum { WAKES = 10000 }; /* more of them without traffic, and there will be none */

struct probe {
    cm_time now;
    double share; /* of the canary, once it has some */
    struct cm_route route;
    bool finished;
};

/* Every gate passes, every pod is up, everybody agrees. */
static struct cm_answer answer(void *self, enum cm_ask what, int id)
{
    const struct probe *probe = self;
    (void)what;
    (void)id;
    struct cm_answer a = {
        .at = probe->now,
        .verdict =
            {.label = CM_PASS,
             .why = {.value = NAN, .limit = NAN, .low = NAN, .high = NAN, .p = NAN, .log_e = NAN}},
        .route = probe->route,
    };
    for (int arm = 0; arm < CM_ARMS; arm++)
        a.pods[arm] = (struct cm_pods){.wanted = 1, .updated = 1, .available = 1};
    return a;
}

/* Notes the first route on which the canary has traffic. */
static void obey(void *self, const struct cm_order *order)
{
    struct probe *probe = self;
    probe->finished |= order->kind == CM_FINISH;
    if (order->kind != CM_SET_ROUTE)
        return;
    probe->route = order->route;
    if (probe->share <= 0)
        probe->share = order->route.share[CM_CANARY];
}

/* Nobody listens to its log. */
static void ignore(void *self, int sentence, const struct cm_evidence *why)
{
    (void)self;
    (void)sentence;
    (void)why;
}

/* The first weight that the policy gives the canary; 0 if it never does. */
static double first_weight(const struct cm_named_policy *policy)
{
    const struct cm_controller *c = policy->controller;
    void *state = cm_alloc(c->state_size ? c->state_size(policy->options) : 1);
    struct probe probe = {.route = {.share = {[CM_STABLE] = 1}, .match = -1}};
    if (c->start)
        c->start(policy->options, state);
    for (int i = 0; i < WAKES && probe.share <= 0 && !probe.finished && probe.now != CM_NEVER;
         i++) {
        struct cm_desk desk = {&probe, probe.now, answer, obey, ignore};
        probe.now = c->wake(policy->options, state, &desk);
    }
    cm_free(state);
    return probe.share;
}

const void *cm_check_option(const struct cm_named_gate *gate, const char *key,
                            const struct cm_type *type)
{
    const struct cm_param *row = cm_param_find(gate->gate->kind.params, key);
    if (!row || row->type != type)
        return NULL;
    return (const char *)gate->options + row->offset;
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

/* Fewer requests than this the gate does not judge. */
static double least_requests(const struct cm_named_gate *gate)
{
    const uint64_t *least = cm_check_option(gate, "min_requests", &cm_type_count);
    return least ? (double)*least : 0;
}

/* Requests per second, all versions together, that a metric counts. */
static double measured_rate(const struct cm_scenario *s, const struct cm_metric *metric)
{
    double rate = s->arrivals->mean_rate ? s->arrivals->mean_rate(s->arrivals_options) : NAN;
    return metric->class.index < 0 ? rate : rate * s->classes[metric->class.index].answer.share;
}

/* The expected count is a mean over the week: bursts and nights differ, the order of it does not.
 */
static void report(struct cm_loading *l, const struct cm_scenario *s,
                   const struct cm_named_policy *policy, int gate_index, double weight)
{
    const struct cm_named_gate *gate = &s->gates[gate_index];
    const struct cm_metric *metric = &s->metrics[gate->metric[0]].metric;
    double limit = error_limit(s, gate), rate = measured_rate(s, metric);
    double requests = rate * weight * cm_seconds(metric->window);
    if (!(limit > 0 && requests > 0 && limit * fmax(requests, least_requests(gate)) < 1))
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
        double weight = policy->n_gates ? first_weight(policy) : 0;
        for (size_t g = 0; g < policy->n_gates; g++)
            report(l, s, policy, policy->gate[g], weight);
    }
}
