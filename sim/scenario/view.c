/* The engine indexes; files name. Each named section becomes an array in file order, and what a
 * gate or a policy refers to becomes a list of indices into it, in the order of its keys. */
#include "sim/scenario/view.h"

#include <string.h>

#include "sim/scenario/sections.h"

/* Stable is watched so long before the release: the least rung that holds every window. Rungs,
 * because the past is part of the world: policies with other windows should meet the same one. */
static const cm_time ladder[] = {10 * CM_MINUTE, CM_HOUR, 6 * CM_HOUR, CM_DAY};

/* Broken ones included: an index counts every section of its kind. */
static size_t count_entries(const struct cm_loading *l, const struct cm_section *section)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        n += l->entries[i].section == section;
    return n;
}

/* An array with room for every entry of a section; *n = how many. */
static void *room_for(struct cm_loading *l, const struct cm_section *section, size_t size,
                      size_t *n)
{
    *n = count_entries(l, section);
    return cm_arena_alloc(l->arena, (*n + 1) * size);
}

/* The entry with this index in its section. */
static const struct cm_entry *entry_of(const struct cm_loading *l, const struct cm_section *section,
                                       size_t index)
{
    return &l->entries[cm_entry_at(l, section, (int)index)];
}

/* --- references --- */

/* Where indices go: an array in a view, and how many fit. */
struct targets {
    const char *section; /* whose names count */
    int *index;
    size_t n, room;
};

static void add_target(struct targets *t, const struct cm_ref *ref)
{
    if (!ref->name)
        return;
    if (t->n < t->room)
        t->index[t->n] = ref->index;
    t->n++; /* beyond the room: the caller complains */
}

/* Only names of the wanted section count: a class that a metric names is no metric. */
static void collect_row(struct targets *t, const struct cm_param *row, const void *field)
{
    if (row->type == &cm_type_ref && strcmp(row->domain, t->section) == 0)
        add_target(t, field);
    if (row->type != &cm_type_refs || strcmp(row->domain, t->section) != 0)
        return;
    const struct cm_refs *list = field;
    for (size_t i = 0; i < list->n; i++)
        add_target(t, &list->refs[i]);
}

static void too_many(struct cm_loading *l, size_t i, struct targets t)
{
    if (!l->drafts[i].broken)
        cm_diag_add(l->diags, CM_DIAG_TOO_MANY_REFERENCES, cm_entry_place(l, i),
                    "[%s] refers to %zu [%s.NAME]; %zu is the most", cm_entry_title(l, i), t.n,
                    t.section, t.room);
    l->drafts[i].broken = true;
}

/* The indices that an entry's keys name, section's keys first; returns how many. */
static size_t collect(struct cm_loading *l, const struct cm_section *section, size_t index,
                      struct targets t)
{
    size_t i = cm_entry_at(l, section, (int)index);
    for (int group = 0; group < CM_GROUPS; group++) {
        struct cm_group fields = cm_entry_group(&l->entries[i], group);
        for (const struct cm_param *row = fields.rows; row && row->name; row++)
            collect_row(&t, row, (const char *)fields.base + row->offset);
    }
    if (t.n <= t.room)
        return t.n;
    too_many(l, i, t);
    return t.room;
}

/* --- named sections --- */

/* In file order, as everything that is indexed. */
static void view_classes(struct cm_scenario *s, struct cm_loading *l)
{
    struct cm_named_class *list = room_for(l, &cm_class_section, sizeof *list, &s->n_classes);
    for (size_t i = 0; i < s->n_classes; i++) {
        const struct cm_entry *entry = entry_of(l, &cm_class_section, i);
        const struct cm_class *answer = entry->common;
        list[i] = (struct cm_named_class){.name = entry->name, .answer = *answer};
    }
    s->classes = list;
}

