/* From evidence to a verdict; see the header. */
#include "sim/gates/evidence.h"

#include <math.h>

const char *const cm_evidence_pers[] = {[CM_PER_RELEASE] = "release", [CM_PER_STEP] = "step", NULL};

int cm_evidence_check(const void *options, struct cm_err *err)
{
    const struct cm_evidence_options *o = options;
    if (o->alpha_per == CM_PER_STEP && o->evidence == CM_PER_RELEASE)
        return cm_fail(err, "alpha_per = step needs evidence = step");
    return 0;
}

int cm_evidence_check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                              struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

/* Evidence of a release needs no control in every step: what was seen before still stands. */
struct cm_needs cm_evidence_needs(const void *options)
{
    const struct cm_evidence_options *o = options;
    return (struct cm_needs){
        .strata = true, .compares = true, .control = o->evidence == CM_PER_STEP};
}

bool cm_evidence_new_step(const struct cm_evidence_options *o, struct cm_evidence_state *st)
{
    if (o->evidence == CM_PER_RELEASE)
        return false;
    *st = (struct cm_evidence_state){.steps = st->steps + (st->counts.n1 > 0)};
    return true;
}

bool cm_evidence_next(const struct cm_evidence_options *o, struct cm_evidence_state *st,
                      const struct cm_look *look, size_t *i, struct cm_two_counts *stratum)
{
    if (o->evidence == CM_PER_STEP)
        st->log_part = log(cm_evidence_alpha(o, st) / o->alpha);
    while (*i < look->signals[0].n_fresh)
        if (cm_gate_fresh(look, (*i)++, o->evidence == CM_PER_STEP, stratum)) {
            st->counts.x0 += stratum->x0, st->counts.n0 += stratum->n0;
            st->counts.x1 += stratum->x1, st->counts.n1 += stratum->n1;
            return true;
        }
    return false;
}

double cm_evidence_alpha(const struct cm_evidence_options *o, const struct cm_evidence_state *st)
{
    double k = (double)st->steps + 1;
    bool shared = o->evidence == CM_PER_STEP && o->alpha_per == CM_PER_RELEASE;
    return shared ? o->alpha / (k * (k + 1)) : o->alpha;
}

/* The fail goes by the largest E so far (Ville's bound covers it), the early pass by what the
 * evidence says now: a defect that begins late takes it back. */
static struct cm_verdict label(const struct cm_evidence_state *st, const struct cm_look *look,
                               const struct cm_evidence_now *now)
{
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR)
        return cm_verdict_of(CM_GATE_ERROR, CM_EVIDENCE_BROKEN);
    if (st->counts.n1 == 0 || (st->counts.n0 == 0 && !now->alone))
        return cm_verdict_of(CM_NO_DATA, CM_EVIDENCE_NOTHING);
    struct cm_verdict v = cm_verdict_of(CM_PASS, CM_EVIDENCE_FINE);
    if (st->most >= now->limit)
        v = cm_verdict_of(CM_FAIL, CM_EVIDENCE_WORSE);
    else if (now->enough)
        v.rule = CM_EVIDENCE_ENOUGH;
    else if (now->wait_for)
        v = cm_verdict_of(CM_UNDECIDED, CM_EVIDENCE_NOT_YET);
    v.decisive = v.label == CM_FAIL || v.rule == CM_EVIDENCE_ENOUGH;
    return v;
}

struct cm_verdict cm_evidence_judge(struct cm_evidence_state *st, const struct cm_look *look,
                                    const struct cm_evidence_now *now)
{
    st->most = fmax(st->most, now->log_e);
    struct cm_verdict v = label(st, look, now);
    v.why.scale = CM_SCALE_LOG_E;
    v.why.value = now->log_e;
    v.why.limit = now->limit;
    v.why.log_e = now->log_e + st->log_part;
    v.why.p = fmin(1, exp(-st->most - st->log_part));
    v.why.x1 = st->counts.x1, v.why.n1 = st->counts.n1;
    if (!now->alone)
        v.why.x0 = st->counts.x0, v.why.n0 = st->counts.n0;
    return v;
}
