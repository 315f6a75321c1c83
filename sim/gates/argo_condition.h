/* Conditions on a metric's result, as Argo Rollouts evaluates them: the part of the expression
 * language expr-lang that analysis templates use.
 *
 *     result[0] >= 0.95        len(result) == 0 || result[0] < 0.05       default(result, 0) < 1
 *     !isNaN(result) && result <= 0.2      all(result, {# < 0.5})      asFloat(result.code) == 200
 *
 *     binds loosest  || or   && and   == != < <= > >= in, not in   + -   ! not   * / %   - +
 *     tightest       ** ^ (to the right), then [index], .member and calls
 *
 * Values have types. What can be told beforehand is refused beforehand (result < "x" of a number),
 * the rest goes wrong when it is evaluated (an index beyond the list): either makes the measurement
 * an error. Whole numbers and reals mix; a division is real; NaN compares as IEEE 754 says.
 *
 * A condition is compiled, once, to steps of a stack machine: no recursion, no allocation; nesting,
 * length and the number of steps are bounded. The text must outlive it.
 *
 * Source: argoproj/argo-rollouts v1.10, utils/evaluate/evaluate.go; expr-lang.org. */
#ifndef CM_ARGO_CONDITION_H
#define CM_ARGO_CONDITION_H

#include "sim/base/err.h"
#include "sim/base/text.h"
#include "sim/gates/gate.h"

enum cm_argo_kind {
    CM_ARGO_NIL,
    CM_ARGO_BOOL,
    CM_ARGO_INT,
    CM_ARGO_REAL,
    CM_ARGO_TEXT,
    CM_ARGO_LIST,
    CM_ARGO_MAP,
    CM_ARGO_REALS, /* the last two are types of expressions only: a list of reals, */
    CM_ARGO_ANY    /* what is known when it is evaluated */
};

struct cm_argo_value {
    enum cm_argo_kind kind;
    union {
        bool truth;
        int64_t whole;
        double real;
        struct cm_slice text;
    } as;
    const struct cm_argo_value *items; /* of a list or map; borrowed */
    const struct cm_slice *keys;       /* of a map, one an item */
    size_t n;
};

/* One step of the machine. */
struct cm_argo_instruction {
    int op, detail;    /* internal; see argo_program.h */
    size_t target, at; /* of a jump; byte of the text that it came from */
    struct cm_argo_value value;
};
enum { CM_ARGO_CODE_MAX = 96 };
struct cm_argo_condition {
    size_t n; /* 0 = the condition is not given */
    struct cm_argo_instruction steps[CM_ARGO_CODE_MAX];
};

/* Compiles a condition on a result of this kind; 0, or -1 with the reason and its place. */
int cm_argo_condition_compile(const char *text, enum cm_argo_kind result,
                              struct cm_argo_condition *condition, struct cm_err *err);

enum cm_argo_truth { CM_ARGO_FALSE, CM_ARGO_TRUE, CM_ARGO_PANIC, CM_ARGO_NOT_GIVEN };

/* Evaluates it; `err` says why if it panics. */
enum cm_argo_truth cm_argo_condition_hold(const struct cm_argo_condition *condition,
                                          const struct cm_argo_value *result, struct cm_err *err);

/* The number that a condition holds the result against, where it is as plain as result[0] < 0.05;
 * NAN = it is not. */
double cm_argo_condition_limit(const struct cm_argo_condition *condition);

/* What success and failure condition make of one measurement: pass = Successful, fail = Failed,
 * undecided = Inconclusive, error = Error. Without any condition it is Successful. */
enum cm_label cm_argo_condition_label(enum cm_argo_truth success, enum cm_argo_truth failure);

#endif
