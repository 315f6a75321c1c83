/* The machine that runs Argo's conditions; see argo_condition.h.
 *
 * One stack of values, one of loops. Whatever the language would panic at ends the run with a
 * reason: a missing item, an operation on values that it is not made for. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/gates/argo_program.h"

enum { LISTED = 32, RUN_MAX = 100000 };

struct loop {
    const struct cm_argo_value *items;
    size_t n, at, found;
};
struct machine {
    const struct cm_argo_value *result;
    struct cm_argo_value stack[ARGO_DEPTH], listed[LISTED];
    size_t n, n_listed, n_loops;
    struct loop loops[ARGO_LOOPS];
    struct cm_err *err;
};

static struct cm_argo_value truth(bool x)
{
    return (struct cm_argo_value){.kind = CM_ARGO_BOOL, .as.truth = x};
}

static struct cm_argo_value whole(int64_t x)
{
    return (struct cm_argo_value){.kind = CM_ARGO_INT, .as.whole = x};
}

static struct cm_argo_value real(double x)
{
    return (struct cm_argo_value){.kind = CM_ARGO_REAL, .as.real = x};
}

static bool is_number(const struct cm_argo_value *v)
{
    return v->kind == CM_ARGO_INT || v->kind == CM_ARGO_REAL;
}

static double as_real(const struct cm_argo_value *v)
{
    return v->kind == CM_ARGO_INT ? (double)v->as.whole : v->as.real;
}

static bool same_text(struct cm_slice a, struct cm_slice b)
{
    return a.length == b.length &&
           (a.length == 0 || (a.at && b.at && memcmp(a.at, b.at, a.length) == 0));
}

/* Lists and maps are equal only to themselves: comparing what is in them would take recursion. */
static bool equal(const struct cm_argo_value *a, const struct cm_argo_value *b)
{
    assert(a && b);
    if (is_number(a) && is_number(b))
        return a->kind == CM_ARGO_INT && b->kind == CM_ARGO_INT ? a->as.whole == b->as.whole
                                                                : as_real(a) == as_real(b);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case CM_ARGO_NIL:
        return true;
    case CM_ARGO_BOOL:
        return a->as.truth == b->as.truth;
    case CM_ARGO_TEXT:
        return same_text(a->as.text, b->as.text);
    default:
        return a->items == b->items && a->n == b->n;
    }
}

/* --- operators -------------------------------------------------------------------------------- */

