/* Blast radius: what a bad release did from the onset until its last request was answered, in
 * requests it served, failures and slow answers that a healthy release would not have given, and
 * KPI lost in expectation. Each during the rollout, at full traffic before people noticed
 * (escaped), and in total.
 *
 * Replications are independent, so the mean has Student's interval; its upper tail is long (a few
 * releases escape), which is what the quantiles beside it are for. */
#include "analysis/measure.h"

enum { TOTAL, ROLLOUT, ESCAPED };
enum { REQUESTS, FAILURES, SLOW, KPI };

static double harm_of(const struct cm_harm *harm, int kind)
{
    if (kind == KPI)
        return harm->kpi;
    return (double)(kind == REQUESTS   ? harm->requests
                    : kind == FAILURES ? harm->failures
                                       : harm->slow);
}

/* Early rollbacks and releases that did nothing count with 0: the mean is of all releases that
 * carry the defect, which is what a price per request multiplies. */
static void estimate(const struct cm_measure *self, const struct cm_results *r, size_t policy,
                     int release, struct cm_estimate *out)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    size_t n = (size_t)cell->replications;
    double *values = cm_alloc((n + 1) * sizeof *values);
    for (size_t i = 0; i < n; i++) {
        double rollout = harm_of(&cell->rows[i].rollout, self->kind);
        double escaped = harm_of(&cell->rows[i].escaped, self->kind);
        values[i] = (self->part != ESCAPED ? rollout : 0) + (self->part != ROLLOUT ? escaped : 0);
    }
    cm_estimate_spread(values, n, out);
    cm_free(values);
}

/* Without an objective nothing is slow. */
static bool has_slo(const struct cm_results *r)
{
    return r->scenario->service.latency_slo != CM_NO_DURATION;
}

/* Without a KPI nothing is lost. */
static bool has_kpi(const struct cm_results *r)
{
    return r->scenario->n_kpis > 0;
}

/* Twelve of a kind. Quantiles of a total are not sums of the quantiles of its parts. */
#define BLAST(object, said, sentence, of, where, when)                                             \
    const struct cm_measure cm_measure_##object = {                                                \
        .name = "blast_radius." said,                                                              \
        .summary = sentence,                                                                       \
        .about = CM_ABOUT_BAD,                                                                     \
        .type = CM_COLUMN_NUMBER,                                                                  \
        .unit = (of) == KPI ? "units" : "requests",                                                \
        .statistics = cm_statistics_spread,                                                        \
        .known = when,                                                                             \
        .needs = (of) == KPI ? "a [kpi.NAME]" : "service.latency_slo",                             \
        .estimate = estimate,                                                                      \
        .kind = of,                                                                                \
        .part = where,                                                                             \
    }

BLAST(requests, "requests", "Requests that a bad release served.", REQUESTS, TOTAL, NULL);
BLAST(requests_rollout, "requests.rollout",
      "Requests that a bad release served during the rollout.", REQUESTS, ROLLOUT, NULL);
BLAST(requests_escaped, "requests.escaped",
      "Requests that a bad release served after the rollout, before people noticed.", REQUESTS,
      ESCAPED, NULL);
BLAST(failures, "failures", "Requests that failed because of the defect.", FAILURES, TOTAL, NULL);
BLAST(failures_rollout, "failures.rollout",
      "Requests that failed because of the defect during the rollout.", FAILURES, ROLLOUT, NULL);
BLAST(failures_escaped, "failures.escaped",
      "Requests that failed because of the defect after the rollout, before people noticed.",
      FAILURES, ESCAPED, NULL);
BLAST(slow, "slow", "Requests above latency_slo because of the defect.", SLOW, TOTAL, has_slo);
BLAST(slow_rollout, "slow.rollout",
      "Requests above latency_slo because of the defect during the rollout.", SLOW, ROLLOUT,
      has_slo);
BLAST(slow_escaped, "slow.escaped",
      "Requests above latency_slo because of the defect after the rollout, before people noticed.",
      SLOW, ESCAPED, has_slo);
BLAST(kpi, "kpi", "KPI lost in expectation, each times its weight.", KPI, TOTAL, has_kpi);
BLAST(kpi_rollout, "kpi.rollout", "KPI lost in expectation during the rollout.", KPI, ROLLOUT,
      has_kpi);
BLAST(kpi_escaped, "kpi.escaped",
      "KPI lost in expectation after the rollout, before people noticed.", KPI, ESCAPED, has_kpi);

/* --- shadow --- */

static bool has_mirror(const struct cm_results *r)
{
    bool any = false;
    for (size_t p = 0; p < r->scenario->n_policies; p++) {
        const struct cm_named_policy *policy = &r->scenario->policies[p];
        any |= cm_controller_uses(policy->controller, policy->options).mirror;
    }
    return any;
}

static void estimate_shadow(const struct cm_measure *self, const struct cm_results *r,
                            size_t policy, int release, struct cm_estimate *out)
{
    const struct cm_cell *cell = cm_results_cell(r, policy, release);
    size_t n = (size_t)cell->replications;
    double *values = cm_alloc((n + 1) * sizeof *values);
    (void)self;
    for (size_t i = 0; i < n; i++)
        values[i] = (double)cell->rows[i].shadow;
    cm_estimate_spread(values, n, out);
    cm_free(values);
}

const struct cm_measure cm_measure_shadow = {
    .name = "shadow_requests",
    .summary = "Copies of requests that the canary answered and nobody saw: no blast radius.",
    .about = CM_ABOUT_EACH,
    .type = CM_COLUMN_NUMBER,
    .unit = "requests",
    .statistics = cm_statistics_spread,
    .known = has_mirror,
    .needs = "a policy that mirrors",
    .estimate = estimate_shadow,
};
