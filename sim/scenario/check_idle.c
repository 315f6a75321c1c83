/* Keys that are written and play no part because of others, and laws of waiting that nothing is
 * served by: who answers after the end has not answered. What a section inherits is not held
 * against it. A law is too slow where less than one in a hundred comes in time; beyond that it is
 * part of the question. */
#include <math.h>
#include <string.h>

#include "sim/base/units.h"
#include "sim/scenario/check.h"

static const double HARDLY_ANY = 0.01;

/* --- keys --- */

static bool is_quantile(const struct cm_scenario *s, size_t metric)
{
    return s->metrics[metric].metric.signal == CM_LATENCY_QUANTILE;
}

static bool has_objective(const struct cm_scenario *s, size_t index)
{
    (void)index;
    return !isnan(s->service.slo);
}

static bool has_users(const struct cm_scenario *s, size_t index)
{
    (void)index;
    return cm_users_given(&s->users);
}

static bool pods_crash(const struct cm_scenario *s, size_t index)
{
    (void)index;
    bool crash = s->pods.restart_every != CM_NO_DURATION;
    for (size_t d = 0; d < s->n_defects; d++)
        crash = crash || s->defects[d].effect.crash_every > 0;
    return crash;
}

static bool pods_come_late(const struct cm_scenario *s, size_t index)
{
    (void)index;
    return s->pods.start_up.n > 0 || s->pods.stuck > 0;
}

static bool pods_are_counted(const struct cm_scenario *s, size_t index)
{
    (void)index;
    return s->pods.routing == CM_ROUTE_REPLICAS;
}

static bool flaps(const struct cm_scenario *s, size_t hook)
{
    return s->hooks[hook].hook.persistence == CM_FLAPPING;
}

static bool is_sampled(const struct cm_scenario *s, size_t index)
{
    (void)index;
    return s->scraping == NULL;
}

static bool has_mirror(const struct cm_scenario *s, size_t policy)
{
    return cm_controller_uses(s->policies[policy].controller, s->policies[policy].options).mirror;
}

static const struct {
    const struct cm_section *section;
    const char *key, *lack;
    bool (*plays)(const struct cm_scenario *s, size_t index); /* of the entry in its section */
} cases[] = {
    {&cm_metric_section, "quantile", "only signal = latency_quantile reads one", is_quantile},
    {&cm_service_section, "slo_period", "there is no error budget: give slo", has_objective},
    {&cm_users_section, "activity", "nobody is counted: give population", has_users},
    {&cm_pods_section, "unready_after", "no pod crashes: give restart_every", pods_crash},
    {&cm_pods_section, "progress_deadline", "pods are there at once: give start_up or stuck",
     pods_come_late},
    {&cm_pods_section, "surge", "only routing = replicas counts pods", pods_are_counted},
    {&cm_hook_section, "flap", "only answers with persistence = flapping do", flaps},
    {&cm_gauge_section, "sample_every", "monitor = prometheus reads gauges with its scrapes",
     is_sampled},
    {&cm_policy_section, "mirror_bake", "nothing is copied: give mirror", has_mirror},
};

/* Whether a key of the entry says something of its own: not by extends, and not its default, as in
 * a scenario that was printed with all its values. */
static bool is_said(const struct cm_loading *l, size_t i, const char *key)
{
    const struct cm_chapter *chapter = l->drafts[i].chapter;
    const struct cm_written *written = chapter ? cm_chapter_key(chapter, key) : NULL;
    if (!written || written->inherited)
        return false;
    for (int group = 0; group < CM_GROUPS; group++) {
        const struct cm_param *rows = cm_entry_group(&l->entries[i], group).rows;
        const struct cm_param *row = rows ? cm_param_find(rows, key) : NULL;
        if (row)
            return strcmp(row->dflt, written->key->value) != 0;
    }
    return false;
}

static void check_key(struct cm_loading *l, const struct cm_scenario *s, size_t c)
{
    size_t index = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (l->entries[i].section != cases[c].section)
            continue;
        if (!cases[c].plays(s, index++) && is_said(l, i, cases[c].key))
            cm_diag_add(l->diags, CM_DIAG_UNUSED, cm_entry_value_place(l, i, cases[c].key, 0, 0),
                        "[%s] %s has no effect: %s", cm_entry_title(l, i), cases[c].key,
                        cases[c].lack);
    }
}

/* --- waiting --- */

struct wait {
    const struct cm_section *section;
    size_t index;
    const char *key;
    const struct cm_law *law;
    cm_time limit;
    const char *limit_name, *then;
};

static void check_wait(struct cm_loading *l, const struct wait *w)
{
    if (w->law->n == 0 || cm_law_cdf(w->law, cm_seconds(w->limit)) >= HARDLY_ANY)
        return;
    size_t i = cm_entry_at(l, w->section, (int)w->index);
    struct cm_buffer limit = {0};
    cm_units_print_time(w->limit, cm_buffer_writer(&limit));
    cm_diag_add(l->diags, CM_DIAG_TOO_LATE, cm_entry_value_place(l, i, w->key, 0, 0),
                "[%s] %s: hardly any comes within the %s of %s: %s", cm_entry_title(l, i), w->key,
                w->limit_name, limit.text, w->then);
    cm_buffer_release(&limit);
}

static void check_hook(struct cm_loading *l, const struct cm_scenario *s, size_t k)
{
    const struct cm_hook *hook = &s->hooks[k].hook;
    check_wait(l, &(struct wait){&cm_hook_section, k, "delay", &hook->delay, hook->timeout,
                                 "timeout", "a call is an error"});
    check_wait(l, &(struct wait){&cm_hook_section, k, "opens", &hook->opens, s->run.horizon,
                                 "horizon", "it says undecided to the end"});
}

void cm_check_idle(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        check_key(l, s, c);
    for (size_t k = 0; k < s->n_hooks; k++)
        check_hook(l, s, k);
    for (size_t k = 0; k < s->n_kpis; k++)
        check_wait(l, &(struct wait){&cm_kpi_section, k, "delay", &s->kpis[k].kpi.delay,
                                     s->run.horizon, "horizon",
                                     "nothing is known of the canary's answers"});
    check_wait(l, &(struct wait){&cm_people_section, 0, "reaction", &s->people.reaction,
                                 s->run.horizon, "horizon", "a question stays open"});
}
