/* Terms: what a request that arrives during one piece meets, ready for many of them.
 *
 * A request brings two random numbers: u decides about version and outcome, the other, L, is its
 * latency by its class's law. With share s to the canary and failure probability p1,
 *
 *     u < s: canary, failing where u < s p1;      else: stable, failing where u - s < (1 - s) p1,
 *
 * and a failure is the defect's where the healthy p0 in place of p1 would not have made it one: an
 * event of probability p1 - p0. The same L at the healthy pace says whether a slow answer is the
 * defect's. The same request is thus seen with and without the defect, and at any share. */
#ifndef CM_TERMS_H
#define CM_TERMS_H

#include "sim/engine/batch.h"
#include "sim/engine/mark.h"

/* Of one version and kind of request. */
struct cm_terms_row {
    double fails, fails_anyway;                 /* u below; also without the defect */
    double times, plus_s;                       /* pace: times L + plus_s */
    double healthy_times, healthy_plus_s;       /* pace without the defect */
    double slow_share, slow_times, slow_plus_s; /* the slow share is changed once more */
    size_t mark;                                /* first of this class and fate */
};

#define CM_TERMS_BOUNDS 128 /* CM_EDGES_MAX + 1 rounded up to a power of two */

struct cm_terms {
    /* of the scenario */
    struct cm_marks marks;
    double slo_s;                     /* INFINITY = no objective */
    double bounds_s[CM_TERMS_BOUNDS]; /* of the latency buckets, then INFINITY */
    unsigned steps;                   /* there are fewer bounds than 2^steps */
    /* of a piece */
    double canary;                                         /* its share */
    bool slows;                                            /* some row has a slow share */
    struct cm_terms_row row[CM_BATCH_KINDS * CM_VERSIONS]; /* by kind, then version */
};

void cm_terms_init(struct cm_terms *t, const struct cm_world *w, size_t n_buckets);
void cm_terms_set(struct cm_terms *t, const struct cm_world *w, const struct cm_batch *kinds,
                  const struct cm_piece *piece);

/* Which bucket a latency falls into: how many bounds are below it. Bisection, unrolled. */
static inline size_t cm_terms_bucket(const struct cm_terms *t, double latency_s)
{
    const double *at = t->bounds_s;
    switch (t->steps) {
    case 7:
        at += (size_t)(latency_s > at[63]) * 64; /* fall through */
    case 6:
        at += (size_t)(latency_s > at[31]) * 32; /* fall through */
    case 5:
        at += (size_t)(latency_s > at[15]) * 16; /* fall through */
    case 4:
        at += (size_t)(latency_s > at[7]) * 8; /* fall through */
    case 3:
        at += (size_t)(latency_s > at[3]) * 4; /* fall through */
    case 2:
        at += (size_t)(latency_s > at[1]) * 2; /* fall through */
    case 1:
        at += latency_s > at[0]; /* fall through */
    default:
        return (size_t)(at - t->bounds_s);
    }
}

/* Seconds until the answer, for a request of the slow share or not; what is below 0 is answered at
 * once. */
static inline double cm_terms_latency(const struct cm_terms_row *row, double law_s, bool slow)
{
    double latency = row->times * law_s + row->plus_s;
    if (slow)
        latency = row->slow_times * latency + row->slow_plus_s;
    return latency;
}

static inline size_t cm_terms_mark(const struct cm_terms *t, const struct cm_terms_row *row,
                                   double u, double latency_s, double healthy_s)
{
    size_t fails = u < row->fails, anyway = u < row->fails_anyway;
    size_t slow = latency_s > t->slo_s, slowed = slow & (healthy_s <= t->slo_s);
    size_t run = CM_DOINGS * (2 * fails - anyway) + slow + slowed;
    return row->mark + run * t->marks.n_buckets + cm_terms_bucket(t, latency_s);
}

#endif
