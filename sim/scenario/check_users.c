/* Users: whether every class of users has some, whether each can be kept where each is drawn, and
 * whether a hash finds enough of them for the canary. */
#include <math.h>

#include "sim/base/units.h"
#include "sim/scenario/check.h"
#include "sim/scenario/flow_kind.h"
#include "sim/scenario/rehearsal.h"

/* Fewer on average, and the share of the canary differs from release to release by a third. */
static const double FEW = 10;

/* A class of users owns its share of the population, rounded. */
static void check_classes(struct cm_loading *l, const struct cm_scenario *s)
{
    double rest = 1;
    uint64_t left = s->users.population;
    for (size_t c = 0; c < s->n_classes; c++) {
        const struct cm_class *class = &s->classes[c].answer;
        size_t i = cm_entry_at(l, &cm_class_section, (int)c);
        if (class->of != CM_OF_USERS)
            continue;
        uint64_t users = cm_users_given(&s->users) ? cm_users_of(&s->users, class->share) : 0;
        rest -= class->share;
        left -= users < left ? users : left;
        if (users > 0 && (left > 0 || rest < 1 / (double)s->users.population))
            continue;
        const char *lack = !cm_users_given(&s->users) ? "a class of users needs users: give their "
                                                        "number in [users] (population = 20000)"
                           : users == 0 ? "its share of the population is less than half a user"
                                        : "it leaves no user for the rest of the requests";
        cm_diag_add(l->diags, CM_DIAG_USERS, cm_entry_value_place(l, i, "of", 0, 0), "[%s] of: %s",
                    cm_entry_title(l, i), lack);
    }
}

static void check_memory(struct cm_loading *l, const struct cm_scenario *s)
{
    size_t i = cm_entry_at(l, &cm_users_section, 0);
    if (cm_flow_kind_of(s) != CM_FLOW_REQUESTS || s->users.population <= CM_USERS_DRAWN_MAX)
        return;
    cm_diag_add(l->diags, CM_DIAG_USERS, cm_entry_value_place(l, i, "population", 0, 0),
                "[users] population: %llu users are more than the requests flow can keep, which "
                "draws each: at most %d (%s)",
                (unsigned long long)s->users.population, CM_USERS_DRAWN_MAX,
                cm_flow_kind_reason(s));
}

/* The first weight of each policy, once for all that begin so. */
static void check_few(struct cm_loading *l, const struct cm_scenario *s)
{
    size_t i = cm_entry_at(l, &cm_users_section, 0);
    for (size_t p = 0; p < s->n_policies; p++) {
        double weight = cm_rehearse(&s->policies[p]).first;
        double users = weight * (double)s->users.population;
        if (weight <= 0 || users >= FEW)
            continue;
        struct cm_buffer text = {0};
        cm_units_print(weight, CM_RATIO, cm_buffer_writer(&text));
        cm_diag_add(l->diags, CM_DIAG_FEW_USERS, cm_entry_value_place(l, i, "population", 0, 0),
                    "[users] population: at %s, the first weight of [policy.%s], a hash gives the "
                    "canary %.3g users on average, and none in %.2g%% of the releases",
                    text.text, s->policies[p].name, users,
                    100 * exp((double)s->users.population * log1p(-weight)));
        cm_buffer_release(&text);
        return;
    }
}

void cm_check_users(struct cm_loading *l, const struct cm_scenario *s)
{
    check_classes(l, s);
    if (!cm_users_given(&s->users))
        return;
    check_memory(l, s);
    if (s->users.stickiness == CM_STICKY_HASH)
        check_few(l, s);
}
