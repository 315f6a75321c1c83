/* The rules by which parts of a query become shapes.
 *
 * Which requests a series counts is read from its labels, as far as anybody can: a label that is
 * called something with code, status, class or result, and a value that begins with 2 or 3, or with
 * 4 or 5, or that says success or failure; else from its name (errors_total). Whose series it is:
 * from values with canary, or with stable, primary or baseline, in them.
 *
 * Sums and averages over labels change nothing: the simulated monitor has no labels. */
#include "interop/promql_term.h"

#include <math.h>
#include <string.h>

const char *const cm_promql_names[CM_PROMQL_SHAPES] = {
    [CM_PROMQL_UNKNOWN] = "unknown",
    [CM_PROMQL_SUCCESS_RATIO] = "success ratio",
    [CM_PROMQL_ERROR_RATIO] = "error ratio",
    [CM_PROMQL_QUANTILE] = "quantile",
    [CM_PROMQL_MEAN] = "mean",
    [CM_PROMQL_RATE] = "rate",
    [CM_PROMQL_COMPARISON] = "comparison",
    [CM_PROMQL_GAUGE] = "gauge",
};

const char *const cm_promql_guards[] = {
    [CM_PROMQL_NO_GUARD] = "none",     [CM_PROMQL_OR] = "or",
    [CM_PROMQL_CLAMP] = "clamp_min",   [CM_PROMQL_BOOL] = "bool",
    [CM_PROMQL_FILTER] = "comparison",
};

/* --- words --- */

static bool has(struct cm_slice slice, const char *part)
{
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= slice.length; i++)
        if (memcmp(slice.at + i, part, n) == 0)
            return true;
    return false;
}

static bool has_any(struct cm_slice slice, const char *const *parts)
{
    for (; *parts; parts++)
        if (has(slice, *parts))
            return true;
    return false;
}

static bool ends(struct cm_slice slice, const char *part)
{
    size_t n = strlen(part);
    return slice.length >= n && memcmp(slice.at + slice.length - n, part, n) == 0;
}

static bool is_one_of(struct cm_slice slice, const char *const *words)
{
    for (; *words; words++)
        if (cm_slice_is(slice, *words))
            return true;
    return false;
}

static const char *const bad_words[] = {"fail", "error", "5xx", "Error", "Fail", NULL};
static const char *const good_words[] = {"success", "Success", "OK", NULL};

/* What a value of a status label stands for. */
static enum cm_term_filter filter_of(struct cm_slice value)
{
    size_t at = 0;
    while (at < value.length && strchr("^([", value.at[at]))
        at++;
    char first = at < value.length ? value.at[at] : '\0';
    if (first == '4' || first == '5' || has_any(value, bad_words))
        return CM_TERM_BAD;
    if (first == '1' || first == '2' || first == '3' || has_any(value, good_words))
        return CM_TERM_OK;
    return CM_TERM_ALL;
}

/* --- making terms --- */

struct cm_term cm_promql_term_number(double number, size_t at)
{
    return (struct cm_term){
        .kind = CM_TERM_NUMBER, .number = number, .at = at, .q = {.window_s = NAN, .scale = 1}};
}

static void keep_name(struct cm_promql *q, struct cm_slice name)
{
    size_t n = name.length < sizeof q->series ? name.length : sizeof q->series - 1;
    memcpy(q->series, name.at, n);
    q->series[n] = '\0';
}

struct cm_term cm_promql_term_series(struct cm_slice name, size_t at)
{
    struct cm_term term = {.kind = CM_TERM_SERIES, .name = name, .at = at};
    term.q = (struct cm_promql){.window_s = NAN, .scale = 1};
    if (has_any(name, bad_words))
        term.filter = CM_TERM_BAD;
    else if (has(name, "success"))
        term.filter = CM_TERM_OK;
    keep_name(&term.q, name);
    return term;
}

void cm_promql_term_match(struct cm_term *series, struct cm_slice label, struct cm_slice sign,
                          struct cm_slice value)
{
    static const char *const status[] = {"code",    "status", "class",   "result",
                                         "outcome", "error",  "success", NULL};
    static const char *const others[] = {"stable", "primary", "baseline", NULL};
    bool negative = sign.at[0] == '!';
    if (cm_slice_is(label, "__name__") && !series->name.length)
        *series = cm_promql_term_series(value, series->at);
    if (cm_slice_is(label, "le") && !has(value, "Inf"))
        series->filter = CM_TERM_PART;
    if (!negative && has_any(value, others))
        series->q.version = CM_PROMQL_STABLE;
    else if (negative ? cm_slice_is(label, "canary") : has(value, "canary"))
        series->q.version = CM_PROMQL_CANARY;
    if (!has_any(label, status))
        return;
    enum cm_term_filter filter = filter_of(value);
    if (filter == CM_TERM_ALL)
        return;
    bool bad = (filter == CM_TERM_BAD) != negative;
    series->filter = bad ? CM_TERM_BAD : CM_TERM_OK;
}

