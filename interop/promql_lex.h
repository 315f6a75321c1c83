/* PromQL's tokens. */
#ifndef CM_PROMQL_LEX_H
#define CM_PROMQL_LEX_H

#include "sim/base/err.h"
#include "sim/base/text.h"

enum cm_token_kind { CM_TOKEN_END, CM_TOKEN_NUMBER, CM_TOKEN_TEXT, CM_TOKEN_WORD, CM_TOKEN_SIGN };

struct cm_token {
    enum cm_token_kind kind;
    struct cm_slice slice; /* of a text: without its quotes */
    double number;         /* of a number, or of a duration, in seconds */
    size_t at;             /* bytes from the start of the query */
};

struct cm_lexer {
    const char *text; /* borrowed */
    size_t at;
    struct cm_token token; /* the one to look at */
};

/* Moves on to the next token; the first call to the first. 0 or -1. */
int cm_promql_lex(struct cm_lexer *lexer, struct cm_err *err);
/* Whether the token is this word or sign. */
bool cm_promql_lex_is(const struct cm_lexer *lexer, const char *word);

#endif
