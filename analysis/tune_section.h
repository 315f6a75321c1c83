/* [tune]: what is tuned for, and within which limits. */
#ifndef CM_TUNE_SECTION_H
#define CM_TUNE_SECTION_H

#include "analysis/results.h"

enum cm_tune_goal {
    CM_GOAL_REQUESTS,
    CM_GOAL_FAILURES,
    CM_GOAL_SLOW,
    CM_GOAL_KPI,
    CM_GOAL_COST,
    CM_GOALS
};
extern const char *const cm_tune_goal_names[CM_GOALS + 1]; /* measures; NULL-ended */

enum cm_tune_weights { CM_WEIGHTS_EQUAL, CM_WEIGHTS_PRIORS };

struct cm_tune_options {
    int minimise;            /* enum cm_tune_goal */
    int weights;             /* enum cm_tune_weights */
    double false_rollback;   /* limits: at most; NAN = none */
    double missed;           /* likewise */
    cm_time time_to_promote; /* likewise; CM_NO_DURATION = none */
    struct cm_ref reference; /* the policy to compare with; index -1 = the first untuned one */
    const char *calibrate;   /* the reference's option that is moved; NULL = its gates' own */
    struct cm_refs holdout;  /* defects that nothing is tuned on */
    uint64_t start, round;   /* candidates */
    uint64_t validation;     /* replications on fresh seeds */
};

extern const struct cm_section cm_tune_section;

#endif
