/* The number and unit reader.
 *
 *     value    = [sign] part { part }        more than one part only for durations: 1h30m
 *     part     = number [blank] [unit]
 *     number   = digits [ . digits ] [ e [sign] digits ]
 *     unit     = [k | M] [blank] name
 *
 * One table of units serves every type: the reader finds out what a text is, and only then is it
 * held against what was wanted, so that a message can say "500ms is a duration; a ratio is
 * expected".
 *
 * Numbers stay text until their unit is known. A unit that is a power of ten is added to the
 * decimal exponent before strtod sees it, so the result is the double nearest to what was written,
 * not to a product of two roundings. Durations and counts are also summed in 64-bit integers,
 * exactly.
 *
 * Assumes the C locale, as nobody here sets another: strtod would want another decimal point. */
#include "sim/base/units.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"

/* One unit: value = number * 10^shift * times / divide. */
struct unit {
    const char *name;
    enum cm_unit unit;
    int shift;
    double times, divide;
    int64_t ns; /* of durations */
};
static const struct unit units[] = {
    {"%", CM_RATIO, -2, 1, 1, 0},           {"pp", CM_RATIO, -2, 1, 1, 0},
    {"ns", CM_SECONDS, -9, 1, 1, 1},        {"us", CM_SECONDS, -6, 1, 1, 1000},
    {"ms", CM_SECONDS, -3, 1, 1, 1000000},  {"s", CM_SECONDS, 0, 1, 1, CM_SECOND},
    {"m", CM_SECONDS, 0, 60, 1, CM_MINUTE}, {"h", CM_SECONDS, 0, 3600, 1, CM_HOUR},
    {"d", CM_SECONDS, 0, 86400, 1, CM_DAY}, {"rps", CM_PER_SECOND, 0, 1, 1, 0},
    {"rpm", CM_PER_SECOND, 0, 1, 60, 0},    {"rph", CM_PER_SECOND, 0, 1, 3600, 0},
};
enum { UNITS = sizeof units / sizeof units[0] };

/* What people write instead; only for hints. */
static const struct {
    const char *wrong, *right;
} aliases[] = {
    {"sec", "s"},   {"secs", "s"},       {"second", "s"}, {"seconds", "s"}, {"S", "s"},
    {"min", "m"},   {"mins", "m"},       {"minute", "m"}, {"minutes", "m"}, {"hr", "h"},
    {"hrs", "h"},   {"hour", "h"},       {"hours", "h"},  {"H", "h"},       {"day", "d"},
    {"days", "d"},  {"D", "d"},          {"msec", "ms"},  {"millis", "ms"}, {"MS", "ms"},
    {"usec", "us"}, {"nsec", "ns"},      {"qps", "rps"},  {"/s", "rps"},    {"req/s", "rps"},
    {"r/s", "rps"}, {"/m", "rpm"},       {"/min", "rpm"}, {"/h", "rph"},    {"percent", "%"},
    {"pct", "%"},   {"\xc2\xb5s", "us"}, {"K", "k"},      {"mln", "M"},
};

/* What each unit is called in messages, and examples of it. */
static const struct {
    const char *what, *examples, *bare;
} words[] = {
    [CM_PURE] = {"a pure number", "0.6, 1e-3, 2k", ""},
    [CM_RATIO] = {"a ratio", "10%, 0.1%, 0.5pp", ""},
    [CM_SECONDS] = {"a duration", "5m, 250ms, 1h30m", "ms, s, m"},
    [CM_PER_SECOND] = {"a rate", "30 rps, 90 rpm, 1k rps", "rps, rpm"},
};

/* The digits of a number, still text. */
struct number {
    const char *at;
    size_t length; /* of the mantissa, without sign and exponent */
    int exponent;
    bool digits_only;
};

/* What a text turned out to be. */
struct reading {
    enum cm_unit unit;
    double value;
    int64_t whole; /* ns of a duration; the value of a whole pure number */
    bool is_whole; /* `whole` holds the exact value (of durations: the nearest ns) */
    bool bare;     /* no unit was written */
    int64_t ns;    /* the last unit of a duration */
};

enum { DIGITS_MAX = 60, TEXT_SHOWN = 60, EXPONENT_MAX = 9999 };

/* Not isdigit(): its argument must not be a negative char. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Blanks are those that can stand within a line. */
static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

