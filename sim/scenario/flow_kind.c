/* Features that make one request depend on others, in one place: whoever adds one (queues, retries)
 * adds it here, and `auto`, `check` and the report follow.
 *
 * Assumes a scenario without mistakes: that counts cannot be asked for where they would be wrong is
 * a rule of check.c. */
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

const char *cm_flow_kind_obstacle(const struct cm_scenario *s)
{
    if (mirrors(s))
        return "requests are copied to the canary (mirror)";
    if (s->service.latency_load > 0)
        return "latency depends on the requests in flight (latency_load)";
    if (cm_users_given(&s->users) && s->users.stickiness == CM_STICKY_RATCHET)
        return "a request goes where earlier ones of its user went (stickiness = ratchet)";
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
    if (cm_flow_kind_of(s) == CM_FLOW_REQUESTS)
        return "as asked for; counts would be exact, too, and faster";
    return s->arrivals->recorded ? "exact, recorded requests are split between the versions"
                                 : "exact, no request depends on another";
}
