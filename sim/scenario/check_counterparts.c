/* Policies and those whom they talk to: people who are asked and do not exist, or exist and are not
 * asked; revisions likewise. Hooks are references, and checked as such. And routes that go beyond
 * weights: what they cannot be combined with. */
#include "sim/scenario/check.h"

static struct cm_uses uses_of(const struct cm_scenario *s, size_t policy)
{
    return cm_controller_uses(s->policies[policy].controller, s->policies[policy].options);
}

/* An approval that nobody gives holds every release to the end. */
static void check_people(struct cm_loading *l, const struct cm_scenario *s, size_t policy)
{
    size_t i = cm_entry_at(l, &cm_policy_section, (int)policy);
    if (uses_of(s, policy).people == CM_SOMEBODY && !cm_people_answer(&s->people))
        cm_diag_add(l->diags, CM_DIAG_NOBODY_ANSWERS, cm_entry_value_place(l, i, "approve", 0, 0),
                    "[%s] asks people, and nobody answers: give [people] a reaction (reaction = "
                    "exponential(mean=1h))",
                    cm_entry_title(l, i));
}

static void check_revisions(struct cm_loading *l, const struct cm_scenario *s, size_t policy)
{
    size_t i = cm_entry_at(l, &cm_policy_section, (int)policy);
    bool written = cm_chapter_key(l->drafts[i].chapter, "on_new_revision");
    if (written && uses_of(s, policy).revisions && s->revisions.every.n == 0)
        cm_diag_add(l->diags, CM_DIAG_UNUSED, cm_entry_value_place(l, i, "on_new_revision", 0, 0),
                    "[%s] on_new_revision has no effect: no revision comes; say how often they do "
                    "([revisions] every = exponential(mean=4h))",
                    cm_entry_title(l, i));
}

/* Why a route with a mirror, or with a class to match, cannot be had; NULL = it can. */
static const char *refuse(const struct cm_scenario *s, const struct cm_named_policy *policy,
                          bool mirror)
{
    if (cm_check_pods_differ(s))
        return "it goes to a version, whatever its pods do: leave pods as they are by default";
    if (cm_users_given(&s->users))
        return mirror ? "copies have no users: leave out [users]"
                      : "users are not kept on versions by class: leave out [users]";
    if (policy->control == CM_BASELINE)
        return mirror ? "a baseline gets no copies: compare with stable"
                      : "a baseline gets nothing of the class: compare with stable";
    if (mirror && s->service.latency_load > 0)
        return "what copies add to the load of the canary is not known: leave out latency_load";
    return NULL;
}

static void check_route(struct cm_loading *l, const struct cm_scenario *s, size_t policy)
{
    size_t i = cm_entry_at(l, &cm_policy_section, (int)policy);
    for (int mirror = 0; mirror < 2; mirror++) {
        struct cm_uses uses = uses_of(s, policy);
        bool used = mirror ? uses.mirror : uses.match;
        const char *key = mirror ? "mirror" : "match";
        const char *why = used ? refuse(s, &s->policies[policy], mirror) : NULL;
        if (why)
            cm_diag_add(l->diags, CM_DIAG_ROUTE, cm_entry_value_place(l, i, key, 0, 0),
                        "[%s] %s: %s", cm_entry_title(l, i), key, why);
    }
}

/* Only one can say how many pods there are, and only of those that are modelled. */
static void check_pods(struct cm_loading *l, const struct cm_scenario *s, size_t policy)
{
    size_t i = cm_entry_at(l, &cm_policy_section, (int)policy);
    uint64_t wanted = (uint64_t)uses_of(s, policy).pods;
    uint64_t room = s->pods.stable + 1 > s->pods.canary ? s->pods.stable + 1 : s->pods.canary;
    bool modelled = cm_fleet_acts(&s->pods) || cm_check_pods_differ(s);
    if (wanted > 0 && s->pods.routing == CM_ROUTE_REPLICAS)
        cm_diag_add(l->diags, CM_DIAG_PODS, cm_entry_value_place(l, i, "controller", 0, 0),
                    "[%s] says itself how many pods there are, and so does [pods] routing = "
                    "replicas: leave one out",
                    cm_entry_title(l, i));
    else if (wanted > room && modelled)
        cm_diag_add(l->diags, CM_DIAG_PODS, cm_entry_value_place(l, i, "replicas", 0, 0),
                    "[%s] wants %d pods of a version, and [pods] has %d: give stable = %d",
                    cm_entry_title(l, i), (int)wanted, (int)room, (int)wanted);
}

static void check_unused(struct cm_loading *l, const struct cm_section *section,
                         const char *sentence)
{
    size_t i = cm_entry_at(l, section, 0);
    cm_diag_add(l->diags, CM_DIAG_UNUSED, cm_entry_place(l, i), "[%s] is not used: %s",
                cm_entry_title(l, i), sentence);
}

void cm_check_counterparts(struct cm_loading *l, const struct cm_scenario *s)
{
    bool asked = false, minded = false;
    for (size_t p = 0; p < s->n_policies; p++) {
        struct cm_uses uses = uses_of(s, p);
        check_people(l, s, p);
        check_revisions(l, s, p);
        check_route(l, s, p);
        check_pods(l, s, p);
        asked |= uses.people != CM_NOBODY;
        minded |= uses.revisions;
    }
    if (cm_people_answer(&s->people) && !asked)
        check_unused(l, &cm_people_section, "no policy asks them");
    if (s->revisions.every.n > 0 && !minded)
        check_unused(l, &cm_revisions_section, "no policy minds new revisions");
}
