/* Argo's conditions: values, types, what is refused, and what hostile texts do. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/gates/argo_condition.h"

static struct cm_argo_condition condition;
static struct cm_err err;

static struct cm_argo_value real(double x)
{
    return (struct cm_argo_value){.kind = CM_ARGO_REAL, .as.real = x};
}

static enum cm_argo_truth on(const char *text, enum cm_argo_kind kind,
                             const struct cm_argo_value *result)
{
    err.text[0] = '\0';
    if (cm_argo_condition_compile(text, kind, &condition, &err))
        return CM_ARGO_PANIC;
    return cm_argo_condition_hold(&condition, result, &err);
}

static enum cm_argo_truth of(const char *text, double x)
{
    struct cm_argo_value v = real(x);
    return on(text, CM_ARGO_REAL, &v);
}

static enum cm_argo_truth of_list(const char *text, size_t n, const double *x)
{
    struct cm_argo_value items[8];
    for (size_t i = 0; i < n; i++)
        items[i] = real(x[i]);
    struct cm_argo_value v = {.kind = CM_ARGO_LIST, .items = items, .n = n};
    return on(text, CM_ARGO_REALS, &v);
}

static enum cm_argo_truth alone(const char *text)
{
    return of(text, 0);
}

#define HOLDS(...)  cr_expect(__VA_ARGS__ == CM_ARGO_TRUE, "%s", err.text)
#define FAILS(...)  cr_expect(__VA_ARGS__ == CM_ARGO_FALSE, "%s", err.text)
#define PANICS(...) cr_expect(__VA_ARGS__ == CM_ARGO_PANIC)

Test(argo_condition, arithmetic_binds_as_in_expr_lang)
{
    HOLDS(alone("1 + 2 * 3 == 7"));
    HOLDS(alone("(1 + 2) * 3 == 9"));
    HOLDS(alone("7 - 2 - 1 == 4"));
    HOLDS(alone("2 ** 3 ** 2 == 512"));
    HOLDS(alone("-2 ** 2 == -4"));
    HOLDS(alone("2 * -3 + 1 == -5"));
    HOLDS(alone("7 % 4 == 3 && 1 / 2 == 0.5"));
    HOLDS(alone("1e3 == 1000 && .5 == 0.5 && 2^3 == 8.0 && + 1 == 1"));
    HOLDS(alone("true || false && false"));
    HOLDS(alone("not false and !(1 > 2) or false"));
    FAILS(alone("!true == true"));
}

Test(argo_condition, a_single_number_is_compared_as_ieee_754_says)
{
    HOLDS(of("result >= 0.95", 0.95));
    FAILS(of("result < 0.5", NAN));
    FAILS(of("result >= 0.5", NAN));
    HOLDS(of("isNaN(result) || result < 0.5", NAN));
    HOLDS(of("isInf(result) && result > 1e300", INFINITY));
    FAILS(of("result == result", NAN));
    HOLDS(of("isInf(1 / 0)", 0));
}

Test(argo_condition, lists_are_indexed_and_an_item_that_is_not_there_panics)
{
    const double x[] = {0.25, 0.75};
    HOLDS(of_list("result[0] == 0.25 && result[1] == 0.75 && result[-1] == 0.75", 2, x));
    PANICS(of_list("result[0] > 0", 0, x));
    PANICS(of_list("result[2] > 0", 2, x));
    PANICS(of_list("result[-3] > 0", 2, x));
    HOLDS(of_list("len(result) == 0 || result[0] > 0", 0, x));
    FAILS(of_list("len(result) > 0 && result[0] > 0", 0, x));
    HOLDS(of_list("0.75 in result and 1 not in result", 2, x));
    HOLDS(of_list("result[0] in [0, 0.25]", 2, x));
}

Test(argo_condition, loops_hold_a_predicate_against_every_item)
{
    const double x[] = {1, 2, 3};
    HOLDS(of_list("all(result, {# > 0}) && any(result, # > 2) && none(result, {# > 3})", 3, x));
    HOLDS(of_list("one(result, {# == 2}) && count(result, {# >= 2}) == 2", 3, x));
    HOLDS(of_list("all(result, {# > 9}) && !any(result, {true})", 0, x));
    FAILS(of_list("all(result, {# > 1})", 3, x));
    HOLDS(of_list("any(result, {any([2, 7], {# == 7}) && # == 3})", 3, x));
}

Test(argo_condition, nil_has_its_two_functions)
{
    const struct cm_argo_value nil = {.kind = CM_ARGO_NIL};
    HOLDS(on("isNil(result) && result == nil", CM_ARGO_NIL, &nil));
    HOLDS(on("default(result, 7) == 7", CM_ARGO_NIL, &nil));
    HOLDS(of("default(result, 7) == 3 && !isNil(result)", 3));
    PANICS(on("result < 0.5", CM_ARGO_NIL, &nil));
    PANICS(on("len(result) == 0", CM_ARGO_NIL, &nil));
    PANICS(on("default(result, 0) < \"x\"", CM_ARGO_NIL, &nil));
}

Test(argo_condition, texts_become_numbers_or_panic)
{
    const struct cm_argo_value t = {.kind = CM_ARGO_TEXT, .as.text = cm_slice_of("1.1")};
    HOLDS(on("asFloat(result) == 1.1 && len(result) == 3", CM_ARGO_TEXT, &t));
    PANICS(on("asInt(result) == 1", CM_ARGO_TEXT, &t));
    PANICS(on("asFloat('one') == 1", CM_ARGO_TEXT, &t));
    HOLDS(of("asInt(result) == 1 && asInt('-12') == -12", 1.9));
}

Test(argo_condition, members_of_maps_are_nil_where_there_are_none)
{
    struct cm_argo_value items[] = {real(200), {.kind = CM_ARGO_NIL}};
    struct cm_slice keys[] = {cm_slice_of("code"), cm_slice_of("label")};
    const struct cm_argo_value map = {.kind = CM_ARGO_MAP, .items = items, .keys = keys, .n = 2};
    HOLDS(on("result.code == 200 && result['code'] < 300 && 'code' in result", CM_ARGO_MAP, &map));
    HOLDS(on("result.label == nil && result.other == nil", CM_ARGO_MAP, &map));
    PANICS(on("result.other.deeper == nil", CM_ARGO_MAP, &map));
    PANICS(on("result.code.deeper == nil", CM_ARGO_MAP, &map));
    PANICS(on("result.code", CM_ARGO_MAP, &map));
}

/* Where the language's checker would refuse, whatever the other side says. */
Test(argo_condition, types_are_checked_before_anything_is_evaluated)
{
    static const char *const wrong[] = {
        "true || result == 'x'",
        "false && result < 'x'",
        "result",
        "1",
        "result[0] > 1",
        "result.code == 1",
        "!result",
        "-true == true",
        "len(result) > 0",
        "all(result, {true})",
        "1 && true",
        "result % 2 == 0",
        "isNaN('x')",
        "'a' + 1 == 2",
        "1 in result",
        "isNaN(asInt(result))",
        "asFloat('1.1') == '1.1'",
        "1 < 2 < 3",
        "(result + 1) % 2 == 0",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct cm_argo_value v = real(1);
        int status = cm_argo_condition_compile(wrong[i], CM_ARGO_REAL, &condition, &err);
        cr_expect(status == -1, "%s", wrong[i]);
        cr_expect(err.text[0] != '\0');
        (void)v;
    }
}

