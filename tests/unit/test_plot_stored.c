/* Pictures of stored studies, on studies of which the answer is known beforehand: error rates are
 * so far from limits that a gate fails surely (1 of 1) or never (0 of 1), whatever is drawn. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "analysis/campaign.h"
#include "analysis/measure.h"
#include "analysis/plot.h"
#include "sim/scenario/sweep.h"
#include "tests/unit/support.h"

#define REST                                                                                       \
    "[metric.errors]\nsignal = error_ratio\nwindow = 30s\n"                                        \
    "[gate.never]\ntest = threshold\nmetric = errors\nmax = 99%\n"                                 \
    "[policy.p]\nsteps = 10%/3m, 100%\nlook_every = 1m\ngates = limit\n"                           \
    "[policy.q]\nsteps = 10%/3m, 100%\nlook_every = 1m\ngates = never\n"
#define LIMIT(max)  "[gate.limit]\ntest = threshold\nmetric = errors\nmax = " max "\n"
#define SCENARIO(n) "[scenario]\nhorizon = 10m\nreplications = " n "\n[traffic]\nrate = 100 rps\n"
#define SERVICE(e)  "[service]\nerror_rate = " e "\n"
#define DEFECT(e)   "[defect.bad]\nerror_rate = " e "\n"

/* --- a study in memory --- */

enum { VARIABLES = 4 };
static struct cm_sweep sweep;
static struct memory_file files[2];
static struct cm_store *store;
static struct cm_stored *stored;
static struct cm_picture picture;

static int load_cell(void *self, size_t i, struct cm_scenario *scenario, struct cm_store_cell *cell,
                     struct cm_err *err)
{
    struct cm_store_variable *variables = self;
    struct cm_diags diags = {0};
    (void)err;
    for (size_t v = 0; v < sweep.n_variables; v++) {
        struct cm_value value = cm_sweep_quantity(&sweep, i, v);
        bool is_number = value.kind == CM_VALUE_NUMBER;
        variables[v] = (struct cm_store_variable){
            .name = sweep.variables[v].name,
            .value = cm_sweep_value(&sweep, i, v),
            .number = is_number ? value.number : (double)NAN,
        };
    }
    *cell = (struct cm_store_cell){
        .number = i, .variables = variables, .n_variables = sweep.n_variables};
    int status = cm_sweep_load(&sweep, i, scenario, &diags);
    cm_diags_release(&diags);
    return status;
}

/* Plays all cells of the sweep in `text` and opens what came of them. */
static void play(const char *text)
{
    struct cm_diags diags = {0};
    struct cm_err err = {0};
    struct cm_store_variable variables[VARIABLES];
    const struct cm_store_options options = {.version = "0.1.0"};
    files[0] = (struct memory_file){"shop.ini", text, 0};
    struct cm_load load = {
        .path = "shop.ini", .source = memory_source(files), .extra = cm_analysis_sections};
    cr_assert_eq(cm_sweep_read(&sweep, &load, &diags), 0);
    cr_assert_leq(sweep.n_variables, (size_t)VARIABLES);
    store = cm_store_open(":memory:", &options, &err);
    cr_assert_not_null(store, "%s", err.text);
    const struct cm_store_study study = {"a shop", "shop.ini", text, sweep.n_cells};
    cr_assert_eq(cm_store_begin(store, &study, &err), 0, "%s", err.text);
    struct cm_campaign campaign = {.store = store,
                                   .n_cells = sweep.n_cells,
                                   .load = load_cell,
                                   .self = variables,
                                   .threads = 1,
                                   .source = memory_source(files)};
    cr_assert_eq(cm_campaign_run(&campaign, &err), CM_CAMPAIGN_DONE, "%s", err.text);
    stored = cm_stored_of(store, &err);
    cr_assert_not_null(stored, "%s", err.text);
    cm_diags_release(&diags);
}

static void tear_down(void)
{
    struct cm_err err = {0};
    cm_picture_release(&picture);
    cm_stored_close(stored);
    if (store)
        cm_store_close(store, &err);
    cm_sweep_release(&sweep);
}

