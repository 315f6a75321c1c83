/* Every outcome of two small strata, with its probability: are e-values fair bets?
 *
 * Error probabilities of the arms may differ from stratum to stratum, which is drift. */
#ifndef TWO_STRATA_H
#define TWO_STRATA_H

#include <math.h>
#include <stddef.h>

#include "sim/stats/point_mass.h"
#include "sim/stats/share_limit.h"

struct two_strata {
    uint64_t n0[2], n1[2];
    double p0[2], p1[2];
};

/* ln E after the first n strata. */
typedef double strata_log_e(const struct cm_two_counts *strata, size_t n, const void *context);

static inline double strata_chance(uint64_t x, uint64_t n, double p)
{
    return exp(cm_point_mass_binomial((double)x, (double)(n - x), p, 1 - p));
}

/* The mean of E after stratum k (0 or 1), over its outcomes; the other is as it is. */
static inline double strata_next_mean(const struct two_strata *w, size_t k,
                                      struct cm_two_counts *strata, strata_log_e *log_e,
                                      const void *context)
{
    double sum = 0;
    struct cm_two_counts *c = &strata[k];
    *c = (struct cm_two_counts){.n0 = w->n0[k], .n1 = w->n1[k]};
    for (c->x0 = 0; c->x0 <= c->n0; c->x0++)
        for (c->x1 = 0; c->x1 <= c->n1; c->x1++)
            sum += strata_chance(c->x0, c->n0, w->p0[k]) * strata_chance(c->x1, c->n1, w->p1[k]) *
                   exp(log_e(strata, k + 1, context));
    return sum;
}

/* The largest factor by which the mean of E grows in one stratum, whatever happened before: 1 or
 * less makes it an e-process. */
static inline double strata_worst_growth(const struct two_strata *w, strata_log_e *log_e,
                                         const void *context)
{
    struct cm_two_counts strata[2];
    double worst = strata_next_mean(w, 0, strata, log_e, context);
    struct cm_two_counts *c = &strata[0];
    *c = (struct cm_two_counts){.n0 = w->n0[0], .n1 = w->n1[0]};
    for (c->x0 = 0; c->x0 <= c->n0; c->x0++)
        for (c->x1 = 0; c->x1 <= c->n1; c->x1++) {
            double now = exp(log_e(strata, 1, context));
            worst = fmax(worst, strata_next_mean(w, 1, strata, log_e, context) / now);
        }
    return worst;
}

#endif
