/* Metrics of templates: when they are measured, what is measured, and how it is judged.
 *
 * Arguments ({{args.x}}) are filled in wherever a metric has a text, the analysis' own before the
 * template's defaults. Of a value that only a cluster knows, the pod hashes are told apart (stable
 * and canary), the others stay as they are. */
#include "interop/argo_template.h"

#include <math.h>
#include <string.h>

#include "interop/measure.h"
#include "sim/base/list.h"
#include "sim/base/text.h"

enum { ARGS = 64 };

struct reading_of {
    struct cm_argo_templates *t;
    struct cm_draft *d;
    struct cm_reader *r;
    struct cm_variable args[ARGS];
    size_t n_args;
    const struct cm_node *dry_run; /* the analysis' and the template's lists */
    const struct cm_node *own_dry_run;
};

/* --- arguments --- */

static const char *value_of(struct reading_of *w, const struct cm_node *arg)
{
    const char *value = NULL, *hash = "";
    if (cm_manifest_text(w->r, arg, "value", &value))
        return value;
    if (cm_manifest_text(w->r, arg, "valueFrom.podTemplateHashValue", &hash))
        return strcmp(hash, "Stable") == 0 ? "stable" : "canary";
    return NULL;
}

/* Later ones count: cm_measure_fill looks from the end. */
static void read_args(struct reading_of *w, const struct cm_node *list)
{
    for (const struct cm_node *arg = list ? list->first : NULL; arg; arg = arg->next) {
        const char *name = "";
        if (!cm_manifest_is_map(w->r, arg) || !cm_manifest_text(w->r, arg, "name", &name))
            continue;
        const char *value = value_of(w, arg);
        if (!value || w->n_args == ARGS)
            continue;
        struct cm_buffer whole = {0};
        cm_print(cm_buffer_writer(&whole), "args.%s", name);
        w->args[w->n_args++] =
            (struct cm_variable){cm_arena_text(w->r->arena, whole.text, whole.length), value};
        cm_buffer_release(&whole);
    }
}

/* The metric with all arguments filled in: its own texts, and those below are shared. */
static struct cm_node *filled(struct reading_of *w, const struct cm_node *metric)
{
    struct cm_node *copy = cm_arena_alloc(w->r->arena, sizeof *copy);
    *copy = *metric;
    copy->first = copy->last = NULL;
    for (const struct cm_node *from = metric->first; from; from = from->next) {
        struct cm_node *to = cm_arena_alloc(w->r->arena, sizeof *to);
        *to = *from;
        to->next = NULL;
        if (from->kind == CM_NODE_TEXT && strstr(from->text, "{{"))
            to->text = cm_measure_fill(w->r->arena, from->text, w->args, w->n_args);
        if (copy->last)
            copy->last->next = to;
        else
            copy->first = to;
        copy->last = to;
    }
    return copy;
}

/* What was taken from the copy was taken from the manifest. */
static void mark_taken(const struct cm_node *copy, const struct cm_node *metric)
{
    for (const struct cm_node *node = copy->first; node; node = node->next)
        if (node->taken)
            cm_manifest_take(metric, node->key);
}

/* --- conditions --- */

/* `result` in the query's scale, of a metric that measures the rest of a ratio, or seconds. */
static void write_result(const struct cm_promql *query, const char *result, struct cm_writer to)
{
    bool rest = query->shape == CM_PROMQL_SUCCESS_RATIO;
    const char *scale = query->scale == 1 ? "" : " * ";
    cm_print(to, "%s", rest || *scale ? "(" : "");
    if (*scale)
        cm_print(to, "%.12g%s", query->scale, scale);
    cm_print(to, rest ? (*scale ? "(1 - %s)" : "1 - %s") : "%s", result);
    cm_print(to, "%s", rest || *scale ? ")" : "");
}

