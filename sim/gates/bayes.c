/* Posterior probabilities of two error ratios, as many tools report them.
 *
 * With a Beta(prior_bad, prior_good) law for each ratio, x errors in n requests make it Beta(a + x,
 * b + n - x). The gate fails while the canary's ratio is above the control's by more than `margin`
 * with at least this `probability`, or while the expected loss of promoting, E[(p1 - p0)^+] errors
 * a request, is above `max_loss`; it passes early while that loss is below `promote_loss`.
 *
 * A posterior is right at any look about what it is about, and bounds no error rate: at 99 % and
 * one look about 1 % of the healthy releases fail, looked at all the time 6 % and more; over a ramp
 * with drift, by crude sums, a third (Simpson). Calibrate it. A dispersion divides the counts.
 *
 * Sources: Cook 2005; Evan Miller 2015; Stucchio, VWO's white paper, 2015 (expected loss). */
#include <math.h>

#include "sim/gates/two_arms.h"
#include "sim/stats/beta_compare.h"

struct options {
    struct cm_ref metric;
    double probability, max_loss, promote_loss, margin; /* NAN = none */
    double prior_bad, prior_good;
    int evidence;
    double dispersion;
    uint64_t min_requests;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio that is compared."),
    CM_PROB(struct options, probability, "99%", 0.5, 0.999999999,
            "Posterior probability of a worse canary at which the gate objects; no type I error."),
    CM_PROB(struct options, margin, "0%", 0, 1,
            "By how much worse the canary has to be to count, in points of the error ratio."),
    CM_PROB(struct options, max_loss, "none", 0, 1,
            "Expected loss of promoting, in errors a request, above which the gate objects as "
            "well."),
    CM_PROB(struct options, promote_loss, "none", 1e-12, 1,
            "Expected loss of promoting below which the policy may move on early; none = never."),
    CM_NUMBER(struct options, prior_bad, "1", 0.001, 1e9, "Errors that the prior is worth."),
    CM_NUMBER(struct options, prior_good, "1", 0.001, 1e12,
              "Requests without error that the prior is worth."),
    CM_CHOICE(struct options, evidence, "step", cm_evidence_pers,
              "Whether counts are added up since the release or since the step began; over a ramp, "
              "release confuses drift with a defect (Simpson's paradox)."),
    CM_NUMBER(struct options, dispersion, "1", 1, 1000,
              "Variance over mean of error counts, if errors come in clusters; counts are divided "
              "by it."),
    CM_COUNT(struct options, min_requests, "100", 0, 1e12,
             "Fewer requests of the canary leave the look undecided."),
    CM_PARAMS_END,
};

enum rule { FINE, WORSE, COSTLY, CHEAP, TOO_FEW, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "it is not probable enough that the canary is worse",
    [WORSE] = "it is probable that the canary is worse",
    [COSTLY] = "promoting is expected to cost more than max_loss",
    [CHEAP] = "promoting is expected to cost less than promote_loss",
    [TOO_FEW] = "the canary has answered too few requests",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
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
    return sizeof(struct cm_two_arms);
}

static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    if (o->evidence == CM_PER_STEP)
        cm_two_arms_forget(state);
}

static struct cm_beta posterior(const struct options *o, uint64_t x, uint64_t n)
{
    return (struct cm_beta){o->prior_bad + (double)x / o->dispersion,
                            o->prior_good + (double)(n - x) / o->dispersion};
}

/* The probability first: it has the last word where both object. */
static void judge(const struct options *o, const struct cm_two_counts *c, struct cm_verdict *v)
{
    struct cm_beta control = posterior(o, c->x0, c->n0), canary = posterior(o, c->x1, c->n1);
    bool wants_loss = !isnan(o->max_loss) || !isnan(o->promote_loss);
    double loss = wants_loss ? cm_beta_compare_loss(&canary, &control) : NAN;
    v->why.value = cm_beta_compare_greater(&canary, &control, o->margin);
    if (v->why.value >= o->probability) {
        v->label = CM_FAIL, v->rule = WORSE, v->decisive = true;
    } else if (loss > o->max_loss || loss < o->promote_loss) {
        bool costly = loss > o->max_loss;
        v->label = costly ? CM_FAIL : CM_PASS, v->rule = costly ? COSTLY : CHEAP;
        v->decisive = true;
        v->why.value = loss, v->why.limit = costly ? o->max_loss : o->promote_loss;
        v->why.scale = CM_SCALE_DIFFERENCE;
    }
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct cm_two_arms *arms = state;
    cm_two_arms_add(arms, look, o->evidence == CM_PER_STEP);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    cm_two_arms_show(arms, &v);
    v.why.scale = CM_SCALE_COUNT;
    v.why.limit = o->probability;
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR)
        v.label = CM_GATE_ERROR, v.rule = BROKEN;
    else if (v.why.n0 == 0 || v.why.n1 == 0)
        v.label = CM_NO_DATA, v.rule = NOTHING;
    else if (v.why.n1 < o->min_requests)
        v.label = CM_UNDECIDED, v.rule = TOO_FEW;
    else
        judge(o, &arms->crude, &v);
    return v;
}

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->promote_loss >= o->max_loss)
        return cm_fail(err, "promote_loss (%g) must be below max_loss (%g)", o->promote_loss,
                       o->max_loss);
    return 0;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_bayes = {
    .kind = {.name = "bayes",
             .summary = "The posterior probability that the canary has the larger error ratio.",
             .source = "Cook 2005; Miller 2015; Stucchio 2015",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "probability",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
};
