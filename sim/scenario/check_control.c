/* Gates that cannot judge at the weights of a policy: they wait for more requests than a window
 * holds, or compare with a stable version that has no requests left. Whoever holds on them waits to
 * the end; whoever ignores them is blind.
 *
 * A window is expected to hold rate x weight x window requests of the canary; where a gate
 * compares, the arm with fewer counts, so that the weight nearest to a half is the best there is. A
 * baseline has as many as its canary, up to half of the traffic; beyond, there is none. */
#include <math.h>

#include "sim/base/units.h"
#include "sim/scenario/check.h"
#include "sim/scenario/rehearsal.h"

/* The policy whose gates are looked at. */
struct looked_at {
    struct cm_loading *loading;
    const struct cm_scenario *scenario;
    const struct cm_named_policy *policy;
    struct cm_rehearsal weights;
};

static void check_requests(const struct looked_at *at, int gate_index, const struct cm_needs *needs)
{
    const struct cm_named_gate *gate = &at->scenario->gates[gate_index];
    if (gate->n_metrics == 0)
        return;
    const struct cm_metric *metric = &at->scenario->metrics[gate->metric[0]].metric;
    bool pair = at->policy->control == CM_BASELINE;
    double weight = !needs->control ? at->weights.largest
                    : pair          ? at->weights.paired
                                    : at->weights.evenest;
    double share = needs->control && !pair ? fmin(weight, 1 - weight) : weight;
    double held = cm_check_rate(at->scenario, metric) * share * cm_seconds(metric->window);
    if (!(held < (double)needs->requests) || !at->weights.finished || weight <= 0)
        return;
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    cm_print(to, "a window of ");
    cm_units_print_time(metric->window, to);
    cm_print(to, " holds %.3g requests%s at ", held, needs->control ? " of one version" : "");
    cm_units_print(weight, CM_RATIO, to);
    cm_print(to, ", the %s weight of [policy.%s]%s: the gate stays undecided",
             needs->control && !pair ? "most even" : "largest", at->policy->name,
             needs->control && pair ? " at which there is a baseline" : "");
    struct cm_loading *l = at->loading;
    size_t i = cm_entry_at(l, &cm_gate_section, gate_index);
    cm_diag_add(l->diags, CM_DIAG_FEW_REQUESTS, cm_entry_value_place(l, i, "min_requests", 0, 0),
                "[%s] min_requests: %s", cm_entry_title(l, i), text.text);
    cm_buffer_release(&text);
}

static void check_stable(const struct looked_at *at, int gate_index, const struct cm_needs *needs)
{
    struct cm_loading *l = at->loading;
    if (!needs->control || at->policy->control_after != CM_STABLE || at->weights.largest < 1)
        return;
    size_t i = cm_entry_at(l, &cm_policy_section, (int)(at->policy - at->scenario->policies));
    cm_diag_add(l->diags, CM_DIAG_NO_CONTROL, cm_entry_value_place(l, i, "steps", 0, 0),
                "[%s] at 100%% stable gets no requests, and [gate.%s], which compares with it, has "
                "no data",
                cm_entry_title(l, i), at->scenario->gates[gate_index].name);
}

/* What comes after the baseline has to be said, or gates that compare wait for ever. */
static void check_baseline(const struct looked_at *at, int gate_index, const struct cm_needs *needs)
{
    struct cm_loading *l = at->loading;
    const struct cm_named_policy *policy = at->policy;
    if (!needs->control || policy->control_after != CM_BASELINE || at->weights.largest <= 0.5)
        return;
    size_t i = cm_entry_at(l, &cm_policy_section, (int)(policy - at->scenario->policies));
    cm_diag_add(l->diags, CM_DIAG_NO_CONTROL, cm_entry_value_place(l, i, "control", 0, 0),
                "[%s] control: above 50%% of the traffic there is no room for a baseline, and "
                "[gate.%s], which compares with it, has no data; control_after = stable goes on "
                "with stable",
                cm_entry_title(l, i), at->scenario->gates[gate_index].name);
}

/* A pair has two equal weights; pods in whole numbers seldom give them, and three versions share
 * the pods of two. */
static void check_routing(const struct looked_at *at)
{
    struct cm_loading *l = at->loading;
    if (at->policy->control != CM_BASELINE || at->scenario->pods.routing != CM_ROUTE_REPLICAS)
        return;
    size_t i = cm_entry_at(l, &cm_policy_section, (int)(at->policy - at->scenario->policies));
    cm_diag_add(l->diags, CM_DIAG_PODS, cm_entry_value_place(l, i, "control", 0, 0),
                "[%s] control: a baseline needs a router: say routing = weight in [pods]",
                cm_entry_title(l, i));
}

/* A baseline costs traffic and pods; without a gate that compares it buys nothing. */
static void check_idle(const struct looked_at *at, bool compares)
{
    struct cm_loading *l = at->loading;
    if (compares || at->policy->control != CM_BASELINE)
        return;
    size_t i = cm_entry_at(l, &cm_policy_section, (int)(at->policy - at->scenario->policies));
    cm_diag_add(l->diags, CM_DIAG_UNUSED, cm_entry_value_place(l, i, "control", 0, 0),
                "[%s] control is not used: no gate of the policy compares", cm_entry_title(l, i));
}

void cm_check_control(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t p = 0; p < s->n_policies; p++) {
        const struct cm_named_policy *policy = &s->policies[p];
        const struct looked_at at = {l, s, policy, cm_rehearse(policy)};
        bool compares = false;
        for (size_t g = 0; g < policy->n_watched; g++) {
            struct cm_needs needs = cm_check_needs(&s->gates[policy->gate[g]]);
            check_requests(&at, policy->gate[g], &needs);
            check_stable(&at, policy->gate[g], &needs);
            check_baseline(&at, policy->gate[g], &needs);
            compares |= needs.control || needs.compares;
        }
        check_idle(&at, compares);
        check_routing(&at);
    }
}
