/* Since when? The Shiryaev-Roberts detector on where errors come from.
 *
 * A defect may begin late. The evidence of one look for a canary that is r times as bad, ln e = x1
 * ln r - (x0 + x1) ln(1 - s + r s) over dispersion, is added up over all the looks since which it
 * may have been so:
 *
 *     R_r = (1 + R_r) e,   R = mean over r,   fails at R >= looks / alpha.
 *
 * So a good past does not speak for a release that turns bad. If the canary is not worse, R_t - t
 * never rises on average: P(a fail within `looks` looks) <= alpha, and the mean number of looks to
 * a false fail is at least looks / alpha. Beyond `looks` the first promise fades in proportion. The
 * value shown is R / looks, held against 1 / alpha; its inverse bounds a p-value.
 *
 * One ratio is the classical detector, several are its mixture. evidence = step forgets at each
 * step, which costs the promise nothing: alpha is per look here. Looks at which nothing new was
 * answered are not counted.
 *
 * Sources: Pollak, Annals of Statistics 13 (1985); Shin, Ramdas and Rinaldo, NEJSDS 2024. Assumes
 * requests exchangeable between the arms within a stratum. */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/gates/type_ratios.h"
#include "sim/stats/change_detector.h"
#include "sim/stats/origin.h"

struct options {
    struct cm_evidence_options common;
    struct cm_ratios ratios;
    uint64_t looks;
    double margin;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL,
           "The error ratio whose errors are traced."),
    CM_PROB(struct cm_evidence_options, alpha, "1%", 1e-9, 0.5,
            "Chance of ever failing a release that is not worse, at most, within `looks` looks."),
    CM_COUNT(struct options, looks, "100", 1, 1e9,
             "How many looks alpha is for: those of a whole rollout."),
    CM_RATIOS(struct options, ratios, "1.25, 1.5, 2, 3, 5, 10", 1.0001, 1e6,
              "How many times as bad (times the margin) a defect might make the canary."),
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
    uint64_t looks; /* that brought something new */
    struct cm_change_detector since[CM_RATIOS_MAX];
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

static void add_look(const struct options *o, struct state *st, const double *log_e)
{
    for (size_t r = 0; r < o->ratios.n; r++) {
        if (st->looks == 0)
            cm_change_detector_start(&st->since[r]);
        cm_change_detector_add(&st->since[r], log_e[r] / o->common.dispersion);
    }
    st->looks++;
}

/* ln of the mean of R over `looks`. */
static double value(const struct options *o, const struct state *st)
{
    double log_sr[CM_RATIOS_MAX];
    if (st->looks == 0)
        return -INFINITY;
    for (size_t r = 0; r < o->ratios.n; r++)
        log_sr[r] = st->since[r].log_sr;
    return cm_log_mean_exp(log_sr, o->ratios.n) - log((double)o->looks);
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    struct cm_two_counts c;
    double log_e[CM_RATIOS_MAX] = {0};
    bool fresh = false;
    for (size_t i = 0; cm_evidence_next(&o->common, &st->common, look, &i, &c);) {
        double share = cm_origin_share(c.n0, c.n1, o->margin);
        for (size_t r = 0; r < o->ratios.n; r++)
            log_e[r] += cm_origin_log_e(c.x0, c.x1, share, o->ratios.ratio[r]);
        fresh = fresh || c.n0 + c.n1 > 0;
    }
    if (fresh)
        add_look(o, st, log_e);
    st->common.log_part = 0; /* alpha is per look, whatever the step */
    const struct cm_evidence_now now = {.log_e = value(o, st), .limit = -log(o->common.alpha)};
    return cm_evidence_judge(&st->common, look, &now);
}

static double tilt(const void *options, struct cm_rng *rng)
{
    const struct options *o = options;
    size_t i = (size_t)(cm_rng_unit(rng) * (double)o->ratios.n);
    return o->margin * o->ratios.ratio[i];
}

const struct cm_gate cm_gate_origin_sr = {
    .kind = {.name = "origin_sr",
             .summary = "A detector of defects that begin late, from where errors come from.",
             .source = "Shiryaev 1963; Roberts 1966; Pollak 1985",
             .params = params,
             .options_size = sizeof(struct options)},
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
