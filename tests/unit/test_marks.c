/* Marks: what they are read as, and what points of the unit cube make of them. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "sim/scenario/marks.h"
#include "tests/unit/loaded.h"

#define BASE                                                                                       \
    "[defect.spike]\nerror_rate = +1pp\n"                                                          \
    "[metric.errors]\nsignal = error_ratio\nwindow = 1m\n"

static struct cm_marks marks;

static void end(void)
{
    cm_marks_release(&marks);
    tear_down();
}

TestSuite(marks, .fini = end);

static int read_marks(const char *text)
{
    struct memory_file files[] = {{"shop.ini", text, 0}, {0}};
    struct cm_load load = {.path = "shop.ini", .source = memory_source(files)};
    cm_marks_release(&marks);
    cm_diags_release(&diags);
    return cm_marks_read(&marks, &load, &diags);
}

/* A file with one mark: a key of a policy of steps. */
static void read_one(const char *line)
{
    char text[600];
    snprintf(text, sizeof text, "%s[policy.ours]\ncontroller = steps\n%s\n", BASE, line);
    cr_assert_eq(read_marks(text), 0, "%s: %s", line, said());
    cr_assert_eq(marks.n, 1, "%s", line);
}

static const char *text_at(size_t mark, double u)
{
    static struct cm_buffer text;
    cm_buffer_clear(&text);
    cm_mark_text(&marks.list[mark], u, cm_buffer_writer(&text));
    return text.text;
}

Test(marks, a_range_has_the_units_of_its_ends)
{
    read_one("look_every = tune(10s..5m)");
    cr_expect_str_eq(text_at(0, 0), "10s");
    cr_expect_str_eq(text_at(0, 1), "5m");
    cr_expect_str_eq(text_at(0, 0.5), "2m35s"); /* (10 + 300) / 2 = 155 s */
}

Test(marks, a_logarithmic_range_has_its_middle_at_the_geometric_mean)
{
    read_one("look_every = tune(1m..25m log)");
    cr_expect_str_eq(text_at(0, 0.5), "5m"); /* sqrt(1 * 25) */
}

Test(marks, whole_numbers_stay_whole_and_each_has_the_same_part)
{
    read_one("count = tune(1..4)");
    const double at[] = {0, 0.2499, 0.25, 0.4999, 0.5, 0.75, 1};
    const double want[] = {1, 1, 2, 2, 3, 4, 4};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        cr_expect_eq(cm_mark_value(&marks.list[0], at[i]), want[i], "at %g: %g", at[i],
                     cm_mark_value(&marks.list[0], at[i]));
}

Test(marks, values_are_rounded_to_three_digits_and_stay_in_their_range)
{
    read_one("mirror = tune(0.12345%..98.7654%)");
    cr_expect_str_eq(text_at(0, 0.5), "49.4%"); /* 49.4444 */
    cr_expect_str_eq(text_at(0, 0), "0.12345%");
    cr_expect_str_eq(text_at(0, 1), "98.7654%");
}

Test(marks, choices_are_parted_by_commas_or_by_bars)
{
    read_one("on_fail = tune(rollback, hold, pause)");
    cr_expect_str_eq(text_at(0, 0), "rollback");
    cr_expect_str_eq(text_at(0, 0.5), "hold");
    cr_expect_str_eq(text_at(0, 1), "pause");
    read_one("gates = tune(one, two | two)");
    cr_expect_str_eq(text_at(0, 0.1), "one, two");
    cr_expect_str_eq(text_at(0, 0.9), "two");
}

Test(marks, several_marks_of_one_value_make_one_value)
{
    static const char text[] = BASE "[gate.one]\ntest = origin_sprt\nmetric = errors\n"
                                    "[policy.ours]\ncontroller = steps\ngates = one\n"
                                    "steps = tune(1..5)%/tune(1m..3m),\n  50%/5m, 100%\n";
    struct memory_file files[] = {{"shop.ini", text, 0}, {0}};
    struct cm_load load = {.path = "shop.ini", .source = memory_source(files)};
    const double u[] = {1, 0.5};
    struct cm_arena arena = {0};
    cr_assert_eq(read_marks(text), 0, "%s", said());
    cr_assert_eq(marks.n, 2);
    load.replace = cm_marks_replace(&marks, u, &arena);
    load.n_replace = 2;
    cr_assert_eq(cm_scenario_load(&s, &load, &diags), 0, "%s", said());
    expect_option(entry("policy", "ours"), "steps", "5%/2m, 50%/5m, 100%");
    cm_arena_release(&arena);
}

Test(marks, a_mistake_in_a_candidate_points_at_the_mark)
{
    static const char text[] = BASE "[gate.one]\ntest = origin_sprt\nmetric = errors\n"
                                    "[policy.ours]\ncontroller = steps\ngates = one\n"
                                    "steps = tune(1..60)%/1m, 50%/5m, 100%\n";
    struct memory_file files[] = {{"shop.ini", text, 0}, {0}};
    struct cm_load load = {.path = "shop.ini", .source = memory_source(files)};
    const double u[] = {1};
    struct cm_arena arena = {0};
    cr_assert_eq(read_marks(text), 0, "%s", said());
    load.replace = cm_marks_replace(&marks, u, &arena);
    load.n_replace = 1;
    cr_expect_neq(cm_scenario_load(&s, &load, &diags), 0);
    expect_said("shop.ini:12:");
    cm_arena_release(&arena);
}

Test(marks, a_value_from_the_command_line_takes_the_place_of_its_mark)
{
    static const char text[] = BASE "[policy.ours]\ncontroller = steps\ncount = tune(1..9)\n";
    struct memory_file files[] = {{"shop.ini", text, 0}, {0}};
    const char *const set[] = {"policy.ours.count=3", NULL};
    struct cm_load load = {.path = "shop.ini", .source = memory_source(files), .set = set};
    cr_expect_eq(cm_marks_read(&marks, &load, &diags), 0);
    cr_expect_eq(marks.n, 0);
}

Test(marks, the_word_inside_another_is_no_mark)
{
    size_t at, length;
    cr_expect_not(cm_mark_find("fine-tune(1..2)", 0, &at, &length));
    cr_assert(cm_mark_find("1%/tune(f(1), 2), tune(3..4)", 0, &at, &length));
    cr_expect_eq(at, 3);
    cr_expect_eq(length, strlen("tune(f(1), 2)"));
}
