/* Expressions over names: a sweep's constraint, --where, --until, limits of measures.
 *
 *     rate < 50 && policy == "flagger"      threshold * 2 <= sqrt(rate)
 *     ci(false_rollback) < 0.2pp            'error-rate' >= 1% || !(rate > 1k rps)
 *
 * Numbers have units as in scenario files. Texts stand in double quotes, names with a `-` in single
 * quotes; a name may have dots. Operators, loosest first, as in C but for the power:
 *
 *     ||   &&   == != < <= > >=   + -   * /   - !   ^
 *
 * Comparisons do not chain. Functions: min, max (of two or more), abs, sqrt, log, log10, exp,
 * floor, ceil, round; ci(x), low(x), high(x) of a measured x are the larger distance from it to its
 * 95 % limits, and these limits.
 *
 * An expression is read once into postfix order and evaluated on a stack of fixed depth, so that no
 * text of a user leads to recursion. What a name means is the caller's to say. */
#ifndef CM_EXPR_H
#define CM_EXPR_H

#include <math.h>
#include <stdbool.h>

#include "sim/base/text.h"
#include "sim/base/units.h"

enum cm_value_kind { CM_VALUE_NUMBER, CM_VALUE_TEXT, CM_VALUE_TRUTH };

struct cm_value {
    enum cm_value_kind kind;
    double number; /* NAN = not known: comparisons with it are false */
    enum cm_unit unit;
    /* A bare number that stands before a unit, as the 30 of `rate = ${30} rps`: it is compared with
     * bare numbers as it is, and with 30 rps as scale * number of this unit. 0 = no such thing. */
    double scale;
    enum cm_unit scale_unit;
    double low, high; /* 95 % limits of a measured number; NAN = none */
    const char *text; /* borrowed */
    bool truth;
};

static inline struct cm_value cm_value_number(double number, enum cm_unit unit)
{
    return (struct cm_value){.kind = CM_VALUE_NUMBER,
                             .number = number,
                             .unit = unit,
                             .low = (double)NAN,
                             .high = (double)NAN};
}
static inline struct cm_value cm_value_text(const char *text)
{
    return (struct cm_value){.kind = CM_VALUE_TEXT, .text = text};
}
static inline struct cm_value cm_value_truth(bool truth)
{
    return (struct cm_value){.kind = CM_VALUE_TRUTH, .truth = truth};
}

/* What names mean: fills *value; 0, or -1 with the reason, pointing at `name`. */
struct cm_scope {
    void *self; /* borrowed */
    int (*look_up)(void *self, struct cm_slice name, struct cm_value *value, struct cm_err *err);
};

/* At most so many characters, and values waiting for their operator. */
enum { CM_EXPR_LENGTH = 1000, CM_EXPR_DEPTH = 32 };

struct cm_expr {
    const char *text;           /* the arena's, as is all of it */
    struct cm_expr_step *steps; /* postfix */
    size_t n;
};

/* Reads `text`; 0, or -1 with the reason and where in the text it is. */
int cm_expr_read(struct cm_expr *expr, const char *text, struct cm_arena *arena,
                 struct cm_err *err);

/* The name of the i-th mention of one, in order; at == NULL behind the last. */
struct cm_slice cm_expr_name(const struct cm_expr *expr, size_t i);

/* The value; 0, or -1 with the reason and where in the text it is. */
int cm_expr_value(const struct cm_expr *expr, const struct cm_scope *scope, struct cm_value *value,
                  struct cm_err *err);
/* The same, for expressions that have to be true or false. */
int cm_expr_holds(const struct cm_expr *expr, const struct cm_scope *scope, bool *holds,
                  struct cm_err *err);

#endif