/* The kind of a KPI is what its labels are. */
static void view_kpis(struct cm_scenario *s, struct cm_loading *l)
{
    struct cm_named_kpi *list = room_for(l, &cm_kpi_section, sizeof *list, &s->n_kpis);
    for (size_t i = 0; i < s->n_kpis; i++) {
        const struct cm_entry *entry = entry_of(l, &cm_kpi_section, i);
        const struct cm_kpi *kpi = entry->common;
        list[i] = (struct cm_named_kpi){
            .name = entry->name,
            .kpi = *kpi,
            .kind = (const struct cm_kpi_kind *)entry->kind,
            .options = entry->options,
        };
    }
    s->kpis = list;
}

static void view_gauges(struct cm_scenario *s, struct cm_loading *l)
{
    struct cm_named_gauge *list = room_for(l, &cm_gauge_section, sizeof *list, &s->n_gauges);
    for (size_t i = 0; i < s->n_gauges; i++) {
        const struct cm_entry *entry = entry_of(l, &cm_gauge_section, i);
        const struct cm_gauge *gauge = entry->common;
        list[i] = (struct cm_named_gauge){.name = entry->name, .gauge = *gauge};
    }
    s->gauges = list;
}

/* The kind of a defect is its profile. */
static void view_defects(struct cm_scenario *s, struct cm_loading *l)
{
    struct cm_named_defect *list = room_for(l, &cm_defect_section, sizeof *list, &s->n_defects);
    for (size_t i = 0; i < s->n_defects; i++) {
        const struct cm_entry *entry = entry_of(l, &cm_defect_section, i);
        const struct cm_defect *effect = entry->common;
        list[i] = (struct cm_named_defect){
            .name = entry->name,
            .effect = *effect,
            .profile = (const struct cm_profile *)entry->kind,
            .options = entry->options,
        };
    }
    s->defects = list;
}

static void view_metrics(struct cm_scenario *s, struct cm_loading *l)
{
    struct cm_named_metric *list = room_for(l, &cm_metric_section, sizeof *list, &s->n_metrics);
    for (size_t i = 0; i < s->n_metrics; i++) {
        const struct cm_entry *entry = entry_of(l, &cm_metric_section, i);
        const struct cm_metric *metric = entry->common;
        list[i] = (struct cm_named_metric){.name = entry->name, .metric = *metric};
    }
    s->metrics = list;
}

/* Of a gate whose parts have theirs; whether that is so. */
static bool set_level(struct cm_named_gate *gate, const struct cm_named_gate *list)
{
    int level = 0;
    for (size_t p = 0; p < gate->n_parts; p++) {
        const struct cm_named_gate *part = gate->part[p] < 0 ? NULL : &list[gate->part[p]];
        if (part && part->level < 0)
            return false;
        level = part && part->level >= level ? part->level + 1 : level;
    }
    gate->level = level;
    return true;
}

/* Gates on or above a circle of parts keep none: check.c complains. */
static void set_levels(struct cm_named_gate *list, size_t n)
{
    bool found = true;
    for (size_t i = 0; i < n; i++)
        list[i].level = -1;
    while (found) {
        found = false;
        for (size_t i = 0; i < n; i++)
            found = (list[i].level < 0 && set_level(&list[i], list)) || found;
    }
}

/* A gate's signals come in the order in which its keys name metrics. */
static void view_gates(struct cm_scenario *s, struct cm_loading *l)
{
    struct cm_named_gate *list = room_for(l, &cm_gate_section, sizeof *list, &s->n_gates);
    for (size_t i = 0; i < s->n_gates; i++) {
        const struct cm_entry *entry = entry_of(l, &cm_gate_section, i);
        struct cm_named_gate *gate = &list[i];
        *gate = (struct cm_named_gate){
            .name = entry->name,
            .gate = (const struct cm_gate *)entry->kind,
            .options = entry->options,
        };
        struct targets t = {cm_metric_section.name, gate->metric, 0,
                            sizeof gate->metric / sizeof *gate->metric};
        gate->n_metrics = collect(l, &cm_gate_section, i, t);
        struct targets parts = {cm_gate_section.name, gate->part, 0,
                                sizeof gate->part / sizeof *gate->part};
        gate->n_parts = collect(l, &cm_gate_section, i, parts);
    }
    set_levels(list, s->n_gates);
    s->gates = list;
}

