/* One type I error for several gates of evidence: the weighted mean of their e-values.
 *
 *     E = sum w_i E_i >= 1 / alpha, at any look
 *
 * A mean of e-processes is one, however they depend on each other, so that it ever reaches 1 /
 * alpha with probability alpha at most; with m metrics nothing is lost but ln m where only one of
 * them moves. A part that cannot speak has gathered nothing: its e-value counts as 1.
 *
 * Holds for parts whose log e is that of an e-process of the whole release: under evidence = step
 * they give E_k / (k (k + 1)) of the k-th step, which is below one; alpha_per = step would promise
 * alpha for each step only. Never average p-values. Source: Vovk and Wang, Annals of Statistics
 * 2021. */
#include <math.h>

#include "sim/gates/parts.h"
#include "sim/gates/type_weights.h"
#include "sim/stats/e_value.h"

struct options {
    struct cm_refs of;
    struct cm_weights weights;
    double alpha;
};

static const struct cm_param params[] = {
    CM_PARTS(struct options, of, "The gates whose e-values are averaged."),
    CM_WEIGHTS(struct options, weights, "none", 0, 1e6,
               "What each of them weighs, in their order; none = all the same."),
    CM_PROB(struct options, alpha, "1%", 1e-9, 0.5,
            "Chance of ever failing a release that is not worse, at most, at any number of looks."),
    CM_PARAMS_END,
};

enum rule { FINE, WORSE, NO_ANSWER };
static const char *const rules[] = {
    [FINE] = "the mean of the e-values is below 1 / alpha",
    [WORSE] = "the mean of the e-values has reached 1 / alpha",
    [NO_ANSWER] = "none of its parts has evidence",
    NULL,
};

struct state {
    double most; /* largest ln E so far */
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    return cm_weights_check(&o->weights, o->of.n, err);
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

/* Returns how many parts have evidence. */
static size_t collect(const struct options *o, const struct cm_look *look, double *log_e,
                      double *weight)
{
    size_t known = 0;
    for (size_t i = 0; i < look->n_parts; i++) {
        double e = look->parts[i]->why.log_e;
        log_e[i] = isnan(e) ? 0 : e;
        weight[i] = cm_weights_share(&o->weights, i, look->n_parts);
        known += isnan(e) ? 0 : 1;
    }
    return known;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    double log_e[CM_WEIGHTS_MAX] = {0}, weight[CM_WEIGHTS_MAX] = {0};
    size_t known = collect(o, look, log_e, weight);
    double mean = cm_e_value_log_mean(log_e, weight, look->n_parts);
    st->most = fmax(st->most, mean);
    struct cm_verdict v = cm_verdict_of(CM_PASS, FINE);
    if (st->most >= -log(o->alpha))
        v = cm_verdict_of(CM_FAIL, WORSE), v.decisive = true;
    else if (known == 0)
        return cm_verdict_of(look->parts[cm_parts_worst(look)]->label, NO_ANSWER);
    v.why.scale = CM_SCALE_LOG_E;
    v.why.value = v.why.log_e = mean;
    v.why.limit = -log(o->alpha);
    v.why.p = exp(-st->most);
    return v;
}

const struct cm_gate cm_gate_e_average = {
    .kind = {.name = "e_average",
             .summary = "The weighted mean of the e-values of its parts against one alpha.",
             .source = "Vovk and Wang, Annals of Statistics 2021",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .tunable = "alpha",
    .rules = rules,
    .needs = cm_parts_needs,
    .state_size = state_size,
    .look = look,
    .gives = CM_GIVES_P | CM_GIVES_E,
    .takes = CM_GIVES_E,
};
