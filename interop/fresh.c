/* Flagger's Canary, written from the rows of `controller = flagger`: what stands at its default is
 * left to Flagger. The importer reads it back (a test holds that). */
#include "interop/fresh.h"

#include <string.h>

#include "interop/values.h"

struct writing {
    const struct cm_scenario *s;
    const struct cm_entry *policy;
    struct cm_writer to;
    struct cm_arena arena;
};

/* A value as the manifest has it; NULL if it is none, or the default and not asked for. */
static const char *value_of(struct writing *w, const struct cm_entry *entry, const char *key,
                            bool default_too)
{
    char list[CM_SPELLINGS][CM_SPELLING];
    const void *options;
    const struct cm_param *row = cm_values_row(entry, key, &options);
    if (!row)
        return NULL;
    const char *value = cm_values_print(row, options, &w->arena);
    const char *dflt = row->dflt ? cm_values_canonical(row, row->dflt, &w->arena) : "";
    if (strcmp(value, "none") == 0 || (!default_too && strcmp(value, dflt) == 0))
        return NULL;
    cm_values_spell(value, list);
    return cm_arena_text(&w->arena, list[0], strlen(list[0]));
}

static void write_key(struct writing *w, const char *indent, const char *name, const char *key,
                      bool default_too)
{
    const char *value = value_of(w, w->policy, key, default_too);
    if (value)
        cm_print(w->to, "%s%s: %s\n", indent, name, value);
}

/* 1%, 5% is the list 1, 5. */
static void write_step_weights(struct writing *w)
{
    const void *options;
    const struct cm_param *row = cm_values_row(w->policy, "step_weights", &options);
    const char *value = cm_values_print(row, options, &w->arena);
    if (strcmp(value, "none") == 0)
        return;
    cm_print(w->to, "    stepWeights: [");
    for (; *value; value++)
        if (*value != '%')
            cm_print(w->to, "%c", *value);
    cm_print(w->to, "]\n");
}

/* --- metrics --- */

static const char *builtin(const char *check)
{
    return strcmp(check, "request_success_rate") == 0 ? "request-success-rate"
           : strcmp(check, "request_duration") == 0   ? "request-duration"
                                                      : NULL;
}

static void write_range(struct writing *w, const struct cm_entry *gate)
{
    const char *min = value_of(w, gate, "min", false), *max = value_of(w, gate, "max", false);
    if (!min && !max)
        return;
    cm_print(w->to, "        thresholdRange: {");
    if (min)
        cm_print(w->to, "min: %s%s", min, max ? ", " : "");
    if (max)
        cm_print(w->to, "max: %s", max);
    cm_print(w->to, "}\n");
}

/* Durations are in milliseconds there. */
static void write_duration_range(struct writing *w, const struct cm_entry *gate)
{
    const void *options;
    const struct cm_param *row = cm_values_row(gate, "max", &options);
    const struct cm_quantity *max = (const void *)((const char *)options + row->offset);
    cm_print(w->to, "        thresholdRange: {max: %.12g}\n", 1000 * max->value);
}

static void write_metric(struct writing *w, const struct cm_named_gate *named)
{
    const void *options;
    const struct cm_entry *gate = cm_values_entry(w->s, "gate", named->name);
    const struct cm_param *row = cm_values_row(gate, "check", &options);
    const char *name = row ? builtin(cm_values_print(row, options, &w->arena)) : NULL;
    cm_print(w->to, "      - name: %s\n", name ? name : named->name);
    if (!name)
        cm_print(w->to, "        templateRef: {name: %s} # write its MetricTemplate\n",
                 named->name);
    if (named->n_metrics > 0) {
        const struct cm_named_metric *metric = &w->s->metrics[named->metric[0]];
        const struct cm_entry *entry = cm_values_entry(w->s, "metric", metric->name);
        cm_print(w->to, "        interval: %s\n", value_of(w, entry, "window", true));
    }
    if (name && strcmp(name, "request-duration") == 0)
        write_duration_range(w, gate);
    else
        write_range(w, gate);
}

static void write_metrics(struct writing *w, const struct cm_named_policy *policy)
{
    if (policy->n_gates > 0)
        cm_print(w->to, "    metrics:\n");
    for (size_t i = 0; i < policy->n_gates; i++)
        write_metric(w, &w->s->gates[policy->gate[i]]);
}

/* --- webhooks --- */

static const struct {
    const char *key, *type;
} types[] = {
    {"confirm_rollout", "confirm-rollout"},
    {"pre_rollout", "pre-rollout"},
    {"rollout", "rollout"},
    {"confirm_traffic_increase", "confirm-traffic-increase"},
    {"confirm_promotion", "confirm-promotion"},
    {"post_rollout", "post-rollout"},
    {"rollback", "rollback"},
    {"event", "event"},
};

static void write_webhooks(struct writing *w)
{
    bool begun = false;
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        const void *options;
        const struct cm_param *row = cm_values_row(w->policy, types[t].key, &options);
        const struct cm_refs *refs = (const void *)((const char *)options + row->offset);
        for (size_t i = 0; i < refs->n; i++) {
            if (!begun)
                cm_print(w->to, "    webhooks:\n");
            begun = true;
            cm_print(
                w->to,
                "      - name: %s\n        type: %s\n        url: http://localhost/ # say where\n",
                refs->refs[i].name, types[t].type);
        }
    }
}

static void write_canary(struct writing *w, const struct cm_named_policy *policy)
{
    static const struct {
        const char *name, *key;
        bool default_too;
    } keys[] = {
        {"interval", "interval", true},
        {"threshold", "threshold", true},
        {"maxWeight", "max_weight", false},
        {"stepWeight", "step_weight", false},
        {"stepWeightPromotion", "step_weight_promotion", false},
        {"iterations", "iterations", false},
        {"mirror", "mirror", false},
        {"mirrorWeight", "mirror_weight", false},
        {"primaryReadyThreshold", "primary_ready_threshold", false},
        {"canaryReadyThreshold", "canary_ready_threshold", false},
    };
    cm_print(w->to,
             "# Written by coalmine export --new: policy %s of %s.\n"
             "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata:\n  name: %s\nspec:\n",
             policy->name, w->s->file, policy->name);
    write_key(w, "  ", "provider", "provider", true);
    cm_print(w->to,
             "  targetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}\n"
             "  service: {port: 80}\n",
             policy->name);
    write_key(w, "  ", "skipAnalysis", "skip_analysis", false);
    write_key(w, "  ", "suspend", "suspend", false);
    cm_print(w->to, "  analysis:\n");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        write_key(w, "    ", keys[i].name, keys[i].key, keys[i].default_too);
    write_step_weights(w);
    write_metrics(w, policy);
    write_webhooks(w);
}

int cm_fresh_manifest(const struct cm_scenario *s, int policy, struct cm_buffer *text,
                      struct cm_err *err)
{
    const struct cm_named_policy *p = &s->policies[policy];
    struct writing w = {
        .s = s, .policy = cm_values_entry(s, "policy", p->name), .to = cm_buffer_writer(text)};
    if (strcmp(p->controller->kind.name, "flagger") != 0)
        return cm_fail(err,
                       "--new: policy %s has controller = %s; a new manifest can be written "
                       "for flagger only",
                       p->name, p->controller->kind.name);
    write_canary(&w, p);
    cm_arena_release(&w.arena);
    return 0;
}
