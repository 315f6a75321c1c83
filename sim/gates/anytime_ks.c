/* Bands around two latency distributions that hold at all looks: is the canary slower anywhere?
 *
 *     |F_t - F| <= r(t) = 0.85 sqrt((ln(1 + ln(t / t_min)) + C) / t)     at every latency, t >=
 * t_min
 *
 * with C for alpha / 2 an arm (stitching.h). It fails at the first look at which, at a bound of the
 * buckets, the share of the control's requests below it is larger than the canary's by more than
 * r(n0) + r(n1), for good: then the bands do not meet. Between bounds nothing is seen, which only
 * makes it slower to object.
 *
 * As Netflix compares play delays (Lindon, Sanden and Shirikian, KDD 2022). Free of assumptions
 * about the law, and weak: 0.09 at a thousand requests, 0.03 at ten thousand; blind to tails.
 * Netflix counts devices, here the unit is the request. Latencies that drift during a ramp look
 * like a difference (Simpson's paradox), unless evidence = step.
 *
 * Source of the band: Howard and Ramdas, Bernoulli 2022, theorem 2. */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/gates/histograms.h"
#include "sim/stats/stitching.h"

struct options {
    struct cm_ref metric;
    double alpha, t_min;
    int evidence;
    uint64_t alpha_over;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL,
           "The latency whose buckets are compared; its quantile and window do not matter."),
    CM_PROB(struct options, alpha, "5%", 1e-9, 0.5,
            "Chance of ever failing a release that is as fast, at most, at any number of looks."),
    CM_NUMBER(struct options, t_min, "100", 1, 1e9,
              "Requests of an arm from which on its band holds; with fewer it does not object."),
    CM_CHOICE(struct options, evidence, "release", cm_evidence_pers,
              "Whether evidence is kept over the steps of a release or begins anew at each, which "
              "then has 1/2, 1/6, 1/12 ... of alpha."),
    CM_COUNT(struct options, alpha_over, "1", 1, 1e6,
             "How many metrics share alpha: each gate has alpha divided by this (Bonferroni)."),
    CM_PARAMS_END,
};

enum rule { FINE, SLOWER, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "the bands around the two distributions meet everywhere",
    [SLOWER] = "at some latency the canary's band lies below the control's",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

static const double FACTOR = 0.85; /* A of the theorem, as its authors use it */

struct state {
    struct cm_histograms seen;
    double constant; /* C of the step under way; 0 = not worked out */
    uint64_t steps;
    bool failed;
};

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    return (struct cm_needs){
        .strata = true, .buckets = true, .compares = true, .control = o->evidence == CM_PER_STEP};
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
    struct cm_two_counts c = cm_histograms_counts(&st->seen);
    if (o->evidence == CM_PER_STEP)
        *st = (struct state){.steps = st->steps + (c.n1 > 0)};
}

/* Once a step: finding it takes longer than a look may. */
static double constant_of(const struct options *o, struct state *st)
{
    double k = (double)st->steps + 1, alpha = o->alpha / (double)o->alpha_over;
    if (o->evidence == CM_PER_STEP)
        alpha /= k * (k + 1);
    if (st->constant <= 0)
        st->constant = cm_stitching_empirical_constant(alpha / 2, FACTOR);
    return st->constant;
}

/* The largest excess of the control's share below a bound over the canary's, and how many of each
 * arm are above that bound. */
static double largest_excess(const struct cm_histograms *h, struct cm_two_counts *c)
{
    struct cm_two_histograms read;
    double below0 = 0, below1 = 0, most = -1;
    cm_histograms_read(h, &read);
    for (size_t b = 0; b + 1 < h->n; b++) {
        below0 += read.control[b], below1 += read.canary[b];
        double excess = below0 / (double)c->n0 - below1 / (double)c->n1;
        if (excess <= most)
            continue;
        most = excess;
        c->x0 = c->n0 - (uint64_t)below0, c->x1 = c->n1 - (uint64_t)below1;
    }
    return most;
}

static void judge(const struct options *o, struct state *st, struct cm_verdict *v)
{
    struct cm_two_counts c = cm_histograms_counts(&st->seen);
    double constant = constant_of(o, st);
    double width = cm_stitching_empirical((double)c.n0, o->t_min, FACTOR, constant) +
                   cm_stitching_empirical((double)c.n1, o->t_min, FACTOR, constant);
    double excess = largest_excess(&st->seen, &c);
    v->why.x0 = c.x0, v->why.x1 = c.x1;
    v->why.value = excess;
    if (isfinite(width)) {
        v->why.limit = width;
        v->why.low = excess - width, v->why.high = excess + width;
    }
    st->failed = st->failed || excess > width;
    if (st->failed)
        v->label = CM_FAIL, v->rule = SLOWER, v->decisive = true;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    cm_histograms_add(&st->seen, look, o->evidence == CM_PER_STEP);
    struct cm_two_counts c = cm_histograms_counts(&st->seen);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    v.why.scale = CM_SCALE_COUNT;
    v.why.n0 = c.n0, v.why.n1 = c.n1;
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR)
        v.label = CM_GATE_ERROR, v.rule = BROKEN;
    else if (c.n0 == 0 || c.n1 == 0)
        v.label = CM_NO_DATA, v.rule = NOTHING;
    else
        judge(o, st, &v);
    return v;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_histograms_needs_latency(metrics, err);
}

const struct cm_gate cm_gate_anytime_ks = {
    .kind = {.name = "anytime_ks",
             .summary = "Bands around the two laws of latency, for all looks at once.",
             .source = "Howard and Ramdas 2022; Lindon, Sanden and Shirikian, KDD 2022",
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
