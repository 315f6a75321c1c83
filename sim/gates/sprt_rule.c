/* The two limits of an SPRT over a rollout; see the header and sim/stats/sprt.h. */
#include "sim/gates/sprt_rule.h"

#include <math.h>

#include "sim/stats/sprt.h"

const char *const cm_sprt_rule_limits[] = {
    [CM_SPRT_VILLE] = "ville", [CM_SPRT_WALD] = "wald", NULL};
const char *const cm_sprt_rule_afters[] = {
    [CM_SPRT_GO_ON] = "go_on", [CM_SPRT_FINISH] = "finish", NULL};

int cm_sprt_rule_check(const void *options, struct cm_err *err)
{
    const struct cm_sprt_rule *o = options;
    if (o->common.alpha + o->beta >= 1)
        return cm_fail(err, "alpha (%g) and beta (%g) must come to less than 1", o->common.alpha,
                       o->beta);
    return cm_evidence_check(&o->common, err);
}

size_t cm_sprt_rule_state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct cm_sprt_rule_state);
}

void cm_sprt_rule_new_step(const void *options, void *state)
{
    const struct cm_sprt_rule *o = options;
    struct cm_sprt_rule_state *st = state;
    if (cm_evidence_new_step(&o->common, &st->common))
        *st = (struct cm_sprt_rule_state){.common = st->common};
}

bool cm_sprt_rule_next(const struct cm_sprt_rule *o, struct cm_sprt_rule_state *st,
                       const struct cm_look *look, size_t *i, struct cm_two_counts *stratum)
{
    return !st->finished && cm_evidence_next(&o->common, &st->common, look, i, stratum);
}

struct cm_verdict cm_sprt_rule_judge(const struct cm_sprt_rule *o, struct cm_sprt_rule_state *st,
                                     const struct cm_look *look, bool alone)
{
    double alpha = cm_evidence_alpha(&o->common, &st->common);
    struct cm_sprt_limits limits = cm_sprt_wald_limits(alpha, o->beta);
    if (o->limits == CM_SPRT_VILLE)
        limits.log_upper = -log(alpha);
    bool accepted = cm_sprt_decide(&limits, st->log_ratio) == CM_SPRT_ACCEPT_H0;
    const struct cm_evidence_now now = {
        .log_e = st->log_ratio,
        .limit = limits.log_upper,
        .alone = alone,
        .enough = accepted,
        .wait_for = o->pass_needs_evidence,
    };
    struct cm_verdict v = cm_evidence_judge(&st->common, look, &now);
    st->finished = o->after_pass == CM_SPRT_FINISH && (st->finished || accepted);
    if (v.rule == CM_EVIDENCE_ENOUGH)
        v.why.limit = limits.log_lower;
    return v;
}
