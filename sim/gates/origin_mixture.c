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
 * evidence = step forgets at each step. Unless alpha_per = step, the k-th step then has
 * alpha / (k (k + 1)) of it, which adds up to alpha however many there are. A dispersion above 1
 * (errors in clusters) makes E a quasi-likelihood: right on average, no longer a guarantee.
 *
 * Sources: Robbins, Annals of Mathematical Statistics 41 (1970); Lindon and Malek, NeurIPS 2022;
 * Ville 1939; Hoeffding 1963. Assumes requests exchangeable between the arms within a stratum. */
#include <math.h>
#include <string.h>

#include "sim/gates/gate.h"
#include "sim/gates/type_ratios.h"
#include "sim/stats/origin.h"

enum per { RELEASE, STEP };
static const char *const pers[] = {"release", "step", NULL};

struct options {
    struct cm_ref metric;
    double alpha;
    struct cm_ratios ratios;
    int evidence, alpha_per; /* enum per */
    double margin, dispersion;
    double promote_margin, promote_alpha; /* margin NAN = no early promotion */
    bool pass_needs_evidence;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio whose errors are traced."),
    CM_PROB(struct options, alpha, "1%", 1e-9, 0.5,
            "Chance of ever failing a release that is not worse, at most, at any number of looks."),
    CM_RATIOS(struct options, ratios, "1.25, 1.5, 2, 3, 5, 10", 1.0001, 1e6,
              "How many times as bad (times the margin) a defect might make the canary; the nearer "
              "to the truth, the sooner it is seen."),
    CM_CHOICE(struct options, evidence, "release", pers,
              "Whether evidence is kept over the steps of a release or begins anew at each."),
    CM_CHOICE(
        struct options, alpha_per, "release", pers,
        "With evidence = step: whether alpha is shared by the steps (1/2, 1/6, 1/12 ... of it) "
        "or each step has all of it."),
    CM_NUMBER(struct options, margin, "1", 1, 100,
              "How many times as bad as the control the canary may be without objection."),
    CM_NUMBER(struct options, dispersion, "1", 1, 1000,
              "Variance over mean of error counts, if errors come in clusters; log evidence is "
              "divided by it."),
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

enum rule { FINE, WORSE, ENOUGH, NOT_YET, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "nothing says that the canary is worse",
    [WORSE] = "the canary's share of the errors says that it is worse",
    [ENOUGH] = "the canary's share of the errors says that it is not worse",
    [NOT_YET] = "the errors do not say yet that the canary is not worse",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

static const double promote_ratios[] = {1, 0.8};
enum { PROMOTE_RATIOS = sizeof promote_ratios / sizeof promote_ratios[0] };

struct state {
    double log_e[CM_RATIOS_MAX], promote[PROMOTE_RATIOS];
    double most; /* largest log E so far, at looks; starts at 0: E = 1 */
    struct cm_two_counts counts;
    uint64_t steps; /* that ended with evidence in them */
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->pass_needs_evidence && isnan(o->promote_margin))
        return cm_fail(err, "pass_needs_evidence needs a promote_margin to find evidence for");
    if (o->alpha_per == STEP && o->evidence == RELEASE)
        return cm_fail(err, "alpha_per = step needs evidence = step");
    if (1 + o->promote_margin <= o->margin)
        return cm_fail(err, "1 + promote_margin (%g) must be above margin (%g)",
                       1 + o->promote_margin, o->margin);
    return 0;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    return (struct cm_needs){.strata = true, .control = o->evidence == STEP};
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
    if (o->evidence == STEP)
        *st = (struct state){.steps = st->steps + (st->counts.n1 > 0)};
}

/* The likelihood ratios of one stratum, under both null hypotheses, with the share it really had:
 * routers are imprecise. */
static void add_stratum(const struct options *o, struct state *st, const struct cm_two_counts *c)
{
    double share = cm_origin_share(c->n0, c->n1, o->margin);
    for (size_t i = 0; i < o->ratios.n; i++)
        st->log_e[i] += cm_origin_log_e(c->x0, c->x1, share, o->ratios.ratio[i]) / o->dispersion;
    st->counts.x0 += c->x0, st->counts.n0 += c->n0;
    st->counts.x1 += c->x1, st->counts.n1 += c->n1;
    if (isnan(o->promote_margin))
        return;
    double bad = 1 + o->promote_margin;
    share = cm_origin_share(c->n0, c->n1, bad);
    for (size_t i = 0; i < PROMOTE_RATIOS; i++)
        st->promote[i] +=
            cm_origin_log_e(c->x0, c->x1, share, promote_ratios[i] / bad) / o->dispersion;
}

/* Adds what is new; under evidence = step not what was answered before the step. */
static void add_fresh(const struct options *o, struct state *st, const struct cm_look *look)
{
    struct cm_two_counts fresh;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++)
        if (cm_gate_fresh(look, i, o->evidence == STEP, &fresh))
            add_stratum(o, st, &fresh);
}

/* ln(1 / alpha) of the step (or release) that is under way. */
static double boundary(const struct options *o, const struct state *st)
{
    double k = (double)st->steps + 1;
    bool shared = o->evidence == STEP && o->alpha_per == RELEASE;
    return -log(shared ? o->alpha / (k * (k + 1)) : o->alpha);
}

/* The fail goes by the largest E so far (Ville's bound covers it), the early pass by what the
 * evidence says now: a defect that begins late takes it back. */
static struct cm_verdict judge(const struct options *o, const struct state *st, double limit)
{
    if (st->counts.n0 == 0 || st->counts.n1 == 0)
        return cm_verdict_of(CM_NO_DATA, NOTHING);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    if (st->most >= limit) {
        v = cm_verdict_of(CM_FAIL, WORSE);
        v.decisive = true;
    } else if (!isnan(o->promote_margin)) {
        v.decisive = cm_log_mean_exp(st->promote, PROMOTE_RATIOS) >= -log(o->promote_alpha);
        if (v.decisive)
            v.rule = ENOUGH;
        else if (o->pass_needs_evidence)
            v.label = CM_UNDECIDED, v.rule = NOT_YET;
    }
    return v;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    add_fresh(o, st, look);
    double log_e = cm_log_mean_exp(st->log_e, o->ratios.n), limit = boundary(o, st);
    st->most = fmax(st->most, log_e);
    bool broken = look->signals[0].state[CM_CANARY] == CM_GATE_ERROR;
    struct cm_verdict v = broken ? cm_verdict_of(CM_GATE_ERROR, BROKEN) : judge(o, st, limit);
    v.why.scale = CM_SCALE_LOG_E;
    v.why.value = v.why.log_e = log_e;
    v.why.limit = limit;
    v.why.p = exp(-st->most);
    v.why.x0 = st->counts.x0, v.why.n0 = st->counts.n0;
    v.why.x1 = st->counts.x1, v.why.n1 = st->counts.n1;
    return v;
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
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .tilt = tilt,
};
