/* Cochran, Mantel and Haenszel's test: is the canary worse, stratum by stratum?
 *
 * Each stratum (what was answered between two looks at one weight) compares its own two arms; the
 * differences are added up, not the counts (sim/stats/strata.h):
 *
 *     z = sum(x1 - n1 X / N) / sqrt(phi sum n0 n1 X (N - X) / (N^2 (N - 1))),  fails if Q(z) <=
 * alpha
 *
 * So evidence can be kept over a whole ramp under any common drift, which crude sums cannot
 * (Simpson's paradox). It is still meant for one look: `looks` divides alpha among them. phi is the
 * dispersion (variance over mean of counts, 1 unless errors come in clusters).
 *
 * Sources: Cochran 1954; Mantel and Haenszel 1959. Assumes about 10 errors in all for the normal
 * law, and requests exchangeable between the arms within a stratum. */
#include <math.h>

#include "sim/gates/one_look.h"
#include "sim/stats/strata.h"
#include "sim/stats/two_proportion.h"

struct options {
    struct cm_ref metric;
    struct cm_one_look test;
    double dispersion;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio that is compared."),
    CM_ONE_LOOK_PARAMS(struct options, test, "1%",
                       "Chance of failing a healthy release in `looks` looks; with more looks, "
                       "more.",
                       "release", cm_one_look_sums),
    CM_ONE_LOOK_MIN_ERRORS(struct options, test),
    CM_NUMBER(struct options, dispersion, "1", 1, 1000,
              "Variance over mean of error counts, if errors come in clusters; z^2 is divided by "
              "it."),
    CM_PARAMS_END,
};

static const char *const rules[] =
    CM_ONE_LOOK_RULES("the canary is not significantly worse within the strata",
                      "the canary is significantly worse within the strata");

/* Since the step or the release began. */
struct state {
    struct cm_two_counts counts;
    struct cm_strata strata;
};

static struct cm_needs needs(const void *options)
{
    return cm_one_look_needs(&((const struct options *)options)->test);
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
    if (o->test.evidence == CM_OF_STEP)
        *st = (struct state){0};
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    struct cm_two_counts fresh;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++)
        if (cm_gate_fresh(look, i, o->test.evidence == CM_OF_STEP, &fresh))
            cm_strata_add(&st->strata, &fresh);
    cm_one_look_add(&o->test, look, &st->counts);
    double z = cm_strata_z(&st->strata, false) / sqrt(o->dispersion);
    return cm_one_look_judge(&o->test, look, &st->counts, cm_two_proportion_p_of_z(z));
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_cmh = {
    .kind = {.name = "cmh",
             .summary = "A stratified significance test of error ratios, safe under drift.",
             .source = "Cochran 1954; Mantel and Haenszel 1959",
             .params = params,
             .options_size = sizeof(struct options)},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .new_step = new_step,
    .look = look,
    .gives = CM_GIVES_P,
};
