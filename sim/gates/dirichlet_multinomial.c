/* Evidence from where several kinds of bad answers come from, valid at every look.
 *
 * Errors are one class of events; if there is a `latency` metric, requests slower than each of
 * `slower` (and not than the next) are others. Of equally good arms each event of a class falls on
 * the canary with its share s of the requests. The alternative puts a Dirichlet law on the shares
 * that the arms have of a class, as if s had been seen in k events before:
 *
 *     E = B(k s + x1, k (1 - s) + x0) / B(k s, k (1 - s)) / (s^x1 (1 - s)^x0).
 *
 * Strata are multiplied up, each with its own s (sim/stats/origin_beta.h). It fails where the mean
 * of E over the classes reaches 1 / alpha, valid however they depend on each other, or, with
 * combine = product, their product, which adds up weak evidence but is exact only for events that
 * are independent, as rare ones nearly are. E is two-sided: a class of which the canary has less
 * than its share counts at most 1, and half of what could be seen is given away.
 *
 * Source: Lindon and Malek, NeurIPS 2022. Assumes requests exchangeable between the arms within a
 * stratum. */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/stats/origin.h"
#include "sim/stats/origin_beta.h"

enum { CLASSES = 8 };
enum combine { MEAN, PRODUCT };
static const char *const combines[] = {[MEAN] = "mean", [PRODUCT] = "product", NULL};

struct options {
    struct cm_evidence_options common;
    struct cm_ref latency;
    struct cm_edges slower;
    double concentration;
    int combine;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL,
           "The error ratio whose errors are the first class."),
    CM_REF(struct options, latency, "metric", "none",
           "The latency whose slow requests are others."),
    CM_EDGES(struct options, slower, "none",
             "From which latencies on requests are slow, each a class of its own up to the next; "
             "read from the buckets, whose next bound above it counts."),
    CM_EVIDENCE_ALPHA,
    CM_NUMBER(struct options, concentration, "100", 0.1, 1e6,
              "Events that the prior is worth: many look for small defects, few for large ones."),
    CM_CHOICE(struct options, combine, "mean", combines,
              "What is made of the evidence of the classes: the mean always holds, the product "
              "where events are independent."),
    CM_EVIDENCE_KEPT,
    CM_EVIDENCE_ALPHA_PER,
    CM_EVIDENCE_DISPERSION,
    CM_PARAMS_END,
};

static const char *const rules[] = {
    [CM_EVIDENCE_FINE] = "nothing says that the canary is worse",
    [CM_EVIDENCE_WORSE] = "the canary's share of bad answers says that it is worse",
    [CM_EVIDENCE_NOTHING] = CM_EVIDENCE_NO_ARM,
    [CM_EVIDENCE_BROKEN] = CM_EVIDENCE_SILENT,
    NULL,
};

struct state {
    struct cm_evidence_state common;
    struct cm_origin_beta_state class[CLASSES]; /* errors, then latencies */
};

static int check(const void *options, struct cm_err *err)
{
    const struct options *o = options;
    if (o->slower.n >= CLASSES)
        return cm_fail(err, "slower has %zu latencies (at most %d)", o->slower.n, CLASSES - 1);
    if ((o->slower.n > 0) != (o->latency.name != NULL))
        return cm_fail(err, "latency and slower need each other");
    return cm_evidence_check(&o->common, err);
}

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    const struct cm_gate_metrics errors = {metrics->metric, 1};
    (void)options;
    if (metrics->n > 1 && metrics->metric[1]->signal != CM_LATENCY_QUANTILE)
        return cm_fail(err, "latency is none (it needs a metric with signal = latency_quantile)");
    return cm_gate_needs_errors(&errors, err);
}

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    struct cm_needs needs = cm_evidence_needs(&o->common);
    needs.buckets = o->slower.n > 0;
    return needs;
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

/* The first bucket that is slow. */
static size_t slow_from(const struct cm_edges *edges, double bound)
{
    size_t i = 0;
    while (i < edges->n && edges->bound[i] < bound)
        i++;
    return i + 1;
}

static uint64_t total(const uint64_t *counts, size_t from, size_t until)
{
    uint64_t sum = 0;
    for (size_t i = from; i < until; i++)
        sum += counts[i];
    return sum;
}

static void add_latencies(const struct options *o, struct state *st, const struct cm_look *look,
                          const struct cm_stratum *fresh)
{
    const struct cm_origin_beta mixture = {o->concentration, 1, false};
    const uint64_t *control = fresh->buckets[look->control], *canary = fresh->buckets[CM_CANARY];
    size_t buckets = look->edges->n + 1;
    for (size_t k = 0; k < o->slower.n; k++) {
        size_t from = slow_from(look->edges, o->slower.bound[k]), until = buckets;
        if (k + 1 < o->slower.n)
            until = slow_from(look->edges, o->slower.bound[k + 1]);
        const struct cm_two_counts c = {total(control, from, until), total(control, 0, buckets),
                                        total(canary, from, until), total(canary, 0, buckets)};
        cm_origin_beta_add(&mixture, &st->class[k + 1], &c);
    }
}

static double merge(const struct options *o, const struct state *st)
{
    double log_e[CLASSES], sum = 0;
    size_t classes = o->slower.n + 1;
    for (size_t k = 0; k < classes; k++) {
        log_e[k] = st->class[k].log_e / o->common.dispersion;
        if (st->class[k].excess <= 0)
            log_e[k] = fmin(0, log_e[k]);
        sum += log_e[k];
    }
    return o->combine == PRODUCT ? sum : cm_log_mean_exp(log_e, classes);
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    const struct cm_origin_beta mixture = {o->concentration, 1, false};
    struct cm_two_counts c;
    for (size_t i = 0; cm_evidence_next(&o->common, &st->common, look, &i, &c);) {
        cm_origin_beta_add(&mixture, &st->class[0], &c);
        if (o->slower.n > 0)
            add_latencies(o, st, look, &look->signals[1].fresh[i - 1]);
    }
    const struct cm_evidence_now now = {.log_e = merge(o, st),
                                        .limit = -log(cm_evidence_alpha(&o->common, &st->common))};
    return cm_evidence_judge(&st->common, look, &now);
}

const struct cm_gate cm_gate_dirichlet_multinomial = {
    .kind = {.name = "dirichlet_multinomial",
             .summary = "Evidence from where errors and slow answers come from, together.",
             .source = "Lindon and Malek, NeurIPS 2022",
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
    .gives = CM_GIVES_P | CM_GIVES_E,
};
