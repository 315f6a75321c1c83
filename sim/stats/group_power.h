/* What a group sequential design costs and finds.
 *
 * The design detects a drift with some power; one look with the same alpha and power needs the
 * drift z_alpha + z_beta. As drift grows with the root of the information, the design needs the
 * information (drift / (z_alpha + z_beta))^2 times as much if it never stops early (its inflation),
 * and on average, stopping where it may, the information expected times that. (Jennison and
 * Turnbull 2000, 2.3 and 4.) */
#ifndef CM_GROUP_POWER_H
#define CM_GROUP_POWER_H

#include "sim/stats/group_sequential.h"

/* The drift at which P(some Z_k >= upper_k) is `power`, which lies between that of no drift and 1;
 * NAN if no drift up to 40 has it. */
double cm_group_power_drift(const struct cm_group_plan *plan, const struct cm_group_bounds *at,
                            double power);

struct cm_group_cost {
    double drift, inflation;
    double expected; /* information expected at that drift, in units of what one look needs */
};
struct cm_group_cost cm_group_power_cost(const struct cm_group_plan *plan,
                                         const struct cm_group_bounds *at, double power);

#endif
