/* Tables, the words for their numbers, and the four writers. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/words.h"
#include "analysis/write.h"

static const struct cm_column share = {NULL, "missed", CM_COLUMN_SHARE, true, NULL};
static const struct cm_column duration = {NULL, "median", CM_COLUMN_DURATION, true, NULL};
static const struct cm_column number = {NULL, "failures", CM_COLUMN_NUMBER, true, NULL};
static const struct cm_column money = {NULL, "cost", CM_COLUMN_MONEY, true, "EUR"};

static void expect_words(const struct cm_column *column, struct cm_estimate e, const char *want)
{
    struct cm_buffer got = {0};
    cm_words_both(column, &e, cm_buffer_writer(&got));
    cr_expect_str_eq(got.text, want);
    cm_buffer_release(&got);
}

Test(words, a_share_is_said_in_percent_to_the_digits_that_matter)
{
    static const struct {
        double value, low, high;
        const char *want;
    } cases[] = {
        {0.199, 0.182, 0.2174, "19.9 % [18.2, 21.7]"},
        {0.009, 0.0057, 0.0142, "0.90 % [0.57, 1.42]"},
        {0.9992, 0.999, 0.9994, "99.920 % [99.900, 99.940]"},
        {0.00012, 1e-5, 3e-4, "0.012 % [0.001, 0.030]"},
        {1.87e-6, 1.78e-6, 1.96e-6, "0.00019 % [0.00018, 0.00020]"},
        {0, 0, 0.001497, "< 0.15 %"},
        {1, 0.998503, 1, "> 99.85 %"},
        {0.5, NAN, NAN, "50.0 %"},
        {NAN, NAN, NAN, "-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_words(&share,
                     (struct cm_estimate){cases[i].value, cases[i].low, cases[i].high, 2000},
                     cases[i].want);
}

Test(words, a_duration_is_said_in_its_two_largest_units)
{
    static const struct {
        double s;
        const char *want;
    } cases[] = {{0, "0s"},
                 {0.25, "250ms"},
                 {4.25, "4.2s"},
                 {45, "45s"},
                 {59.7, "1m"},
                 {430, "7m10s"},
                 {720, "12m"},
                 {3599.6, "1h"},
                 {3900, "1h05m"},
                 {7200, "2h"},
                 {3 * 86400.0, "3d"},
                 {200000, "2d07h"},
                 {INFINITY, "not reached"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_words(&duration, (struct cm_estimate){cases[i].s, NAN, NAN, 0}, cases[i].want);
}

Test(words, a_limit_that_the_data_do_not_give_is_left_open)
{
    expect_words(&duration, (struct cm_estimate){430, 400, INFINITY, 9}, "7m10s [from 6m40s]");
    expect_words(&duration, (struct cm_estimate){INFINITY, 400, INFINITY, 9},
                 "not reached [from 6m40s]");
    expect_words(&duration, (struct cm_estimate){INFINITY, INFINITY, INFINITY, 9}, "not reached");
}

Test(words, numbers_are_grouped_and_money_has_its_currency)
{
    expect_words(&number, (struct cm_estimate){1234567, 1e6, 2e6, 9},
                 "1,234,567 [1,000,000, 2,000,000]");
    expect_words(&number, (struct cm_estimate){13.42, 12, 15, 9}, "13.4 [12.0, 15.0]");
    expect_words(&number, (struct cm_estimate){0.5, 0, 1, 9}, "0.50 [0.00, 1.00]");
    expect_words(&money, (struct cm_estimate){1250, NAN, NAN, 9}, "1,250 EUR");
}

Test(words, an_effect_is_said_as_the_file_says_it)
{
    static const struct {
        struct cm_change errors, latency, slow;
        double slow_share, strength;
        const char *want;
    } cases[] = {
        {{1, 0.011}, {1, 0}, {1, 0}, 0, 1, "+1.1pp errors"},
        {{1, 0.011}, {1, 0}, {1, 0}, 0, 0.58, "+0.64pp errors"},
        {{3, 0}, {1.5, 0}, {1, 0}, 0, 1, "x3 errors, x1.5 latency"},
        {{3, 0}, {1, 0.02}, {1, 0}, 0, 0.5, "x2 errors, +10ms latency"},
        {{1, 0}, {1, 0}, {1, 0.3}, 0.02, 1, "2% of requests +300ms"},
        {{1, 0}, {1, 0}, {8, 0}, 0.02, 2, "4% of requests x8"}, /* the share grows, not the wait */
        {{1, 0}, {1, -1.5}, {1, 0}, 0, 1, "-1.5s latency"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_defect d = {.error_rate = cases[i].errors,
                              .latency = cases[i].latency,
                              .slow_latency = cases[i].slow,
                              .slow_share = cases[i].slow_share};
        struct cm_buffer got = {0};
        cm_words_effect(&d, cases[i].strength, cm_buffer_writer(&got));
        cr_expect_str_eq(got.text, cases[i].want);
        cm_buffer_release(&got);
    }
}

