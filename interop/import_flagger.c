/* Flagger's Canary (flagger.app/v1beta1) and MetricTemplate.
 *
 * Keys become keys of `controller = flagger`, metrics gates of `test = flagger_check`, webhooks
 * hooks. Builtin metrics measure what the provider's queries measure: the p99 over buckets, but the
 * mean for nginx and skipper; the success rate in percent. A bare `threshold` is a minimum of the
 * success rate and a maximum of everything else.
 *
 * Source: fluxcd/flagger v1.44.0, pkg/apis/flagger/v1beta1/canary.go, pkg/metrics/observers,
 * pkg/controller/scheduler_metrics.go. */
#include <math.h>
#include <string.h>

#include "interop/importer.h"
#include "interop/measure.h"

struct flagger {
    struct cm_importer *im;
    struct cm_draft *d;
    struct cm_reader *r;
    const struct cm_node *root, *analysis;
    const char *space, *name, *provider;
    struct cm_draft_names metrics, templates;
};

/* --- metrics --- */

struct range {
    double min, max; /* NAN = none */
    const struct cm_node *min_at, *max_at;
};

/* Where there is a range, `threshold` is not looked at. */
static struct range read_range(struct flagger *f, const struct cm_node *metric, bool is_minimum)
{
    struct range range = {.min = NAN, .max = NAN};
    const struct cm_node *given = cm_manifest_map(f->r, metric, "thresholdRange");
    double threshold = 0;
    if (given) {
        cm_manifest_number(f->r, metric, "thresholdRange.min", &range.min);
        cm_manifest_number(f->r, metric, "thresholdRange.max", &range.max);
        range.min_at = cm_manifest_find(metric, "thresholdRange.min");
        range.max_at = cm_manifest_find(metric, "thresholdRange.max");
        return range;
    }
    cm_manifest_number(f->r, metric, "threshold", &threshold);
    const struct cm_node *at = cm_manifest_find(metric, "threshold");
    at = at ? at : metric;
    if (is_minimum)
        range.min = threshold, range.min_at = at;
    else
        range.max = threshold, range.max_at = at;
    return range;
}

/* A success ratio is compared the other way round, if the metric is one of errors. */
static void write_limits(struct flagger *f, const struct cm_measured *m, const struct range *range)
{
    if (!isnan(range->min)) {
        cm_draft_key(f->d, range->min_at, "min", "%s", cm_measure_limit(f->d, m, range->min));
        cm_measure_expect(f->d, m, range->min, false);
    }
    if (!isnan(range->max)) {
        cm_draft_key(f->d, range->max_at, "max", "%s", cm_measure_limit(f->d, m, range->max));
        cm_measure_expect(f->d, m, range->max, true);
    }
}

static const char *check_of(const struct cm_measured *m, bool duration)
{
    if (m->query.shape == CM_PROMQL_SUCCESS_RATIO)
        return "request_success_rate";
    return duration ? "request_duration" : "query";
}

/* Comparisons have limits of their own: flagger_check knows no control. */
static void write_comparison(struct flagger *f, const struct cm_node *metric,
                             const struct cm_measured *m, const struct range *range)
{
    struct cm_measured limit = *m;
    limit.query.shape = m->query.of;
    cm_draft_key(f->d, metric, "test", "threshold");
    cm_draft_key(f->d, NULL, "metric", "%s", m->name);
    if (isnan(range->max))
        return;
    if (m->query.quotient)
        cm_draft_key(f->d, range->max_at, "max_ratio", "%.12g", range->max / m->query.scale);
    else
        cm_draft_key(f->d, range->max_at, "max_increase", "%s",
                     cm_measure_limit(f->d, &limit, range->max));
    if (!isnan(range->min))
        cm_notes_add(f->r->notes, CM_NOTE_IGNORED, cm_yaml_key_place(range->min_at),
                     "the minimum of a comparison with stable");
}

static void write_gate(struct flagger *f, const struct cm_node *metric, const char *name,
                       const struct cm_measured *m, const struct range *range,
                       struct cm_draft_names *list)
{
    bool duration = list == &f->metrics && strcmp(name, "request-duration") == 0;
    const char *gate = cm_draft_name(f->d, "gate", name);
    cm_draft_section(f->d, "gate", gate);
    if (m->query.shape == CM_PROMQL_COMPARISON) {
        write_comparison(f, metric, m, range);
    } else {
        cm_draft_key(f->d, metric, "test", "flagger_check");
        cm_draft_key(f->d, NULL, "check", "%s", check_of(m, duration));
        cm_draft_key(f->d, NULL, "metric", "%s", m->name);
        write_limits(f, m, range);
    }
    cm_draft_list(f->d, list, gate);
}

