/* Cells are counted and listed by hand beside each file. */
#include "analysis/results.h"
#include "sim/scenario/sweep_parts.h"
#include "tests/unit/loaded.h"

static struct cm_sweep sweep;
static struct cm_buffer text;

static void tear_all_down(void)
{
    tear_down();
    cm_sweep_release(&sweep);
    cm_buffer_release(&text);
}

TestSuite(sweep, .fini = tear_all_down);

static int read_with(const char *file, const char *const *set)
{
    struct memory_file files[] = {{"shop.ini", file, 0}, {0}};
    struct cm_load load = {.path = "shop.ini",
                           .source = memory_source(files),
                           .set = set,
                           .extra = cm_analysis_sections};
    cm_sweep_release(&sweep);
    cm_diags_release(&diags);
    return cm_sweep_read(&sweep, &load, &diags);
}

#define SHOP(rate, max, bake, study)                                                               \
    "[traffic]\nrate = " rate "\n[metric.errors]\nsignal = error_ratio\n"                          \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = " max                                  \
    "\n[policy.ours]\nsteps = 5%/" bake ", 100%\ngates = limit\n[study]\n" study "\n"

/* All cells: "10 1|10 2|30 1". */
static const char *cells(void)
{
    cm_buffer_clear(&text);
    for (size_t i = 0; i < sweep.n_cells; i++) {
        cm_print(cm_buffer_writer(&text), "%s", i ? "|" : "");
        for (size_t v = 0; v < sweep.n_variables; v++)
            cm_print(cm_buffer_writer(&text), "%s%s", v ? " " : "", cm_sweep_value(&sweep, i, v));
    }
    return text.text ? text.text : "";
}

#define EXPECT_CELLS(file, want)                                                                   \
    do {                                                                                           \
        cr_expect_eq(read_with(file, NULL), 0, "%s", said());                                      \
        cr_expect_str_eq(cells(), want);                                                           \
    } while (0)

#define EXPECT_REFUSED(file, words)                                                                \
    do {                                                                                           \
        cr_expect_eq(read_with(file, NULL), -1);                                                   \
        cr_expect_eq(sweep.n_cells, 0);                                                            \
        expect_said(words);                                                                        \
    } while (0)

Test(sweep, a_file_without_braces_is_one_cell)
{
    cr_expect_eq(read_with(SHOP("10 rps", "2%", "10m", ""), NULL), 0);
    cr_expect_eq(sweep.n_cells, 1);
    cr_expect_eq(sweep.n_marks, 0);
}

Test(sweep, variables_multiply_in_file_order_the_first_the_slowest)
{
    EXPECT_CELLS(SHOP("${r = 10, 30} rps", "${1, 2, 3}%", "10m", ""),
                 "10 1|10 2|10 3|30 1|30 2|30 3");
    cr_expect_str_eq(sweep.variables[0].name, "r");
    cr_expect_str_eq(sweep.variables[1].name, "gate.limit.max");
    cr_expect_str_eq(sweep.variables[1].items, "1, 2, 3");
}

Test(sweep, ranges_have_both_ends_and_no_digits_that_nobody_wrote)
{
    EXPECT_CELLS(SHOP("${0.1..0.5 step 0.2} rps", "2%", "10m", ""), "0.1|0.3|0.5");
    EXPECT_CELLS(SHOP("${0..0.3 step 0.1} rps", "2%", "10m", ""), "0|0.1|0.2|0.3");
    EXPECT_CELLS(SHOP("${1..10 step 4} rps", "2%", "10m", ""), "1|5|9");
    EXPECT_CELLS(SHOP("${5..1 step -2} rps", "2%", "10m", ""), "5|3|1");
    EXPECT_CELLS(SHOP("${3..5} rps", "2%", "10m", ""), "3|4|5");
    EXPECT_CELLS(SHOP("${10..1k log 5} rps", "2%", "10m", ""), "10|31.6228|100|316.228|1000");
    EXPECT_CELLS(SHOP("${1, 5..6, 10..1000 log 3} rps", "2%", "10m", ""), "1|5|6|10|100|1000");
}

