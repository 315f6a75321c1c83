/* How rollouts end, as shares of all replications of one release.
 *
 * A release is detected when the policy rolls it back at or after the onset of its defect; a
 * rollback before there was anything to see is early, luck rather than detection. It is missed when
 * the rollout ends with the defect in traffic: promoted, or stuck there. What is left (paused,
 * superseded, timed out) is in `ends` and nowhere else. */
#include "analysis/measure.h"

typedef bool predicate(const struct cm_outcome *row);

/* The rows of a release for which something holds, of all. */
static struct cm_estimate share_of(const struct cm_results *r, size_t policy, int release,
                                   predicate *holds)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    uint64_t x = 0;
    for (uint64_t i = 0; i < cell->replications; i++)
        x += holds(&cell->rows[i]);
    return cm_estimate_share(x, cell->replications);
}

static bool rolled_back(const struct cm_outcome *row)
{
    return row->end == CM_ROLLED_BACK;
}

static bool detected(const struct cm_outcome *row)
{
    return row->detected;
}

static bool early(const struct cm_outcome *row)
{
    return row->early_rollback;
}

enum { FALSE_ROLLBACK, DETECTION, MISSED, EARLY_ROLLBACK };

static predicate *const predicates[] = {
    [FALSE_ROLLBACK] = rolled_back,
    [DETECTION] = detected,
    [MISSED] = cm_outcome_missed,
    [EARLY_ROLLBACK] = early,
};

static void estimate_share(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                           int release, struct cm_estimate *out)
{
    out[0] = share_of(r, policy, release, predicates[self->kind]);
}

/* Six shares of one whole; each has the interval it would have alone. */
static void estimate_ends(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                          int release, struct cm_estimate *out)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    uint64_t ends[CM_ENDS] = {0};
    (void)self;
    for (uint64_t i = 0; i < cell->replications; i++)
        ends[cell->rows[i].end]++;
    for (int end = 0; end < CM_ENDS; end++)
        out[end] = cm_estimate_share(ends[end], cell->replications);
}

_Static_assert(CM_ENDS <= CM_STATISTICS_MAX, "one statistic an end");

#define SHARE(object, whom, which, sentence)                                                       \
    const struct cm_measure cm_measure_##object = {                                                \
        .name = #object,                                                                           \
        .summary = sentence,                                                                       \
        .about = whom,                                                                             \
        .type = CM_COLUMN_SHARE,                                                                   \
        .unit = "1",                                                                               \
        .statistics = cm_statistics_share,                                                         \
        .estimate = estimate_share,                                                                \
        .kind = which,                                                                             \
    }

/* What an operator calls a false alarm. A harmless defect is one that nobody minds. */
SHARE(false_rollback, CM_ABOUT_GOOD, FALSE_ROLLBACK,
      "Share of rollouts of a healthy or harmless release that are rolled back.");

/* The power of the policy: one point of its operating characteristic. */
SHARE(detection, CM_ABOUT_BAD, DETECTION,
      "Share of rollouts of a bad release that are rolled back at or after the onset.");

/* Not one minus detection: a paused or timed-out rollout is neither. */
SHARE(missed, CM_ABOUT_BAD, MISSED,
      "Share of rollouts of a bad release that end with it in traffic: promoted, or stuck.");

/* By chance, or by a gate that fires at everything: see false_rollback. */
SHARE(early_rollback, CM_ABOUT_BAD, EARLY_ROLLBACK,
      "Share of rollouts of a bad release that are rolled back before the onset.");

const struct cm_measure cm_measure_ends = {
    .name = "ends",
    .summary = "Shares of the ways in which a rollout ends.",
    .about = CM_ABOUT_EACH,
    .type = CM_COLUMN_SHARE,
    .unit = "1",
    .statistics = cm_end_names, /* they are the ends */
    .estimate = estimate_ends,
};
