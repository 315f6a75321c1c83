/* Evaluation on a stack of values, with units.
 *
 * Units behave as in physics, as far as scenario files have them: what is added or compared has the
 * same unit, requests per second times seconds is a number. A bare number stands for no unit but
 * 0, and a swept number for two things: itself, and itself with the unit that stands outside of its
 * braces. Which one is meant, the other operand says. */
#include <assert.h>
#include <string.h>

#include "sim/base/expr_step.h"

/* The operands of one step, and where to complain. */
struct evaluation {
    const struct cm_expr *expr;
    const struct cm_expr_step *step;
    struct cm_err *err;
};

#define FAIL(e, ...) cm_fail_at((e)->err, (e)->step->at, (e)->step->length, __VA_ARGS__)

static const char *kind_words(const struct cm_value *v)
{
    static const char *const units[] = {[CM_PURE] = "a bare number",
                                        [CM_RATIO] = "a share",
                                        [CM_SECONDS] = "a duration",
                                        [CM_PER_SECOND] = "a rate"};
    if (v->kind == CM_VALUE_NUMBER)
        return units[v->unit];
    return v->kind == CM_VALUE_TEXT ? "a text" : "true or false";
}

/* --- units --- */

/* The other thing that a swept number stands for. */
static void take_unit(struct cm_value *v)
{
    v->number *= v->scale;
    v->unit = v->scale_unit;
    v->scale = 0;
}

/* Brings a bare number to the unit of the other side, if it can be; 0 is 0 in all of them. */
static bool adapt(struct cm_value *v, enum cm_unit unit)
{
    if (v->unit == unit)
        return true;
    if (v->unit == CM_PURE && v->scale != 0 && v->scale_unit == unit) {
        take_unit(v);
        return true;
    }
    if (v->unit != CM_PURE || v->number != 0)
        return false;
    v->unit = unit;
    return true;
}

/* Two swept numbers with units of one kind, 30s and 2m, are compared as durations. */
static bool scales_differ(const struct cm_value *a, const struct cm_value *b)
{
    return a->scale != 0 && b->scale != 0 && a->scale_unit == b->scale_unit && a->scale != b->scale;
}

static int check_numbers(const struct evaluation *e, const struct cm_value *a,
                         const struct cm_value *b)
{
    const struct cm_value *wrong = a->kind != CM_VALUE_NUMBER   ? a
                                   : b->kind != CM_VALUE_NUMBER ? b
                                                                : NULL;
    return wrong ? FAIL(e, "numbers are expected here, not %s", kind_words(wrong)) : 0;
}

/* Both sides in the same unit. */
static int align(const struct evaluation *e, struct cm_value *a, struct cm_value *b)
{
    static const char *const examples[] = {[CM_PURE] = "",
                                           [CM_RATIO] = " (shares are written as 1% or 0.2pp)",
                                           [CM_SECONDS] = " (durations are written as 5m or 30s)",
                                           [CM_PER_SECOND] = " (rates are written as 30 rps)"};
    if (check_numbers(e, a, b))
        return -1;
    if (scales_differ(a, b)) {
        take_unit(a);
        take_unit(b);
    }
    if (a->unit == b->unit || adapt(a, b->unit) || adapt(b, a->unit))
        return 0;
    return FAIL(e, "%s and %s do not go together%s", kind_words(a), kind_words(b),
                examples[a->unit == CM_PURE   ? b->unit
                         : b->unit == CM_PURE ? a->unit
                                              : CM_PURE]);
}

/* The unit of a product, or -1. */
static int product_unit(enum cm_unit a, enum cm_unit b)
{
    if (a == CM_PURE || b == CM_PURE)
        return (int)(a == CM_PURE ? b : a);
    if (a == CM_RATIO || b == CM_RATIO) /* 5% of 30 rps; of 5% it is 0.25% */
        return (int)(a == CM_RATIO ? b : a);
    return a != b ? CM_PURE : -1; /* a rate times a duration */
}

static int quotient_unit(enum cm_unit a, enum cm_unit b)
{
    if (a == b)
        return CM_PURE;
    if (b == CM_PURE || b == CM_RATIO)
        return (int)a;
    if (a != CM_PURE)
        return -1;
    return b == CM_SECONDS ? CM_PER_SECOND : CM_SECONDS;
}

/* --- operators --- */

static int multiply(const struct evaluation *e, struct cm_value *a, const struct cm_value *b)
{
    bool times = e->step->op == CM_EXPR_TIMES;
    if (check_numbers(e, a, b))
        return -1;
    int unit = times ? product_unit(a->unit, b->unit) : quotient_unit(a->unit, b->unit);
    if (unit < 0)
        return FAIL(e, "%s %s %s is nothing that has a unit here", kind_words(a),
                    times ? "times" : "divided by", kind_words(b));
    *a = cm_value_number(times ? a->number * b->number : a->number / b->number, (enum cm_unit)unit);
    return 0;
}