TestSuite(plot_stored, .fini = tear_down);

/* --- reading a picture --- */

/* "" once it is drawn. */
static const char *why_not_as(const char *kind, const struct cm_plot_ask *ask)
{
    static struct cm_err err;
    const struct cm_plot *plot = cm_plot_find(kind);
    const char *lacks = plot->lacks(ask);
    err = (struct cm_err){0};
    cm_picture_release(&picture);
    return lacks ? lacks : cm_plot_draw(plot, ask, &picture, &err) ? err.text : "";
}

static const char *why_not(const char *kind)
{
    return why_not_as(kind, &(struct cm_plot_ask){.stored = stored});
}

static const struct cm_table_cell *at(const char *table, size_t row, const char *name)
{
    const struct cm_table *t = cm_picture_table(&picture, table);
    size_t i = 0;
    cr_assert_not_null(t, "no table %s", table);
    while (i < t->n_columns && strcmp(t->columns[i].name, name) != 0)
        i++;
    cr_assert_lt(i, t->n_columns, "no column %s", name);
    return cm_table_at(t, row, i);
}

static double number(const char *table, size_t row, const char *name)
{
    return at(table, row, name)->estimate.value;
}

static size_t rows(const char *table)
{
    return cm_table_rows(cm_picture_table(&picture, table));
}

static const struct cm_plot_value *value(const char *name)
{
    for (size_t i = 0; i < picture.n_values; i++)
        if (strcmp(picture.values[i].name, name) == 0)
            return &picture.values[i];
    cr_assert(false, "no value %s", name);
    return NULL;
}

static void expect_texts(const char *table, const char *column, const char *const want[])
{
    size_t n = 0;
    for (; want[n]; n++)
        if (n < rows(table))
            cr_expect_str_eq(at(table, n, column)->text, want[n], "%s %zu", table, n);
    cr_expect_eq(rows(table), n);
}

/* --- heat --- */

/* Healthy releases fail 0 or 30 %, bad ones 40 or 70 %, against 10, 50 and 90 %:
 *
 *      rolled back  base 0  30        missed  base 0  30
 *      max 10            0   1        max 10       0   0
 *          50            0   0            50       1   0
 *          90            0   0            90       1   1          */
static const char two[] =
    SCENARIO("5") SERVICE("${base = 0, 30}%") DEFECT("+40pp") LIMIT("${max = 10, 50, 90}%") REST;

static void expect_map(const char *table, const double want[6])
{
    cr_assert_eq(rows(table), 6);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_eq(number(table, i, "x"), 1.0 + (double)(i % 2));
        cr_expect_eq(number(table, i, "y"), 1.0 + (double)(i / 2));
        cr_expect_eq(number(table, i, "share"), want[i], "%s %zu", table, i);
        cr_expect_str_eq(at(table, i, "text")->text, want[i] > 0 ? "100" : "0");
    }
}

/* Where an edge begins, and where it goes; cells are squares around whole numbers. */
static void expect_edges(const char *table, size_t n, const double want[][4])
{
    static const char *const columns[] = {"x", "y", "dx", "dy"};
    cr_assert_eq(rows(table), n);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < 4; c++)
            cr_expect_eq(number(table, i, columns[c]), want[i][c], "%s %zu %s", table, i,
                         columns[c]);
}

