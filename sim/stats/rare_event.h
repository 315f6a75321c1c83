/* Estimating rare ends by simulation: what importance sampling and splitting have to give. */
#ifndef CM_RARE_EVENT_H
#define CM_RARE_EVENT_H

#include <stddef.h>
#include <stdint.h>

/* P(Bin(n, p) >= k) estimated under q instead of p by 1{X >= k} (p/q)^X ((1-p)/(1-q))^(n-X): the
 * exact moments of one sample (Asmussen and Glynn, Stochastic Simulation, 2007, VI). */
struct cm_tilt {
    double prob;              /* what is estimated */
    double theta;             /* q = p e^theta / (1 - p + p e^theta) */
    double relative_variance; /* Var / prob^2 */
    double gain;              /* variance of plain sampling over this one's */
};
/* p and q in (0, 1); NAN for others. Time grows with n - k. */
struct cm_tilt cm_rare_event_binomial_tilt(uint64_t n, double p, uint64_t k, double q);

/* A walk from 0 in steps +1 with probability p, else -1, until +upper or -lower (Feller 1968,
 * XIV). 0 < p < 1, bounds >= 1; NAN for others. */
struct cm_ruin {
    double upper, steps; /* P(+upper first), expected number of steps */
};
struct cm_ruin cm_rare_event_gamblers_ruin(double p, uint64_t lower, uint64_t upper);

/* Splitting with n runs started at every level, levels independent, with probability p_i of
 * reaching the next: Var / prob^2 = product (1 + (1 - p_i) / (n p_i)) - 1 (Garvels 2000). n >= 1,
 * p_i in (0, 1]; NAN for others. */
struct cm_splitting {
    double prob, relative_variance;
};
struct cm_splitting cm_rare_event_splitting(const double *level, size_t levels, uint64_t n);

#endif
