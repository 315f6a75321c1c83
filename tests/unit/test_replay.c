/* Reading recordings: the formats that exist, the mistakes they hold, and what a step means. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "sim/traffic/arrivals.h"
#include "sim/traffic/csv.h"

extern const struct cm_arrivals cm_arrivals_replay;

struct trace {
    const char *text;
    size_t length; /* 0 = terminated */
};

static int read_trace(void *self, const char *path, const char *relative_to, struct cm_arena *arena,
                      const char **text, size_t *length, const char **resolved, struct cm_err *err)
{
    const struct trace *trace = self;
    if (strcmp(path, "t.csv") != 0 || strcmp(relative_to, "shop.ini") != 0)
        return cm_fail(err, "%s cannot be read", path);
    *length = trace->length ? trace->length : strlen(trace->text);
    *text = cm_arena_text(arena, trace->text, *length);
    *resolved = "t.csv";
    return 0;
}

struct replay {
    struct cm_arena arena;
    struct cm_err err;
    void *options, *state;
};

static int set(struct replay *r, const char *setting)
{
    char name[40] = {0};
    const char *value = strchr(setting, '=') + 1;
    memcpy(name, setting, (size_t)(value - setting - 1));
    const struct cm_param *row = cm_param_find(cm_arrivals_replay.kind.params, name);
    cr_assert(row, "no parameter %s", name);
    return cm_param_set(row, r->options, value, &r->arena, &r->err);
}

static int open_bytes(struct replay *r, struct trace trace, const char *const *settings)
{
    const struct cm_kind *kind = &cm_arrivals_replay.kind;
    *r = (struct replay){0};
    r->options = cm_arena_alloc(&r->arena, kind->options_size);
    cm_params_default(kind->params, r->options, &r->arena);
    set(r, "file=t.csv");
    set(r, "step=5m");
    for (; settings && *settings; settings++)
        if (set(r, *settings))
            return -1;
    struct cm_source source = {.self = &trace, .read = read_trace};
    if (kind->check(r->options, &r->err) ||
        kind->prepare(r->options, &source, "shop.ini", &r->arena, &r->err))
        return -1;
    r->state = cm_arena_alloc(&r->arena, cm_arrivals_replay.state_size(r->options));
    return 0;
}

static int open_replay(struct replay *r, const char *text, const char *const *settings)
{
    return open_bytes(r, (struct trace){text, 0}, settings);
}

static void close_replay(struct replay *r)
{
    cm_arena_release(&r->arena);
}

static struct cm_stretch first(struct replay *r, cm_time from, cm_time origin)
{
    struct cm_rng rng = cm_rng_stream(1, 0, 1, 0);
    cm_arrivals_replay.start(r->options, r->state, from, origin, &rng);
    return cm_arrivals_replay.next(r->options, r->state, from);
}

/* The counts of all steps as "94 56 0". */
static void counts(struct replay *r, char *out, size_t room)
{
    size_t n = 0;
    cm_time end = cm_arrivals_replay.span(r->options);
    struct cm_stretch s = first(r, 0, 0);
    for (cm_time now = 0; now < end; s = cm_arrivals_replay.next(r->options, r->state, now)) {
        n += (size_t)snprintf(out + n, room - n, "%s%llu", n ? " " : "",
                              (unsigned long long)s.count);
        now = s.until;
    }
}

static void expect_counts(const char *text, const char *const *settings, const char *want)
{
    struct replay r;
    char got[200] = "";
    cr_assert_eq(open_replay(&r, text, settings), 0, "%s", r.err.text);
    counts(&r, got, sizeof got);
    cr_assert_str_eq(got, want);
    close_replay(&r);
}

static void expect_refusal(const char *text, const char *const *settings, const char *says)
{
    struct replay r;
    cr_assert_eq(open_replay(&r, text, settings), -1, "accepted: %s", text);
    cr_assert(strstr(r.err.text, says), "'%s' lacks '%s'", r.err.text, says);
    cr_assert_neq(r.err.text[strlen(r.err.text) - 1], '.');
    close_replay(&r);
}