/* The condition on what the metric measures. Lists (len(result)) stay lists. */
static const char *rescaled(struct reading_of *w, const struct cm_promql *query,
                            const char *condition, bool scalar)
{
    const char *result = scalar ? "result" : "result[0]";
    size_t n = strlen(result);
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    for (const char *at = condition; *at;) {
        if (strncmp(at, result, n) == 0) {
            write_result(query, result, to);
            at += n;
        } else if (*at == '#') {
            write_result(query, "#", to);
            at++;
        } else {
            to.write(to.self, *at == '\n' ? " " : at, 1);
            at++;
        }
    }
    const char *kept = cm_arena_text(w->r->arena, text.text ? text.text : "", text.length);
    cm_buffer_release(&text);
    return kept;
}

/* Whether a condition is about a number: no texts, no members of an object. */
static bool is_numeric(const char *condition)
{
    const char *member = strstr(condition, "result.");
    return !member && !strpbrk(condition, "'\"`") && strstr(condition, "result");
}

/* The limit of "result[0] OP number" and its like, to guess what a healthy release keeps. */
static double limit_of(const char *condition, bool *is_max)
{
    const char *at = strpbrk(condition, "<>");
    double value;
    if (!at)
        return NAN;
    *is_max = *at == '<';
    at += 1 + (at[1] == '=');
    at += strspn(at, " ");
    size_t n = strspn(at, "0123456789.");
    char number[32] = "";
    if (n == 0 || n >= sizeof number)
        return NAN;
    memcpy(number, at, n);
    return cm_manifest_read_number(number, &value) ? value : NAN;
}

/* --- gates --- */

static const char *provider_of(const struct cm_node *metric)
{
    const struct cm_node *provider = cm_manifest_take(metric, "provider");
    bool named = provider && provider->kind == CM_NODE_MAP && provider->first;
    return named ? provider->first->key : "";
}

/* Anything is fine: what nobody knows yet does not stop a release. */
static struct cm_measured stand_in(struct reading_of *w, const char *name)
{
    struct cm_measured m = {.query = {.scale = 1, .window_s = NAN}};
    m.name = cm_draft_name(w->d, "metric", name);
    cm_draft_section(w->d, "metric", m.name);
    cm_draft_remark(w->d, "stands in for what nobody has said yet");
    cm_draft_assume(w->d, "signal", "error_ratio");
    return m;
}

static void ask(struct reading_of *w, const struct cm_node *at, const char *name, const char *why,
                const char *gate)
{
    cm_notes_add(w->r->notes, CM_NOTE_ASKED, cm_yaml_place(at),
                 "metric '%.60s': %s; it always succeeds: say what it measures and when that is "
                 "good, in [metric.%s] and [gate.%s]",
                 name, why, gate, gate);
}

static const char *open_gate(struct reading_of *w, const char *name, const struct cm_measured *m)
{
    const char *gate = cm_draft_name(w->d, "gate", name);
    cm_draft_section(w->d, "gate", gate);
    cm_draft_key(w->d, NULL, "test", "argo_metric");
    cm_draft_key(w->d, NULL, "metric", "%s", m->name);
    w->t->gates = cm_list_grow(w->r->arena, w->t->gates, w->t->n, sizeof *w->t->gates);
    w->t->gates[w->t->n++] = gate;
    return gate;
}

static void always_succeed(struct reading_of *w)
{
    cm_draft_assume(w->d, "success_condition", "isNaN(result[0]) || result[0] >= 0");
}

struct conditions {
    const char *success, *failure; /* NULL = not given */
    const struct cm_node *success_at, *failure_at;
    double limit;
    bool is_max;
};

static struct conditions read_conditions(struct reading_of *w, const struct cm_node *metric)
{
    struct conditions c = {.limit = NAN};
    cm_manifest_text(w->r, metric, "successCondition", &c.success);
    cm_manifest_text(w->r, metric, "failureCondition", &c.failure);
    c.success_at = cm_manifest_find(metric, "successCondition");
    c.failure_at = cm_manifest_find(metric, "failureCondition");
    if (c.success) {
        c.limit = limit_of(c.success, &c.is_max);
    } else if (c.failure) {
        c.limit = limit_of(c.failure, &c.is_max);
        c.is_max = !c.is_max;
    }
    return c;
}