static const char *skip_digits(const char *at)
{
    while (is_digit(*at))
        at++;
    return at;
}

/* An exponent counts only with its digits: "1e" is a 1 with a strange unit. */
static const char *scan_exponent(const char *at, struct number *number)
{
    if (*at != 'e' && *at != 'E')
        return at;
    const char *digits = at + 1 + (at[1] == '-' || at[1] == '+');
    const char *end = skip_digits(digits);
    if (end == digits)
        return at;
    int exponent = 0;
    for (; digits < end && exponent < EXPONENT_MAX; digits++)
        exponent = 10 * exponent + (*digits - '0');
    number->exponent = at[1] == '-' ? -exponent : exponent;
    number->digits_only = false;
    return end;
}

/* Digits, a point, digits, an exponent; NULL if there is no digit. */
static const char *scan_number(const char *at, struct number *number)
{
    const char *end = skip_digits(at);
    *number = (struct number){.at = at, .digits_only = *end != '.'};
    size_t digits = (size_t)(end - at);
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        digits += (size_t)(end - fraction);
    }
    number->length = (size_t)(end - at);
    return digits ? scan_exponent(end, number) : NULL;
}

/* The digits, followed by the exponent that unit and multiplier add up to. strtod rounds correctly
 * (glibc, musl), which is what makes every text mean one double. */
static double convert(const struct number *number, int shift)
{
    char text[DIGITS_MAX + 16];
    assert(number->length <= DIGITS_MAX);
    snprintf(text, sizeof text, "%.*se%d", (int)number->length, number->at,
             number->exponent + shift);
    return strtod(text, NULL);
}

/* Told from the digits: a number may also be 0 because it was too small for a double. */
static bool is_zero(const struct number *number)
{
    for (size_t i = 0; i < number->length; i++)
        if (number->at[i] != '0' && number->at[i] != '.')
            return false;
    return true;
}

/* digits * factor without rounding; false if it does not fit or is not made of digits alone. */
static bool convert_exactly(const struct number *number, int64_t factor, int64_t *out)
{
    int64_t value = 0;
    if (!number->digits_only)
        return false;
    for (size_t i = 0; i < number->length; i++) {
        int digit = number->at[i] - '0';
        if (value > (INT64_MAX - digit) / 10)
            return false;
        value = 10 * value + digit;
    }
    if (value > INT64_MAX / factor)
        return false;
    *out = value * factor;
    return true;
}

/* Units are told by their exact letters: M is not m. */
static const struct unit *unit_find(struct cm_slice word)
{
    for (size_t i = 0; i < UNITS; i++)
        if (cm_slice_is(word, units[i].name))
            return &units[i];
    return NULL;
}

/* A unit ends where a blank, a digit or the sign of another part begins. */
static struct cm_slice next_word(const char *at)
{
    size_t length = 0;
    while (at[length] && !strchr(" \t+-,()", at[length]) && !is_digit(at[length]))
        length++;
    return (struct cm_slice){.at = at, .length = length};
}

/* k or M, alone or before a rate's unit: the decimal exponent it stands for. */
static int multiplier(struct cm_slice *word)
{
    if (!word->length || (word->at[0] != 'k' && word->at[0] != 'M'))
        return 0;
    /* k and M are also the first letters of nothing else: 2km is a mistake, 2k rps is not. */
    struct cm_slice rest = {.at = word->at + 1, .length = word->length - 1};
    if (!rest.length)
        rest = next_word(skip_blanks(rest.at));
    const struct unit *unit = unit_find(rest);
    if (word->length > 1 && (!unit || unit->unit != CM_PER_SECOND))
        return 0;
    int shift = word->at[0] == 'k' ? 3 : 6;
    *word = unit && unit->unit == CM_PER_SECOND ? rest : (struct cm_slice){word->at + 1, 0};
    return shift;
}

/* Units have few letters, so edit distance finds nothing: common misspellings are listed. */
static int fail_unit(const char *text, struct cm_slice word, struct cm_err *err)
{
    size_t at = (size_t)(word.at - text);
    int shown = word.length < TEXT_SHOWN ? (int)word.length : TEXT_SHOWN;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (cm_slice_is(word, aliases[i].wrong))
            return cm_fail_at(err, at, word.length, "unknown unit '%.*s' (write '%s')", shown,
                              word.at, aliases[i].right);
    return cm_fail_at(err, at, word.length,
                      "unknown unit '%.*s' (known: %% pp ns us ms s m h d rps rpm rph, and k, M)",
                      shown, word.at);
}