static void expect_note(const char *text, const char *const *settings, const char *says)
{
    struct replay r;
    cr_assert_eq(open_replay(&r, text, settings), 0, "%s", r.err.text);
    const char *note = cm_arrivals_replay.note(r.options);
    if (says)
        cr_assert(note && strstr(note, says), "'%s' lacks '%s'", note ? note : "", says);
    else
        cr_assert_null(note, "%s", note);
    close_replay(&r);
}

#define SET(...) ((const char *const[]){__VA_ARGS__, NULL})

/* --- formats that exist ----------------------------------------------------------------------- */

Test(replay, a_load_balancer_export_with_header_and_counts_as_decimals)
{
    expect_counts("timestamp,value\n2014-04-10 00:04:00,94.0\n2014-04-10 00:09:00,56.0\n"
                  "2014-04-10 00:14:00,187.0\n",
                  NULL, "94 56 187");
}

Test(replay, one_row_a_request_with_capitals_fractions_and_no_last_line_end)
{
    /* 10 s steps from the first row; the last, incomplete step is left out. */
    expect_counts("TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
                  "2023-11-16 18:17:03.9799600,4808,10\r\n"
                  "2023-11-16 18:17:04.0319600,3180,8\r\n"
                  "2023-11-16 18:17:13.9799599,110,27\r\n"
                  "2023-11-16 18:17:13.9799600,110,27\r\n"
                  "2023-11-16 18:17:34.9280160,549,173",
                  SET("count_column=none", "step=10s"), "3 1 0");
}

