/* An operator-precedence parser with two stacks, of terms and of what waits for them (operators,
 * parentheses, calls), so that no nesting can exhaust anything. Terms are combined as soon as they
 * are complete: there is no tree, only what the part read so far measures (promql_term.c). */
#include "interop/promql.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "interop/promql_lex.h"
#include "interop/promql_term.h"
#include "sim/base/mem.h"

enum { TERMS = 128, WAITING = 256, ARGS = 8, LONGEST = 16 * 1024 };

/* An operator or an opened parenthesis. */
struct waiting {
    struct cm_slice word; /* the operator, or the function; length 0 = a parenthesis */
    bool opened, is_bool;
    int rank;
    size_t first; /* opened: the first term inside */
};

struct parsing {
    struct cm_lexer lexer;
    struct cm_err *err;
    struct cm_term terms[TERMS];
    size_t n_terms;
    struct waiting waiting[WAITING];
    size_t n_waiting;
};

static int next(struct parsing *p)
{
    return cm_promql_lex(&p->lexer, p->err);
}

static bool is(const struct parsing *p, const char *word)
{
    return cm_promql_lex_is(&p->lexer, word);
}

static int fail(struct parsing *p, const char *what)
{
    return cm_fail_at(p->err, p->lexer.token.at, p->lexer.token.slice.length, "%s", what);
}

static int expect(struct parsing *p, const char *sign)
{
    if (is(p, sign))
        return next(p);
    return cm_fail_at(p->err, p->lexer.token.at, 1, "'%s' was expected here", sign);
}

static int push(struct parsing *p, struct cm_term term)
{
    if (p->n_terms == TERMS)
        return fail(p, "a query with more than 128 open parts");
    p->terms[p->n_terms++] = term;
    return 0;
}

static int wait(struct parsing *p, struct waiting waiting)
{
    if (p->n_waiting == WAITING)
        return fail(p, "a query with more than 256 open parentheses and operators");
    p->waiting[p->n_waiting++] = waiting;
    return 0;
}

/* --- operators --- */

/* How tightly an operator binds; 0 = it is none. */
static int rank_of(const struct parsing *p)
{
    static const struct {
        const char *sign;
        int rank;
    } ranks[] = {{"or", 1}, {"and", 2}, {"unless", 2}, {"==", 3}, {"!=", 3},
                 {">", 3},  {"<", 3},   {">=", 3},     {"<=", 3}, {"+", 4},
                 {"-", 4},  {"*", 5},   {"/", 5},      {"%", 5},  {"^", 6}};
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
        if (is(p, ranks[i].sign))
            return ranks[i].rank;
    return 0;
}

/* Combines what binds at least as tightly as `rank`, back to the innermost parenthesis. */
static void reduce(struct parsing *p, int rank)
{
    while (p->n_waiting > 0 && !p->waiting[p->n_waiting - 1].opened &&
           p->waiting[p->n_waiting - 1].rank >= rank) {
        const struct waiting *op = &p->waiting[--p->n_waiting];
        assert(p->n_terms >= 2);
        struct cm_term right = p->terms[--p->n_terms];
        struct cm_term *left = &p->terms[p->n_terms - 1];
        *left = cm_promql_term_combine(op->word, op->is_bool, *left, right);
    }
}

/* (a, b, c) without meaning for the shape: labels of `by`, `on` and the like. */
static int skip_labels(struct parsing *p)
{
    if (expect(p, "("))
        return -1;
    while (!is(p, ")")) {
        if (p->lexer.token.kind == CM_TOKEN_END)
            return fail(p, "a list of labels without its end");
        if (next(p))
            return -1;
    }
    return next(p);
}

static int read_operator(struct parsing *p)
{
    struct waiting op = {.word = p->lexer.token.slice, .rank = rank_of(p)};
    reduce(p, op.rank);
    if (next(p))
        return -1;
    if (is(p, "bool")) {
        op.is_bool = true;
        if (next(p))
            return -1;
    }
    while (is(p, "on") || is(p, "ignoring") || is(p, "group_left") || is(p, "group_right")) {
        if (next(p) || (is(p, "(") && skip_labels(p)))
            return -1;
    }
    return wait(p, op);
}