/* What the provider's own queries measure, where it is not the usual. */
static bool has_mean(const char *provider)
{
    return strcmp(provider, "nginx") == 0 || strcmp(provider, "skipper") == 0;
}

static void import_builtin(struct flagger *f, const struct cm_node *metric,
                           struct cm_question *question, bool success)
{
    struct cm_promql query = {.window_s = NAN, .scale = success ? 100 : 1000, .function = "rate"};
    struct range range = read_range(f, metric, success);
    query.shape = success                 ? CM_PROMQL_SUCCESS_RATIO
                  : has_mean(f->provider) ? CM_PROMQL_MEAN
                                          : CM_PROMQL_QUANTILE;
    query.quantile = 0.99;
    struct cm_measured m = cm_measure_as(f->d, question, &query);
    write_gate(f, metric, question->name, &m, &range, &f->metrics);
}

/* --- templates --- */

/* What a template's query may name. */
static size_t fill_variables(struct flagger *f, const struct cm_node *metric, const char *interval,
                             struct cm_variable list[], size_t most)
{
    size_t n = 0;
    const char *target = "target";
    cm_manifest_text(f->r, f->root, "spec.targetRef.name", &target);
    list[n++] = (struct cm_variable){"interval", interval};
    list[n++] = (struct cm_variable){"name", f->name};
    list[n++] = (struct cm_variable){"target", target};
    list[n++] = (struct cm_variable){"namespace", *f->space ? f->space : "default"};
    const struct cm_node *given = cm_manifest_map(f->r, metric, "templateVariables");
    for (const struct cm_node *v = given ? given->first : NULL; v && n < most; v = v->next) {
        struct cm_buffer name = {0};
        const char *value = "";
        if (!cm_manifest_text(f->r, given, v->key, &value))
            continue;
        cm_print(cm_buffer_writer(&name), "variables.%s", v->key);
        list[n++] = (struct cm_variable){cm_arena_text(f->r->arena, name.text, name.length), value};
        cm_buffer_release(&name);
    }
    return n;
}

/* The query of a template, filled in; NULL with a note if there is none to be had. */
static const char *template_query(struct flagger *f, const struct cm_node *metric,
                                  struct cm_question *question, const char *interval)
{
    enum { VARIABLES = 32 };
    struct cm_variable variables[VARIABLES];
    struct cm_buffer why = {0};
    const char *name = "", *space = f->space, *type = "prometheus", *query = NULL;
    if (!cm_manifest_text(f->r, metric, "templateRef.name", &name))
        return NULL;
    cm_manifest_text(f->r, metric, "templateRef.namespace", &space);
    struct cm_resource *found = cm_importer_find(f->im, metric, "MetricTemplate", name, space);
    size_t n = fill_variables(f, metric, interval, variables, VARIABLES);
    if (!found) {
        cm_print(cm_buffer_writer(&why), "no file holds its MetricTemplate '%.60s'%s%.60s", name,
                 *space ? " of namespace " : "", space);
        question->why = cm_arena_text(f->r->arena, why.text, why.length);
        cm_buffer_release(&why);
        return NULL;
    }
    cm_manifest_text(f->r, found->node, "spec.provider.type", &type);
    const struct cm_node *text = cm_manifest_find(found->node, "spec.query");
    if (!cm_manifest_text(f->r, found->node, "spec.query", &query))
        return NULL;
    question->at = text;
    if (strcmp(type, "prometheus") != 0) {
        question->why = "its query is for another provider than Prometheus, and not read";
        return NULL;
    }
    return cm_measure_fill(f->r->arena, query, variables, n);
}

static void import_query(struct flagger *f, const struct cm_node *metric,
                         struct cm_question *question, bool is_template)
{
    struct range range = read_range(f, metric, false);
    const double limits[] = {range.min, range.max};
    struct cm_question asked = *question;
    asked.limits = limits;
    asked.n_limits = sizeof limits / sizeof *limits;
    struct cm_measured m = cm_measure(f->d, &asked);
    if (m.name)
        write_gate(f, metric, question->name, &m, &range,
                   is_template ? &f->templates : &f->metrics);
}

