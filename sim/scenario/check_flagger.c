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

/* What Flagger takes without a word: keys that change nothing, or keep every release from its
 * promotion. */
struct quirk {
    const char *key, *why;
};

static const struct quirk *unused(const struct cm_flagger *o)
{
    static const struct quirk match = {"match", "iterations, and not for provider = kubernetes"},
                              load_test = {"load_test", "iterations without match and mirror"};
    bool ab = cm_flagger_is_ab(o), idle = cm_flagger_iterations(o) > 0 && !ab && !o->mirror;
    return o->match.name && !ab ? &match : o->load_test > 0 && !idle ? &load_test : NULL;
}

static const struct quirk *obstacle(const struct cm_flagger *o)
{
    static const struct quirk
        suspend = {"suspend", "all ticks do nothing"},
        mirror = {"mirror", "this provider keeps none, and Flagger sets it up at every tick"},
        weights = {"step_weights", "the rollout stays where they do not ascend"},
        max = {"max_weight", "no weight gets above 100%"};
    if (cm_flagger_ticks(o) > 0)
        return NULL;
    return o->suspend                                 ? &suspend
           : o->mirror && !cm_flagger_keeps_mirror(o) ? &mirror
           : o->step_weights.n > 0                    ? &weights
                                                      : &max;
}

static void check_quirks(struct cm_loading *l, const struct cm_scenario *s, size_t policy)
{
    const struct cm_flagger *o = s->policies[policy].options;
    const struct quirk *idle = unused(o), *stuck = obstacle(o);
    size_t i = cm_entry_at(l, &cm_policy_section, (int)policy);
    if (idle)
        cm_diag_add(l->diags, CM_DIAG_UNUSED, cm_entry_value_place(l, i, idle->key, 0, 0),
                    "[%s] %s has no effect: it is for %s", cm_entry_title(l, i), idle->key,
                    idle->why);
    if (stuck)
        cm_diag_add(l->diags, CM_DIAG_NEVER_PROMOTES, cm_entry_value_place(l, i, stuck->key, 0, 0),
                    "[%s] %s: no release is ever promoted: %s", cm_entry_title(l, i), stuck->key,
                    stuck->why);
}

void cm_check_flagger(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t p = 0; p < s->n_policies; p++) {
        if (strcmp(s->policies[p].controller->kind.name, "flagger") != 0)
            continue;
        check_metrics(l, s, p);
        check_affinity(l, s, p);
        check_quirks(l, s, p);
    }
}
