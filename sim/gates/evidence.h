/* What gates that hold at every look have in common: options, strata, and the verdict.
 *
 * Such a gate keeps an e-process E, whose mean never rises if the canary is not worse, and fails at
 * the first look with E >= 1 / alpha, for good: P(that it ever does) <= alpha (Ville 1939).
 *
 * evidence = step forgets at each step. Unless alpha_per = step, the k-th step then has alpha / (k
 * (k + 1)) of it, which adds up to alpha however many there are; e-values and p-values for others
 * to combine are worth that part (the sum of E_k / (k (k + 1)) is an e-process of the release). A
 * dispersion D > 1, for errors in clusters, takes E^(1/D): a smaller bet, still fair (Jensen), but
 * how much clusters need of it is the user's word. */
#ifndef CM_GATE_EVIDENCE_H
#define CM_GATE_EVIDENCE_H

#include "sim/gates/gate.h"

/* Options of such a gate begin with these, its state with the other. */
struct cm_evidence_options {
    struct cm_ref metric;
    double alpha;
    int evidence, alpha_per; /* enum cm_evidence_per */
    double dispersion;
};
enum cm_evidence_per { CM_PER_RELEASE, CM_PER_STEP };
extern const char *const cm_evidence_pers[]; /* NULL-ended */

struct cm_evidence_state {
    struct cm_two_counts counts; /* behind the evidence */
    double most;                 /* the largest log E so far, at looks; starts at 0: E = 1 */
    uint64_t steps;              /* that ended with evidence in them */
    double log_part;             /* ln of the part of alpha that the step under way has */
};

/* Rows of the table of parameters, in parts: not every gate has all of them. */
#define CM_EVIDENCE_ALPHA                                                                          \
    CM_PROB(struct cm_evidence_options, alpha, "1%", 1e-9, 0.5,                                    \
            "Chance of ever failing a release that is not worse, at most, at any number of "       \
            "looks.")
#define CM_EVIDENCE_KEPT                                                                           \
    CM_CHOICE(struct cm_evidence_options, evidence, "release", cm_evidence_pers,                   \
              "Whether evidence is kept over the steps of a release or begins anew at each.")
#define CM_EVIDENCE_ALPHA_PER                                                                      \
    CM_CHOICE(struct cm_evidence_options, alpha_per, "release", cm_evidence_pers,                  \
              "With evidence = step: whether alpha is shared by the steps (1/2, 1/6, 1/12 ... of " \
              "it) or each step has all of it.")
#define CM_EVIDENCE_DISPERSION                                                                     \
    CM_NUMBER(struct cm_evidence_options, dispersion, "1", 1, 1000,                                \
              "Variance over mean of error counts, if errors come in clusters; log evidence is "   \
              "divided by it.")

/* Rules that such gates speak by; each has its own sentences for them. */
enum cm_evidence_rule {
    CM_EVIDENCE_FINE,
    CM_EVIDENCE_WORSE,
    CM_EVIDENCE_NOTHING, /* no data */
    CM_EVIDENCE_BROKEN,  /* error */
    /* Of those that can find a release healthy: */
    CM_EVIDENCE_ENOUGH, /* a decisive pass */
    CM_EVIDENCE_NOT_YET /* undecided */
};
#define CM_EVIDENCE_NO_ARM "an arm has answered no request"
#define CM_EVIDENCE_SILENT "the monitor did not answer"

/* A check of options: alpha_per = step without evidence = step is refused. */
int cm_evidence_check(const void *options, struct cm_err *err);
/* A check_metrics and needs of those that compare errors of both arms. */
int cm_evidence_check_metrics(const void *options, const struct cm_gate_metrics *metrics,
                              struct cm_err *err);
struct cm_needs cm_evidence_needs(const void *options);

/* Whether a new step has to forget; the caller's own part of the state is then its to reset. */
bool cm_evidence_new_step(const struct cm_evidence_options *o, struct cm_evidence_state *st);

/* The i-th new stratum and on, counted; false after the last. Under evidence = step what was
 * answered before the step is passed over. i starts at 0. */
bool cm_evidence_next(const struct cm_evidence_options *o, struct cm_evidence_state *st,
                      const struct cm_look *look, size_t *i, struct cm_two_counts *stratum);

/* The part of alpha that the step (or release) under way has. */
double cm_evidence_alpha(const struct cm_evidence_options *o, const struct cm_evidence_state *st);

/* What a gate knows at a look. */
struct cm_evidence_now {
    double log_e, limit;   /* ln E, and where it fails */
    bool alone;            /* no control is needed */
    bool enough, wait_for; /* evidence of health is there; a pass waits for it */
};
struct cm_verdict cm_evidence_judge(struct cm_evidence_state *st, const struct cm_look *look,
                                    const struct cm_evidence_now *now);

#endif
