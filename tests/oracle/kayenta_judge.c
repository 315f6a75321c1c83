/* Kayenta's score, and its judge from configuration to score: by the gate itself. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/gates/gate.h"
#include "tests/oracle/kayenta_case.h"

enum { METRICS = 32, KEY = 400 };

/* --- score ------------------------------------------------------------------------------------ */

/* Groups by name, in the order in which they are met. */
struct names {
    const char *name[CM_KAYENTA_GROUPS_MAX];
    size_t n;
};

static size_t index_of(struct kayenta_case *c, struct names *names, const char *name)
{
    size_t g = 0;
    while (g < names->n && strcmp(names->name[g], name) != 0)
        g++;
    if (g == names->n && g + 1 < CM_KAYENTA_GROUPS_MAX)
        names->name[names->n++] = name;
    else if (g == names->n)
        inputs_fault(&c->in, "too many groups");
    return g < names->n ? g : 0;
}

static uint32_t groups_of(struct kayenta_case *c, const json_t *metric, struct names *names)
{
    const json_t *list = json_object_get(metric, "groups"), *group;
    uint32_t bits = 0;
    size_t i;
    json_array_foreach(list, i, group) if (json_is_string(group)) bits |=
        UINT32_C(1) << index_of(c, names, json_string_value(group));
    return bits;
}

static struct cm_kayenta_weights weights_of(struct kayenta_case *c, struct names *names)
{
    struct cm_kayenta_weights w;
    json_t *given = json_object_get(c->in.object, "group_weights"), *weight;
    const char *name;
    for (size_t g = 0; g < CM_KAYENTA_GROUPS_MAX; g++)
        w.weight[g] = NAN;
    json_object_foreach(given, name, weight) w.weight[index_of(c, names, name)] =
        json_number_value(weight);
    w.n = names->n;
    return w;
}

struct cm_kayenta_thresholds kayenta_thresholds(struct kayenta_case *c)
{
    const json_t *marginal = json_object_get(c->in.object, "marginal");
    const json_t *pass = json_object_get(c->in.object, "pass");
    return (struct cm_kayenta_thresholds){
        json_is_number(marginal) ? json_number_value(marginal) : (double)NAN,
        json_is_number(pass) ? json_number_value(pass) : (double)NAN};
}

static const char *verdict_name(enum cm_kayenta_verdict verdict)
{
    static const char *const names[] = {"Fail", "Marginal", "Pass"};
    return names[verdict];
}

static void compare_groups(struct kayenta_case *c, const struct cm_kayenta_result *results,
                           size_t n, const struct names *names)
{
    const json_t *expected = json_object_get(c->expect.object, "groups");
    size_t exist = 0;
    kayenta_aside(c, "groups");
    for (size_t g = 0; g < names->n; g++) {
        struct cm_kayenta_group got = cm_kayenta_group_of(results, n, g);
        const json_t *want = json_object_get(expected, names->name[g]);
        exist += got.exists;
        if (got.exists != (want != NULL))
            kayenta_disagree(c, "group %s", names->name[g]);
        else if (want && (json_number_value(json_object_get(want, "score")) != got.score ||
                          json_is_true(json_object_get(want, "no_data")) != got.no_data))
            kayenta_disagree(c, "the score of group %s is %.17g", names->name[g], got.score);
    }
    if (exist != json_object_size(expected))
        kayenta_disagree(c, "%zu groups, not %zu", exist, json_object_size(expected));
}

const char *kayenta_text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static enum cm_kayenta_label label_of(struct kayenta_case *c, const char *name)
{
    for (int i = 0; i < CM_KAYENTA_LABELS; i++)
        if (strcmp(name, cm_kayenta_label_names[i]) == 0)
            return (enum cm_kayenta_label)i;
    inputs_fault(&c->in, "\"%.40s\" is no label", name);
    return CM_KAYENTA_PASS;
}

/* What its words say. */
static void compare_reason(struct kayenta_case *c, enum cm_kayenta_reason reason)
{
    const char *words = kayenta_text_of(c->expect.object, "reason");
    enum cm_kayenta_reason said = *words == '\0'                 ? CM_KAYENTA_BY_GROUPS
                                  : strstr(words, "50% or more") ? CM_KAYENTA_BY_NODATA
                                                                 : CM_KAYENTA_BY_CRITICAL;
    kayenta_aside(c, "reason");
    if (said != reason)
        kayenta_disagree(c, "the reason is another");
}

static size_t metrics_of(struct kayenta_case *c, const json_t **list)
{
    *list = json_object_get(c->in.object, "metrics");
    size_t n = json_array_size(*list);
    if (n > METRICS)
        inputs_fault(&c->in, "%zu metrics", n);
    return n <= METRICS ? n : METRICS;
}

