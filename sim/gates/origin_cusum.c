/* Since when? Page's CUSUM on where errors come from.
 *
 * The evidence of one look for a canary that is r times as bad, l = (x1 ln r - (x0 + x1) ln(1 - s +
 * r s)) / dispersion, is added up, but never below nothing:
 *
 *     W = max(0, W + l),   fails at W >= limit.
 *
 * So a good past does not speak for a release that turns bad. If the canary is not worse, the mean
 * number of looks until it fails is at least e^limit, 1,100 for the default of 7 and usually
 * several times that; there is no bound on the chance of a fail within one rollout but that number
 * of looks over e^limit, so that `limit` is to be calibrated. Looks at which nothing new was
 * answered are not counted.
 *
 * Sources: Page, Biometrika 41 (1954); for the bound Shin, Ramdas and Rinaldo, NEJSDS 2024. Assumes
 * requests exchangeable between the arms within a stratum. */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/stats/change_detector.h"
#include "sim/stats/origin.h"

struct options {
    struct cm_evidence_options common;
    double ratio, limit, margin;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL,
           "The error ratio whose errors are traced."),
    CM_NUMBER(struct options, ratio, "2", 1.0001, 1e6,
              "How many times as bad (times the margin) a defect is expected to make the canary."),
    CM_NUMBER(struct options, limit, "7", 0.01, 700,
              "The sum of log evidence since the best moment at which it fails; healthy releases "
              "take e^limit looks to it on average, at least."),
    CM_EVIDENCE_KEPT,
    CM_NUMBER(struct options, margin, "1", 1, 100,
              "How many times as bad as the control the canary may be without objection."),
    CM_EVIDENCE_DISPERSION,
    CM_PARAMS_END,
};

static const char *const rules[] = {
    [CM_EVIDENCE_FINE] = "nothing says that the canary has become worse",
    [CM_EVIDENCE_WORSE] = "the canary's share of the errors says that it has become worse",
    [CM_EVIDENCE_NOTHING] = CM_EVIDENCE_NO_ARM,
    [CM_EVIDENCE_BROKEN] = CM_EVIDENCE_SILENT,
    NULL,
};

struct state {
    struct cm_evidence_state common;
    struct cm_change_detector since; /* of which only the CUSUM is read */
};

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    struct state *st = state;
    if (cm_evidence_new_step(&o->common, &st->common))
        *st = (struct state){.common = st->common};
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    struct cm_two_counts c;
    double log_e = 0;
    for (size_t i = 0; cm_evidence_next(&o->common, &st->common, look, &i, &c);)
        log_e += cm_origin_log_e(c.x0, c.x1, cm_origin_share(c.n0, c.n1, o->margin), o->ratio);
    cm_change_detector_add(&st->since, log_e / o->common.dispersion);
    const struct cm_evidence_now now = {.log_e = st->since.cusum, .limit = o->limit};
    struct cm_verdict v = cm_evidence_judge(&st->common, look, &now);
    v.why.log_e = v.why.p = NAN; /* of the time since then, not of the release */
    return v;
}

static double tilt(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    (void)rng;
    return o->margin * o->ratio;
}

const struct cm_gate cm_gate_origin_cusum = {
    .kind = {.name = "origin_cusum",
             .summary = "The cumulative sum since the worst moment, from where errors come from.",
             .source = "Page 1954",
             .params = params,
             .options_size = sizeof(struct options)},
    .tunable = "limit",
    .rules = rules,
    .check_metrics = cm_evidence_check_metrics,
    .needs = cm_evidence_needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .tilt = tilt,
};
