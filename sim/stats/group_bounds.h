/* Boundaries of group sequential designs that keep the type I error.
 *
 * By shape (Wang and Tsiatis, 1987): upper_k = C t_k^(delta - 1/2), with the one C that makes the
 * exits without drift add up to alpha. delta = 1/2 is Pocock (1977), the same z at every look;
 * delta = 0 is O'Brien and Fleming (1979), who hardly stop early. On equally spaced looks C is the
 * constant of Jennison and Turnbull's tables 2.1, 2.3 and 2.9.
 *
 * By spending (Lan and DeMets, 1983): upper_k is where the exit probability at look k is what
 * the spending function adds since the look before. Looks need not be planned, neither when nor how
 * many; information beyond 1 spends no more than alpha. An addition below CM_GROUP_LEAST has no
 * boundary (INFINITY).
 *
 * A one-sided design may have futility boundaries. Non-binding ones do not enter: the error is kept
 * whether they are followed or not. Binding ones, by which a rollout must end, leave less to exit
 * above, and upper_k is lower for it; it never falls below the futility boundary of its look. */
#ifndef CM_GROUP_BOUNDS_H
#define CM_GROUP_BOUNDS_H

#include "sim/stats/group_sequential.h"
#include "sim/stats/score_density.h"
#include "sim/stats/spending.h"

#define CM_GROUP_LEAST 1e-18

/* Writes plan->looks boundaries and returns C; delta in [-10, 10]. */
double cm_group_bounds_shape(const struct cm_group_plan *plan, double delta, double *upper);

/* Writes plan->looks boundaries. `binding` are lower boundaries of a one-sided plan, one a look
 * (-INFINITY: none), or NULL. */
void cm_group_bounds_spend(const struct cm_group_plan *plan, const struct cm_spending *spending,
                           const double *binding, double *upper);

/* The alpha of all sides that is spent at each look and before it. */
void cm_group_bounds_spent(const struct cm_group_plan *plan, const struct cm_spending *spending,
                           double *spent);

/* The z above which lies this exit probability at a look; the step by which designs are made. */
double cm_group_bounds_exit_z(const struct cm_score_density *density, double info, double prob);

#endif