/* --- series --- */

static int read_matchers(struct parsing *p, struct cm_term *series)
{
    if (next(p))
        return -1;
    while (!is(p, "}")) {
        struct cm_slice label = p->lexer.token.slice;
        if (p->lexer.token.kind != CM_TOKEN_WORD)
            return fail(p, "a label was expected here");
        if (next(p))
            return -1;
        struct cm_slice sign = p->lexer.token.slice;
        if (!is(p, "=") && !is(p, "!=") && !is(p, "=~") && !is(p, "!~"))
            return fail(p, "=, !=, =~ or !~ was expected here");
        if (next(p))
            return -1;
        if (p->lexer.token.kind != CM_TOKEN_TEXT)
            return fail(p, "a quoted value was expected here");
        cm_promql_term_match(series, label, sign, p->lexer.token.slice);
        if (next(p) || (is(p, ",") && next(p)))
            return -1;
    }
    return next(p);
}

/* [1m], or [1m:15s], which asks a query again and again. */
static int read_range(struct parsing *p, struct cm_term *term)
{
    if (next(p))
        return -1;
    if (p->lexer.token.kind != CM_TOKEN_NUMBER)
        return fail(p, "a duration was expected here");
    cm_promql_term_range(term, p->lexer.token.number);
    if (next(p))
        return -1;
    if (!is(p, ":"))
        return expect(p, "]");
    cm_promql_term_spoil(term, "subqueries are not read");
    while (!is(p, "]")) {
        if (p->lexer.token.kind == CM_TOKEN_END)
            return fail(p, "']' was expected here");
        if (next(p))
            return -1;
    }
    return next(p);
}

static bool is_aggregation(struct cm_slice word)
{
    static const char *const words[] = {"sum",    "avg",  "min",     "max",      "count", "group",
                                        "stddev", "topk", "bottomk", "quantile", NULL};
    for (size_t i = 0; words[i]; i++)
        if (cm_slice_is(word, words[i]))
            return true;
    return false;
}

/* A function, an aggregation or a series. */
static int read_word(struct parsing *p)
{
    struct cm_token word = p->lexer.token;
    if (next(p))
        return -1;
    if (is_aggregation(word.slice) && (is(p, "by") || is(p, "without")) &&
        (next(p) || skip_labels(p)))
        return -1;
    if (is(p, "(")) {
        struct waiting call = {.word = word.slice, .opened = true, .first = p->n_terms};
        return wait(p, call) ? -1 : next(p);
    }
    if (cm_slice_is(word.slice, "Inf") || cm_slice_is(word.slice, "NaN"))
        return push(p, cm_promql_term_number(NAN, word.at));
    struct cm_term series = cm_promql_term_series(word.slice, word.at);
    if (is(p, "{") && read_matchers(p, &series))
        return -1;
    return push(p, series);
}

/* --- the grammar --- */

/* Whatever may begin an operand. *complete: it is one. */
static int read_operand(struct parsing *p, bool *complete)
{
    const struct cm_token token = p->lexer.token;
    size_t calls = p->n_terms;
    *complete = true;
    switch (token.kind) {
    case CM_TOKEN_NUMBER:
        return push(p, cm_promql_term_number(token.number, token.at)) ? -1 : next(p);
    case CM_TOKEN_TEXT:
        return push(p, cm_promql_term_number(NAN, token.at)) ? -1 : next(p);
    case CM_TOKEN_WORD:
        if (read_word(p))
            return -1;
        *complete = p->n_terms > calls;
        return 0;
    default:
        break;
    }
    *complete = false;
    if (is(p, "(")) {
        struct waiting group = {.opened = true, .first = p->n_terms};
        return wait(p, group) ? -1 : next(p);
    }
    if (is(p, "{")) {
        struct cm_term series = cm_promql_term_series(cm_slice_of(""), token.at);
        *complete = true;
        return read_matchers(p, &series) ? -1 : push(p, series);
    }
    if (is(p, "+"))
        return next(p);
    if (is(p, "-")) { /* -x is (-1) * x */
        struct waiting times = {.word = cm_slice_of("*"), .rank = 5};
        if (push(p, cm_promql_term_number(-1, token.at)) || wait(p, times))
            return -1;
        return next(p);
    }
    return fail(p, token.kind == CM_TOKEN_END ? "the query ends too early"
                                              : "a value was expected here");
}

