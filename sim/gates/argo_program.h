/* The steps that the compiler of Argo's conditions and their machine agree on. */
#ifndef CM_ARGO_PROGRAM_H
#define CM_ARGO_PROGRAM_H

#include "sim/gates/argo_condition.h"

enum argo_op {
    OP_PUSH,   /* value */
    OP_RESULT, /* the metric's result */
    OP_ITEM,   /* # of the innermost loop */
    OP_BINARY, /* detail: enum argo_binary */
    OP_NEGATE,
    OP_NOT,
    OP_INDEX,
    OP_MEMBER, /* value: its name */
    OP_LIST,   /* detail: how many values to gather */
    OP_CALL,   /* detail: enum argo_function */
    OP_AND,    /* jumps and keeps what it found if that decides; else drops it */
    OP_OR,
    OP_BEGIN, /* detail: enum argo_loop; jumps if there is nothing to loop over */
    OP_END    /* jumps to the next round */
};
enum argo_binary {
    BIN_OR,
    BIN_AND,
    BIN_EQ,
    BIN_NE,
    BIN_LT,
    BIN_LE,
    BIN_GT,
    BIN_GE,
    BIN_IN,
    BIN_NOT_IN,
    BIN_ADD,
    BIN_SUB,
    BIN_MUL,
    BIN_DIV,
    BIN_MOD,
    BIN_POW
};
enum argo_function { FN_IS_NAN, FN_IS_INF, FN_IS_NIL, FN_DEFAULT, FN_LEN, FN_AS_INT, FN_AS_REAL };
enum argo_loop { LOOP_ALL, LOOP_ANY, LOOP_NONE, LOOP_ONE, LOOP_COUNT };

enum { ARGO_DEPTH = 48, ARGO_LOOPS = 4 };

extern const char *const cm_argo_kind_names[]; /* with an article */

/* Whether a value of this type may be of that kind, a number, a list. */
bool cm_argo_type_may(enum cm_argo_kind type, enum cm_argo_kind kind);
bool cm_argo_type_number(enum cm_argo_kind type);
bool cm_argo_type_list(enum cm_argo_kind type);
enum cm_argo_kind cm_argo_type_item(enum cm_argo_kind list);
/* Whether an operator takes two types, and what it makes of them. */
bool cm_argo_type_fits(int op, enum cm_argo_kind a, enum cm_argo_kind b);
enum cm_argo_kind cm_argo_type_of(int op, enum cm_argo_kind a, enum cm_argo_kind b);

/* Letters, digits and _ from here on. */
struct cm_slice cm_argo_token_word(const char *at);
/* Its place in a list that NULL ends, or -1. */
int cm_argo_token_find(struct cm_slice word, const char *const *words);
/* The number's length; 0 = it cannot be read. */
size_t cm_argo_token_number(const char *at, struct cm_argo_value *value);
/* The enum argo_binary at text + *at, which moves behind it; -1 = there is none. */
int cm_argo_token_operator(const char *text, size_t *at);

#endif
