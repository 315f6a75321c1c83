/* How precisely a number is said follows from its size alone: shares to two digits of their
 * distance from 0 or 100 %, durations to the second, means to three digits. Who needs more reads
 * the CSV or the JSON, where nothing is rounded.
 *
 * Limits are said to the decimals of their value, without the unit, in brackets:
 *
 *     0.90 % [0.57, 1.42]     7m10s [6m52s, 7m31s]     46m [from 44m]     not reached
 *
 * What the data do not bound is said in words, never as inf. */
#include "analysis/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/units.h"

enum { ROOM = 64 };

enum { MOST_DECIMALS = 6 };

/* Decimals of a percentage: 19.9, 0.90, 0.015, 99.950. Rounding must not bring 0.0999 to three
 * digits, hence limits just below the powers of ten. */
static int percent_decimals(double share)
{
    double distance = 100 * fmin(fabs(share), fabs(1 - share));
    if (distance >= 1 || distance == 0)
        return 1;
    int decimals = 2;
    for (double least = 0.0995; distance < least && decimals < MOST_DECIMALS; least /= 10)
        decimals++;
    return decimals;
}

static void print_percent(double share, int decimals, struct cm_writer to)
{
    cm_print(to, "%.*f", decimals, 100 * share);
}

void cm_words_share(double share, struct cm_writer to)
{
    print_percent(share, percent_decimals(share), to);
    cm_print(to, " %%");
}

/* Three digits say all that a mean rate can. */
void cm_words_rate(double per_s, struct cm_writer to)
{
    char text[32];
    snprintf(text, sizeof text, "%.3g", per_s);
    cm_units_print(strtod(text, NULL), CM_PER_SECOND, to);
}

/* Thousands in groups of three. */
static void print_grouped(const char *digits, struct cm_writer to)
{
    size_t whole = strcspn(digits, ".");
    for (size_t i = 0; i < whole; i++)
        cm_print(to, "%s%c", i > 0 && (whole - i) % 3 == 0 ? "," : "", digits[i]);
    cm_print(to, "%s", digits + whole);
}

void cm_words_count(uint64_t count, struct cm_writer to)
{
    char digits[ROOM];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    print_grouped(digits, to);
}

/* The parts of a time that is at least a minute, the largest two. */
static void print_clock(double seconds, struct cm_writer to)
{
    unsigned long long s = (unsigned long long)llround(seconds), m = s / 60, h = m / 60;
    if (h == 0)
        cm_print(to, s % 60 ? "%llum%02llus" : "%llum", m, s % 60);
    else if (h < 48)
        cm_print(to, m % 60 ? "%lluh%02llum" : "%lluh", h, m % 60);
    else
        cm_print(to, h % 24 ? "%llud%02lluh" : "%llud", h / 24, h % 24);
}

/* Milliseconds below a second, one decimal below ten, then whole seconds. */
void cm_words_duration(double seconds, struct cm_writer to)
{
    if (isinf(seconds))
        cm_print(to, "not reached");
    else if (seconds == 0)
        cm_print(to, "0s");
    else if (seconds < 0.9995)
        cm_print(to, "%.3gms", 1000 * seconds);
    else if (seconds < 9.95)
        cm_print(to, "%.2gs", seconds);
    else if (seconds < 59.5)
        cm_print(to, "%.0fs", seconds);
    else
        print_clock(seconds, to);
}

/* Decimals that leave three digits, no more than two; none for a whole number. */
static int number_decimals(double value)
{
    double size = fabs(value);
    return size == rint(size) || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
}

/* Below what two decimals show, one digit that is not 0: 0.003, not 0.00. */
static void print_number(double value, int decimals, struct cm_writer to)
{
    char digits[ROOM];
    if (isinf(value)) {
        cm_print(to, "unlimited");
        return;
    }
    if (value != 0 && fabs(value) < 0.005) {
        cm_print(to, "%.1g", value);
        return;
    }
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
    cm_print(to, "%s", value < 0 ? "-" : "");
    print_grouped(digits, to);
}

