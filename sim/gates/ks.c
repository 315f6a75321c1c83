/* Kolmogorov and Smirnov on the buckets of latency: is the canary slower anywhere?
 *
 *     D+ = largest excess of the share below a bound, control over canary,
 *     p = exp(-2 m D+^2),   m = n0 n1 / (n0 + n1)
 *
 * It fails when p is at most alpha / looks / alpha_over. Between bounds nothing is seen, so that p
 * is never too small; D+ in a tail is small, and hardly noticed (sim/stats/kolmogorov.h). Asked
 * again and again, it fails healthy releases.
 *
 * Source: Smirnov 1939. Assumes independent requests, and latencies that do not drift while the
 * weight ramps if evidence = release. */
#include "sim/gates/histograms.h"
#include "sim/stats/kolmogorov.h"

struct options {
    struct cm_ref metric;
    struct cm_one_look test;
};

static const struct cm_param params[] = {
    CM_REF(struct options, metric, "metric", NULL,
           "The latency whose buckets are compared; its quantile and window do not matter."),
    CM_ONE_LOOK_PARAMS(struct options, test, "1%",
                       "Chance of failing a healthy release in `looks` looks; with more looks, "
                       "more.",
                       "step", cm_one_look_sums),
    CM_PARAMS_END,
};

static const char *const rules[] = CM_ONE_LOOK_RULES("the canary is not significantly slower",
                                                     "the canary is significantly slower");

static struct cm_needs needs(const void *options)
{
    struct cm_needs needs = cm_one_look_needs(&((const struct options *)options)->test);
    needs.buckets = true;
    return needs;
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct cm_histograms);
}

static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    struct cm_histograms *h = state;
    if (o->test.evidence == CM_OF_STEP)
        *h = (struct cm_histograms){0};
}

/* One-sided: small = the canary is slower. */
static double p_value(const struct cm_histograms *h)
{
    struct cm_two_histograms read;
    cm_histograms_read(h, &read);
    struct cm_distance d = cm_kolmogorov_of_buckets(read.control, read.canary, h->n);
    return cm_kolmogorov_p(&d, CM_GREATER);
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct cm_histograms *h = state;
    cm_histograms_add(h, look, o->test.evidence == CM_OF_STEP);
    struct cm_two_counts c = cm_histograms_counts(h);
    return cm_one_look_judge(&o->test, look, &c, p_value(h));
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    return cm_histograms_needs_latency(metrics, err);
}

const struct cm_gate cm_gate_ks = {
    .kind = {.name = "ks",
             .summary = "A test of the largest distance between the two laws of latency.",
             .source = "Smirnov 1939",
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
