/* What a cell says: a time or a count. Times are assembled in whole nanoseconds, never through a
 * double; the calendar is the proleptic Gregorian one, without leap seconds. */
#include "sim/traffic/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Reads forward through a cell; a step that does not match makes it bad for good. */
struct cursor {
    const char *at, *end;
    bool bad;
};

static bool is_digit(const struct cursor *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

/* Steps over one byte if it is in `set`. */
static bool take(struct cursor *c, const char *set)
{
    if (c->at == c->end || !*c->at || !strchr(set, *c->at))
        return false;
    c->at++;
    return true;
}

static void expect(struct cursor *c, const char *set)
{
    if (!take(c, set))
        c->bad = true;
}

/* Exactly `n` digits whose value lies in [min, max]. */
static int64_t field(struct cursor *c, int n, int64_t min, int64_t max)
{
    int64_t value = 0;
    for (int i = 0; i < n; i++) {
        if (!is_digit(c)) {
            c->bad = true;
            return min;
        }
        value = 10 * value + (*c->at++ - '0');
    }
    c->bad |= value < min || value > max;
    return value;
}

/* .fraction, if there is one, as nanoseconds. Digits beyond the ninth weigh nothing, as `unit` has
 * become 0 there: a fraction is cut, never rounded into the next second. */
static cm_time fraction(struct cursor *c)
{
    cm_time value = 0, unit = CM_SECOND / 10;
    if (!take(c, "."))
        return 0;
    for (; is_digit(c); unit /= 10)
        value += (*c->at++ - '0') * unit;
    return value;
}

/* Leap years from year 1 to `year` (Gregorian rule). */
static int64_t leap_years_until(int64_t year)
{
    return year / 4 - year / 100 + year / 400;
}

/* Days since 1970-01-01: whole years, then whole months, then days. The month has to be valid
 * before its length can be looked up; years end in 2200, well inside the clock. */
static int64_t date(struct cursor *c)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int64_t year = field(c, 4, 1970, 2200);
    expect(c, "-");
    int64_t month = field(c, 2, 1, 12);
    expect(c, "-");
    if (c->bad)
        return 0;
    int leap = leap_years_until(year) > leap_years_until(year - 1);
    int length = before[month] - before[month - 1] + (month == 2 ? leap : 0);
    int64_t day = field(c, 2, 1, length);
    return 365 * (year - 1970) + leap_years_until(year - 1) - leap_years_until(1969) +
           before[month - 1] + (month > 2 ? leap : 0) + day - 1;
}

/* Z, +hh:mm, -hh:mm or nothing: how far the zone is ahead. */
static cm_time zone(struct cursor *c)
{
    if (c->at == c->end || take(c, "Z"))
        return 0;
    bool behind = *c->at == '-';
    expect(c, "+-");
    cm_time hours = field(c, 2, 0, 23);
    take(c, ":");
    cm_time ahead = hours * CM_HOUR + field(c, 2, 0, 59) * CM_MINUTE;
    return behind ? -ahead : ahead;
}

/* YYYY-MM-DD HH:MM:SS and what may follow; the cursor tells whether it was one. */
static cm_time date_and_time(struct cursor *c)
{
    cm_time time = date(c) * CM_DAY;
    expect(c, "T ");
    time += field(c, 2, 0, 23) * CM_HOUR;
    expect(c, ":");
    time += field(c, 2, 0, 59) * CM_MINUTE;
    expect(c, ":");
    time += field(c, 2, 0, 59) * CM_SECOND;
    time += fraction(c);
    return c->bad ? 0 : time - zone(c);
}

const char *cm_csv_time(struct cm_slice cell, cm_time *time)
{
    struct cursor c = {cell.at, cell.at + cell.length, false}, digits = c;
    if (!cell.length)
        return "empty where a time is needed";
    while (is_digit(&digits))
        digits.at++;
    ptrdiff_t whole = digits.at - c.at;
    if (digits.at == c.end || *digits.at == '.') { /* a date has a dash after its year */
        /* 9e9 s fit into the clock; what is longer is milliseconds of today. */
        if (whole > 10 || (whole == 10 && *c.at == '9'))
            return "beyond the clock: plain times are seconds";
        *time = field(&c, (int)whole, 0, INT64_MAX) * CM_SECOND;
        *time += fraction(&c);
        c.bad |= whole == 0;
    } else {
        *time = date_and_time(&c);
    }
    if (c.bad || c.at != c.end)
        return "not a time (accepted: YYYY-MM-DD HH:MM:SS or seconds)";
    return NULL;
}

/* By strtod, which also reads hexadecimal, infinities and NaN: the characters are looked at first.
 * Above 2^53 neighbouring whole numbers share a double. */
const char *cm_csv_count(struct cm_slice cell, uint64_t *count)
{
    char text[64], *end;
    if (!cell.length)
        return "empty where a count is needed";
    if (cell.length >= sizeof text)
        return "not a number";
    memcpy(text, cell.at, cell.length);
    text[cell.length] = 0;
    if (strspn(text, "0123456789.eE+-") != cell.length)
        return "not a number";
    double value = strtod(text, &end);
    if (end != text + cell.length)
        return "not a number";
    if (value < 0)
        return "negative";
    if (value > 0x1p53)
        return "beyond 2^53";
    if (value != floor(value))
        return "not a whole number";
    *count = (uint64_t)value;
    return NULL;
}
