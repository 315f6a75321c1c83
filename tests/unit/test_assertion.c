/* What a scenario asserts: how limits are read, when they hold, how many replications would tell,
 * whom they are about, and how they are reported. */
#include <criterion/criterion.h>

#include <jansson.h>
#include <math.h>

#include "analysis/report.h"
#include "tests/unit/loaded.h"

/* --- reading --- */

static struct cm_arena arena;
static struct cm_limits limits;

/* "" or what is wrong. */
static const char *read_limits(const char *measure, const char *text)
{
    static struct cm_err err;
    const struct cm_param *row = cm_param_find(cm_assert_section.params, measure);
    cr_assert_not_null(row, "%s", measure);
    struct cm_param alone = *row;
    alone.offset = 0;
    err = (struct cm_err){0};
    return cm_param_set(&alone, &limits, text, &arena, &err) ? err.text : "";
}

static void expect_printed(const char *measure, const char *text, const char *want)
{
    struct cm_buffer got = {0};
    const struct cm_param *row = cm_param_find(cm_assert_section.params, measure);
    cr_expect_str_eq(read_limits(measure, text), "", "%s", text);
    row->type->print(row, &limits, cm_buffer_writer(&got));
    cr_expect_str_eq(got.text, want);
    cm_buffer_release(&got);
}

static void tear_down_all(void)
{
    cm_arena_release(&arena);
    tear_down();
}

TestSuite(assertion, .fini = tear_down_all);

Test(assertion, every_measure_can_be_asserted)
{
    for (size_t i = 0; cm_measures[i]; i++) {
        const struct cm_param *row = cm_param_find(cm_assert_section.params, cm_measures[i]->name);
        cr_assert_not_null(row, "%s", cm_measures[i]->name);
        cr_expect_eq(row->domain, cm_measures[i]);
        cr_expect_str_eq(row->help, cm_measures[i]->summary);
    }
}

Test(assertion, a_limit_has_the_unit_of_its_measure_and_prints_as_it_reads)
{
    expect_printed("false_rollback", "<1%", "< 1%");
    expect_printed("false_rollback", "<= 0.5pp", "<= 0.5%");
    expect_printed("detection_time", "median < 10m, p95<=90s", "median < 10m, p95 <= 1m30s");
    expect_printed("blast_radius.failures", "< 2k", "mean < 2000");
    expect_printed("blast_radius.failures", "p95 < 2 k", "p95 < 2000");
    expect_printed("blast_radius.failures", "> 1, p99 < 20.5 requests", "mean > 1, p99 < 20.5");
    expect_printed("ends", "timed_out < 1%, >= 98%", "timed_out < 1%, promoted >= 98%");
    expect_printed("false_rollback", "none", "none");
    /* more than the rooms of a list that grows */
    expect_printed("looks", "<1,<2,<3,<4,<5,<6,<7,<8,<9",
                   "mean < 1, mean < 2, mean < 3, mean < 4, mean < 5, mean < 6, mean < 7, "
                   "mean < 8, mean < 9");
}

/* Each worked out by hand. */
Test(assertion, a_limit_may_be_computed_and_prints_as_its_value)
{
    expect_printed("false_rollback", "< 2 * 0.5%", "< 1%");
    expect_printed("false_rollback", "< 1% - 0.5pp", "< 0.5%");
    expect_printed("detection_time", "p95 < 1h-5m", "p95 < 55m");
    expect_printed("looks", "< 1e+1, < 2e-1 + 1", "mean < 10, mean < 1.2");
    expect_printed("detection_time", "median < 3 * 90s, p95 < max(2m, 10m / 4)",
                   "median < 4m30s, p95 < 2m30s");
    expect_printed("blast_radius.failures", "< 1% * 30 rps * 5m", "mean < 90");
    expect_printed("blast_radius.failures", "p95 < 5m * 30 rps * 1%", "p95 < 90");
    expect_printed("looks", "< 5m * 12 rph", "mean < 1");
    expect_printed("blast_radius.failures", "< 1.1% * 30 rps * 2m * 10%", "mean < 3.96");
    expect_printed("blast_radius.failures", "< 2 * 10 requests", "mean < 20");
    expect_printed("looks", "< (2 + 3) * 4", "mean < 20");
}