static int text_order(struct cm_slice a, struct cm_slice b)
{
    size_t n = a.length < b.length ? a.length : b.length;
    int order = memcmp(a.at, b.at, n);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static bool holds_order(int op, double a, double b)
{
    switch (op) {
    case BIN_LT:
        return a < b;
    case BIN_LE:
        return a <= b;
    case BIN_GT:
        return a > b;
    default:
        return a >= b;
    }
}

static int compare(struct machine *m, int op, const struct cm_argo_value *a,
                   const struct cm_argo_value *b, struct cm_argo_value *out)
{
    if (a->kind == CM_ARGO_TEXT && b->kind == CM_ARGO_TEXT)
        *out = truth(holds_order(op, text_order(a->as.text, b->as.text), 0));
    else if (is_number(a) && is_number(b))
        *out = truth(holds_order(op, as_real(a), as_real(b)));
    else
        return cm_fail(m->err, "%s and %s have no order", cm_argo_kind_names[a->kind],
                       cm_argo_kind_names[b->kind]);
    return 0;
}

static int is_in(struct machine *m, const struct cm_argo_value *a, const struct cm_argo_value *b,
                 bool *in)
{
    *in = false;
    if (b->kind != CM_ARGO_LIST && b->kind != CM_ARGO_MAP && b->kind != CM_ARGO_NIL)
        return cm_fail(m->err, "nothing is in %s", cm_argo_kind_names[b->kind]);
    if (b->kind == CM_ARGO_MAP && a->kind != CM_ARGO_TEXT)
        return cm_fail(m->err, "%s cannot be a key", cm_argo_kind_names[a->kind]);
    for (size_t i = 0; i < b->n; i++)
        *in = *in ||
              (b->kind == CM_ARGO_MAP ? same_text(b->keys[i], a->as.text) : equal(a, &b->items[i]));
    return 0;
}

/* Of two whole numbers; wraps around as Go does. */
static int of_wholes(struct machine *m, int op, int64_t a, int64_t b, struct cm_argo_value *out)
{
    uint64_t x = (uint64_t)a, y = (uint64_t)b;
    if (op == BIN_MOD && b == 0)
        return cm_fail(m->err, "a remainder by zero");
    if (op == BIN_MOD)
        *out = whole(b == -1 ? 0 : a % b);
    else
        *out = whole((int64_t)(op == BIN_ADD ? x + y : op == BIN_SUB ? x - y : x * y));
    return 0;
}

static int arithmetic(struct machine *m, int op, const struct cm_argo_value *a,
                      const struct cm_argo_value *b, struct cm_argo_value *out)
{
    if (!is_number(a) || !is_number(b))
        return cm_fail(m->err, "no arithmetic with %s and %s", cm_argo_kind_names[a->kind],
                       cm_argo_kind_names[b->kind]);
    bool wholes = a->kind == CM_ARGO_INT && b->kind == CM_ARGO_INT;
    if (wholes && op != BIN_DIV && op != BIN_POW)
        return of_wholes(m, op, a->as.whole, b->as.whole, out);
    double x = as_real(a), y = as_real(b);
    if (op == BIN_MOD)
        return cm_fail(m->err, "a remainder of a real");
    *out = real(op == BIN_ADD   ? x + y
                : op == BIN_SUB ? x - y
                : op == BIN_MUL ? x * y
                : op == BIN_DIV ? x / y
                                : pow(x, y));
    return 0;
}

static int binary(struct machine *m, int op, const struct cm_argo_value *a,
                  const struct cm_argo_value *b, struct cm_argo_value *out)
{
    bool in;
    switch (op) {
    case BIN_EQ:
    case BIN_NE:
        *out = truth(equal(a, b) == (op == BIN_EQ));
        return 0;
    case BIN_LT:
    case BIN_LE:
    case BIN_GT:
    case BIN_GE:
        return compare(m, op, a, b, out);
    case BIN_IN:
    case BIN_NOT_IN:
        if (is_in(m, a, b, &in))
            return -1;
        *out = truth(in == (op == BIN_IN));
        return 0;
    default:
        return arithmetic(m, op, a, b, out);
    }
}

/* --- items and functions ---------------------------------------------------------------------- */

/* An index from the end is negative; a key that a map lacks gives nil. */
static int fetch(struct machine *m, const struct cm_argo_value *from,
                 const struct cm_argo_value *at, struct cm_argo_value *out)
{
    *out = (struct cm_argo_value){.kind = CM_ARGO_NIL};
    if (from->kind == CM_ARGO_MAP && at->kind == CM_ARGO_TEXT) {
        for (size_t i = 0; i < from->n; i++)
            if (same_text(from->keys[i], at->as.text))
                *out = from->items[i];
        return 0;
    }
    if (from->kind != CM_ARGO_LIST || !is_number(at))
        return cm_fail(m->err, "%s has no item at %s", cm_argo_kind_names[from->kind],
                       cm_argo_kind_names[at->kind]);
    double i = trunc(as_real(at)), n = (double)from->n;
    if (!(i >= -n && i < n))
        return cm_fail(m->err, "no item %.0f in a list of %zu", i, from->n);
    *out = from->items[(size_t)(i < 0 ? i + n : i)];
    return 0;
}

static int to_whole(struct machine *m, const struct cm_argo_value *v, struct cm_argo_value *out)
{
    char digits[32], *end;
    struct cm_slice t = v->as.text;
    if (is_number(v)) {
        double x = v->kind == CM_ARGO_REAL ? v->as.real : 0;
        *out = v->kind == CM_ARGO_INT ? *v : whole(fabs(x) < 0x1p63 ? (int64_t)x : INT64_MIN);
        return 0;
    }
    if (v->kind != CM_ARGO_TEXT)
        return cm_fail(m->err, "asInt takes no %s", cm_argo_kind_names[v->kind]);
    size_t sign = t.length > 0 && (*t.at == '-' || *t.at == '+');
    bool plain = t.length > sign && t.length < 20;
    for (size_t i = sign; i < t.length && plain; i++)
        plain = t.at[i] >= '0' && t.at[i] <= '9';
    if (!plain)
        return cm_fail(m->err, "asInt cannot read \"%.*s\"", (int)t.length, t.at);
    memcpy(digits, t.at, t.length);
    digits[t.length] = '\0';
    *out = whole(strtoll(digits, &end, 10));
    return 0;
}

static int to_real(struct machine *m, const struct cm_argo_value *v, struct cm_argo_value *out)
{
    char digits[64], *end = digits;
    struct cm_slice t = v->as.text;
    if (is_number(v)) {
        *out = real(as_real(v));
        return 0;
    }
    if (v->kind != CM_ARGO_TEXT)
        return cm_fail(m->err, "asFloat takes no %s", cm_argo_kind_names[v->kind]);
    if (t.length > 0 && t.length < sizeof digits && strchr(" \t\n\r\f\v", *t.at) == NULL) {
        memcpy(digits, t.at, t.length);
        digits[t.length] = '\0';
        *out = real(strtod(digits, &end));
    }
    if (end == digits || *end != '\0')
        return cm_fail(m->err, "asFloat cannot read \"%.*s\"", (int)(t.length < 64 ? t.length : 64),
                       t.at);
    return 0;
}

/* isNil and default look at the metric's result, whatever they are given. */
static int call(struct machine *m, int function, const struct cm_argo_value *a,
                struct cm_argo_value *out)
{
    switch (function) {
    case FN_IS_NAN:
    case FN_IS_INF:
        if (a->kind != CM_ARGO_REAL)
            return cm_fail(m->err, "isNaN and isInf take a real, not %s",
                           cm_argo_kind_names[a->kind]);
        *out = truth(function == FN_IS_NAN ? isnan(a->as.real) : isinf(a->as.real));
        return 0;
    case FN_IS_NIL:
        *out = truth(m->result->kind == CM_ARGO_NIL);
        return 0;
    case FN_DEFAULT:
        *out = m->result->kind == CM_ARGO_NIL ? a[1] : *m->result;
        return 0;
    case FN_LEN:
        if (a->kind != CM_ARGO_TEXT && a->kind != CM_ARGO_LIST && a->kind != CM_ARGO_MAP)
            return cm_fail(m->err, "%s has no length", cm_argo_kind_names[a->kind]);
        *out = whole((int64_t)(a->kind == CM_ARGO_TEXT ? a->as.text.length : a->n));
        return 0;
    case FN_AS_INT:
        return to_whole(m, a, out);
    default:
        return to_real(m, a, out);
    }
}

/* --- loops ------------------------------------------------------------------------------------ */

static struct cm_argo_value loop_result(int kind, size_t found, size_t n)
{
    switch (kind) {
    case LOOP_ALL:
        return truth(found == n);
    case LOOP_ANY:
        return truth(found > 0);
    case LOOP_NONE:
        return truth(found == 0);
    case LOOP_ONE:
        return truth(found == 1);
    default:
        return whole((int64_t)found);
    }
}

static int begin_loop(struct machine *m, const struct cm_argo_instruction *step, size_t *next)
{
    struct cm_argo_value *list = &m->stack[m->n - 1];
    if (list->kind != CM_ARGO_LIST)
        return cm_fail(m->err, "%s is no list", cm_argo_kind_names[list->kind]);
    if (list->n == 0) {
        *list = loop_result(step->detail, 0, 0);
        *next = step->target;
        return 0;
    }
    m->loops[m->n_loops++] = (struct loop){.items = list->items, .n = list->n};
    m->n--;
    return 0;
}

/* all and any end as soon as they are decided, so that what comes later cannot panic. */
static int end_loop(struct machine *m, const struct cm_argo_instruction *step, size_t *next)
{
    struct loop *loop = &m->loops[m->n_loops - 1];
    const struct cm_argo_value *holds = &m->stack[--m->n];
    if (holds->kind != CM_ARGO_BOOL)
        return cm_fail(m->err, "a predicate is %s, not true or false",
                       cm_argo_kind_names[holds->kind]);
    loop->found += holds->as.truth;
    loop->at++;
    bool all = step->detail == LOOP_ALL && !holds->as.truth;
    bool any = (step->detail == LOOP_ANY || step->detail == LOOP_NONE) && holds->as.truth;
    if (loop->at < loop->n && !all && !any) {
        *next = step->target;
        return 0;
    }
    m->stack[m->n++] = loop_result(step->detail, loop->found, loop->n);
    m->n_loops--;
    return 0;
}

static int gather(struct machine *m, size_t n)
{
    if (n > LISTED - m->n_listed)
        return cm_fail(m->err, "the lists are too long");
    struct cm_argo_value *to = &m->listed[m->n_listed];
    m->n -= n;
    for (size_t i = 0; i < n; i++)
        to[i] = m->stack[m->n + i];
    m->n_listed += n;
    m->stack[m->n++] = (struct cm_argo_value){.kind = CM_ARGO_LIST, .items = to, .n = n};
    return 0;
}

/* --- the machine ------------------------------------------------------------------------------ */

/* and, or: what was found decides, or is dropped. */
static int decide(struct machine *m, const struct cm_argo_instruction *step, size_t *next)
{
    const struct cm_argo_value *found = &m->stack[m->n - 1];
    if (found->kind != CM_ARGO_BOOL)
        return cm_fail(m->err, "%s is neither true nor false", cm_argo_kind_names[found->kind]);
    if (found->as.truth == (step->op == OP_OR))
        *next = step->target;
    else
        m->n--;
    return 0;
}

static int unary(struct machine *m, int op)
{
    struct cm_argo_value *v = &m->stack[m->n - 1];
    if (op == OP_NOT ? v->kind != CM_ARGO_BOOL : !is_number(v))
        return cm_fail(m->err, "%s of %s", op == OP_NOT ? "the opposite" : "the negative",
                       cm_argo_kind_names[v->kind]);
    if (op == OP_NOT)
        v->as.truth = !v->as.truth;
    else if (v->kind == CM_ARGO_INT)
        v->as.whole = (int64_t)(0 - (uint64_t)v->as.whole);
    else
        v->as.real = -v->as.real;
    return 0;
}

static int run_step(struct machine *m, const struct cm_argo_instruction *step, size_t *next)
{
    struct cm_argo_value *top = &m->stack[m->n], out;
    switch (step->op) {
    case OP_PUSH:
    case OP_RESULT:
        m->stack[m->n++] = step->op == OP_PUSH ? step->value : *m->result;
        return 0;
    case OP_ITEM:
        assert(m->n_loops > 0 && m->loops[m->n_loops - 1].items);
        m->stack[m->n++] = m->loops[m->n_loops - 1].items[m->loops[m->n_loops - 1].at];
        return 0;
    case OP_NEGATE:
    case OP_NOT:
        return unary(m, step->op);
    case OP_AND:
    case OP_OR:
        return decide(m, step, next);
    case OP_BEGIN:
        return begin_loop(m, step, next);
    case OP_END:
        return end_loop(m, step, next);
    case OP_LIST:
        return gather(m, (size_t)step->detail);
    case OP_MEMBER:
        if (fetch(m, top - 1, &step->value, &out))
            return -1;
        break;
    case OP_CALL:
        m->n -= step->detail == FN_DEFAULT;
        if (call(m, step->detail, &m->stack[m->n - 1], &out))
            return -1;
        break;
    default:
        m->n--;
        if (step->op == OP_INDEX ? fetch(m, top - 2, top - 1, &out)
                                 : binary(m, step->detail, top - 2, top - 1, &out))
            return -1;
    }
    m->stack[m->n - 1] = out;
    return 0;
}

enum cm_argo_truth cm_argo_condition_hold(const struct cm_argo_condition *condition,
                                          const struct cm_argo_value *result, struct cm_err *err)
{
    struct machine m = {.result = result, .err = err};
    if (condition->n == 0)
        return CM_ARGO_NOT_GIVEN;
    size_t at = 0;
    for (int run = 0; at < condition->n; run++) {
        const struct cm_argo_instruction *step = &condition->steps[at++];
        if (run == RUN_MAX)
            cm_fail(err, "the condition takes more than %d steps", RUN_MAX);
        if (run == RUN_MAX || run_step(&m, step, &at))
            return CM_ARGO_PANIC;
    }
    if (m.stack[0].kind == CM_ARGO_BOOL)
        return m.stack[0].as.truth ? CM_ARGO_TRUE : CM_ARGO_FALSE;
    cm_fail(err, "the condition is %s, neither true nor false",
            cm_argo_kind_names[m.stack[0].kind]);
    return CM_ARGO_PANIC;
}

double cm_argo_condition_limit(const struct cm_argo_condition *condition)
{
    const size_t n = condition->n; /* result, (an index, its fetch,) a number, a comparison */
    const struct cm_argo_instruction *steps = condition->steps;
    if ((n != 3 && (n != 5 || steps[2].op != OP_INDEX)) || steps[0].op != OP_RESULT ||
        steps[n - 2].op != OP_PUSH || steps[n - 1].op != OP_BINARY)
        return NAN;
    return is_number(&steps[n - 2].value) ? as_real(&steps[n - 2].value) : (double)NAN;
}

enum cm_label cm_argo_condition_label(enum cm_argo_truth success, enum cm_argo_truth failure)
{
    if (success == CM_ARGO_PANIC || failure == CM_ARGO_PANIC)
        return CM_GATE_ERROR;
    if (success == CM_ARGO_NOT_GIVEN && failure == CM_ARGO_NOT_GIVEN)
        return CM_PASS;
    bool fails = failure == CM_ARGO_NOT_GIVEN ? success == CM_ARGO_FALSE : failure == CM_ARGO_TRUE;
    bool passes = success == CM_ARGO_NOT_GIVEN ? !fails : success == CM_ARGO_TRUE;
    return fails ? CM_FAIL : passes ? CM_PASS : CM_UNDECIDED;
}
