/* The type of a key of [assert]: limits on one measure.
 *
 *     limits   = limit { "," limit }                 p95 < 30m         > 40m, < 1h
 *     limit    = [statistic] relation value          the first statistic is meant without one
 *     relation = "<" | "<=" | ">" | ">="
 *
 * The value has the unit of the measure: a ratio, a duration, or a number behind which what is
 * counted may stand (< 20 requests). It may be computed, in the language of sim/base/expr.h: of
 * 1% * 30 rps * 5m requests 90 is what is kept. What holds always, or for no number of
 * replications, is refused: an assertion that cannot fail asserts nothing. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/assertion.h"
#include "sim/base/expr.h"
#include "sim/base/list.h"
#include "sim/base/reading.h"
#include "sim/base/text.h"
#include "sim/base/type.h"

enum { SHOWN = 60 };

static const char *const relations[] = {
    [CM_BELOW] = "<", [CM_AT_MOST] = "<=", [CM_ABOVE] = ">", [CM_AT_LEAST] = ">="};

/* One limit being read: `text` is the whole value, `rest` what is left of this part. */
struct reading {
    const struct cm_measure *measure;
    const char *text;
    struct cm_slice part, rest;
    struct cm_arena *arena;
    struct cm_err *err;
};

/* --- the pieces --- */

