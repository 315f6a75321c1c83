/* The resolved scenario, section by section and key by key, without what does not count.
 *
 * Metrics and gates count where the policy uses them. Two things that the loader works out from all
 * of them are added by name: the flow that plays the scenario, and how long it is watched before
 * the release. Everything else that a policy brings along leaves the others' numbers alone, which a
 * test holds. */
#include "sim/run/essence.h"

#include <string.h>

#include "sim/scenario/flow_kind.h"
#include "sim/scenario/load.h"
#include "sim/scenario/sections.h"

static bool is_section(const struct cm_entry *entry, const char *name)
{
    return strcmp(entry->section->name, name) == 0;
}

static bool watches(const struct cm_plan *plan, int gate)
{
    const struct cm_named_policy *policy = &plan->scenario->policies[plan->policy];
    for (size_t i = 0; i < policy->n_watched; i++)
        if (policy->gate[i] == gate)
            return true;
    return false;
}

static bool uses_gate(const struct cm_plan *plan, const char *name)
{
    const struct cm_scenario *s = plan->scenario;
    for (size_t g = 0; g < s->n_gates; g++)
        if (strcmp(s->gates[g].name, name) == 0)
            return watches(plan, (int)g);
    return true;
}

static bool uses_metric(const struct cm_plan *plan, const char *name)
{
    const struct cm_scenario *s = plan->scenario;
    for (size_t g = 0; g < s->n_gates; g++)
        for (size_t m = 0; watches(plan, (int)g) && m < s->gates[g].n_metrics; m++) {
            int metric = s->gates[g].metric[m];
            if (metric >= 0 && strcmp(s->metrics[metric].name, name) == 0)
                return true;
        }
    return false;
}

/* Sections of layers above say what is reported, not what happens. */
static bool is_of_the_simulation(const struct cm_entry *entry)
{
    for (size_t i = 0; cm_scenario_sections[i]; i++)
        if (cm_scenario_sections[i] == entry->section)
            return true;
    return false;
}

static bool counts(const struct cm_plan *plan, const struct cm_entry *entry)
{
    const struct cm_scenario *s = plan->scenario;
    if (!is_of_the_simulation(entry))
        return false;
    if (is_section(entry, "policy"))
        return strcmp(entry->name, s->policies[plan->policy].name) == 0;
    if (is_section(entry, "defect"))
        return plan->release >= 0 && strcmp(entry->name, s->defects[plan->release].name) == 0;
    if (is_section(entry, "gate"))
        return uses_gate(plan, entry->name);
    if (is_section(entry, "metric"))
        return uses_metric(plan, entry->name);
    return true;
}

/* `flow` is said as what it comes to; priors and an objective for errors only weigh what happened.
 */
static bool key_counts(const struct cm_entry *entry, const char *key)
{
    if (is_section(entry, "service"))
        return strcmp(key, "slo") != 0 && strcmp(key, "slo_period") != 0;
    if (is_section(entry, "scenario"))
        return strcmp(key, "replications") != 0 && strcmp(key, "flow") != 0;
    return !is_section(entry, "defect") || strcmp(key, "prior") != 0;
}

/* A value with the names of files replaced by what is in them. */
static void print_value(const char *value, const struct cm_essence_file *files, size_t n_files,
                        struct cm_writer to)
{
    for (size_t i = 0; i < n_files; i++) {
        const char *at = strstr(value, files[i].name);
        if (!at)
            continue;
        cm_print(to, "%.*s<%s>%s\n", (int)(at - value), value, files[i].digest,
                 at + strlen(files[i].name));
        return;
    }
    cm_print(to, "%s\n", value);
}

static void print_entry(const struct cm_entry *entry, const struct cm_essence_file *files,
                        size_t n_files, struct cm_writer to)
{
    cm_print(to, "[%s.%s]\n%s\n", entry->section->name, entry->name,
             entry->kind ? entry->kind->name : "");
    for (int group = 0; group < CM_GROUPS; group++) {
        struct cm_group fields = cm_entry_group(entry, group);
        for (const struct cm_param *row = fields.rows; row && row->name; row++) {
            struct cm_buffer value = {0};
            if (!key_counts(entry, row->name))
                continue;
            row->type->print(row, (const char *)fields.base + row->offset,
                             cm_buffer_writer(&value));
            cm_print(to, "%s = ", row->name);
            print_value(value.text ? value.text : "", files, n_files, to);
            cm_buffer_release(&value);
        }
    }
}

void cm_essence_of(const struct cm_plan *plan, const struct cm_essence_file *files, size_t n_files,
                   char text[CM_DIGEST_TEXT])
{
    const struct cm_scenario *s = plan->scenario;
    struct cm_digest digest;
    cm_digest_start(&digest);
    struct cm_writer to = cm_digest_writer(&digest);
    cm_print(to, "flow %d history %lld strength %.17g\n", (int)cm_flow_kind_of(s),
             (long long)s->history, plan->strength);
    for (size_t i = 0; i < s->n_entries; i++)
        if (counts(plan, &s->entries[i]))
            print_entry(&s->entries[i], files, n_files, to);
    cm_digest_end(&digest, text);
}
