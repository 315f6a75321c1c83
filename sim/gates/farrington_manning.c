/* Non-inferiority: has the canary been shown to be not worse than a margin? For moving on.
 *
 * A test that does not fail a canary has not shown that it is good. This one turns the question
 * round: H0 says that the canary is worse by the margin or more, p1 >= R p0 and p1 >= p0 + d; it
 * passes once that is rejected (sim/stats/margin_test.h), and is undecided until then. It never
 * fails: put it beside a gate that does.
 *
 * Rejecting either half rejects H0. Where p0 makes one of the two margins clearly the wider, a
 * canary at that margin passes with probability alpha; where they meet, at p0 = d / (R - 1), with a
 * little more (never above 2 alpha). A ratio cannot be shown near p0 = 0, which is what d is for.
 *
 * Sources: Farrington and Manning 1990; Miettinen and Nurminen 1985 for the interval. */
#include <math.h>

#include "sim/gates/one_look.h"
#include "sim/stats/margin_test.h"
#include "sim/stats/two_proportion.h"

struct options {
    struct cm_ref metric;
    struct cm_one_look test;
    double max_ratio, max_increase; /* 1, 0 = none */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio that is compared."),
    CM_ONE_LOOK_PARAMS(struct options, test, "5%",
                       "Chance of passing, in `looks` looks, a canary that is worse by just the "
                       "margin.",
                       "step", cm_one_look_evidences),
    CM_NUMBER(struct options, max_ratio, "1.25", 1, 1000,
              "How many times the control's error ratio would be too much; 1 = only max_increase "
              "counts."),
    CM_PROB(struct options, max_increase, "0.1%", 0, 0.999,
            "How much above the control's error ratio would be too much, in percentage points; "
            "the wider of the two margins holds, and 0 = only max_ratio counts."),
    CM_PARAMS_END,
};

enum rule { NOT_WORSE, NOT_YET, TOO_FEW, NOTHING, BROKEN };
static const char *const rules[] = {
    [NOT_WORSE] = "the canary has been shown to be within the margin",
    [NOT_YET] = "the canary has not been shown to be within the margin yet",
    [TOO_FEW] = "the canary has answered too few requests",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

/* Since the step or the release began. */
struct state {
    struct cm_two_counts counts;
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->max_ratio == 1 && o->max_increase == 0)
        return cm_fail(err, "max_ratio = 1 and max_increase = 0 leave no margin");
    return 0;
}

static struct cm_needs needs(const void *options)
{
    return cm_one_look_needs(&((const struct options *)options)->test);
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
    if (o->test.evidence == CM_OF_STEP)
        *st = (struct state){0};
}

/* P(so few errors, or fewer) were the canary at the margin: small = it is within. */
static double p_within(const struct cm_two_counts *c, enum cm_margin kind, double margin)
{
    return cm_two_proportion_p_of_z(-cm_margin_test_z(c, kind, margin));
}

/* The half of H0 that is nearer to being rejected, with its estimate and interval. */
static void weigh(const struct options *o, const struct cm_two_counts *c, struct cm_evidence *why)
{
    double level = 1 - 2 * cm_one_look_alpha(&o->test);
    double ratio = o->max_ratio > 1 ? p_within(c, CM_MARGIN_RATIO, o->max_ratio) : 1;
    double increase = o->max_increase > 0 ? p_within(c, CM_MARGIN_DIFFERENCE, o->max_increase) : 1;
    why->p = fmin(ratio, increase);
    if (o->max_increase == 0 || ratio < increase) {
        struct cm_ratio r = cm_margin_test_risk_ratio(c, level);
        why->scale = CM_SCALE_RATIO, why->limit = o->max_ratio;
        why->value = r.value, why->low = r.limits.low, why->high = r.limits.high;
        return;
    }
    struct cm_interval d = cm_margin_test_miettinen_nurminen(c, level);
    why->scale = CM_SCALE_DIFFERENCE, why->limit = o->max_increase;
    why->value = (double)c->x1 / (double)c->n1 - (double)c->x0 / (double)c->n0;
    why->low = d.low, why->high = d.high;
}

static struct cm_verdict judge(const struct options *o, const struct cm_look *look,
                               const struct cm_two_counts *c)
{
    enum cm_one_look_rule obstacle = cm_one_look_obstacle(&o->test, look, c);
    if (obstacle == CM_ONE_BROKEN)
        return cm_verdict_of(CM_GATE_ERROR, BROKEN);
    if (obstacle == CM_ONE_NOTHING)
        return cm_verdict_of(CM_NO_DATA, NOTHING);
    struct cm_verdict v = cm_verdict_of(CM_UNDECIDED, NOT_YET);
    weigh(o, c, &v.why);
    if (obstacle == CM_ONE_TOO_FEW) {
        v.rule = TOO_FEW;
    } else if (v.why.p <= cm_one_look_alpha(&o->test)) {
        v.label = CM_PASS, v.rule = NOT_WORSE;
        v.decisive = true;
    }
    return v;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct cm_two_counts *c = &((struct state *)state)->counts;
    cm_one_look_add(&o->test, look, c);
    struct cm_verdict v = judge(o, look, c);
    v.why.x0 = c->x0, v.why.n0 = c->n0;
    v.why.x1 = c->x1, v.why.n1 = c->n1;
    return v;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_farrington_manning = {
    .kind = {.name = "farrington_manning",
             .summary = "Passes once the canary has been shown to be within a margin of the "
                        "control.",
             .source = "Farrington and Manning 1990",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
};