static void view_hooks(struct cm_scenario *s, struct cm_loading *l)
{
    struct cm_named_hook *list = room_for(l, &cm_hook_section, sizeof *list, &s->n_hooks);
    for (size_t i = 0; i < s->n_hooks; i++) {
        const struct cm_entry *entry = entry_of(l, &cm_hook_section, i);
        const struct cm_hook *hook = entry->common;
        list[i] = (struct cm_named_hook){.name = entry->name, .hook = *hook};
    }
    s->hooks = list;
}

/* The parts of what is watched are watched, too. */
static void watch_parts(struct cm_loading *l, const struct cm_scenario *s, size_t index,
                        struct cm_named_policy *policy)
{
    policy->n_watched = policy->n_gates;
    for (size_t w = 0; w < policy->n_watched; w++) {
        const struct cm_named_gate *gate = policy->gate[w] < 0 ? NULL : &s->gates[policy->gate[w]];
        for (size_t p = 0; gate && p < gate->n_parts; p++) {
            size_t known = 0;
            while (known < policy->n_watched && policy->gate[known] != gate->part[p])
                known++;
            if (known == policy->n_watched && known < CM_WATCHED_MAX)
                policy->gate[policy->n_watched++] = gate->part[p];
            else if (known == policy->n_watched)
                too_many(l, cm_entry_at(l, &cm_policy_section, (int)index),
                         (struct targets){.section = cm_gate_section.name,
                                          .n = CM_WATCHED_MAX + 1,
                                          .room = CM_WATCHED_MAX});
        }
    }
}

/* A controller that wants to know more of its gates than their verdicts. */
static void bind_gates(struct cm_loading *l, const struct cm_scenario *s, size_t index,
                       const struct cm_named_policy *policy)
{
    size_t i = cm_entry_at(l, &cm_policy_section, (int)index);
    struct cm_asked asked[CM_ASKED_MAX] = {{0}};
    struct cm_err err = {0};
    bool sound = !l->drafts[i].broken && policy->controller->bind;
    for (size_t g = 0; sound && g < policy->n_gates; g++) {
        int id = policy->gate[g];
        sound = id >= 0 && !l->drafts[cm_entry_at(l, &cm_gate_section, id)].broken;
        if (sound)
            asked[g] =
                (struct cm_asked){s->gates[id].name, s->gates[id].gate, s->gates[id].options};
    }
    if (!sound || !policy->controller->bind(l->entries[i].options, asked, l->arena, &err))
        return;
    cm_diag_add(l->diags, CM_DIAG_RULE, cm_entry_err_place(l, i, &err, ""), "[%s] %s",
                cm_entry_title(l, i), err.text);
    l->drafts[i].broken = true;
}

/* A desk's CM_ASK_GATE counts in the order of the policy's list. */
static void view_policies(struct cm_scenario *s, struct cm_loading *l)
{
    struct cm_named_policy *list = room_for(l, &cm_policy_section, sizeof *list, &s->n_policies);
    for (size_t i = 0; i < s->n_policies; i++) {
        const struct cm_entry *entry = entry_of(l, &cm_policy_section, i);
        struct cm_named_policy *policy = &list[i];
        const struct cm_policy *common = entry->common;
        bool pair = common->control == CM_CONTROL_BASELINE;
        *policy = (struct cm_named_policy){
            .name = entry->name,
            .control = pair ? CM_BASELINE : CM_STABLE,
            .control_after =
                pair && common->control_after == CM_AFTER_NOTHING ? CM_BASELINE : CM_STABLE,
            .controller = (const struct cm_controller *)entry->kind,
            .options = entry->options,
        };
        struct targets t = {cm_gate_section.name, policy->gate, 0, CM_ASKED_MAX};
        policy->n_gates = collect(l, &cm_policy_section, i, t);
        watch_parts(l, s, i, policy);
        bind_gates(l, s, i, policy);
    }
    s->policies = list;
}

