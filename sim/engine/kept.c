/* All of it is said by metrics and gates; policies that use only some of them keep as much. */
#include "sim/engine/kept.h"

static struct cm_needs needs_of(const struct cm_named_gate *gate)
{
    return gate->gate->needs ? gate->gate->needs(gate->options) : (struct cm_needs){.window = true};
}

bool cm_kept_latency(const struct cm_scenario *s)
{
    for (size_t i = 0; i < s->n_metrics; i++)
        if (s->metrics[i].metric.signal == CM_LATENCY_QUANTILE)
            return true;
    for (size_t i = 0; i < s->n_gates; i++)
        if (needs_of(&s->gates[i]).buckets)
            return true;
    return false;
}

cm_time cm_kept_history(const struct cm_scenario *s)
{
    cm_time longest = 0;
    for (size_t i = 0; i < s->n_gates; i++) {
        cm_time history = needs_of(&s->gates[i]).history;
        longest = history > longest ? history : longest;
    }
    return longest;
}

cm_time cm_kept_window(const struct cm_scenario *s)
{
    cm_time longest = 0;
    for (size_t i = 0; i < s->n_metrics; i++)
        if (s->metrics[i].metric.window > longest)
            longest = s->metrics[i].metric.window;
    return longest;
}

static bool follows_all(const struct cm_scenario *s)
{
    bool all = s->scraping || s->n_kpis > 0 || cm_users_given(&s->users);
    for (size_t i = 0; i < s->n_metrics; i++)
        all = all || s->metrics[i].metric.signal >= CM_LATENCY_MEAN;
    return all;
}

cm_time cm_kept_since(const struct cm_scenario *s)
{
    cm_time window = cm_kept_window(s), history = cm_kept_history(s);
    cm_time longest = window > history ? window : history;
    return follows_all(s) || longest > s->history ? -s->history : -longest;
}
