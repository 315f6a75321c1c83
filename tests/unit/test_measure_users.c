/* Measures of users on rows made by hand. */
#include "analysis/measure.h"
#include "sim/base/mem.h"
#include "tests/unit/close.h"
#include "tests/unit/hand_made.h"

static struct hand_made h;

static void setup(void)
{
    hand_made_init(&h, 4);
    h.scenario.users = (struct cm_users){.population = 900, .stickiness = CM_STICKY_HASH};
    struct cm_outcome *rows = hand_made_rows(&h, OURS, SPIKE);
    for (uint32_t i = 0; i < 4; i++) {
        rows[i].reached_in_rollout = (struct cm_reached){10 * i, i};
        rows[i].reached = (struct cm_reached){100 * i, 2 * i};
        rows[i].first_weight = i < 3 ? 0.01 : NAN; /* the last one never split the traffic */
        rows[i].first_share = i < 3 ? 0.01 * i : NAN;
        rows[i].share_deviation = i < 3 ? 0.5 : NAN;
    }
}

static void teardown(void)
{
    hand_made_release(&h);
}
TestSuite(measure_users, .init = setup, .fini = teardown);

static struct cm_estimate mean_of(const char *measure, int release)
{
    return cm_measure_one(&h.results, measure, "mean", OURS, release);
}

Test(measure_users, are_means_of_distinct_users_of_a_release)
{
    expect_close(mean_of("users.exposed", SPIKE).value, 150.0, 1e-15);
    expect_close(mean_of("users.exposed.rollout", SPIKE).value, 15.0, 1e-15);
    expect_close(mean_of("users.harmed", SPIKE).value, 3.0, 1e-15);
    expect_close(mean_of("users.harmed.rollout", SPIKE).value, 1.5, 1e-15);
}

Test(measure_users, leave_out_rollouts_that_never_split_the_traffic)
{
    struct cm_estimate share = mean_of("canary_share.first", SPIKE);
    cr_expect_eq(share.n, 3);
    expect_close(share.value, 0.01, 1e-15);
    expect_close(mean_of("canary_share.weight", SPIKE).value, 0.01, 1e-15);
    expect_close(mean_of("canary_share.deviation", SPIKE).value, 0.5, 1e-15);
}

Test(measure_users, are_asked_only_where_there_are_any)
{
    cr_expect(isnan(mean_of("users.harmed", HEALTHY).value));
    cr_expect(!isnan(mean_of("users.exposed", HEALTHY).value));
    h.scenario.users.stickiness = CM_STICKY_NONE;
    cr_expect(isnan(mean_of("canary_share.first", SPIKE).value));
    cr_expect(!isnan(mean_of("users.harmed", SPIKE).value));
    h.scenario.users.population = UINT64_MAX;
    cr_expect(isnan(mean_of("users.exposed", SPIKE).value));
}

/* Harmed: 0, 2, 4, 6 in a release of prior 10 %, at 5 each; nothing else happens or costs. */
Test(measure_users, have_a_price_where_harmed)
{
    for (int release = HEALTHY; release < DEFECTS; release++)
        for (int i = 0; i < 4; i++)
            hand_made_rows(&h, OURS, release)[i].end = CM_PROMOTED;
    h.results.prices.harmed_user = 5;
    struct cm_estimate e = cm_measure_one(&h.results, "expected_cost", NULL, OURS, CM_ALL_RELEASES);
    expect_close(e.value, 0.1 * 5 * 3, 1e-12);
}