static void write_conditions(struct reading_of *w, const struct cm_measured *m,
                             const struct conditions *c)
{
    const char *any = c->success ? c->success : c->failure;
    bool scalar = !strstr(any, "result[") && !strstr(any, "(result") && !strchr(any, '#');
    if (c->success)
        cm_draft_key(w->d, c->success_at, "success_condition", "%s",
                     rescaled(w, &m->query, c->success, scalar));
    if (c->failure)
        cm_draft_key(w->d, c->failure_at, "failure_condition", "%s",
                     rescaled(w, &m->query, c->failure, scalar));
    if (scalar)
        cm_draft_assume(w->d, "result", "scalar");
    if (!isnan(c->limit))
        cm_measure_expect(w->d, m, c->limit, c->is_max);
}

/* The metric's section; name NULL if it cannot be told. */
static struct cm_measured measure(struct reading_of *w, const struct cm_node *metric,
                                  const char *name, const struct conditions *c)
{
    const char *query = NULL, *provider = provider_of(metric);
    struct cm_question question = {
        .name = name, .at = metric, .window_s = NAN, .limits = &c->limit, .n_limits = 1};
    if (strcmp(provider, "prometheus") != 0) {
        struct cm_buffer why = {0};
        cm_print(cm_buffer_writer(&why), "provider '%.40s' is not read", provider);
        question.why = cm_arena_text(w->r->arena, why.text, why.length);
        cm_buffer_release(&why);
        return cm_measure(w->d, &question);
    }
    if (cm_manifest_text(w->r, metric, "provider.prometheus.query", &query)) {
        question.at = cm_manifest_find(metric, "provider.prometheus.query");
        question.query = cm_measure_fill(w->r->arena, query, w->args, w->n_args);
    }
    return cm_measure(w->d, &question);
}

/* A row of the template, or one of its numbers, as a key of the gate. */
static void write_schedule(struct reading_of *w, const struct cm_node *metric, const char *name)
{
    static const char *const limits[][2] = {
        {"failureLimit", "failure_limit"},
        {"inconclusiveLimit", "inconclusive_limit"},
        {"consecutiveErrorLimit", "consecutive_error_limit"},
        {"consecutiveSuccessLimit", "consecutive_success_limit"},
    };
    double interval = 0, delay = 0;
    long long count = 0, limit;
    if (cm_manifest_duration(w->r, metric, "interval", &interval) && interval > 0)
        cm_draft_key(w->d, cm_manifest_find(metric, "interval"), "interval", "%s",
                     cm_draft_time(w->d, interval));
    if (cm_manifest_duration(w->r, metric, "initialDelay", &delay))
        cm_draft_key(w->d, cm_manifest_find(metric, "initialDelay"), "initial_delay", "%s",
                     cm_draft_time(w->d, delay));
    if (cm_manifest_count(w->r, metric, "count", &count))
        cm_draft_key(w->d, cm_manifest_find(metric, "count"), "count", "%lld", count);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (cm_manifest_count(w->r, metric, limits[i][0], &limit))
            cm_draft_key(w->d, cm_manifest_find(metric, limits[i][0]), limits[i][1], "%lld", limit);
    if (w->t->is_step && interval > 0 && count <= 0)
        cm_notes_add(
            w->r->notes, CM_NOTE_ERROR, cm_yaml_place(metric),
            "metric '%.60s' has an interval and no count: an analysis that is a step would "
            "never end, and Argo refuses it",
            name);
    double takes = delay + (double)(count > 1 ? count - 1 : 0) * interval;
    if (takes > w->t->takes_s)
        w->t->takes_s = takes;
}

/* .* and plain names; other patterns are not read. */
static bool is_dry(struct reading_of *w, const struct cm_node *list, const char *name)
{
    bool dry = false;
    for (const struct cm_node *rule = list ? list->first : NULL; rule; rule = rule->next) {
        const char *pattern = "";
        if (cm_manifest_is_map(w->r, rule) &&
            cm_manifest_text(w->r, rule, "metricName", &pattern) &&
            (strcmp(pattern, ".*") == 0 || strcmp(pattern, name) == 0))
            dry = true;
    }
    return dry;
}

