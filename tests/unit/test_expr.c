/* Expected values are arithmetic that can be done by hand. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "sim/base/expr.h"
#include "sim/base/mem.h"

static struct cm_arena arena;
static struct cm_err err;

static void tear_down(void)
{
    cm_arena_release(&arena);
}

TestSuite(expr, .fini = tear_down);

/* rate = ${30} rps, share = ${5}%, pause = ${2}m, kind = poisson, error-rate = 1%; the measure
 * `missed` is 4% [3%, 6%], `unseen` is not known. */
static int look_up(void *self, struct cm_slice name, struct cm_value *value, struct cm_err *why)
{
    (void)self;
    *value = cm_value_number(0, CM_PURE);
    if (cm_slice_is(name, "rate")) {
        value->number = 30, value->scale = 1, value->scale_unit = CM_PER_SECOND;
    } else if (cm_slice_is(name, "share")) {
        value->number = 5, value->scale = 0.01, value->scale_unit = CM_RATIO;
    } else if (cm_slice_is(name, "pause")) {
        value->number = 2, value->scale = 60, value->scale_unit = CM_SECONDS;
    } else if (cm_slice_is(name, "window")) {
        value->number = 90, value->scale = 1, value->scale_unit = CM_SECONDS;
    } else if (cm_slice_is(name, "kind")) {
        *value = cm_value_text("poisson");
    } else if (cm_slice_is(name, "error-rate")) {
        *value = cm_value_number(0.01, CM_RATIO);
    } else if (cm_slice_is(name, "a.b")) {
        *value = cm_value_number(7, CM_PURE);
    } else if (cm_slice_is(name, "missed")) {
        *value = cm_value_number(0.04, CM_RATIO);
        value->low = 0.03, value->high = 0.06;
    } else if (cm_slice_is(name, "unseen")) {
        *value = cm_value_number((double)NAN, CM_RATIO);
    } else {
        return cm_fail(why, "there is no '%.*s'", (int)name.length, name.at);
    }
    return 0;
}

static const struct cm_scope scope = {NULL, look_up};

static int evaluate(const char *text, struct cm_value *value)
{
    struct cm_expr expr;
    err = (struct cm_err){0};
    return cm_expr_read(&expr, text, &arena, &err) ? -1 : cm_expr_value(&expr, &scope, value, &err);
}

static void expect_number(const char *text, double want, enum cm_unit unit)
{
    struct cm_value value;
    cr_assert_eq(evaluate(text, &value), 0, "%s: %s", text, err.text);
    cr_expect(value.kind == CM_VALUE_NUMBER && fabs(value.number - want) <= 1e-12 * fabs(want),
              "%s is %.17g, not %.17g", text, value.number, want);
    cr_expect_eq(value.unit, unit, "%s has unit %d", text, (int)value.unit);
}

static void expect_truth(const char *text, bool want)
{
    struct cm_value value;
    cr_assert_eq(evaluate(text, &value), 0, "%s: %s", text, err.text);
    cr_expect(value.kind == CM_VALUE_TRUTH && value.truth == want, "%s", text);
}

static void expect_refused(const char *text, const char *words, size_t at, size_t length)
{
    struct cm_value value;
    cr_assert_eq(evaluate(text, &value), -1, "'%s' was accepted", text);
    cr_expect(strstr(err.text, words) != NULL, "'%s' is not in '%s'", words, err.text);
    cr_expect(err.at == at && err.length == length, "'%s': %zu+%zu (%s)", text, err.at, err.length,
              err.text);
}

Test(expr, operators_bind_as_in_c_and_a_power_to_the_right)
{
    expect_number("1 + 2 * 3", 7, CM_PURE);
    expect_number("(1 + 2) * 3", 9, CM_PURE);
    expect_number("10 - 4 - 3", 3, CM_PURE);
    expect_number("24 / 4 / 2", 3, CM_PURE);
    expect_number("2 ^ 3 ^ 2", 512, CM_PURE);
    expect_number("-2 ^ 2", -4, CM_PURE);
    expect_number("2 ^ -1 * 8", 4, CM_PURE);
    expect_number("2 - -3", 5, CM_PURE);
    expect_truth("1 < 2 && 3 < 2 || 2 < 3", true);
    expect_truth("1 < 2 || 2 < 3 && 3 < 2", true);
    expect_truth("!(1 < 2) || !true == false", true);
}

Test(expr, comparisons_know_equal_from_less_and_more)
{
    expect_truth("2 < 2", false);
    expect_truth("2 <= 2", true);
    expect_truth("2 > 2", false);
    expect_truth("2 >= 2", true);
    expect_truth("2 == 2", true);
    expect_truth("2 != 2", false);
    expect_truth("3 * 10% == 30%", true); /* 0.30000000000000004 */
    expect_truth("30.0001% > 30%", true);
}

Test(expr, units_behave_as_in_physics)
{
    expect_number("30 rps * 2m", 3600, CM_PURE);
    expect_number("1h30m / 3", 1800, CM_SECONDS);
    expect_number("10 / 5s", 2, CM_PER_SECOND);
    expect_number("1 k rps * 5%", 50, CM_PER_SECOND);
    expect_number("1m / 30s", 2, CM_PURE);
    expect_number("0.2pp + 1%", 0.012, CM_RATIO);
}

Test(expr, a_swept_number_is_bare_or_has_the_unit_outside_of_its_braces)
{
    expect_truth("rate < 50", true);
    expect_truth("rate < 50 rps", true);
    expect_truth("rate > 600 rpm", true);
    expect_truth("share == 5 && share == 5%", true);
    expect_truth("pause > window", true); /* 2m against 90s, as durations */
    expect_truth("rate * pause == 60", true);
}