Test(plot_stored, a_heat_map_has_a_cell_a_number_and_a_line_around_what_is_good)
{
    play(two);
    cr_assert_str_eq(why_not("heat"), "");
    expect_map("false_map", (const double[]){0, 1, 0, 0, 0, 0});
    expect_map("missed_map", (const double[]){0, 0, 1, 0, 1, 1});
    expect_edges("false_line", 2, (const double[][4]){{1.5, 0.5, 0, 1}, {1.5, 1.5, 1, 0}});
    expect_edges("missed_line", 3,
                 (const double[][4]){{0.5, 1.5, 1, 0}, {1.5, 1.5, 0, 1}, {1.5, 2.5, 1, 0}});
    cr_expect_eq(value("false_edges")->number, 2);
    cr_expect_eq(value("missed_edges")->number, 3);
    expect_texts("x_axis", "text", (const char *const[]){"0", "30", NULL});
    expect_texts("y_axis", "text", (const char *const[]){"10", "50", "90", NULL});
    cr_expect_str_eq(value("x_is")->text, "base");
    cr_expect_str_eq(value("y_is")->text, "max");
    cr_expect_eq(value("maps")->number, 2);
    cr_expect_str_eq(picture.title.text, "2 of 6 cells roll back at most 1 % of healthy releases "
                                         "and miss at most 5 % of bad");
    cr_expect_str_eq(picture.about.text, "shop.ini, policy p, n = 5");
}

/* The other policy never rolls back: it misses everything. */
Test(plot_stored, a_heat_map_is_of_the_policy_that_was_asked_for)
{
    play(two);
    cr_assert_str_eq(
        why_not_as("heat", &(struct cm_plot_ask){.stored = stored, .stored_policy = "q"}), "");
    expect_map("false_map", (const double[]){0, 0, 0, 0, 0, 0});
    expect_map("missed_map", (const double[]){1, 1, 1, 1, 1, 1});
    cr_expect_str_eq(picture.name, "heat-q");
    cr_expect_str_eq(picture.about.text, "shop.ini, policy q, n = 5");
    cr_expect_str_eq(
        why_not_as("heat", &(struct cm_plot_ask){.stored = stored, .stored_policy = "r"}),
        "policy r is not studied");
}

Test(plot_stored, a_heat_map_goes_by_the_targets_that_were_asked_for)
{
    static const struct cm_plot_targets any = {0.999, 0.5}, none = {0, 0.025};
    play(SCENARIO("40") SERVICE("${base = 8, 9}%") DEFECT("+1pp") LIMIT("${max = 10, 30}%") REST);
    cr_assert_str_eq(why_not("heat"), "");
    cr_expect_str_eq(picture.name, "heat");
    cr_expect_str_eq(value("false_target")->text, "1 %");
    cr_expect_str_eq(value("missed_target")->text, "5 %");
    cr_assert_str_eq(why_not_as("heat", &(struct cm_plot_ask){.stored = stored, .targets = &any}),
                     "");
    cr_assert_lt(number("false_map", 1, "share"), 0.999);
    cr_expect_eq(rows("false_line"), 0, "nobody rolls back all");
    cr_assert_str_eq(why_not_as("heat", &(struct cm_plot_ask){.stored = stored, .targets = &none}),
                     "");
    cr_assert_gt(number("false_map", 0, "share"), 0);
    cr_expect_eq(rows("false_line"), 2, "the larger limit rolls back none, the other some");
    cr_expect_str_eq(value("missed_target")->text, "2.5 %");
    cr_expect_not_null(strstr(picture.title.text,
                              "roll back at most 0 % of healthy releases and miss at most 2.5 %"));
}

Test(plot_stored, a_heat_map_leaves_out_what_a_constraint_did)
{
    play(SCENARIO("5") SERVICE("${base = 0, 30}%") DEFECT("+40pp") LIMIT("${max = 10, 50, 90}%")
             REST "[study]\nconstraint = base * 2 < max\n"); /* not 30 and 10, 30 and 50 */
    cr_assert_str_eq(why_not("heat"), "");
    cr_expect_eq(rows("false_map"), 4);
    cr_expect_eq(number("false_map", 3, "x"), 2);
    cr_expect_eq(number("false_map", 3, "y"), 3);
    cr_expect_eq(rows("false_line"), 0, "nothing lies beside a cell that is not there");
}

