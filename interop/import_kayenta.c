/* Kayenta's canary configuration, alone or in the request that has it judged (canaryConfig and
 * executionRequest).
 *
 * All its metrics become one gate of `test = kayenta`, with a value for each metric where they
 * differ; the loop around it is `controller = kayenta`. Lifetime, interval and thresholds belong to
 * the request, or to a pipeline's stage, and are assumed where there is none: a configuration's own
 * scoreThresholds are not read by the judge, and say what its owners think of at best. A success
 * ratio is judged as the error ratio that it is the rest of, with its directions turned round.
 *
 * Source: spinnaker/kayenta, CanaryConfig.java, CanaryMetricConfig.java, NetflixACAJudge.scala,
 * CanaryAnalysisExecutionRequest.java. */
#include <math.h>
#include <string.h>

#include "interop/importer.h"
#include "interop/measure.h"

enum { METRICS = 16 };

/* The gate's keys that have a value for each metric, and what they are without one. */
enum field {
    GROUPS,
    DIRECTION,
    NAN_STRATEGY,
    OUTLIERS,
    OUTLIER_FACTOR,
    CRITICAL,
    MUST_HAVE_DATA,
    MUTED,
    MEASURE,
    ALLOWED_INCREASE,
    ALLOWED_DECREASE,
    CRITICAL_INCREASE,
    CRITICAL_DECREASE,
    KEYS
};
static const struct {
    const char *key, *otherwise;
} keys[KEYS] = {
    [GROUPS] = {"groups", "all"},
    [DIRECTION] = {"direction", "either"},
    [NAN_STRATEGY] = {"nan_strategy", "remove"},
    [OUTLIERS] = {"outliers", "keep"},
    [OUTLIER_FACTOR] = {"outlier_factor", "3"},
    [CRITICAL] = {"critical", "no"},
    [MUST_HAVE_DATA] = {"must_have_data", "no"},
    [MUTED] = {"muted", "no"},
    [MEASURE] = {"effect_size", "mean_ratio"},
    [ALLOWED_INCREASE] = {"allowed_increase", "default"},
    [ALLOWED_DECREASE] = {"allowed_decrease", "default"},
    [CRITICAL_INCREASE] = {"critical_increase", "default"},
    [CRITICAL_DECREASE] = {"critical_decrease", "default"},
};

struct kayenta {
    struct cm_draft *d;
    struct cm_reader *r;
    const struct cm_node *root, *config, *request; /* request: NULL = none */
    struct cm_draft_names names, columns[KEYS];
    bool differs[KEYS]; /* somebody says something else than the default */
    const char *policy;
};

/* --- metrics --- */

/* A label in the letters that labels may have; groups are often called "Group 1". */
static const char *label_of(struct kayenta *k, const char *text)
{
    char *label = cm_arena_text(k->r->arena, text, strlen(text));
    for (char *c = label; *c; c++) {
        bool kept = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                    (*c >= '0' && *c <= '9') || *c == '_';
        *c = kept ? *c : '-';
    }
    return *label ? label : "unnamed";
}

static const char *groups_of(struct kayenta *k, const struct cm_node *metric)
{
    const struct cm_node *list = cm_manifest_list(k->r, metric, "groups");
    struct cm_buffer text = {0};
    for (const struct cm_node *item = list ? list->first : NULL; item; item = item->next)
        if (item->kind == CM_NODE_TEXT)
            cm_print(cm_buffer_writer(&text), "%s%s", text.length ? " + " : "",
                     label_of(k, item->text));
    const char *kept = text.length ? cm_arena_text(k->r->arena, text.text, text.length) : "none";
    cm_buffer_release(&text);
    return kept;
}

/* One of two words; Kayenta takes anything else for the default. */
static const char *word_of(struct kayenta *k, const struct cm_node *map, const char *path,
                           const char *const words[2])
{
    const char *text = "";
    cm_manifest_text(k->r, map, path, &text);
    for (int i = 0; i < 2; i++)
        if (strcmp(text, words[i]) == 0)
            return words[i];
    return NULL;
}

static const char *flag_of(struct kayenta *k, const struct cm_node *map, const char *path)
{
    bool yes = false;
    cm_manifest_flag(k->r, map, path, &yes);
    return yes ? "yes" : "no";
}

