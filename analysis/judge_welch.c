/* Welch's test of two arrays (sim/stats/welch.h), of the values or of their logarithms. */
#include <math.h>

#include "analysis/judge.h"
#include "sim/base/mem.h"
#include "sim/stats/interval.h"
#include "sim/stats/welch.h"

struct options {
    double alpha, margin;
    bool logarithms;
};

static const struct cm_param params[] = {
    CM_PROB(struct options, alpha, "1%", 1e-12, 0.5, "The p-value at or below which it fails."),
    CM_NUMBER(struct options, margin, "0", -1e12, 1e12,
              "By how much the canary's mean may be above the control's."),
    CM_FLAG(struct options, logarithms, "no",
            "Whether the means of the logarithms are compared: for latencies, whose tails are "
            "heavy; the margin is then one of logarithms."),
    CM_PARAMS_END,
};

/* Values without gaps, or their logarithms; of no use where one is not positive. */
static struct cm_judge_values taken(const struct options *o, const double *x, size_t n)
{
    struct cm_judge_values v = cm_judge_sorted(x, n);
    for (size_t i = 0; o->logarithms && i < v.n; i++)
        v.x[i] = log(v.x[i]);
    return v;
}

static bool judge(const void *options, const struct cm_arrays *a, struct cm_solution *to)
{
    const struct options *o = options;
    struct cm_judge_values v0 = taken(o, a->control, a->n_control);
    struct cm_judge_values v1 = taken(o, a->canary, a->n_canary);
    struct cm_sample control = cm_sample_of(v0.x, v0.n), canary = cm_sample_of(v1.x, v1.n);
    struct cm_welch w = cm_welch_test(&control, &canary, o->margin);
    double p = cm_welch_p(&w, CM_GREATER);
    bool fails =
        cm_judge_say_p(to, p, o->alpha,
                       o->logarithms ? "two values in each array, positive and not all the same"
                                     : "two values in each array, not all the same");
    cm_judge_row(to, "values of the control", (double)v0.n);
    cm_judge_row(to, "values of the canary", (double)v1.n);
    cm_judge_row(to, "mean of the control", control.mean);
    cm_judge_row(to, "mean of the canary", canary.mean);
    cm_judge_row(to, "t", w.t);
    cm_judge_row(to, "degrees of freedom", w.df);
    cm_judge_row(to, "p (the canary is higher)", p);
    to->method = "Welch's test, one-sided: exact for normal values, by the central limit theorem "
                 "for many others.";
    cm_free(v0.x);
    cm_free(v1.x);
    return fails;
}

const struct cm_judge cm_judge_welch = {
    .kind = {.name = "welch",
             .summary = "Is the mean of the canary's values higher?",
             .source = "Welch 1947",
             .params = params,
             .options_size = sizeof(struct options)},
    .judge = judge,
};
