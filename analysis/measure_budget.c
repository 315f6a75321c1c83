/* Error budget: how much of what an objective allows a bad release uses up.
 *
 *     budget = (1 - slo) x mean rate of the traffic x slo_period         failures it may have
 *     burned = failures because of the defect / budget
 *     outage = failures because of the defect / mean rate of the traffic
 *
 * An outage is the time in which as many requests come, all failing: burned = outage / allowed
 * outage, which is (1 - slo) x slo_period, 43 minutes of 30 days at 99.9 % (Beyer et al., The Site
 * Reliability Workbook, 2018, ch. 2 and 16). Slow answers burn nothing, and what a healthy version
 * fails is not the release's doing.
 *
 * Assumes that the period has the long-run mean of the traffic: its failures are counted, its
 * requests are expected. */
#include <math.h>

#include "analysis/measure.h"

enum { BURNED, OUTAGE };

/* Failures that are one unit: the budget, or those of a second of outage. */
static double unit_of(const struct cm_results *r, int kind)
{
    const struct cm_service *service = &r->scenario->service;
    double per_s = r->scenario->arrivals->mean_rate(r->scenario->arrivals_options);
    return kind == OUTAGE ? per_s : (1 - service->slo) * per_s * cm_seconds(service->slo_period);
}

/* Of all releases with the defect, as the blast radius. */
static void estimate(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                     int release, struct cm_estimate *out)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    size_t n = (size_t)cell->replications;
    double unit = unit_of(r, self->kind), *values = cm_alloc((n + 1) * sizeof *values);
    for (size_t i = 0; i < n; i++) {
        const struct cm_outcome *row = &cell->rows[i];
        values[i] = (double)(row->rollout.failures + row->escaped.failures) / unit;
    }
    cm_estimate_spread(values, n, out);
    cm_free(values);
}

/* Without traffic there is nothing to fail. */
static bool has_budget(const struct cm_results *r)
{
    return !isnan(r->scenario->service.slo) && unit_of(r, BURNED) > 0;
}

#define BUDGET(object, said, sentence, which, sort, of)                                            \
    const struct cm_measure cm_measure_##object = {                                                \
        .name = "error_budget." said,                                                              \
        .summary = sentence,                                                                       \
        .about = CM_ABOUT_BAD,                                                                     \
        .type = sort,                                                                              \
        .unit = of,                                                                                \
        .statistics = cm_statistics_spread,                                                        \
        .known = has_budget,                                                                       \
        .needs = "service.slo",                                                                    \
        .estimate = estimate,                                                                      \
        .kind = which,                                                                             \
    }

BUDGET(budget_burned, "burned", "Share of the service's error budget that the defect burned.",
       BURNED, CM_COLUMN_SHARE, "1");
BUDGET(budget_outage, "outage", "Time of a full outage that fails as many requests as the defect.",
       OUTAGE, CM_COLUMN_DURATION, "s");