static const char *number_of(struct kayenta *k, const struct cm_node *map, const char *path)
{
    double number;
    struct cm_buffer text = {0};
    if (!cm_manifest_number(k->r, map, path, &number))
        return NULL;
    cm_print(cm_buffer_writer(&text), "%.12g", number);
    const char *kept = cm_arena_text(k->r->arena, text.text, text.length);
    cm_buffer_release(&text);
    return kept;
}

static void swap(const char **a, const char **b)
{
    const char *kept = *a;
    *a = *b;
    *b = kept;
}

/* The rest of a ratio rises where the ratio falls; ratios of means do not turn round so. */
static void turn_round(struct kayenta *k, const struct cm_node *at, const char *values[KEYS])
{
    bool sized = values[ALLOWED_INCREASE] || values[ALLOWED_DECREASE] ||
                 values[CRITICAL_INCREASE] || values[CRITICAL_DECREASE];
    if (values[DIRECTION])
        values[DIRECTION] = strcmp(values[DIRECTION], "increase") == 0 ? "decrease" : "increase";
    swap(&values[ALLOWED_INCREASE], &values[ALLOWED_DECREASE]);
    swap(&values[CRITICAL_INCREASE], &values[CRITICAL_DECREASE]);
    if (!sized)
        return;
    for (int i = ALLOWED_INCREASE; i <= CRITICAL_DECREASE; i++)
        values[i] = NULL;
    cm_notes_add(k->r->notes, CM_NOTE_IGNORED, cm_yaml_place(at),
                 "effect sizes of a success ratio: it is judged as an error ratio, of which they "
                 "would be others");
}

static void read_rule(struct kayenta *k, const struct cm_node *metric, const char *values[KEYS])
{
    static const char *const directions[] = {"increase", "decrease"};
    static const char *const strategies[] = {"replace", "replace"};
    static const char *const outliers[] = {"remove", "remove"};
    static const char *const measures[] = {"cles", "cles"};
    const char *path = "analysisConfigurations.canary";
    const struct cm_node *rule = cm_manifest_map(k->r, metric, path);
    values[GROUPS] = groups_of(k, metric);
    values[DIRECTION] = word_of(k, rule, "direction", directions);
    values[NAN_STRATEGY] = word_of(k, rule, "nanStrategy", strategies);
    values[OUTLIERS] = word_of(k, rule, "outliers.strategy", outliers);
    values[OUTLIER_FACTOR] = number_of(k, rule, "outliers.outlierFactor");
    values[CRITICAL] = flag_of(k, rule, "critical");
    values[MUST_HAVE_DATA] = flag_of(k, rule, "mustHaveData");
    values[MUTED] = flag_of(k, rule, "muted");
    values[MEASURE] = word_of(k, rule, "effectSize.measure", measures);
    values[ALLOWED_INCREASE] = number_of(k, rule, "effectSize.allowedIncrease");
    values[ALLOWED_DECREASE] = number_of(k, rule, "effectSize.allowedDecrease");
    values[CRITICAL_INCREASE] = number_of(k, rule, "effectSize.criticalIncrease");
    values[CRITICAL_DECREASE] = number_of(k, rule, "effectSize.criticalDecrease");
}

/* A query in PromQL, behind the mark that Kayenta wants; other stores have other languages. */
static struct cm_measured measure(struct kayenta *k, const struct cm_node *metric, const char *name)
{
    static const char mark[] = "PromQL:";
    const char *query = NULL;
    struct cm_question question = {.name = name, .at = metric, .window_s = NAN};
    question.why = "its query is no PromQL (customInlineTemplate)";
    if (cm_manifest_text(k->r, metric, "query.customInlineTemplate", &query)) {
        question.at = cm_manifest_find(metric, "query.customInlineTemplate");
        question.query = strncmp(query, mark, strlen(mark)) == 0 ? query + strlen(mark) : query;
    }
    return cm_measure(k->d, &question);
}

static void import_metric(struct kayenta *k, const struct cm_node *metric)
{
    const char *name = "metric", *values[KEYS] = {0};
    if (!cm_manifest_is_map(k->r, metric))
        return;
    cm_manifest_text(k->r, metric, "name", &name);
    read_rule(k, metric, values);
    struct cm_measured m = measure(k, metric, name);
    if (!m.name)
        return;
    if (m.query.shape == CM_PROMQL_SUCCESS_RATIO)
        turn_round(k, metric, values);
    cm_draft_list(k->d, &k->names, m.name);
    for (int i = 0; i < KEYS; i++) {
        const char *value = values[i] ? values[i] : keys[i].otherwise;
        k->differs[i] |= strcmp(value, keys[i].otherwise) != 0;
        cm_draft_list(k->d, &k->columns[i], value);
    }
}