/* The commonest junk is a decimal or thousands comma; it gets words of its own. */
static int fail_junk(const char *text, const char *junk, struct cm_err *err)
{
    size_t at = (size_t)(junk - text);
    if (*junk == ',')
        return cm_fail_at(err, at, 1, "a number has no comma (write 1.5, 2000 or 2k)");
    return cm_fail_at(err, at, strlen(junk), "'%.*s' after '%.*s' is not understood", TEXT_SHOWN,
                      junk, at < TEXT_SHOWN ? (int)at : TEXT_SHOWN, text);
}

/* Where a value should begin with a digit and does not: names, NaN and infinities, too. */
static int fail_digits(const char *text, struct cm_err *err)
{
    return cm_fail(err, "'%.*s' does not begin with a number", TEXT_SHOWN, text);
}

/* Refuses what a double cannot hold: too many digits, overflow, underflow to 0. */
static int check_size(const char *text, const struct number *number, double value,
                      struct cm_err *err)
{
    if (!isfinite(value))
        return cm_fail(err, "'%.*s' is too large for any use", TEXT_SHOWN, text);
    if (value == 0 && !is_zero(number))
        return cm_fail(err, "'%.*s' is too small to be told from 0", TEXT_SHOWN, text);
    return 0;
}

/* The number in whole nanoseconds (nearest) or as a whole pure number; false if it is neither. */
static bool convert_whole(const struct number *number, const struct unit *unit, int shift,
                          int64_t *whole)
{
    *whole = 0;
    if (convert_exactly(number, unit->ns * (shift == 3 ? 1000 : shift == 6 ? 1000000 : 1), whole))
        return true;
    /* A fraction, or more digits than fit: in doubles, in ns for durations. */
    bool is_time = unit->unit == CM_SECONDS;
    double wide = convert(number, unit->shift + shift + (is_time ? 9 : 0)) * unit->times;
    if (wide >= 9.2e18 || (!is_time && wide != floor(wide)))
        return false;
    *whole = (int64_t)llrint(wide);
    return true;
}

/* Adds what a number in a unit is worth. */
static void add(struct reading *reading, const struct number *number, const struct unit *unit,
                int shift)
{
    int64_t whole = 0;
    reading->value += convert(number, shift + unit->shift) * unit->times / unit->divide;
    reading->unit = unit->unit;
    reading->bare = !unit->name[0];
    /* kept for the next part of a duration, which has to be smaller */
    reading->ns = unit->ns;
    if (!unit->ns || !convert_whole(number, unit, shift, &whole) ||
        whole > INT64_MAX - reading->whole)
        reading->is_whole = false;
    else
        reading->whole += whole;
}

/* One number with its unit; *at moves behind it. */
static int read_part(const char *text, const char **at, struct reading *reading, struct cm_err *err)
{
    static const struct unit none = {"", CM_PURE, 0, 1, 1, 1};
    struct number number;
    const char *end = scan_number(*at, &number);
    if (!end)
        return fail_digits(*at, err);
    if (number.length > DIGITS_MAX)
        return cm_fail(err, "a number has at most %d digits", DIGITS_MAX);
    /* The unit may stand right behind the number or after blanks. */
    struct cm_slice word = next_word(skip_blanks(end));
    int shift = multiplier(&word);
    const struct unit *unit = word.length ? unit_find(word) : &none;
    if (!unit)
        return fail_unit(text, word, err);
    add(reading, &number, unit, shift);
    *at = word.at + word.length;
    return check_size(text, &number, reading->value, err);
}

/* 1h30m: a duration may go on, each part in a smaller unit than the last. */
static int read_parts(const char *text, const char *at, struct reading *reading, struct cm_err *err)
{
    if (read_part(text, &at, reading, err))
        return -1;
    at = skip_blanks(at);
    while (reading->unit == CM_SECONDS && is_digit(*at)) {
        const char *part = at;
        int64_t last = reading->ns;
        if (read_part(text, &at, reading, err))
            return -1;
        if (reading->unit != CM_SECONDS || reading->ns >= last)
            return cm_fail_at(err, (size_t)(part - text), strlen(part),
                              "'%.*s' does not continue a duration (1h30m)", TEXT_SHOWN, part);
        at = skip_blanks(at);
    }
    return *at ? fail_junk(text, at, err) : 0;
}

