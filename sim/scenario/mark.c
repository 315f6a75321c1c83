/* One mark: `tune(LOW..HIGH)`, `tune(LOW..HIGH log)`, `tune(A, B)`, `tune(A | B)`; and the text
 * that a number between 0 and 1 chooses of it.
 *
 * Ranges are even in the value or in its logarithm. Values are rounded to what people write: three
 * digits, of times two or whole seconds; what is written as a whole number stays one, and each
 * of them gets the same share of [0, 1]. A rounded value never leaves its range. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/list.h"
#include "sim/base/reading.h"
#include "sim/base/units.h"
#include "sim/scenario/marks.h"

static const char word[] = "tune(";
enum { WORD = sizeof word - 1, LONGEST = 64 };

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Behind the parenthesis that closes what opened before `at`, or at the end of the text. */
static size_t find_close(const char *value, size_t at)
{
    int depth = 1;
    for (; value[at] && depth > 0; at++)
        depth += value[at] == '(' ? 1 : value[at] == ')' ? -1 : 0;
    return at;
}

bool cm_mark_find(const char *value, size_t from, size_t *at, size_t *length)
{
    for (const char *found = strstr(value + from, word); found; found = strstr(found + 1, word)) {
        if (found > value && is_word_byte(found[-1]))
            continue;
        *at = (size_t)(found - value);
        *length = find_close(value, *at + WORD) - *at;
        return true;
    }
    return false;
}

/* --- reading --- */

/* A number of any unit. Whole: nothing in how it is written says otherwise. */
static int read_end(struct cm_reading *r, struct cm_slice text, struct cm_quantity *end,
                    bool *whole)
{
    char copy[LONGEST];
    struct cm_err why = {0};
    if (text.length == 0 || text.length >= sizeof copy)
        return CM_FAIL_AT(r, text, "a range has two ends, as in tune(1..10)");
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    if (cm_units_read_any(copy, end, &why))
        return CM_FAIL_AT(r, text, "%s", why.text);
    *whole = end->unit == CM_PURE && strspn(copy, "0123456789") == text.length;
    return 0;
}

/* "10s..5m log" has its word at the end. */
static struct cm_slice take_log(struct cm_slice inside, bool *logarithmic)
{
    const size_t length = sizeof "log" - 1;
    *logarithmic = inside.length > length &&
                   strncmp(inside.at + inside.length - length, "log", length) == 0 &&
                   inside.at[inside.length - length - 1] == ' ';
    if (*logarithmic)
        inside.length -= length;
    return cm_slice_trim(inside);
}

/* Ends that cannot be the ends of one range. */
static int check_range(struct cm_reading *r, struct cm_slice inside, const struct cm_mark *mark,
                       const struct cm_quantity ends[2])
{
    bool zero = ends[0].value == 0 && ends[0].unit == CM_PURE; /* 0 needs no unit */
    if (ends[0].unit != ends[1].unit && !zero)
        return CM_FAIL_AT(r, inside, "the ends of a range have one unit, and these have two");
    if (!(ends[0].value < ends[1].value))
        return CM_FAIL_AT(r, inside, "a range goes up: its first end is the smaller one");
    if (mark->logarithmic && ends[0].value <= 0)
        return CM_FAIL_AT(r, inside, "a range in the logarithm begins above 0");
    return 0;
}

static int read_range(struct cm_reading *r, struct cm_mark *mark, struct cm_slice inside,
                      const char *dots)
{
    struct cm_slice body = take_log(inside, &mark->logarithmic);
    struct cm_slice low = {body.at, (size_t)(dots - body.at)};
    struct cm_slice high = {dots + 2, (size_t)(body.at + body.length - dots - 2)};
    struct cm_quantity ends[2] = {{.value = NAN}, {.value = NAN}};
    bool whole[2] = {false, false};
    if (read_end(r, cm_slice_trim(low), &ends[0], &whole[0]) ||
        read_end(r, cm_slice_trim(high), &ends[1], &whole[1]) || check_range(r, inside, mark, ends))
        return -1;
    mark->low = ends[0].value, mark->high = ends[1].value, mark->unit = ends[1].unit;
    mark->whole = whole[0] && whole[1];
    return 0;
}

