/* The mixture SPRT on the difference of two error ratios, as experiment platforms run it.
 *
 * d, the canary's error ratio less the control's, is taken as normal with its estimated variance V;
 * differences to expect are N(0, tau^2), or its upper half (sides = one):
 *
 *     E = sqrt(V / (V + tau^2)) exp(tau^2 d^2 / (2 V (V + tau^2)))
 *         [2 Phi(d tau / sqrt(V (V + tau^2)))]
 *
 * It fails at the first look with E >= 1 / alpha and d > 0, for good; the interval shown holds all
 * differences that are not rejected, at all looks at once.
 *
 * tau = none is Statsig's test: tau^2 = z^2 (v0 + v1) / (n0 + n1) out of the data, all differences
 * in the mixture, alpha / 2 on each of two sides. Its limit is a constant number of standard errors
 * and its E none that could be averaged: composites refuse it. Platforms count users; here the unit
 * is the request.
 *
 * The normal law holds as errors come in: below about 5 an arm it does not, and min_errors counts
 * both arms together (docs/statistics.md shows what a share of 1 % makes of it). At a share of 1 %
 * and half a request a second it finds little. Sources: Robbins 1970; Johari, Koomen, Pekelis and
 * Walsh, Operations Research 2022; Statsig's documentation of sequential testing. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/gates/two_arms.h"

enum sides { ONE, TWO };
static const char *const side_names[] = {"one", "two", NULL};

struct options {
    struct cm_ref metric;
    double alpha, tau;
    int sides, evidence, pooling; /* enum sides, cm_evidence_per, cm_pooling */
    double dispersion;
    uint64_t min_errors, alpha_over;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio that is compared."),
    CM_PROB(struct options, alpha, "5%", 1e-9, 0.4,
            "Chance of ever failing a release that is not worse, about, at any number of looks."),
    CM_PROB(struct options, tau, "none", 1e-9, 1,
            "Differences of the error ratio to expect, as a standard deviation (1% = one point); "
            "none = Statsig's rule, z^2 (v0 + v1) / (n0 + n1) as its square."),
    CM_CHOICE(struct options, sides, "one", side_names,
              "Whether only a worse canary is expected (one), or a better one as well (two)."),
    CM_EVIDENCE_ROW(struct options, "release"),
    CM_POOLING_ROW(struct options, "strata"),
    CM_DISPERSION_ROW(struct options),
    CM_MIN_ERRORS_ROW(struct options, "30"),
    CM_METRICS_ROW(struct options),
    CM_PARAMS_END,
};

enum rule { FINE, WORSE, FEW_ERRORS, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "the mixture of differences does not say that the canary is worse",
    [WORSE] = "the mixture of differences says that the canary is worse",
    [FEW_ERRORS] = "there are too few errors to object",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

struct state {
    struct cm_two_arms arms;
    double most; /* largest log E in the canary's disfavour so far */
};

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    return (struct cm_needs){
        .strata = true, .compares = true, .control = o->evidence == CM_PER_STEP};
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
    if (o->evidence == CM_PER_RELEASE)
        return;
    cm_two_arms_forget(&st->arms);
    st->most = 0;
}

static double alpha_of(const struct options *o, const struct state *st)
{
    double alpha = o->alpha / (double)o->alpha_over;
    return o->evidence == CM_PER_STEP ? cm_two_arms_alpha(&st->arms, alpha) : alpha;
}

/* What is held against 1 / alpha: a mixture over the upper half of differences or over all. Statsig
 * takes the latter for both, with alpha on the one side that counts. */
struct mixture {
    double tau, alpha, of_interval; /* alphas: of the fail, of the interval */
    bool upper_half;
};

static struct mixture mixture_of(const struct options *o, const struct state *st)
{
    double alpha = alpha_of(o, st);
    if (!isnan(o->tau))
        return (struct mixture){o->tau, alpha, o->sides == ONE ? 2 * alpha : alpha,
                                o->sides == ONE};
    const struct cm_two_counts *c = &st->arms.crude;
    double a = o->sides == TWO ? alpha / 2 : alpha, z = gsl_cdf_ugaussian_Qinv(a);
    double n0 = (double)c->n0, n1 = (double)c->n1;
    double p0 = (double)c->x0 / n0, p1 = (double)c->x1 / n1;
    double tau = z * sqrt((p0 * (1 - p0) + p1 * (1 - p1)) / (n0 + n1));
    return (struct mixture){tau, a, a, false};
}

static void judge(const struct options *o, struct state *st, struct cm_verdict *v)
{
    struct cm_difference d = cm_two_arms_difference(&st->arms, o->pooling);
    struct mixture m = mixture_of(o, st);
    d.variance *= o->dispersion;
    if (st->arms.crude.x0 + st->arms.crude.x1 < o->min_errors || !(m.tau > 0)) {
        v->rule = FEW_ERRORS;
        return;
    }
    double log_e = cm_mixture_sprt_log_e(&d, m.tau, m.upper_half);
    double width = cm_mixture_sprt_half_width(&d, m.tau, m.of_interval);
    if (d.estimate > 0)
        st->most = fmax(st->most, log_e);
    v->why.value = d.estimate;
    v->why.low = d.estimate - width, v->why.high = d.estimate + width;
    double part = o->evidence == CM_PER_STEP ? cm_two_arms_alpha(&st->arms, 1) : 1;
    v->why.log_e = log_e + log(part);
    v->why.p = fmin(1, exp(-st->most) / part);
    if (st->most < -log(m.alpha))
        return;
    v->label = CM_FAIL, v->rule = WORSE;
    v->decisive = true;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    cm_two_arms_add(&st->arms, look, o->evidence == CM_PER_STEP);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    cm_two_arms_show(&st->arms, &v);
    v.why.scale = CM_SCALE_DIFFERENCE;
    v.why.limit = 0;
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR)
        v.label = CM_GATE_ERROR, v.rule = BROKEN;
    else if (v.why.n0 == 0 || v.why.n1 == 0)
        v.label = CM_NO_DATA, v.rule = NOTHING;
    else
        judge(o, st, &v);
    return v;
}

/* A tau out of the data, and of alpha, makes no martingale: nothing to combine at another alpha. */
static int gives_with(const void *options)
{
    const struct options *o = options;
    return isnan(o->tau) ? 0 : CM_GIVES_P | CM_GIVES_E;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_msprt = {
    .kind = {.name = "msprt",
             .summary = "The mixture SPRT on the difference of two error ratios.",
             .source = "Robbins 1970; Johari, Koomen, Pekelis and Walsh 2022; Statsig",
             .params = params,
             .options_size = sizeof(struct options)},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .gives = CM_GIVES_P | CM_GIVES_E,
    .gives_with = gives_with,
};
