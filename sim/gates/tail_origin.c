/* Evidence from where slow requests go, valid at every look.
 *
 * A request slower than some edge of the histogram is an event like an error. Of equally fast arms
 * each falls on the canary with its share s of the requests; for every edge and every ratio r
 *
 *     L += (x1 ln r - (x0 + x1) ln(1 - s + r s)) / dispersion,   x the requests slower than the
 * edge, E = mean over edges and ratios of exp(L).
 *
 * A mean of e-processes is one however they depend on each other (sim/stats/tail_origin.h), so that
 * the gate fails a release that is not slower at E >= 1 / alpha with probability at most alpha,
 * whatever the latencies of both arms do together. High edges see a tail that few requests fall
 * into, low ones a shift of all of them.
 *
 * Edges are fixed before the release: for each of `levels`, the first bound of the buckets at or
 * above that quantile of stable's latencies in the `history` before. A level above the last bound
 * has no edge, and one edge serves several levels. The counts shown are those of the edge that says
 * most.
 *
 * Sources: those of origin_mixture; for the mean Vovk and Wang, Annals of Statistics 49 (2021).
 * Assumes requests exchangeable between the arms within a stratum: a cold canary is not. */
#include <math.h>

#include "sim/gates/evidence.h"
#include "sim/gates/type_ratios.h"
#include "sim/stats/origin.h"
#include "sim/stats/tail_origin.h"

struct options {
    struct cm_evidence_options common;
    struct cm_ratios ratios, levels;
    cm_time history;
};

static const struct cm_param params[] = {
    CM_REF(struct cm_evidence_options, metric, "metric", NULL,
           "The latency whose slow requests are traced."),
    CM_EVIDENCE_ALPHA,
    CM_RATIOS(struct options, levels, "0.5, 0.75, 0.9, 0.95, 0.99, 0.999", 0.001, 0.999999,
              "The quantiles of stable's latencies near which a request begins to be slow."),
    CM_RATIOS(struct options, ratios, "1.25, 1.5, 2, 3, 5, 10", 1.0001, 1e6,
              "How many times as many slow requests a defect might make of the canary's."),
    CM_DURATION(struct options, history, "10m", 1e9, CM_MAX_DURATION,
                "How long stable is watched before the release to find the edges."),
    CM_EVIDENCE_KEPT,
    CM_EVIDENCE_ALPHA_PER,
    CM_EVIDENCE_DISPERSION,
    CM_PARAMS_END,
};

enum { UNKNOWN = CM_EVIDENCE_ENOUGH }; /* a rule of its own */
static const char *const rules[] = {
    [CM_EVIDENCE_FINE] = "nothing says that the canary is slower",
    [CM_EVIDENCE_WORSE] = "the canary's share of the slow requests says that it is slower",
    [CM_EVIDENCE_NOTHING] = CM_EVIDENCE_NO_ARM,
    [CM_EVIDENCE_BROKEN] = CM_EVIDENCE_SILENT,
    [UNKNOWN] = "no bucket of stable's history tells slow requests from others",
    NULL,
};

struct state {
    struct cm_evidence_state common;
    size_t edges, edge[CM_RATIOS_MAX];                   /* the first bucket that is slow */
    uint64_t slow0[CM_RATIOS_MAX], slow1[CM_RATIOS_MAX]; /* by edge */
    double log_e[CM_RATIOS_MAX * CM_RATIOS_MAX];
};

static int check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                         struct cm_err *err)
{
    (void)options;
    if (metrics->metric[0]->signal != CM_LATENCY_QUANTILE)
        return cm_fail(err, "the metric is no latency (this test needs signal = latency_quantile)");
    return 0;
}

static struct cm_needs needs(const void *options)
{
    const struct options *o = options;
    struct cm_needs needs = cm_evidence_needs(&o->common);
    needs.buckets = true;
    needs.history = o->history;
    return needs;
}

static size_t state_size(const void *options, size_t n_edges)
{
    (void)options, (void)n_edges;
    return sizeof(struct state);
}

static uint64_t total(const uint64_t *counts, size_t from, size_t buckets)
{
    uint64_t sum = 0;
    for (size_t i = from; i < buckets; i++)
        sum += counts[i];
    return sum;
}

/* The first bucket that is slow for a level; the number of buckets if there is none. */
static size_t edge_of(const uint64_t *counts, size_t buckets, double level)
{
    double rank = level * (double)total(counts, 0, buckets), below = 0;
    for (size_t i = 0; i < buckets; i++) {
        below += (double)counts[i];
        if (below >= rank)
            return i + 1;
    }
    return buckets;
}