Test(expr, names_with_a_dash_and_texts_are_quoted)
{
    expect_truth("kind == \"poisson\"", true);
    expect_truth("kind != \"replay\"", true);
    expect_truth("'error-rate' == 1%", true);
    expect_number("a.b + 'a.b'", 14, CM_PURE);
}

Test(expr, functions_take_what_they_take)
{
    expect_number("min(3, 1, 2) + max(1, 5)", 6, CM_PURE);
    expect_number("max(30s, 1m)", 60, CM_SECONDS);
    expect_number("sqrt(16) + log10(1000) + exp(log(2))", 9, CM_PURE);
    expect_number("abs(1 - 4) + floor(2.7) + ceil(2.1) + round(2.5)", 11, CM_PURE);
    expect_number("ci(missed)", 0.02, CM_RATIO);
    expect_number("low(missed)", 0.03, CM_RATIO);
    expect_number("high(missed)", 0.06, CM_RATIO);
}

Test(expr, what_is_not_known_compares_with_nothing)
{
    expect_truth("unseen < 1%", false);
    expect_truth("unseen >= 1%", false);
    expect_truth("unseen != 1%", false);
    expect_truth("ci(unseen) < 1%", false);
}

Test(expr, mistakes_point_at_their_place)
{
    expect_refused("rate <", "ends where", 6, 1);
    expect_refused("rate = 5", "write '=='", 5, 1);
    expect_refused("rate < 5 and share < 2", "write '&&'", 9, 3);
    expect_refused("1 < rate < 5", "do not chain", 9, 1);
    expect_refused("(rate < 5", "not closed", 0, 1);
    expect_refused("rate < 5)", "no ( for this", 8, 1);
    expect_refused("sqr(rate) < 5", "did you mean 'sqrt'", 0, 3);
    expect_refused("sqrt(1, 2) < 5", "takes one argument", 0, 4);
    expect_refused("min(1) < 5", "two or more", 0, 3);
    expect_refused("kind == \"x", "not closed", 8, 2);
    expect_refused("rate < 5 mins", "write 'm'", 9, 4);
    expect_refused("rate + kind", "not a text", 5, 1);
    expect_refused("missed < 0.01", "shares are written as 1%", 7, 1);
    expect_refused("rate < 5m", "a bare number and a duration", 5, 1);
    expect_refused("kind == 5", "never a bare number", 5, 2);
    expect_refused("kind < \"x\"", "only be == or !=", 5, 1);
    expect_refused("rats < 5", "there is no 'rats'", 0, 4);
    expect_refused("ci(rate) < 5", "something measured", 0, 2);
    expect_refused("1 < 2 && 3", "comparisons are expected", 6, 2);
    expect_refused("", "ends where", 0, 1);
    expect_refused("rate, 5", "arguments of a function", 4, 1);
    expect_refused("# 5", "before '#'", 0, 1);
    expect_refused("30 rps * 2 rps", "nothing that has a unit", 7, 1);
}

Test(expr, a_condition_is_true_or_false_and_nothing_else)
{
    struct cm_expr expr;
    bool holds = false;
    cr_assert_eq(cm_expr_read(&expr, "rate + 1", &arena, &err), 0);
    cr_expect_eq(cm_expr_holds(&expr, &scope, &holds, &err), -1);
    cr_expect(strstr(err.text, "a comparison is expected"));
    cr_assert_eq(cm_expr_read(&expr, "rate < 31", &arena, &err), 0);
    cr_expect_eq(cm_expr_holds(&expr, &scope, &holds, &err), 0);
    cr_expect(holds);
}

/* 31 levels fit, 32 do not: values and operators wait in 32 places. */
Test(expr, depth_has_a_limit_that_is_said)
{
    char text[CM_EXPR_LENGTH + 2];
    struct cm_value value;
    for (int levels = 1; levels <= 400; levels++) {
        int n = 0;
        for (int i = 0; i < levels; i++)
            text[n++] = '(';
        text[n++] = '1';
        for (int i = 0; i < levels; i++)
            text[n++] = ')';
        text[n] = '\0';
        cr_expect_eq(evaluate(text, &value), levels <= CM_EXPR_DEPTH ? 0 : -1, "%d", levels);
    }
    cr_expect(strstr(err.text, "nested too deeply: at most 32 levels"));
    /* right-bound powers keep their values waiting */
    for (int i = 0; i < 40; i++)
        snprintf(text + 2 * i, 3, "1^");
    snprintf(text + 80, 2, "1");
    cr_expect_eq(evaluate(text, &value), -1);
    cr_expect(strstr(err.text, "nested too deeply"));
    /* and functions all of their arguments */
    cr_expect_eq(
        evaluate("max(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)", &value),
        0);
    cr_expect_eq(
        evaluate("max(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)", &value),
        -1);
    cr_expect(strstr(err.text, "at most 32 values"));
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cr_expect_eq(evaluate(text, &value), -1);
    cr_expect(strstr(err.text, "at most 1000 characters"));
}

Test(expr, names_can_be_asked_for)
{
    struct cm_expr expr;
    cr_assert_eq(cm_expr_read(&expr, "ci(missed) < 1% && 'error-rate' > 2%", &arena, &err), 0);
    cr_expect(cm_slice_is(cm_expr_name(&expr, 0), "missed"));
    cr_expect(cm_slice_is(cm_expr_name(&expr, 1), "error-rate"));
    cr_expect_null(cm_expr_name(&expr, 2).at);
}
