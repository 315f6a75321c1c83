/* An asymptotic confidence sequence: limits for the difference of two error ratios that hold at all
 * looks at once, as the counts grow.
 *
 *     d -+ SE sqrt(2 (n rho^2 + 1) / (n rho^2) ln(sqrt(n rho^2 + 1) / alpha))       two-sided
 *     d -  SE sqrt(2 (n rho^2 + 1) / (n rho^2) ln(1 + sqrt(n rho^2 + 1) / (2 alpha)))  one-sided
 *
 * with n requests of both arms and a rho that makes them tightest near n = n_star (asymptotic.h).
 * It fails at the first look at which the lower limit is above `margin`, for good; it passes early
 * while the upper limit of promote_alpha is below promote_margin.
 *
 * Platforms run it on crude sums: GrowthBook's Safe Rollouts one-sided with n_star = 5000, Eppo
 * two-sided with n_star = 10000, whose multiplier is the same in other letters. They count users;
 * here the unit is the request. `effect = uplift` compares (p1 - p0) / p0 (delta method).
 *
 * Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Annals of Statistics 2024. Assumes
 * enough errors for the normal law (min_errors). */
#include <math.h>

#include "sim/gates/two_arms.h"
#include "sim/stats/asymptotic.h"

enum sides { ONE, TWO };
static const char *const side_names[] = {"one", "two", NULL};
enum effect { DIFFERENCE, UPLIFT };
static const char *const effects[] = {"difference", "uplift", NULL};

struct options {
    struct cm_ref metric;
    double alpha, n_star;
    int sides, effect, evidence, pooling;
    double margin, promote_margin, promote_alpha;
    double dispersion;
    uint64_t min_errors, alpha_over;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio that is compared."),
    CM_PROB(struct options, alpha, "5%", 1e-9, 0.4,
            "Chance of ever failing a release that is not worse, about, at any number of looks."),
    CM_NUMBER(struct options, n_star, "5000", 1, 1e12,
              "Requests of both arms at which the limits are to be tightest."),
    CM_CHOICE(struct options, sides, "one", side_names,
              "Whether alpha is all on the side of a worse canary (one) or half of it (two)."),
    CM_CHOICE(struct options, effect, "difference", effects,
              "What is estimated: the difference of the error ratios, or that over the control's "
              "(uplift; needs pooling = crude)."),
    CM_PROB(struct options, margin, "0%", 0, 1,
            "The lower limit must be above this to object: a difference, or a share of the "
            "control's ratio where effect = uplift."),
    CM_PROB(struct options, promote_margin, "none", 0, 1,
            "Enough evidence that the canary is worse by less than this lets the policy move on "
            "early; none = never."),
    CM_PROB(struct options, promote_alpha, "5%", 1e-9, 0.4,
            "Chance of that evidence for a release that is worse by promote_margin, about."),
    CM_EVIDENCE_ROW(struct options, "release"),
    CM_POOLING_ROW(struct options, "strata"),
    CM_DISPERSION_ROW(struct options),
    CM_MIN_ERRORS_ROW(struct options, "30"),
    CM_METRICS_ROW(struct options),
    CM_PARAMS_END,
};

enum rule { FINE, WORSE, ENOUGH, FEW_ERRORS, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "the lower limit of the difference is not above the margin",
    [WORSE] = "the lower limit of the difference is above the margin",
    [ENOUGH] = "the upper limit of the difference is below promote_margin",
    [FEW_ERRORS] = "there are too few errors to object",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

struct state {
    struct cm_two_arms arms;
    double most; /* largest log E against the margin so far */
    bool failed;
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->effect == UPLIFT && o->pooling != CM_CRUDE)
        return cm_fail(err, "effect = uplift needs pooling = crude");
    if (o->promote_margin <= o->margin)
        return cm_fail(err, "promote_margin (%g) must be above margin (%g)", o->promote_margin,
                       o->margin);
    return 0;
}

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    return (struct cm_needs){
        .strata = true, .compares = true, .control = o->evidence == CM_PER_STEP};
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
    if (o->evidence == CM_PER_RELEASE)
        return;
    cm_two_arms_forget(&st->arms);
    st->most = 0;
    st->failed = false;
}