Test(words, crashes_and_the_pods_concerned_are_said)
{
    static const struct {
        struct cm_change errors;
        cm_time crash_every;
        struct cm_quantity instances;
        double strength;
        const char *want;
    } cases[] = {
        {{1, 0}, 2 * CM_MINUTE, {NAN, CM_PURE}, 1, "a crash of each pod every 2m"},
        {{1, 0}, 2 * CM_MINUTE, {NAN, CM_PURE}, 2, "a crash of each pod every 1m"},
        {{3, 0}, 2 * CM_MINUTE, {NAN, CM_PURE}, 1, "x3 errors, a crash of each pod every 2m"},
        {{3, 0}, CM_NO_DURATION, {1, CM_PURE}, 1, "x3 errors in 1 pod"},
        {{3, 0}, CM_NO_DURATION, {2, CM_PURE}, 1, "x3 errors in 2 pods"},
        {{3, 0}, CM_NO_DURATION, {0.25, CM_RATIO}, 0.5, "x2 errors in 25% of pods"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_defect d = {.error_rate = cases[i].errors,
                              .latency = {1, 0},
                              .slow_latency = {1, 0},
                              .crash_every = cases[i].crash_every,
                              .instances = cases[i].instances};
        struct cm_buffer got = {0};
        cm_words_effect(&d, cases[i].strength, cm_buffer_writer(&got));
        cr_expect_str_eq(got.text, cases[i].want);
        cm_buffer_release(&got);
    }
}

/* One key, a share and a duration in a group, a count: two policies. */
static void fill(struct cm_table *t)
{
    cm_table_init(t, "Detection", 1);
    cm_table_column(t, (struct cm_column){NULL, "policy", CM_COLUMN_TEXT, false, NULL});
    cm_table_column(t, (struct cm_column){"leak", "missed\nshare", CM_COLUMN_SHARE, true, NULL});
    cm_table_column(t, (struct cm_column){"leak", "median", CM_COLUMN_DURATION, false, NULL});
    cm_table_column(t, (struct cm_column){NULL, "n", CM_COLUMN_COUNT, false, NULL});
    cm_table_text(t, "flagger, \"old\" | odd");
    cm_table_estimate(t, (struct cm_estimate){0.199, 0.182, 0.217, 2000});
    cm_table_number(t, 430);
    cm_table_count(t, 2000);
    cm_table_text(t, "ours");
    cm_table_estimate(t, (struct cm_estimate){0, 0, 0.0015, 2000});
    cm_table_number(t, INFINITY);
    cm_table_count(t, 18446744073709551615u);
    cm_table_note(t, "median of all 2.");
}

static void expect_table(void (*write)(const struct cm_table *, struct cm_writer), const char *want)
{
    struct cm_table t;
    struct cm_buffer got = {0};
    fill(&t);
    write(&t, cm_buffer_writer(&got));
    cr_expect_str_eq(got.text, want);
    cm_buffer_release(&got);
    cm_table_release(&t);
    cm_table_release(&t);
}

static void write_text(const struct cm_table *t, struct cm_writer to)
{
    cm_write_text.table(to, t);
}

static void write_markdown(const struct cm_table *t, struct cm_writer to)
{
    cm_write_markdown.table(to, t);
}

Test(table, text_is_aligned_and_says_no_key_twice)
{
    expect_table(
        write_text,
        "Detection\n"
        "                        leak -----------------------------\n"
        "                        missed\n"
        "  policy                share                       median                           n\n"
        "  --------------------  ---------------------  -----------  --------------------------\n"
        "  flagger, \"old\" | odd    19.9 % [18.2, 21.7]        7m10s                       2,000\n"
        "  ours                  < 0.15 %               not reached  18,446,744,073,709,551,615\n"
        "\n"
        "  median of all 2.\n"
        "\n");
}

Test(table, markdown_escapes_its_bars)
{
    expect_table(write_markdown,
                 "## Detection\n\n"
                 "| policy | **leak**<br>missed share | median | n |\n"
                 "|---|---:|---:|---:|\n"
                 "| flagger, \"old\" \\| odd | 19.9 % [18.2, 21.7] | 7m10s | 2,000 |\n"
                 "| ours | < 0.15 % | not reached | 18,446,744,073,709,551,615 |\n\n"
                 "median of all 2.\n\n");
}

Test(table, csv_quotes_what_needs_it_and_writes_every_limit)
{
    expect_table(cm_write_csv,
                 "policy,leak_missed_share,leak_missed_share_low,leak_missed_share_high,"
                 "leak_median,n\n"
                 "\"flagger, \"\"old\"\" | odd\",0.199,0.182,0.217,430,2000\n"
                 "ours,0,0,0.0015,,18446744073709551615\n");
}

/* Doubles that decimal notation is known to lose: each has to come back to the last bit. */
static const double awkward[] = {0.1,   1.0 / 3,       5e-324,
                                 2,     123456789.123, 1.7976931348623157e308,
                                 -1e22, 0.1 + 0.2,     -4.9406564584124654e-320};

static void fill_awkward(struct cm_table *t)
{
    cm_table_init(t, NULL, 0);
    cm_table_column(t, (struct cm_column){NULL, "x", CM_COLUMN_NUMBER, false, NULL});
    for (size_t i = 0; i < sizeof awkward / sizeof *awkward; i++)
        cm_table_number(t, awkward[i]);
    cm_table_number(t, NAN);
}

Test(table, numbers_in_csv_read_back_exactly)
{
    struct cm_table t;
    struct cm_buffer got = {0};
    fill_awkward(&t);
    cm_write_csv(&t, cm_buffer_writer(&got));
    char *at = strchr(got.text, '\n') + 1;
    for (size_t i = 0; i < sizeof awkward / sizeof *awkward; i++, at++) {
        double back = strtod(at, &at);
        cr_expect(memcmp(&back, &awkward[i], sizeof back) == 0, "%.17g", awkward[i]);
    }
    cr_expect_str_eq(at, "\n"); /* NAN is empty */
    cm_buffer_release(&got);
    cm_table_release(&t);
}

Test(table, numbers_in_json_read_back_exactly)
{
    struct cm_table t;
    struct cm_buffer got = {0};
    fill_awkward(&t);
    cm_write_json_rows(&t, cm_buffer_writer(&got));
    json_error_t error;
    json_t *rows = json_loads(got.text, JSON_DECODE_INT_AS_REAL, &error);
    cr_assert(rows != NULL, "%s", error.text);
    size_t n = sizeof awkward / sizeof *awkward;
    for (size_t i = 0; i < n; i++) {
        double back = json_real_value(json_object_get(json_array_get(rows, i), "x"));
        cr_expect(memcmp(&back, &awkward[i], sizeof back) == 0, "%.17g", awkward[i]);
    }
    const json_t *nothing = json_object_get(json_array_get(rows, n), "x");
    bool null = json_is_null(nothing);
    cr_expect(null);
    json_decref(rows);
    cm_buffer_release(&got);
    cm_table_release(&t);
}

Test(table, json_texts_survive_whatever_a_file_holds)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"a \"b\" \\ c\n\t\x01", "a \"b\" \\ c\n\t\x01"},
        {"gr\xc3\xbc\xc3\x9f \xe4\xb8\xad", "gr\xc3\xbc\xc3\x9f \xe4\xb8\xad"},
        {"latin1 \xfc.", "latin1 ?."},
        {"cut \xe4\xb8", "cut ??"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_buffer got = {0};
        cm_write_json_text(cases[i].text, cm_buffer_writer(&got));
        json_t *back = json_loads(got.text, JSON_DECODE_ANY, NULL);
        cr_assert(back != NULL, "%s", got.text);
        cr_expect_str_eq(json_string_value(back), cases[i].want);
        json_decref(back);
        cm_buffer_release(&got);
    }
}

