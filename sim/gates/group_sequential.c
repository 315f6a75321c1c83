/* A group sequential test: a planned number of analyses shares one type I error.
 *
 * The statistic is Cochran, Mantel and Haenszel's z over the strata since the release began. At the
 * k-th of K analyses it fails if z >= c_k, for good; the boundaries are worked out once, when the
 * scenario is loaded, for information that comes in equal parts (t_k = k / K):
 *
 *     pocock, obrien_fleming, wang_tsiatis    c_k = C t_k^(shape - 1/2)
 *     spend_obrien_fleming, spend_pocock, spend_hwang, spend_power    Lan and DeMets' spending
 *
 * When is an analysis? fraction = looks: every look with requests in both arms is one. fraction =
 * information: the first look at which the information, sum n0 n1 / N over the strata, has reached
 * k / K of `planned`; a look that passes several is the last of them. Overrun: after the K-th
 * analysis all alpha is spent, and the gate does not object any more.
 *
 * With looks, a ramp brings information in unequal parts, and the type I error is only about alpha.
 * Assumes a normal z, some 10 errors. Sources: Jennison and Turnbull 2000; Lan and DeMets 1983. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/gates/two_arms.h"
#include "sim/stats/group_bounds.h"

enum { LOOKS_MAX = 100 };

enum boundary {
    POCOCK,
    OBRIEN_FLEMING,
    WANG_TSIATIS,
    SPEND_OF,
    SPEND_POCOCK,
    SPEND_HWANG,
    SPEND_POWER
};
static const char *const boundaries[] = {
    "pocock",       "obrien_fleming", "wang_tsiatis", "spend_obrien_fleming",
    "spend_pocock", "spend_hwang",    "spend_power",  NULL};
enum fraction { LOOKS, INFORMATION };
static const char *const fractions[] = {"looks", "information", NULL};

struct options {
    struct cm_ref metric;
    double alpha, shape;
    int boundary, fraction;
    uint64_t looks;
    double planned, dispersion;
    double bound[LOOKS_MAX]; /* made by prepare */
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio that is compared."),
    CM_PROB(struct options, alpha, "2.5%", 1e-9, 0.5,
            "Chance of ever failing a release that is not worse, over all planned analyses."),
    CM_COUNT(struct options, looks, "10", 1, LOOKS_MAX, "How many analyses are planned."),
    CM_CHOICE(struct options, boundary, "spend_pocock", boundaries,
              "How alpha is shared by the analyses: Pocock's alike, O'Brien and Fleming's hardly "
              "any of it early."),
    CM_NUMBER(struct options, shape, "none", -100, 100,
              "What the boundary needs: wang_tsiatis its exponent (0.25), spend_hwang gamma (-4), "
              "spend_power rho (2); none = these."),
    CM_CHOICE(struct options, fraction, "looks", fractions,
              "What is an analysis: each look, or each K-th part of the planned information."),
    CM_NUMBER(struct options, planned, "none", 1, 1e15,
              "Information at the last analysis, where fraction = information: the sum over strata "
              "of n0 n1 / (n0 + n1) requests."),
    CM_NUMBER(struct options, dispersion, "1", 1, 1000,
              "Variance over mean of error counts, if errors come in clusters; z^2 is divided by "
              "it."),
    CM_PARAMS_END,
};

enum rule { FINE, WORSE, BETWEEN, OVER, NOTHING, BROKEN };
static const char *const rules[] = {
    [FINE] = "z is below the boundary of this analysis",
    [WORSE] = "z has reached the boundary of an analysis",
    [BETWEEN] = "the next analysis is not due yet",
    [OVER] = "all planned analyses are over",
    [NOTHING] = "an arm has answered no request",
    [BROKEN] = "the monitor did not answer",
    NULL,
};