/* Minutes and seconds, as the queries of templates have it. */
static void import_metric(struct flagger *f, const struct cm_node *metric)
{
    const char *name = "", *inline_query = NULL, *interval = "1m";
    if (!cm_manifest_is_map(f->r, metric))
        return;
    if (!cm_manifest_text(f->r, metric, "name", &name)) {
        cm_notes_add(f->r->notes, CM_NOTE_ERROR, cm_yaml_place(metric), "a metric without a name");
        return;
    }
    struct cm_question question = {.name = name, .at = metric, .window_s = NAN};
    question.window_at = cm_manifest_find(metric, "interval");
    if (cm_manifest_duration(f->r, metric, "interval", &question.window_s))
        cm_manifest_text(f->r, metric, "interval", &interval);
    bool success = strcmp(name, "request-success-rate") == 0;
    bool reference = cm_manifest_map(f->r, metric, "templateRef") != NULL;
    if (success || strcmp(name, "request-duration") == 0)
        import_builtin(f, metric, &question, success);
    if (cm_manifest_text(f->r, metric, "query", &inline_query)) {
        question.query = inline_query;
        question.at = cm_manifest_find(metric, "query");
        import_query(f, metric, &question, false);
    }
    if (reference) {
        question.at = metric;
        question.query = template_query(f, metric, &question, interval);
        import_query(f, metric, &question, true);
    } else if (!success && !inline_query && strcmp(name, "request-duration") != 0) {
        cm_notes_add(f->r->notes, CM_NOTE_ERROR, cm_yaml_place(metric),
                     "metric '%.60s' has no query, no templateRef, and is not built in: Flagger "
                     "fails every check of it",
                     name);
    }
}

/* --- webhooks --- */

/* A key of the controller for each type, in its order. */
static const struct {
    const char *type, *key;
} hook_types[] = {
    {"confirm-rollout", "confirm_rollout"},
    {"pre-rollout", "pre_rollout"},
    {"rollout", "rollout"},
    {"confirm-traffic-increase", "confirm_traffic_increase"},
    {"confirm-promotion", "confirm_promotion"},
    {"post-rollout", "post_rollout"},
    {"rollback", "rollback"},
    {"event", "event"},
};
enum { HOOK_TYPES = sizeof hook_types / sizeof *hook_types };

/* Sends requests, as the loadtester of Flagger's documentation does. */
static bool is_load_test(struct flagger *f, const struct cm_node *hook)
{
    static const char *const words[] = {"hey ", "wrk", "k6 ", "ghz", "vegeta", "fortio", "locust"};
    const char *command = "", *name = "";
    cm_manifest_text(f->r, hook, "metadata.cmd", &command);
    cm_manifest_text(f->r, hook, "name", &name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(command, words[i]))
            return true;
    return strstr(name, "load") != NULL;
}

static void import_hook(struct flagger *f, const struct cm_node *hook,
                        struct cm_draft_names lists[])
{
    const char *type = "rollout", *name = "webhook";
    double timeout = 10;
    size_t t = 0;
    if (!cm_manifest_is_map(f->r, hook))
        return;
    cm_manifest_text(f->r, hook, "name", &name);
    if (cm_manifest_text(f->r, hook, "type", &type) && !*type)
        type = "rollout";
    while (t < HOOK_TYPES && strcmp(hook_types[t].type, type) != 0)
        t++;
    if (t == HOOK_TYPES) {
        cm_notes_add(f->r->notes, CM_NOTE_ERROR, cm_yaml_place(cm_manifest_find(hook, "type")),
                     "'%.40s' is no type of webhook (%s, %s, ...)", type, hook_types[0].type,
                     hook_types[1].type);
        return;
    }
    const char *kept = cm_draft_name(f->d, "hook", name);
    cm_draft_section(f->d, "hook", kept);
    cm_draft_remark(f->d, "a %s webhook: what it knows of a release is not in the manifest", type);
    cm_draft_assume(f->d, "false_alarm", "0%%");
    if (cm_manifest_duration(f->r, hook, "timeout", &timeout) && timeout >= 1e-3)
        cm_draft_key(f->d, cm_manifest_find(hook, "timeout"), "timeout", "%s",
                     cm_draft_time(f->d, timeout));
    cm_notes_add(f->r->notes, CM_NOTE_ASSUMED, cm_yaml_place(hook),
                 "webhook '%.60s' (%s) answers at once and objects to no release: "
                 "[hook.%s] false_alarm, power, delay",
                 name, type, kept);
    cm_draft_list(f->d, &lists[t], kept);
}

/* --- the policy --- */

/* Percents as an integer. */
static void write_percent(struct flagger *f, const char *from, const char *key)
{
    long long percent = 0;
    const struct cm_node *at = cm_manifest_find(f->root, from);
    if (cm_manifest_count(f->r, f->root, from, &percent))
        cm_draft_key(f->d, at, key, "%lld%%", percent);
}