/* Three groups of 40 columns do not fit 100: the last goes below, with the key said again. */
Test(table, a_table_that_is_too_wide_continues_below)
{
    struct cm_table t;
    struct cm_buffer got = {0};
    cm_table_init(&t, NULL, 1);
    cm_table_column(&t, (struct cm_column){NULL, "policy", CM_COLUMN_TEXT, false, NULL});
    static const char *const groups[] = {"one", "two", "three"};
    char wide[] = "1234567890123456789";
    for (int g = 0; g < 3; g++)
        for (int i = 0; i < 2; i++)
            cm_table_column(&t, (struct cm_column){groups[g], wide, CM_COLUMN_COUNT, false, NULL});
    cm_table_text(&t, "ours");
    for (uint64_t i = 0; i < 6; i++)
        cm_table_count(&t, i);
    cm_write_text.table(cm_buffer_writer(&got), &t);
    char *below = strstr(got.text, "\n\n");
    cr_assert(below != NULL);
    cr_expect(strstr(got.text, "two ---") < below);
    cr_expect(strstr(got.text, "three ---") > below);
    cr_expect(strstr(below, "ours") != NULL);
    for (char *line = got.text; *line; line += strcspn(line, "\n") + 1)
        cr_expect(strcspn(line, "\n") <= 100);
    cm_buffer_release(&got);
    cm_table_release(&t);
}

