/* Cases of conditions: what a measurement's value makes of it. */
#include <string.h>

#include "sim/gates/argo_condition.h"
#include "tests/oracle/argo.h"

/* A measurement's label, as Argo's phase. */
static const char *phase_of(enum cm_label label)
{
    static const enum cm_argo_phase phases[CM_LABELS] = {
        [CM_PASS] = CM_ARGO_SUCCESSFUL,
        [CM_UNDECIDED] = CM_ARGO_INCONCLUSIVE,
        [CM_GATE_ERROR] = CM_ARGO_ERROR,
        [CM_FAIL] = CM_ARGO_FAILED,
    };
    return cm_argo_phase_names[phases[label]];
}

static enum cm_argo_truth truth(struct argo_case *c, const char *key)
{
    static const char *const names[] = {"F", "T", "ERR", NULL};
    const json_t *value = json_object_get(c->in.object, key);
    if (value == NULL || json_is_null(value))
        return CM_ARGO_NOT_GIVEN;
    return (enum cm_argo_truth)input_choice(&c->in, key, names);
}

static void evaluate_truth(struct argo_case *c)
{
    enum cm_argo_truth success = truth(c, "success"), failure = truth(c, "failure");
    argo_text(c, "phase", phase_of(cm_argo_condition_label(success, failure)));
}

/* --- values ----------------------------------------------------------------------------------- */

enum { DEEPEST = 32 };

static struct cm_argo_value text_value(const char *text)
{
    return (struct cm_argo_value){.kind = CM_ARGO_TEXT, .as.text = cm_slice_of(text)};
}

static struct cm_argo_value real_value(struct argo_case *c, const json_t *value)
{
    struct cm_argo_value v = {.kind = CM_ARGO_REAL};
    if (!input_value(value, &v.as.real))
        inputs_fault(&c->in, "the result holds no number where one should be");
    return v;
}

static struct cm_argo_value json_value(struct argo_case *c, const json_t *value, int depth);

static void fill(struct argo_case *c, const json_t *value, int depth, struct cm_argo_value *v)
{
    size_t n = json_is_object(value) ? json_object_size(value) : json_array_size(value), i = 0;
    struct cm_argo_value *items = cm_arena_alloc(&c->in.memory, (n + 1) * sizeof *items);
    struct cm_slice *keys = cm_arena_alloc(&c->in.memory, (n + 1) * sizeof *keys);
    const char *name;
    json_t *one;
    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, name, one)
        {
            keys[i] = cm_slice_of(name);
            items[i++] = json_value(c, one, depth + 1);
        }
    } else {
        for (; i < n; i++)
            items[i] = json_value(c, json_array_get(value, i), depth + 1);
    }
    *v = (struct cm_argo_value){.kind = json_is_object(value) ? CM_ARGO_MAP : CM_ARGO_LIST,
                                .items = items,
                                .keys = keys,
                                .n = n};
}

/* As Go reads JSON: every number is a real. */
static struct cm_argo_value json_value(struct argo_case *c, const json_t *value, int depth)
{
    struct cm_argo_value v = {.kind = CM_ARGO_NIL};
    if (depth > DEEPEST) {
        inputs_fault(&c->in, "the result is nested too deep");
    } else if (json_is_object(value) || json_is_array(value)) {
        fill(c, value, depth, &v);
    } else if (json_is_string(value)) {
        v = text_value(json_string_value(value));
    } else if (json_is_boolean(value)) {
        v.kind = CM_ARGO_BOOL;
        v.as.truth = json_is_true(value);
    } else if (json_is_number(value)) {
        v = real_value(c, value);
    }
    return v;
}

static struct cm_argo_value reals(struct argo_case *c, const json_t *list)
{
    size_t n = json_array_size(list);
    struct cm_argo_value *items = cm_arena_alloc(&c->in.memory, (n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = real_value(c, json_array_get(list, i));
    return (struct cm_argo_value){.kind = CM_ARGO_LIST, .items = items, .n = n};
}

/* The result, and the kind that a condition on it is compiled for. */
static struct cm_argo_value read_result(struct argo_case *c, enum cm_argo_kind *kind)
{
    static const char *const types[] = {"nil",    "bool",        "int",  "float",
                                        "string", "float_array", "json", NULL};
    struct inputs in = argo_inside(json_object_get(c->in.object, "result"));
    const json_t *value = json_object_get(in.object, "value");
    int type = input_choice(&in, "type", types);
    struct cm_argo_value v = {.kind = CM_ARGO_NIL};
    if (type == 2) {
        v.kind = CM_ARGO_INT;
        v.as.whole = (int64_t)input_within(&in, "value", -1e15, 1e15);
    } else if (type == 3) {
        v = real_value(c, value);
    } else if (type == 5) {
        v = reals(c, value);
    } else if (type != 0) {
        v = json_value(c, value, 0);
    }
    *kind = type == 5 ? CM_ARGO_REALS : v.kind;
    argo_hand_up(c, &in);
    return v;
}

static enum cm_argo_truth evaluate(struct argo_case *c, const char *key,
                                   const struct cm_argo_value *result, enum cm_argo_kind kind)
{
    struct cm_argo_condition *condition = cm_arena_alloc(&c->in.memory, sizeof *condition);
    const json_t *text = json_object_get(c->in.object, key);
    struct cm_err err;
    if (text == NULL || json_is_null(text) || *input_text(&c->in, key) == '\0')
        return CM_ARGO_NOT_GIVEN;
    if (cm_argo_condition_compile(input_text(&c->in, key), kind, condition, &err))
        return CM_ARGO_PANIC;
    return cm_argo_condition_hold(condition, result, &err);
}

static void evaluate_expr(struct argo_case *c)
{
    enum cm_argo_kind kind;
    struct cm_argo_value result = read_result(c, &kind);
    enum cm_argo_truth success = evaluate(c, "success_condition", &result, kind);
    enum cm_argo_truth failure = evaluate(c, "failure_condition", &result, kind);
    argo_text(c, "phase", phase_of(cm_argo_condition_label(success, failure)));
}

const struct argo_kind argo_condition_kinds[] = {
    {"evaluate_truth", evaluate_truth},
    {"evaluate_expr", evaluate_expr},
    {NULL, NULL},
};
