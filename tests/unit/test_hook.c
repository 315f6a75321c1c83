/* Hooks and people by themselves: what they say, when, and how long it lasts. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/controllers/hook.h"
#include "sim/controllers/people.h"
#include "tests/unit/support.h"

static struct cm_arena arena;

static void forget(void)
{
    cm_arena_release(&arena);
}

/* Keys and values in turn, NULL-ended. */
static void set(const struct cm_section *section, void *to, const char *const *keys)
{
    struct cm_err err = {0};
    cm_params_default(section->params, to, &arena);
    for (; *keys; keys += 2)
        cr_assert(!cm_param_set(cm_param_find(section->params, keys[0]), to, keys[1], &arena, &err),
                  "%s", err.text);
}

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct cm_hook_key key_of(uint64_t replication)
{
    return (struct cm_hook_key){7, replication, cm_rng_purpose("hook.test")};
}

Test(hook, one_without_keys_lets_everything_pass_at_once, .fini = forget)
{
    struct cm_hook hook = {0};
    struct cm_calls calls = {0};
    struct cm_hook_key key = key_of(0);
    set(&cm_hook_section, &hook, (const char *const[]){NULL});
    for (int bad = 0; bad < 2; bad++) {
        struct cm_said said = cm_hook_call(&hook, &calls, &key, bad, CM_HOUR);
        cr_expect(said.at == CM_HOUR && said.label == CM_PASS);
    }
}

Test(hook, what_fails_a_healthy_release_fails_a_bad_one_where_power_is_larger, .fini = forget)
{
    struct cm_hook hook = {0};
    int failed[2] = {0};
    set(&cm_hook_section, &hook, KEYS("false_alarm", "20%", "power", "70%"));
    for (uint64_t i = 0; i < 200; i++) {
        struct cm_hook_key key = key_of(i);
        bool fails[2];
        for (int bad = 0; bad < 2; bad++) {
            struct cm_calls calls = {0};
            fails[bad] = cm_hook_call(&hook, &calls, &key, bad, 0).label == CM_FAIL;
            failed[bad] += fails[bad];
        }
        cr_expect(fails[1] || !fails[0]);
    }
    cr_expect(failed[0] > 0 && failed[1] > failed[0]);
}

Test(hook, an_answer_that_holds_for_the_release_never_changes, .fini = forget)
{
    struct cm_hook hook = {0};
    int failing = 0;
    set(&cm_hook_section, &hook, KEYS("false_alarm", "50%", "persistence", "release"));
    for (uint64_t i = 0; i < 50; i++) {
        struct cm_hook_key key = key_of(i);
        struct cm_calls calls = {0};
        enum cm_label first = cm_hook_call(&hook, &calls, &key, false, 0).label;
        for (int k = 1; k < 10; k++)
            cr_expect_eq(cm_hook_call(&hook, &calls, &key, false, k).label, first);
        failing += first == CM_FAIL;
    }
    cr_expect(failing > 10 && failing < 40); /* 25, sd 3.5 */
}

Test(hook, it_opens_so_long_after_its_first_call, .fini = forget)
{
    struct cm_hook hook = {0};
    struct cm_calls calls = {0};
    struct cm_hook_key key = key_of(0);
    set(&cm_hook_section, &hook, KEYS("opens", "fixed(value=10m)"));
    cr_expect_eq(cm_hook_call(&hook, &calls, &key, false, CM_HOUR).label, CM_UNDECIDED);
    cr_expect_eq(cm_hook_call(&hook, &calls, &key, false, CM_HOUR + 10 * CM_MINUTE - 1).label,
                 CM_UNDECIDED);
    cr_expect_eq(cm_hook_call(&hook, &calls, &key, false, CM_HOUR + 10 * CM_MINUTE).label, CM_PASS);
}

Test(hook, an_answer_beyond_the_timeout_is_an_error_when_that_is_over, .fini = forget)
{
    struct cm_hook hook = {0};
    struct cm_calls calls = {0};
    struct cm_hook_key key = key_of(0);
    set(&cm_hook_section, &hook, KEYS("delay", "fixed(value=11s)"));
    struct cm_said said = cm_hook_call(&hook, &calls, &key, false, CM_HOUR);
    cr_expect(said.label == CM_GATE_ERROR && said.at == CM_HOUR + 10 * CM_SECOND);
    set(&cm_hook_section, &hook, KEYS("delay", "fixed(value=11s)", "timeout", "11s"));
    said = cm_hook_call(&hook, &calls, &key, false, CM_HOUR);
    cr_expect(said.label == CM_PASS && said.at == CM_HOUR + 11 * CM_SECOND);
}

/* Nine to five: dates and durations by hand. */
Test(people, outside_of_working_hours_their_clock_stands_still, .fini = forget)
{
    static const struct {
        const char *what;
        cm_time at, work, takes;
    } cases[] = {
        {"Monday morning", 10 * CM_HOUR, CM_HOUR, CM_HOUR},
        {"to the end of the day", 16 * CM_HOUR, CM_HOUR, CM_HOUR},
        {"overnight", 16 * CM_HOUR, 2 * CM_HOUR, 18 * CM_HOUR},
        {"before work", 7 * CM_HOUR, CM_HOUR, 3 * CM_HOUR},
        {"Friday evening", 4 * CM_DAY + 18 * CM_HOUR, CM_HOUR, 2 * CM_DAY + 16 * CM_HOUR},
        {"Sunday", 6 * CM_DAY, CM_HOUR, CM_DAY + 10 * CM_HOUR},
        {"a week of work", 9 * CM_HOUR, 40 * CM_HOUR, 4 * CM_DAY + 8 * CM_HOUR},
        {"and an hour more", 9 * CM_HOUR, 41 * CM_HOUR, 7 * CM_DAY + CM_HOUR},
        {"nothing to do", 10 * CM_HOUR, 0, 0},
    };
    struct cm_people people = {0};
    set(&cm_people_section, &people,
        KEYS("reaction", "fixed(value=1h)", "day_begins", "9h", "day_ends", "17h"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cm_time takes = cm_people_takes(&people, cases[i].at, cases[i].work);
        cr_expect_eq(takes, cases[i].takes, "%s: %g h", cases[i].what, cm_seconds(takes) / 3600);
    }
}

Test(people, round_the_clock_a_reaction_takes_what_it_takes, .fini = forget)
{
    struct cm_people people = {0};
    set(&cm_people_section, &people, KEYS("reaction", "fixed(value=1h)"));
    cr_expect_eq(cm_people_takes(&people, 6 * CM_DAY, CM_HOUR), CM_HOUR);
    cr_expect(cm_people_answer(&people));
    set(&cm_people_section, &people, (const char *const[]){NULL});
    cr_expect_not(cm_people_answer(&people));
}