static int add(const struct evaluation *e, struct cm_value *a, struct cm_value *b)
{
    if (align(e, a, b))
        return -1;
    *a = cm_value_number(
        e->step->op == CM_EXPR_PLUS ? a->number + b->number : a->number - b->number, a->unit);
    return 0;
}

static int raise(const struct evaluation *e, struct cm_value *a, const struct cm_value *b)
{
    if (check_numbers(e, a, b))
        return -1;
    if (a->unit != CM_PURE || b->unit != CM_PURE)
        return FAIL(e, "only bare numbers have powers, not %s",
                    kind_words(a->unit != CM_PURE ? a : b));
    *a = cm_value_number(pow(a->number, b->number), CM_PURE);
    return 0;
}

/* Less, equal, more: -1, 0, 1. */
static bool compares(enum cm_expr_op op, int order)
{
    switch (op) {
    case CM_EXPR_EQUAL:
        return order == 0;
    case CM_EXPR_DIFFERENT:
        return order != 0;
    case CM_EXPR_LESS:
        return order < 0;
    case CM_EXPR_AT_MOST:
        return order <= 0;
    case CM_EXPR_MORE:
        return order > 0;
    default:
        return order >= 0;
    }
}

/* Numbers that were computed differ in their last digits from those that were written: 3 * 10% is
 * 30%. */
static int order_of(double a, double b)
{
    const double near = 1e-12;
    if (fabs(a - b) <= near * fmax(fabs(a), fabs(b)))
        return 0;
    return a < b ? -1 : 1;
}

/* Texts and truths are equal or not, numbers are also less and more. */
static int compare_others(const struct evaluation *e, struct cm_value *a, const struct cm_value *b)
{
    enum cm_expr_op op = e->step->op;
    if (a->kind != b->kind)
        return FAIL(e, "%s is never %s", kind_words(a), kind_words(b));
    if (op != CM_EXPR_EQUAL && op != CM_EXPR_DIFFERENT)
        return FAIL(e, "%s can only be == or !=", kind_words(a));
    bool same = a->kind == CM_VALUE_TEXT ? strcmp(a->text, b->text) == 0 : a->truth == b->truth;
    *a = cm_value_truth(same == (op == CM_EXPR_EQUAL));
    return 0;
}

static int compare(const struct evaluation *e, struct cm_value *a, struct cm_value *b)
{
    if (a->kind != CM_VALUE_NUMBER || b->kind != CM_VALUE_NUMBER)
        return compare_others(e, a, b);
    if (align(e, a, b))
        return -1;
    bool known = !isnan(a->number) && !isnan(b->number);
    *a = cm_value_truth(known && compares(e->step->op, order_of(a->number, b->number)));
    return 0;
}

static int combine(const struct evaluation *e, struct cm_value *a, const struct cm_value *b)
{
    const struct cm_value *wrong = a->kind != CM_VALUE_TRUTH   ? a
                                   : b->kind != CM_VALUE_TRUTH ? b
                                                               : NULL;
    if (wrong)
        return FAIL(e, "comparisons are expected on both sides, not %s", kind_words(wrong));
    *a = cm_value_truth(e->step->op == CM_EXPR_AND ? a->truth && b->truth : a->truth || b->truth);
    return 0;
}

static int negate(const struct evaluation *e, struct cm_value *a)
{
    if (e->step->op == CM_EXPR_NOT) {
        if (a->kind != CM_VALUE_TRUTH)
            return FAIL(e, "'!' goes before a comparison in parentheses, not before %s",
                        kind_words(a));
        a->truth = !a->truth;
        return 0;
    }
    if (check_numbers(e, a, a))
        return -1;
    a->number = -a->number;
    double low = a->low;
    a->low = -a->high;
    a->high = -low;
    return 0;
}

/* --- functions --- */

static int extreme(const struct evaluation *e, struct cm_value *args)
{
    bool most = e->step->function == CM_EXPR_MAX;
    struct cm_value best = args[0];
    for (size_t i = 1; i < e->step->n; i++) {
        if (align(e, &best, &args[i]))
            return -1;
        if (most ? args[i].number > best.number : args[i].number < best.number)
            best = args[i];
    }
    args[0] = cm_value_number(best.number, best.unit);
    return 0;
}

/* What a measure has; a number of the file has none. */
static int limit(const struct evaluation *e, struct cm_value *a)
{
    if (isnan(a->low) && !isnan(a->number))
        return FAIL(e, "%s() is of something measured, which this is not",
                    cm_expr_functions[e->step->function]);
    double wide = fmax(a->high - a->number, a->number - a->low);
    double number = e->step->function == CM_EXPR_CI    ? wide
                    : e->step->function == CM_EXPR_LOW ? a->low
                                                       : a->high;
    *a = cm_value_number(number, a->unit);
    return 0;
}

