/* A Canary object in JSON to options, through the parameter tables: values are written as in a
 * scenario and read by the rows, so that units and ranges are the product's.
 *
 * What Flagger takes from defaults: an interval that is not there or no duration is a minute, a
 * threshold below 0 is as good as 0, a maximum of 0 is none. A metric without a range has its
 * threshold as a lower limit of a success rate, and as an upper one of everything else. */
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"
#include "tests/oracle/flagger.h"

extern const struct cm_controller cm_controller_flagger;
extern const struct cm_gate cm_gate_flagger_check;

/* What is being filled, and where it goes wrong. */
struct filling {
    const struct cm_param *rows;
    void *options;
    struct cm_arena *arena;
    struct cm_err *err;
    bool wrong;
};

static void set(struct filling *f, const char *key, const char *text)
{
    const struct cm_param *row = cm_param_find(f->rows, key);
    if (!f->wrong && (!row || cm_param_set(row, f->options, text, f->arena, f->err)))
        f->wrong = true;
}

static void set_number(struct filling *f, const char *key, double x, const char *unit)
{
    char text[64];
    snprintf(text, sizeof text, "%.15g%s", x, unit);
    set(f, key, text);
}

static void set_percent(struct filling *f, const char *key, const json_t *value)
{
    if (json_is_number(value))
        set_number(f, key, json_number_value(value), "%");
}

static const char *duration(const json_t *value)
{
    const char *text = json_string_value(value);
    return text && *text ? text : "60s";
}

static void set_weights(struct filling *f, const json_t *list)
{
    char text[1024] = "";
    size_t length = 0, i;
    json_t *weight;
    json_array_foreach(list, i, weight)
    {
        if (length < sizeof text)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s%lld%%",
                                       i ? ", " : "", (long long)json_integer_value(weight));
    }
    if (i > 0)
        set(f, "step_weights", text);
}

static void set_analysis(struct filling *f, const json_t *a)
{
    long long threshold = json_integer_value(json_object_get(a, "threshold"));
    long long iterations = json_integer_value(json_object_get(a, "iterations"));
    const json_t *max = json_object_get(a, "maxWeight");
    set(f, "interval", duration(json_object_get(a, "interval")));
    set_number(f, "threshold", threshold > 0 ? (double)threshold : 0, "");
    set_number(f, "iterations", iterations > 0 ? (double)iterations : 0, "");
    if (json_integer_value(max) > 0)
        set_percent(f, "max_weight", max);
    set_percent(f, "step_weight", json_object_get(a, "stepWeight"));
    set_percent(f, "step_weight_promotion", json_object_get(a, "stepWeightPromotion"));
    set_percent(f, "mirror_weight", json_object_get(a, "mirrorWeight"));
    set_weights(f, json_object_get(a, "stepWeights"));
    set(f, "mirror", json_is_true(json_object_get(a, "mirror")) ? "yes" : "no");
}

/* --- references --- */

static void add_ref(struct cm_refs *refs, struct cm_arena *arena, const char *name, size_t index)
{
    if (!refs->refs)
        refs->refs = cm_arena_alloc(arena, FLAGGER_LIST * sizeof *refs->refs);
    refs->refs[refs->n++] = (struct cm_ref){name, (int)index};
}

static struct cm_refs *hook_list(struct cm_flagger *o, enum cm_flagger_hook type)
{
    struct cm_refs *const lists[CM_FLAGGER_HOOKS] = {
        [CM_CONFIRM_ROLLOUT] = &o->confirm_rollout,
        [CM_PRE_ROLLOUT] = &o->pre_rollout,
        [CM_ROLLOUT] = &o->rollout,
        [CM_CONFIRM_TRAFFIC_INCREASE] = &o->confirm_traffic_increase,
        [CM_CONFIRM_PROMOTION] = &o->confirm_promotion,
        [CM_POST_ROLLOUT] = &o->post_rollout,
        [CM_ROLLBACK_HOOK] = &o->rollback,
        [CM_EVENT_HOOK] = &o->event,
    };
    return lists[type];
}