static struct cm_term other(struct cm_term from, enum cm_promql_shape nearest, const char *why)
{
    if (from.kind == CM_TERM_OTHER)
        return from; /* the first reason is the deepest */
    from.kind = CM_TERM_OTHER;
    from.q.shape = nearest;
    from.why = why;
    return from;
}

void cm_promql_term_range(struct cm_term *term, double window_s)
{
    if (term->kind == CM_TERM_SERIES)
        term->q.window_s = window_s;
    else
        cm_promql_term_spoil(term, "a range of something that is no series");
}

/* The nearest shape of a spoilt term is what it was. */
void cm_promql_term_spoil(struct cm_term *term, const char *why)
{
    enum cm_promql_shape nearest = term->kind == CM_TERM_SHAPE  ? term->q.shape
                                   : term->kind == CM_TERM_RATE ? CM_PROMQL_RATE
                                                                : CM_PROMQL_GAUGE;
    *term = other(*term, nearest, why);
}

static struct cm_term shape_of(struct cm_term term, enum cm_promql_shape shape)
{
    term.kind = CM_TERM_SHAPE;
    term.q.shape = shape;
    return term;
}

/* --- calls --- */

/* How many of the series' units are a second. */
static void set_unit(struct cm_term *term)
{
    static const char *const milli[] = {"millisecond", "_ms", "_rq_time", "apisix_http_latency",
                                        NULL};
    static const char *const micro[] = {"microsecond", "_us", NULL};
    term->q.unit_known = true;
    if (has_any(term->name, micro))
        term->q.scale *= 1e6;
    else if (has_any(term->name, milli))
        term->q.scale *= 1e3;
    else if (!has(term->name, "second")) {
        term->q.scale *= 1e3;
        term->q.unit_known = false;
    }
}

/* A spoilt part of what would have been this shape. */
static struct cm_term spoilt(struct cm_term term, enum cm_promql_shape nearest)
{
    term.q.shape = nearest;
    return term;
}

static struct cm_term call_quantile(const struct cm_term *args, size_t n)
{
    struct cm_term term = args[n - 1];
    if (n != 2 || args[0].kind != CM_TERM_NUMBER || !(args[0].number > 0 && args[0].number < 1))
        return other(term, CM_PROMQL_QUANTILE, "a quantile between 0 and 1 was expected");
    if (term.kind == CM_TERM_OTHER)
        return spoilt(term, CM_PROMQL_QUANTILE);
    if (term.kind != CM_TERM_RATE)
        return other(term, CM_PROMQL_QUANTILE,
                     "the quantile of everything since the start, without rate()");
    term.q.quantile = args[0].number;
    set_unit(&term);
    return shape_of(term, CM_PROMQL_QUANTILE);
}

/* rate(x[1m]) and its relatives. */
static struct cm_term call_rate(struct cm_term series, const char *function)
{
    if (series.kind == CM_TERM_OTHER)
        return spoilt(series, CM_PROMQL_RATE);
    if (series.kind != CM_TERM_SERIES || isnan(series.q.window_s))
        return other(series, CM_PROMQL_RATE, "a rate of something that is no range of a series");
    series.kind = CM_TERM_RATE;
    series.q.function = function;
    return series;
}

static struct cm_term call_over_time(struct cm_term series)
{
    if (series.kind != CM_TERM_SERIES || isnan(series.q.window_s))
        return other(series, CM_PROMQL_GAUGE, "something over time that is no range of a series");
    return shape_of(series, CM_PROMQL_GAUGE);
}