void kayenta_score(struct kayenta_case *c)
{
    struct cm_kayenta_result results[METRICS];
    struct names names = {.n = 0};
    const json_t *list;
    size_t n = metrics_of(c, &list);
    for (size_t i = 0; i < n; i++) {
        const json_t *metric = json_array_get(list, i);
        results[i] = (struct cm_kayenta_result){
            .label = label_of(c, kayenta_text_of(metric, "classification")),
            .critical = json_is_true(json_object_get(metric, "critical")),
            .muted = json_is_true(json_object_get(metric, "muted")),
            .groups = groups_of(c, metric, &names)};
    }
    struct cm_kayenta_weights weights = weights_of(c, &names);
    struct cm_kayenta_score score = cm_kayenta_score_of(results, n, &weights);
    struct cm_kayenta_thresholds t = kayenta_thresholds(c);
    kayenta_number(c, "summary_score", score.score);
    kayenta_text(c, "classification", verdict_name(cm_kayenta_verdict_of(score.score, &t)));
    compare_reason(c, score.reason);
    compare_groups(c, results, n, &names);
}

/* --- judge ------------------------------------------------------------------------------------ */

/* The gate with its options as a file would give them. */
struct judge {
    const struct cm_gate *gate;
    void *options;
    char text[KEY];
};

static void set(struct kayenta_case *c, struct judge *j, const char *key)
{
    struct cm_err err = {0};
    const struct cm_param *row = cm_param_find(j->gate->kind.params, key);
    if (cm_param_set(row, j->options, j->text, &c->in.memory, &err))
        inputs_fault(&c->in, "%s: %s", key, err.text);
    j->text[0] = '\0';
}

__attribute__((format(printf, 2, 3))) static void add(struct judge *j, const char *format, ...)
{
    size_t length = strlen(j->text);
    va_list args;
    va_start(args, format);
    vsnprintf(j->text + length, sizeof j->text - length, format, args);
    va_end(args);
}

/* A member of every metric as one list. */
static void set_list(struct kayenta_case *c, struct judge *j, const char *key, const char *member)
{
    const json_t *list;
    size_t n = metrics_of(c, &list);
    const char *dflt = cm_param_find(j->gate->kind.params, key)->dflt;
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_object_get(json_array_get(list, i), member);
        add(j, "%s", i ? ", " : "");
        if (json_is_number(value))
            add(j, "%.17g", json_number_value(value));
        else if (json_is_string(value))
            add(j, "%s", json_string_value(value));
        else
            add(j, "%s", json_is_true(value) ? "yes" : dflt);
    }
    set(c, j, key);
}

static void set_groups(struct kayenta_case *c, struct judge *j)
{
    const json_t *list, *group;
    json_t *given = json_object_get(c->in.object, "group_weights"), *weight;
    size_t n = metrics_of(c, &list), g;
    const char *name, *before = "";
    for (size_t i = 0; i < n; i++) {
        const json_t *groups = json_object_get(json_array_get(list, i), "groups");
        add(j, "%s", i ? ", " : "");
        json_array_foreach(groups, g, group)
            add(j, "%s%s", g ? " + " : "", json_string_value(group));
    }
    set(c, j, "groups");
    json_object_foreach(given, name, weight)
    {
        add(j, "%s%s %.17g", before, name, json_number_value(weight));
        before = ", ";
    }
    set(c, j, "group_weights");
}

static struct judge configure(struct kayenta_case *c)
{
    static const char *const keys[][2] = {
        {"metrics", "name"},
        {"direction", "direction"},
        {"nan_strategy", "nanStrategy"},
        {"outliers", "outlierStrategy"},
        {"outlier_factor", "outlierFactor"},
        {"critical", "critical"},
        {"must_have_data", "mustHaveData"},
        {"muted", "muted"},
        {"allowed_increase", "allowedIncrease"},
        {"allowed_decrease", "allowedDecrease"},
        {"critical_increase", "criticalIncrease"},
        {"critical_decrease", "criticalDecrease"},
    };
    struct cm_err err = {0};
    struct judge j = {.gate =
                          (const struct cm_gate *)cm_kind_find(cm_gate_section.kinds, "kayenta")};
    j.options = cm_arena_alloc(&c->in.memory, j.gate->kind.options_size);
    cm_params_default(j.gate->kind.params, j.options, &c->in.memory);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        set_list(c, &j, keys[i][0], keys[i][1]);
    set_groups(c, &j);
    add(&j, "%.17g", input_number(&c->in, "pass"));
    set(c, &j, "pass");
    add(&j, "%.17g", input_number(&c->in, "marginal"));
    set(c, &j, "marginal");
    if (j.gate->kind.check(j.options, &err))
        inputs_fault(&c->in, "%s", err.text);
    return j;
}

