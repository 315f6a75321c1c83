/* Counts, guards and a share of alpha; the p-value is the gate's. */
#include "sim/gates/one_look.h"

const char *const cm_one_look_evidences[] = {"step", "release", "window", NULL};
const char *const cm_one_look_sums[] = {"step", "release", NULL};

/* Whoever forgets at each step compares within it, and needs a control in every step. */
struct cm_needs cm_one_look_needs(const struct cm_one_look *o)
{
    bool window = o->evidence == CM_OF_WINDOW;
    return (struct cm_needs){
        .window = window,
        .strata = !window,
        .compares = true,
        .control = o->evidence != CM_OF_RELEASE,
        .requests = window ? o->min_requests : 0,
    };
}

double cm_one_look_alpha(const struct cm_one_look *o)
{
    return o->alpha / (double)o->looks / (double)o->alpha_over;
}

void cm_one_look_add(const struct cm_one_look *o, const struct cm_look *look,
                     struct cm_two_counts *counts)
{
    const struct cm_signal *s = &look->signals[0];
    if (o->evidence == CM_OF_WINDOW) {
        *counts = (struct cm_two_counts){s->x[look->control], s->n[look->control], s->x[CM_CANARY],
                                         s->n[CM_CANARY]};
        return;
    }
    struct cm_two_counts fresh;
    for (size_t i = 0; i < s->n_fresh; i++) {
        if (!cm_gate_fresh(look, i, o->evidence == CM_OF_STEP, &fresh))
            continue;
        counts->x0 += fresh.x0, counts->n0 += fresh.n0;
        counts->x1 += fresh.x1, counts->n1 += fresh.n1;
    }
}

enum cm_one_look_rule cm_one_look_obstacle(const struct cm_one_look *o, const struct cm_look *look,
                                           const struct cm_two_counts *counts)
{
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR)
        return CM_ONE_BROKEN;
    if (counts->n0 == 0 || counts->n1 == 0)
        return CM_ONE_NOTHING;
    return counts->n1 < o->min_requests              ? CM_ONE_TOO_FEW
           : counts->x0 + counts->x1 < o->min_errors ? CM_ONE_FEW_ERRORS
                                                     : CM_ONE_FINE;
}

struct cm_verdict cm_one_look_judge(const struct cm_one_look *o, const struct cm_look *look,
                                    const struct cm_two_counts *counts, double p)
{
    static const enum cm_label labels[] = {
        [CM_ONE_FINE] = CM_PASS,         [CM_ONE_WORSE] = CM_FAIL,
        [CM_ONE_TOO_FEW] = CM_UNDECIDED, [CM_ONE_FEW_ERRORS] = CM_PASS,
        [CM_ONE_NOTHING] = CM_NO_DATA,   [CM_ONE_BROKEN] = CM_GATE_ERROR,
    };
    double limit = cm_one_look_alpha(o);
    enum cm_one_look_rule rule = cm_one_look_obstacle(o, look, counts);
    bool shown = rule != CM_ONE_BROKEN && rule != CM_ONE_NOTHING;
    if (rule == CM_ONE_FINE && p <= limit)
        rule = CM_ONE_WORSE;
    struct cm_verdict v = cm_verdict_of(labels[rule], (int)rule);
    v.decisive = rule == CM_ONE_WORSE;
    v.why.scale = CM_SCALE_P;
    v.why.limit = limit;
    if (shown)
        v.why.value = p;
    if (rule == CM_ONE_FINE || rule == CM_ONE_WORSE) /* what a guard holds back is not combined */
        v.why.p = p;
    v.why.x0 = counts->x0, v.why.n0 = counts->n0;
    v.why.x1 = counts->x1, v.why.n1 = counts->n1;
    return v;
}
