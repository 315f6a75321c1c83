/* Value types: what each accepts, refuses and prints; parse(print(v)) == v for whatever is
 * accepted. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/param.h"
#include "sim/base/rng.h"

static const char *const colours[] = {"red", "green", "blue", NULL};

struct options {
    double alpha, shape, rate;
    uint64_t count;
    cm_time window, patience;
    bool flag;
    int colour;
    const char *label;
    struct cm_change errors, latency;
    struct cm_quantity limit;
    struct cm_ref metric;
    struct cm_refs gates;
};
static const struct cm_param rows[] = {
    CM_PROB(struct options, alpha, "1%", 0, 1, "A."),
    CM_NUMBER(struct options, shape, "none", 1e-6, 0.5, "S."),
    CM_RATE(struct options, rate, NULL, 0, 1e6, "R."),
    CM_COUNT(struct options, count, "none", 1, 1e9, "C."),
    CM_DURATION(struct options, window, "1m", 1e9, 3600e9, "W."),
    CM_DURATION(struct options, patience, "none", 0, CM_MAX_DURATION, "P."),
    CM_FLAG(struct options, flag, "no", "F."),
    CM_CHOICE(struct options, colour, "green", colours, "C."),
    CM_TEXT(struct options, label, "none", "L."),
    CM_CHANGE_PROB(struct options, errors, "none", "E."),
    CM_CHANGE_TIME(struct options, latency, "none", "L."),
    CM_QUANTITY(struct options, limit, "none", "M."),
    CM_REF(struct options, metric, "metric", "none", "M."),
    CM_REFS(struct options, gates, "gate", "none", "G."),
    CM_PARAMS_END,
};

/* The reason for refusing `text`, or what it prints as. */
static int set(const char *key, const char *text, char *said, size_t size)
{
    struct options options = {0};
    struct cm_arena arena = {0};
    struct cm_err err = {0};
    const struct cm_param *row = cm_param_find(rows, key);
    cr_assert(row);
    int status = cm_param_set(row, &options, text, &arena, &err);
    if (status) {
        snprintf(said, size, "%s", err.text);
        cr_expect_leq(err.at + err.length, strlen(text) + 1, "%s: %s", text, err.text);
    } else {
        struct cm_buffer b = {0};
        row->type->print(row, (char *)&options + row->offset, cm_buffer_writer(&b));
        snprintf(said, size, "%s", b.text);
        cm_buffer_release(&b);
    }
    cm_arena_release(&arena);
    return status;
}

Test(types, accepted_values_print_in_canonical_form)
{
    static const struct {
        const char *key, *text, *want;
    } cases[] = {
        {"alpha", "10%", "10%"},
        {"alpha", " 0.5pp\t", "0.5%"},
        {"alpha", "0", "0%"},
        {"alpha", "100%", "100%"},
        {"shape", "1e-6", "1e-06"},
        {"shape", "0.5", "0.5"},
        {"shape", "none", "none"},
        {"rate", "1k rps", "1000 rps"},
        {"rate", "90 rpm", "1.5 rps"},
        {"rate", "1 rpm", "1 rpm"},
        {"count", "2k", "2000"},
        {"count", "none", "none"},
        {"window", "90s", "1m30s"},
        {"window", "1500ms", "1500ms"},
        {"window", "1h", "1h"},
        {"patience", "none", "none"},
        {"patience", "0", "0s"},
        {"flag", "yes", "yes"},
        {"flag", "off", "no"},
        {"flag", "true", "yes"},
        {"colour", "blue", "blue"},
        {"label", "a b, c", "a b, c"},
        {"label", "none", "none"},
        {"errors", "x3", "x3"},
        {"errors", "x0.5", "x0.5"},
        {"errors", "+1.1pp", "+1.1pp"},
        {"errors", "-0.2pp", "-0.2pp"},
        {"errors", "none", "none"},
        {"errors", "x1", "none"},
        {"errors", "x2 +1pp", "x2 +1pp"},
        {"errors", "x2+1pp", "x2 +1pp"},
        {"errors", "x0", "x0"},
        {"latency", "+200ms", "+200ms"},
        {"latency", "-20ms", "-20ms"},
        {"latency", "x3", "x3"},
        {"latency", "+1m30s", "+1m30s"},
        {"limit", "1%", "1%"},
        {"limit", "500ms", "500ms"},
        {"limit", "30 rps", "30 rps"},
        {"limit", "4", "4"},
        {"limit", "none", "none"},
        {"metric", "p99", "p99"},
        {"metric", "none", "none"},
        {"gates", "a,b-2 ,c", "a, b-2, c"},
        {"gates", "none", "none"},
    };
    char said[600];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status = set(cases[i].key, cases[i].text, said, sizeof said);
        cr_expect(status == 0 && strcmp(said, cases[i].want) == 0, "%s = %s: %s", cases[i].key,
                  cases[i].text, said);
    }
}

