/* Canonical text of values: the shortest decimal that reads back to the same double, in the unit
 * that a user would choose.
 *
 * Shortest by trying: 1 to 17 significant digits, of which 17 always do (IEEE 754-2008, 5.12.2).
 * Units that are powers of ten move the exponent of the digits; none of them multiplies, so nothing
 * is rounded twice. Units that are not (rpm, minutes) are used only where the text has been read
 * back and gave the value.
 *
 * Assumes that values are finite, or NAN for none. */
#include "sim/base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER = 48 };

/* Significant digits and decimal exponent of the shortest text that gives `value` back. */
static int shortest_digits(double value, char digits[32])
{
    char text[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    /* "d.ddde-05": the digits without their point, and the number behind the e */
    char *exponent = strchr(text, 'e');
    size_t n = 0;
    for (const char *at = text; at < exponent; at++)
        if (*at != '.')
            digits[n++] = *at;
    digits[n] = '\0';
    return atoi(exponent + 1);
}

/* |value| * 10^shift in decimal notation, scientific outside [1e-4, 1e15). */
static void decimal(double value, int shift, char out[NUMBER])
{
    char digits[32];
    int exponent = shortest_digits(value, digits) + (value != 0 ? shift : 0);
    int n = (int)strlen(digits);
    /* scientific, below one, whole, mixed */
    if (exponent < -4 || exponent >= 15) {
        snprintf(out, NUMBER, "%c%s%se%+03d", digits[0], n > 1 ? "." : "", digits + 1, exponent);
    } else if (exponent < 0) {
        snprintf(out, NUMBER, "0.%.*s%s", -exponent - 1, "000", digits);
    } else if (n <= exponent + 1) {
        snprintf(out, NUMBER, "%s%.*s", digits, exponent + 1 - n, "00000000000000");
    } else {
        snprintf(out, NUMBER, "%.*s.%s", exponent + 1, digits, digits + exponent + 1);
    }
}

/* The only proof that a text is right: the reader itself. */
/* Whether `text` reads back to `value`. */
static bool reads_back(const char *text, enum cm_unit unit, double value)
{
    double again = 0;
    struct cm_err ignored;
    return cm_units_read(text, unit, &again, &ignored) == 0 && again == value;
}

/* 0.016666666666666666 rps is 1 rpm. A number that is short in rps stays there, although another
 * unit might be shorter still: one unit all over a file is easier to read. */
/* A rate in the first of rps, rpm, rph that gives a short number; rps if none does. */
static void print_rate(double value, char out[NUMBER + 8])
{
    static const struct {
        double times;
        const char *name;
    } choices[] = {{1, "rps"}, {60, "rpm"}, {3600, "rph"}};
    enum { SHORT = 9 };
    char number[NUMBER];
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        decimal(value * choices[i].times, 0, number);
        snprintf(out, NUMBER + 8, "%s %s", number, choices[i].name);
        if (strlen(number) <= SHORT && reads_back(out, CM_PER_SECOND, value))
            return;
    }
    decimal(value, 0, number);
    snprintf(out, NUMBER + 8, "%s rps", number);
}

/* A duration that a clock holds exactly reads best in its units; any other is decimal seconds. */
static void print_seconds(double value, char out[NUMBER + 8])
{
    const double clock_end = 9.2e9; /* s */
    char number[NUMBER];
    /* From 1 ns to the end of the clock; the text has to be exact, or it is not used. */
    if (value < clock_end && value * 1e9 >= 1) {
        struct cm_buffer text = {0};
        cm_units_print_time(cm_from_seconds(value), cm_buffer_writer(&text));
        snprintf(out, NUMBER + 8, "%s", text.text);
        cm_buffer_release(&text);
        if (reads_back(out, CM_SECONDS, value))
            return;
    }
    decimal(value, 0, number);
    snprintf(out, NUMBER + 8, "%ss", number);
}

/* Two places to the left: 0.011 is 1.1. */
static void print_ratio(double value, const char *unit, char out[NUMBER + 8])
{
    char number[NUMBER];
    decimal(value, 2, number);
    snprintf(out, NUMBER + 8, "%s%s", number, unit);
}

void cm_units_print(double value, enum cm_unit unit, struct cm_writer to)
{
    char text[NUMBER + 8];
    double size = fabs(value);
    if (isnan(value)) {
        cm_print(to, "none");
        return;
    }
    if (unit == CM_RATIO)
        print_ratio(size, "%", text);
    else if (unit == CM_SECONDS)
        print_seconds(size, text);
    else if (unit == CM_PER_SECOND)
        print_rate(size, text);
    else
        decimal(size, 0, text);
    cm_print(to, "%s%s", value < 0 ? "-" : "", text);
}

/* Differences of ratios are points: +1pp takes 2% to 3%. */
void cm_units_print_points(double value, struct cm_writer to)
{
    char text[NUMBER + 8];
    print_ratio(fabs(value), "pp", text);
    cm_print(to, "%s%s", value < 0 ? "-" : "", text);
}

/* Days, hours, minutes and seconds, those that are not 0. */
static void print_whole_seconds(cm_time time, struct cm_writer to)
{
    static const struct {
        cm_time size;
        const char *name;
    } units[] = {{CM_DAY, "d"}, {CM_HOUR, "h"}, {CM_MINUTE, "m"}, {CM_SECOND, "s"}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (time / units[i].size)
            cm_print(to, "%lld%s", (long long)(time / units[i].size), units[i].name);
        time %= units[i].size;
    }
}

/* Whole seconds in days, hours, minutes and seconds; otherwise one number in the largest unit that
 * holds it: 1500ms rather than 1s500ms. */
void cm_units_print_time(cm_time time, struct cm_writer to)
{
    if (time == CM_NO_DURATION || time == 0) {
        cm_print(to, time ? "none" : "0s");
        return;
    }
    /* INT64_MIN, which has no positive counterpart, was none. */
    if (time < 0)
        cm_print(to, "-");
    time = time < 0 ? -time : time;
    if (time % CM_SECOND == 0)
        print_whole_seconds(time, to);
    else if (time % 1000000 == 0)
        cm_print(to, "%lldms", (long long)(time / 1000000));
    else if (time % 1000 == 0)
        cm_print(to, "%lldus", (long long)(time / 1000));
    else
        cm_print(to, "%lldns", (long long)time);
}
