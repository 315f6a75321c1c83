/* What gates that test for one look share: whose counts they take, how much of alpha is left for a
 * look, and what is too thin to be tested.
 *
 * A p-value is meant for one look. alpha is divided equally (Bonferroni) among the looks and among
 * the gates that are asked: some look of some gate then fails a healthy release with probability
 * alpha at most. Holm's method would fail the same releases: its first step is Bonferroni's, and
 * one failed look is enough here. */
#ifndef CM_ONE_LOOK_H
#define CM_ONE_LOOK_H

#include "sim/gates/gate.h"

/* Counts added up since the step or the release began, or those of the metric's window. */
enum cm_one_look_evidence { CM_OF_STEP, CM_OF_RELEASE, CM_OF_WINDOW };
extern const char *const cm_one_look_evidences[]; /* NULL-ended, as are the two below */
extern const char *const cm_one_look_sums[];      /* without the window */

/* The options of every such gate: a member `f` of its struct options T. */
struct cm_one_look {
    double alpha;
    int evidence; /* enum cm_one_look_evidence */
    uint64_t looks, alpha_over, min_requests, min_errors;
};

/* clang-format off */
#define CM_ONE_LOOK_ROW(T, f, name, ctype, type, dflt, min, max, domain, help)                     \
    {#name, &(type), CM_AT(T, f.name, ctype), dflt, min, max, domain, help}
/* clang-format on */
#define CM_ONE_LOOK_PARAMS(T, f, dflt_alpha, alpha_is, dflt_evidence, evidences)                   \
    CM_ONE_LOOK_ROW(T, f, alpha, double, cm_type_prob, dflt_alpha, 1e-9, 0.5, NULL, alpha_is),     \
        CM_ONE_LOOK_ROW(T, f, evidence, int, cm_type_choice, dflt_evidence, 0, 0, evidences,       \
                        "Whether counts are added up since the step or since the release began, "  \
                        "or read from the window; crude sums over a ramp confuse drift with a "    \
                        "defect (Simpson's paradox)."),                                            \
        CM_ONE_LOOK_ROW(T, f, looks, uint64_t, cm_type_count, "1", 1, 1e6, NULL,                   \
                        "How many looks alpha is divided among (Bonferroni); 1 tests every look "  \
                        "as if it were the only one."),                                            \
        CM_ONE_LOOK_ROW(T, f, alpha_over, uint64_t, cm_type_count, "1", 1, 1000, NULL,             \
                        "How many gates or metrics alpha is divided among, besides."),             \
        CM_ONE_LOOK_ROW(T, f, min_requests, uint64_t, cm_type_count, "100", 0, 1e12, NULL,         \
                        "Fewer requests of the canary leave the look undecided.")
#define CM_ONE_LOOK_MIN_ERRORS(T, f)                                                               \
    CM_ONE_LOOK_ROW(T, f, min_errors, uint64_t, cm_type_count, "0", 0, 1e12, NULL,                 \
                    "With fewer errors in both arms together the gate does not object.")

/* Their rules; a gate says what the first two mean. */
enum cm_one_look_rule {
    CM_ONE_FINE,
    CM_ONE_WORSE,
    CM_ONE_TOO_FEW,
    CM_ONE_FEW_ERRORS,
    CM_ONE_NOTHING,
    CM_ONE_BROKEN
};
/* clang-format off */
#define CM_ONE_LOOK_RULES(fine, worse)                                                             \
    {[CM_ONE_FINE] = fine, [CM_ONE_WORSE] = worse,                                                 \
     [CM_ONE_TOO_FEW] = "the canary has answered too few requests",                                \
     [CM_ONE_FEW_ERRORS] = "there are too few errors to object",                                   \
     [CM_ONE_NOTHING] = "an arm has answered no request",                                          \
     [CM_ONE_BROKEN] = "the monitor did not answer",                                               \
     NULL}
/* clang-format on */

struct cm_needs cm_one_look_needs(const struct cm_one_look *o);

/* What p is held against at every look. */
double cm_one_look_alpha(const struct cm_one_look *o);

/* Brings the counts up to this look: adds what is new (under evidence = step not what was answered
 * before the step), or replaces them by the window's. */
void cm_one_look_add(const struct cm_one_look *o, const struct cm_look *look,
                     struct cm_two_counts *counts);

/* What keeps the counts from being tested, or CM_ONE_FINE. */
enum cm_one_look_rule cm_one_look_obstacle(const struct cm_one_look *o, const struct cm_look *look,
                                           const struct cm_two_counts *counts);

/* p (small = the canary is worse) against its share of alpha, unless an obstacle is there. */
struct cm_verdict cm_one_look_judge(const struct cm_one_look *o, const struct cm_look *look,
                                    const struct cm_two_counts *counts, double p);

#endif