/* Two names of 40 characters would leave no room for the numbers; a group may be called more than
 * fits beside a name. */
Test(table, long_keys_stand_above_each_other)
{
    static const char long_name[] = "a-name-of-forty-characters-that-says-all";
    struct cm_table t;
    struct cm_buffer got = {0};
    cm_table_init(&t, "Ends", 2);
    cm_table_column(&t, (struct cm_column){NULL, "policy", CM_COLUMN_TEXT, false, NULL});
    cm_table_column(&t, (struct cm_column){NULL, "release", CM_COLUMN_TEXT, false, NULL});
    cm_table_column(&t,
                    (struct cm_column){"what is said of a group of columns that are much narrower",
                                       "n", CM_COLUMN_COUNT, false, NULL});
    for (uint64_t row = 0; row < 3; row++) {
        cm_table_text(&t, row < 2 ? long_name : "ours");
        cm_table_text(&t, row == 1 ? long_name : "healthy");
        cm_table_count(&t, row);
    }
    cm_write_text.table(cm_buffer_writer(&got), &t);
    cr_expect_str_eq(got.text, "Ends\n"
                               "                                           what is said of a group "
                               "of columns that are much "
                               "narrower\n"
                               "  policy\n"
                               "    release                                   n\n"
                               "    ----------------------------------------  -\n"
                               "  a-name-of-forty-characters-that-says-all\n"
                               "    healthy                                   0\n"
                               "    a-name-of-forty-characters-that-says-all  1\n"
                               "  ours\n"
                               "    healthy                                   2\n"
                               "\n");
    cm_buffer_release(&got);
    cm_table_release(&t);
}

Test(text, paragraphs_wrap_at_100_columns_of_what_is_seen)
{
    struct cm_buffer got = {0};
    struct cm_buffer text = {0};
    for (int i = 0; i < 60; i++)
        cm_print(cm_buffer_writer(&text), "%s\xc3\xbc\xc3\xbc\xc3\xbc", i ? " " : "");
    cm_write_text.item(cm_buffer_writer(&got), text.text);
    /* "  - " and 24 words of 3 and a blank are 99; the bytes are almost twice as many. */
    cr_expect(eq(sz, strcspn(got.text, "\n"), 4 + 24 * 7 - 1));
    cr_expect(strncmp(strchr(got.text, '\n') + 1, "    \xc3", 5) == 0);
    cm_buffer_release(&text);
    cm_buffer_release(&got);
}
