/* A significance test of two error ratios at every look: what most people mean by "statistical".
 *
 * Errors and requests of canary and control are added up since the step (or the release) began and
 * compared by a one-sided test; it fails when p <= alpha / looks. The tests are in
 * sim/stats/two_proportion.h.
 *
 * Two things are wrong with it, and are why it is here. A p-value is meant for one look: with looks
 * = 1 every further look is another chance to fail a healthy release (Armitage, McPherson and Rowe
 * 1969); dividing alpha by the number of looks (Bonferroni) repairs that and costs power. And
 * evidence = release adds up counts from times with different weights: when the common error rate
 * drifts while the weight ramps, crude sums differ between arms without a defect (Simpson's
 * paradox); evidence = step does not. origin_mixture has neither fault. */
#include <math.h>

#include "sim/gates/gate.h"
#include "sim/stats/two_proportion.h"

enum method { MID_P, FISHER, POOLED_Z, UNPOOLED_Z };
static const char *const methods[] = {"mid_p", "fisher", "pooled_z", "unpooled_z", NULL};
enum evidence { STEP, RELEASE };
static const char *const evidences[] = {"step", "release", NULL};

struct options {
    struct cm_ref metric;
    double alpha;
    int method;   /* enum method */
    int evidence; /* enum evidence */
    uint64_t looks, min_requests, min_errors;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio that is compared."),
    CM_PROB(struct options, alpha, "1%", 1e-9, 0.5,
            "Chance of failing a healthy release in `looks` looks; with more looks, more."),
    CM_CHOICE(struct options, method, "mid_p", methods,
              "How p is found: mid-p or Fisher's exact test, or a normal approximation, which errs "
              "where the canary's share is small and errors are rare."),
    CM_CHOICE(struct options, evidence, "step", evidences,
              "Whether counts are added up since the step or since the release began; over a ramp, "
              "release confuses drift with a defect (Simpson's paradox)."),
    CM_COUNT(struct options, looks, "1", 1, 1e6,
             "How many looks alpha is divided among (Bonferroni); 1 tests every look as if it were "
             "the only one."),
    CM_COUNT(struct options, min_requests, "100", 0, 1e12,
             "Fewer requests of the canary leave the look undecided."),
    CM_COUNT(struct options, min_errors, "0", 0, 1e12,
             "With fewer errors in both arms together the gate does not object."),
    CM_PARAMS_END,
};

enum rule { FINE, WORSE, TOO_FEW, FEW_ERRORS, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "the canary's error ratio is not significantly larger",
    [WORSE] = "the canary's error ratio is significantly larger",
    [TOO_FEW] = "the canary has answered too few requests",
    [FEW_ERRORS] = "there are too few errors to object",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

/* Since the step or the release began. */
struct state {
    struct cm_two_counts counts;
};

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    return (struct cm_needs){.strata = true, .control = o->evidence == STEP};
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    struct state *st = state;
    if (o->evidence == STEP)
        *st = (struct state){0};
}

/* Adds what is new; under evidence = step not what was answered before the step. */
static void add_fresh(const struct options *o, struct cm_two_counts *c, const struct cm_look *look)
{
    struct cm_two_counts fresh;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++) {
        if (!cm_gate_fresh(look, i, o->evidence == STEP, &fresh))
            continue;
        c->x0 += fresh.x0, c->n0 += fresh.n0;
        c->x1 += fresh.x1, c->n1 += fresh.n1;
    }
}

/* One-sided: small = the canary is worse. */
static double p_value(int method, const struct cm_two_counts *c)
{
    if (method == MID_P)
        return cm_two_proportion_mid_p(c);
    if (method == FISHER)
        return cm_two_proportion_fisher(c);
    return cm_two_proportion_p_of_z(cm_two_proportion_z(c, method == POOLED_Z, 0));
}

/* Guards first: what is too thin to test is not tested; then p against its share of alpha. */
static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct cm_two_counts *c = &((struct state *)state)->counts;
    add_fresh(o, c, look);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    v.why.x0 = c->x0, v.why.n0 = c->n0, v.why.x1 = c->x1, v.why.n1 = c->n1;
    v.why.scale = CM_SCALE_P;
    v.why.limit = o->alpha / (double)o->looks;
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR) {
        v.label = CM_GATE_ERROR, v.rule = BROKEN;
        return v;
    }
    if (c->n0 == 0 || c->n1 == 0) {
        v.label = CM_NO_DATA, v.rule = NOTHING;
        return v;
    }
    v.why.value = v.why.p = p_value(o->method, c);
    if (c->n1 < o->min_requests) {
        v.label = CM_UNDECIDED, v.rule = TOO_FEW;
    } else if (c->x0 + c->x1 < o->min_errors) {
        v.rule = FEW_ERRORS;
    } else if (v.why.p <= v.why.limit) {
        v.label = CM_FAIL, v.rule = WORSE;
        v.decisive = true;
    }
    return v;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_two_proportion = {
    .kind = {.name = "two_proportion",
             .summary = "A significance test of the canary's error ratio against the control's.",
             .source = "Fisher 1935; Lancaster 1961; Fleiss, Levin and Paik 2003, chapter 3",
             .params = params,
             .options_size = sizeof(struct options)},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
};
