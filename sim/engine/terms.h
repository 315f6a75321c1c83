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

#include "sim/engine/mark.h"

/* Of one version and class. */
struct cm_terms_row {
    double fails, by_defect;                    /* u below the first; and from the second up */
    double times, plus_s;                       /* pace: times L + plus_s */
    double slow_share, slow_times, slow_plus_s; /* the slow share is changed once more */
    double healthy_times, healthy_plus_s;       /* pace without the defect */
    size_t mark;                                /* first of this class and fate */
};

#define CM_TERMS_BOUNDS 128 /* CM_EDGES_MAX + 1 rounded up to a power of two */

struct cm_terms {
    /* of the scenario */
    struct cm_marks marks;
    double slo_s;                     /* INFINITY = no objective */
    double bounds_s[CM_TERMS_BOUNDS]; /* of the latency buckets, then INFINITY */
    size_t half;                      /* where the search for a bucket begins */
    /* of a piece */
    double canary; /* its share */
    bool slows;    /* some row has a slow share */
    struct cm_terms_row row[CM_CLASSES_MAX][CM_VERSIONS];
};

void cm_terms_init(struct cm_terms *t, const struct cm_world *w, size_t n_buckets);
void cm_terms_set(struct cm_terms *t, const struct cm_world *w, const struct cm_piece *piece);

/* Which bucket a latency falls into: how many bounds are below it. A bisection without branches. */
static inline size_t cm_terms_bucket(const struct cm_terms *t, double latency_s)
{
    size_t at = 0;
    for (size_t half = t->half; half > 0; half /= 2)
        at += half & -(size_t)(latency_s > t->bounds_s[at + half - 1]);
    return at;
}

/* Seconds until the answer; `coin` is a third uniform, needed only where t->slows, and `load` what
 * the requests in flight multiply latency by. */
static inline double cm_terms_latency(const struct cm_terms_row *row, double law, double coin,
                                      double load)
{
    double latency = row->times * law + row->plus_s;
    if (coin < row->slow_share)
        latency = row->slow_times * latency + row->slow_plus_s;
    latency = latency > 0 ? latency : 0;
    return latency * load;
}

static inline size_t cm_terms_mark(const struct cm_terms *t, const struct cm_terms_row *row,
                                   double u, double latency_s, double healthy_s)
{
    size_t fails = u < row->fails, by_defect = fails & (u >= row->by_defect);
    size_t slow = latency_s > t->slo_s, slowed = slow & (healthy_s <= t->slo_s);
    size_t run = CM_DOINGS * (fails + by_defect) + slow + slowed;
    return row->mark + run * t->marks.n_buckets + cm_terms_bucket(t, latency_s);
}

#endif