/* Series of one point a minute, that end now. */
static struct cm_verdict ask(struct kayenta_case *c, const struct judge *j)
{
    struct cm_signal signals[METRICS] = {0};
    struct cm_signal_series series[METRICS];
    const json_t *list;
    size_t n = metrics_of(c, &list);
    cm_time now = 0;
    for (size_t i = 0; i < n; i++) {
        struct cm_kayenta_series arms[] = {
            kayenta_series(c, json_object_get(json_array_get(list, i), "control")),
            kayenta_series(c, json_object_get(json_array_get(list, i), "experiment"))};
        now = (cm_time)arms[0].n * CM_MINUTE;
        series[i] = (struct cm_signal_series){
            .value = {[CM_BASELINE] = arms[0].x, [CM_CANARY] = arms[1].x},
            .n = {[CM_BASELINE] = arms[0].n, [CM_CANARY] = arms[1].n},
            .at = now,
        };
        signals[i].series = &series[i];
    }
    const struct cm_look look = {
        .now = now, .since_step = now, .control = CM_BASELINE, .signals = signals, .n_signals = n};
    return j->gate->look(j->options, NULL, &look);
}

/* Each metric by itself: by the rules of the configuration. */
static struct cm_kayenta_judged judge_metric(struct kayenta_case *c, const json_t *metric)
{
    bool increase = strcmp(kayenta_text_of(metric, "direction"), "increase") == 0;
    const json_t *critical = json_object_get(metric, "criticalIncrease");
    const struct cm_kayenta_rule rule = {
        .cleaning = {.nan = strcmp(kayenta_text_of(metric, "nanStrategy"), "replace") == 0,
                     .remove_outliers =
                         strcmp(kayenta_text_of(metric, "outlierStrategy"), "remove") == 0,
                     .outlier_factor = 3},
        .direction = increase ? CM_KAYENTA_INCREASE : CM_KAYENTA_EITHER,
        .critical = json_is_true(json_object_get(metric, "critical")),
        .must_have_data = json_is_true(json_object_get(metric, "mustHaveData")),
        .allowed_increase = 1,
        .allowed_decrease = 1,
        .critical_increase = critical ? json_number_value(critical) : 1,
        .critical_decrease = 1,
        .tolerance = CM_KAYENTA_TOLERANCE,
        .confidence = CM_KAYENTA_CONFIDENCE,
    };
    struct cm_kayenta_series control = kayenta_series(c, json_object_get(metric, "control"));
    struct cm_kayenta_series canary = kayenta_series(c, json_object_get(metric, "experiment"));
    return cm_kayenta_judge(&rule, &control, &canary, 0);
}

/* A list in expect, of which each entry is a case of its own. */
static void compare_metric(struct kayenta_case *c, const struct cm_kayenta_judged *j,
                           const json_t *want)
{
    struct kayenta_case one = {.expect = {.object = want}};
    kayenta_text(&one, "classification", cm_kayenta_label_names[j->label]);
    kayenta_flag(&one, "critical", j->critical);
    kayenta_number(&one, "deviation", j->deviation);
    kayenta_number(&one, "control_count", (double)j->n_control);
    kayenta_number(&one, "experiment_count", (double)j->n_canary);
    kayenta_aside(&one, "name");
    if (one.asked < json_object_size(want) || one.expect.wrong)
        kayenta_disagree(c, "of a metric more is expected");
    if (one.wrong[0] != '\0')
        kayenta_disagree(c, "%.60s: %.100s", kayenta_text_of(want, "name"), one.wrong);
    inputs_release(&one.expect);
}

void kayenta_judge(struct kayenta_case *c)
{
    struct cm_kayenta_result results[METRICS];
    struct names names = {.n = 0};
    const json_t *list, *want = json_object_get(c->expect.object, "metrics");
    static const char *const labels[CM_LABELS] = {
        [CM_PASS] = "Pass", [CM_UNDECIDED] = "Marginal", [CM_FAIL] = "Fail"};
    size_t n = metrics_of(c, &list);
    for (size_t i = 0; i < n; i++) {
        struct cm_kayenta_judged j = judge_metric(c, json_array_get(list, i));
        results[i] =
            (struct cm_kayenta_result){.label = j.label,
                                       .critical = j.critical,
                                       .groups = groups_of(c, json_array_get(list, i), &names)};
        compare_metric(c, &j, json_array_get(want, i));
    }
    kayenta_aside(c, "metrics");
    compare_groups(c, results, n, &names);
    const struct judge judge = configure(c);
    if (c->in.wrong)
        return;
    struct cm_verdict v = ask(c, &judge);
    kayenta_number(c, "summary_score", v.why.value);
    kayenta_text(c, "classification", labels[v.label] ? labels[v.label] : "none");
    struct cm_kayenta_weights weights = weights_of(c, &names);
    compare_reason(c, cm_kayenta_score_of(results, n, &weights).reason);
}