static const struct {
    const char *key, *text, *says;
} refusals[] = {
    {"alpha", "150%", "150% is outside [0%, 100%]"},
    {"alpha", "-1%", "-1% is outside [0%, 100%]"},
    {"alpha", "0.5", "write 50% for 0.5"},
    {"alpha", "none", "does not begin with a number"},
    {"alpha", "", "a value is missing (10%, 0.1%, 0.5pp)"},
    {"alpha", " \t ", "a value is missing"},
    {"shape", "1.5", "1.5 is outside [1e-06, 0.5]"},
    {"shape", "-1", "outside"},
    {"rate", "30", "a unit is needed (30 rps, 30 rpm)"},
    {"rate", "none", "does not begin"},
    {"rate", "2M rps", "2M rps is outside [0 rps, 1000000 rps]"},
    {"count", "0", "0 is outside [1, 1000000000]"},
    {"count", "-5", "outside"},
    {"count", "1.5", "not a whole number"},
    {"count", "18446744073709551615", "too large"},
    {"window", "2h", "2h is outside [1s, 1h]"},
    {"window", "5", "a unit is needed"},
    {"window", "-5m", "-5m is outside [1s, 1h]"},
    {"window", "999999999d", "too long for the clock"},
    {"patience", "400d", "400d is outside [0s, 370d8h53m20s]"},
    {"flag", "maybe", "'maybe' is neither yes nor no"},
    {"flag", "Yes", "neither yes nor no"},
    {"colour", "gren", "did you mean 'green'?"},
    {"colour", "mauve", "one of: red, green, blue"},
    {"errors", "3", "'3' is no change"},
    {"errors", "x", "no factor"},
    {"errors", "x-1", "x-1 is outside [x0, x1e+06]"},
    {"errors", "xx3", "no factor"},
    {"errors", "x3%", "no factor"},
    {"errors", "+1%", "'+1%' is unclear"},
    {"errors", "+1", "'+1' is unclear"},
    {"errors", "+200ms", "a ratio is expected"},
    {"errors", "+-1pp", "two signs"},
    {"errors", "+150pp", "more than 100pp"},
    {"errors", "+1pp x2", "not understood"},
    {"errors", "+none", "does not begin with a number"},
    {"latency", "+20", "a unit is needed"},
    {"latency", "+1pp", "a duration is expected"},
    {"latency", "+500d", "more than a year"},
    {"limit", "-4", "-4 is below 0"},
    {"limit", "4 apples", "unknown unit 'apples'"},
    {"metric", "P99", "'P99' is not a name"},
    {"metric", "a b", "not a name"},
    {"gates", "a,,b", "a name is missing"},
    {"gates", ",a", "a name is missing"},
    {"gates", "a,", "a name is missing after the last comma"},
    {"gates", "a, ", "a name is missing"},
    {"gates", "a, b, a", "'a' stands twice"},
    {"gates", "a b", "'a b' is not a name"},
    {"gates", "a, none.x", "'none.x' is not a name"},
};

Test(types, refusals_name_the_value_and_what_would_be_accepted)
{
    char said[600];
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        int status = set(refusals[i].key, refusals[i].text, said, sizeof said);
        cr_expect(status == -1 && strstr(said, refusals[i].says), "%s = %s: %s", refusals[i].key,
                  refusals[i].text, said);
    }
}

