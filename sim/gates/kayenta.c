/* Kayenta's judge: metrics as series, a label for each, a score for all.
 *
 * Of every metric the values on a grid of `step` are compared between the canary and the control
 * (sim/stats/kayenta_metric.h), and the labels are scored by groups (sim/stats/kayenta_score.h):
 *
 *     pass: score >= pass     undecided (Marginal): score >= marginal     fail: below
 *
 * Values are taken for independent, which a monitor's are not: with an autocorrelation of 0.5 the
 * judge objects to healthy metrics 35 times as often. It is blind to sparse errors, and its
 * threshold is at a z of 3.1 (2.326 / 0.75), one-sided 0.1%.
 *
 * Options stand one for each metric or once for all, under the names of Kayenta's configuration.
 * Not modelled: a control window that is offset into the past.
 *
 * Source: spinnaker/kayenta (a69573be, 2025), NetflixACAJudge-v1.0. */
#include <string.h>

#include "sim/gates/evidence.h"
#include "sim/gates/type_lists.h"
#include "sim/stats/kayenta_loop.h"

struct options {
    struct cm_refs metrics;
    struct cm_groups groups;
    struct cm_group_weights group_weights;
    struct cm_choices direction, nan_strategy, outliers, critical, must_have_data, muted;
    struct cm_choices effect_size;
    struct cm_numbers outlier_factor;
    struct cm_numbers allowed_increase, allowed_decrease, critical_increase, critical_decrease;
    double pass, marginal;
    cm_time step, look_back;
    int evidence; /* enum cm_evidence_per */
};

static const char *const flags[] = {"no", "yes", NULL};
static const char *const directions[] = {[CM_KAYENTA_EITHER] = "either",
                                         [CM_KAYENTA_INCREASE] = "increase",
                                         [CM_KAYENTA_DECREASE] = "decrease",
                                         NULL};
static const char *const nan_strategies[] = {
    [CM_KAYENTA_NAN_REMOVE] = "remove", [CM_KAYENTA_NAN_REPLACE] = "replace", NULL};
static const char *const outlier_strategies[] = {"keep", "remove", NULL};
static const char *const measures[] = {
    [CM_KAYENTA_MEAN_RATIO] = "mean_ratio", [CM_KAYENTA_CLES] = "cles", NULL};

#define LIMIT(field, what)                                                                         \
    CM_NUMBERS(struct options, field, "default", -1e9, 1e9,                                        \
               what "; default = 1 of mean_ratio, 0.5 of cles.")
#define FLAGS(field, help) CM_CHOICES(struct options, field, "no", flags, help)

static const struct cm_param params[] = {
    CM_REFS(struct options, metrics, "metric", NULL, "The metrics that are judged."),
    CM_GROUPS_ROW(struct options, groups, "all",
                  "The group that each metric is in, or several joined by +; a metric in none "
                  "counts only where it is critical or has no data."),
    CM_GROUP_WEIGHTS(struct options, group_weights, "none", -1e6, 1e6,
                     "Groups and their weights, of 100; groups that are not named share what is "
                     "left, and one without metrics counts 0."),
    CM_CHOICES(struct options, direction, "either", directions,
               "On which side the canary is bad: increase, decrease, either."),
    CM_CHOICES(struct options, nan_strategy, "remove", nan_strategies,
               "What becomes of gaps: remove drops them, replace makes zeros of them."),
    CM_CHOICES(struct options, outliers, "keep", outlier_strategies,
               "Whether outliers are dropped first: keep, remove."),
    CM_NUMBERS(struct options, outlier_factor, "3", 1e-9, 1e9,
               "How many interquartile ranges beyond the quartiles an outlier is."),
    FLAGS(critical, "Whether the metric alone can make the score 0: yes, no."),
    FLAGS(must_have_data, "Whether a metric without data counts as one that fails: yes, no."),
    FLAGS(muted, "Whether the metric is left out of the score: yes, no."),
    CM_CHOICES(struct options, effect_size, "mean_ratio", measures,
               "What is held against the four limits below: mean_ratio, or cles, the share of "
               "pairs in which the canary's value is the higher one."),
    LIMIT(allowed_increase, "High needs an effect size of at least this"),
    LIMIT(allowed_decrease, "Low needs an effect size of at most this"),
    LIMIT(critical_increase, "A critical metric that is High fails all from this effect size on"),
    LIMIT(critical_decrease, "A critical metric that is Low fails all from this effect size down"),
    CM_NUMBER(struct options, pass, "95", 0, 1e6, "The score from which on it passes."),
    CM_NUMBER(struct options, marginal, "75", 0, 1e6,
              "The score below which it fails; controller = kayenta stops at this score, too."),
    CM_DURATION(struct options, step, "1m", 1e9, CM_MAX_DURATION,
                "Distance of the values that are compared; each is the metric's query then."),
    CM_DURATION(struct options, look_back, "0s", 0, CM_MAX_DURATION,
                "How far back a look reads; 0s = to the beginning of the evidence. Nothing is "
                "shown from before the release."),
    CM_CHOICE(struct options, evidence, "step", cm_evidence_pers,
              "Whether values are read from the beginning of the step on, or of the release."),
    CM_PARAMS_END,
};

