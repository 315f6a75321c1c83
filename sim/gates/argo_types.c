/* What Argo's conditions may be told apart by before they are evaluated: the types of the operands,
 * by the rules of expr-lang's checker. Anything may be whatever is wanted. */
#include "sim/gates/argo_program.h"

const char *const cm_argo_kind_names[] = {
    [CM_ARGO_NIL] = "nil",
    [CM_ARGO_BOOL] = "a truth value",
    [CM_ARGO_INT] = "a whole number",
    [CM_ARGO_REAL] = "a real",
    [CM_ARGO_TEXT] = "a text",
    [CM_ARGO_LIST] = "a list",
    [CM_ARGO_MAP] = "a map",
    [CM_ARGO_REALS] = "a list of reals",
    [CM_ARGO_ANY] = "anything",
};

bool cm_argo_type_may(enum cm_argo_kind type, enum cm_argo_kind kind)
{
    return type == kind || type == CM_ARGO_ANY;
}

bool cm_argo_type_number(enum cm_argo_kind type)
{
    return type == CM_ARGO_INT || cm_argo_type_may(type, CM_ARGO_REAL);
}

bool cm_argo_type_list(enum cm_argo_kind type)
{
    return type == CM_ARGO_REALS || cm_argo_type_may(type, CM_ARGO_LIST);
}

enum cm_argo_kind cm_argo_type_item(enum cm_argo_kind list)
{
    return list == CM_ARGO_REALS ? CM_ARGO_REAL : CM_ARGO_ANY;
}

static bool comparable(enum cm_argo_kind a, enum cm_argo_kind b)
{
    return a == b || a == CM_ARGO_ANY || b == CM_ARGO_ANY || a == CM_ARGO_NIL || b == CM_ARGO_NIL ||
           (cm_argo_type_number(a) && cm_argo_type_number(b)) ||
           (cm_argo_type_list(a) && cm_argo_type_list(b));
}

static bool may_be_in(enum cm_argo_kind a, enum cm_argo_kind b)
{
    if (b == CM_ARGO_MAP)
        return cm_argo_type_may(a, CM_ARGO_TEXT);
    return b == CM_ARGO_NIL || (cm_argo_type_list(b) && comparable(a, cm_argo_type_item(b)));
}

bool cm_argo_type_fits(int op, enum cm_argo_kind a, enum cm_argo_kind b)
{
    bool numbers = cm_argo_type_number(a) && cm_argo_type_number(b);
    switch (op) {
    case BIN_OR:
    case BIN_AND:
        return cm_argo_type_may(b,
                                CM_ARGO_BOOL); /* the left side was checked when it was complete */
    case BIN_EQ:
    case BIN_NE:
        return comparable(a, b);
    case BIN_LT:
    case BIN_LE:
    case BIN_GT:
    case BIN_GE:
        return numbers || (cm_argo_type_may(a, CM_ARGO_TEXT) && cm_argo_type_may(b, CM_ARGO_TEXT));
    case BIN_IN:
    case BIN_NOT_IN:
        return may_be_in(a, b);
    case BIN_MOD:
        return cm_argo_type_may(a, CM_ARGO_INT) && cm_argo_type_may(b, CM_ARGO_INT);
    default:
        return numbers;
    }
}

enum cm_argo_kind cm_argo_type_of(int op, enum cm_argo_kind a, enum cm_argo_kind b)
{
    if (op < BIN_ADD)
        return CM_ARGO_BOOL;
    if (op == BIN_DIV || op == BIN_POW)
        return CM_ARGO_REAL;
    if (a == CM_ARGO_ANY || b == CM_ARGO_ANY)
        return CM_ARGO_ANY;
    return a == CM_ARGO_REAL || b == CM_ARGO_REAL ? CM_ARGO_REAL : CM_ARGO_INT;
}