Test(replay, forms_of_the_same_table_read_the_same)
{
    static const char *const forms[] = {
        "2024-02-28 23:55:00,7\n2024-02-29 00:00:00,8\n",
        "\xef\xbb\xbftime,requests\r\n2024-02-28 23:55:00,7\r\n\r\n2024-02-29 00:00:00,8\r\n",
        "\"time\",\"value\"\n\"2024-02-28T23:55:00Z\",\"7\"\n\"2024-02-29T00:00:00Z\",\"8\"\n",
        "Date;Count\n2024-02-28 23:55:00.000;7\n2024-02-29 00:00:00.000;8\n",
        "requests\ttime\n7.00\t2024-02-29T00:55:00+01:00\n8e0\t2024-02-29T01:00:00+0100\n",
        "time, value\n1709164500, 7\n1709164800.5, 8\n",
        "value,region,time\n7,\"a\"\",b\",0\n8,,300\n",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        expect_counts(forms[i], NULL, "7 8");
}

Test(replay, columns_go_by_number_or_by_name)
{
    static const char table[] = "host,when,hits,errors\nweb-1,0,5,1\nweb-1,300,6,0\n";
    expect_counts(table, SET("time_column=when", "count_column=hits"), "5 6");
    expect_counts(table, SET("time_column=2", "count_column=4"), "1 0");
    expect_counts("web-1,0,5\nweb-1,300,6\n", SET("time_column=2", "count_column=3"), "5 6");
    expect_refusal(table, SET("time_column=when"), "no column is called 'value'");
    expect_refusal(table, NULL, "t.csv:1: no column is called 'timestamp'");
    expect_refusal("when,hits\r\n0,5\r\n", SET("count_column=2"), "(the file has: when,hits)");
    expect_refusal(table, SET("time_column=when", "count_column=hist"),
                   "no column is called 'hist' (the file has: host,when,hits,errors)");
}

Test(replay, a_header_of_other_counts_is_never_mistaken_for_requests)
{
    expect_refusal("TIMESTAMP,ContextTokens\n2023-11-16 18:17:03.9,4808\n", NULL,
                   "set count_column to a name, a number, or none if each row is a request");
}

/* Seconds since 1970 from `date -u -d ... +%s` (GNU coreutils). */
Test(replay, times_are_those_of_the_calendar)
{
    static const struct {
        const char *text;
        int64_t second, nanosecond;
    } cases[] = {
        {"1970-01-01 00:00:00", 0, 0},
        {"2000-02-29 12:00:00", 951825600, 0},
        {"2014-04-10 00:04:00", 1397088240, 0},
        {"2023-11-16 18:17:03.9799600", 1700158623, 979960000},
        {"2024-03-01 00:00:00", 1709251200, 0},
        {"2024-12-31T23:59:59.1234567899Z", 1735689599, 123456789},
        {"2024-06-30T23:30:00-08:30", 1719820800, 0},
        {"2024-07-01T05:30:00+0530", 1719792000, 0},
        {"2100-02-28 23:59:59", 4107542399, 0},
        {"2100-03-01 00:00:00", 4107542400, 0},
        {"1700000000.25", 1700000000, 250000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cm_time time = -1;
        const char *wrong = cm_csv_time(cm_slice_of(cases[i].text), &time);
        cr_assert_null(wrong, "%s: %s", cases[i].text, wrong);
        cr_assert_eq(time, cases[i].second * CM_SECOND + cases[i].nanosecond, "%s: %lld",
                     cases[i].text, (long long)time);
    }
}

/* --- mistakes --------------------------------------------------------------------------------- */

Test(replay, bad_rows_are_refused_with_line_and_reason)
{
    static const struct {
        const char *row, *says;
    } cases[] = {
        {"300,-4", "t.csv:3: '-4' is negative"},
        {"300,4.5", "'4.5' is not a whole number"},
        {"300,NaN", "'NaN' is not a number"},
        {"300,0x10", "'0x10' is not a number"},
        {"300,1e400", "beyond 2^53"},
        {"300,1e", "'1e' is not a number"},
        {"300,", "empty where a count"},
        {"300", "too few columns"},
        {",5", "empty where a time"},
        {"300,\"5", "an unclosed quote"},
        {"yesterday,5", "'yesterday' is not a time"},
        {"1700000000000,5", "plain times are seconds"},
        {"-300,5", "not a time"},
        {"1970-01-01 00:05,5", "not a time"},
        {"1970-02-29 00:00:00,5", "not a time"},
        {"2024-04-31 00:00:00,5", "not a time"},
        {"1969-12-31 23:59:59,5", "not a time"},
        {"300s,5", "not a time"},
        {".5,5", "not a time"},
        {"300.5.5,5", "not a time"},
        {"1970-13-01 00:00:00,5", "not a time"},
        {"1970-00-01 00:00:00,5", "not a time"},
        {"1970-01-01 24:00:00,5", "not a time"},
        {"1970-01-01 00:05:00 UTC,5", "not a time"},
        {"0,5", "less than step = 300 s after the one above"},
        {"60,5", "60 s off the grid"},
        {"250,5", "-50 s off the grid"},
        {"2000-01-01 00:00:00,5", "or hold fills them"},
        {"2100-01-01 00:00:00,5", "steps of 300 s after the first; at most 4194304"},
        {"\x01\x02\xff,5", "?' is not a time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "time,value\n0,5\n%s\n", cases[i].row);
        expect_refusal(text, NULL, cases[i].says);
    }
}

Test(replay, time_ascends)
{
    expect_refusal("600,5\n300,5\n", NULL, "t.csv:2: the time is before that of the row above");
    expect_refusal("600\n599.9\n", SET("count_column=none"), "t.csv:2: the time is before");
}

Test(replay, files_without_traffic_are_refused)
{
    expect_refusal("", NULL, "t.csv is empty");
    expect_refusal("\n \r\n", NULL, "t.csv is empty");
    expect_refusal(",5\n300,6\n", NULL, "t.csv:1: '' is empty where a time is needed");
    expect_refusal("time,value\n", NULL, "no row that can be read");
    expect_refusal("0,0\n300,0\n", NULL, "holds no request");
    expect_refusal("0\n299\n", SET("count_column=none"), "shorter than one step");
    expect_refusal("0,5\n", SET("file=other.csv"), "other.csv cannot be read");
}

Test(replay, bad_rows_may_be_left_out_and_are_counted)
{
    static const char table[] = "time,value\n0,5\nnoise\n300,6\n600,x\n900,8\n";
    const char *const skip[] = {"bad_rows=skip", "gaps=zero", NULL};
    expect_counts(table, skip, "5 6 0 8");
    expect_note(table, skip,
                "2 bad rows were left out, the first in line 3: 'noise' is not a time");
    expect_note(table, skip, "1 of 4 recorded steps have no row (gaps = zero)");
    expect_refusal(table, SET("bad_rows=skip"), "t.csv:6: 1 of 4 steps of 300 s have no row");
    expect_refusal("x\ny\n", SET("bad_rows=skip", "time_column=1"), "no column is called");
    expect_refusal("1,x\n2,y\n", SET("bad_rows=skip"), "no row that can be read");
}

Test(replay, missing_rows_are_refused_zero_or_held)
{
    static const char table[] = "0,5\n300,6\n1200,7\n1500,8\n2100,9\n";
    expect_refusal(table, NULL, "t.csv:3: 3 of 8 steps of 300 s have no row");
    expect_refusal("0,5\n600,6\n", NULL, "t.csv:2: 1 of 3 steps of 300 s have no row");
    expect_counts(table, SET("gaps=zero"), "5 6 0 0 7 8 0 9");
    expect_counts(table, SET("gaps=hold"), "5 6 6 6 7 8 8 9");
    expect_note(table, SET("gaps=hold"), "3 of 8 recorded steps have no row (gaps = hold)");
    expect_note("0,5\n300,6\n", NULL, NULL);
}

Test(replay, a_zero_that_was_recorded_is_no_gap_and_holds_as_zero)
{
    expect_counts("0,5\n300,0\n900,7\n", SET("gaps=hold"), "5 0 0 7");
}

Test(replay, rows_may_lie_off_the_grid_by_a_tenth_of_a_step)
{
    expect_counts("0,5\n330,6\n570,7\n900,8\n", NULL, "5 6 7 8");
    expect_refusal("0,5\n331,6\n", NULL, "31 s off the grid");
}

Test(replay, any_bytes_are_read_or_refused_but_never_crash)
{
    static const char alphabet[] = "0123456789-: T.,;\"\n\r\tZ+eE\0x\xff";
    struct cm_rng rng = cm_rng_stream(1, 2, 3, 4);
    for (int i = 0; i < 4000; i++) {
        char text[120];
        size_t length = cm_rng_next(&rng) % sizeof text + 1;
        for (size_t j = 0; j < length && j < sizeof text; j++)
            text[j] = alphabet[cm_rng_next(&rng) % (sizeof alphabet - 1)];
        struct replay r;
        const char *const skip[] = {"bad_rows=skip", "gaps=hold",
                                    i % 2 ? "count_column=none" : "count_column=2", "step=1ms",
                                    NULL};
        struct trace trace = {text, length < sizeof text ? length : sizeof text};
        if (open_bytes(&r, trace, skip) == 0)
            cr_assert_gt(cm_arrivals_replay.span(r.options), 0);
        close_replay(&r);
    }
}

/* --- what a step means ------------------------------------------------------------------------ */

Test(replay, a_path_that_begins_inside_a_step_gets_the_count_of_the_whole_step)
{
    struct replay r;
    open_replay(&r, "0,50\n300,60\n600,70\n", NULL);
    struct cm_stretch s = first(&r, -CM_MINUTE, 6 * CM_MINUTE + 30 * CM_SECOND);
    cr_assert_eq(s.since, -90 * CM_SECOND); /* the clock shows 330 s: 30 s into the second step */
    cr_assert_eq(s.since + 30 * CM_SECOND, -CM_MINUTE);
    cr_assert_eq(s.until, 210 * CM_SECOND);
    cr_assert_eq(s.count, 60);
    cr_assert_float_eq(s.rate, 0.2, 1e-15);
    close_replay(&r);
}

Test(replay, there_is_no_traffic_before_and_after_the_recording)
{
    struct replay r;
    open_replay(&r, "0,50\n300,60\n", NULL);
    struct cm_stretch s = first(&r, -CM_HOUR, CM_MINUTE);
    cr_assert(s.count == 0 && s.rate == 0 && s.until == -CM_MINUTE);
    cr_assert_eq(first(&r, -1, 0).until, 0);
    s = first(&r, 0, 10 * CM_MINUTE);
    cr_assert(s.count == 0 && s.rate == 0 && s.until == CM_NEVER);
    close_replay(&r);
}

Test(replay, the_mean_rate_is_that_of_the_recording_times_its_scale)
{
    struct replay r;
    open_replay(&r, "0,50\n300,70\n", SET("scale=0.5"));
    cr_assert_float_eq(cm_arrivals_replay.mean_rate(r.options), 0.1, 1e-15);
    close_replay(&r);
    cr_assert_eq(open_replay(&r, "0,50\n", SET("scale=2")), -1); /* only thinning is exact */
    cr_assert(strstr(r.err.text, "outside"), "%s", r.err.text);
    close_replay(&r);
}
