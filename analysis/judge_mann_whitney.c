/* Mann and Whitney's test of two arrays, with the shift that it estimates (sim/stats/ranks.h,
 * sim/stats/shift.h). */
#include <math.h>

#include "analysis/judge.h"
#include "sim/base/mem.h"
#include "sim/stats/ranks.h"
#include "sim/stats/shift.h"

struct options {
    double alpha, confidence;
    bool continuity;
};

static const struct cm_param params[] = {
    CM_PROB(struct options, alpha, "1%", 1e-12, 0.5, "The p-value at or below which it fails."),
    CM_PROB(struct options, confidence, "98%", 0.5, 0.999999, "Of the interval of the shift."),
    CM_FLAG(struct options, continuity, "yes", "Whether U is corrected by one half."),
    CM_PARAMS_END,
};

static void add_numbers(const struct options *o, const struct cm_values *control,
                        const struct cm_values *canary, double p, struct cm_solution *to)
{
    const double tolerance = 1e-9;
    struct cm_rank_sum r = cm_ranks_of(control, canary);
    struct cm_shift_limits shift = cm_shift_interval(control, canary, o->confidence, tolerance);
    cm_judge_row(to, "values of the control", (double)control->n);
    cm_judge_row(to, "values of the canary", (double)canary->n);
    cm_judge_row(to, "U", r.u);
    cm_judge_row(to, "U if nothing differs", r.mean);
    cm_judge_row(to, "its standard deviation", r.sd);
    cm_judge_row(to, "z", cm_ranks_z(&r, CM_GREATER, o->continuity));
    cm_judge_row(to, "p (the canary is higher)", p);
    cm_judge_row(to, "shift (Hodges and Lehmann)", cm_shift_hodges_lehmann(control, canary));
    cm_judge_row(to, "shift from", shift.limits.low);
    cm_judge_row(to, "shift to", shift.limits.high);
}

static bool judge(const void *options, const struct cm_arrays *a, struct cm_solution *to)
{
    const struct options *o = options;
    struct cm_judge_values v0 = cm_judge_sorted(a->control, a->n_control);
    struct cm_judge_values v1 = cm_judge_sorted(a->canary, a->n_canary);
    const struct cm_values control = {v0.x, v0.n}, canary = {v1.x, v1.n};
    struct cm_rank_sum r = cm_ranks_of(&control, &canary);
    double p = control.n == 0 || canary.n == 0
                   ? NAN
                   : 0.5 * erfc(cm_ranks_z(&r, CM_GREATER, o->continuity) / sqrt(2));
    bool fails = cm_judge_say_p(to, p, o->alpha, "a value in each array");
    add_numbers(o, &control, &canary, p, to);
    to->method = "Mann and Whitney's test in its normal approximation, one-sided; it answers to a "
                 "shift of all values and is nearly blind to what happens in a tail.";
    cm_free(v0.x);
    cm_free(v1.x);
    return fails;
}

const struct cm_judge cm_judge_mann_whitney = {
    .kind = {.name = "mann_whitney",
             .summary = "Are the canary's values higher as a whole?",
             .source = "Mann and Whitney 1947; Hodges and Lehmann 1963",
             .params = params,
             .options_size = sizeof(struct options)},
    .judge = judge,
};
