/* How rollouts end, as shares of all replications of one release.
 *
 * A release is detected when the policy rolls it back at or after the onset of its defect; a
 * rollback before there was anything to see is early, luck rather than detection. It is missed when
 * the rollout ends with the defect in traffic: promoted, or stuck there. What is left (paused,
 * superseded, timed out) is in `ends` and nowhere else. */
#include "analysis/measure.h"

typedef bool predicate(const struct cm_outcome *row);

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

static bool missed(const struct cm_outcome *row)
{
    return row->end == CM_PROMOTED || row->end == CM_STUCK;
}

static bool early(const struct cm_outcome *row)
{
    return row->early_rollback;
}

enum { FALSE_ROLLBACK, DETECTION, MISSED, EARLY_ROLLBACK };

static predicate *const predicates[] = {
    [FALSE_ROLLBACK] = rolled_back,
    [DETECTION] = detected,
    [MISSED] = missed,
    [EARLY_ROLLBACK] = early,
};

static void estimate_share(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                           int release, struct cm_estimate *out)
{
    out[0] = share_of(r, policy, release, predicates[self->kind]);
}

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

static const char *const end_names[CM_ENDS + 1] = {
    [CM_PROMOTED] = "promoted",     [CM_ROLLED_BACK] = "rolled_back", [CM_STUCK] = "stuck",
    [CM_SUPERSEDED] = "superseded", [CM_PAUSED] = "paused",           [CM_TIMED_OUT] = "timed_out",
};
_Static_assert(CM_ENDS <= CM_STATISTICS_MAX, "one statistic an end");

const struct cm_measure cm_measure_false_rollback = {
    .name = "false_rollback",
    .summary = "Share of rollouts of a healthy or harmless release that are rolled back.",
    .about = CM_ABOUT_GOOD,
    .type = CM_COLUMN_SHARE,
    .unit = "1",
    .statistics = cm_statistics_share,
    .estimate = estimate_share,
    .kind = FALSE_ROLLBACK,
};

const struct cm_measure cm_measure_detection = {
    .name = "detection",
    .summary = "Share of rollouts of a bad release that are rolled back at or after the onset.",
    .about = CM_ABOUT_BAD,
    .type = CM_COLUMN_SHARE,
    .unit = "1",
    .statistics = cm_statistics_share,
    .estimate = estimate_share,
    .kind = DETECTION,
};

const struct cm_measure cm_measure_missed = {
    .name = "missed",
    .summary =
        "Share of rollouts of a bad release that end with it in traffic: promoted, or stuck.",
    .about = CM_ABOUT_BAD,
    .type = CM_COLUMN_SHARE,
    .unit = "1",
    .statistics = cm_statistics_share,
    .estimate = estimate_share,
    .kind = MISSED,
};

const struct cm_measure cm_measure_early_rollback = {
    .name = "early_rollback",
    .summary = "Share of rollouts of a bad release that are rolled back before the onset.",
    .about = CM_ABOUT_BAD,
    .type = CM_COLUMN_SHARE,
    .unit = "1",
    .statistics = cm_statistics_share,
    .estimate = estimate_share,
    .kind = EARLY_ROLLBACK,
};

const struct cm_measure cm_measure_ends = {
    .name = "ends",
    .summary = "Shares of the ways in which a rollout ends.",
    .about = CM_ABOUT_EACH,
    .type = CM_COLUMN_SHARE,
    .unit = "1",
    .statistics = end_names,
    .estimate = estimate_ends,
};
