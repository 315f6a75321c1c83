/* Numbers with units. Expected values are what the text says in SI units; each is compared for
 * equality with the double that the compiler reads from the same decimal. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/base/rng.h"
#include "sim/base/units.h"

Test(units, a_number_reads_as_the_nearest_double_of_its_decimal)
{
    static const struct {
        const char *text;
        enum cm_unit unit;
        double want;
    } cases[] = {
        {"10%", CM_RATIO, 0.10},
        {"0.1%", CM_RATIO, 0.001},
        {"1.1%", CM_RATIO, 0.011},
        {"0.5pp", CM_RATIO, 0.005},
        {"100 %", CM_RATIO, 1},
        {"0", CM_RATIO, 0},
        {"1e-3%", CM_RATIO, 1e-5},
        {"99.99%", CM_RATIO, 0.9999},
        {"-0.2pp", CM_RATIO, -0.002},
        {"30 rps", CM_PER_SECOND, 30},
        {"30rps", CM_PER_SECOND, 30},
        {"1k rps", CM_PER_SECOND, 1000},
        {"1krps", CM_PER_SECOND, 1000},
        {"1.5 k rps", CM_PER_SECOND, 1500},
        {"2M rps", CM_PER_SECOND, 2e6},
        {"90 rpm", CM_PER_SECOND, 1.5},
        {"600 rph", CM_PER_SECOND, 600.0 / 3600},
        {"0", CM_PER_SECOND, 0},
        {"0.6", CM_PURE, 0.6},
        {"1e-3", CM_PURE, 1e-3},
        {"2k", CM_PURE, 2000},
        {".5", CM_PURE, 0.5},
        {"5.", CM_PURE, 5},
        {"+4", CM_PURE, 4},
        {"1E3", CM_PURE, 1000},
        {"-1.5", CM_PURE, -1.5},
        {"007", CM_PURE, 7},
        {"120ms", CM_SECONDS, 0.12},
        {"1.1s", CM_SECONDS, 1.1},
        {"1h30m", CM_SECONDS, 5400},
        {"1h 30m", CM_SECONDS, 5400},
        {"2d", CM_SECONDS, 172800},
        {"10us", CM_SECONDS, 1e-5},
        {"7ns", CM_SECONDS, 7e-9},
        {"0", CM_SECONDS, 0},
        {"1.5 h", CM_SECONDS, 5400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double got = NAN;
        struct cm_err err = {0};
        int status = cm_units_read(cases[i].text, cases[i].unit, &got, &err);
        cr_expect_eq(status, 0, "%s: %s", cases[i].text, err.text);
        cr_expect_eq(got, cases[i].want, "%s: %.17g", cases[i].text, got);
    }
}

Test(units, a_duration_is_exact_to_the_nanosecond)
{
    static const struct {
        const char *text;
        cm_time want;
    } cases[] = {
        {"5m", 300 * CM_SECOND},
        {"250ms", 250000000},
        {"10us", 10000},
        {"1ns", 1},
        {"2d", 2 * CM_DAY},
        {"1h30m", 5400 * CM_SECOND},
        {"1.5h", 5400 * CM_SECOND},
        {"0.1s", 100000000},
        {"1m30s500ms", 90500000000},
        {"0", 0},
        {"9007199254740993ns", 9007199254740993}, /* 2^53 + 1: no double holds it */
        {"-30s", -30 * CM_SECOND},
        {"1e3s", 1000 * CM_SECOND},
        {"0.3ms", 300000},
        {"1d1ns", CM_DAY + 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cm_time got = 77;
        struct cm_err err = {0};
        cr_expect_eq(cm_units_read_time(cases[i].text, &got, &err), 0, "%s: %s", cases[i].text,
                     err.text);
        cr_expect_eq(got, cases[i].want, "%s: %lld", cases[i].text, (long long)got);
    }
}