static int read_hook(struct flagger_spec *spec, const json_t *hook, struct cm_arena *arena,
                     struct cm_err *err)
{
    static const char *const types[CM_FLAGGER_HOOKS] = {
        "confirm-rollout",   "pre-rollout",  "rollout",  "confirm-traffic-increase",
        "confirm-promotion", "post-rollout", "rollback", "event"};
    const char *name = json_string_value(json_object_get(hook, "name"));
    const char *type = json_string_value(json_object_get(hook, "type"));
    size_t t = 0;
    type = type && *type ? type : "rollout";
    while (t < CM_FLAGGER_HOOKS && strcmp(types[t], type) != 0)
        t++;
    if (!name || t == CM_FLAGGER_HOOKS || spec->n_hooks == FLAGGER_LIST)
        return cm_fail(err, "a webhook of type %s", type);
    spec->hooks[spec->n_hooks] = name;
    spec->types[spec->n_hooks] = (enum cm_flagger_hook)t;
    add_ref(hook_list(&spec->options, (enum cm_flagger_hook)t), arena, name, spec->n_hooks++);
    return 0;
}

/* --- metrics --- */

/* Limits in the unit in which the gate reads its metric. */
static void set_limits(struct filling *f, const json_t *metric, const struct flagger_metric *m)
{
    static const char *const units[] = {[SUCCESS_RATE] = "%", [DURATION] = "ms", [VALUE] = ""};
    const json_t *range = json_object_get(metric, "thresholdRange");
    const json_t *min = json_object_get(range, "min"), *max = json_object_get(range, "max");
    double threshold = json_number_value(json_object_get(metric, "threshold"));
    if (!range) {
        set_number(f, m->reads == SUCCESS_RATE ? "min" : "max", threshold, units[m->reads]);
        return;
    }
    if (min)
        set_number(f, "min", json_number_value(min), units[m->reads]);
    if (max)
        set_number(f, "max", json_number_value(max), units[m->reads]);
}

/* One evaluation: a builtin, an inline query or a template. */
static int add_metric(struct flagger_spec *spec, struct flagger_metric m, const json_t *metric,
                      struct cm_arena *arena, struct cm_err *err)
{
    static const char *const checks[] = {[SUCCESS_RATE] = "request_success_rate",
                                         [DURATION] = "request_duration",
                                         [VALUE] = "query"};
    if (spec->n_metrics == FLAGGER_LIST)
        return cm_fail(err, "more than %d metrics", FLAGGER_LIST);
    m.gate = &cm_gate_flagger_check;
    m.options = cm_arena_alloc(arena, m.gate->kind.options_size);
    cm_params_default(m.gate->kind.params, m.options, arena);
    struct filling f = {m.gate->kind.params, m.options, arena, err, false};
    set(&f, "check", checks[m.reads]);
    set_limits(&f, metric, &m);
    spec->metrics[spec->n_metrics++] = m;
    return f.wrong ? -1 : 0;
}

static const char *joined(struct cm_arena *arena, const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    char *text = cm_arena_alloc(arena, n + m + 1);
    memcpy(text, a, n);
    memcpy(text + n, b, m);
    return text;
}

static bool is_builtin(const char *name)
{
    return strcmp(name, "request-success-rate") == 0 || strcmp(name, "request-duration") == 0;
}

/* Builtins and inline queries. */
static int add_plain(struct flagger_spec *spec, const json_t *metric, struct cm_arena *arena,
                     struct cm_err *err)
{
    const char *name = json_string_value(json_object_get(metric, "name"));
    const char *query = json_string_value(json_object_get(metric, "query"));
    struct flagger_metric m = {.name = name, .key = name};
    m.reads = strcmp(name, "request-duration") == 0 ? DURATION : SUCCESS_RATE;
    if (is_builtin(name) && add_metric(spec, m, metric, arena, err))
        return -1;
    const char *colon = query ? strchr(query, ':') : NULL;
    m.reads = VALUE;
    m.key = colon ? colon + 1 : name;
    return query ? add_metric(spec, m, metric, arena, err) : 0;
}