Test(types, a_refusal_points_at_the_part_that_is_wrong)
{
    static const struct {
        const char *key, *text;
        size_t at, length;
    } cases[] = {
        {"gates", "a, B, c", 3, 1}, {"rate", "30 qps", 3, 3},   {"alpha", "1,5%", 1, 1},
        {"count", "2 # x", 2, 3},   {"window", "5m abc", 3, 3}, {"errors", "x2 +1 bad", 6, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options options = {0};
        struct cm_arena arena = {0};
        struct cm_err err = {0};
        const struct cm_param *row = cm_param_find(rows, cases[i].key);
        cr_assert_eq(cm_param_set(row, &options, cases[i].text, &arena, &err), -1);
        cr_expect(err.at == cases[i].at && err.length == cases[i].length, "%s: %zu+%zu %s",
                  cases[i].text, err.at, err.length, err.text);
        cm_arena_release(&arena);
    }
}

Test(types, defaults_fill_the_struct_and_rows_without_one_are_left_alone)
{
    struct options o = {.rate = 77};
    struct cm_arena arena = {0};
    cm_params_default(rows, &o, &arena);
    cr_expect_eq(o.alpha, 0.01);
    cr_expect(isnan(o.shape));
    cr_expect_eq(o.rate, 77);
    cr_expect_eq(o.count, UINT64_MAX);
    cr_expect_eq(o.window, CM_MINUTE);
    cr_expect_eq(o.patience, CM_NO_DURATION);
    cr_expect_eq(o.flag, false);
    cr_expect_eq(o.colour, 1);
    cr_expect_null(o.label);
    cr_expect(o.errors.times == 1 && o.errors.plus == 0);
    cr_expect(isnan(o.limit.value));
    cr_expect(o.metric.name == NULL && o.metric.index == -1);
    cr_expect_eq(o.gates.n, 0);
    cm_arena_release(&arena);
}

Test(types, a_value_that_is_refused_leaves_the_field_alone)
{
    struct options o = {.alpha = 0.25, .count = 7, .window = 9, .colour = 2, .flag = true};
    struct options before = o;
    struct cm_arena arena = {0};
    struct cm_err err;
    for (const struct cm_param *row = rows; row->name; row++)
        if (strcmp(row->name, "label") != 0) /* any text is a text */
            cr_expect_eq(cm_param_set(row, &o, "?!", &arena, &err), -1, "%s", row->name);
    cr_expect_eq(memcmp(&o, &before, sizeof o), 0);
    cm_arena_release(&arena);
}

static bool same(const struct cm_param *row, const struct options *a, const struct options *b)
{
    if (row->type == &cm_type_ref)
        return a->metric.index == b->metric.index &&
               (a->metric.name ? b->metric.name && strcmp(a->metric.name, b->metric.name) == 0
                               : !b->metric.name);
    if (row->type == &cm_type_text)
        return a->label ? b->label && strcmp(a->label, b->label) == 0 : !b->label;
    if (row->type == &cm_type_quantity) /* its padding may be anything */
        return memcmp(&a->limit.value, &b->limit.value, sizeof a->limit.value) == 0 &&
               a->limit.unit == b->limit.unit;
    if (row->type == &cm_type_refs) {
        bool equal = a->gates.n == b->gates.n;
        for (size_t i = 0; equal && i < a->gates.n; i++)
            equal = strcmp(a->gates.refs[i].name, b->gates.refs[i].name) == 0;
        return equal;
    }
    return memcmp(a, b, sizeof *a) == 0; /* the rest is plain bytes, NANs included */
}

/* What values are made of, and what should not be in them. */
static const char *const pieces[] = {
    "1",
    "0",
    "9",
    "25",
    ".",
    "e",
    "-",
    "+",
    "%",
    "pp",
    "ms",
    "s",
    "m",
    "h",
    "d",
    "us",
    "ns",
    "k",
    "M",
    " rps",
    "rpm",
    "rph",
    "x",
    " ",
    ",",
    "none",
    "#",
    ";",
    "a",
    "b-c",
    "Z",
    "inf",
    "nan",
    "0x1p3",
    "e9",
    "e-300",
    "e400",
    "\t",
    "\xc2\xb5s",
    "\xff",
    "(",
    ")",
    "=",
    "yes",
    "red",
    "1e",
    "99999999999999999999",
    "000000",
    "'",
    "\"",
    "%s%n",
    "\x01",
};

/* Text that looks enough like values to get past the first check. */
static void hostile(struct cm_rng *rng, char *text, size_t size)
{
    text[0] = '\0';
    uint64_t n = 1 + cm_rng_next(rng) % 7;
    for (uint64_t i = 0; i < n; i++) {
        const char *piece = pieces[cm_rng_next(rng) % (sizeof pieces / sizeof pieces[0])];
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s", piece);
    }
}

/* Prints the value that `text` gave and reads it again. */
static void check_round_trip(const struct cm_param *row, const char *text,
                             const struct options *first, struct cm_arena *arena)
{
    struct options second = {0};
    struct cm_err err = {0};
    struct cm_buffer b = {0};
    row->type->print(row, (const char *)first + row->offset, cm_buffer_writer(&b));
    cr_assert(b.length > 0, "%s: '%s' prints as nothing", row->name, text);
    cr_assert_eq(cm_param_set(row, &second, b.text, arena, &err), 0, "%s: '%s' -> '%s': %s",
                 row->name, text, b.text, err.text);
    cr_assert(same(row, first, &second), "%s: '%s' -> '%s' is another value", row->name, text,
              b.text);
    cm_buffer_release(&b);
}

Test(types, any_text_is_refused_with_words_or_gives_a_value_that_round_trips)
{
    struct cm_rng rng = cm_rng_stream(3, 0, 0, 0);
    int accepted = 0;
    for (int i = 0; i < 4000; i++) {
        char text[200];
        struct cm_arena arena = {0};
        hostile(&rng, text, sizeof text);
        for (const struct cm_param *row = rows; row->name; row++) {
            struct options first = {0};
            struct cm_err err = {0};
            if (cm_param_set(row, &first, text, &arena, &err) == 0) {
                check_round_trip(row, text, &first, &arena);
                accepted++;
            } else {
                cr_assert(err.text[0] && err.text[strlen(err.text) - 1] != '.', "%s", err.text);
            }
        }
        cm_arena_release(&arena);
    }
    cr_expect_gt(accepted, 5000); /* every text is a label; the rest must not be all refusals */
}

Test(types, a_very_long_value_is_refused_or_kept_but_never_overruns)
{
    static char text[20001];
    static const char fillings[] = "1ax, .%-";
    struct cm_arena arena = {0};
    for (size_t f = 0; f < sizeof fillings - 1; f++) {
        memset(text, fillings[f], sizeof text - 1);
        for (const struct cm_param *row = rows; row->name; row++) {
            struct options options = {0};
            struct cm_err err = {0};
            cm_param_set(row, &options, text, &arena, &err);
        }
    }
    cm_arena_release(&arena);
}