Test(units, a_count_is_whole)
{
    static const struct {
        const char *text;
        int64_t want;
    } cases[] = {
        {"2000", 2000}, {"2k", 2000},     {"1M", 1000000},
        {"1.5k", 1500}, {"1e6", 1000000}, {"9007199254740993", 9007199254740993},
        {"0", 0},       {"-3", -3},       {"3.0", 3},
        {"0.002k", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t got = 77;
        struct cm_err err = {0};
        cr_expect_eq(cm_units_read_count(cases[i].text, &got, &err), 0, "%s: %s", cases[i].text,
                     err.text);
        cr_expect_eq(got, cases[i].want, "%s: %lld", cases[i].text, (long long)got);
    }
}

/* Every refusal, with a part of what it has to say. */
static const struct {
    const char *text;
    enum cm_unit unit;
    const char *says;
} refused[] = {
    {"30", CM_PER_SECOND, "a unit is needed (30 rps, 30 rpm)"},
    {"0.5", CM_RATIO, "write 50% for 0.5"},
    {"1", CM_RATIO, "write 100% for 1"},
    {"5", CM_RATIO, "write 5% for 5"},
    {"5", CM_SECONDS, "a unit is needed (5s, 5m, 5ms)"},
    {"500ms", CM_RATIO, "'500ms' is a duration; a ratio is expected (10%, 0.1%, 0.5pp)"},
    {"5%", CM_PURE, "'5%' is a ratio; a pure number is expected"},
    {"5m", CM_PER_SECOND, "a rate is expected"},
    {"0s", CM_PER_SECOND, "a rate is expected"},
    {"2 # twice", CM_PURE, "begins with ' ;'"},
    {"5 mins", CM_SECONDS, "unknown unit 'mins' (write 'm')"},
    {"5 parsec", CM_SECONDS, "unknown unit 'parsec'"},
    {"30 qps", CM_PER_SECOND, "write 'rps'"},
    {"2K", CM_PURE, "write 'k'"},
    {"2km", CM_SECONDS, "unknown unit 'km'"},
    {"1,5%", CM_RATIO, "no comma"},
    {"2,000", CM_PURE, "no comma"},
    {"5m abc", CM_SECONDS, "'abc' after '5m '"},
    {"5 5", CM_PURE, "'5' after"},
    {"1h2", CM_SECONDS, "does not continue a duration"},
    {"1h2%", CM_SECONDS, "does not continue a duration"},
    {"1m1m", CM_SECONDS, "'1m' does not continue a duration"},
    {"30m1h", CM_SECONDS, "'1h' does not continue a duration"},
    {"10%5m", CM_RATIO, "'5m' after '10%'"},
    {"nan", CM_PURE, "does not begin with a number"},
    {"inf", CM_PURE, "does not begin with a number"},
    {"-inf", CM_PURE, "does not begin with a number"},
    {"0x10", CM_PURE, "unknown unit 'x'"},
    {"1e400", CM_PURE, "too large"},
    {"1e999999999999999999", CM_PURE, "too large"},
    {"1e-400", CM_PURE, "too small"},
    {"1e308k", CM_PURE, "too large"},
    {"1e307d", CM_SECONDS, "too large"},
    {"", CM_PURE, "does not begin with a number"},
    {"%", CM_RATIO, "does not begin with a number"},
    {".", CM_PURE, "does not begin with a number"},
    {"--5", CM_PURE, "does not begin with a number"},
    {"+-5%", CM_RATIO, "does not begin with a number"},
    {"1e", CM_PURE, "unknown unit 'e'"},
    {"5-3", CM_PURE, "after '5'"},
    {"10%%", CM_RATIO, "unknown unit '%%'"},
    {"1111111111111111111111111111111111111111111111111111111111111", CM_PURE, "at most 60 digits"},
};

Test(units, what_is_not_a_number_of_the_unit_is_refused_with_what_was_meant)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        double got = 77;
        struct cm_err err = {0};
        cr_expect_eq(cm_units_read(refused[i].text, refused[i].unit, &got, &err), -1, "%s",
                     refused[i].text);
        cr_expect(strstr(err.text, refused[i].says), "%s: %s", refused[i].text, err.text);
        cr_expect_eq(got, 77, "%s changed the value", refused[i].text);
        cr_expect_leq(err.at + err.length, strlen(refused[i].text), "%s", refused[i].text);
    }
}

Test(units, a_duration_beyond_the_clock_is_refused)
{
    cm_time got = 77;
    struct cm_err err = {0};
    cr_assert_eq(cm_units_read_time("106752d", &got, &err), -1); /* 2^63 ns are 106751.99 days */
    cr_assert_eq(cm_units_read_time("9223372036854775808ns", &got, &err), -1);
    cr_assert_eq(cm_units_read_time("100000d200000h100000000m", &got, &err), -1);
    cr_assert_eq(cm_units_read_time("1e300s", &got, &err), -1);
    cr_assert_eq(got, 77);
    cr_assert_eq(cm_units_read_time("106751d", &got, &err), 0);
}

Test(units, a_count_beyond_63_bits_or_with_a_fraction_is_refused)
{
    static const char *const texts[] = {
        "9223372036854775808", "1e19", "9300000000000000k", "1.5", "0.0001k", "1e-3", "5%",
        "18446744073709551615"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t got = 77;
        struct cm_err err = {0};
        cr_expect_eq(cm_units_read_count(texts[i], &got, &err), -1, "%s gave %lld", texts[i],
                     (long long)got);
    }
}

static const char *printed(struct cm_buffer *b, double value, enum cm_unit unit)
{
    cm_buffer_clear(b);
    cm_units_print(value, unit, cm_buffer_writer(b));
    return b->text;
}

