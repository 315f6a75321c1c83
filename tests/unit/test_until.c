/* Conditions on studies made by hand: 100 replications, of which the shares are counted off. */
#include <criterion/criterion.h>

#include "analysis/until.h"
#include "tests/unit/hand_made.h"

static struct hand_made h;
static struct cm_arena arena;

/* Flagger: 4 of 100 healthy and 10 of 100 cosmetic releases rolled back, 20 of 100 spikes missed;
 * ours: 0, 0 and 0. Detection takes 60 s. */
static void set_up(void)
{
    hand_made_init(&h, 100);
    for (int i = 0; i < 100; i++)
        for (size_t p = 0; p < 2; p++) {
            bool bad = p == FLAGGER;
            hand_made_rows(&h, p, HEALTHY)[i] =
                hand_made_good(bad && i < 4 ? CM_ROLLED_BACK : CM_PROMOTED, 600);
            hand_made_rows(&h, p, COSMETIC)[i] =
                hand_made_good(bad && i < 10 ? CM_ROLLED_BACK : CM_PROMOTED, 600);
            hand_made_rows(&h, p, SPIKE)[i] = bad && i < 20
                                                  ? hand_made_bad(CM_PROMOTED, 0, 600, 900)
                                                  : hand_made_bad(CM_ROLLED_BACK, 0, 60, 60);
        }
}

static void tear_down(void)
{
    hand_made_release(&h);
    cm_arena_release(&arena);
}

TestSuite(until, .init = set_up, .fini = tear_down);

static bool holds(const char *text, size_t policy)
{
    struct cm_expr condition;
    struct cm_err err = {0};
    cr_assert_eq(cm_expr_read(&condition, text, &arena, &err), 0, "%s", err.text);
    cr_assert_eq(cm_until_check(&condition, &h.results, &err), 0, "%s: %s", text, err.text);
    return cm_until_holds(&condition, &h.results, policy);
}

Test(until, a_condition_is_about_every_release_that_its_measures_are_about)
{
    /* of the two harmless ones, 4 % and 10 % */
    cr_expect(!holds("false_rollback < 5%", FLAGGER));
    cr_expect(holds("false_rollback < 11%", FLAGGER));
    cr_expect(holds("false_rollback < 5%", OURS));
    cr_expect(holds("missed >= 20% && false_rollback > 3%", FLAGGER));
    cr_expect(!holds("missed > 20%", FLAGGER));
    cr_expect(!holds("looks != 20", FLAGGER)); /* any release */
}

/* Of the cosmetic releases 90 % are promoted, which is to miss them if they are not harmless. */
Test(until, every_bad_release_counts)
{
    h.defects[COSMETIC].effect.harmless = false;
    cr_expect(!holds("missed < 25%", FLAGGER));
    cr_expect(holds("missed >= 20%", FLAGGER));
}

/* Wilson's interval of 4 in 100 is [1.57 %, 9.84 %], of 10 in 100 [5.52 %, 17.44 %] (Newcombe 1998,
 * method 3). */
Test(until, intervals_are_those_of_the_report)
{
    cr_expect(holds("high(false_rollback) < 17.5%", FLAGGER));
    cr_expect(!holds("high(false_rollback) < 17.4%", FLAGGER));
    cr_expect(holds("ci(false_rollback) < 7.45pp", FLAGGER));
    cr_expect(!holds("ci(false_rollback) < 7.43pp", FLAGGER));
    cr_expect(holds("low(false_rollback) > 1.5%", FLAGGER));
}

Test(until, statistics_stand_behind_a_dot)
{
    cr_expect(holds("detection_time.median == 1m && blast_radius.requests.p95 == 0", OURS));
    cr_expect(!holds("detection_time.p95 < 1000h", FLAGGER)); /* not reached */
}

Test(until, what_cannot_be_asked_is_refused_before_anything_is_played)
{
    static const struct {
        const char *text, *words;
        size_t at;
    } cases[] = {
        {"ci(mised) < 1%", "did you mean 'missed'", 3},
        {"false_rollback.p95 < 1%", "false_rollback has no 'p95'; it has share", 0},
        {"missed < 0.01", "shares are written as 1%", 7},
        {"missed < 1% && expected_cost < 5", "expected_cost is not measured here", 15},
        {"missed", "a comparison is expected", 0},
        {"xyzzy > 1", "there is no measure 'xyzzy' (false_rollback", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_expr condition;
        struct cm_err err = {0};
        cr_assert_eq(cm_expr_read(&condition, cases[i].text, &arena, &err), 0);
        cr_expect_eq(cm_until_check(&condition, &h.results, &err), -1, "%s", cases[i].text);
        cr_expect(strstr(err.text, cases[i].words) && err.at == cases[i].at, "%zu: %s", err.at,
                  err.text);
    }
}

Test(until, without_bad_releases_nothing_is_missed)
{
    struct cm_expr condition;
    struct cm_err err = {0};
    h.defects[SPIKE].effect.harmless = true;
    cr_assert_eq(cm_expr_read(&condition, "missed < 1%", &arena, &err), 0);
    cr_expect_eq(cm_until_check(&condition, &h.results, &err), -1);
    cr_expect(strstr(err.text, "the scenario has none"));
}
