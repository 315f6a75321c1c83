/* A one-sided design with both errors spent: exits for harm above, for futility below.
 *
 * At look k the upper boundary spends alpha(t_k) - alpha(t_{k-1}) without drift, and the lower one
 * beta(t_k) - beta(t_{k-1}) under the drift that the design is made for. At the last look the two
 * meet, and the drift is the one for which what is left of beta is just used up: so the design
 * detects it with power 1 - beta (Pampallona, Tsiatis and Kim 2001). Non-binding lower boundaries
 * leave the upper ones as they are without them; binding ones lower them. A lower boundary never
 * passes the upper one of its look. */
#ifndef CM_BETA_SPENDING_H
#define CM_BETA_SPENDING_H

#include <stdbool.h>

#include "sim/stats/group_sequential.h"
#include "sim/stats/spending.h"

struct cm_beta_spending {
    struct cm_group_plan plan;      /* one-sided; its last information is 1 */
    struct cm_spending alpha, beta; /* how the errors are spent */
    double type2;                   /* beta, above 0, below 1 - alpha */
    bool binding;
};

/* Writes the boundaries, plan.looks each, and returns the drift; NAN if no drift up to 40 does. */
double cm_beta_spending_design(const struct cm_beta_spending *design, double *upper, double *lower);

#endif