Test(argo_condition, what_is_no_condition_is_refused_with_its_place_and_what_is_accepted)
{
    static const struct {
        const char *text;
        size_t at;
    } wrong[] = {
        {"", 0},
        {"   ", 3},
        {"result >", 8},
        {"result > > 1", 9},
        {"(result > 1", 0},
        {"result > 1)", 10},
        {"result[0 > 1", 6},
        {"foo == 1", 0},
        {"result ? 1 : 2", 7},
        {"'abc", 0},
        {"'a\\n'", 0},
        {"1 2", 2},
        {"# > 1", 0},
        {"len", 0},
        {"len(result, 1) > 0", 0},
        {"result, 1", 6},
        {"now() > 1", 0},
        {"result = 1", 7},
        {"1x == 1", 0},
        {"99999999999999999999 > 1", 0},
        {"true and not", 12},
        {"result not 1", 7},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        err = (struct cm_err){.at = 999};
        cr_expect(cm_argo_condition_compile(wrong[i].text, CM_ARGO_REAL, &condition, &err) == -1,
                  "%s", wrong[i].text);
        cr_expect(err.at == wrong[i].at, "%s: %zu", wrong[i].text, err.at);
    }
    cm_argo_condition_compile("result ? 1 : 2", CM_ARGO_REAL, &condition, &err);
    cr_expect(strstr(err.text, "position 8 of the condition") != NULL, "%s", err.text);
    cr_expect(strstr(err.text, "accepted: result, numbers") != NULL, "%s", err.text);
}