Test(sweep, a_mark_ties_variables_together)
{
    EXPECT_CELLS(SHOP("${r = 10, 30, 100} rps", "${1, 2}%", "${20, 10, 5 ! r}m", ""),
                 "10 1 20|10 2 20|30 1 10|30 2 10|100 1 5|100 2 5");
    EXPECT_CELLS(SHOP("${7, 8 ! policy.ours.steps} rps", "${1, 2 ! rate}%", "${20, 10}m", ""),
                 "7 1 20|8 2 10");
}

/* OMNeT++'s dependent loops: 1 + 2 + 3 cells. */
Test(sweep, a_loop_may_depend_on_another_wherever_it_stands)
{
    EXPECT_CELLS(SHOP("${n = 1..3} rps", "${1..$n}%", "10m", ""), "1 1|2 1|2 2|3 1|3 2|3 3");
    EXPECT_CELLS(SHOP("${$m, 50} rps", "${m = 1, 2}%", "10m", ""), "1 1|50 1|2 2|50 2");
    EXPECT_CELLS(SHOP("${n = 0, 2} rps", "${1..$n}%", "10m", ""), "2 1|2 2");
    EXPECT_CELLS(SHOP("${n = 10, 1000} rps", "${10..$n log 2}%", "10m", ""),
                 "10 10|10 10|1000 10|1000 1000");
}

Test(sweep, a_use_is_no_variable)
{
    EXPECT_CELLS(SHOP("${r = 10, 30} rps", "2%", "${$r}m", ""), "10|30");
    cr_expect_eq(sweep.n_variables, 1);
    cr_assert_eq(cm_sweep_load(&sweep, 1, &s, &diags), 0, "%s", said());
    cr_expect_str_eq(origin(entry("policy", "ours"), "steps")->text, "5%/30m, 100%");
}

Test(sweep, a_constraint_keeps_what_satisfies_it)
{
    EXPECT_CELLS(SHOP("${r = 10, 30} rps", "${t = 1, 2, 3}%", "10m", "constraint = r * t < 40"),
                 "10 1|10 2|10 3|30 1");
    EXPECT_CELLS(
        SHOP("${10, 30} rps", "${1, 2, 3}%", "10m", "constraint = rate > 600 rpm || max > 2%"),
        "10 3|30 1|30 2|30 3");
}

Test(sweep, words_and_laws_are_values_too)
{
    EXPECT_CELLS("[traffic]\narrivals = ${a = poisson, gamma_poisson}\nrate = 9 rps\n"
                 "[service]\nlatency = ${lognormal(median=1s, sigma=1), exponential(mean=5ms)}\n"
                 "[policy.ours]\nsteps = 5%/10m, 100%\n"
                 "[study]\nconstraint = a != \"poisson\"\n",
                 "gamma_poisson lognormal(median=1s, sigma=1)|gamma_poisson exponential(mean=5ms)");
    cr_assert_eq(cm_sweep_load(&sweep, 1, &s, &diags), 0, "%s", said());
    cr_expect_str_eq(s.arrivals->kind.name, "gamma_poisson");
}

Test(sweep, set_replaces_a_variable_and_brings_others)
{
    const char *set[] = {"traffic.rate=${x = 7, 8} rps", "gate.limit.max=2%", NULL};
    cr_expect_eq(read_with(SHOP("${r = 10, 30} rps", "${1, 2, 3}%", "10m", ""), set), 0);
    cr_expect_str_eq(cells(), "7|8");
}

Test(sweep, sections_inherit_what_is_swept)
{
    EXPECT_CELLS(SHOP("10 rps", "2%", "${5, 10}m", "") "[policy.theirs]\nextends = ours\n", "5|10");
    cr_assert_eq(cm_sweep_load(&sweep, 1, &s, &diags), 0, "%s", said());
    cr_expect_str_eq(origin(entry("policy", "theirs"), "steps")->text, "5%/10m, 100%");
}

/* Sobol's sequence begins 1/2, 3/4, 1/4, 3/8 in its first dimension and 1/2, 1/4, 3/4, 3/8 in its
 * second (Bratley and Fox 1988, as the GNU Scientific Library has it). */