static double alpha_of(const struct options *o, const struct state *st)
{
    double alpha = o->alpha / (double)o->alpha_over;
    return o->evidence == CM_PER_STEP ? cm_two_arms_alpha(&st->arms, alpha) : alpha;
}

/* Crude sums have the variances of samples of zeros and ones; strata bring their own. */
static struct cm_asymptotic estimate(const struct options *o, const struct state *st)
{
    const struct cm_two_counts *c = &st->arms.crude;
    struct cm_sample control = cm_asymptotic_share(c->x0, c->n0);
    struct cm_sample canary = cm_asymptotic_share(c->x1, c->n1);
    struct cm_asymptotic a = {.n = (double)(c->n0 + c->n1)};
    if (o->effect == UPLIFT)
        a = cm_asymptotic_uplift(&control, &canary);
    else if (o->pooling == CM_CRUDE)
        a = cm_asymptotic_difference(&control, &canary);
    else {
        struct cm_difference d = cm_two_arms_difference(&st->arms, CM_BY_STRATA);
        a.estimate = d.estimate, a.variance = a.n * d.variance;
    }
    a.variance *= o->dispersion;
    return a;
}

static bool is_enough(const struct options *o, const struct cm_asymptotic *a)
{
    if (isnan(o->promote_margin))
        return false;
    double rho = cm_asymptotic_rho(o->n_star, o->promote_alpha, true);
    double width = cm_asymptotic_half_width(a, rho, o->promote_alpha, true);
    return a->estimate + width < o->promote_margin;
}

static void judge(const struct options *o, struct state *st, struct cm_verdict *v)
{
    struct cm_asymptotic a = estimate(o, st);
    if (st->arms.crude.x0 + st->arms.crude.x1 < o->min_errors || !(a.variance > 0)) {
        v->rule = FEW_ERRORS;
        return;
    }
    double alpha = alpha_of(o, st), rho = cm_asymptotic_rho(o->n_star, alpha, o->sides == ONE);
    double width = cm_asymptotic_half_width(&a, rho, alpha, o->sides == ONE);
    struct cm_asymptotic over = {a.n, a.estimate - o->margin, a.variance};
    double log_e = cm_asymptotic_log_e(&over, rho, o->sides == ONE);
    st->failed = st->failed || a.estimate - width > o->margin;
    v->why.value = a.estimate;
    v->why.low = a.estimate - width, v->why.high = a.estimate + width;
    v->why.log_e = fmax(log_e, -700);
    if (over.estimate > 0)
        st->most = fmax(st->most, log_e);
    double part = o->evidence == CM_PER_STEP ? cm_two_arms_alpha(&st->arms, 1) : 1;
    v->why.p = fmin(1, exp(-st->most) / part);
    if (st->failed)
        v->label = CM_FAIL, v->rule = WORSE, v->decisive = true;
    else if (is_enough(o, &a))
        v->rule = ENOUGH, v->decisive = true;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    cm_two_arms_add(&st->arms, look, o->evidence == CM_PER_STEP);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    cm_two_arms_show(&st->arms, &v);
    v.why.scale = o->effect == UPLIFT ? CM_SCALE_RATIO : CM_SCALE_DIFFERENCE;
    v.why.limit = o->margin;
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR)
        v.label = CM_GATE_ERROR, v.rule = BROKEN;
    else if (v.why.n0 == 0 || v.why.n1 == 0)
        v.label = CM_NO_DATA, v.rule = NOTHING;
    else
        judge(o, st, &v);
    if (o->effect == UPLIFT)
        v.why.value += 1, v.why.low += 1, v.why.high += 1, v.why.limit += 1;
    return v;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_asymptotic_cs = {
    .kind = {.name = "asymptotic_cs",
             .summary = "Limits of the difference of two error ratios, for all looks at once.",
             .source = "Waudby-Smith et al., Annals of Statistics 2024; GrowthBook; Eppo",
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
    .gives = CM_GIVES_P,
};