static bool is_known(const struct state *st, size_t edge)
{
    for (size_t i = 0; i < st->edges; i++)
        if (st->edge[i] == edge)
            return true;
    return false;
}

static void start(const void *options, void *state, const struct cm_look *history)
{
    const struct options *o = options;
    struct state *st = state;
    size_t buckets = history->edges->n + 1;
    uint64_t counts[CM_EDGES_MAX + 1] = {0};
    for (size_t i = 0; i < history->signals[0].n_fresh; i++)
        for (size_t b = 0; b < buckets; b++)
            counts[b] += history->signals[0].fresh[i].buckets[CM_STABLE][b];
    for (size_t q = 0; q < o->levels.n && total(counts, 0, buckets) > 0; q++) {
        size_t edge = edge_of(counts, buckets, o->levels.ratio[q]);
        if (edge < buckets && !is_known(st, edge))
            st->edge[st->edges++] = edge;
    }
}

/* Edges are for the whole release. */
static void new_step(const void *options, void *state)
{
    const struct options *o = options;
    struct state *st = state;
    if (!cm_evidence_new_step(&o->common, &st->common))
        return;
    struct state next = {.common = st->common, .edges = st->edges};
    for (size_t e = 0; e < st->edges; e++)
        next.edge[e] = st->edge[e];
    *st = next;
}

/* The share is that of the requests in the buckets. */
static void add_stratum(const struct options *o, struct state *st, const struct cm_look *look,
                        const struct cm_stratum *fresh)
{
    const uint64_t *control = fresh->buckets[look->control], *canary = fresh->buckets[CM_CANARY];
    size_t buckets = look->edges->n + 1;
    const struct cm_tail_origin t = {st->edges, o->ratios.n, st->edge, o->ratios.ratio, st->log_e};
    double share = cm_origin_share(total(control, 0, buckets), total(canary, 0, buckets), 1);
    cm_tail_origin_add(&t, &(struct cm_tail_stratum){buckets, control, canary, share});
    for (size_t e = 0; e < st->edges; e++) {
        st->slow0[e] += total(control, st->edge[e], buckets);
        st->slow1[e] += total(canary, st->edge[e], buckets);
    }
}

/* ln E, and the edge that says most. */
static double merge(const struct options *o, const struct state *st, size_t *loudest)
{
    double by_edge[CM_RATIOS_MAX], log_e[CM_RATIOS_MAX];
    *loudest = 0;
    for (size_t e = 0; e < st->edges; e++) {
        for (size_t r = 0; r < o->ratios.n; r++)
            log_e[r] = st->log_e[e * o->ratios.n + r] / o->common.dispersion;
        by_edge[e] = cm_log_mean_exp(log_e, o->ratios.n);
        if (by_edge[e] > by_edge[*loudest])
            *loudest = e;
    }
    return st->edges ? cm_log_mean_exp(by_edge, st->edges) : 0;
}

static struct cm_verdict look(const void *options, void *state, const struct cm_look *look)
{
    const struct options *o = options;
    struct state *st = state;
    struct cm_two_counts c;
    size_t loudest;
    for (size_t i = 0; cm_evidence_next(&o->common, &st->common, look, &i, &c);)
        add_stratum(o, st, look, &look->signals[0].fresh[i - 1]);
    const struct cm_evidence_now now = {
        .log_e = merge(o, st, &loudest),
        .limit = -log(cm_evidence_alpha(&o->common, &st->common)),
    };
    struct cm_verdict v = cm_evidence_judge(&st->common, look, &now);
    if (v.label == CM_PASS && st->edges == 0)
        v.label = CM_NO_DATA, v.rule = UNKNOWN;
    v.why.x0 = st->slow0[loudest], v.why.x1 = st->slow1[loudest];
    return v;
}

const struct cm_gate cm_gate_tail_origin = {
    .kind = {.name = "tail_origin",
             .summary = "Evidence from where slow requests go, at several latencies at once.",
             .source = "Robbins 1970; Vovk and Wang, Annals of Statistics 2021",
             .params = params,
             .options_size = sizeof(struct options),
             .check = cm_evidence_check},
    .tunable = "alpha",
    .rules = rules,
    .check_metrics = check_metrics,
    .needs = needs,
    .state_size = state_size,
    .start = start,
    .new_step = new_step,
    .look = look,
    .gives = CM_GIVES_P | CM_GIVES_E,
};
