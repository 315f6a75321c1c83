/* Evidence from where errors come from, for a canary that is worse by any ratio, valid at every
 * look.
 *
 * Of equally bad arms each error falls on the canary with its share s of the requests. The
 * alternative puts a beta law on the canary's share of the errors, as if s had been seen in k
 * errors before, cut off below s:
 *
 *     E = B(k s + x1, k (1 - s) + x0; p > s) / B(k s, k (1 - s); p > s) / (s^x1 (1 - s)^x0).
 *
 * It fails at E >= 1 / alpha, for good. Strata are multiplied up, each with its own s and with what
 * those before it said of the rate ratio (sim/stats/origin_beta.h), so that neither a change of the
 * weight nor an imprecise router matters. Like origin_mixture, but with all ratios and without a
 * list of them: a large k (100) looks for small defects, a small one (20) for large ones.
 *
 * Sources: Robbins, Annals of Mathematical Statistics 41 (1970); Lindon and Malek, NeurIPS 2022.
 * Assumes requests exchangeable between the arms within a stratum. */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/stats/origin_beta.h"

struct options {
    struct cm_evidence_options common;
    double concentration, margin;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL,
           "The error ratio whose errors are traced."),
    CM_EVIDENCE_ALPHA,
    CM_NUMBER(struct options, concentration, "50", 0.1, 1e6,
              "Errors that the prior is worth: many look for small defects, few for large ones."),
    CM_NUMBER(struct options, margin, "1", 1, 100,
              "How many times as bad as the control the canary may be without objection."),
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
    NULL,
};

struct state {
    struct cm_evidence_state common;
    struct cm_origin_beta_state origins;
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
    const struct cm_origin_beta mixture = {o->concentration, o->margin, true};
    struct cm_two_counts c;
    for (size_t i = 0; cm_evidence_next(&o->common, &st->common, look, &i, &c);)
        cm_origin_beta_add(&mixture, &st->origins, &c);
    const struct cm_evidence_now now = {
        .log_e = st->origins.log_e / o->common.dispersion,
        .limit = -log(cm_evidence_alpha(&o->common, &st->common)),
    };
    return cm_evidence_judge(&st->common, look, &now);
}

const struct cm_gate cm_gate_binomial_mixture = {
    .kind = {.name = "binomial_mixture",
             .summary = "Evidence from where errors come from, for a defect of any size.",
             .source = "Robbins 1970; Lindon and Malek, NeurIPS 2022",
             .params = params,
             .options_size = sizeof(struct options),
             .check = cm_evidence_check},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = cm_evidence_check_metrics,
    .needs = cm_evidence_needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .gives = CM_GIVES_P | CM_GIVES_E,
};