/* --- the rest --- */

/* Of a section that there is once, written or not. */
static const void *common_of(const struct cm_loading *l, const struct cm_section *section)
{
    return entry_of(l, section, 0)->common;
}

/* NULL where the monitor does not scrape. */
static const struct cm_scraping *scraping_of(const struct cm_loading *l)
{
    const struct cm_entry *telemetry = entry_of(l, &cm_telemetry_section, 0);
    const struct cm_monitor *monitor = (const struct cm_monitor *)telemetry->kind;
    return monitor && monitor->scraping ? monitor->scraping(telemetry->options) : NULL;
}

cm_time cm_view_longest_window(const struct cm_loading *l, const char **reader)
{
    cm_time longest = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct cm_entry *entry = &l->entries[i];
        cm_time past = 0;
        if (l->drafts[i].broken)
            continue;
        if (entry->section == &cm_metric_section) {
            const struct cm_metric *metric = entry->common;
            past = metric->window;
        } else if (entry->section == &cm_gate_section) {
            const struct cm_gate *gate = (const struct cm_gate *)entry->kind;
            past = gate->needs ? gate->needs(entry->options).history : 0;
        }
        if (past > longest) {
            longest = past;
            *reader = cm_entry_title(l, i);
        }
    }
    return longest;
}

/* Before its first request has a label, a KPI has nothing to show: stable is watched for as long as
 * most labels take, where nobody says otherwise. */
static cm_time label_delay(const struct cm_loading *l)
{
    const double most = 0.95;
    cm_time longest = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct cm_kpi *kpi = l->entries[i].common;
        if (l->entries[i].section != &cm_kpi_section || l->drafts[i].broken || kpi->delay.n == 0)
            continue;
        cm_time delay = cm_from_seconds(cm_law_quantile(&kpi->delay, most));
        longest = delay > longest ? delay : longest;
    }
    return longest;
}

/* What was asked for, however short: check.c complains. Beyond the ladder the window itself. */
static cm_time choose_history(const struct cm_scenario *s, const struct cm_loading *l)
{
    const char *reader = "";
    if (s->telemetry.history != CM_NO_DURATION)
        return s->telemetry.history;
    cm_time longest = cm_later(cm_view_longest_window(l, &reader), label_delay(l));
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++)
        if (ladder[i] >= longest)
            return ladder[i];
    return longest;
}

void cm_view_build(struct cm_scenario *s, struct cm_loading *l)
{
    s->entries = l->entries;
    s->n_entries = l->n;
    const struct cm_run_options *run = common_of(l, &cm_scenario_section);
    const struct cm_entry *traffic = entry_of(l, &cm_traffic_section, 0);
    const struct cm_service *service = common_of(l, &cm_service_section);
    const struct cm_environment *environment = common_of(l, &cm_environment_section);
    const struct cm_escape *escape = common_of(l, &cm_escape_section);
    const struct cm_telemetry *telemetry = common_of(l, &cm_telemetry_section);
    const struct cm_fleet *pods = common_of(l, &cm_pods_section);
    const struct cm_users *users = common_of(l, &cm_users_section);
    const struct cm_people *people = common_of(l, &cm_people_section);
    const struct cm_revisions *revisions = common_of(l, &cm_revisions_section);
    s->run = *run;
    s->arrivals = (const struct cm_arrivals *)traffic->kind;
    s->arrivals_options = traffic->options;
    s->service = *service;
    s->environment = *environment;
    s->escape = *escape;
    s->telemetry = *telemetry;
    s->pods = *pods;
    s->users = *users;
    s->people = *people;
    s->revisions = *revisions;
    s->scraping = scraping_of(l);
    view_classes(s, l);
    view_kpis(s, l);
    view_gauges(s, l);
    view_defects(s, l);
    view_metrics(s, l);
    view_gates(s, l);
    view_hooks(s, l);
    view_policies(s, l);
    s->history = choose_history(s, l);
}