enum rule { FINE, MARGINAL, LOW, CRITICAL, NODATA, SILENT };
static const char *const rules[] = {
    [FINE] = "the score reaches pass",
    [MARGINAL] = "the score is between marginal and pass",
    [LOW] = "the score is below marginal",
    [CRITICAL] = "a critical metric does not pass",
    [NODATA] = "half of the metrics or more have no data",
    [SILENT] = CM_EVIDENCE_SILENT,
    NULL,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    const struct {
        const char *key;
        size_t n;
    } lists[] = {
        {"groups", o->groups.n},
        {"direction", o->direction.n},
        {"nan_strategy", o->nan_strategy.n},
        {"outliers", o->outliers.n},
        {"outlier_factor", o->outlier_factor.n},
        {"critical", o->critical.n},
        {"must_have_data", o->must_have_data.n},
        {"muted", o->muted.n},
        {"effect_size", o->effect_size.n},
        {"allowed_increase", o->allowed_increase.n},
        {"allowed_decrease", o->allowed_decrease.n},
        {"critical_increase", o->critical_increase.n},
        {"critical_decrease", o->critical_decrease.n},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (cm_lists_check(lists[i].key, lists[i].n, o->metrics.n, err))
            return -1;
    return 0;
}

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    return (struct cm_needs){.window = true, .control = true, .series_step = o->step};
}

static struct cm_kayenta_rule rule_of(const struct options *o, size_t i)
{
    int measure = cm_choices_at(&o->effect_size, i);
    double none = measure == CM_KAYENTA_CLES ? 0.5 : 1;
    return (struct cm_kayenta_rule){
        .cleaning = {.nan = cm_choices_at(&o->nan_strategy, i),
                     .remove_outliers = cm_choices_at(&o->outliers, i) != 0,
                     .outlier_factor = cm_numbers_at(&o->outlier_factor, i, 3)},
        .direction = cm_choices_at(&o->direction, i),
        .measure = measure,
        .critical = cm_choices_at(&o->critical, i) != 0,
        .must_have_data = cm_choices_at(&o->must_have_data, i) != 0,
        .allowed_increase = cm_numbers_at(&o->allowed_increase, i, none),
        .allowed_decrease = cm_numbers_at(&o->allowed_decrease, i, none),
        .critical_increase = cm_numbers_at(&o->critical_increase, i, none),
        .critical_decrease = cm_numbers_at(&o->critical_decrease, i, none),
        .tolerance = CM_KAYENTA_TOLERANCE,
        .confidence = CM_KAYENTA_CONFIDENCE,
    };
}

/* The points of an arm in (from, now]: the last ones. */
static struct cm_kayenta_series points(const struct cm_signal_series *s, enum cm_arm arm,
                                       cm_time from, cm_time step)
{
    size_t n = s->n[arm], taken = 0;
    while (taken < n && s->at - (cm_time)taken * step > from)
        taken++;
    const double *first = n > 0 ? s->value[arm] + (n - taken) : NULL;
    return (struct cm_kayenta_series){first, taken};
}