Test(units, values_print_as_a_user_would_write_them)
{
    static const struct {
        double value;
        enum cm_unit unit;
        const char *want;
    } cases[] = {
        {0.011, CM_RATIO, "1.1%"},
        {0.5, CM_RATIO, "50%"},
        {1e-6, CM_RATIO, "0.0001%"},
        {0, CM_RATIO, "0%"},
        {1e-9, CM_RATIO, "1e-07%"},
        {0.9999, CM_RATIO, "99.99%"},
        {1e-6, CM_PURE, "1e-06"},
        {0.6, CM_PURE, "0.6"},
        {2000, CM_PURE, "2000"},
        {1.25e20, CM_PURE, "1.25e+20"},
        {-1.5, CM_PURE, "-1.5"},
        {1e14, CM_PURE, "100000000000000"},
        {0.12, CM_SECONDS, "120ms"},
        {5400, CM_SECONDS, "1h30m"},
        {1e-12, CM_SECONDS, "1e-12s"},
        {30, CM_PER_SECOND, "30 rps"},
        {0.5, CM_PER_SECOND, "0.5 rps"},
        {1e6, CM_PER_SECOND, "1000000 rps"},
        {1.0 / 60, CM_PER_SECOND, "1 rpm"},
        {1.0 / 3600, CM_PER_SECOND, "1 rph"},
        {NAN, CM_RATIO, "none"},
        {0.1 + 0.2, CM_PURE, "0.30000000000000004"},
    };
    struct cm_buffer b = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_str_eq(printed(&b, cases[i].value, cases[i].unit), cases[i].want);
    cm_buffer_release(&b);
}

Test(units, durations_print_in_their_largest_exact_units)
{
    static const struct {
        cm_time value;
        const char *want;
    } cases[] = {
        {90 * CM_SECOND, "1m30s"},
        {1500000000, "1500ms"},
        {0, "0s"},
        {2 * CM_DAY, "2d"},
        {36 * CM_HOUR, "1d12h"},
        {CM_MINUTE, "1m"},
        {1, "1ns"},
        {1500, "1500ns"},
        {2000, "2us"},
        {CM_DAY + 1, "86400000000001ns"},
        {-90 * CM_SECOND, "-1m30s"},
        {CM_NO_DURATION, "none"},
    };
    struct cm_buffer b = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cm_buffer_clear(&b);
        cm_units_print_time(cases[i].value, cm_buffer_writer(&b));
        cr_expect_str_eq(b.text, cases[i].want);
    }
    cm_buffer_release(&b);
}

/* A double of any sign and exponent, from its bits. */
static double any_double(struct cm_rng *rng)
{
    union {
        uint64_t bits;
        double value;
    } u = {cm_rng_next(rng)};
    return u.value;
}

Test(units, any_double_prints_to_a_text_that_reads_back_to_it)
{
    struct cm_rng rng = cm_rng_stream(1, 0, 0, 0);
    struct cm_buffer b = {0};
    for (int i = 0; i < 8000; i++) {
        enum cm_unit unit = (enum cm_unit)(i % 4);
        double value = any_double(&rng), again = NAN;
        if (i % 2)
            value = cm_rng_unit(&rng) * (i % 8 < 4 ? 1 : 1000);
        if (!isfinite(value) || fabs(value) > 1e300 || fabs(value) < 1e-300)
            continue;
        struct cm_err err = {0};
        cr_assert_eq(cm_units_read(printed(&b, value, unit), unit, &again, &err), 0, "%s: %s",
                     b.text, err.text);
        cr_assert_eq(again, value, "%s: %.17g, not %.17g", b.text, again, value);
    }
    cm_buffer_release(&b);
}

Test(units, any_time_prints_to_a_text_that_reads_back_to_it)
{
    struct cm_rng rng = cm_rng_stream(2, 0, 0, 0);
    struct cm_buffer b = {0};
    for (int i = 0; i < 4000; i++) {
        static const int64_t grain[] = {1, 1000, 1000000, 1000000000, 60000000000};
        cm_time value = (cm_time)(cm_rng_next(&rng) >> (1 + i % 60)), again = 0;
        value -= value % grain[i % 5];
        value = i % 7 ? value : -value;
        struct cm_err err = {0};
        cm_buffer_clear(&b);
        cm_units_print_time(value, cm_buffer_writer(&b));
        cr_assert_eq(cm_units_read_time(b.text, &again, &err), 0, "%s: %s", b.text, err.text);
        cr_assert_eq(again, value, "%s", b.text);
    }
    cm_buffer_release(&b);
}

Test(units, a_quantity_keeps_the_unit_it_was_written_with)
{
    static const struct {
        const char *text;
        enum cm_unit unit;
        double want;
    } cases[] = {
        {"1%", CM_RATIO, 0.01},
        {"500ms", CM_SECONDS, 0.5},
        {"30 rps", CM_PER_SECOND, 30},
        {"4", CM_PURE, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cm_quantity got = {0};
        struct cm_err err = {0};
        cr_assert_eq(cm_units_read_any(cases[i].text, &got, &err), 0);
        cr_expect_eq(got.unit, cases[i].unit);
        cr_expect_eq(got.value, cases[i].want);
    }
}
