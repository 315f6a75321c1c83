/* What bake, mde and sample have in common: a canary at one weight, compared with a control. */
#ifndef CM_SOLVE_COMPARED_H
#define CM_SOLVE_COMPARED_H

#include "analysis/solver.h"
#include "sim/stats/event_power.h"

/* What the canary's errors are held against. */
enum cm_compared { CM_COMPARED_STABLE, CM_COMPARED_BASELINE, CM_COMPARED_KNOWN };
extern const char *const cm_compared_names[]; /* NULL-ended */

/* clang-format off */
#define CM_COMPARED_ROWS(T)                                                                        \
    CM_RATE(T, rate, NULL, 1e-6, 1e9, "Requests per second, all versions together."),              \
    CM_PROB(T, weight, NULL, 0, 1, "The canary's share of them."),                                 \
    CM_PROB(T, base, NULL, 0, 1, "Error ratio of a healthy version."),                             \
    CM_PROB(T, alpha, "1%", 1e-9, 0.5, "Chance that a healthy release is rolled back."),           \
    CM_CHOICE(T, control, "stable", cm_compared_names,                                             \
              "What the canary is held against: stable (all the rest of the traffic), baseline "   \
              "(as much as the canary gets) or known (the base rate is known for sure).")
/* clang-format on */

/* What those rows fill. */
struct cm_compared_options {
    double rate, weight, base, alpha;
    int control; /* enum cm_compared */
};

/* A plan with p1 = p0. */
struct cm_event_plan cm_compared_plan(const struct cm_compared_options *o);
/* Rules between the rows. */
int cm_compared_check(const struct cm_compared_options *o, struct cm_err *err);
/* The error ratio that `change` makes of the base; refuses one that is not worse. */
int cm_compared_effect(double base, const struct cm_change *change, double *p1, struct cm_err *err);
/* "at 1 % of 30 rps" */
void cm_compared_say_traffic(const struct cm_compared_options *o, struct cm_writer to);

/* Powers that a table shows beside the one asked for: ascending, `asked` among them. */
enum { CM_COMPARED_POWERS = 6 };
size_t cm_compared_powers(double asked, double powers[CM_COMPARED_POWERS]);

/* How the power was worked out. */
const char *cm_compared_method(const struct cm_compared_options *o);

#endif
