/* A significance test of two error ratios at every look: what most people mean by "statistical".
 *
 * Errors and requests of canary and control are added up since the step (or the release) began, or
 * read from the metric's window, and compared by a one-sided test; it fails when p <= alpha / looks
 * / alpha_over. The tests are in sim/stats/two_proportion.h.
 *
 * Two things are wrong with it, and are why it is here. A p-value is meant for one look: with looks
 * = 1 every further look is another chance to fail a healthy release (Armitage, McPherson and Rowe
 * 1969); dividing alpha by the number of looks (Bonferroni) repairs that and costs power. And
 * evidence = release adds up counts from times with different weights: when the common error rate
 * drifts while the weight ramps, crude sums differ between arms without a defect (Simpson's
 * paradox); evidence = step does not, nor does cmh. origin_mixture has neither fault.
 *
 * Errors that come in clusters vary more than the tests assume: a dispersion (variance over mean of
 * counts) divides z^2, as quasi-likelihood does (Wedderburn 1974). Exact tests have no z. */
#include <math.h>

#include "sim/gates/one_look.h"
#include "sim/stats/two_proportion.h"

enum method { MID_P, FISHER, POOLED_Z, UNPOOLED_Z };
static const char *const methods[] = {"mid_p", "fisher", "pooled_z", "unpooled_z", NULL};

struct options {
    struct cm_ref metric;
    struct cm_one_look test;
    int method; /* enum method */
    double dispersion;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL, "The error ratio that is compared."),
    CM_ONE_LOOK_PARAMS(struct options, test, "1%",
                       "Chance of failing a healthy release in `looks` looks; with more looks, "
                       "more.",
                       "step", cm_one_look_evidences),
    CM_ONE_LOOK_MIN_ERRORS(struct options, test),
    CM_CHOICE(struct options, method, "mid_p", methods,
              "How p is found: mid-p or Fisher's exact test, or a normal approximation, which errs "
              "where the canary's share is small and errors are rare."),
    CM_NUMBER(struct options, dispersion, "1", 1, 1000,
              "Variance over mean of error counts, if errors come in clusters; z^2 is divided by "
              "it, so that only the z methods can have one."),
    CM_PARAMS_END,
};

static const char *const rules[] =
    CM_ONE_LOOK_RULES("the canary's error ratio is not significantly larger",
                      "the canary's error ratio is significantly larger");

/* Since the step or the release began. */
struct state {
    struct cm_two_counts counts;
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->dispersion > 1 && o->method != POOLED_Z && o->method != UNPOOLED_Z)
        return cm_fail(err, "dispersion (%g) needs method = pooled_z or unpooled_z", o->dispersion);
    return 0;
}

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

/* One-sided: small = the canary is worse. */
static double p_value(const struct options *o, const struct cm_two_counts *c)
{
    if (o->method == MID_P)
        return cm_two_proportion_mid_p(c);
    if (o->method == FISHER)
        return cm_two_proportion_fisher(c);
    double z = cm_two_proportion_z(c, o->method == POOLED_Z, 0);
    return cm_two_proportion_p_of_z(z / sqrt(o->dispersion));
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct cm_two_counts *c = &((struct state *)state)->counts;
    cm_one_look_add(&o->test, look, c);
    return cm_one_look_judge(&o->test, look, c, p_value(o, c));
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_gate_needs_errors(metrics, err);
}

const struct cm_gate cm_gate_two_proportion = {
    .kind = {.name = "two_proportion",
             .summary = "A significance test of the canary's error ratio against the control's.",
             .source = "Fisher 1935; Lancaster 1961; Fleiss, Levin and Paik 2003, chapter 3",
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
