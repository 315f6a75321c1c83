/* Slow requests are events: evidence that a tail of latencies grew, from where slow requests go.
 *
 * For each of some edges of a histogram the requests slower than the edge are events like errors,
 * and their origin is evidence (origin.h) for each ratio of a list; the e-value of an edge is the
 * mean over ratios, that of the release the mean over edges, valid however the edges depend on each
 * other. Edges are fixed before the rollout, near the control's p50 to p99.9. Exact under any
 * common drift of the latencies, with requests that are exchangeable between the arms within a
 * stratum. */
#ifndef CM_TAIL_ORIGIN_H
#define CM_TAIL_ORIGIN_H

#include <stddef.h>
#include <stdint.h>

struct cm_tail_origin {
    size_t edges, ratios;
    const size_t *edge;  /* the first bucket that counts as slow; borrowed */
    const double *ratio; /* > 0; borrowed */
    double *log_e;       /* [edge * ratios + ratio], from 0; the caller's */
};

/* One stratum: requests by bucket, and the canary's share of them. */
struct cm_tail_stratum {
    size_t buckets;
    const uint64_t *control, *canary; /* borrowed */
    double share;
};
void cm_tail_origin_add(const struct cm_tail_origin *t, const struct cm_tail_stratum *stratum);

/* ln E of one edge, and of all. */
double cm_tail_origin_edge(const struct cm_tail_origin *t, size_t edge);
double cm_tail_origin_log_e(const struct cm_tail_origin *t);

#endif
