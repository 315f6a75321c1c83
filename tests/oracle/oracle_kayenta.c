/* Known answers of Kayenta's judge: its suite's, and what its own classes gave where they were run.
 *
 * The file is {"datasets": {...}, "cases": [{id, kind, input, expect}, ...]}. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/oracle/kayenta_case.h"
#include "tests/oracle/oracle.h"

/* --- comparing -------------------------------------------------------------------------------- */

void kayenta_disagree(struct kayenta_case *c, const char *format, ...)
{
    va_list args;
    if (c->wrong[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(c->wrong, sizeof c->wrong, format, args);
    va_end(args);
}

bool kayenta_by_chance(const struct kayenta_case *c, const char *key)
{
    const json_t *list = json_object_get(c->item, "nondeterministic"), *name;
    size_t i;
    json_array_foreach(list, i, name) if (json_is_string(name) &&
                                          strcmp(json_string_value(name), key) == 0) return true;
    return false;
}

/* "suite_" and the key. */
static const char *of_suite(const char *key, char *name, size_t size)
{
    snprintf(name, size, "suite_%s", key);
    return name;
}

static bool near(double got, double want, double tolerance)
{
    return got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= tolerance;
}

static void one_number(struct kayenta_case *c, const char *key, double got, double tolerance)
{
    if (!input_given(&c->expect, key))
        return;
    double want = input_number(&c->expect, key);
    c->asked++;
    if (!near(got, want, tolerance))
        kayenta_disagree(c, "%s is %.17g, not %.17g", key, got, want);
}

void kayenta_number(struct kayenta_case *c, const char *key, double got)
{
    char name[40];
    const json_t *given = json_object_get(c->item, "suite_tolerance");
    if (kayenta_by_chance(c, key)) {
        kayenta_aside(c, key);
        return;
    }
    one_number(c, key, got, 0);
    one_number(c, of_suite(key, name, sizeof name), got, json_number_value(given));
}

static void one_text(struct kayenta_case *c, const char *key, const char *got)
{
    if (!input_given(&c->expect, key))
        return;
    const char *want = input_text(&c->expect, key);
    c->asked++;
    if (strcmp(got, want) != 0)
        kayenta_disagree(c, "%s is %s, not %s", key, got, want);
}

void kayenta_text(struct kayenta_case *c, const char *key, const char *got)
{
    char name[40];
    one_text(c, key, got);
    one_text(c, of_suite(key, name, sizeof name), got);
}

void kayenta_flag(struct kayenta_case *c, const char *key, bool got)
{
    char name[40];
    const char *const keys[] = {key, of_suite(key, name, sizeof name)};
    for (int i = 0; i < 2; i++) {
        if (!input_given(&c->expect, keys[i]))
            continue;
        c->asked++;
        if (input_flag(&c->expect, keys[i]) != got)
            kayenta_disagree(c, "%s is %s", keys[i], got ? "true" : "false");
    }
}

void kayenta_numbers(struct kayenta_case *c, const char *key, const struct cm_kayenta_series *got)
{
    char name[40];
    const char *const keys[] = {key, of_suite(key, name, sizeof name)};
    for (int k = 0; k < 2; k++) {
        if (!input_given(&c->expect, keys[k]))
            continue;
        struct cm_kayenta_series want =
            kayenta_series(c, json_object_get(c->expect.object, keys[k]));
        c->asked++;
        if (want.n != got->n)
            kayenta_disagree(c, "%s has %zu numbers, not %zu", keys[k], got->n, want.n);
        for (size_t i = 0; i < want.n && i < got->n; i++)
            if (!near(got->x[i], want.x[i], 0))
                kayenta_disagree(c, "%s[%zu] is %.17g, not %.17g", keys[k], i, got->x[i],
                                 want.x[i]);
    }
}

void kayenta_flags(struct kayenta_case *c, const char *key, const bool *got, size_t n)
{
    char name[40];
    const char *const keys[] = {key, of_suite(key, name, sizeof name)};
    for (int k = 0; k < 2; k++) {
        const json_t *want = json_object_get(c->expect.object, keys[k]);
        if (!want)
            continue;
        c->asked++;
        if (json_array_size(want) != n)
            kayenta_disagree(c, "%s has %zu flags, not %zu", keys[k], n, json_array_size(want));
        for (size_t i = 0; i < n; i++)
            if (json_is_true(json_array_get(want, i)) != got[i])
                kayenta_disagree(c, "%s[%zu] is %s", keys[k], i, got[i] ? "true" : "false");
    }
}

void kayenta_aside(struct kayenta_case *c, const char *key)
{
    c->asked += input_given(&c->expect, key);
}

struct cm_kayenta_series kayenta_series(struct kayenta_case *c, const json_t *value)
{
    const json_t *name = json_object_get(value, "$dataset");
    const json_t *list =
        json_is_string(name) ? json_object_get(c->datasets, json_string_value(name)) : value;
    size_t n = json_array_size(list);
    double *x = cm_arena_alloc(&c->in.memory, (n + 1) * sizeof *x);
    if (!json_is_array(list))
        inputs_fault(&c->in, "a list, or the name of one, is missing");
    for (size_t i = 0; i < n; i++)
        if (!input_value(json_array_get(list, i), &x[i]))
            inputs_fault(&c->in, "a list holds something that is no number");
    return (struct cm_kayenta_series){x, n};
}

struct cm_kayenta_series kayenta_input(struct kayenta_case *c, const char *key)
{
    return kayenta_series(c, json_object_get(c->in.object, key));
}

/* --- shifts ----------------------------------------------------------------------------------- */

/* An ascending copy. */
static struct cm_values sorted(struct kayenta_case *c, const struct cm_kayenta_series *series)
{
    double *x = cm_arena_alloc(&c->in.memory, (series->n + 1) * sizeof *x);
    cm_kayenta_pad(series, 0, x);
    cm_values_sort(x, series->n);
    return (struct cm_values){x, series->n};
}

/* Both arms; at least one value each. */
static bool two_samples(struct kayenta_case *c, struct cm_values *control, struct cm_values *canary)
{
    struct cm_kayenta_series x = kayenta_input(c, "x"), y = kayenta_input(c, "y");
    *control = sorted(c, &y);
    *canary = sorted(c, &x);
    if (x.n == 0 || y.n == 0)
        inputs_fault(&c->in, "an arm is empty");
    return x.n > 0 && y.n > 0;
}

static void wilcoxon_diff(struct kayenta_case *c)
{
    struct cm_values control, canary;
    double mu = input_number(&c->in, "mu"), q = input_number(&c->in, "quantile");
    if (two_samples(c, &control, &canary))
        kayenta_number(c, "value", cm_kayenta_shift_test(&control, &canary, mu, q));
}

static void normal_quantile(struct kayenta_case *c)
{
    double level = input_number(&c->in, "confidence_level");
    if (input_number(&c->in, "p") != (1 - level) / 2)
        kayenta_disagree(c, "p is not (1 - confidence_level) / 2");
    kayenta_number(c, "value", cm_kayenta_quantile(level));
}

static void compare_shift(struct kayenta_case *c, const struct cm_kayenta_shift *s)
{
    kayenta_number(c, "ci_low", s->low);
    kayenta_number(c, "ci_high", s->high);
    kayenta_number(c, "estimate", s->estimate);
}

static void mann_whitney_ci(struct kayenta_case *c)
{
    struct cm_values control, canary;
    double level = input_within(&c->in, "confidence_level", 0.01, 0.999);
    if (!two_samples(c, &control, &canary))
        return;
    struct cm_kayenta_shift s = cm_kayenta_shift_of(&control, &canary, level);
    compare_shift(c, &s);
    kayenta_number(c, "mu_min", canary.x[0] - control.x[control.n - 1]);
    kayenta_number(c, "mu_max", canary.x[canary.n - 1] - control.x[0]);
    kayenta_number(c, "z_lower", -cm_kayenta_quantile(level));
    if (s.failed != input_given(&c->expect, "error"))
        kayenta_disagree(c, s.failed ? "there is no interval" : "there is an interval");
    kayenta_aside(c, "error"); /* its words */
}

/* --- samples ---------------------------------------------------------------------------------- */

static void outliers_iqr(struct kayenta_case *c)
{
    struct cm_kayenta_series data = kayenta_input(c, "data");
    struct cm_kayenta_fences fences = cm_kayenta_iqr_fences(
        &data, input_number(&c->in, "factor"), input_flag(&c->in, "reduce_sensitivity"));
    bool *out = cm_arena_alloc(&c->in.memory, data.n + 1);
    for (size_t i = 0; i < data.n; i++)
        out[i] = data.x[i] > fences.high || data.x[i] < fences.low;
    kayenta_flags(c, "outliers", out, data.n);
}

static void outliers_ksigma(struct kayenta_case *c)
{
    struct cm_kayenta_series data = kayenta_input(c, "data");
    bool *out = cm_arena_alloc(&c->in.memory, data.n + 1);
    cm_kayenta_k_sigma(&data, input_number(&c->in, "k"), out);
    kayenta_flags(c, "outliers", out, data.n);
}

static const char *const nans[] = {"remove", "replace", NULL};
static const char *const outliers[] = {"keep", "remove", NULL};

static void transform(struct kayenta_case *c)
{
    struct cm_kayenta_series data = kayenta_input(c, "data");
    const struct cm_kayenta_cleaning how = {
        .nan = input_choice(&c->in, "nan_strategy", nans),
        .remove_outliers = input_choice(&c->in, "outlier_strategy", outliers) != 0,
        .outlier_factor = input_number(&c->in, "outlier_factor"),
    };
    double *x = cm_arena_alloc(&c->in.memory, (data.n + 1) * sizeof *x);
    cm_kayenta_pad(&data, 0, x);
    const struct cm_kayenta_series clean = {x, cm_kayenta_clean(&how, x, data.n)};
    kayenta_numbers(c, "output", &clean);
}

static void percentile_r7(struct kayenta_case *c)
{
    struct cm_kayenta_series data = kayenta_input(c, "data");
    struct cm_values x = sorted(c, &data);
    double p = input_within(&c->in, "p", 0, 100);
    kayenta_number(c, "value", cm_kayenta_percentile(x.x, x.n, p));
}

static void summary_stats(struct kayenta_case *c)
{
    struct cm_kayenta_series data = kayenta_input(c, "data");
    struct cm_kayenta_summary s = cm_kayenta_summarize(&data);
    kayenta_number(c, "min", s.min);
    kayenta_number(c, "max", s.max);
    kayenta_number(c, "mean", s.mean);
    kayenta_number(c, "std", s.sd);
    kayenta_number(c, "count", (double)s.n);
}

static void effect(struct kayenta_case *c, double (*size)(const struct cm_kayenta_series *control,
                                                          const struct cm_kayenta_series *canary))
{
    struct cm_kayenta_series control = kayenta_input(c, "control");
    struct cm_kayenta_series canary = kayenta_input(c, "experiment");
    kayenta_number(c, "value", size(&control, &canary));
}

static void mean_ratio(struct kayenta_case *c)
{
    effect(c, cm_kayenta_mean_ratio);
}

static void cles(struct kayenta_case *c)
{
    effect(c, cm_kayenta_cles);
}

static void cohens_d(struct kayenta_case *c)
{
    effect(c, cm_kayenta_cohens_d);
}

static void mixer_padding(struct kayenta_case *c)
{
    static const char *const arms[] = {"control", "experiment"};
    const struct cm_kayenta_window window = {
        (cm_time)input_count_to(&c->in, "start_ms", 1000000000) * 1000000,
        (cm_time)input_count_to(&c->in, "end_ms", 1000000000) * 1000000};
    size_t expected = cm_kayenta_points(
        &window, (cm_time)input_count_to(&c->in, "step_ms", 1000000000) * 1000000);
    for (int i = 0; i < 2; i++) {
        struct cm_kayenta_series series = kayenta_input(c, arms[i]);
        double *x = cm_arena_alloc(&c->in.memory, (series.n + expected + 1) * sizeof *x);
        const struct cm_kayenta_series padded = {x, cm_kayenta_pad(&series, expected, x)};
        kayenta_numbers(c, arms[i], &padded);
    }
}

/* --- labels ----------------------------------------------------------------------------------- */

static struct cm_kayenta_rule rule_of(struct kayenta_case *c)
{
    static const char *const directions[] = {"either", "increase", "decrease", NULL};
    static const char *const measures[] = {"meanRatio", "cles", NULL};
    struct inputs *in = &c->in;
    return (struct cm_kayenta_rule){
        .cleaning = {.nan = input_choice(in, "nan_strategy", nans)},
        .direction = input_choice(in, "direction", directions),
        .measure = input_choice(in, "effect_size_measure", measures),
        .critical = input_flag(in, "is_critical"),
        .must_have_data = input_flag(in, "must_have_data"),
        .allowed_increase = input_number(in, "allowed_increase"),
        .allowed_decrease = input_number(in, "allowed_decrease"),
        .critical_increase = input_number(in, "critical_increase"),
        .critical_decrease = input_number(in, "critical_decrease"),
        .tolerance = input_number(in, "tolerance"),
        .confidence = input_within(in, "confidence_level", 0.01, 0.999),
    };
}

/* Where the classifier did not come to ask, the file has what it would have been told. */
static void ask_anyway(struct kayenta_case *c, const struct cm_kayenta_rule *rule,
                       const struct cm_kayenta_series arms[2], struct cm_kayenta_judged *j)
{
    struct cm_values control = sorted(c, &arms[0]), canary = sorted(c, &arms[1]);
    if (!input_given(&c->expect, "ci_low") || control.n == 0 || canary.n == 0 ||
        !isnan(j->shift.low))
        return;
    j->shift = cm_kayenta_shift_of(&control, &canary, rule->confidence);
    j->effect = rule->measure == CM_KAYENTA_CLES ? cm_kayenta_cles(&arms[0], &arms[1])
                                                 : cm_kayenta_mean_ratio(&arms[0], &arms[1]);
}

static void classify(struct kayenta_case *c)
{
    struct cm_kayenta_rule rule = rule_of(c);
    const struct cm_kayenta_series arms[] = {kayenta_input(c, "control"),
                                             kayenta_input(c, "experiment")};
    struct cm_kayenta_judged j = cm_kayenta_classify(&rule, &arms[0], &arms[1]);
    ask_anyway(c, &rule, arms, &j);
    kayenta_text(c, "classification", cm_kayenta_label_names[j.label]);
    kayenta_flag(c, "critical", j.critical);
    kayenta_number(c, "deviation", j.deviation);
    compare_shift(c, &j.shift);
    kayenta_number(c, "effect_size", j.effect);
    kayenta_aside(c, "reason"); /* its words */
}

/* --- cases ------------------------------------------------------------------------------------ */

static const struct {
    const char *kind;
    void (*answer)(struct kayenta_case *c);
} kinds[] = {
    {"wilcoxon_diff", wilcoxon_diff},
    {"normal_quantile", normal_quantile},
    {"mann_whitney_ci", mann_whitney_ci},
    {"outliers_iqr", outliers_iqr},
    {"outliers_ksigma", outliers_ksigma},
    {"transform", transform},
    {"percentile_r7", percentile_r7},
    {"summary_stats", summary_stats},
    {"mean_ratio", mean_ratio},
    {"cles", cles},
    {"cohens_d", cohens_d},
    {"mixer_padding", mixer_padding},
    {"classify", classify},
    {"score", kayenta_score},
    {"judge", kayenta_judge},
    {"schedule", kayenta_schedule},
    {"final_judgement", kayenta_final_judgement},
    {"judge_loop", kayenta_judge_loop},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void play(const char *id, int kind, struct kayenta_case *c, struct oracle_tally *tally)
{
    kinds[kind].answer(c);
    if (!c->in.wrong && !c->expect.wrong && c->asked < json_object_size(c->expect.object))
        kayenta_disagree(c, "something is expected that nothing compares");
    if (c->in.wrong || c->expect.wrong)
        oracle_failed(tally, id, "%s", c->in.wrong ? c->in.err.text : c->expect.err.text);
    else if (c->wrong[0] != '\0')
        oracle_failed(tally, id, "%s", c->wrong);
    else
        oracle_passed(tally, id);
    inputs_release(&c->in);
    inputs_release(&c->expect);
}

static int run_case(const json_t *item, const json_t *datasets, struct oracle_tally *tally,
                    struct cm_err *err)
{
    const char *id = oracle_text(item, "id", err);
    const char *name = id != NULL ? oracle_text(item, "kind", err) : NULL;
    const json_t *in = name != NULL ? oracle_member(item, "input", JSON_OBJECT, err) : NULL;
    const json_t *expect = in != NULL ? oracle_member(item, "expect", JSON_OBJECT, err) : NULL;
    if (expect == NULL)
        return -1;
    int kind = 0;
    while (kind < KINDS && strcmp(kinds[kind].kind, name) != 0)
        kind++;
    struct kayenta_case c = {
        .in = {.object = in}, .expect = {.object = expect}, .item = item, .datasets = datasets};
    if (kind == KINDS)
        oracle_skipped(tally, id, "a kind that is not known");
    else
        play(id, kind, &c, tally);
    return 0;
}

int oracle_kayenta(const json_t *file, struct oracle_tally *tally, struct cm_err *err)
{
    const json_t *cases = oracle_member(file, "cases", JSON_ARRAY, err);
    const json_t *datasets = cases ? oracle_member(file, "datasets", JSON_OBJECT, err) : NULL;
    if (datasets == NULL)
        return -1;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        struct cm_err inner;
        if (run_case(json_array_get(cases, i), datasets, tally, &inner))
            return cm_fail(err, "case %zu: %s", i, inner.text);
    }
    return 0;
}
