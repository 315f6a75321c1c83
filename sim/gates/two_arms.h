/* What gates of two error ratios add up over looks: crude counts, and the same stratum by stratum.
 *
 * Crude sums compare epochs as soon as the weight changes while the common error rate drifts
 * (Simpson's paradox). By strata, the difference is the mean of the differences within strata,
 * weighted with n0 n1 / N, the best weights for a common one (Mantel and Haenszel):
 *
 *     d = sum (x1 n0 - x0 n1) / N  /  sum n0 n1 / N
 *
 * and its variance that of the hypergeometric laws (strata.h) by the square of the weights' sum. */
#ifndef CM_TWO_ARMS_H
#define CM_TWO_ARMS_H

#include "sim/gates/evidence.h"
#include "sim/gates/gate.h"
#include "sim/stats/mixture_sprt.h"
#include "sim/stats/strata.h"

/* Starts as {0}. */
struct cm_two_arms {
    struct cm_two_counts crude;
    struct cm_strata strata;
    double weight;  /* sum of n0 n1 / N: the information, but for the error rate */
    uint64_t steps; /* that ended with evidence in them */
};

/* How arms are compared. */
enum cm_pooling { CM_BY_STRATA, CM_CRUDE };
extern const char *const cm_pooling_names[];

/* Adds what is new of the first signal; with `own_step` only what the step's own requests are. */
void cm_two_arms_add(struct cm_two_arms *a, const struct cm_look *look, bool own_step);
/* Forgets, at a new step. */
void cm_two_arms_forget(struct cm_two_arms *a);

/* The canary's error ratio less the control's; variance 0 while nothing can be said. */
struct cm_difference cm_two_arms_difference(const struct cm_two_arms *a, int pooling);

/* Of alpha, what the step under way has where each step is tested anew: 1/2, 1/6, 1/12 ... of it,
 * which adds up to alpha however many there are. */
double cm_two_arms_alpha(const struct cm_two_arms *a, double alpha);

/* The arms' counts into the evidence of a verdict. */
void cm_two_arms_show(const struct cm_two_arms *a, struct cm_verdict *v);

/* Rows of the options that most of them have. */
#define CM_EVIDENCE_ROW(T, dflt)                                                                   \
    CM_CHOICE(                                                                                     \
        T, evidence, dflt, cm_evidence_pers,                                                       \
        "Whether evidence is kept over the steps of a release or begins anew at each, which "      \
        "then has 1/2, 1/6, 1/12 ... of alpha.")
#define CM_POOLING_ROW(T, dflt)                                                                    \
    CM_CHOICE(                                                                                     \
        T, pooling, dflt, cm_pooling_names,                                                        \
        "Whether arms are compared within strata (between looks, at one weight) or by crude "      \
        "sums, as experiment platforms do; over a ramp, crude confuses drift with a defect "       \
        "(Simpson's paradox).")
#define CM_DISPERSION_ROW(T)                                                                       \
    CM_NUMBER(T, dispersion, "1", 1, 1000,                                                         \
              "Variance over mean of error counts, if errors come in clusters; variances are "     \
              "multiplied by it.")
#define CM_METRICS_ROW(T)                                                                          \
    CM_COUNT(T, alpha_over, "1", 1, 1e6,                                                           \
             "How many metrics share alpha: each gate has alpha divided by this (Bonferroni).")
#define CM_MIN_ERRORS_ROW(T, dflt)                                                                 \
    CM_COUNT(T, min_errors, dflt, 0, 1e12,                                                         \
             "With fewer errors in both arms together the gate does not object.")

#endif
