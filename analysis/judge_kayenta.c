/* Kayenta's judge of one metric (sim/stats/kayenta_metric.h): cleaning, the interval of the shift
 * at 98 %, held against a quarter of the estimate, and the effect size. */
#include <math.h>

#include "analysis/judge.h"
#include "sim/base/mem.h"
#include "sim/stats/kayenta_metric.h"
#include "sim/stats/ranks.h"

static const char *const nans[] = {"remove", "replace", NULL};
static const char *const directions[] = {"either", "increase", "decrease", NULL};
static const char *const measures[] = {"mean_ratio", "cles", NULL};

struct options {
    int direction, nan_strategy, effect_size;
    bool remove_outliers, critical, must_have_data;
    double outlier_factor;
    double allowed_increase, allowed_decrease, critical_increase, critical_decrease;
};

static const struct cm_param params[] = {
    CM_CHOICE(struct options, direction, "either", directions, "On which side the canary is bad."),
    CM_CHOICE(struct options, nan_strategy, "remove", nans,
              "What becomes of gaps: they are dropped, or zeros."),
    CM_FLAG(struct options, remove_outliers, "no", "Whether outliers are dropped first."),
    CM_NUMBER(struct options, outlier_factor, "3", 0.001, 1000,
              "How many interquartile ranges beyond the quartiles an outlier is."),
    CM_FLAG(struct options, critical, "no", "Whether the metric alone can fail all."),
    CM_FLAG(struct options, must_have_data, "no", "Whether a metric without data fails."),
    CM_CHOICE(struct options, effect_size, "mean_ratio", measures,
              "What is held against the limits below; cles is the share of pairs in which the "
              "canary's value is the higher one."),
    CM_NUMBER(struct options, allowed_increase, "none", 0, 1e9,
              "High needs an effect size of at least this; none = 1, or 0.5 of cles."),
    CM_NUMBER(struct options, allowed_decrease, "none", 0, 1e9,
              "Low needs an effect size of at most this; none = 1, or 0.5 of cles."),
    CM_NUMBER(struct options, critical_increase, "none", 0, 1e9,
              "A critical metric that is High fails all from this effect size on."),
    CM_NUMBER(struct options, critical_decrease, "none", 0, 1e9,
              "A critical metric that is Low fails all from this effect size down."),
    CM_PARAMS_END,
};

static struct cm_kayenta_rule rule_of(const struct options *o)
{
    double none = o->effect_size == CM_KAYENTA_CLES ? 0.5 : 1;
    return (struct cm_kayenta_rule){
        .cleaning = {.nan = o->nan_strategy,
                     .remove_outliers = o->remove_outliers,
                     .outlier_factor = o->outlier_factor},
        .direction = o->direction,
        .measure = o->effect_size,
        .critical = o->critical,
        .must_have_data = o->must_have_data,
        .allowed_increase = isnan(o->allowed_increase) ? none : o->allowed_increase,
        .allowed_decrease = isnan(o->allowed_decrease) ? none : o->allowed_decrease,
        .critical_increase = isnan(o->critical_increase) ? none : o->critical_increase,
        .critical_decrease = isnan(o->critical_decrease) ? none : o->critical_decrease,
        .tolerance = CM_KAYENTA_TOLERANCE,
        .confidence = CM_KAYENTA_CONFIDENCE,
    };
}

/* U of what was given: the judge itself does not show it. */
static void add_u(const struct cm_arrays *a, struct cm_solution *to)
{
    struct cm_judge_values v0 = cm_judge_sorted(a->control, a->n_control);
    struct cm_judge_values v1 = cm_judge_sorted(a->canary, a->n_canary);
    const struct cm_values control = {v0.x, v0.n}, canary = {v1.x, v1.n};
    cm_judge_row(to, "U", cm_ranks_of(&control, &canary).u);
    cm_free(v0.x);
    cm_free(v1.x);
}

static bool judge(const void *options, const struct cm_arrays *a, struct cm_solution *to)
{
    const struct cm_kayenta_rule rule = rule_of(options);
    const struct cm_kayenta_series control = {a->control, a->n_control};
    const struct cm_kayenta_series canary = {a->canary, a->n_canary};
    size_t expected = a->n_control > a->n_canary ? a->n_control : a->n_canary;
    struct cm_kayenta_judged j = cm_kayenta_judge(&rule, &control, &canary, expected);
    double tolerated = rule.tolerance * fabs(j.shift.estimate);
    bool fails = j.label != CM_KAYENTA_PASS && j.label != CM_KAYENTA_NODATA;
    cm_print(cm_solution_say(to), "%s%s.", cm_kayenta_label_names[j.label],
             j.critical ? ", and critical: the score of the whole is 0" : "");
    cm_judge_row(to, "values of the control, cleaned", (double)j.n_control);
    cm_judge_row(to, "values of the canary, cleaned", (double)j.n_canary);
    add_u(a, to);
    cm_judge_row(to, "shift, as the judge estimates it", j.shift.estimate);
    cm_judge_row(to, "shift from (98 %)", j.shift.low);
    cm_judge_row(to, "shift to (98 %)", j.shift.high);
    cm_judge_row(to, "High if it is wholly above", tolerated);
    cm_judge_row(to, "Low if it is wholly below", -tolerated);
    cm_judge_row(to, "ratio of the means", j.deviation);
    cm_judge_row(to, "effect size", j.effect);
    to->method = "Kayenta's NetflixACAJudge, to the last bit: its interval, its root finder, its "
                 "tolerance of a quarter of its own estimate. It assumes independent points.";
    return fails;
}

const struct cm_judge cm_judge_kayenta = {
    .kind = {.name = "kayenta",
             .summary = "What does Kayenta's judge say of this metric?",
             .source = "spinnaker/kayenta, NetflixACAJudge-v1.0",
             .params = params,
             .options_size = sizeof(struct options)},
    .judge = judge,
};