/* Quotes a piece of the value, points at it and goes on about it. */
static int fail(const struct reading *r, struct cm_slice piece, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(const struct reading *r, struct cm_slice piece, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    int shown = piece.length < SHOWN ? (int)piece.length : SHOWN;
    return cm_fail_at(r->err, (size_t)(piece.at - r->text), piece.length ? piece.length : 1,
                      "'%.*s' %s", shown, piece.at, text);
}

/* Takes `length` bytes and the blanks behind them. */
static struct cm_slice take(struct reading *r, size_t length)
{
    struct cm_slice piece = {r->rest.at, length};
    r->rest = cm_slice_trim((struct cm_slice){r->rest.at + length, r->rest.length - length});
    return piece;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The names that a measure has, for those that it has not. */
static int fail_statistic(const struct reading *r, struct cm_slice word)
{
    const struct cm_measure *m = r->measure;
    const char *near = cm_nearest(cm_arena_text(r->arena, word.at, word.length), m->statistics);
    struct cm_buffer list = {0};
    for (size_t i = 0; m->statistics[i]; i++)
        cm_print(cm_buffer_writer(&list), "%s%s", i ? ", " : "", m->statistics[i]);
    if (near)
        fail(r, word, "is no statistic of %s (did you mean '%s'?)", m->name, near);
    else
        fail(r, word, "is no statistic of %s (one of: %s)", m->name, list.text);
    cm_buffer_release(&list);
    return -1;
}

/* Nothing where the value begins with its relation. */
static int read_statistic(struct reading *r, struct cm_limit *limit)
{
    size_t length = 0;
    while (length < r->rest.length && is_word_byte(r->rest.at[length]))
        length++;
    limit->statistic = r->measure->statistics[0];
    if (length == 0 || (r->rest.at[0] >= '0' && r->rest.at[0] <= '9'))
        return 0;
    struct cm_slice word = take(r, length);
    for (size_t i = 0; r->measure->statistics[i]; i++) {
        if (cm_slice_is(word, r->measure->statistics[i])) {
            limit->statistic = r->measure->statistics[i];
            return 0;
        }
    }
    return fail_statistic(r, word);
}

/* `==` is no limit: an estimate equals nothing. */
static int read_relation(struct reading *r, struct cm_limit *limit)
{
    size_t length = 0;
    while (length < r->rest.length && strchr("<>=!", r->rest.at[length]))
        length++;
    if (length == 0)
        return fail(r, r->part, "says no side of its limit: write <, <=, > or >= before it");
    struct cm_slice word = take(r, length);
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++) {
        if (cm_slice_is(word, relations[i])) {
            limit->relation = (enum cm_relation)i;
            return 0;
        }
    }
    return fail(r, word, "is no side of a limit (<, <=, >, >=)");
}

/* What is counted may be said, and has to be right: 20 requests. The word behind the last blank;
 * k and M stand behind a blank, too, and so may the unit of a number that is computed with. */
static int drop_unit(struct reading *r, bool computed)
{
    const char *unit = r->measure->unit;
    bool counts = unit && strcmp(unit, "1") != 0;
    size_t at = r->rest.length;
    while (at > 0 && r->rest.at[at - 1] != ' ')
        at--;
    struct cm_slice word = {r->rest.at + at, r->rest.length - at};
    if (at == 0 || word.length < 2)
        return 0;
    if (counts && cm_slice_is(word, unit))
        r->rest = cm_slice_trim((struct cm_slice){r->rest.at, at});
    else if (!computed && counts)
        return fail(r, word, "is no unit of %s, which counts %s", r->measure->name, unit);
    else if (!computed)
        return fail(r, word, "is no unit of %s, which is a bare number", r->measure->name);
    return 0;
}

static enum cm_unit unit_of(const struct cm_measure *m)
{
    return m->type == CM_COLUMN_SHARE      ? CM_RATIO
           : m->type == CM_COLUMN_DURATION ? CM_SECONDS
                                           : CM_PURE;
}

static int refuse_name(void *self, struct cm_slice name, struct cm_value *value, struct cm_err *err)
{
    (void)self;
    (void)value;
    return cm_fail(err,
                   "a limit knows no '%.*s': it is made of numbers (a variable of a sweep is one, "
                   "as ${$name})",
                   cm_shown(name), name.at);
}

/* A share of a count is a count: 5m * 30 rps * 1%. */
static bool is_of(const struct cm_value *value, enum cm_unit unit)
{
    return value->kind == CM_VALUE_NUMBER && isfinite(value->number) &&
           (value->unit == unit || value->number == 0 ||
            (unit == CM_PURE && value->unit == CM_RATIO));
}

/* What arithmetic leaves in the last digits is nobody's limit: 3.96, not 3.9599999999999995. */
static double rounded(double value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.12g", value);
    return strtod(digits, NULL);
}

static int compute(const struct reading *r, const char *text, enum cm_unit unit, double *result)
{
    const struct cm_scope numbers = {NULL, refuse_name};
    struct cm_expr expr;
    struct cm_value value;
    if (cm_expr_read(&expr, text, r->arena, r->err) ||
        cm_expr_value(&expr, &numbers, &value, r->err))
        return -1;
    if (!is_of(&value, unit))
        return cm_fail(r->err, "'%.*s' is nothing that %s is held against (%s)", SHOWN, text,
                       r->measure->name, cm_units_examples(unit));
    *result = rounded(value.number);
    return 0;
}

/* A sign at the front, or behind the e of 1e-3, is the number's own. */
static bool is_computed(const char *text)
{
    bool any = strpbrk(text, "*/^(") != NULL;
    for (size_t i = 1; text[i - 1] && text[i] && !any; i++)
        any = (text[i] == '-' || text[i] == '+') && text[i - 1] != 'e' && text[i - 1] != 'E';
    return any;
}

/* The readers know only their own text; its place is moved into ours. */
static int read_value(struct reading *r, struct cm_limit *limit)
{
    enum cm_unit unit = unit_of(r->measure);
    if (r->rest.length == 0)
        return fail(r, r->part, "has no value: %s is held against what?", r->measure->name);
    const char *whole = cm_arena_text(r->arena, r->rest.at, r->rest.length);
    bool computed = is_computed(whole);
    if (unit == CM_PURE && drop_unit(r, computed))
        return -1;
    size_t at = (size_t)(r->rest.at - r->text);
    const char *text = cm_arena_text(r->arena, r->rest.at, r->rest.length);
    if (!(computed ? compute(r, text, unit, &limit->value)
                   : cm_units_read(text, unit, &limit->value, r->err)))
        return 0;
    r->err->at += at;
    r->err->length = r->err->length ? r->err->length : r->rest.length;
    return -1;
}

/* --- what can be asked --- */

/* What keeps a limit from being one: it would hold always, or for no number of replications. NULL =
 * nothing. No measure is negative; of a share of n rollouts neither 0 nor 1 is ever shown. */
static const char *useless(const struct cm_measure *m, const struct cm_limit *limit)
{
    bool share = m->type == CM_COLUMN_SHARE && m->statistics != cm_statistics_spread;
    bool upper = limit->relation == CM_BELOW || limit->relation == CM_AT_MOST;
    if (limit->value < 0 || (limit->value == 0 && limit->relation == CM_BELOW))
        return "never holds: nothing measured is negative";
    if (limit->value == 0 && limit->relation == CM_AT_LEAST)
        return "always holds: nothing measured is negative";
    if (share && limit->value > 1)
        return "is beyond 100%, where no share is";
    if (share && limit->value == 1)
        return upper ? "always holds, or nearly: a limit below 100% says something"
                     : "is shown by no number of replications: write > 99.9%";
    if (share && limit->value == 0 && upper)
        return "is shown by no number of replications: write < 0.1%";
    return NULL;
}

static int read_limit(struct reading *r, struct cm_limit *limit)
{
    r->rest = r->part;
    if (r->part.length == 0)
        return cm_fail_at(r->err, (size_t)(r->part.at - r->text), 1, "a limit is missing in '%.*s'",
                          SHOWN, r->text);
    if (read_statistic(r, limit) || read_relation(r, limit) || read_value(r, limit))
        return -1;
    const char *why = useless(r->measure, limit);
    return why ? fail(r, r->part, "%s", why) : 0;
}

/* --- the type --- */

static int parse(const struct cm_param *row, const char *text, void *out, struct cm_arena *arena,
                 struct cm_err *err)
{
    struct reading r = {.measure = row->domain, .text = text, .arena = arena, .err = err};
    struct cm_slice value = cm_slice_of(text);
    struct cm_limit *list = NULL;
    size_t n = 0;
    while (!cm_type_is_none(row, text) && cm_slice_cut(&value, ',', &r.part)) {
        list = cm_list_grow(arena, list, n, sizeof *list);
        if (read_limit(&r, &list[n++]))
            return -1;
    }
    *(struct cm_limits *)out = (struct cm_limits){n, list};
    return 0;
}

void cm_limit_print(const struct cm_measure *measure, const struct cm_limit *limit,
                    struct cm_writer to)
{
    if (measure->statistics[1])
        cm_print(to, "%s ", limit->statistic);
    cm_print(to, "%s ", relations[limit->relation]);
    cm_units_print(limit->value, unit_of(measure), to);
}

static void print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const struct cm_limits *limits = value;
    if (limits->n == 0)
        cm_print(to, "none");
    for (size_t i = 0; i < limits->n; i++) {
        cm_print(to, i ? ", " : "");
        cm_limit_print(row->domain, &limits->list[i], to);
    }
}

/* "limits in requests; on mean, median, p95, p99" */
static void takes(const struct cm_param *row, struct cm_writer to)
{
    const struct cm_measure *m = row->domain;
    const char *unit = m->type == CM_COLUMN_SHARE      ? "percent"
                       : m->type == CM_COLUMN_DURATION ? "time"
                       : m->unit && *m->unit != '1'    ? m->unit
                                                       : "numbers";
    cm_print(to, "limits in %s", unit);
    for (size_t i = 0; m->statistics[1] && m->statistics[i]; i++)
        cm_print(to, "%s%s", i ? ", " : "; on ", m->statistics[i]);
}

const struct cm_type cm_type_limits = {
    .name = "limits",
    .accepts = "< 1%, p95 < 10m, >= 20",
    .parse = parse,
    .print = print,
    .takes = takes,
};