struct cm_term cm_promql_term_call(struct cm_slice function, const struct cm_term *args, size_t n)
{
    /* what keeps the meaning of its (last or first) argument */
    static const char *const plain[] = {"sum",       "avg",           "min",    "max",    "round",
                                        "floor",     "ceil",          "scalar", "vector", "sort",
                                        "sort_desc", "label_replace", "abs",    NULL};
    static const char *const clamps[] = {"clamp_min", "clamp_max", "clamp", NULL};
    static const char *const gauges[] = {
        "avg_over_time", "max_over_time", "min_over_time", "last_over_time",
        "delta",         "idelta",        "deriv",         NULL};
    static const char *const rates[] = {"rate", "irate", "increase"};
    if (n == 0)
        return other(cm_promql_term_number(NAN, 0), CM_PROMQL_UNKNOWN,
                     "a function without arguments");
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (cm_slice_is(function, rates[i]))
            return call_rate(args[0], rates[i]);
    if (cm_slice_is(function, "histogram_quantile"))
        return call_quantile(args, n);
    if (is_one_of(function, plain))
        return args[0];
    if (is_one_of(function, gauges))
        return call_over_time(args[0]);
    if (is_one_of(function, clamps)) {
        struct cm_term term = args[0];
        term.q.guard = CM_PROMQL_CLAMP;
        return term;
    }
    struct cm_term term = args[n - 1];
    cm_promql_term_spoil(&term, "a function that is not read");
    return term;
}

/* --- combinations --- */

static struct cm_term scaled(struct cm_term term, double factor)
{
    if (term.kind == CM_TERM_NUMBER)
        term.number *= factor;
    term.q.scale *= factor;
    return term;
}

static bool are_versions(const struct cm_term *left, const struct cm_term *right)
{
    /* an unnamed one beside stable is the canary: {{ target }} beside {{ target }}-primary */
    return right->q.version == CM_PROMQL_STABLE && left->q.version != CM_PROMQL_STABLE;
}

static struct cm_term compared(struct cm_term left, enum cm_promql_shape of, bool quotient)
{
    left.q.of = of;
    left.q.quotient = quotient;
    left.q.version = CM_PROMQL_CANARY;
    if (quotient)
        left.q.scale = 1;
    return shape_of(left, CM_PROMQL_COMPARISON);
}

/* x_sum over x_count, or errors or successes over all. */
static struct cm_term divide_rates(struct cm_term left, const struct cm_term *right)
{
    if (are_versions(&left, right) && left.filter == right->filter)
        return compared(left, CM_PROMQL_RATE, true);
    left.q.scale /= right->q.scale;
    if (ends(left.name, "_sum")) {
        set_unit(&left);
        return shape_of(left, CM_PROMQL_MEAN);
    }
    if (right->filter == CM_TERM_ALL && left.filter == CM_TERM_BAD)
        return shape_of(left, CM_PROMQL_ERROR_RATIO);
    if (right->filter == CM_TERM_ALL && left.filter == CM_TERM_OK)
        return shape_of(left, CM_PROMQL_SUCCESS_RATIO);
    if (right->filter != CM_TERM_ALL)
        return other(left, CM_PROMQL_ERROR_RATIO, "a ratio to only a part of the requests");
    return other(left, CM_PROMQL_SUCCESS_RATIO,
                 "a ratio whose labels do not tell successes from errors");
}

/* Errors and successes are all; other sums keep what they are of. */
static struct cm_term add_rates(struct cm_term left, const struct cm_term *right)
{
    if (left.filter != right->filter)
        left.filter = CM_TERM_ALL;
    return left;
}

/* Guards of a denominator are of the whole. */
static void take_guard(struct cm_term *term, const struct cm_term *from)
{
    if (term->q.guard == CM_PROMQL_NO_GUARD)
        term->q.guard = from->q.guard;
}

/* 1 - errors, 100 - 100 * successes: the other ratio. */
static struct cm_term subtract_from(double whole, struct cm_term term)
{
    bool success = term.q.shape == CM_PROMQL_SUCCESS_RATIO;
    bool ratio = success || term.q.shape == CM_PROMQL_ERROR_RATIO;
    if (term.kind != CM_TERM_SHAPE || !ratio || fabs(whole - term.q.scale) > 1e-9 * whole)
        return other(term, term.q.shape, "a difference that is not the rest of a ratio");
    term.q.shape = success ? CM_PROMQL_ERROR_RATIO : CM_PROMQL_SUCCESS_RATIO;
    return term;
}

