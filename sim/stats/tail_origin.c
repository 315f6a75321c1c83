/* Origin evidence at several edges; see the header. */
#include "sim/stats/tail_origin.h"

#include <assert.h>
#include <math.h>

#include "sim/stats/origin.h"

static uint64_t slower(const uint64_t *count, size_t from, size_t buckets)
{
    uint64_t sum = 0;
    for (size_t i = from; i < buckets; i++)
        sum += count[i];
    return sum;
}

void cm_tail_origin_add(const struct cm_tail_origin *t, const struct cm_tail_stratum *s)
{
    for (size_t e = 0; e < t->edges; e++) {
        uint64_t x0 = slower(s->control, t->edge[e], s->buckets);
        uint64_t x1 = slower(s->canary, t->edge[e], s->buckets);
        for (size_t r = 0; r < t->ratios; r++)
            t->log_e[e * t->ratios + r] += cm_origin_log_e(x0, x1, s->share, t->ratio[r]);
    }
}

double cm_tail_origin_edge(const struct cm_tail_origin *t, size_t edge)
{
    assert(edge < t->edges);
    return cm_log_mean_exp(t->log_e + edge * t->ratios, t->ratios);
}

/* With as many ratios at every edge, the mean of the means is the mean of all. */
double cm_tail_origin_log_e(const struct cm_tail_origin *t)
{
    return cm_log_mean_exp(t->log_e, t->edges * t->ratios);
}
