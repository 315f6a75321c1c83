/* Whose the answers of a version are, where its pods differ.
 *
 * Of the answers of one class and kind that a version gives in a window, those that came from pod i
 * have the mean
 *
 *     sum over pieces of  rate x split / (pods that get requests) x P_i(kind) x mass_i(window),
 *
 * with its own error probability and latency, so that of n answers the pods have a multinomial part
 * with the ratios of these means (Kingman, Poisson Processes, 1993, 5.1). A pod counts what it
 * answers in the life in which it was asked. What it fails after a crash, or answers after it,
 * nobody counts; nor what is asked while no pod is there. */
#ifndef CM_POD_SHARES_H
#define CM_POD_SHARES_H

#include "sim/engine/cell.h"

struct cm_pod_shares {
    struct cm_world *world; /* borrowed */
    size_t version, n_pods, n_buckets, per_class;
    /* Owned: by series (class x {right, failed, buckets}), then pod: the means of this pod, of all
     * after it, and of nobody. */
    double *rest;
    double *of_bucket; /* owned; scratch: masses of one part */
    const struct cm_parts_pod *alive;
};

void cm_pod_shares_init(struct cm_pod_shares *s, struct cm_world *w, size_t version,
                        size_t n_buckets, size_t n_pods);
void cm_pod_shares_release(struct cm_pod_shares *s);

/* Who is up just after an instant, and until when. */
struct cm_lives {
    const struct cm_piece *piece; /* one of those in which they are */
    cm_time until;
};
struct cm_lives cm_lives_at(const struct cm_world *w, size_t version, cm_time at);

/* Of what is answered in (from, until], while those of the piece are up. */
void cm_pod_shares_set(struct cm_pod_shares *s, const struct cm_piece *alive, cm_time from,
                       cm_time until);

static inline const double *cm_pod_shares_rest(const struct cm_pod_shares *s, size_t series)
{
    return s->rest + series * (s->n_pods + 1);
}

#endif
