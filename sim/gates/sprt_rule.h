/* What SPRTs of any likelihood ratio have in common: two limits, and what an acceptance means. */
#ifndef CM_GATE_SPRT_RULE_H
#define CM_GATE_SPRT_RULE_H

#include "sim/gates/evidence.h"

/* Options of such a gate begin with these, its state with the other. */
struct cm_sprt_rule {
    struct cm_evidence_options common;
    double beta;
    int limits;     /* enum cm_sprt_rule_limits */
    int after_pass; /* enum cm_sprt_rule_after */
    bool pass_needs_evidence;
};
enum cm_sprt_rule_limits { CM_SPRT_VILLE, CM_SPRT_WALD };
enum cm_sprt_rule_after { CM_SPRT_GO_ON, CM_SPRT_FINISH };
extern const char *const cm_sprt_rule_limits[], *const cm_sprt_rule_afters[]; /* NULL-ended */

struct cm_sprt_rule_state {
    struct cm_evidence_state common;
    double log_ratio;
    bool finished; /* an accepted release that nobody looks at any more */
};

#define CM_SPRT_RULE_BETA                                                                          \
    CM_PROB(                                                                                       \
        struct cm_sprt_rule, beta, "10%", 1e-9, 0.5,                                               \
        "Chance of accepting a release that is as bad as the test expects a bad one, at most; "    \
        "an acceptance lets the policy move on early.")
#define CM_SPRT_RULE_LIMITS                                                                        \
    CM_CHOICE(struct cm_sprt_rule, limits, "ville", cm_sprt_rule_limits,                           \
              "The evidence at which it fails: 1/alpha, a bound that always holds (ville), or "    \
              "(1-beta)/alpha, a little sooner and about right (wald).")
#define CM_SPRT_RULE_AFTER                                                                         \
    CM_CHOICE(struct cm_sprt_rule, after_pass, "go_on", cm_sprt_rule_afters,                       \
              "Whether an accepted release is watched further, so that what comes later takes it " \
              "back, or has passed for good.")
#define CM_SPRT_RULE_WAIT                                                                          \
    CM_FLAG(struct cm_sprt_rule, pass_needs_evidence, "no",                                        \
            "Whether a look before the acceptance is undecided rather than a pass.")

/* A check of options. */
int cm_sprt_rule_check(const void *options, struct cm_err *err);
size_t cm_sprt_rule_state_size(const void *options, size_t n_edges);
void cm_sprt_rule_new_step(const void *options, void *state);

/* cm_evidence_next, but false once the test has finished. */
bool cm_sprt_rule_next(const struct cm_sprt_rule *o, struct cm_sprt_rule_state *st,
                       const struct cm_look *look, size_t *i, struct cm_two_counts *stratum);
/* `alone`: no control is needed. */
struct cm_verdict cm_sprt_rule_judge(const struct cm_sprt_rule *o, struct cm_sprt_rule_state *st,
                                     const struct cm_look *look, bool alone);

#endif