static void write_flag(struct flagger *f, const char *from, const char *key)
{
    bool yes = false;
    const struct cm_node *at = cm_manifest_find(f->root, from);
    if (cm_manifest_flag(f->r, f->root, from, &yes) && yes)
        cm_draft_key(f->d, at, key, "yes");
}

static double write_step_weights(struct flagger *f)
{
    const struct cm_node *list = cm_manifest_list(f->r, f->root, "spec.analysis.stepWeights");
    struct cm_draft_names names = {0};
    for (const struct cm_node *item = list ? list->first : NULL; item; item = item->next) {
        double percent;
        if (cm_manifest_item_number(f->r, item, &percent))
            cm_draft_list(f->d, &names, cm_draft_percent(f->d, percent));
    }
    if (names.n)
        cm_draft_key(f->d, list, "step_weights", "%s", names.text);
    return (double)names.n;
}

/* gatewayapi:v1beta1 is one, too. */
static void write_provider(struct flagger *f)
{
    const struct cm_node *at = cm_manifest_find(f->root, "spec.provider");
    if (!at) {
        cm_draft_assume(f->d, "provider", "%s", f->provider);
        cm_notes_add(f->r->notes, CM_NOTE_ASSUMED, (struct cm_place){.file = f->root->yaml->file},
                     "provider %s: the manifest leaves it to the controller's command line",
                     f->provider);
    } else {
        cm_draft_key(f->d, at, "provider", "%s", f->provider);
    }
}

/* The default of Flagger's command line is istio. */
static void read_provider(struct flagger *f)
{
    const char *text = NULL;
    const struct cm_node *at = cm_manifest_find(f->root, "spec.provider");
    f->provider = "istio";
    if (!cm_manifest_text(f->r, f->root, "spec.provider", &text))
        return;
    const char *name = cm_arena_text(f->r->arena, text, strcspn(text, ":"));
    if (cm_import_flagger_provider(name))
        f->provider = name;
    else
        cm_notes_add(f->r->notes, CM_NOTE_IGNORED, cm_yaml_place(at),
                     "provider '%.40s' is not known; it is taken for istio", text);
}

static void write_analysis(struct flagger *f)
{
    const struct cm_node *a = f->analysis;
    double interval = 60, seconds, weights;
    long long threshold = 1, iterations = 0, step = 0, most = 100;
    if (!a) {
        cm_draft_assume(f->d, "interval", "1m");
        cm_draft_assume(f->d, "threshold", "1");
        cm_draft_assume(f->d, "step_weight", "100%%");
        return;
    }
    if (cm_manifest_duration(f->r, a, "interval", &interval) && interval > 0)
        cm_draft_key(f->d, cm_manifest_find(a, "interval"), "interval", "%s",
                     cm_draft_time(f->d, interval));
    else
        cm_draft_assume(f->d, "interval", "1m");
    if (cm_manifest_count(f->r, a, "threshold", &threshold))
        cm_draft_key(f->d, cm_manifest_find(a, "threshold"), "threshold", "%lld",
                     threshold < 0 ? 0 : threshold);
    else
        cm_draft_assume(f->d, "threshold", "1");
    write_percent(f, "spec.analysis.stepWeight", "step_weight");
    write_percent(f, "spec.analysis.maxWeight", "max_weight");
    weights = write_step_weights(f);
    write_percent(f, "spec.analysis.stepWeightPromotion", "step_weight_promotion");
    if (cm_manifest_count(f->r, a, "iterations", &iterations) && iterations > 0)
        cm_draft_key(f->d, cm_manifest_find(a, "iterations"), "iterations", "%lld", iterations);
    cm_manifest_count(f->r, a, "stepWeight", &step);
    cm_manifest_count(f->r, a, "maxWeight", &most);
    most = most > 100 || most <= 0 ? 100 : most;
    double ticks = iterations > 0 ? (double)iterations
                   : weights > 0  ? weights
                   : step > 0     ? ceil((double)most / (double)step)
                                  : 10;
    seconds = interval < 10 ? 10 : interval;
    f->d->longest_s = seconds * (ticks + (double)threshold + 6);
}