Test(sweep, sobol_fills_a_box)
{
    EXPECT_CELLS(SHOP("${0..100} rps", "${0..8}%", "10m", "sample = sobol 4"),
                 "50 4|75 2|25 6|37.5 3");
    EXPECT_CELLS(SHOP("${1..100 log} rps", "${1..8 whole}%", "10m", "sample = sobol 3"),
                 "10 5|31.6228 3|3.16228 7");
    EXPECT_CELLS(SHOP("${0..100} rps", "${1, 2}%", "10m", "sample = sobol 2"),
                 "50 1|50 2|75 1|75 2");
    EXPECT_CELLS(SHOP("${1, 2} rps", "${0..8}%", "${5..9 step 4}m", "sample = sobol 1"),
                 "1 4 5|1 4 9|2 4 5|2 4 9");
}

Test(sweep, a_latin_hypercube_has_one_point_in_every_stratum)
{
    enum { POINTS = 50, DIMENSIONS = 3 };
    struct cm_arena arena = {0};
    const double *u = cm_sweep_lhs(POINTS, DIMENSIONS, 1, &arena);
    const double *other = cm_sweep_lhs(POINTS, DIMENSIONS, 2, &arena);
    for (size_t d = 0; d < DIMENSIONS; d++) {
        int seen[POINTS] = {0}, moved = 0, elsewhere = 0;
        for (size_t i = 0; i < POINTS; i++) {
            double x = u[i * DIMENSIONS + d];
            cr_assert(x >= 0 && x < 1);
            seen[(int)(x * POINTS)]++;
            moved += x != other[i * DIMENSIONS + d];
            elsewhere += (int)(x * POINTS) != (int)i;
        }
        for (size_t i = 0; i < POINTS; i++)
            cr_expect_eq(seen[i], 1);
        cr_expect_eq(moved, POINTS);
        cr_expect_geq(elsewhere, POINTS / 2);
    }
    cm_arena_release(&arena);
    cr_expect_eq(read_with(SHOP("${0..100} rps", "2%", "10m", "sample = lhs 20 seed 5"), NULL), 0);
    cr_expect_eq(sweep.n_cells, 20);
}

Test(sweep, mistakes_of_the_grammar_are_said)
{
    EXPECT_REFUSED(SHOP("${0.5..3} rps", "2%", "10m", ""), "sample = sobol 64");
    EXPECT_REFUSED(SHOP("${1..3 log} rps", "2%", "10m", ""), "a number of points ('log 5')");
    EXPECT_REFUSED(SHOP("${1..3, 5} rps", "2%", "10m", "sample = lhs 4"), "stands alone");
    EXPECT_REFUSED(SHOP("${1..3} rps", "${a = 1, 2}%", "10m", "sample = lhs"), "a method and");
    EXPECT_REFUSED(SHOP("${a = x, y} rps", "${1..$a}%", "10m", ""), "$a is 'x'");
    EXPECT_REFUSED(SHOP("${a = 1, 2, 3} rps", "${4, 5 ! a}%", "10m", ""),
                   "this has 2 values, and 'a', with which it is in step, has 3");
    EXPECT_REFUSED(SHOP("${a = 1, 2} rps", "${b = 1..$a}%", "${4, 5 ! b}m", ""),
                   "this has 2 values, and 'b', with which it is in step, has 1");
    EXPECT_REFUSED(SHOP("${a = 1, $a} rps", "2%", "10m", ""), "'a' uses itself");
    EXPECT_REFUSED(SHOP("${1..9} rps", "${1..2 ! rate}%", "10m", "sample = lhs 4"),
                   "with nothing else");
    EXPECT_REFUSED(SHOP("${10, 30} rps", "${1, 2}%", "10m", "constraint = xyzzy < 1"),
                   "there is no variable 'xyzzy'; there is traffic.rate, gate.limit.max\n");
    EXPECT_REFUSED("[traffic]\nrate = ${10, 30} rps\n[gate.a-b]\nmax = ${1, 2}%\n[gate.b]\nmax = "
                   "${1, 2}%\n[study]\nconstraint = max < 2\n",
                   "'max' may be any of 'gate.a-b.max', gate.b.max\n");
    EXPECT_REFUSED(SHOP("${r = 10, 30} rps", "2%", "10m", "constraint = r == 'ten'"),
                   "there is no variable 'ten'; there is r (a text stands in double quotes)");
    EXPECT_REFUSED(SHOP("${r = 10, 30} rps", "2%", "10m", "constraint = r != ten"),
                   "(a text stands in double quotes)");
    EXPECT_REFUSED(SHOP("${r = 10, 30} rps", "2%", "10m", "constraint = r"),
                   "a comparison is expected");
}

