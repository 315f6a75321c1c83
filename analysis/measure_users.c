/* How many users a release reached, and how far the canary's true share was from its weight.
 *
 * Requests overstate and understate at once: one user may meet a hundred failures, or a hundred
 * users one each. A user is exposed if the canary answered a request of theirs, harmed if one
 * failed or was slow because of the defect; both are distinct users of one release.
 *
 * Where users stay with their version a weight of 1 % is not 1 % of the requests. How far it is off
 * is drawn once a release and lasts, so that it does not average out in a look; the deviation is
 * the mean of |share / weight - 1| over the time in which the weight was between 0 and 1. */
#include <math.h>

#include "analysis/measure.h"

enum { EXPOSED, EXPOSED_ROLLOUT, HARMED, HARMED_ROLLOUT, WEIGHT, SHARE, DEVIATION };

static double value_of(const struct cm_outcome *row, int kind)
{
    const double all[] = {
        [EXPOSED] = row->reached.exposed,   [EXPOSED_ROLLOUT] = row->reached_in_rollout.exposed,
        [HARMED] = row->reached.harmed,     [HARMED_ROLLOUT] = row->reached_in_rollout.harmed,
        [WEIGHT] = row->first_weight,       [SHARE] = row->first_share,
        [DEVIATION] = row->share_deviation,
    };
    return all[kind];
}

/* A rollout that never split the traffic has no share. */
static void estimate(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                     int release, struct cm_estimate *out)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    double *values = cm_alloc(((size_t)cell->replications + 1) * sizeof *values);
    size_t n = 0;
    for (uint64_t i = 0; i < cell->replications; i++) {
        double value = value_of(&cell->rows[i], self->kind);
        if (!isnan(value))
            values[n++] = value;
    }
    cm_estimate_spread(values, n, out);
    cm_free(values);
}

static bool has_users(const struct cm_results *r)
{
    return cm_users_given(&r->scenario->users);
}

static bool is_sticky(const struct cm_results *r)
{
    return has_users(r) && r->scenario->users.stickiness != CM_STICKY_NONE;
}

#define USERS(object, said, whom, what, sentence)                                                  \
    const struct cm_measure cm_measure_##object = {                                                \
        .name = said,                                                                              \
        .summary = sentence,                                                                       \
        .about = whom,                                                                             \
        .type = CM_COLUMN_NUMBER,                                                                  \
        .unit = "users",                                                                           \
        .statistics = cm_statistics_spread,                                                        \
        .known = has_users,                                                                        \
        .needs = "[users]",                                                                        \
        .estimate = estimate,                                                                      \
        .kind = what,                                                                              \
    }

USERS(users_exposed, "users.exposed", CM_ABOUT_EACH, EXPOSED,
      "Distinct users of whom the release answered a request.");
USERS(users_exposed_rollout, "users.exposed.rollout", CM_ABOUT_BAD, EXPOSED_ROLLOUT,
      "Distinct users of whom the release answered a request during the rollout.");
USERS(users_harmed, "users.harmed", CM_ABOUT_BAD, HARMED,
      "Distinct users with a request that failed or was slow because of the defect.");
USERS(users_harmed_rollout, "users.harmed.rollout", CM_ABOUT_BAD, HARMED_ROLLOUT,
      "Distinct users harmed during the rollout.");

#define CANARY_SHARE(object, said, what, sentence)                                                 \
    const struct cm_measure cm_measure_##object = {                                                \
        .name = said,                                                                              \
        .summary = sentence,                                                                       \
        .about = CM_ABOUT_EACH,                                                                    \
        .type = CM_COLUMN_SHARE,                                                                   \
        .unit = "1",                                                                               \
        .statistics = cm_statistics_spread,                                                        \
        .known = is_sticky,                                                                        \
        .needs = "[users] stickiness",                                                             \
        .estimate = estimate,                                                                      \
        .kind = what,                                                                              \
    }

CANARY_SHARE(share_weight, "canary_share.weight", WEIGHT, "The first weight of the canary.");
CANARY_SHARE(share_first, "canary_share.first", SHARE,
             "The share of the requests that the canary really got by that weight, at its end.");
CANARY_SHARE(share_deviation, "canary_share.deviation", DEVIATION,
             "Mean distance of the true share from the weight, as a part of the weight.");