static const char *repeated(const char *part, size_t n, const char *end)
{
    static char text[100000];
    size_t length = strlen(part);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * length, part, length);
    strcpy(text + n * length, end);
    return text;
}

Test(argo_condition, depth_and_length_are_bounded)
{
    HOLDS(alone(repeated("(", 20, "true))))))))))))))))))))")));
    static const char *const parts[] = {"(",   "!",        "-", "[",      "1+(", "len(",    "all(",
                                        "1**", "all([1],", "{", "true&&", ".",   "result[", "not "};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        PANICS(of(repeated(parts[i], 10000, "1"), 0));
        cr_expect(strlen(err.text) > 0 && strlen(err.text) < sizeof err.text - 1);
    }
    PANICS(alone(repeated("1+", 20000, "1 > 0")));
    PANICS(alone(repeated("all([1,2,3,4],{", 4, "true})})})})")));
    HOLDS(alone(repeated("all([1,2],{", 3, "true})})})")));
}

/* Every text of up to four tokens ends in a verdict or a reason, and the machine keeps its stack.
 */
Test(argo_condition, all_short_texts_end)
{
    static const char *const tokens[] = {"result", "1",   "'a'",  "(",   ")",  "[",
                                         "]",      "!",   "-",    "&&",  "==", "<",
                                         ",",      "len", "all(", "{#}", ".",  "in"};
    enum { N = sizeof tokens / sizeof tokens[0] };
    size_t judged = 0;
    for (size_t i = 0; i < (size_t)N * N * N * N; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s %s %s %s", tokens[i % N], tokens[i / N % N],
                 tokens[i / N / N % N], tokens[i / N / N / N]);
        judged += of(text, 1) != CM_ARGO_PANIC;
    }
    cr_expect(judged > 0);
}

/* As EvaluateResult of argo-rollouts has it: failure wins, neither is inconclusive, an error is an
 * error. */
Test(argo_condition, two_conditions_make_one_label)
{
    const enum cm_argo_truth f = CM_ARGO_FALSE, t = CM_ARGO_TRUE, p = CM_ARGO_PANIC,
                             none = CM_ARGO_NOT_GIVEN;
    cr_expect(cm_argo_condition_label(none, none) == CM_PASS);
    cr_expect(cm_argo_condition_label(t, none) == CM_PASS);
    cr_expect(cm_argo_condition_label(f, none) == CM_FAIL);
    cr_expect(cm_argo_condition_label(none, t) == CM_FAIL);
    cr_expect(cm_argo_condition_label(none, f) == CM_PASS);
    cr_expect(cm_argo_condition_label(t, t) == CM_FAIL);
    cr_expect(cm_argo_condition_label(f, f) == CM_UNDECIDED);
    cr_expect(cm_argo_condition_label(t, p) == CM_GATE_ERROR);
    cr_expect(cm_argo_condition_label(p, none) == CM_GATE_ERROR);
}