/* Nine in a hundred against a limit of 10 %: some of the shares are neither 0 nor 1. */
Test(plot_stored, the_shares_of_a_heat_map_are_those_of_the_measures)
{
    play(SCENARIO("40") SERVICE("${base = 8, 9}%") DEFECT("+1pp") LIMIT("${max = 10, 11}%") REST);
    cr_assert_str_eq(why_not("heat"), "");
    size_t partial = 0;
    for (size_t i = 0; i < 4; i++) {
        struct cm_scenario s = {0};
        struct cm_results results = {0};
        struct cm_err err = {0};
        size_t row = i / 2 + 2 * (i % 2); /* the study's last variable is the map's row */
        cr_assert_eq(cm_stored_load(stored, i, &s, &results, &err), 0, "%s", err.text);
        double want = cm_measure_one(&results, "false_rollback", NULL, 0, -1).value;
        double missed = cm_measure_one(&results, "missed", NULL, 0, 0).value;
        cr_expect_eq(number("false_map", row, "share"), want, "cell %zu", i);
        cr_expect_eq(number("missed_map", row, "share"), missed, "cell %zu", i);
        double said = strtod(at("false_map", row, "text")->text, NULL); /* to two digits */
        cr_expect(fabs(said - 100 * want) <= 0.05 * 100 * want, "cell %zu: %g", i, said);
        partial += want > 0 && want < 1;
        cm_results_release(&results);
        cm_scenario_release(&s);
    }
    cr_expect_geq(partial, 2);
}

Test(plot_stored, a_heat_map_without_a_bad_release_is_one_map)
{
    play(SCENARIO("5") SERVICE("${base = 0, 30}%") LIMIT("${max = 10, 50}%") REST);
    cr_assert_str_eq(why_not("heat"), "");
    cr_expect_eq(value("maps")->number, 1);
    cr_expect_null(cm_picture_table(&picture, "missed_map"));
    cr_expect_str_eq(picture.title.text, "3 of 4 cells roll back at most 1 % of healthy releases");
}

Test(plot_stored, a_heat_map_is_of_two_variables_that_fit)
{
    play(SCENARIO("1") SERVICE("${base = 0..40 step 1}%") LIMIT("${max = 50, 90}%") REST);
    cr_expect_str_eq(why_not("heat"), "a variable has more than 40 values");
    cr_expect_str_eq(why_not("curve"), "a curve is of exactly one variable");
    cr_expect_str_eq(why_not("pareto"), "the study has no bad release");
}

/* --- curve --- */

static void expect_curve(size_t row, const char *policy, double x, double rolled_back,
                         double detected)
{
    cr_expect_str_eq(at("curves", row, "policy")->text, policy);
    cr_expect_eq(number("curves", row, "x"), x, "row %zu", row);
    cr_expect_eq(number("curves", row, "false_rollback"), rolled_back, "row %zu", row);
    cr_expect_eq(number("curves", row, "detected"), detected, "row %zu", row);
}

/* 30 % of healthy requests fail, 70 % of bad ones. */
Test(plot_stored, a_curve_has_a_point_a_value_and_policy_and_the_fewest_errors_for_its_title)
{
    play(SCENARIO("5") SERVICE("30%") DEFECT("+40pp") LIMIT("${max = 10, 50, 90}%") REST);
    cr_assert_str_eq(why_not("curve"), "");
    cr_assert_eq(rows("curves"), 6);
    expect_curve(0, "p", 10, 1, 1);
    expect_curve(1, "p", 50, 0, 1);
    expect_curve(2, "p", 90, 0, 0);
    for (size_t i = 0; i < 3; i++)
        expect_curve(3 + i, "q", i == 0 ? 10 : i == 1 ? 50 : 90, 0, 0);
    cr_expect_eq(value("x_low")->number, 10);
    cr_expect_eq(value("x_high")->number, 90);
    cr_expect_eq(value("are_words")->number, 0);
    cr_expect_eq(value("is_log")->number, 0);
    cr_expect_str_eq(value("policies")->text, "p q");
    cr_expect_str_eq(picture.title.text, "Fewest errors: p at max = 50, 100 % detected, 0 % false");
    cr_expect_str_eq(picture.about.text, "shop.ini, bad, n = 5");
}

