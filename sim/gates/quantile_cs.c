/* One quantile of latency, compared at all looks: is the canary's larger?
 *
 * If the canary's p-quantile is not above the control's, then at some latency c at least p of the
 * canary's requests and at most p of the control's are at or below c. Both counts, less p n, are
 * sums with increments in an interval of length 1, so that at that c
 *
 *     E = E1(p n1 - K1(c)) E0(K0(c) - p n0)
 *
 * is an e-process, each factor a one-sided beta-binomial mixture (mixture.h) tightest at `t_opt`
 * requests; its least value over all c is below it. Between two bounds of the buckets the counts
 * that speak least are taken: K1 of the upper, K0 of the lower. It fails at the first look with
 * that E >= 1 / alpha, for good.
 *
 * Free of assumptions about the law, exact, and weak: a limit within a bucket's width of the truth
 * is never seen, and tail_origin needs a tenth of the requests. Platforms count users, here the
 * unit is the request. Latencies that drift during a ramp look like a difference, unless evidence =
 * step. Source: Howard and Ramdas, Bernoulli 2022, 3 and 6. */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/gates/histograms.h"
#include "sim/stats/mixture.h"

struct options {
    struct cm_ref metric;
    double alpha, quantile, t_opt;
    int evidence;
    uint64_t alpha_over;
    struct cm_mixture canary, control; /* made by prepare */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL,
           "The latency whose buckets are compared; its own quantile and window do not matter."),
    CM_PROB(struct options, alpha, "5%", 1e-9, 0.5,
            "Chance of ever failing a release that is as fast, at most, at any number of looks."),
    CM_PROB(struct options, quantile, "99%", 0.001, 0.9999, "The quantile that is compared."),
    CM_NUMBER(struct options, t_opt, "10000", 1, 1e12,
              "Requests of an arm for which the evidence is tuned."),
    CM_CHOICE(struct options, evidence, "release", cm_evidence_pers,
              "Whether evidence is kept over the steps of a release or begins anew at each, which "
              "then has 1/2, 1/6, 1/12 ... of alpha."),
    CM_COUNT(struct options, alpha_over, "1", 1, 1e6,
             "How many metrics share alpha: each gate has alpha divided by this (Bonferroni)."),
    CM_PARAMS_END,
};

enum rule { FINE, SLOWER, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "the buckets do not say that the canary's quantile is larger",
    [SLOWER] = "the buckets say that the canary's quantile is larger",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

struct floor {
    double n, log_e;
};
struct state {
    struct cm_histograms seen;
    struct floor floor0, floor1; /* of the control, the canary; for up to n requests */
    double most;                 /* largest ln E so far */
    uint64_t steps;
};

static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    struct options *o = options;
    double p = o->quantile;
    const struct cm_mixture_tuning tuning = {p * (1 - p) * o->t_opt, fmin(o->alpha, 0.4)};
    (void)source, (void)file, (void)arena, (void)err;
    o->canary = cm_mixture_beta_binomial(&tuning, 1 - p, p, true);
    o->control = cm_mixture_beta_binomial(&tuning, p, 1 - p, true);
    return 0;
}

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

/* Of alpha, what the step under way has. */
static double part_of(const struct options *o, const struct state *st)
{
    double k = (double)st->steps + 1;
    return o->evidence == CM_PER_STEP ? 1 / (k * (k + 1)) : 1;
}

/* ln E of an arm whose sum is s after n requests. */
static double log_e(const struct cm_mixture *m, double p, double s, double n)
{
    return cm_mixture_log_e(m, s, p * (1 - p) * n);
}

/* Where the evidence is looked for: counts below a bucket of the control, through it of the canary.
 */
struct place {
    size_t bucket;
    double k0, k1;
};

/* The first bucket through which the canary has its quantile. */
static struct place place_of_quantile(const struct cm_histograms *h, double rank)
{
    struct place at = {0, 0, (double)h->canary[0]};
    while (at.k1 < rank && at.bucket + 1 < h->n) {
        at.k0 += (double)h->control[at.bucket++];
        at.k1 += (double)h->canary[at.bucket];
    }
    return at;
}

static double of_control(const struct options *o, double n0, double k0)
{
    return log_e(&o->control, o->quantile, k0 - o->quantile * n0, n0);
}

static double of_canary(const struct options *o, double n1, double k1)
{
    return log_e(&o->canary, o->quantile, o->quantile * n1 - k1, n1);
}

/* Below what the control's evidence cannot fall, nor the canary's: that of a sum as low as it can
 * be. It falls as requests come, so that one worked out for twice as many will do. */
static double control_floor(const struct options *o, struct state *st, double n0)
{
    if (!(n0 <= st->floor0.n))
        st->floor0 = (struct floor){2 * n0, of_control(o, 2 * n0, 0)};
    return st->floor0.log_e;
}

static double canary_floor(const struct options *o, struct state *st, double n1)
{
    if (!(n1 <= st->floor1.n))
        st->floor1 = (struct floor){2 * n1, of_canary(o, 2 * n1, 2 * n1)};
    return st->floor1.log_e;
}

/* The least evidence over all buckets, looked for from the canary's quantile on. From bucket to
 * bucket the control's rises and the canary's falls: what the one cannot undo any more need not be
 * looked at. */
static double least_log_e(const struct options *o, struct state *st)
{
    const struct cm_histograms *h = &st->seen;
    struct cm_two_counts c = cm_histograms_counts(h);
    double n0 = (double)c.n0, n1 = (double)c.n1;
    struct place mid = place_of_quantile(h, o->quantile * n1), at = mid;
    double least = of_control(o, n0, mid.k0) + of_canary(o, n1, mid.k1);
    while (at.bucket > 0) { /* to the left */
        at.k1 -= (double)h->canary[at.bucket--];
        at.k0 -= (double)h->control[at.bucket];
        double canary = of_canary(o, n1, at.k1);
        if (canary + control_floor(o, st, n0) >= least)
            break;
        least = fmin(least, canary + of_control(o, n0, at.k0));
    }
    at = mid;
    while (at.bucket + 1 < h->n) { /* to the right */
        at.k0 += (double)h->control[at.bucket++];
        at.k1 += (double)h->canary[at.bucket];
        double control = of_control(o, n0, at.k0);
        if (control + canary_floor(o, st, n1) >= least)
            break;
        least = fmin(least, control + of_canary(o, n1, at.k1));
    }
    return least;
}

static void judge(const struct options *o, struct state *st, struct cm_verdict *v)
{
    double now = least_log_e(o, st);
    st->most = fmax(st->most, now);
    double part = part_of(o, st);
    v->why.value = now;
    v->why.limit = -log(o->alpha / (double)o->alpha_over * part);
    v->why.log_e = now + log(part);
    v->why.p = fmin(1, exp(-st->most) / part);
    if (st->most >= v->why.limit)
        v->label = CM_FAIL, v->rule = SLOWER, v->decisive = true;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    cm_histograms_add(&st->seen, look, o->evidence == CM_PER_STEP);
    struct cm_two_counts c = cm_histograms_counts(&st->seen);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    v.why.scale = CM_SCALE_LOG_E;
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

const struct cm_gate cm_gate_quantile_cs = {
    .kind = {.name = "quantile_cs",
             .summary = "One quantile of latency, compared with the control's at all looks.",
             .source = "Howard and Ramdas, Bernoulli 2022",
             .params = params,
             .options_size = sizeof(struct options),
             .prepare = prepare},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .gives = CM_GIVES_P | CM_GIVES_E,
};