/* The end of a group or call. */
static int close(struct parsing *p)
{
    reduce(p, 0);
    if (p->n_waiting == 0)
        return fail(p, "a ')' without its '('");
    struct waiting opened = p->waiting[--p->n_waiting];
    size_t n = p->n_terms - opened.first;
    if (opened.word.length == 0) {
        if (n != 1)
            return fail(p, "a list where one value was expected");
    } else if (n <= ARGS) {
        p->n_terms = opened.first;
        struct cm_term term = cm_promql_term_call(opened.word, &p->terms[opened.first], n);
        if (push(p, term))
            return -1;
    } else {
        return fail(p, "a function with more than 8 arguments");
    }
    if (next(p))
        return -1;
    if (is_aggregation(opened.word) && (is(p, "by") || is(p, "without")))
        return next(p) ? -1 : skip_labels(p);
    return 0;
}

/* offset 5m, @ 1609746000: another time than now. */
static int read_shift(struct parsing *p, struct cm_term *term)
{
    cm_promql_term_spoil(term, "values of another time (offset, @) are not read");
    if (next(p) || (is(p, "-") && next(p)))
        return -1;
    if (p->lexer.token.kind != CM_TOKEN_NUMBER)
        return fail(p, "a time was expected here");
    return next(p);
}

/* What follows an operand. *complete: another operand does not. */
static int read_rest(struct parsing *p, bool *complete)
{
    *complete = true;
    if (is(p, "["))
        return read_range(p, &p->terms[p->n_terms - 1]);
    if (is(p, "offset") || is(p, "@"))
        return read_shift(p, &p->terms[p->n_terms - 1]);
    if (is(p, ")"))
        return close(p);
    *complete = false;
    if (is(p, ",")) {
        reduce(p, 0);
        if (p->n_waiting == 0 || p->waiting[p->n_waiting - 1].word.length == 0)
            return fail(p, "a ',' outside of a call");
        return next(p);
    }
    if (rank_of(p))
        return read_operator(p);
    return fail(p, "an operator was expected here");
}

static int parse(struct parsing *p)
{
    if (next(p))
        return -1;
    for (bool complete = false; !complete || p->lexer.token.kind != CM_TOKEN_END;) {
        /* a call without arguments: time() */
        bool empty = !complete && is(p, ")") && p->n_waiting > 0 &&
                     p->waiting[p->n_waiting - 1].opened &&
                     p->waiting[p->n_waiting - 1].word.length > 0 &&
                     p->waiting[p->n_waiting - 1].first == p->n_terms;
        if (complete || empty ? read_rest(p, &complete) : read_operand(p, &complete))
            return -1;
    }
    reduce(p, 0);
    return p->n_waiting ? fail(p, "a '(' without its ')'") : 0;
}

int cm_promql_classify(const char *text, struct cm_promql *query, struct cm_err *err)
{
    *query = (struct cm_promql){.window_s = NAN, .scale = 1};
    if (strlen(text) > LONGEST)
        return cm_fail(err, "a query of more than 16 KiB");
    struct parsing *p = cm_alloc(sizeof *p);
    p->lexer.text = text;
    p->err = err;
    int status = parse(p);
    if (!status)
        status = cm_promql_term_finish(&p->terms[0], query, err);
    cm_free(p);
    return status;
}