/* All four end at 0 and are moved apart by 6 % each. */
Test(plot_stored, labels_of_curves_stand_at_their_ends_and_apart)
{
    play(SCENARIO("5") SERVICE("30%") DEFECT("+40pp") LIMIT("${max = 10, 90}%") REST);
    cr_assert_str_eq(why_not("curve"), "");
    cr_assert_eq(rows("labels"), 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect(epsilon_eq(dbl, number("labels", i, "y"), 0.06 * (double)i, 1e-12));
        cr_expect_eq(number("labels", i, "line"), i < 2 ? 1 : 2);
    }
}

/* A limit of 30 % does not see +5 pp and sees +40 pp; healthy releases fail no request. Of 28.5 % a
 * look at 300 requests fails with P(Z > 1.5 / 2.6) = 28 %, one of three with 63 %: less than 4
 * in 5.
 */
Test(plot_stored, a_curve_by_the_size_of_a_defect_says_from_where_on_it_is_seen)
{
    play(SCENARIO("200") SERVICE("0%") DEFECT("+${size = 1, 5, 28.5, 40, 60}pp") LIMIT("30%") REST);
    cr_assert_str_eq(why_not("curve"), "");
    double sometimes = number("curves", 2, "detected");
    cr_assert(sometimes > 0.63 - 4 * 0.034 && sometimes < 0.63 + 4 * 0.034, "%g", sometimes);
    cr_expect_str_eq(picture.title.text, "4 in 5 detected, by size: p 40, q never");
    cr_expect_eq(value("is_log")->number, 1, "60 is more than 20 times 1");
}

Test(plot_stored, words_stand_side_by_side_in_the_order_of_the_study)
{
    play(SCENARIO("5") SERVICE("30%") DEFECT("+40pp") LIMIT("50%") REST
         "[policy.r]\nextends = p\ngates = ${gate = never, limit}\n");
    cr_assert_str_eq(why_not("curve"), "");
    cr_expect_eq(value("are_words")->number, 1);
    expect_curve(4, "r", 1, 0, 0);
    expect_curve(5, "r", 2, 0, 1);
    cr_expect_str_eq(at("curves", 5, "text")->text, "limit");
}

/* --- pareto --- */

/* Rolled back after 30 s whatever it is; after a minute if bad; never: the first two are each
 * better in one respect, and the last is q as well, whatever the others do. */
Test(plot_stored, the_front_is_what_nothing_beats_in_both)
{
    play(SCENARIO("5") SERVICE("30%") DEFECT("+40pp") LIMIT("${max = 10, 50, 90}%") REST
         "[policy.s]\nextends = p\nlook_every = ${look = 30s, 1m, 1m ! max}\n"
         "[study]\npolicies = s, q\n");
    cr_assert_str_eq(why_not("pareto"), "");
    cr_assert_eq(rows("points"), 4, "the three of q are one");
    expect_texts("front", "text",
                 (const char *const[]){"s max=50 look=1m", "s max=10 look=30s", NULL});
    cr_expect_eq(number("front", 0, "false_rollback"), 0);
    cr_expect_eq(number("front", 1, "false_rollback"), 1);
    /* 10 % of 100 rps, of which 40 % fail because of the defect: 400 a 1000 s; 4 s.e. of 5 runs */
    cr_expect(epsilon_eq(dbl, number("front", 0, "harm"), 240, 4 * sqrt(240. / 5)));
    cr_expect(epsilon_eq(dbl, number("front", 1, "harm"), 120, 4 * sqrt(120. / 5)));
    cr_expect_eq(value("highest")->number, 1);
    cr_expect_eq(value("least_harm")->number, number("front", 1, "harm"));
    cr_expect_eq(value("none")->number, 0.0025, "a quarter of a percent stands for none");
    cr_expect_str_eq(picture.title.text, "2 of 4 choices are not beaten on both counts");
}

Test(plot_stored, a_service_with_fewer_errors_is_no_better_policy)
{
    play(two);
    cr_expect_str_eq(why_not("pareto"), "cells differ in more than their policies and gates");
}