/* The sign belongs to the whole: -1h30m is minus ninety minutes. */
static int read_text(const char *text, struct reading *reading, struct cm_err *err)
{
    *reading = (struct reading){.is_whole = true};
    const char *hash = strchr(text, '#');
    if (hash)
        return cm_fail_at(err, (size_t)(hash - text), strlen(hash),
                          "'#' is not part of a number (a comment after a value begins with ' ;')");
    bool negative = *text == '-';
    if (read_parts(text, text + (negative || *text == '+'), reading, err))
        return -1;
    if (negative) {
        reading->value = -reading->value;
        reading->whole = -reading->whole;
    }
    reading->value += 0.0; /* -0 reads as 0 */
    return 0;
}

/* What a bare number in place of `unit` was probably meant to be. */
static int fail_bare(const char *text, double value, enum cm_unit unit, struct cm_err *err)
{
    if (unit == CM_PER_SECOND)
        return cm_fail(err, "a unit is needed (%.20s rps, %.20s rpm)", text, text);
    if (unit == CM_SECONDS)
        return cm_fail(err, "a unit is needed (%.20ss, %.20sm, %.20sms)", text, text, text);
    /* Up to 1 it was meant as a ratio, beyond that as a percentage. */
    struct cm_buffer meant = {0};
    cm_units_print(fabs(value) <= 1 ? value : value / 100, CM_RATIO, cm_buffer_writer(&meant));
    cm_fail(err, "a unit is needed (write %s for %.20s)", meant.text, text);
    cm_buffer_release(&meant);
    return -1;
}

/* Holds what was read against what was wanted. */
static int expect(const char *text, const struct reading *reading, enum cm_unit unit,
                  struct cm_err *err)
{
    /* 0 is the same in every unit, as long as none is written. */
    if (reading->unit == unit || (reading->bare && reading->value == 0))
        return 0;
    if (reading->bare)
        return fail_bare(text, reading->value, unit, err);
    return cm_fail(err, "'%.*s' is %s; %s is expected (%s)", TEXT_SHOWN, text,
                   words[reading->unit].what, words[unit].what, words[unit].examples);
}

int cm_units_read(const char *text, enum cm_unit unit, double *value, struct cm_err *err)
{
    struct reading reading;
    if (read_text(text, &reading, err) || expect(text, &reading, unit, err))
        return -1;
    *value = reading.value;
    return 0;
}

/* For limits: which unit is right depends on the metric, which is not known here. */
int cm_units_read_any(const char *text, struct cm_quantity *quantity, struct cm_err *err)
{
    struct reading reading;
    if (read_text(text, &reading, err))
        return -1;
    *quantity = (struct cm_quantity){.value = reading.value, .unit = reading.unit};
    return 0;
}

/* is_whole is false only where the clock's 2^63 ns end: fractions were rounded. */
int cm_units_read_time(const char *text, cm_time *time, struct cm_err *err)
{
    struct reading reading;
    if (read_text(text, &reading, err) || expect(text, &reading, CM_SECONDS, err))
        return -1;
    if (!reading.is_whole)
        return cm_fail(err, "'%.*s' is too long for the clock (292 years)", TEXT_SHOWN, text);
    *time = reading.whole;
    return 0;
}

/* The double is looked at first: its size is known even where the integer ran over. */
int cm_units_read_count(const char *text, int64_t *count, struct cm_err *err)
{
    struct reading reading;
    if (read_text(text, &reading, err) || expect(text, &reading, CM_PURE, err))
        return -1;
    if (fabs(reading.value) >= 9.2e18)
        return cm_fail(err, "'%.*s' is too large for a count", TEXT_SHOWN, text);
    if (!reading.is_whole)
        return cm_fail(err, "'%.*s' is not a whole number (2000, 2k, 1M)", TEXT_SHOWN, text);
    *count = reading.whole;
    return 0;
}

const char *cm_units_examples(enum cm_unit unit)
{
    return words[unit].examples;
}
