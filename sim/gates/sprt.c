/* Wald's sequential test of the canary alone against a target, valid at every look.
 *
 * The canary's errors, x1 of n1 requests, are held against two error probabilities, the target p0
 * and p1 = ratio p0, a bad one:
 *
 *     ln L += (x1 ln(p1 / p0) + (n1 - x1) ln((1 - p1) / (1 - p0))) / dispersion.
 *
 * It fails at L >= 1 / alpha (limits = wald: at (1 - beta) / alpha) and accepts the canary at L <=
 * beta / (1 - alpha), a decisive pass. Below p0 L is an e-process, so that a release that keeps the
 * target is failed with probability at most alpha, however often one looks. With limits = wald,
 * after_pass = finish and dispersion = 1 it is Wald's test, of all tests with these errors the one
 * that takes the fewest requests; its real errors are smaller than the nominal ones (overshoot).
 *
 * It knows no control: where the error rate of both versions drifts above the target, it fails a
 * release that is not worse. origin_sprt compares. After a long good time L is tiny and a late
 * defect has to make up for it: origin_cusum and origin_sr forget.
 *
 * Sources: Wald, Sequential Analysis (1947); Ville 1939. Assumes a known target and independent
 * requests. */
#include "sim/gates/sprt_rule.h"
#include "sim/stats/sprt.h"

struct options {
    struct cm_sprt_rule rule;
    double target, ratio;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL,
           "The error ratio that has a target."),
    CM_PROB(struct options, target, NULL, 1e-9, 0.5, "The error ratio of a good release, at most."),
    CM_NUMBER(struct options, ratio, "2", 1.0001, 1e6,
              "How many times the target a bad release is expected to err."),
    CM_EVIDENCE_ALPHA,
    CM_SPRT_RULE_BETA,
    CM_SPRT_RULE_LIMITS,
    CM_SPRT_RULE_AFTER,
    CM_SPRT_RULE_WAIT,
    CM_EVIDENCE_KEPT,
    CM_EVIDENCE_ALPHA_PER,
    CM_EVIDENCE_DISPERSION,
    CM_PARAMS_END,
};

static const char *const rules[] = {
    [CM_EVIDENCE_FINE] = "nothing says that the canary misses the target",
    [CM_EVIDENCE_WORSE] = "the canary's errors say that it misses the target",
    [CM_EVIDENCE_NOTHING] = "the canary has answered no request",
    [CM_EVIDENCE_BROKEN] = CM_EVIDENCE_SILENT,
    [CM_EVIDENCE_ENOUGH] = "the canary's errors say that it keeps the target",
    [CM_EVIDENCE_NOT_YET] = "the errors do not say yet whether the canary keeps the target",
    NULL,
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->ratio * o->target >= 1)
        return cm_fail(err, "ratio (%g) times target (%g) must be below 1", o->ratio, o->target);
    return cm_sprt_rule_check(&o->rule, err);
}

/* The control may have no traffic at all. */
static struct cm_needs needs(const void *options)
{
    (void)options;
    return (struct cm_needs){.strata = true};
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct cm_sprt_rule_state *st = state;
    struct cm_two_counts c;
    for (size_t i = 0; cm_sprt_rule_next(&o->rule, st, look, &i, &c);)
        st->log_ratio += cm_sprt_share_ratio(c.x1, c.n1, o->target, o->ratio * o->target) /
                         o->rule.common.dispersion;
    return cm_sprt_rule_judge(&o->rule, st, look, true);
}

static double tilt(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    (void)rng;
    return o->ratio;
}

const struct cm_gate cm_gate_sprt = {
    .kind = {.name = "sprt",
             .summary = "Wald's sequential test of the canary's errors against a target.",
             .source = "Wald 1945, 1947; Ville 1939",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = cm_evidence_check_metrics,
    .needs = needs,
    .state_size = cm_sprt_rule_state_size,
    .new_step = cm_sprt_rule_new_step,
    .look = look,
    .gives = CM_GIVES_P | CM_GIVES_E,
    .tilt = tilt,
};
