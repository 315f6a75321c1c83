/* Shapes: what the flow needs to know of one latency law, worked out once.
 *
 * Latency is cut into bands (lo, hi] at the bucket bounds and at the latency objective. A unit
 * flow that began x seconds ago has by now answered, of the requests that fall into a band,
 *
 *     K(x) = integral over u in (0, x] of P(lo < L <= min(u, hi)) du
 *          = 0                                     for x <= lo
 *          = G(x) - G(lo) - F(lo) (x - lo)         for lo < x < hi,  G = integral of F
 *          = x P - M                               for x >= hi,
 *
 * with P = P(lo < L <= hi) and M = E[L; lo < L <= hi] (integration by parts). Completions of a
 * Poisson flow with marks are again Poisson, displaced by the latency (Kingman, Poisson Processes,
 * 5.1): every mean in the counts flow is a sum of differences of K. */
#ifndef CM_SHAPE_H
#define CM_SHAPE_H

#include "sim/service/answer.h"
#include "sim/engine/bucket_tree.h"

/* Answered within the objective, or above it. Without an objective everything is in time. */
enum cm_tempo { CM_IN_TIME, CM_SLOW, CM_TEMPI };

struct cm_band {
    double low, high; /* seconds; high may be INFINITY */
    double p, m;      /* P(in it), E[L; in it] */
    double g, f;      /* G(low), F(low) */
};

/* Answers that take longer than all but this share are counted early, none is lost: keeping a heavy
 * tail in flight for hours would cost much and show nothing. */
#define CM_SHAPE_REST 1e-7

struct cm_shape {
    const struct cm_law *law;
    struct cm_pace pace;
    double longest; /* s: fewer than CM_SHAPE_REST are unanswered after it */
    struct cm_band tempo[CM_TEMPI];
    struct cm_band slowed; /* from the objective on; only of cm_shapes_find_slowed */
    /* Owned by the table; NULL until asked for. */
    struct cm_band *buckets[CM_TEMPI], *ranges[CM_TEMPI];
};

/* All shapes met so far; they repeat over replications. */
struct cm_shapes {
    struct cm_shape *list; /* owned */
    size_t n, room;
    double slo;                   /* seconds; INFINITY = no objective */
    const struct cm_edges *edges; /* borrowed */
    double longest;               /* of all shapes */
};

void cm_shapes_init(struct cm_shapes *t, const struct cm_edges *edges, double slo_s);
void cm_shapes_release(struct cm_shapes *t);
/* The shape of this law at this pace, made on first sight; an index, since the list may move. */
size_t cm_shapes_find(struct cm_shapes *t, const struct cm_law *law, const struct cm_pace *pace);
/* The same, of whose slow answers those up to `until` are looked at by themselves. */
size_t cm_shapes_find_slowed(struct cm_shapes *t, const struct cm_law *law,
                             const struct cm_pace *pace, double until);
/* Buckets of one tempo of a shape: edges->n + 1 bands. */
const struct cm_band *cm_shapes_buckets(struct cm_shapes *t, size_t shape, enum cm_tempo tempo);

/* Ranges of buckets of one tempo of a shape: one for each node of the tree, always the same tree.
 */
const struct cm_band *cm_shapes_make_ranges(struct cm_shapes *t, const struct cm_bucket_tree *tree,
                                            size_t shape, enum cm_tempo tempo);
static inline const struct cm_band *cm_shapes_ranges(struct cm_shapes *t,
                                                     const struct cm_bucket_tree *tree,
                                                     size_t shape, enum cm_tempo tempo)
{
    const struct cm_band *made = t->list[shape].ranges[tempo];
    return made ? made : cm_shapes_make_ranges(t, tree, shape, tempo);
}

/* K(x) above. */
double cm_shape_answered(const struct cm_shape *shape, const struct cm_band *part, double x);

/* Mean number answered within (t1, t2] of a flow of 1/s that arrived in [from, until], in the given
 * latency band; all in seconds on one clock. */
double cm_shape_mass(const struct cm_shape *shape, const struct cm_band *part,
                     const double arrive[2], const double answer[2]);

#endif