/* Templates, and what has no definition at all. */
static int add_template(struct flagger_spec *spec, const json_t *metric, struct cm_arena *arena,
                        struct cm_err *err)
{
    const char *name = json_string_value(json_object_get(metric, "name"));
    const json_t *ref = json_object_get(metric, "templateRef");
    const char *template = json_string_value(json_object_get(ref, "name"));
    bool defined = is_builtin(name) || json_object_get(metric, "query");
    if (!template && defined)
        return 0;
    struct flagger_metric m = {
        .name = name,
        .key = template ? joined(arena, "tmpl:", template) : name,
        .other_key = name,
        .reads = VALUE,
        .missing = !template || strncmp(template, "missing", 7) == 0,
    };
    return add_metric(spec, m, metric, arena, err);
}

static int read_metrics(struct flagger_spec *spec, const json_t *list, struct cm_arena *arena,
                        struct cm_err *err)
{
    for (int pass = 0; pass < 2; pass++) {
        size_t i, before = spec->n_metrics;
        json_t *metric;
        json_array_foreach(list, i, metric)
        {
            if (!json_is_string(json_object_get(metric, "name")))
                return cm_fail(err, "a metric without a name");
            if ((pass ? add_template : add_plain)(spec, metric, arena, err))
                return -1;
        }
        for (size_t m = before; m < spec->n_metrics; m++)
            add_ref(pass ? &spec->options.templates : &spec->options.metrics, arena,
                    spec->metrics[m].name, m);
    }
    return 0;
}

int flagger_spec_read(struct flagger_spec *spec, const json_t *json, const char *provider,
                      struct cm_arena *arena, struct cm_err *err)
{
    const json_t *analysis = json_object_get(json, "analysis");
    const json_t *deadline = json_object_get(json, "progressDeadlineSeconds");
    *spec = (struct flagger_spec){.n_hooks = 0};
    cm_params_default(cm_controller_flagger.kind.params, &spec->options, arena);
    struct filling f = {cm_controller_flagger.kind.params, &spec->options, arena, err, false};
    set(&f, "provider", provider);
    set_analysis(&f, analysis);
    set(&f, "skip_analysis", json_is_true(json_object_get(json, "skipAnalysis")) ? "yes" : "no");
    set(&f, "suspend", json_is_true(json_object_get(json, "suspend")) ? "yes" : "no");
    if (deadline)
        set_number(&f, "progress_deadline", json_number_value(deadline), "s");
    if (json_array_size(json_object_get(analysis, "match")) > 0)
        spec->options.match = (struct cm_ref){"matched", 0};
    size_t i;
    json_t *hook;
    json_array_foreach(json_object_get(analysis, "webhooks"), i, hook)
    {
        if (read_hook(spec, hook, arena, err))
            return -1;
    }
    if (read_metrics(spec, json_object_get(analysis, "metrics"), arena, err))
        return -1;
    return f.wrong ? -1 : 0;
}

/* ^[0-9]+(m|s), a prefix. */
static bool is_interval(const char *text)
{
    size_t digits = text ? strspn(text, "0123456789") : 0;
    return digits > 0 && (text[digits] == 'm' || text[digits] == 's');
}

bool flagger_spec_admits(const json_t *analysis, const struct flagger_spec *spec)
{
    struct cm_err err;
    return is_interval(json_string_value(json_object_get(analysis, "interval"))) &&
           json_object_get(analysis, "threshold") &&
           !cm_controller_flagger.kind.check(&spec->options, &err);
}
