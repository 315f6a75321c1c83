/* Bucket by bucket. */
#include "sim/gates/histograms.h"

void cm_histograms_add(struct cm_histograms *h, const struct cm_look *look, bool own_step)
{
    struct cm_two_counts unused;
    h->n = look->edges->n + 1;
    for (size_t i = 0; i < look->signals[0].n_fresh; i++) {
        const struct cm_stratum *t = &look->signals[0].fresh[i];
        const uint64_t *control = t->buckets[look->control], *canary = t->buckets[CM_CANARY];
        if (!cm_gate_fresh(look, i, own_step, &unused))
            continue;
        for (size_t b = 0; b < h->n; b++) {
            h->control[b] += control ? control[b] : 0;
            h->canary[b] += canary ? canary[b] : 0;
        }
    }
}

struct cm_two_counts cm_histograms_counts(const struct cm_histograms *h)
{
    struct cm_two_counts c = {0};
    for (size_t b = 0; b < h->n; b++)
        c.n0 += h->control[b], c.n1 += h->canary[b];
    return c;
}

void cm_histograms_read(const struct cm_histograms *h, struct cm_two_histograms *read)
{
    for (size_t b = 0; b < h->n; b++) {
        read->control[b] = (double)h->control[b];
        read->canary[b] = (double)h->canary[b];
    }
}

int cm_histograms_needs_latency(const struct cm_gate_metrics *metrics, struct cm_err *err)
{
    for (size_t i = 0; i < metrics->n; i++)
        if (metrics->metric[i]->signal != CM_LATENCY_QUANTILE)
            return cm_fail(err,
                           "the metric is no latency (this test needs signal = latency_quantile)");
    return 0;
}
