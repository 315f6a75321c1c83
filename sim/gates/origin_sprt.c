/* Wald's sequential test of where errors come from, valid at every look.
 *
 * Of equally bad arms each error falls on the canary with its share s of the requests; if the
 * canary is r times as bad, with r s / (r s + 1 - s). Over strata
 *
 *     ln L += (x1 ln r - (x0 + x1) ln(1 - s + r s)) / dispersion,   s as observed;
 *
 * it fails at L >= 1 / alpha (limits = wald: at (1 - beta) / alpha) and accepts the canary at L <=
 * beta / (1 - alpha), a decisive pass. L is an e-process whatever the error rate of both arms does
 * (sim/stats/origin.h): a release that is not worse is failed with probability at most alpha,
 * however often one looks. With a margin, "not worse" is "at most margin times as bad", and r
 * multiplies it (exact for Poisson events, an approximation for rare errors).
 *
 * The fastest of all where the ratio is right; a canary that is much less than r times as bad looks
 * healthy to it, and origin_mixture is the better choice. After a long good time L is tiny and a
 * late defect has to make up for it: origin_sr and origin_cusum forget.
 *
 * Sources: Wald, Sequential Analysis (1947); Hoeffding 1963; Ville 1939. Assumes requests
 * exchangeable between the arms within a stratum. */
#include "sim/gates/sprt_rule.h"
#include "sim/stats/origin.h"

struct options {
    struct cm_sprt_rule rule;
    double ratio, margin;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL,
           "The error ratio whose errors are traced."),
    CM_NUMBER(struct options, ratio, "2", 1.0001, 1e6,
              "How many times as bad (times the margin) a bad canary is expected to be."),
    CM_EVIDENCE_ALPHA,
    CM_SPRT_RULE_BETA,
    CM_NUMBER(struct options, margin, "1", 1, 100,
              "How many times as bad as the control the canary may be without objection."),
    CM_SPRT_RULE_LIMITS,
    CM_SPRT_RULE_AFTER,
    CM_SPRT_RULE_WAIT,
    CM_EVIDENCE_KEPT,
    CM_EVIDENCE_ALPHA_PER,
    CM_EVIDENCE_DISPERSION,
    CM_PARAMS_END,
};

static const char *const rules[] = {
    [CM_EVIDENCE_FINE] = "nothing says that the canary is worse",
    [CM_EVIDENCE_WORSE] = "the canary's share of the errors says that it is worse",
    [CM_EVIDENCE_NOTHING] = CM_EVIDENCE_NO_ARM,
    [CM_EVIDENCE_BROKEN] = CM_EVIDENCE_SILENT,
    [CM_EVIDENCE_ENOUGH] = "the canary's share of the errors says that it is not worse",
    [CM_EVIDENCE_NOT_YET] = "the errors do not say yet whether the canary is worse",
    NULL,
};

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct cm_sprt_rule_state *st = state;
    struct cm_two_counts c;
    for (size_t i = 0; cm_sprt_rule_next(&o->rule, st, look, &i, &c);)
        st->log_ratio +=
            cm_origin_log_e(c.x0, c.x1, cm_origin_share(c.n0, c.n1, o->margin), o->ratio) /
            o->rule.common.dispersion;
    return cm_sprt_rule_judge(&o->rule, st, look, false);
}

static double tilt(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    (void)rng;
    return o->margin * o->ratio;
}

const struct cm_gate cm_gate_origin_sprt = {
    .kind = {.name = "origin_sprt",
             .summary = "The sequential test of one ratio, from where errors come from.",
             .source = "Wald 1945, 1947; Hoeffding 1963",
             .params = params,
             .options_size = sizeof(struct options),
             .check = cm_sprt_rule_check},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = cm_evidence_check_metrics,
    .needs = cm_evidence_needs,
    .state_size = cm_sprt_rule_state_size,
    .new_step = cm_sprt_rule_new_step,
    .look = look,
    .gives = CM_GIVES_P | CM_GIVES_E,
    .tilt = tilt,
};
