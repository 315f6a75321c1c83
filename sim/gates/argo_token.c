/* Words, numbers and operators of Argo's conditions. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/gates/argo_program.h"

struct cm_slice cm_argo_token_word(const char *at)
{
    struct cm_slice word = {at, 0};
    while (isalnum((unsigned char)at[word.length]) || at[word.length] == '_')
        word.length++;
    return word;
}

int cm_argo_token_find(struct cm_slice word, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++)
        if (cm_slice_is(word, words[i]))
            return i;
    return -1;
}

/* How long the number is; whether it is a real. */
static size_t extent(const char *from, bool *is_real)
{
    const char *end = from + strspn(from, "0123456789");
    *is_real = end[0] == '.' && isdigit((unsigned char)end[1]);
    if (*is_real)
        end += 1 + strspn(end + 1, "0123456789");
    size_t exponent = *end == 'e' || *end == 'E' ? 1 + strspn(end + 1, "+-") : 0;
    if (exponent > 0 && exponent <= 2 && isdigit((unsigned char)end[exponent])) {
        end += exponent + strspn(end + exponent, "0123456789");
        *is_real = true;
    }
    return isalpha((unsigned char)*end) ? 0 : (size_t)(end - from);
}

size_t cm_argo_token_number(const char *at, struct cm_argo_value *value)
{
    char digits[64];
    bool is_real;
    size_t length = extent(at, &is_real);
    if (length >= (is_real ? sizeof digits : 19)) /* 18 digits fit in 63 bits */
        return 0;
    memcpy(digits, at, length);
    digits[length] = '\0';
    *value = (struct cm_argo_value){.kind = is_real ? CM_ARGO_REAL : CM_ARGO_INT};
    if (is_real)
        value->as.real = strtod(digits, NULL);
    else
        value->as.whole = strtoll(digits, NULL, 10);
    return length;
}

/* or, and, in, not in. */
static int word_operator(const char *text, size_t *at)
{
    static const char *const words[] = {"or", "and", "in", "not", NULL};
    static const int ops[] = {BIN_OR, BIN_AND, BIN_IN, BIN_NOT_IN};
    struct cm_slice word = cm_argo_token_word(text + *at);
    int found = cm_argo_token_find(word, words);
    size_t behind = *at + word.length;
    if (found < 0)
        return -1;
    if (ops[found] == BIN_NOT_IN) {
        behind += strspn(text + behind, " \t\r\n");
        if (!cm_slice_is(cm_argo_token_word(text + behind), "in"))
            return -1;
        behind += 2;
    }
    *at = behind;
    return ops[found];
}

int cm_argo_token_operator(const char *text, size_t *at)
{
    static const struct {
        const char *sign;
        int op;
    } signs[] = {{"||", BIN_OR},  {"&&", BIN_AND}, {"==", BIN_EQ}, {"!=", BIN_NE}, {"<=", BIN_LE},
                 {">=", BIN_GE},  {"<", BIN_LT},   {">", BIN_GT},  {"+", BIN_ADD}, {"-", BIN_SUB},
                 {"**", BIN_POW}, {"*", BIN_MUL},  {"/", BIN_DIV}, {"%", BIN_MOD}, {"^", BIN_POW}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t length = strlen(signs[i].sign);
        if (strncmp(text + *at, signs[i].sign, length) == 0) {
            *at += length;
            return signs[i].op;
        }
    }
    return word_operator(text, at);
}