static struct cm_kayenta_result judge(const struct options *o, const struct cm_look *look, size_t i)
{
    cm_time since = o->evidence == CM_PER_STEP ? look->now - look->since_step : look->began;
    struct cm_kayenta_window w = cm_kayenta_window_at(since, look->now, o->look_back);
    const struct cm_signal_series *s = look->signals[i].series;
    struct cm_kayenta_series control = points(s, look->control, w.from, o->step);
    struct cm_kayenta_series canary = points(s, CM_CANARY, w.from, o->step);
    struct cm_kayenta_rule rule = rule_of(o, i);
    struct cm_kayenta_judged j =
        cm_kayenta_judge(&rule, &control, &canary, cm_kayenta_points(&w, o->step));
    return (struct cm_kayenta_result){.label = j.label,
                                      .critical = j.critical,
                                      .muted = cm_choices_at(&o->muted, i) != 0,
                                      .groups = cm_groups_at(&o->groups, i)};
}

static double weight_of(const struct cm_group_weights *weights, const char *group)
{
    for (size_t i = 0; i < weights->n; i++)
        if (strcmp(weights->name[i], group) == 0)
            return weights->weight[i];
    return NAN;
}

/* Weighted groups that no metric is in come last: they only take from the others. */
static struct cm_kayenta_weights weights_of(const struct options *o)
{
    struct cm_kayenta_weights w = {.n = o->groups.n_names};
    for (size_t g = 0; g < w.n; g++)
        w.weight[g] = weight_of(&o->group_weights, o->groups.name[g]);
    for (size_t i = 0; i < o->group_weights.n; i++) {
        size_t g = 0;
        while (g < o->groups.n_names && strcmp(o->groups.name[g], o->group_weights.name[i]) != 0)
            g++;
        if (g == o->groups.n_names)
            w.weight[w.n++] = o->group_weights.weight[i];
    }
    return w;
}

static struct cm_verdict verdict_of(const struct options *o, const struct cm_kayenta_score *score)
{
    static const enum cm_label labels[] = {[CM_KAYENTA_PASSES] = CM_PASS,
                                           [CM_KAYENTA_MARGINAL] = CM_UNDECIDED,
                                           [CM_KAYENTA_FAIL] = CM_FAIL};
    static const enum rule by_score[] = {
        [CM_KAYENTA_PASSES] = FINE, [CM_KAYENTA_MARGINAL] = MARGINAL, [CM_KAYENTA_FAIL] = LOW};
    const struct cm_kayenta_thresholds t = {o->marginal, o->pass};
    enum cm_kayenta_verdict said = cm_kayenta_verdict_of(score->score, &t);
    enum rule rule = score->reason == CM_KAYENTA_BY_CRITICAL ? CRITICAL
                     : score->reason == CM_KAYENTA_BY_NODATA ? NODATA
                                                             : by_score[said];
    struct cm_verdict v = cm_verdict_of(labels[said], (int)rule);
    v.why.scale = CM_SCALE_SCORE;
    v.why.value = score->score;
    v.why.limit = said == CM_KAYENTA_FAIL ? o->marginal : o->pass;
    v.why.low = o->marginal;
    v.why.high = o->pass;
    return v;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct cm_kayenta_result results[CM_LIST_MAX];
    (void)state;
    for (size_t i = 0; i < look->n_signals; i++) {
        if (look->signals[i].state[CM_CANARY] == CM_GATE_ERROR)
            return cm_verdict_of(CM_GATE_ERROR, SILENT);
        results[i] = judge(o, look, i);
    }
    const struct cm_kayenta_weights weights = weights_of(o);
    struct cm_kayenta_score score = cm_kayenta_score_of(results, look->n_signals, &weights);
    return verdict_of(o, &score);
}

const struct cm_gate cm_gate_kayenta = {
    .kind = {.name = "kayenta",
             .summary = "Kayenta's judge: series of several metrics, compared by ranks and scored.",
             .source = "spinnaker/kayenta, NetflixACAJudge-v1.0",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "marginal",
    .rules = rules,
    .needs = needs,
    .look = look,
};
