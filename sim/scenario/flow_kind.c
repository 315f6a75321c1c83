/* Features that make one request depend on others, in one place: whoever adds one (queues, retries)
 * adds it here, and `auto`, `check` and the report follow.
 *
 * Broken parts of a scenario with mistakes are no obstacle: that counts cannot be asked for where
 * they would be wrong is a rule of check.c. */
#include "sim/scenario/flow_kind.h"

const char *const cm_flow_kind_names[CM_FLOW_KINDS + 1] = {
    [CM_FLOW_AUTO] = "auto",
    [CM_FLOW_COUNTS] = "counts",
    [CM_FLOW_REQUESTS] = "requests",
    [CM_FLOW_KINDS] = NULL,
};

/* A copy arrives with the request that it is a copy of. */
static bool mirrors(const struct cm_scenario *s)
{
    for (size_t p = 0; p < s->n_policies; p++) {
        const struct cm_named_policy *policy = &s->policies[p];
        if (policy->controller && cm_controller_uses(policy->controller, policy->options).mirror)
            return true;
    }
    return false;
}

static bool reads(const struct cm_scenario *s, enum cm_signal_kind signal)
{
    for (size_t m = 0; m < s->n_metrics; m++)
        if (s->metrics[m].metric.signal == (int)signal)
            return true;
    return false;
}

/* Whether a gate wants the spread of labels whose sums of squares have no law of their own. */
static bool wants_squares(const struct cm_scenario *s)
{
    for (size_t g = 0; g < s->n_gates; g++) {
        const struct cm_named_gate *gate = &s->gates[g];
        bool moments = gate->gate && gate->gate->needs && gate->gate->needs(gate->options).moments;
        for (size_t m = 0; moments && m < gate->n_metrics; m++) {
            int kpi = gate->metric[m] < 0 ? -1 : s->metrics[gate->metric[m]].metric.kpi.index;
            if (kpi >= 0 && s->kpis[kpi].kind && !s->kpis[kpi].kind->squares)
                return true;
        }
    }
    return false;
}

const char *cm_flow_kind_obstacle(const struct cm_scenario *s)
{
    if (mirrors(s))
        return "requests are copied to the canary (mirror)";
    if (s->service.latency_load > 0)
        return "latency depends on the requests in flight (latency_load)";
    if (cm_users_given(&s->users) && s->users.stickiness == CM_STICKY_RATCHET)
        return "a request goes where earlier ones of its user went (stickiness = ratchet)";
    if (reads(s, CM_LATENCY_MEAN))
        return "a sum of latencies has no law of its own (signal = latency_mean)";
    if (reads(s, CM_KPI_MEAN) && s->arrivals && s->arrivals->recorded)
        return "labels of recorded requests are drawn one by one (signal = kpi)";
    if (wants_squares(s))
        return "a gate reads the spread of a KPI whose sums of squares have no law of their own "
               "(value = gamma)";
    return NULL;
}

enum cm_flow_kind cm_flow_kind_of(const struct cm_scenario *s)
{
    if (s->run.flow != CM_FLOW_AUTO)
        return (enum cm_flow_kind)s->run.flow;
    return cm_flow_kind_obstacle(s) ? CM_FLOW_REQUESTS : CM_FLOW_COUNTS;
}

const char *cm_flow_kind_reason(const struct cm_scenario *s)
{
    const char *obstacle = cm_flow_kind_obstacle(s);
    if (obstacle)
        return obstacle;
    bool labels = reads(s, CM_KPI_MEAN);
    if (cm_flow_kind_of(s) == CM_FLOW_REQUESTS)
        return labels ? "as asked for: labels are those of the requests that other metrics count"
                      : "as asked for; counts would be exact, too, and faster";
    if (labels)
        return "exact for each metric, labels apart from the counts of requests (signal = kpi)";
    return s->arrivals->recorded ? "exact, recorded requests are split between the versions"
                                 : "exact, no request depends on another";
}
