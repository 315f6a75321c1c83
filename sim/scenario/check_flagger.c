/* Flagger's policies: its own metrics are flagger_check gates, and any other gate is a template; a
 * cookie of its own needs users who keep to the version that has served them. */
#include <string.h>

#include "sim/controllers/flagger.h"
#include "sim/scenario/check.h"

static void check_metrics(struct cm_loading *l, const struct cm_scenario *s, size_t policy)
{
    const struct cm_flagger *o = s->policies[policy].options;
    size_t i = cm_entry_at(l, &cm_policy_section, (int)policy);
    for (size_t m = 0; m < o->metrics.n; m++) {
        const struct cm_named_gate *gate = &s->gates[o->metrics.refs[m].index];
        if (strcmp(gate->gate->kind.name, "flagger_check") != 0)
            cm_diag_add(l->diags, CM_DIAG_FLAGGER_METRIC,
                        cm_entry_value_place(l, i, "metrics", 0, 0),
                        "[%s] metrics: [gate.%s] has test = %s; metrics of Flagger have test = "
                        "flagger_check, other gates go to templates",
                        cm_entry_title(l, i), gate->name, gate->gate->kind.name);
    }
}

static void check_affinity(struct cm_loading *l, const struct cm_scenario *s, size_t policy)
{
    const struct cm_flagger *o = s->policies[policy].options;
    size_t i = cm_entry_at(l, &cm_policy_section, (int)policy);
    bool kept = cm_users_given(&s->users) && s->users.stickiness == CM_STICKY_RATCHET;
    if (o->session_affinity && !kept)
        cm_diag_add(l->diags, CM_DIAG_USERS, cm_entry_value_place(l, i, "session_affinity", 0, 0),
                    "[%s] session_affinity: a cookie keeps users on the canary: give [users] a "
                    "population and stickiness = ratchet",
                    cm_entry_title(l, i));
}

void cm_check_flagger(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t p = 0; p < s->n_policies; p++) {
        if (strcmp(s->policies[p].controller->kind.name, "flagger") != 0)
            continue;
        check_metrics(l, s, p);
        check_affinity(l, s, p);
    }
}
