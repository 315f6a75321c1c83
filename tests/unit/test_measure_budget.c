/* Error budgets on rows made by hand. 30 rps over 30 days are 77,760,000 requests; 99.9 % of them
 * leave a budget of 77,760 failures, or 43 min 12 s of a full outage. */
#include "analysis/measure.h"
#include "tests/unit/close.h"
#include "tests/unit/hand_made.h"

static struct hand_made h;

/* Failures, in the rollout and escaped: 0 + 0, 0 + 7776, 7776 + 7776, 23328 + 0; mean 11664. */
static void setup(void)
{
    static const uint64_t failures[][2] = {{0, 0}, {0, 7776}, {7776, 7776}, {23328, 0}};
    hand_made_init(&h, 4);
    h.scenario.service.slo = 0.999;
    for (int i = 0; i < 4; i++) {
        struct cm_outcome *row = &hand_made_rows(&h, OURS, SPIKE)[i];
        row->rollout = (struct cm_harm){.requests = 1000000, .failures = failures[i][0], .slow = 9};
        row->escaped = (struct cm_harm){.requests = 1000000, .failures = failures[i][1], .slow = 9};
    }
}

static void teardown(void)
{
    hand_made_release(&h);
}
TestSuite(measure_budget, .init = setup, .fini = teardown);

static struct cm_estimate found(const char *measure, const char *statistic, int release)
{
    return cm_measure_one(&h.results, measure, statistic, OURS, release);
}

Test(measure_budget, is_burned_by_failures_of_the_rollout_and_of_what_escaped)
{
    expect_close(found("error_budget.burned", "mean", SPIKE).value, 0.15, 1e-12);
    expect_close(found("error_budget.burned", "p95", SPIKE).value, 0.3, 1e-12);
    cr_expect_eq(found("error_budget.burned", "mean", SPIKE).n, 4);
}

/* 11664 requests come in 388.8 s, which is 15 % of the 2592 s allowed. */
Test(measure_budget, is_the_time_of_a_full_outage_too)
{
    expect_close(found("error_budget.outage", "mean", SPIKE).value, 388.8, 1e-12);
    expect_close(found("error_budget.outage", "p95", SPIKE).value, 777.6, 1e-12);
}

/* A share of the failures and nothing else: limits are theirs over the same budget. */
Test(measure_budget, has_the_limits_of_the_failures)
{
    static const char *const statistics[] = {"mean", "median", "p95", "p99"};
    for (size_t i = 0; i < 4; i++) {
        struct cm_estimate burned = found("error_budget.burned", statistics[i], SPIKE);
        struct cm_estimate failed = found("blast_radius.failures", statistics[i], SPIKE);
        expect_close(burned.low * 77760, failed.low, 1e-12);
        cr_expect(isinf(burned.high) == isinf(failed.high));
        if (isfinite(failed.high))
            expect_close(burned.high * 77760, failed.high, 1e-12);
    }
}

Test(measure_budget, goes_by_objective_and_period)
{
    h.scenario.service.slo = 0.99;
    expect_close(found("error_budget.burned", "mean", SPIKE).value, 0.015, 1e-12);
    h.scenario.service.slo_period = 3 * CM_DAY;
    expect_close(found("error_budget.burned", "mean", SPIKE).value, 0.15, 1e-12);
    expect_close(found("error_budget.outage", "mean", SPIKE).value, 388.8, 1e-12);
}

Test(measure_budget, can_be_burned_more_than_once)
{
    h.scenario.service.slo = 0.99999;
    expect_close(found("error_budget.burned", "mean", SPIKE).value, 15.0, 1e-9);
}

Test(measure_budget, is_asked_of_bad_releases_where_there_is_an_objective)
{
    cr_expect(isnan(found("error_budget.burned", "mean", HEALTHY).value));
    cr_expect(isnan(found("error_budget.outage", "mean", COSMETIC).value));
    h.scenario.service.slo = NAN;
    cr_expect(isnan(found("error_budget.burned", "mean", SPIKE).value));
    cr_expect(isnan(found("error_budget.outage", "mean", SPIKE).value));
}
