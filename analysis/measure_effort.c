/* How often a policy looked. A look is one instant at which at least one gate was asked, an
 * evaluation one gate at one look.
 *
 * Looks are what peeking costs: a test at level alpha that is repeated at every look has a false
 * rollback rate far above alpha unless it was made for that (Armitage, McPherson and Rowe 1969).
 * They are also what a provider of metrics charges for. */
#include "analysis/measure.h"

enum { LOOKS, EVALUATIONS };

/* Of all rollouts, however they ended: a quick rollback looks less often. */
static void estimate(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                     int release, struct cm_estimate *out)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    size_t n = (size_t)cell->replications;
    double *values = cm_alloc((n + 1) * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = self->kind == LOOKS ? cell->rows[i].looks : cell->rows[i].evaluations;
    cm_estimate_spread(values, n, out);
    cm_free(values);
}

const struct cm_measure cm_measure_looks = {
    .name = "looks",
    .summary = "Instants at which a rollout asked its gates.",
    .about = CM_ABOUT_EACH,
    .type = CM_COLUMN_NUMBER,
    .unit = "looks",
    .statistics = cm_statistics_spread,
    .estimate = estimate,
    .kind = LOOKS,
};

const struct cm_measure cm_measure_evaluations = {
    .name = "evaluations",
    .summary = "Verdicts that a rollout got from its gates.",
    .about = CM_ABOUT_EACH,
    .type = CM_COLUMN_NUMBER,
    .unit = "evaluations",
    .statistics = cm_statistics_spread,
    .estimate = estimate,
    .kind = EVALUATIONS,
};
