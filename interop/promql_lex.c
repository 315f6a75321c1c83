/* Tokens as Prometheus has them: names with colons, numbers with exponents, durations that begin
 * with a digit (5m, 1h30m), texts in three kinds of quotes, comments from # to the end of a line.
 *
 * Variables of templates ({{ args.x }}) were replaced before, where their value is known; in texts
 * the others do no harm. */
#include "interop/promql_lex.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

static void skip(struct cm_lexer *lexer)
{
    for (;;) {
        lexer->at += strspn(lexer->text + lexer->at, " \t\r\n");
        if (lexer->text[lexer->at] != '#')
            return;
        lexer->at += strcspn(lexer->text + lexer->at, "\n");
    }
}

/* A backslash takes the next byte with it. */
static int read_text(struct cm_lexer *lexer, struct cm_err *err)
{
    const char *text = lexer->text + lexer->at;
    size_t n = 1;
    while (text[n] && text[n] != text[0])
        n += text[n] == '\\' && text[n + 1] && text[0] != '`' ? 2 : 1;
    if (!text[n])
        return cm_fail_at(err, lexer->at, 1, "a text without its closing quote");
    lexer->token.kind = CM_TOKEN_TEXT;
    lexer->token.slice = (struct cm_slice){text + 1, n - 1};
    lexer->at += n + 1;
    return 0;
}

/* Seconds of a unit; 0 = it is none. */
static double unit_of(const char *text, size_t *length)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ms", 1e-3}, {"s", 1},      {"m", 60},      {"h", 3600},
                 {"d", 86400}, {"w", 604800}, {"y", 31536000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        *length = strlen(units[i].name);
        if (strncmp(text, units[i].name, *length) == 0)
            return units[i].seconds;
    }
    return 0;
}

/* 0.99, 1e3, 5m, 1h30m. */
static void read_number(struct cm_lexer *lexer)
{
    const char *start = lexer->text + lexer->at, *text = start;
    double sum = 0;
    size_t length = 0;
    for (;;) {
        char *end;
        double number = strtod(text, &end);
        double unit = unit_of(end, &length);
        sum += unit > 0 ? number * unit : number;
        text = unit > 0 ? end + length : end;
        if (unit <= 0 || !is_digit(*text))
            break;
    }
    lexer->token.kind = CM_TOKEN_NUMBER;
    lexer->token.number = sum;
    lexer->token.slice = (struct cm_slice){start, (size_t)(text - start)};
    lexer->at += lexer->token.slice.length;
}

static void read_word(struct cm_lexer *lexer)
{
    const char *text = lexer->text + lexer->at;
    size_t n = 0;
    while (is_word(text[n]) || is_digit(text[n]))
        n++;
    lexer->token.kind = CM_TOKEN_WORD;
    lexer->token.slice = (struct cm_slice){text, n};
    lexer->at += n;
}

static int read_sign(struct cm_lexer *lexer, struct cm_err *err)
{
    static const char *const signs[] = {"==", "!=", ">=", "<=", "=~", "!~", "(", ")",
                                        "{",  "}",  "[",  "]",  ",",  "+",  "-", "*",
                                        "/",  "%",  "^",  ">",  "<",  "=",  ":", "@"};
    const char *text = lexer->text + lexer->at;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i]);
        if (strncmp(text, signs[i], n) != 0)
            continue;
        lexer->token.kind = CM_TOKEN_SIGN;
        lexer->token.slice = (struct cm_slice){text, n};
        lexer->at += n;
        return 0;
    }
    return cm_fail_at(err, lexer->at, 1, "'%.1s' is no PromQL", text);
}

int cm_promql_lex(struct cm_lexer *lexer, struct cm_err *err)
{
    skip(lexer);
    char first = lexer->text[lexer->at];
    lexer->token = (struct cm_token){.at = lexer->at};
    if (!first)
        return 0;
    if (strncmp(lexer->text + lexer->at, "{{", 2) == 0 || first == '$')
        return cm_fail_at(err, lexer->at, 1, "a variable whose value no file gives");
    if (first == '"' || first == '\'' || first == '`')
        return read_text(lexer, err);
    if (is_digit(first) || (first == '.' && is_digit(lexer->text[lexer->at + 1])))
        read_number(lexer);
    else if (is_word(first) && first != ':')
        read_word(lexer);
    else
        return read_sign(lexer, err);
    return 0;
}

bool cm_promql_lex_is(const struct cm_lexer *lexer, const char *word)
{
    bool named = lexer->token.kind == CM_TOKEN_WORD || lexer->token.kind == CM_TOKEN_SIGN;
    return named && cm_slice_is(lexer->token.slice, word);
}
