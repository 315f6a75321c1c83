/* The value of a gate's option at which a policy rolls healthy releases back as often as asked.
 *
 * The rate of false rollbacks is a monotone step function of the option that a gate calls its
 * `tunable` when every value meets the same replications (common random numbers). So the last value
 * at or below the asked rate is found by bisection, for every gate and every policy, whatever a
 * fail leads to (hold, count, early promotion). Where a fail's sole effect is a rollback this is
 * the quantile of the running extremum of the statistic, by another way. On a lattice the rate
 * jumps: what is found is the largest attainable rate below the asked one, and the next above it is
 * said, too.
 *
 * Limits of the value are those of a quantile: between the values at which the count of false
 * rollbacks crosses n rate -+ 1.96 sqrt(n rate (1 - rate)) (Conover 1999, 3.2). */
#ifndef CM_CALIBRATE_H
#define CM_CALIBRATE_H

#include <stdbool.h>

#include "analysis/smallest.h"

struct cm_calibrate {
    const struct cm_scenario *scenario; /* borrowed, like the runner's self */
    int policy, gate;                   /* indices; gate -1: the option is the policy's own */
    const struct cm_param *row;         /* the option that is moved */
    double rate;                        /* of false rollbacks, in (0, 1) */
    struct cm_runner runner;
};

/* Whether the option's own value, or its row, says where to search. */
bool cm_calibrate_has_range(const struct cm_calibrate *ask);

/* One value tried. Values are in the unit of the option's type: 1, s, a count. */
struct cm_tried {
    double value;
    uint64_t x, n; /* false rollbacks among replications of the healthy release */
};

enum cm_calibrated {
    CM_CALIBRATED_FOUND,
    CM_CALIBRATED_ALWAYS, /* no value exceeds the rate: `found` is the value that fails most */
    CM_CALIBRATED_NEVER   /* every value exceeds it: `found` is the value that fails least */
};

#define CM_CALIBRATE_DEFECTS 16 /* of which detection is said; others are left out */

struct cm_calibration {
    enum cm_calibrated how;
    bool rises;                               /* a larger value rolls back more */
    struct cm_tried found, next;              /* at or below the rate; the nearest above it */
    double low, high;                         /* of the value, 95 % */
    struct cm_tried fresh;                    /* the found value on other seeds */
    double detected[2][CM_CALIBRATE_DEFECTS]; /* by defect: on other seeds, as written; at the found
                                                 value */
    /* Values as a user would write them. */
    struct {
        char found[40], next[40], low[40], high[40];
    } text;
};

/* The option of a gate that can be moved: `name`, a number of any kind with a range, or if NULL the
 * one that the gate calls its tunable. NULL if there is none. */
const struct cm_param *cm_calibrate_row(const struct cm_gate *gate, const char *name);
/* The same of a controller, which calls none its own: Flagger's threshold. */
const struct cm_param *cm_calibrate_policy_row(const struct cm_controller *controller,
                                               const char *name);
/* "gate.success.min", "policy.flagger.threshold" */
void cm_calibrate_name(const struct cm_calibrate *ask, struct cm_writer to);

/* 0, or -1 if the runner stopped. */
int cm_calibrate(const struct cm_calibrate *c, struct cm_calibration *result);

#endif