/* Texts between bars, or, if there is no bar, between commas. */
static int read_choices(struct cm_reading *r, struct cm_mark *mark, struct cm_slice inside)
{
    char separator = memchr(inside.at, '|', inside.length) ? '|' : ',';
    struct cm_slice rest = inside, part;
    const char **list = NULL;
    size_t n = 0;
    while (cm_slice_cut(&rest, separator, &part)) {
        if (part.length == 0)
            return CM_FAIL_AT(r, inside, "a value is missing between two '%c'", separator);
        list = cm_list_grow(r->arena, list, n, sizeof *list);
        list[n++] = cm_arena_text(r->arena, part.at, part.length);
    }
    mark->choices = list;
    mark->n_choices = n;
    if (n < 2)
        return CM_FAIL_AT(r, inside,
                          "one value leaves nothing to choose: write a range, tune(1..10), or "
                          "several values, tune(a, b)");
    return 0;
}

static const char *find_dots(struct cm_slice s)
{
    for (size_t i = 0; i + 1 < s.length; i++)
        if (s.at[i] == '.' && s.at[i + 1] == '.')
            return s.at + i;
    return NULL;
}

int cm_mark_read(struct cm_mark *mark, struct cm_arena *arena, struct cm_err *err)
{
    struct cm_reading r = {.text = mark->value, .arena = arena, .err = err};
    struct cm_slice all = {mark->value + mark->at, mark->length};
    struct cm_slice inside = {all.at + WORD, all.length - WORD};
    if (all.at[all.length - 1] != ')')
        return CM_FAIL_AT(&r, all, "this tune( is not closed: a ) is missing");
    inside.length--;
    inside = cm_slice_trim(inside);
    if (inside.length == 0)
        return CM_FAIL_AT(&r, all, "what may it be? tune(1..10), or tune(a, b)");
    const char *dots = find_dots(inside);
    return dots ? read_range(&r, mark, inside, dots) : read_choices(&r, mark, inside);
}

/* --- choosing --- */

/* Which of n equal parts of [0, 1] u is in. */
static double part_of(double u, double n)
{
    return fmin(floor(u * n), n - 1);
}

static double value_at(const struct cm_mark *mark, double u)
{
    double low = mark->low, high = mark->high;
    if (mark->logarithmic)
        return exp(log(low) + u * (log(high) - log(low)));
    return mark->whole ? low + part_of(u, high - low + 1) : low + u * (high - low);
}

/* As people would write it. */
static double rounded(const struct cm_mark *mark, double value)
{
    const double coarse = 10; /* s: from here on whole seconds are fine enough */
    char text[LONGEST];
    double read = value;
    if (mark->whole || (mark->unit == CM_SECONDS && value >= coarse))
        read = round(value);
    else {
        snprintf(text, sizeof text, mark->unit == CM_SECONDS ? "%.2g" : "%.3g", value);
        sscanf(text, "%lf", &read);
    }
    return fmin(fmax(read, mark->low), mark->high);
}

double cm_mark_value(const struct cm_mark *mark, double u)
{
    if (mark->n_choices > 0)
        return part_of(u, (double)mark->n_choices);
    return rounded(mark, value_at(mark, u));
}

void cm_mark_text(const struct cm_mark *mark, double u, struct cm_writer to)
{
    double value = cm_mark_value(mark, u);
    if (mark->n_choices > 0)
        cm_print(to, "%s", mark->choices[(size_t)value]);
    else if (mark->unit == CM_SECONDS)
        cm_units_print_time(cm_from_seconds(value), to);
    else if (mark->unit == CM_PURE)
        cm_print(to, "%.12g", value); /* a unit may stand behind it: no 2k, no 3M */
    else
        cm_units_print(value, mark->unit, to);
}
