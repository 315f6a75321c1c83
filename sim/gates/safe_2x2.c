/* A safe test of two error ratios that learns both, valid at every look.
 *
 * Each stratum is a block. Before it is seen, the error probabilities of control and canary, a and
 * b, are guessed from the blocks before (means of beta posteriors); its evidence is the likelihood
 * of a and b over that of their common mean t = (n0 a + n1 b) / (n0 + n1):
 *
 *     ln E += (x0 ln(a / t) + (n0 - x0) ln((1 - a) / (1 - t)) + x1 ln(b / t) + ...) / dispersion,
 *
 * and nothing as long as b <= a. E is an e-process whatever the error rate of both arms does from
 * block to block (sim/stats/safe_two_by_two.h); it fails at E >= 1 / alpha, for good. Needs no
 * ratio to be guessed by hand, but learns slowly where the canary gets little traffic.
 *
 * The first block says nothing: there is nothing to learn from before it. Source: Turner, Ly and
 * Gruenwald, JSPI 2024. Assumes requests exchangeable between the arms within a stratum. */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/stats/safe_two_by_two.h"

struct options {
    struct cm_evidence_options common;
    double prior;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL, "The error ratio that is compared."),
    CM_EVIDENCE_ALPHA,
    CM_NUMBER(
        struct options, prior, "0.18", 0.001, 1000,
        "Errors, and as many good requests, that either version is taken to have had before."),
    CM_EVIDENCE_KEPT,
    CM_EVIDENCE_ALPHA_PER,
    CM_EVIDENCE_DISPERSION,
    CM_PARAMS_END,
};

static const char *const rules[] = {
    [CM_EVIDENCE_FINE] = "nothing says that the canary errs more often",
    [CM_EVIDENCE_WORSE] = "the errors of both versions say that the canary errs more often",
    [CM_EVIDENCE_NOTHING] = CM_EVIDENCE_NO_ARM,
    [CM_EVIDENCE_BROKEN] = CM_EVIDENCE_SILENT,
    NULL,
};

struct state {
    struct cm_evidence_state common;
    double log_e; /* the blocks before are common.counts */
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
    struct cm_safe_two_by_two test = {
        .prior = o->prior, .one_sided = true, .seen = st->common.counts};
    struct cm_two_counts block;
    for (size_t i = 0; cm_evidence_next(&o->common, &st->common, look, &i, &block);)
        cm_safe_two_by_two_add(&test, &block);
    st->log_e += test.log_e / o->common.dispersion;
    const struct cm_evidence_now now = {.log_e = st->log_e,
                                        .limit = -log(cm_evidence_alpha(&o->common, &st->common))};
    return cm_evidence_judge(&st->common, look, &now);
}

const struct cm_gate cm_gate_safe_2x2 = {
    .kind = {.name = "safe_2x2",
             .summary = "A safe test of two error ratios that learns them as it goes.",
             .source = "Turner, Ly and Gruenwald, JSPI 2024",
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