static void import_metric(struct reading_of *w, const struct cm_node *original)
{
    const char *name = "metric";
    if (!cm_manifest_is_map(w->r, original))
        return;
    struct cm_node *metric = filled(w, original);
    cm_manifest_text(w->r, metric, "name", &name);
    struct conditions c = read_conditions(w, metric);
    bool numeric = (!c.success || is_numeric(c.success)) && (!c.failure || is_numeric(c.failure)) &&
                   (c.success || c.failure);
    struct cm_measured m = {.name = NULL};
    if (numeric)
        m = measure(w, metric, name, &c);
    if (m.name && m.query.shape != CM_PROMQL_COMPARISON) {
        open_gate(w, name, &m);
        write_conditions(w, &m, &c);
    } else {
        const char *why = !numeric        ? "its conditions are not about a number"
                          : m.query.shape ? "Argo's conditions know no control here"
                                          : "what it measures cannot be told";
        provider_of(metric);
        struct cm_measured open = m.name ? m : stand_in(w, name);
        const char *gate = open_gate(w, name, &open);
        always_succeed(w);
        ask(w, original, name, why, gate);
    }
    write_schedule(w, metric, name);
    if (is_dry(w, w->dry_run, name) || is_dry(w, w->own_dry_run, name))
        cm_draft_key(w->d, NULL, "dry_run", "yes");
    mark_taken(metric, original);
}

/* --- templates --- */

static void import_missing(struct reading_of *w, const struct cm_node *reference, const char *kind,
                           const char *name)
{
    struct cm_measured open = stand_in(w, name);
    const char *gate = open_gate(w, name, &open);
    always_succeed(w);
    if (!w->t->is_step)
        cm_draft_assume(w->d, "interval", "1m");
    cm_notes_add(w->r->notes, CM_NOTE_ASKED, cm_yaml_place(reference),
                 "no file holds the %s '%.60s': it always succeeds; give its file as well, or say "
                 "what it measures in [metric.%s] and [gate.%s]",
                 kind, name, open.name, gate);
}

static void import_template(struct reading_of *w, const struct cm_node *reference)
{
    const char *name = "";
    bool cluster = false;
    if (!cm_manifest_is_map(w->r, reference))
        return;
    if (!cm_manifest_text(w->r, reference, "templateName", &name)) {
        cm_notes_add(w->r->notes, CM_NOTE_ERROR, cm_yaml_place(reference),
                     "a reference without templateName");
        return;
    }
    cm_manifest_flag(w->r, reference, "clusterScope", &cluster);
    const char *kind = cluster ? "ClusterAnalysisTemplate" : "AnalysisTemplate";
    size_t errors = w->r->notes->count[CM_NOTE_ERROR];
    struct cm_resource *found =
        cm_importer_find(w->t->im, reference, kind, name, cluster ? "" : w->t->space);
    if (!found) {
        if (errors == w->r->notes->count[CM_NOTE_ERROR])
            import_missing(w, reference, kind, name);
        return;
    }
    w->n_args = 0;
    read_args(w, cm_manifest_list(w->r, found->node, "spec.args"));
    read_args(w, cm_manifest_list(w->r, w->t->analysis, "args"));
    w->own_dry_run = cm_manifest_list(w->r, found->node, "spec.dryRun");
    const struct cm_node *metrics = cm_manifest_list(w->r, found->node, "spec.metrics");
    for (const struct cm_node *m = metrics ? metrics->first : NULL; m; m = m->next)
        import_metric(w, m);
}

void cm_argo_templates_import(struct cm_argo_templates *t)
{
    struct reading_of w = {.t = t, .d = &t->im->draft, .r = &t->im->reader};
    w.dry_run = cm_manifest_list(w.r, t->analysis, "dryRun");
    const struct cm_node *list = cm_manifest_list(w.r, t->analysis, "templates");
    for (const struct cm_node *item = list ? list->first : NULL; item; item = item->next)
        import_template(&w, item);
    read_args(&w, cm_manifest_list(w.r, t->analysis, "args"));
}