static void write_readiness(struct flagger *f)
{
    double seconds;
    write_percent(f, "spec.analysis.primaryReadyThreshold", "primary_ready_threshold");
    write_percent(f, "spec.analysis.canaryReadyThreshold", "canary_ready_threshold");
    if (cm_manifest_duration(f->r, f->root, "spec.progressDeadlineSeconds", &seconds) &&
        seconds >= 1)
        cm_draft_key(f->d, cm_manifest_find(f->root, "spec.progressDeadlineSeconds"),
                     "progress_deadline", "%s", cm_draft_time(f->d, seconds));
    const char *kind = "Deployment";
    if (cm_manifest_text(f->r, f->root, "spec.targetRef.kind", &kind) &&
        strcmp(kind, "DaemonSet") == 0)
        cm_draft_key(f->d, cm_manifest_find(f->root, "spec.targetRef.kind"), "target", "daemonset");
    write_flag(f, "spec.skipAnalysis", "skip_analysis");
    write_flag(f, "spec.suspend", "suspend");
}

/* Blue/green without a mirror: the canary gets requests of a load test only. */
static void write_load_test(struct flagger *f, const struct cm_node *load_test)
{
    bool mirror = false;
    cm_manifest_flag(f->r, f->root, "spec.analysis.mirror", &mirror);
    bool weights = !cm_manifest_find(f->root, "spec.analysis.iterations") &&
                   strcmp(f->provider, "kubernetes") != 0;
    if (!load_test || weights || mirror || cm_manifest_find(f->root, "spec.analysis.match"))
        return;
    cm_draft_assume(f->d, "load_test", "100%%");
    cm_notes_add(f->r->notes, CM_NOTE_ASSUMED, cm_yaml_place(load_test),
                 "the load test sends the canary as many requests as users send (load_test)");
}

/* Users of an A/B test, as a class of requests. */
static const char *write_match(struct flagger *f)
{
    const struct cm_node *match = cm_manifest_take(f->root, "spec.analysis.match");
    if (!match || !cm_manifest_find(f->root, "spec.analysis.iterations"))
        return NULL;
    for (const struct cm_node *item = match->first; item; item = item->next)
        for (const struct cm_node *what = item->first; what; what = what->next)
            cm_manifest_take(item, what->key);
    const char *name = cm_draft_name(f->d, "class", "matched");
    cm_draft_section(f->d, "class", name);
    cm_draft_remark(f->d, "the requests of analysis.match");
    cm_draft_assume(f->d, "share", "10%%");
    cm_notes_add(f->r->notes, CM_NOTE_ASKED, cm_yaml_key_place(match),
                 "which share of the requests matches is in no manifest; 10%% is taken: "
                 "[class.%s] share",
                 name);
    return name;
}

void cm_import_flagger(struct cm_importer *im, struct cm_resource *canary)
{
    struct flagger f = {.im = im,
                        .d = &im->draft,
                        .r = &im->reader,
                        .root = canary->node,
                        .space = canary->space,
                        .name = canary->name};
    struct cm_draft_names hooks[HOOK_TYPES] = {{0}};
    const struct cm_node *load_test = NULL;
    read_provider(&f);
    f.analysis = cm_manifest_map(f.r, f.root, "spec.analysis");
    const struct cm_node *metrics = cm_manifest_list(f.r, f.analysis, "metrics");
    for (const struct cm_node *m = metrics ? metrics->first : NULL; m; m = m->next)
        import_metric(&f, m);
    const struct cm_node *list = cm_manifest_list(f.r, f.analysis, "webhooks");
    for (const struct cm_node *h = list ? list->first : NULL; h; h = h->next) {
        import_hook(&f, h, hooks);
        if (is_load_test(&f, h))
            load_test = h;
    }
    const char *class = write_match(&f);
    cm_draft_section(f.d, "policy", im->policy);
    cm_draft_remark(f.d, "Canary %.60s%s%.60s", f.name, *f.space ? " of namespace " : "", f.space);
    cm_draft_key(f.d, canary->node, "controller", "flagger");
    write_provider(&f);
    write_analysis(&f);
    if (class)
        cm_draft_key(f.d, cm_manifest_find(f.root, "spec.analysis.match"), "match", "%s", class);
    write_flag(&f, "spec.analysis.mirror", "mirror");
    write_percent(&f, "spec.analysis.mirrorWeight", "mirror_weight");
    write_load_test(&f, load_test);
    if (f.metrics.n)
        cm_draft_key(f.d, metrics, "metrics", "%s", f.metrics.text);
    if (f.templates.n)
        cm_draft_key(f.d, metrics, "templates", "%s", f.templates.text);
    for (size_t t = 0; t < HOOK_TYPES; t++)
        if (hooks[t].n)
            cm_draft_key(f.d, list, hook_types[t].key, "%s", hooks[t].text);
    write_readiness(&f);
}
