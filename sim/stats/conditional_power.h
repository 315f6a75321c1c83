/* Will it still become significant, given what was seen so far?
 *
 * With Z at the share t of the information, B = Z sqrt(t) is a Brownian motion; the rest adds
 * N(theta (1 - t), 1 - t), and the end is reached above c if B(1) >= c:
 *
 *     Q((c - Z sqrt t - theta (1 - t)) / sqrt(1 - t))
 *
 * theta is the drift: what was planned for, or B / t, the current trend. (Lan and Wittes,
 * Biometrics 1988.) Assumes no further boundary before the end. */
#ifndef CM_CONDITIONAL_POWER_H
#define CM_CONDITIONAL_POWER_H

struct cm_conditional_power {
    double b_value;
    double planned, trend; /* power under the planned drift, under the current trend */
};

/* 0 < t < 1; NAN for others. */
struct cm_conditional_power cm_conditional_power_of(double t, double z, double bound, double drift);

#endif