static struct cm_term combine_parts(struct cm_slice sign, struct cm_term left,
                                    const struct cm_term *right)
{
    bool divides = cm_slice_is(sign, "/"), subtracts = cm_slice_is(sign, "-");
    if (left.kind == CM_TERM_OTHER)
        return left;
    if (right->kind == CM_TERM_OTHER)
        return *right;
    if (left.kind == CM_TERM_SHAPE && right->kind == CM_TERM_SHAPE && (divides || subtracts) &&
        left.q.shape == right->q.shape && are_versions(&left, right))
        return compared(left, left.q.shape, divides);
    if (left.kind == CM_TERM_RATE && right->kind == CM_TERM_RATE) {
        if (divides)
            return divide_rates(left, right);
        if (cm_slice_is(sign, "+"))
            return add_rates(left, right);
        if (subtracts && are_versions(&left, right) && left.filter == right->filter)
            return compared(left, CM_PROMQL_RATE, false);
        if (subtracts && left.filter == CM_TERM_ALL && right->filter == CM_TERM_BAD) {
            left.filter = CM_TERM_OK;
            return left;
        }
    }
    if (left.kind == CM_TERM_SERIES && right->kind == CM_TERM_SERIES && divides)
        return other(left, CM_PROMQL_GAUGE, "a ratio of gauges, or of counters without rate()");
    return other(left, left.kind == CM_TERM_SHAPE ? left.q.shape : CM_PROMQL_RATE,
                 "a combination that is not read");
}

static struct cm_term combine_numbers(struct cm_slice sign, struct cm_term left,
                                      const struct cm_term *right)
{
    double a = left.number, b = right->number;
    char c = sign.at[0];
    left.number = c == '+' ? a + b : c == '-' ? a - b : c == '*' ? a * b : c == '/' ? a / b : NAN;
    return left;
}

/* What stands for a missing value, or takes one away. */
static bool is_guard(struct cm_slice sign)
{
    static const char *const signs[] = {
        "or", "and", "unless", "==", "!=", ">", "<", ">=", "<=", NULL};
    return is_one_of(sign, signs);
}

static struct cm_term guarded(struct cm_slice sign, bool is_bool, struct cm_term left,
                              const struct cm_term *right)
{
    struct cm_term term = left.kind == CM_TERM_NUMBER ? *right : left;
    term.q.guard = cm_slice_is(sign, "or") ? CM_PROMQL_OR
                   : is_bool               ? CM_PROMQL_BOOL
                                           : CM_PROMQL_FILTER;
    return term;
}

struct cm_term cm_promql_term_combine(struct cm_slice sign, bool is_bool, struct cm_term left,
                                      struct cm_term right)
{
    bool left_number = left.kind == CM_TERM_NUMBER, right_number = right.kind == CM_TERM_NUMBER;
    if (is_guard(sign))
        return guarded(sign, is_bool, left, &right);
    if (left_number && right_number)
        return combine_numbers(sign, left, &right);
    if (cm_slice_is(sign, "*") && left_number)
        return scaled(right, left.number);
    if (cm_slice_is(sign, "*") && right_number)
        return scaled(left, right.number);
    if (cm_slice_is(sign, "/") && right_number)
        return scaled(left, 1 / right.number);
    if (cm_slice_is(sign, "-") && left_number)
        return subtract_from(left.number, right);
    /* + 1e-9 and the like keep a denominator from zero */
    if (cm_slice_is(sign, "+") && right_number && fabs(right.number) < 1e-3) {
        left.q.guard = CM_PROMQL_CLAMP;
        return left;
    }
    struct cm_term term = combine_parts(sign, left, &right);
    take_guard(&term, &left);
    take_guard(&term, &right);
    return term;
}

/* --- the whole --- */

int cm_promql_term_finish(const struct cm_term *term, struct cm_promql *query, struct cm_err *err)
{
    *query = term->q;
    switch (term->kind) {
    case CM_TERM_SHAPE:
        if (term->q.scale != 0 && isfinite(term->q.scale))
            return 0;
        return cm_fail_at(err, term->at, 0, "a value times 0");
    case CM_TERM_RATE:
        query->shape = CM_PROMQL_RATE;
        query->of_errors = term->filter == CM_TERM_BAD;
        return 0;
    case CM_TERM_SERIES:
        query->shape = CM_PROMQL_GAUGE;
        if (isnan(term->q.window_s))
            return 0;
        return cm_fail_at(err, term->at, term->name.length, "a range, and no value");
    case CM_TERM_NUMBER:
        query->shape = CM_PROMQL_UNKNOWN;
        return cm_fail_at(err, term->at, 0, "a constant");
    case CM_TERM_OTHER:
        break;
    }
    return cm_fail_at(err, term->at, term->name.length, "%s", term->why);
}