/* As boundaries and p-values are tabulated; very small ones by three digits. */
static void print_statistic(double value, struct cm_writer to)
{
    bool small = value != 0 && fabs(value) < 0.001;
    if (isinf(value))
        cm_print(to, "none");
    else
        cm_print(to, value == rint(value) ? "%.0f" : small ? "%.2e" : "%.4f", value);
}

/* Without its unit, to the decimals that `like` has. */
static void print_plain(const struct cm_column *column, double value, double like,
                        struct cm_writer to)
{
    switch (column->type) {
    case CM_COLUMN_SHARE:
        print_percent(value, percent_decimals(like), to);
        break;
    case CM_COLUMN_DURATION:
        cm_words_duration(value, to);
        break;
    case CM_COLUMN_STATISTIC:
        print_statistic(value, to);
        break;
    case CM_COLUMN_COUNT:
    case CM_COLUMN_NUMBER:
    case CM_COLUMN_MONEY:
    case CM_COLUMN_TEXT:
        print_number(value, number_decimals(like), to);
        break;
    }
}

void cm_words_value(const struct cm_column *column, double value, double like, struct cm_writer to)
{
    if (isnan(value)) {
        cm_print(to, "-");
        return;
    }
    print_plain(column, value, like, to);
    if (column->type == CM_COLUMN_SHARE)
        cm_print(to, " %%");
    else if (column->type == CM_COLUMN_MONEY && column->unit)
        cm_print(to, " %s", column->unit);
}

/* None of n is not nothing: what is known is the limit. Where that is unknown, too (a value without
 * an interval), it is said as it is. */
void cm_words_estimate(const struct cm_column *column, const struct cm_estimate *e,
                       struct cm_writer to)
{
    bool share = column->type == CM_COLUMN_SHARE;
    if (column->type == CM_COLUMN_COUNT && !isnan(e->value)) {
        cm_words_count(e->n, to);
    } else if (share && e->value == 0 && e->high > 0) {
        cm_print(to, "< ");
        cm_words_share(e->high, to);
    } else if (share && e->value == 1 && e->low < 1) {
        cm_print(to, "> ");
        cm_words_share(e->low, to);
    } else {
        cm_words_value(column, e->value, e->value, to);
    }
}

/* Whether there is anything to say beside the value. */
static bool has_limits(const struct cm_column *column, const struct cm_estimate *e)
{
    if (isnan(e->value) || isnan(e->low) || isnan(e->high))
        return false;
    if (column->type == CM_COLUMN_SHARE && (e->value == 0 || e->value == 1))
        return false; /* said with the value */
    return !isinf(e->low) || !isinf(e->high);
}

void cm_words_limits(const struct cm_column *column, const struct cm_estimate *e,
                     struct cm_writer to)
{
    if (!has_limits(column, e))
        return;
    double like = isinf(e->value) ? e->low : e->value;
    /* [0, inf) is no information about what cannot be negative. */
    if (isinf(e->high) && e->low <= 0) {
        cm_print(to, "[too few");
    } else if (isinf(e->high)) {
        cm_print(to, "[from ");
        print_plain(column, e->low, like, to);
    } else if (isinf(e->low)) {
        cm_print(to, "[to ");
        print_plain(column, e->high, like, to);
    } else {
        cm_print(to, "[");
        print_plain(column, e->low, like, to);
        cm_print(to, ", ");
        print_plain(column, e->high, like, to);
    }
    cm_print(to, "]");
}

void cm_words_both(const struct cm_column *column, const struct cm_estimate *e, struct cm_writer to)
{
    cm_words_estimate(column, e, to);
    if (!has_limits(column, e))
        return;
    cm_print(to, " ");
    cm_words_limits(column, e, to);
}

const char *const cm_words_arms[CM_ARMS] = {
    [CM_STABLE] = "stable", [CM_CANARY] = "canary", [CM_BASELINE] = "baseline"};