struct state {
    struct cm_two_arms arms;
    uint64_t done, asked; /* analyses made; looks that could have been one */
    bool failed;
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    bool wants_shape = o->boundary == WANG_TSIATIS || o->boundary >= SPEND_HWANG;
    if (!isnan(o->shape) && !wants_shape)
        return cm_fail(err, "boundary = %s has no shape", boundaries[o->boundary]);
    if (o->boundary == WANG_TSIATIS && fabs(o->shape) > 10)
        return cm_fail(err, "shape %g is outside [-10, 10]", o->shape);
    if (o->boundary == SPEND_POWER && o->shape <= 0)
        return cm_fail(err, "shape %g is not above 0", o->shape);
    if ((o->fraction == INFORMATION) == isnan(o->planned))
        return cm_fail(err, "fraction = information needs planned, and nothing else does");
    return 0;
}

static double shape_of(const struct options *o)
{
    if (o->boundary == POCOCK)
        return 0.5;
    if (o->boundary == OBRIEN_FLEMING)
        return 0;
    double usual = o->boundary == WANG_TSIATIS ? 0.25 : o->boundary == SPEND_HWANG ? -4 : 2;
    return isnan(o->shape) ? usual : o->shape;
}

static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    static const enum cm_spending_kind kinds[] = {
        [SPEND_OF] = CM_SPENDING_OBRIEN_FLEMING,
        [SPEND_POCOCK] = CM_SPENDING_POCOCK,
        [SPEND_HWANG] = CM_SPENDING_HWANG_SHIH_DECANI,
        [SPEND_POWER] = CM_SPENDING_POWER,
    };
    struct options *o = options;
    double info[LOOKS_MAX];
    (void)source, (void)file, (void)arena, (void)err;
    for (uint64_t k = 0; k < o->looks; k++)
        info[k] = (double)(k + 1) / (double)o->looks;
    const struct cm_group_plan plan = {
        .looks = o->looks, .info = info, .alpha = o->alpha, .sides = 1};
    if (o->boundary < SPEND_OF) {
        cm_group_bounds_shape(&plan, shape_of(o), o->bound);
        return 0;
    }
    const struct cm_spending spending = {kinds[o->boundary], shape_of(o)};
    cm_group_bounds_spend(&plan, &spending, NULL, o->bound);
    return 0;
}

static struct cm_needs needs(const void *options)
{
    (void)options;
    return (struct cm_needs){.strata = true, .compares = true};
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

/* How many analyses are due by now; a whole K-th part may be a rounding error short. */
static uint64_t due(const struct options *o, const struct state *st)
{
    double k = o->fraction == LOOKS
                   ? (double)st->asked
                   : floor(st->arms.weight / o->planned * (double)o->looks * (1 + 1e-12));
    return k < (double)o->looks ? (uint64_t)k : o->looks;
}

static void judge(const struct options *o, struct state *st, struct cm_verdict *v)
{
    uint64_t k = due(o, st);
    double z = cm_strata_z(&st->arms.strata, false) / sqrt(o->dispersion);
    bool anew = k > st->done;
    v->why.value = z;
    v->why.limit = k > 0 && isfinite(o->bound[k - 1]) ? o->bound[k - 1] : NAN;
    v->why.p = gsl_cdf_ugaussian_Q(z);
    st->failed = st->failed || (anew && z >= o->bound[k - 1]);
    if (st->failed)
        v->label = CM_FAIL, v->rule = WORSE, v->decisive = true;
    else if (!anew)
        v->rule = st->done == o->looks ? OVER : BETWEEN;
    st->done = k;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    cm_two_arms_add(&st->arms, look, false);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    cm_two_arms_show(&st->arms, &v);
    v.why.scale = CM_SCALE_COUNT;
    if (look->signals[0].state[CM_CANARY] == CM_GATE_ERROR) {
        v.label = CM_GATE_ERROR, v.rule = BROKEN;
        return v;
    }
    if (v.why.n0 == 0 || v.why.n1 == 0) {
        v.label = CM_NO_DATA, v.rule = NOTHING;
        return v;
    }
    st->asked++;
    judge(o, st, &v);
    return v;
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_group_sequential = {
    .kind = {.name = "group_sequential",
             .summary = "A planned number of analyses that share one type I error.",
             .source = "Jennison and Turnbull 2000; Lan and DeMets 1983; Wang and Tsiatis 1987",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check,
             .prepare = prepare},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .look = look,
};
