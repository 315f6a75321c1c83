/* The law of a score that is stopped at the looks: the recursion behind group sequential designs.
 *
 * The score S = Z sqrt(I) at information I is a Brownian motion with a drift, looked at now and
 * then. With g_k the density at look k of those not stopped before or at it,
 *
 *     g_k(s) = integral of g_{k-1}(u) phi((s - u - drift d) / sqrt d) / sqrt d du
 *
 * where d = I_k - I_{k-1} (Armitage, McPherson and Rowe, JRSS A 1969). It is kept at the nodes of a
 * composite Gauss-Legendre rule: panels of 3 standard deviations of the shorter of the steps before
 * and after, 16 nodes each, out to 12 standard deviations of the score. Relative error about 1e-12,
 * also of probabilities as small as 1e-15. A step takes as many exponentials as there are nodes,
 * times at most 130 (more only if steps are very unequal). */
#ifndef CM_SCORE_DENSITY_H
#define CM_SCORE_DENSITY_H

#include <stddef.h>

struct cm_score_density {
    double info;  /* at the last look; 0 before the first */
    double drift; /* of the score, per unit of information */
    size_t n;
    double *at, *mass; /* owned, in one block: nodes in ascending order, density times weight */
};

/* Before the first look: all mass at 0. */
void cm_score_density_init(struct cm_score_density *d, double drift);
void cm_score_density_release(struct cm_score_density *d);

/* P(not stopped before, and the score at `info` > d->info is >= or <= this). */
double cm_score_density_above(const struct cm_score_density *d, double info, double score);
double cm_score_density_below(const struct cm_score_density *d, double info, double score);

/* Goes on to the look at `info`, where those with low < score < high stay; either may be infinite.
 * The next look is `ahead` more information away; INFINITY if there is none. */
struct cm_score_step {
    double info, low, high, ahead;
};
void cm_score_density_step(struct cm_score_density *d, const struct cm_score_step *step);

#endif
