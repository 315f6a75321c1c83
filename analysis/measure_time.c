/* How long things take.
 *
 * Detection competes with promotion: its curve is a cumulative incidence (Aalen and Johansen 1978),
 * in which promoted, stuck, superseded and paused rollouts, and those rolled back before the onset,
 * will never be detected, and only a rollout that the horizon cut off might have been. Without the
 * latter it is the plain share detected by then. Its end is the detection rate; a quantile above
 * that is not reached, and one minus Kaplan-Meier with the promoted as censored would say
 * otherwise.
 *
 * Mitigation has no competitor, only the horizon: there the same estimator is Kaplan and Meier's.
 */
#include <math.h>

#include "analysis/measure.h"
#include "analysis/spells.h"
#include "sim/stats/incidence.h"

/* Nobody watched is not the same as not reached. */
static struct cm_estimate crossing(const struct cm_curve *curve, double p, uint64_t n)
{
    struct cm_crossing c = cm_curve_quantile(curve, p, CM_LEVEL);
    if (n == 0)
        return (struct cm_estimate){NAN, NAN, NAN, 0};
    return (struct cm_estimate){c.at, c.limits.low, c.limits.high, n};
}

/* Median and p95 of a list of spells. */
static void estimate_curve(struct cm_spell *spells, size_t n, struct cm_estimate *out)
{
    struct cm_curve curve;
    cm_curve_init(&curve, spells, n);
    out[0] = crossing(&curve, 0.5, n);
    out[1] = crossing(&curve, 0.95, n);
    cm_curve_release(&curve);
}

/* --- detection --- */

/* The curve of all bad releases, then plain quantiles of those that were detected: the first says
 * what a policy achieves, the second how fast it is when it works. */
static void estimate_detection(const struct cm_measure *self, const struct cm_results *r,
                               size_t policy, int release, struct cm_estimate *out)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    size_t n = (size_t)cell->replications, detected = 0;
    struct cm_spell *spells = cm_alloc((n + 1) * sizeof *spells);
    double *times = cm_alloc((n + 1) * sizeof *times);
    (void)self;
    for (size_t i = 0; i < n; i++) {
        spells[i] = cm_spells_until_detection(&cell->rows[i]);
        if (cell->rows[i].detected)
            times[detected++] = spells[i].time;
    }
    estimate_curve(spells, n, out);
    cm_estimate_sort(times, detected);
    out[2] = cm_estimate_quantile(times, detected, 0.5);
    out[3] = cm_estimate_quantile(times, detected, 0.95);
    cm_free(times);
    cm_free(spells);
}

static const char *const detection_statistics[] = {"median", "p95", "median_given_detected",
                                                   "p95_given_detected", NULL};

const struct cm_measure cm_measure_detection_time = {
    .name = "detection_time",
    .summary = "Time from the onset of the defect to the rollback; of all bad releases, and of "
               "those that were detected.",
    .about = CM_ABOUT_BAD,
    .type = CM_COLUMN_DURATION,
    .unit = "s",
    .statistics = detection_statistics,
    .estimate = estimate_detection,
};

/* --- mitigation --- */

/* Harm begins at the onset; a release that was withdrawn before it has none to end. */
static bool harms(const struct cm_outcome *row)
{
    return row->onset != CM_NEVER && !row->early_rollback;
}

/* A rollback ends harm at once (what is in flight is counted, not timed); an escaped release goes
 * on until people notice, or beyond the horizon, which is all that censors here. */
static void estimate_mitigation(const struct cm_measure *self, const struct cm_results *r,
                                size_t policy, int release, struct cm_estimate *out)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    struct cm_spell *spells = cm_alloc((size_t)(cell->replications + 1) * sizeof *spells);
    size_t n = 0;
    (void)self;
    for (uint64_t i = 0; i < cell->replications; i++) {
        const struct cm_outcome *row = &cell->rows[i];
        bool ended = row->mitigated_at != CM_NEVER;
        cm_time end = ended ? row->mitigated_at : r->scenario->run.horizon;
        if (harms(row))
            spells[n++] =
                (struct cm_spell){cm_spells_since_onset(row, end), ended ? CM_EVENT : CM_CENSORED};
    }
    estimate_curve(spells, n, out);
    cm_free(spells);
}

static const char *const quantile_statistics[] = {"median", "p95", NULL};

const struct cm_measure cm_measure_time_to_mitigation = {
    .name = "time_to_mitigation",
    .summary = "Time from the onset of the defect to the end of harm: by rollback, or because "
               "people noticed.",
    .about = CM_ABOUT_BAD,
    .type = CM_COLUMN_DURATION,
    .unit = "s",
    .statistics = quantile_statistics,
    .estimate = estimate_mitigation,
};

/* --- promotion --- */

/* Given that it was promoted: a rollout that is rolled back has no such time. */
static void estimate_promotion(const struct cm_measure *self, const struct cm_results *r,
                               size_t policy, int release, struct cm_estimate *out)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    double *times = cm_alloc((size_t)(cell->replications + 1) * sizeof *times);
    size_t n = 0;
    (void)self;
    for (uint64_t i = 0; i < cell->replications; i++)
        if (cell->rows[i].end == CM_PROMOTED)
            times[n++] = cm_seconds(cell->rows[i].ended_at);
    cm_estimate_spread(times, n, out);
    cm_free(times);
}

const struct cm_measure cm_measure_time_to_promote = {
    .name = "time_to_promote",
    .summary = "Time from the creation of a release to its promotion, of those promoted.",
    .about = CM_ABOUT_EACH,
    .type = CM_COLUMN_DURATION,
    .unit = "s",
    .statistics = cm_statistics_spread,
    .estimate = estimate_promotion,
};
