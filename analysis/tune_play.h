/* Candidates as scenarios: what a search, a validation and a report of tuning play. */
#ifndef CM_TUNE_PLAY_H
#define CM_TUNE_PLAY_H

#include "analysis/smallest.h"
#include "analysis/tune.h"
#include "analysis/tune_section.h"
#include "sim/scenario/marks.h"

enum { CM_TUNE_FAMILIES = 16 };

/* Everything is borrowed but the texts of `reason`. */
struct cm_tune_field {
    const struct cm_load *load;
    const struct cm_marks *marks;
    const struct cm_scenario *middle; /* the candidate with every mark in its middle */
    const struct cm_tune_options *options;
    struct cm_results results;      /* of `middle`, without rows: priors, prices, names */
    int families[CM_TUNE_FAMILIES]; /* the policies that are tuned */
    size_t n_families;
    int good[CM_TUNE_RELEASES], bad[CM_TUNE_RELEASES]; /* releases played: -1 = healthy */
    double weight[CM_TUNE_RELEASES];                   /* of bad ones, adding to 1 */
    int n_good, n_bad;
    struct cm_runner runner;
    struct cm_buffer reason; /* why the first broken candidate is none; owned */
};

/* Which policies are tuned (`policy` = an index, or -1 = all with marks) and on which releases. 0,
 * or -1 with the reason. Release it in either case. */
int cm_tune_field_init(struct cm_tune_field *f, int policy, struct cm_err *err);
void cm_tune_field_release(struct cm_tune_field *f);

/* The limits of [tune], for the releases of the field. */
struct cm_tune_limits cm_tune_limits_of(const struct cm_tune_field *f);

/* Whether a mark has a say in what the policy does, in this scenario. */
bool cm_tune_concerns(const struct cm_scenario *s, const struct cm_mark *mark, int policy);

/* Loads a candidate, with more --set options (NULL-ended, or NULL). As cm_scenario_load. */
int cm_tune_load(const struct cm_tune_field *f, const struct cm_candidate *c,
                 const char *const *more, struct cm_scenario *s, struct cm_diags *diags);

/* For struct cm_tune. */
int cm_tune_play(void *field, struct cm_candidate *const *list, size_t n, uint64_t upto);
void cm_tune_settle(void *field, struct cm_candidate *c);

/* The rows of replication i, good releases first, as one trial. */
struct cm_trial cm_tune_trial(const struct cm_tune_field *f, const struct cm_outcome *const *rows,
                              uint64_t i);
/* How much a row of a bad release counts, in the goal's own unit (costs: any release). */
double cm_tune_harm(const struct cm_tune_field *f, const struct cm_outcome *row, int release);

#endif
