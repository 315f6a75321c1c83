/* An expression in postfix order: what reading makes and evaluating takes. */
#ifndef CM_EXPR_STEP_H
#define CM_EXPR_STEP_H

#include "sim/base/expr.h"

enum cm_expr_op {
    CM_EXPR_PUSH, /* a literal */
    CM_EXPR_NAME,
    CM_EXPR_CALL,
    CM_EXPR_OR,
    CM_EXPR_AND,
    CM_EXPR_EQUAL,
    CM_EXPR_DIFFERENT,
    CM_EXPR_LESS,
    CM_EXPR_AT_MOST,
    CM_EXPR_MORE,
    CM_EXPR_AT_LEAST,
    CM_EXPR_PLUS,
    CM_EXPR_MINUS,
    CM_EXPR_TIMES,
    CM_EXPR_OVER,
    CM_EXPR_NEGATE,
    CM_EXPR_NOT,
    CM_EXPR_POWER,
    CM_EXPR_PARENTHESIS /* only while reading */
};

enum cm_expr_function {
    CM_EXPR_MIN,
    CM_EXPR_MAX,
    CM_EXPR_ABS,
    CM_EXPR_SQRT,
    CM_EXPR_LOG,
    CM_EXPR_LOG10,
    CM_EXPR_EXP,
    CM_EXPR_FLOOR,
    CM_EXPR_CEIL,
    CM_EXPR_ROUND,
    CM_EXPR_CI,
    CM_EXPR_LOW,
    CM_EXPR_HIGH,
    CM_EXPR_FUNCTIONS
};
extern const char *const cm_expr_functions[CM_EXPR_FUNCTIONS + 1]; /* names, NULL-ended */

struct cm_expr_step {
    enum cm_expr_op op;
    enum cm_expr_function function; /* of a call */
    size_t n;                       /* its arguments */
    size_t at, length;              /* in the text */
    struct cm_slice name;
    struct cm_value value; /* of a literal */
};

#endif
