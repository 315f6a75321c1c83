/* Sample ratio mismatch: does the router split the traffic as it was told to?
 *
 * Every comparison believes that both arms got their share of the same traffic. Over the strata
 *
 *     chi^2 = (n1 - sum N s)^2 / sum N s (1 - s),   one degree of freedom,
 *
 * with N the requests of both arms and s the planned share of the canary: Pearson's test of the
 * split (sim/stats/tables.h), with a planned share that may change. p <= alpha says that the split
 * is not as planned: that is an error of the measurement, not of the canary, unless `says` = fail.
 *
 * Requests are counted when they are answered. Where answers take long, or the canary is slower,
 * those in flight when the weight changes are counted at the wrong share, and a canary that is slow
 * shows as a mismatch. Labels of KPIs come later still, and samples of gauges are no requests: both
 * are refused. Experiment platforms count users; here it is requests.
 *
 * Source: Fabijan et al., KDD 2019. */
#include <math.h>

#include "sim/gates/one_look.h"

enum says { ERROR, FAIL };
static const char *const sayings[] = {"error", "fail", NULL};

struct options {
    struct cm_ref metric;
    struct cm_one_look test;
    int says; /* enum says */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The metric whose requests are counted."),
    CM_ONE_LOOK_PARAMS(struct options, test, "0.1%",
                       "Chance of a false alarm, two-sided, in `looks` looks; with more looks, "
                       "more.",
                       "step", cm_one_look_sums),
    CM_CHOICE(struct options, says, "error", sayings,
              "What a mismatch is: an error, since no comparison can be trusted, or a fail."),
    CM_PARAMS_END,
};

enum rule { FINE, MISMATCH, TOO_FEW, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "requests are split as planned",
    [MISMATCH] = "requests are not split as planned",
    [TOO_FEW] = "the canary has answered too few requests",
    [NOTHING] = "no request was answered while both arms were to have some",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

/* Since the step or the release began. */
struct state {
    struct cm_two_counts counts;
    double expected, variance; /* of the canary's requests */
};

static void add(const struct options *o, const struct cm_look *look, struct state *st)
{
    struct cm_two_counts c;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++) {
        double share = look->signals[0].fresh[i].planned_share;
        if (!cm_gate_fresh(look, i, o->test.evidence == CM_OF_STEP, &c) || share <= 0 || share >= 1)
            continue;
        double all = (double)(c.n0 + c.n1);
        st->counts.n0 += c.n0, st->counts.n1 += c.n1;
        st->expected += all * share;
        st->variance += all * share * (1 - share);
    }
}

static enum rule judge(const struct options *o, const struct cm_look *look, const struct state *st,
                       double p)
{
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR)
        return BROKEN;
    if (st->variance <= 0)
        return NOTHING;
    if (st->counts.n1 < o->test.min_requests && st->expected < (double)o->test.min_requests)
        return TOO_FEW;
    return p <= cm_one_look_alpha(&o->test) ? MISMATCH : FINE;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    static const enum cm_label labels[] = {[FINE] = CM_PASS,
                                           [MISMATCH] = CM_GATE_ERROR,
                                           [TOO_FEW] = CM_UNDECIDED,
                                           [NOTHING] = CM_NO_DATA,
                                           [BROKEN] = CM_GATE_ERROR};
    const struct options *o = options;
    struct state *st = state;
    add(o, look, st);
    double off = (double)st->counts.n1 - st->expected;
    double p = st->variance > 0 ? erfc(fabs(off) / sqrt(2 * st->variance)) : (double)NAN;
    enum rule rule = judge(o, look, st, p);
    struct cm_verdict v = cm_verdict_of(labels[rule], (int)rule);
    if (rule == MISMATCH && o->says == FAIL)
        v.label = CM_FAIL;
    v.why.scale = CM_SCALE_P;
    v.why.value = v.why.p = p;
    v.why.limit = cm_one_look_alpha(&o->test);
    v.why.n0 = st->counts.n0, v.why.n1 = st->counts.n1;
    return v;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    if (metrics->metric[0]->signal >= CM_KPI_MEAN)
        return cm_fail(err, "the metric counts no requests (this test needs signal = error_ratio, "
                            "latency_quantile, rate or latency_mean)");
    return 0;
}

static struct cm_needs needs(const void *options)
{
    return cm_one_look_needs(&((const struct options *)options)->test);
}

static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    struct state *st = state;
    if (o->test.evidence == CM_OF_STEP)
        *st = (struct state){0};
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

const struct cm_gate cm_gate_srm = {
    .kind = {.name = "srm",
             .summary = "Whether requests are split as planned (sample ratio mismatch).",
             .source = "Fabijan et al., KDD 2019",
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