Test(assertion, a_limit_that_means_nothing_is_refused_with_what_would)
{
    static const struct {
        const char *measure, *text, *want;
    } cases[] = {
        {"false_rollback", "1%", "'1%' says no side of its limit: write <, <=, > or >= before it"},
        {"false_rollback", "== 1%", "'==' is no side of a limit (<, <=, >, >=)"},
        {"false_rollback", "<", "'<' has no value: false_rollback is held against what?"},
        {"false_rollback", "< 1%,", "a limit is missing in '< 1%,'"},
        {"false_rollback", "< 1", "a unit is needed (write 100% for 1)"},
        {"false_rollback", "< 1e-2", "a unit is needed (write 1% for 1e-2)"},
        {"false_rollback", "< 1m", "'1m' is a duration; a ratio is expected (10%, 0.1%, 0.5pp)"},
        {"false_rollback", "p95 < 1%", "'p95' is no statistic of false_rollback (one of: share)"},
        {"detection_time", "p96 < 1m",
         "'p96' is no statistic of detection_time (did you mean 'p95'?)"},
        {"detection_time", "< 10", "a unit is needed (10s, 10m, 10ms)"},
        {"blast_radius.failures", "< 10%",
         "'10%' is a ratio; a pure number is expected (0.6, 1e-3, 2k)"},
        {"blast_radius.failures", "< 10 users",
         "'users' is no unit of blast_radius.failures, which counts requests"},
        {"smallest_effect", "< 1 times",
         "'times' is no unit of smallest_effect, which is a bare number"},
        {"false_rollback", "< 2 * 5",
         "'2 * 5' is nothing that false_rollback is held against (10%, 0.1%, 0.5pp)"},
        {"blast_radius.failures", "< 2 * 5m",
         "'2 * 5m' is nothing that blast_radius.failures is held against (0.6, 1e-3, 2k)"},
        {"false_rollback", "< 1% / 0",
         "'1% / 0' is nothing that false_rollback is held against (10%, 0.1%, 0.5pp)"},
        {"false_rollback", "< (1% < 2%)",
         "'(1% < 2%)' is nothing that false_rollback is held against (10%, 0.1%, 0.5pp)"},
        {"blast_radius.failures", "< 2 * rate",
         "a limit knows no 'rate': it is made of numbers (a variable of a sweep is one, as "
         "${$name})"},
        {"detection_time", "< 5m * 2m",
         "a duration times a duration is nothing that has a unit here"},
        {"false_rollback", "< 2 * -1%", "'< 2 * -1%' never holds: nothing measured is negative"},
        {"blast_radius.failures", "< 0", "'< 0' never holds: nothing measured is negative"},
        {"blast_radius.failures", ">= 0", "'>= 0' always holds: nothing measured is negative"},
        {"detection", "> 101%", "'> 101%' is beyond 100%, where no share is"},
        {"detection", ">= 100%", "'>= 100%' is shown by no number of replications: write > 99.9%"},
        {"detection", "<= 100%",
         "'<= 100%' always holds, or nearly: a limit below 100% says something"},
        {"false_rollback", "<= 0%", "'<= 0%' is shown by no number of replications: write < 0.1%"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(read_limits(cases[i].measure, cases[i].text), cases[i].want);
    cr_expect_str_eq(read_limits("canary_share.deviation", "< 150%"), "", "it has no upper end");
    cr_expect_str_eq(read_limits("blast_radius.failures", "<= 0"), "", "all may be 0");
}

/* --- verdicts --- */

/* The limit alone, of a measure. */
static const struct cm_limit *limit_of(const char *measure, const char *text)
{
    cr_assert_str_eq(read_limits(measure, text), "");
    return &limits.list[0];
}

Test(assertion, a_limit_holds_if_the_whole_interval_does)
{
    static const struct {
        const char *text;
        double value, low, high;
        enum cm_truth want;
    } cases[] = {
        {"< 20", 10, 9, 19, CM_CLAIM_HOLDS},
        {"< 20", 10, 9, 20, CM_CLAIM_OPEN},
        {"<= 20", 10, 9, 20, CM_CLAIM_HOLDS},
        {"< 20", 21, 20, 22, CM_CLAIM_FAILS},
        {"<= 20", 21, 20, 22, CM_CLAIM_OPEN},
        {"<= 20", 22, 20.5, 23, CM_CLAIM_FAILS},
        {"> 20", 22, 20.5, 23, CM_CLAIM_HOLDS},
        {"> 20", 22, 20, 23, CM_CLAIM_OPEN},
        {">= 20", 22, 20, 23, CM_CLAIM_HOLDS},
        {"> 20", 19, 18, 20, CM_CLAIM_FAILS},
        {">= 20", 19, 18, 20, CM_CLAIM_OPEN},
        {">= 20", 18, 17, 19, CM_CLAIM_FAILS},
        {"< 20", 10, 9, INFINITY, CM_CLAIM_OPEN},
        {"> 5", 10, 9, INFINITY, CM_CLAIM_HOLDS},
        {"< 5", INFINITY, 9, INFINITY, CM_CLAIM_FAILS}, /* not reached */
        {"< 5", INFINITY, 4, INFINITY, CM_CLAIM_OPEN},
        {"< 5", NAN, NAN, NAN, CM_CLAIM_OPEN},
        {"> 5", 10, NAN, 11, CM_CLAIM_OPEN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_estimate e = {cases[i].value, cases[i].low, cases[i].high, 100};
        enum cm_truth got = cm_limit_holds(limit_of("blast_radius.failures", cases[i].text), &e);
        cr_expect_eq(got, cases[i].want, "%s of %g [%g, %g]", cases[i].text, cases[i].value,
                     cases[i].low, cases[i].high);
    }
}

/* At the next n from there on of which the same share is a whole number it is decided, and it is
 * not below nine tenths of it. */
Test(assertion, a_share_says_how_many_replications_would_decide)
{
    static const struct {
        const char *text;
        uint64_t x, n, unit; /* n by the greatest common divisor */
    } cases[] = {
        {"< 1%", 0, 200, 1},       {"< 1%", 4, 1000, 250}, {"< 1%", 12, 1000, 250},
        {"> 99%", 995, 1000, 200}, {"> 90%", 20, 20, 1},   {"< 50%", 480, 1000, 25},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct cm_limit *limit = limit_of("false_rollback", cases[i].text);
        struct cm_estimate e = cm_estimate_share(cases[i].x, cases[i].n);
        uint64_t x = cases[i].unit * cases[i].x / cases[i].n, unit = cases[i].unit;
        cr_assert_eq(cm_limit_holds(limit, &e), CM_CLAIM_OPEN, "%s", cases[i].text);
        double needed = cm_limit_needs(cm_measure_find("false_rollback"), limit, &e, cases[i].n);
        cr_assert(needed > (double)cases[i].n, "%s: %g", cases[i].text, needed);
        uint64_t times = (uint64_t)ceil(needed / (double)unit);
        e = cm_estimate_share(times * x, times * unit);
        cr_expect_neq(cm_limit_holds(limit, &e), CM_CLAIM_OPEN, "%s: %g", cases[i].text, needed);
        times = (uint64_t)floor(0.9 * needed / (double)unit);
        e = cm_estimate_share(times * x, times * unit);
        cr_expect_eq(cm_limit_holds(limit, &e), CM_CLAIM_OPEN, "%s: %g", cases[i].text, needed);
    }
}

Test(assertion, none_of_n_needs_the_rule_of_three)
{
    /* 1 - 0.05^(1/n) < 1 % from n = log 0.05 / log 0.99 = 298.07 on (Hanley and Lippman-Hand 1983)
     */
    struct cm_estimate e = cm_estimate_share(0, 100);
    double needed = cm_limit_needs(cm_measure_find("false_rollback"),
                                   limit_of("false_rollback", "< 1%"), &e, 100);
    cr_expect(needed >= 299 && needed <= 310, "%g", needed);
}

Test(assertion, a_mean_needs_the_square_of_its_distance)
{
    const struct cm_measure *m = cm_measure_find("blast_radius.failures");
    const struct cm_limit *limit = limit_of(m->name, "< 20");
    /* the interval ends 4 above the value, the limit is 2 above it: (4 / 2)^2 times as many */
    struct cm_estimate e = {18, 14, 22, 500};
    cr_expect_eq(cm_limit_needs(m, limit, &e, 500), 2000);
    /* replications, of which only every second is observed */
    e.n = 250;
    cr_expect_eq(cm_limit_needs(m, limit, &e, 500), 2000);
    e.value = 20;
    cr_expect(isnan(cm_limit_needs(m, limit, &e, 500)), "the value is the limit");
    e = (struct cm_estimate){NAN, NAN, NAN, 0};
    cr_expect(isnan(cm_limit_needs(m, limit, &e, 500)), "nothing was observed");
    /* the p95 of n values has an upper limit from 72 on: 0.95^72 = 2.5 % (Conover 1999, 3.2) */
    limit = limit_of(m->name, "p95 < 20");
    e = (struct cm_estimate){18, 14, INFINITY, 50};
    cr_expect_eq(cm_limit_needs(m, limit, &e, 100), 150, "72 of 50 of 100, rounded up");
}

/* --- whom it is about --- */

static const struct cm_section *const extra[] = {&cm_study_section, &cm_cost_section,
                                                 &cm_assert_section, NULL};

static int load_asserts(const char *text)
{
    struct cm_buffer all = {0};
    cm_print(cm_buffer_writer(&all), "%s[defect.cosmetic]\nlatency = x1.01\nharmless = yes\n%s",
             GOOD, text);
    struct memory_file files[] = {{"shop.ini", all.text, 0}, {0}};
    int status = load_with(files, NULL, extra);
    cm_buffer_release(&all);
    return status;
}

/* "ours/healthy ..." of all claims, on results that are all 0. */
static void expect_claims(const char *text, const char *want)
{
    struct cm_results results;
    struct cm_claims claims;
    struct cm_buffer got = {0};
    cr_assert_eq(load_asserts(text), 0, "%s", said());
    cm_results_init(&results, &s);
    cm_claims_init(&claims, &results);
    for (size_t i = 0; i < claims.n; i++) {
        int release = claims.list[i].release;
        cm_print(cm_buffer_writer(&got), "%s%s/%s", i ? " " : "",
                 cm_results_policy(&results, claims.list[i].policy),
                 release == CM_ALL_RELEASES ? "all" : cm_results_release_name(&results, release));
    }
    cr_expect_str_eq(got.text, want, "%s: %s", text, got.text);
    cm_buffer_release(&got);
    cm_claims_release(&claims);
    cm_results_release(&results);
}

Test(assertion, is_about_every_policy_and_every_release_that_the_measure_is_about)
{
    expect_claims("[assert]\nfalse_rollback = < 1%\n",
                  "ours/healthy ours/cosmetic theirs/healthy theirs/cosmetic");
    expect_claims("[assert]\ndetection = > 1%\n", "ours/spike ours/slow theirs/spike theirs/slow");
    expect_claims("[assert]\nprecision = > 1%\n", "ours/all theirs/all");
    expect_claims("[assert]\nlooks = < 9\n[study]\npolicies = theirs\n",
                  "theirs/healthy theirs/spike theirs/slow theirs/cosmetic");
}

Test(assertion, a_named_section_narrows_what_it_is_about)
{
    expect_claims("[assert.x]\nlooks = < 9\npolicy = theirs\nrelease = healthy, slow\n",
                  "theirs/healthy theirs/slow");
    /* each measure is about those of the list that it can be about */
    expect_claims("[assert.x]\npolicy = ours\nrelease = healthy, slow\nfalse_rollback = < 1%\n"
                  "detection = > 1%\n",
                  "ours/healthy ours/slow");
    /* a section may take over another's */
    expect_claims("[assert.x]\npolicy = ours\nlooks = < 9\nrelease = slow\n"
                  "[assert.y]\nextends = x\nrelease = spike\n",
                  "ours/slow ours/spike");
}

Test(assertion, what_would_never_be_held_against_anything_is_a_mistake)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"[assert.x]\nrelease = spike\nfalse_rollback = < 1%\n",
         "false_rollback is not measured: it is about releases that are healthy or harmless, and "
         "none of these is"},
        {"[assert.x]\nrelease = healthy\nmissed = < 1%\n",
         "missed is not measured: it is about releases with a defect that is not harmless, and "
         "none of these is"},
        {"[assert.x]\nrelease = healthy\nprecision = > 1%\n",
         "it is about all releases together and takes no `release`"},
        {"[assert]\nusers.harmed = < 5\n", "users.harmed is not measured: it needs [users]"},
        {"[assert]\nexpected_cost = < 5\n", "expected_cost is not measured"},
        {"[assert.x]\npolicy = ours\nlooks = < 9\n[study]\npolicies = theirs\n",
         "policy: ours is not studied"},
        {"[assert.x]\npolicy = ours\n", "asserts nothing"},
        {"[assert]\nlooks = none\n", "asserts nothing"},
        {"[assert.x]\nrelease = helthy\nlooks = < 9\n",
         "there is no [defect.helthy] (did you mean 'healthy'?)"},
        {"[assert.x]\nrelease = all\nlooks = < 9\n", "there is no [defect.all]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(load_asserts(cases[i].text), -1, "%s", cases[i].text);
        expect_said(cases[i].want);
    }
}

/* --- what is made of it --- */

/* Ten of a hundred healthy releases rolled back by `ours`, none by `theirs`. */
static void play(struct cm_results *results)
{
    cm_results_init(results, &s);
    for (size_t i = 0; i < results->n_cells; i++)
        for (uint64_t k = 0; k < results->cells[i].replications; k++)
            results->cells[i].rows[k] = (struct cm_outcome){
                .end = i == 0 && k % 10 == 0 ? CM_ROLLED_BACK : CM_PROMOTED,
                .onset = CM_NEVER,
                .ended_at = CM_HOUR,
            };
}

static struct cm_results results;
static struct cm_claims claims;

/* Fails for ours (10 % [8.0, 12.9]), holds for theirs (< 0.60 %); the other is open. */
static void assert_three(void)
{
    cr_assert_eq(load_asserts("[assert]\nfalse_rollback = < 5%\n[assert.close]\npolicy = ours\n"
                              "release = healthy\nfalse_rollback = < 11%\n"),
                 0, "%s", said());
    play(&results);
    cm_claims_init(&claims, &results);
}

static void release_three(void)
{
    cm_claims_release(&claims);
    cm_results_release(&results);
}

Test(assertion, claims_are_counted_by_their_truth)
{
    assert_three();
    cr_assert_eq(claims.n, 5);
    cr_expect_eq(claims.count[CM_CLAIM_FAILS], 1);
    cr_expect_eq(claims.count[CM_CLAIM_OPEN], 1);
    cr_expect_eq(claims.count[CM_CLAIM_HOLDS], 3);
    cr_expect_eq(claims.list[0].found.value, 0.1);
    cr_expect_eq(claims.list[0].truth, CM_CLAIM_FAILS);
    cr_expect_eq(claims.list[4].truth, CM_CLAIM_OPEN);
    cr_expect(claims.list[4].needed > 500, "%g", claims.list[4].needed);
    release_three();
}

static void write_as(enum cm_format format, struct cm_buffer *text)
{
    struct cm_report_options how = {.format = format, .version = "1", .claims = &claims};
    cm_report_write(&results, &how, cm_buffer_writer(text));
}

Test(assertion, a_report_begins_with_them_the_failed_first)
{
    struct cm_buffer text = {0};
    assert_three();
    write_as(CM_FORMAT_TEXT, &text);
    const char *heading = strstr(text.text, "Assertions: 1 fails, 1 is undecided, 3 hold\n");
    const char *fails = strstr(text.text, "fails "), *open = strstr(text.text, "undecided ");
    cr_assert(heading && fails && open, "%s", text.text);
    fails = strstr(heading, "\n  fails"), open = strstr(heading, "\n  undecided");
    cr_assert(fails && open && fails < open, "%s", text.text);
    cr_expect_not_null(strstr(open, "\n  holds"), "%s", text.text);
    cr_expect_not_null(strstr(fails, "false_rollback < 5%"), "%s", text.text);
    cr_expect_not_null(strstr(fails, "10.0 % [7.7, 12.9]"), "%s", text.text);
    cr_expect_not_null(
        strstr(text.text, "replications would probably decide false_rollback < 11% of ours"));
    cm_buffer_release(&text);
    release_three();
}

Test(assertion, json_says_passed_where_it_has_passed)
{
    struct cm_buffer text = {0};
    assert_three();
    write_as(CM_FORMAT_JSON, &text);
    json_t *root = json_loads(text.text, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(root, "%s", text.text);
    const json_t *list = json_object_get(root, "assertions");
    cr_expect(json_is_false(json_object_get(root, "passed")), "one has failed");
    cr_assert_eq(json_array_size(list), 5);
    cr_expect(json_is_false(json_object_get(json_array_get(list, 0), "passed")));
    cr_expect(json_is_true(json_object_get(json_array_get(list, 1), "passed")));
    cr_expect(json_is_null(json_object_get(json_array_get(list, 4), "passed")));
    cr_expect_str_eq(json_string_value(json_object_get(json_array_get(list, 4), "assert")),
                     "close");
    json_decref(root);
    cm_buffer_release(&text);
    release_three();
}

static size_t count_of(const char *text, const char *word)
{
    size_t n = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        n++;
    return n;
}

Test(assertion, junit_has_a_testcase_a_claim_and_skips_what_is_undecided)
{
    struct cm_buffer text = {0};
    assert_three();
    cm_write_junit(&claims, false, cm_buffer_writer(&text));
    cr_expect_eq(count_of(text.text, "<testcase "), 5, "%s", text.text);
    cr_expect_eq(count_of(text.text, "<failure "), 1);
    cr_expect_eq(count_of(text.text, "<skipped "), 1);
    cr_expect_not_null(strstr(text.text, "tests=\"5\" failures=\"1\" errors=\"0\" skipped=\"1\""));
    cr_expect(strstr(text.text, "name=\"ours, healthy: false_rollback &#60; 5%\""));
    cr_expect_not_null(strstr(text.text, "classname=\"shop.ini.assert.close\""));
    cm_buffer_clear(&text);
    cm_write_junit(&claims, true, cm_buffer_writer(&text));
    cr_expect_eq(count_of(text.text, "<failure "), 2, "%s", text.text);
    cr_expect_not_null(strstr(text.text, "failures=\"2\" errors=\"0\" skipped=\"0\""));
    cm_buffer_release(&text);
    release_three();
}
