/* The posterior of two event rates: errors per request, or per second of planned traffic.
 *
 * Events are Poisson with a Gamma(prior_shape, prior_rate) law for each rate; x events over the
 * exposure T make it Gamma(shape + x, rate + T). The gate fails while the canary's rate is more
 * than `ratio` times the control's with at least this `probability`:
 *
 *     P(l1 / l0 > r) = 1 - I_z(a1, a0),  z = r r1 / (r r1 + r0)      (gamma_compare.h)
 *
 * exposure = time counts seconds times the planned share of the arms, for events without a
 * denominator (restarts, crashes): a router that misses its weight then shows as a defect. As with
 * `bayes`, no error rate is bounded, and where no event was seen the prior decides.
 *
 * Source: Gelman et al., Bayesian Data Analysis (2013), 2.6. */
#include <math.h>

#include "sim/gates/two_arms.h"
#include "sim/stats/gamma_compare.h"

enum exposure { REQUESTS, TIME };
static const char *const exposures[] = {"requests", "time", NULL};

struct options {
    struct cm_ref metric;
    double probability, ratio, prior_shape, prior_rate;
    int exposure, evidence;
    double dispersion;
    uint64_t min_errors;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio whose errors are counted."),
    CM_PROB(struct options, probability, "99%", 0.5, 0.999999999,
            "Posterior probability of a worse canary at which the gate objects; no type I error."),
    CM_NUMBER(struct options, ratio, "1", 0.001, 1000,
              "How many times as often as in the control errors have to come to count."),
    CM_NUMBER(struct options, prior_shape, "0.5", 0.001, 1e6, "Errors that the prior is worth."),
    CM_NUMBER(struct options, prior_rate, "0.001", 1e-9, 1e12,
              "Exposure that the prior is worth, in requests or seconds."),
    CM_CHOICE(struct options, exposure, "requests", exposures,
              "What errors are counted per: requests answered, or seconds times planned share."),
    CM_CHOICE(struct options, evidence, "step", cm_evidence_pers,
              "Whether counts are added up since the release or since the step began; over a ramp, "
              "release confuses drift with a defect (Simpson's paradox)."),
    CM_NUMBER(struct options, dispersion, "1", 1, 1000,
              "Variance over mean of error counts, if errors come in clusters; counts and exposure "
              "are divided by it."),
    CM_MIN_ERRORS_ROW(struct options, "0"),
    CM_PARAMS_END,
};

enum rule { FINE, WORSE, FEW_ERRORS, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "it is not probable enough that the canary's errors come more often",
    [WORSE] = "it is probable that the canary's errors come more often",
    [FEW_ERRORS] = "there are too few errors to object",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

struct state {
    struct cm_two_arms arms;
    double seconds[2]; /* times planned share: control, canary */
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
    st->seconds[0] = st->seconds[1] = 0;
}

static void add_time(struct state *st, const struct cm_look *look, bool own_step)
{
    struct cm_two_counts counts;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++) {
        const struct cm_stratum *s = &look->signals[0].fresh[i];
        if (!cm_gate_fresh(look, i, own_step, &counts))
            continue;
        double seconds = cm_seconds(s->until - s->from);
        st->seconds[0] += seconds * (1 - s->planned_share);
        st->seconds[1] += seconds * s->planned_share;
    }
}

static struct cm_gamma posterior(const struct options *o, uint64_t events, double exposure)
{
    return (struct cm_gamma){o->prior_shape + (double)events / o->dispersion,
                             o->prior_rate + exposure / o->dispersion};
}

static void judge(const struct options *o, const struct state *st, struct cm_verdict *v)
{
    const struct cm_two_counts *c = &st->arms.crude;
    bool time = o->exposure == TIME;
    struct cm_gamma control = posterior(o, c->x0, time ? st->seconds[0] : (double)c->n0);
    struct cm_gamma canary = posterior(o, c->x1, time ? st->seconds[1] : (double)c->n1);
    v->why.value = cm_gamma_compare_greater(&canary, &control, o->ratio);
    if (c->x0 + c->x1 < o->min_errors)
        v->rule = FEW_ERRORS;
    else if (v->why.value >= o->probability)
        v->label = CM_FAIL, v->rule = WORSE, v->decisive = true;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    cm_two_arms_add(&st->arms, look, o->evidence == CM_PER_STEP);
    add_time(st, look, o->evidence == CM_PER_STEP);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    cm_two_arms_show(&st->arms, &v);
    v.why.scale = CM_SCALE_COUNT;
    v.why.limit = o->probability;
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR)
        v.label = CM_GATE_ERROR, v.rule = BROKEN;
    else if (v.why.n0 == 0 || v.why.n1 == 0)
        v.label = CM_NO_DATA, v.rule = NOTHING;
    else
        judge(o, st, &v);
    return v;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_gamma_poisson = {
    .kind = {.name = "gamma_poisson",
             .summary = "The posterior probability that the canary's errors come more often.",
             .source = "Gelman et al., Bayesian Data Analysis, 2013",
             .params = params,
             .options_size = sizeof(struct options)},
    .tunable = "probability",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
};
