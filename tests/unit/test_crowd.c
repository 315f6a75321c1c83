/* Which users are the canary's: the same for whoever asks, more of them as the weight grows. */
#include "sim/engine/crowd.h"

#include "tests/stat/scenario_text.h"
#include "tests/unit/close.h"

#define POLICY "[policy.p]\nsteps = 50%/1m\n"

static void begin(struct cm_crowd *c, struct cm_scenario *s, const char *text, uint64_t replication)
{
    load_text(s, text, NULL);
    cm_crowd_init(c, s);
    cm_crowd_begin(c, replication, 0);
}

static void end(struct cm_crowd *c, struct cm_scenario *s)
{
    cm_crowd_release(c);
    cm_crowd_release(c);
    cm_scenario_release(s);
}

static const char *const both[] = {
    "[users]\npopulation = 3000\nactivity = 0.4\nstickiness = hash\n" POLICY,
    "[scenario]\nflow = requests\n"
    "[users]\npopulation = 3000\nactivity = 0.4\nstickiness = hash\n" POLICY,
};

Test(crowd, only_grows_with_the_weight)
{
    for (int way = 0; way < 2; way++) {
        struct cm_crowd c;
        struct cm_scenario s;
        begin(&c, &s, both[way], 3);
        struct cm_crowd_part before = {0};
        for (int i = 0; i <= 1000; i++) {
            struct cm_crowd_part below = cm_crowd_below(&c, 0, i / 1000.0);
            cr_expect(below.users >= before.users && below.share >= before.share - 1e-15, "%d", i);
            cr_expect((below.share > before.share + 1e-15) <= (below.users > before.users), "%d",
                      i);
            before = below;
        }
        cr_expect_eq(before.users, 3000);
        cr_expect_eq(before.share, 1);
        end(&c, &s);
    }
}

Test(crowd, answers_by_the_weight_alone_whatever_was_asked_before)
{
    struct cm_crowd c;
    struct cm_scenario s;
    begin(&c, &s, both[0], 8);
    struct cm_crowd_part first = cm_crowd_below(&c, 0, 0.37);
    for (int i = 0; i < 50; i++)
        cm_crowd_below(&c, 0, (50 - i) / 51.0);
    struct cm_crowd_part again = cm_crowd_below(&c, 0, 0.37);
    cr_expect_eq(first.users, again.users);
    cr_expect_eq(first.share, again.share);
    cm_crowd_begin(&c, 9, 0);
    cr_expect_neq(cm_crowd_below(&c, 0, 0.37).share, first.share);
    end(&c, &s);
}

/* Of one user the place is found: below it nobody is the canary's, above it all is. */
Test(crowd, of_one_user_is_all_or_nothing_at_every_weight)
{
    struct cm_crowd c;
    struct cm_scenario s;
    begin(&c, &s, "[users]\npopulation = 1\nstickiness = hash\n" POLICY, 1);
    uint64_t jumps = 0, last = 0;
    for (int i = 0; i <= 4096; i++) {
        struct cm_crowd_part below = cm_crowd_below(&c, 0, i / 4096.0);
        cr_expect_eq(below.share, (double)below.users);
        jumps += below.users != last;
        last = below.users;
    }
    cr_expect_eq(jumps, 1);
    end(&c, &s);
}

Test(crowd, splits_cohorts_by_themselves_and_all_other_classes_alike)
{
    struct cm_crowd c;
    struct cm_scenario s;
    begin(&c, &s,
          "[users]\npopulation = 1000\nstickiness = hash\n"
          "[class.search]\nshare = 20%\n[class.beta]\nof = users\nshare = 5%\n" POLICY,
          4);
    double of_class[3][CM_ARMS];
    const double share[CM_ARMS] = {[CM_STABLE] = 0.8, [CM_CANARY] = 0.1, [CM_BASELINE] = 0.1};
    cm_crowd_split(&c, share, of_class, 3);
    cr_expect_eq(c.groups[0].users, 950);
    cr_expect_eq(c.groups[1].users, 50);
    for (size_t v = 0; v < CM_ARMS; v++)
        cr_expect_eq(of_class[0][v], of_class[2][v]);
    cr_expect_neq(of_class[0][CM_CANARY], of_class[1][CM_CANARY]);
    for (size_t class = 0; class < 3; class ++) {
        double *of = of_class[class];
        expect_close(of[CM_STABLE] + of[CM_CANARY] + of[CM_BASELINE], 1.0, 1e-15);
        cr_expect(of[CM_BASELINE] > 0);
    }
    end(&c, &s);
}

Test(crowd, is_the_route_itself_without_users_or_without_hash)
{
    static const char *const texts[] = {POLICY, "[users]\npopulation = 10\n" POLICY};
    for (int i = 0; i < 2; i++) {
        struct cm_crowd c;
        struct cm_scenario s;
        double of_class[1][CM_ARMS];
        const double share[CM_ARMS] = {[CM_STABLE] = 0.7, [CM_CANARY] = 0.3};
        begin(&c, &s, texts[i], 0);
        cm_crowd_split(&c, share, of_class, 1);
        cr_expect_eq(memcmp(of_class[0], share, sizeof share), 0);
        end(&c, &s);
    }
}

/* 0.1 for 10 s while the weight is 0.2, then 0.3 for 30 s while it is 0.25. */
Test(crowd, weighs_the_distance_of_the_true_share_by_time)
{
    struct cm_crowd c;
    struct cm_scenario s;
    begin(&c, &s, both[0], 0);
    cm_crowd_weigh(&c, 5 * CM_SECOND, 0.2, 0.1);
    cm_crowd_weigh(&c, 15 * CM_SECOND, 0.25, 0.3);
    cm_crowd_weigh(&c, 45 * CM_SECOND, 1, 1);
    cm_crowd_weigh(&c, 99 * CM_SECOND, 0, 0);
    expect_close(c.true_share.seconds, 40.0, 1e-12);
    expect_close(c.true_share.deviation, 10 * 0.5 + 30 * 0.2, 1e-12);
    cr_expect_eq(c.true_share.first_weight, 0.2);
    cr_expect_eq(c.true_share.first, 0.1);
    end(&c, &s);
}