/* --- gate and policy --- */

static void write_weights(struct kayenta *k)
{
    const struct cm_node *given = cm_manifest_map(k->r, k->config, "classifier.groupWeights");
    struct cm_draft_names list = {0};
    for (const struct cm_node *w = given ? given->first : NULL; w; w = w->next) {
        struct cm_buffer text = {0};
        const char *weight = number_of(k, given, w->key);
        cm_print(cm_buffer_writer(&text), "%s %s", label_of(k, w->key), weight ? weight : "0");
        cm_draft_list(k->d, &list, cm_arena_text(k->r->arena, text.text, text.length));
        cm_buffer_release(&text);
    }
    if (list.n)
        cm_draft_key(k->d, given, "group_weights", "%s", list.text);
}

/* Of the request; else the configuration's own, which nobody has to have meant. */
static void write_score(struct kayenta *k, const char *what, const char *otherwise)
{
    struct cm_buffer path = {0};
    struct cm_writer to = cm_buffer_writer(&path);
    cm_print(to, "thresholds.%s", what);
    const struct cm_node *at = cm_manifest_find(k->request, path.text);
    const char *score = number_of(k, k->request, path.text);
    if (score) {
        cm_draft_key(k->d, at, what, "%s", score);
        cm_buffer_release(&path);
        return;
    }
    cm_buffer_clear(&path);
    cm_print(to, "classifier.scoreThresholds.%s", what);
    score = number_of(k, k->config, path.text);
    cm_draft_assume(k->d, what, "%s", score ? score : otherwise);
    cm_notes_add(k->r->notes, CM_NOTE_ASSUMED, cm_yaml_place(k->config),
                 "score thresholds are a pipeline's; %s is taken for %s: [gate.%s]",
                 score ? score : otherwise, what, k->policy);
    cm_buffer_release(&path);
}

static void write_gate(struct kayenta *k, const struct cm_node *metrics)
{
    cm_draft_section(k->d, "gate", k->policy);
    cm_draft_key(k->d, NULL, "test", "kayenta");
    cm_draft_key(k->d, metrics, "metrics", "%s", k->names.text);
    for (int i = 0; i < KEYS; i++)
        if (k->differs[i])
            cm_draft_key(k->d, NULL, keys[i].key, "%s", k->columns[i].text);
    write_weights(k);
    write_score(k, "pass", "95");
    write_score(k, "marginal", "75");
}

/* Whole minutes of the request, or what is recommended. */
static double write_minutes(struct kayenta *k, const char *from, const char *key, double otherwise)
{
    double minutes = otherwise;
    const struct cm_node *at = cm_manifest_find(k->request, from);
    if (cm_manifest_number(k->r, k->request, from, &minutes) && minutes > 0) {
        cm_draft_key(k->d, at, key, "%s", cm_draft_time(k->d, 60 * minutes));
    } else if (otherwise > 0) {
        minutes = otherwise;
        cm_draft_assume(k->d, key, "%s", cm_draft_time(k->d, 60 * minutes));
        cm_notes_add(k->r->notes, CM_NOTE_ASSUMED, cm_yaml_place(k->config),
                     "%s is a pipeline's; %s are taken: [policy.%s]", key,
                     cm_draft_time(k->d, 60 * minutes), k->policy);
    }
    return minutes;
}

static void write_policy(struct kayenta *k)
{
    const double lifetime = 180, interval = 60;
    cm_draft_section(k->d, "policy", k->policy);
    cm_draft_key(k->d, k->config, "controller", "kayenta");
    cm_draft_assume(k->d, "weight", "5%%");
    cm_draft_assume(k->d, "control", "baseline");
    cm_notes_add(k->r->notes, CM_NOTE_ASSUMED, cm_yaml_place(k->config),
                 "the canary gets 5%% of the traffic, and a baseline beside it as much: "
                 "[policy.%s] weight, control",
                 k->policy);
    double lasts = write_minutes(k, "lifetimeDurationMins", "lifetime", lifetime);
    write_minutes(k, "analysisIntervalMins", "interval", k->request ? 0 : interval);
    lasts += write_minutes(k, "beginAfterMins", "begin_after", 0);
    cm_draft_key(k->d, NULL, "gates", "%s", k->policy);
    k->d->longest_s = 60 * lasts;
}