/* Functions of one number that keep its unit. */
static double shape(enum cm_expr_function function, double x)
{
    switch (function) {
    case CM_EXPR_FLOOR:
        return floor(x);
    case CM_EXPR_CEIL:
        return ceil(x);
    case CM_EXPR_ROUND:
        return round(x);
    default:
        return fabs(x);
    }
}

static double transform(enum cm_expr_function function, double x)
{
    switch (function) {
    case CM_EXPR_SQRT:
        return sqrt(x);
    case CM_EXPR_LOG:
        return log(x);
    case CM_EXPR_LOG10:
        return log10(x);
    default:
        return exp(x);
    }
}

static int call(const struct evaluation *e, struct cm_value *args)
{
    enum cm_expr_function function = e->step->function;
    if (function == CM_EXPR_MIN || function == CM_EXPR_MAX)
        return extreme(e, args);
    if (check_numbers(e, args, args))
        return -1;
    if (function >= CM_EXPR_CI)
        return limit(e, args);
    bool keeps = function == CM_EXPR_ABS || function >= CM_EXPR_FLOOR;
    if (!keeps && args->unit != CM_PURE)
        return FAIL(e, "%s() is of a bare number, not of %s", cm_expr_functions[function],
                    kind_words(args));
    *args = keeps ? cm_value_number(shape(function, args->number), args->unit)
                  : cm_value_number(transform(function, args->number), CM_PURE);
    return 0;
}

/* --- the whole --- */

/* The result takes the place of the first operand. */
static int apply(const struct evaluation *e, struct cm_value *args)
{
    switch (e->step->op) {
    case CM_EXPR_CALL:
        return call(e, args);
    case CM_EXPR_OR:
    case CM_EXPR_AND:
        return combine(e, args, args + 1);
    case CM_EXPR_PLUS:
    case CM_EXPR_MINUS:
        return add(e, args, args + 1);
    case CM_EXPR_TIMES:
    case CM_EXPR_OVER:
        return multiply(e, args, args + 1);
    case CM_EXPR_POWER:
        return raise(e, args, args + 1);
    case CM_EXPR_NEGATE:
    case CM_EXPR_NOT:
        return negate(e, args);
    default:
        return compare(e, args, args + 1);
    }
}

static size_t operands(const struct cm_expr_step *step)
{
    if (step->op == CM_EXPR_CALL)
        return step->n;
    return step->op == CM_EXPR_NEGATE || step->op == CM_EXPR_NOT ? 1 : 2;
}

/* Whoever writes == 'ours' means a text, and so does, in most cases, whoever writes == ours. */
static bool may_be_text(const struct evaluation *e)
{
    const char *before = e->expr->text + e->step->at;
    if (*before == '\'')
        return true;
    while (before > e->expr->text && before[-1] == ' ')
        before--;
    return before > e->expr->text && before[-1] == '=';
}

/* The reason of whoever knows the names; the place is the name's. */
static int look_up(const struct evaluation *e, const struct cm_scope *scope, struct cm_value *value)
{
    struct cm_err why = {0};
    if (!scope->look_up(scope->self, e->step->name, value, &why))
        return 0;
    return FAIL(e, "%s%s", why.text, may_be_text(e) ? " (a text stands in double quotes)" : "");
}

int cm_expr_value(const struct cm_expr *expr, const struct cm_scope *scope, struct cm_value *value,
                  struct cm_err *err)
{
    struct cm_value stack[CM_EXPR_DEPTH] = {{0}};
    size_t depth = 0;
    for (size_t i = 0; i < expr->n; i++) {
        struct evaluation e = {expr, &expr->steps[i], err};
        if (e.step->op == CM_EXPR_PUSH) {
            stack[depth++] = e.step->value;
        } else if (e.step->op == CM_EXPR_NAME) {
            if (look_up(&e, scope, &stack[depth++]))
                return -1;
        } else {
            depth -= operands(e.step);
            if (apply(&e, &stack[depth++]))
                return -1;
        }
    }
    assert(depth == 1); /* as cm_expr_read sees to */
    *value = stack[0];
    return 0;
}

int cm_expr_holds(const struct cm_expr *expr, const struct cm_scope *scope, bool *holds,
                  struct cm_err *err)
{
    struct cm_value value;
    if (cm_expr_value(expr, scope, &value, err))
        return -1;
    if (value.kind != CM_VALUE_TRUTH)
        return cm_fail(err, "a comparison is expected (rate < 50), and this is %s",
                       kind_words(&value));
    *holds = value.truth;
    return 0;
}

struct cm_slice cm_expr_name(const struct cm_expr *expr, size_t i)
{
    for (size_t k = 0; k < expr->n; k++)
        if (expr->steps[k].op == CM_EXPR_NAME && i-- == 0)
            return expr->steps[k].name;
    return (struct cm_slice){0};
}