Test(sweep, a_mistake_in_a_cell_points_into_the_file_and_names_the_cell)
{
    cr_expect_eq(read_with(SHOP("${r = 10, 30} rps", "${t = 1, x}%", "10m", ""), NULL), 0);
    cr_expect_eq(cm_sweep_check(&sweep, &diags), -1);
    expect_said("shop.ini:8:7: error: [gate.limit] max: 'x%' does not begin with a number (where r "
                "= 10, t = x; also in 1 other cell of 4)\n"
                "    8 | max = ${t = 1, x}%\n      |       ^~~~~~~~~~~");
    cr_expect_eq(diags.errors, 1);
}

/* Behind what is replaced, and across it. */
Test(sweep, places_count_in_the_text_as_it_is_written)
{
    cr_expect_eq(read_with(SHOP("${10, 30} rpx", "2%", "${5, 10}m, 10%/5q", ""), NULL), 0);
    cr_expect_eq(cm_sweep_check(&sweep, &diags), -1);
    expect_said("    2 | rate = ${10, 30} rpx\n      |                  ^~~\n");
    expect_said("   10 | steps = 5%/${5, 10}m, 10%/5q, 100%\n"
                "      |                            ^\n");
}

Test(sweep, what_all_cells_get_wrong_is_said_once_and_of_no_cell)
{
    cr_expect_eq(read_with(SHOP("${r = 10, 30} rps", "200%", "10m", ""), NULL), 0);
    cr_expect_eq(cm_sweep_check(&sweep, &diags), -1);
    cr_expect_eq(diags.errors, 1);
    cr_expect_null(strstr(said(), "where"));
}

/* 1m of 5% of 10, 11 and 12 rps is 30, 33 and 36 requests: three warnings in other words. */
Test(sweep, warnings_that_differ_in_numbers_are_said_once)
{
    cr_expect_eq(read_with(SHOP("${10..12} rps", "2%", "10m", ""), NULL), 0);
    cr_expect_eq(cm_sweep_check(&sweep, &diags), 0);
    cr_expect_eq(diags.warnings, 1);
    expect_said("5% of 10 rps is 30 requests");
    expect_said("(where traffic.rate = 10; also in 2 other cells of 3, with other numbers)");
}

Test(sweep, a_cell_is_the_scenario_with_its_values)
{
    const char *set[] = {"traffic.rate=30 rps", "gate.limit.max=2%", NULL};
    struct cm_buffer by_hand = {0};
    struct memory_file files[] = {{"shop.ini", SHOP("${10, 30} rps", "${1, 2}%", "10m", ""), 0},
                                  {0}};
    cr_assert_eq(load_with(files, set, cm_analysis_sections), 0);
    cm_scenario_print(&s, cm_buffer_writer(&by_hand));
    cr_assert_eq(read_with(files[0].text, NULL), 0);
    cm_scenario_release(&s);
    cr_assert_eq(cm_sweep_load(&sweep, 3, &s, &diags), 0);
    cm_buffer_clear(&text);
    cm_scenario_print(&s, cm_buffer_writer(&text));
    /* but for the comment that says where a value is from */
    for (char *a = by_hand.text, *b = text.text; *a || *b;) {
        cr_assert(strncmp(a, b, strcspn(a, ";\n")) == 0, "%.60s\n%.60s", a, b);
        a += strcspn(a, "\n"), b += strcspn(b, "\n");
        a += *a == '\n', b += *b == '\n';
    }
    cm_buffer_release(&by_hand);
}

Test(sweep, one_million_cells_are_too_many_and_so_are_33_variables)
{
    struct cm_buffer many = {0};
    EXPECT_REFUSED(SHOP("${1..1001} rps", "${1..1000}%", "10m", ""), "more than 1000000 cells");
    EXPECT_REFUSED(SHOP("${1..5000} rps", "${1..5000}%", "10m", "constraint = rate < 0"),
                   "2000000 combinations");
    cm_print(cm_buffer_writer(&many), "[traffic]\nrate = ");
    for (int i = 0; i < 33; i++)
        cm_print(cm_buffer_writer(&many), "${1}\n ");
    EXPECT_REFUSED(many.text, "more than 32 variables");
    cm_buffer_release(&many);
}