void cm_import_kayenta(struct cm_importer *im, struct cm_resource *config)
{
    struct kayenta k = {.d = &im->draft,
                        .r = &im->reader,
                        .root = config->node,
                        .config = config->node,
                        .policy = im->policy};
    const struct cm_node *inside = cm_manifest_map(k.r, k.root, "canaryConfig");
    k.config = inside ? inside : k.root;
    k.request = cm_manifest_map(k.r, k.root, "executionRequest");
    cm_manifest_take(k.config, "name");
    const struct cm_node *metrics = cm_manifest_list(k.r, k.config, "metrics");
    for (const struct cm_node *m = metrics ? metrics->first : NULL; m; m = m->next)
        if (k.names.n < METRICS)
            import_metric(&k, m);
    if (k.names.n == 0 || (metrics && metrics->n > METRICS)) {
        cm_notes_add(k.r->notes, CM_NOTE_ERROR, cm_yaml_place(metrics ? metrics : k.config),
                     k.names.n ? "more than %d metrics cannot be judged together"
                               : "none of the metrics can be told: the judge has nothing to "
                                 "compare (at most %d)",
                     METRICS);
        return;
    }
    write_gate(&k, metrics);
    write_policy(&k);
}

/* --- what is not read --- */

static const struct cm_known known[] = {
    {"metrics.query*", CM_NOTE_NO_EFFECT, "labels and names of a store"},
    {"metrics.scopeName", CM_NOTE_NO_EFFECT, "there is one scope"},
    {"metrics.id", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"metrics.name", CM_NOTE_NO_EFFECT, ""},
    {"metrics.groups", CM_NOTE_NO_EFFECT, ""},
    {"metrics.analysisConfigurations.canary.effectSize*", CM_NOTE_IGNORED,
     "an unknown effect size"},
    {"metrics.analysisConfigurations.canary.direction", CM_NOTE_NO_EFFECT, ""},
    {"metrics.analysisConfigurations.canary.nanStrategy", CM_NOTE_NO_EFFECT, ""},
    {"metrics.analysisConfigurations.canary.critical", CM_NOTE_NO_EFFECT, ""},
    {"metrics.analysisConfigurations.canary.mustHaveData", CM_NOTE_NO_EFFECT, ""},
    {"metrics.analysisConfigurations.canary.muted", CM_NOTE_NO_EFFECT, ""},
    {"name", CM_NOTE_NO_EFFECT, ""},
    {"id", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"description", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"configVersion", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"applications*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"createdTimestamp*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"updatedTimestamp*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"isNew", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"judge*", CM_NOTE_NO_EFFECT, "the judge is Kayenta's own"},
    {"templates*", CM_NOTE_NO_EFFECT, "filters of stores"},
    {"classifier.scoreThresholds*", CM_NOTE_NO_EFFECT, "the request's are read"},
    {"executionRequest.scopes*", CM_NOTE_NO_EFFECT, "names what is compared"},
    {"executionRequest.siteLocal*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"executionRequest.lookbackMins", CM_NOTE_IGNORED, "say look_back of the gate"},
    {NULL, CM_NOTE_IGNORED, NULL},
};

static const struct cm_known known_request[] = {
    {"canaryConfig.metrics.query*", CM_NOTE_NO_EFFECT, "labels and names of a store"},
    {"canaryConfig.metrics.scopeName", CM_NOTE_NO_EFFECT, "there is one scope"},
    {"canaryConfig.metrics.analysisConfigurations.canary*", CM_NOTE_IGNORED, "an unknown option"},
    {"canaryConfig.classifier.scoreThresholds*", CM_NOTE_NO_EFFECT, "the request's are read"},
    {"canaryConfig.classifier*", CM_NOTE_IGNORED, "an unknown option"},
    {"canaryConfig.metrics*", CM_NOTE_IGNORED, "an unknown option"},
    {"canaryConfig*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {"executionRequest.scopes*", CM_NOTE_NO_EFFECT, "names what is compared"},
    {"executionRequest.lookbackMins", CM_NOTE_IGNORED, "say look_back of the gate"},
    {"executionRequest.siteLocal*", CM_NOTE_NO_EFFECT, "decides nothing"},
    {NULL, CM_NOTE_IGNORED, NULL},
};

const struct cm_known *cm_import_kayenta_known(const char *kind)
{
    return strcmp(kind, CM_KAYENTA_REQUEST) == 0 ? known_request : known;
}
