/* One metric's label; rules in the header. */
#include "sim/stats/kayenta_metric.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/mem.h"

const char *const cm_kayenta_label_names[CM_KAYENTA_LABELS + 1] = {
    [CM_KAYENTA_PASS] = "Pass",
    [CM_KAYENTA_HIGH] = "High",
    [CM_KAYENTA_LOW] = "Low",
    [CM_KAYENTA_NODATA] = "Nodata",
    [CM_KAYENTA_NODATA_FAIL] = "NodataFailMetric",
    [CM_KAYENTA_ERROR] = "Error",
};

/* Both arms, as they came and in order. */
struct arms {
    struct cm_kayenta_series control, canary;
    struct cm_values sorted0, sorted1;
    double *own[2]; /* owned; the sorted values */
};

static struct arms arms_of(const struct cm_kayenta_series *control,
                           const struct cm_kayenta_series *canary)
{
    double *sorted0 = cm_kayenta_sorted(control), *sorted1 = cm_kayenta_sorted(canary);
    return (struct arms){.control = *control,
                         .canary = *canary,
                         .sorted0 = {sorted0, control->n},
                         .sorted1 = {sorted1, canary->n},
                         .own = {sorted0, sorted1}};
}

static void release(struct arms *a)
{
    cm_free(a->own[0]);
    cm_free(a->own[1]);
}

static bool constant(const struct cm_values *sorted)
{
    return sorted->x[0] == sorted->x[sorted->n - 1];
}

static bool alike(const struct arms *a)
{
    bool same = a->sorted0.n == a->sorted1.n;
    for (size_t i = 0; same && i < a->sorted0.n; i++)
        same = a->sorted0.x[i] == a->sorted1.x[i];
    bool one = constant(&a->sorted0) && constant(&a->sorted1) && a->sorted0.x[0] == a->sorted1.x[0];
    return same || one;
}

static struct cm_kayenta_judged labelled(enum cm_kayenta_label label, bool critical)
{
    return (struct cm_kayenta_judged){.label = label,
                                      .critical = critical,
                                      .deviation = 1,
                                      .effect = NAN,
                                      .shift = {NAN, NAN, NAN, false}};
}

/* A metric that must have data fails without, unless it is critical: then it is critical anyway. */
static struct cm_kayenta_judged without_data(const struct cm_kayenta_rule *rule)
{
    if (rule->cleaning.nan == CM_KAYENTA_NAN_REPLACE)
        return labelled(CM_KAYENTA_PASS, false);
    if (rule->must_have_data && !rule->critical)
        return labelled(CM_KAYENTA_NODATA_FAIL, false);
    return labelled(CM_KAYENTA_NODATA, rule->critical);
}

static const double NOISE = 1e-5; /* of the value */

static double *noisy(double value, size_t n)
{
    double *x = cm_alloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = value + NOISE * value * gsl_cdf_ugaussian_Pinv(((double)i + 0.5) / (double)n);
    return x;
}

static bool reaches(double effect, double limit, bool upwards)
{
    return isnan(effect) || (upwards ? effect >= limit : effect <= limit);
}

static enum cm_kayenta_label label_of(const struct cm_kayenta_rule *rule,
                                      const struct cm_kayenta_judged *j)
{
    double bound = rule->tolerance * fabs(j->shift.estimate);
    if (rule->direction != CM_KAYENTA_DECREASE && j->shift.low > bound &&
        reaches(j->effect, rule->allowed_increase, true))
        return CM_KAYENTA_HIGH;
    if (rule->direction != CM_KAYENTA_INCREASE && j->shift.high < -bound &&
        reaches(j->effect, rule->allowed_decrease, false))
        return CM_KAYENTA_LOW;
    return CM_KAYENTA_PASS;
}

static bool is_critical(const struct cm_kayenta_rule *rule, const struct cm_kayenta_judged *j)
{
    if (!rule->critical || j->label == CM_KAYENTA_PASS)
        return false;
    bool high = j->label == CM_KAYENTA_HIGH;
    return reaches(j->effect, high ? rule->critical_increase : rule->critical_decrease, high);
}

/* What throws is an error, which counts for nothing, not even where the metric is critical. */
static struct cm_kayenta_judged compare(const struct cm_kayenta_rule *rule, const struct arms *a)
{
    struct cm_kayenta_judged j = labelled(CM_KAYENTA_ERROR, false);
    j.shift = cm_kayenta_shift_of(&a->sorted0, &a->sorted1, rule->confidence);
    if (j.shift.failed)
        return j;
    j.deviation = cm_kayenta_mean_ratio(&a->control, &a->canary);
    j.effect =
        rule->measure == CM_KAYENTA_CLES ? cm_kayenta_cles(&a->control, &a->canary) : j.deviation;
    j.label = label_of(rule, &j);
    j.critical = is_critical(rule, &j);
    return j;
}

static struct cm_kayenta_judged compare_noisy(const struct cm_kayenta_rule *rule,
                                              const struct arms *a)
{
    double *x0 = noisy(a->control.x[0], a->control.n), *x1 = noisy(a->canary.x[0], a->canary.n);
    const struct cm_kayenta_series control = {x0, a->control.n}, canary = {x1, a->canary.n};
    struct arms noise = arms_of(&control, &canary);
    struct cm_kayenta_judged j = compare(rule, &noise);
    release(&noise);
    cm_free(x0);
    cm_free(x1);
    return j;
}

struct cm_kayenta_judged cm_kayenta_classify(const struct cm_kayenta_rule *rule,
                                             const struct cm_kayenta_series *control,
                                             const struct cm_kayenta_series *canary)
{
    struct cm_kayenta_judged j = without_data(rule);
    if (control->n > 0 && canary->n > 0) {
        struct arms a = arms_of(control, canary);
        if (alike(&a))
            j = labelled(CM_KAYENTA_PASS, false);
        else if (constant(&a.sorted0) && constant(&a.sorted1))
            j = compare_noisy(rule, &a);
        else
            j = compare(rule, &a);
        release(&a);
    }
    j.n_control = control->n;
    j.n_canary = canary->n;
    return j;
}

/* A padded and cleaned copy; release it with cm_free. */
static double *cleaned(const struct cm_kayenta_rule *rule, const struct cm_kayenta_series *series,
                       size_t expected, size_t *n)
{
    double *x = cm_alloc((expected + series->n + 1) * sizeof *x);
    *n = cm_kayenta_clean(&rule->cleaning, x, cm_kayenta_pad(series, expected, x));
    return x;
}

struct cm_kayenta_judged cm_kayenta_judge(const struct cm_kayenta_rule *rule,
                                          const struct cm_kayenta_series *control,
                                          const struct cm_kayenta_series *canary, size_t expected)
{
    struct cm_kayenta_series clean0, clean1;
    double *x0 = cleaned(rule, control, expected, &clean0.n);
    double *x1 = cleaned(rule, canary, expected, &clean1.n);
    clean0.x = x0;
    clean1.x = x1;
    struct cm_kayenta_judged j = cm_kayenta_classify(rule, &clean0, &clean1);
    cm_free(x0);
    cm_free(x1);
    return j;
}
