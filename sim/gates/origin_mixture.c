/* Evidence that holds at every look: a mixture of likelihood ratios of where errors come from.
 *
 * Each stratum (what was answered between two looks at one weight) says, for every ratio r of the
 * list, how much likelier its errors fell on the canary if that were r times as bad:
 *
 *     L_r += x1 ln r - (x0 + x1) ln(1 - s + r s),   s = n1 / (n0 + n1) as observed,
 *     E = mean over r of exp(L_r / dispersion).
 *
 * If the canary is not worse, E is an e-process (sim/stats/origin.h): it ever reaches 1 / alpha
 * with probability at most alpha, at any number of looks, whatever the error rate does to both
 * arms. It fails at the first look with E >= 1 / alpha, for good: the p-value min 1 / E is always
 * valid.
 *
 * With a margin the null hypothesis is "at most margin times as bad" and the ratios multiply it
 * (exact for Poisson events, an approximation for rare errors). The other side tests "at least 1 +
 * promote_margin times as bad" by ratios 1 and 0.8; when that is rejected, there is enough evidence
 * to move on early.
 *
 * Sources: Robbins, Annals of Mathematical Statistics 41 (1970); Lindon and Malek, NeurIPS 2022;
 * Ville 1939; Hoeffding 1963. Assumes requests exchangeable between the arms within a stratum. */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/gates/type_ratios.h"
#include "sim/stats/origin.h"

struct options {
    struct cm_evidence_options common;
    struct cm_ratios ratios;
    double margin;
    double promote_margin, promote_alpha; /* margin NAN = no early promotion */
    bool pass_needs_evidence;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL,
           "The error ratio whose errors are traced."),
    CM_EVIDENCE_ALPHA,
    CM_RATIOS(struct options, ratios, "1.25, 1.5, 2, 3, 5, 10", 1.0001, 1e6,
              "How many times as bad (times the margin) a defect might make the canary; the nearer "
              "to the truth, the sooner it is seen."),
    CM_EVIDENCE_KEPT,
    CM_EVIDENCE_ALPHA_PER,
    CM_NUMBER(struct options, margin, "1", 1, 100,
              "How many times as bad as the control the canary may be without objection."),
    CM_EVIDENCE_DISPERSION,
    CM_NUMBER(struct options, promote_margin, "none", 0.001, 100,
              "Enough evidence that the canary is less than 1 + this times as bad lets the policy "
              "move on early; none = never."),
    CM_PROB(
        struct options, promote_alpha, "5%", 1e-9, 0.5,
        "Chance of that evidence for a release that is as bad as promote_margin says, at most."),
    CM_FLAG(struct options, pass_needs_evidence, "no",
            "Whether a look without that evidence is undecided rather than a pass."),
    CM_PARAMS_END,
};

static const char *const rules[] = {
    [CM_EVIDENCE_FINE] = "nothing says that the canary is worse",
    [CM_EVIDENCE_WORSE] = "the canary's share of the errors says that it is worse",
    [CM_EVIDENCE_NOTHING] = CM_EVIDENCE_NO_ARM,
    [CM_EVIDENCE_BROKEN] = CM_EVIDENCE_SILENT,
    [CM_EVIDENCE_ENOUGH] = "the canary's share of the errors says that it is not worse",
    [CM_EVIDENCE_NOT_YET] = "the errors do not say yet that the canary is not worse",
    NULL,
};

static const double promote_ratios[] = {1, 0.8};
enum { PROMOTE_RATIOS = sizeof promote_ratios / sizeof promote_ratios[0] };

struct state {
    struct cm_evidence_state common;
    double log_e[CM_RATIOS_MAX], promote[PROMOTE_RATIOS];
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->pass_needs_evidence && isnan(o->promote_margin))
        return cm_fail(err, "pass_needs_evidence needs a promote_margin to find evidence for");
    if (cm_evidence_check(&o->common, err))
        return -1;
    if (1 + o->promote_margin <= o->margin)
        return cm_fail(err, "1 + promote_margin (%g) must be above margin (%g)",
                       1 + o->promote_margin, o->margin);
    return 0;
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
    if (cm_evidence_new_step(&o->common, &st->common))
        *st = (struct state){.common = st->common};
}

/* The likelihood ratios of one stratum, under both null hypotheses, with the share it really had:
 * routers are imprecise. */
static void add_stratum(const struct options *o, struct state *st, const struct cm_two_counts *c)
{
    double share = cm_origin_share(c->n0, c->n1, o->margin), dispersion = o->common.dispersion;
    for (size_t i = 0; i < o->ratios.n; i++)
        st->log_e[i] += cm_origin_log_e(c->x0, c->x1, share, o->ratios.ratio[i]) / dispersion;
    if (isnan(o->promote_margin))
        return;
    double bad = 1 + o->promote_margin;
    share = cm_origin_share(c->n0, c->n1, bad);
    for (size_t i = 0; i < PROMOTE_RATIOS; i++)
        st->promote[i] +=
            cm_origin_log_e(c->x0, c->x1, share, promote_ratios[i] / bad) / dispersion;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    struct cm_two_counts stratum;
    for (size_t i = 0; cm_evidence_next(&o->common, &st->common, look, &i, &stratum);)
        add_stratum(o, st, &stratum);
    bool promotes = !isnan(o->promote_margin);
    const struct cm_evidence_now now = {
        .log_e = cm_log_mean_exp(st->log_e, o->ratios.n),
        .limit = -log(cm_evidence_alpha(&o->common, &st->common)),
        .enough =
            promotes && cm_log_mean_exp(st->promote, PROMOTE_RATIOS) >= -log(o->promote_alpha),
        .wait_for = o->pass_needs_evidence,
    };
    return cm_evidence_judge(&st->common, look, &now);
}

/* The gate's own alternative: a ratio of its list, each as likely. */
static double tilt(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    size_t i = (size_t)(cm_rng_unit(rng) * (double)o->ratios.n);
    return o->margin * o->ratios.ratio[i];
}

const struct cm_gate cm_gate_origin_mixture = {
    .kind = {.name = "origin_mixture",
             .summary = "Evidence from where errors come from, valid at every look.",
             .source = "Robbins 1970; Lindon and Malek, NeurIPS 2022",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = cm_evidence_check_metrics,
    .needs = cm_evidence_needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .gives = CM_GIVES_P | CM_GIVES_E,
    .tilt = tilt,
};
