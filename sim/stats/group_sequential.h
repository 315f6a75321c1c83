/* Looking at a statistic a planned number of times: what boundaries do.
 *
 * Z_k is standardised and known at information I_k, where t_k = I_k / I_max is the share of what
 * was planned: Z_k ~ N(drift sqrt t_k, 1), Cov(Z_j, Z_k) = sqrt(I_j / I_k), and drift = theta
 * sqrt(I_max) is the mean of Z when all information is in. A rollout ends at the first look with
 * Z_k >= upper_k (the canary is worse) or Z_k <= lower_k (futility, or the other side). For two
 * shares under a ramping weight Z is the stratified score (strata.h), and a stratum brings the
 * information n0 n1 p q / (n0 + n1).
 *
 * Assumes that Z is normal and that the looks do not depend on what was seen. Source: Jennison and
 * Turnbull, Group Sequential Methods (2000), 19. */
#ifndef CM_GROUP_SEQUENTIAL_H
#define CM_GROUP_SEQUENTIAL_H

#include <stddef.h>

#include "sim/base/err.h"

#define CM_GROUP_LOOKS 1000
/* Looks that are closer than this share of all information count as one, the first of them: the
 * second has the same boundary and no exits. */
#define CM_GROUP_CLOSE 1e-5

struct cm_group_plan {
    size_t looks; /* 1 to CM_GROUP_LOOKS */
    const double
        *info;    /* t_k > 0, ascending, finite; borrowed. May pass 1: more came than planned */
    double alpha; /* type I error of all sides together: above 0, at most 0.5 a side */
    int sides;    /* 1: only upper boundaries; 2: |Z_k| >= upper_k */
};
/* Is the plan one? What is wrong with it is said in words; the functions that take plans assert. */
int cm_group_sequential_check(const struct cm_group_plan *plan, struct cm_err *err);

/* The look after this one that counts; plan->looks after the last. */
size_t cm_group_sequential_next(const struct cm_group_plan *plan, size_t look);
/* The information between the two, INFINITY after the last. */
double cm_group_sequential_ahead(const struct cm_group_plan *plan, size_t look);

/* Boundaries on the scale of Z, one a look. */
struct cm_group_bounds {
    const double *upper; /* borrowed; INFINITY: none at this look */
    const double *lower; /* borrowed; -INFINITY: none at this look; NULL: none at all */
};

/* P(the end is look k, at this side); the caller's memory, one a look. */
struct cm_group_exits {
    double *upper, *lower;
    double info; /* expected at the end: those who never end stay until the last look */
};
/* Of the plan only the looks matter here. lower <= upper at every look. */
void cm_group_sequential_exits(const struct cm_group_plan *plan, const struct cm_group_bounds *at,
                               double drift, struct cm_group_exits *exits);

/* P(some Z_k >= upper_k | drift); the same boundaries. */
double cm_group_sequential_power(const struct cm_group_plan *plan, const struct cm_group_bounds *at,
                                 double drift);

/* The type I error of testing at `looks` equally spaced looks with the same critical z >= 0 (e.g.
 * 1.96), one- or two-sided. NAN out of range. */
double cm_group_sequential_repeated(size_t looks, double z, int sides);

#endif
