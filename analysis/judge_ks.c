/* Kolmogorov and Smirnov's test of two arrays (sim/stats/kolmogorov.h). */
#include "analysis/judge.h"

#include <math.h>

#include "sim/base/mem.h"
#include "sim/stats/kolmogorov.h"

struct options {
    double alpha;
};

static const struct cm_param params[] = {
    CM_PROB(struct options, alpha, "1%", 1e-12, 0.5, "The p-value at or below which it fails."),
    CM_PARAMS_END,
};

static bool judge(const void *options, const struct cm_arrays *a, struct cm_solution *to)
{
    const struct options *o = options;
    struct cm_judge_values v0 = cm_judge_sorted(a->control, a->n_control);
    struct cm_judge_values v1 = cm_judge_sorted(a->canary, a->n_canary);
    const struct cm_values control = {v0.x, v0.n}, canary = {v1.x, v1.n};
    struct cm_distance d = cm_kolmogorov_of(&control, &canary);
    double p = control.n == 0 || canary.n == 0 ? NAN : cm_kolmogorov_p(&d, CM_GREATER);
    bool fails = cm_judge_say_p(to, p, o->alpha, "a value in each array");
    cm_judge_row(to, "values of the control", (double)control.n);
    cm_judge_row(to, "values of the canary", (double)canary.n);
    cm_judge_row(to, "D+ (the canary is higher)", d.d_plus);
    cm_judge_row(to, "D- (it is lower)", d.d_minus);
    cm_judge_row(to, "p (the canary is higher)", p);
    to->method = "Kolmogorov and Smirnov's test for large samples, one-sided; two laws that differ "
                 "beyond their 99 % quantiles alone are at most 0.01 apart.";
    cm_free(v0.x);
    cm_free(v1.x);
    return fails;
}

const struct cm_judge cm_judge_ks = {
    .kind = {.name = "ks",
             .summary = "Is the canary's distribution shifted anywhere?",
             .source = "Smirnov 1939",
             .params = params,
             .options_size = sizeof(struct options)},
    .judge = judge,
};
