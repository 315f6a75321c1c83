/* What was chosen, on fresh seeds and on defects that it was not chosen by, beside the reference.
 */
#ifndef CM_TUNE_VALIDATE_H
#define CM_TUNE_VALIDATE_H

#include "analysis/measure.h"
#include "analysis/tune_play.h"

enum { CM_TUNE_TRIES = 3 * CM_TUNE_RELEASES };

/* A bad release that policies are tried on. */
struct cm_tune_try {
    int release;
    double strength;
    bool held_out; /* nothing was tuned on it */
};

enum cm_tune_player { CM_PLAYER_CHOSEN, CM_PLAYER_REFERENCE, CM_PLAYER_CALIBRATED, CM_PLAYERS };

/* A policy on fresh seeds. */
struct cm_tune_played {
    bool there;
    struct cm_estimate false_rollback; /* of the good release that it happens to most */
    struct cm_estimate time_to_promote;
    struct cm_estimate goal; /* as in the search */
    struct cm_estimate harm[CM_TUNE_TRIES], missed[CM_TUNE_TRIES];
    double *of_goal, *of_try[CM_TUNE_TRIES]; /* owned; one a replication */
    uint64_t n;
};

struct cm_tune_validation {
    uint64_t seed;  /* the fresh one */
    uint64_t n;     /* replications */
    size_t chosen;  /* index of the candidate */
    size_t refused; /* candidates before it that fresh seeds did not confirm */
    bool confirmed; /* the limits are kept on fresh seeds, too */
    int reference;  /* policy; -1 = there is none */
    struct cm_tune_try tries[CM_TUNE_TRIES];
    size_t n_tries;
    struct cm_tune_played played[CM_PLAYERS];
    /* The reference, one option of it moved until it rolls back as many healthy releases as the
     * chosen one. */
    char calibrated[160]; /* "gate.success-rate.min = 99.4%"; "" = it cannot be moved */
    double curse;         /* fresh goal less the search's, in standard errors; NAN = unknown */
};

/* `first` is the rollout's seed for validation. 0, or -1 if the runner stopped. Release it in
 * either case. */
int cm_tune_validate(struct cm_tune_field *f, const struct cm_tuning *t,
                     struct cm_tune_validation *v);
void cm_tune_validation_release(struct cm_tune_validation *v);

/* How many times smaller the harm of the chosen policy is than that of another: on the releases it
 * was tuned on (-1), or on a try. */
struct cm_estimate cm_tune_times_smaller(const struct cm_tune_validation *v,
                                         enum cm_tune_player than, int which);

#endif
