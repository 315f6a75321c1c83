/* From text to postfix order: Dijkstra's shunting yard (1961). Operators wait on a stack until one
 * that binds less tightly comes by; a parenthesis or a function holds them back until it closes.
 *
 * After a value only an operator can stand and the other way round, so one flag is the whole
 * grammar. It also tells the two meanings of `-`. */
#include "sim/base/expr_step.h"

#include <string.h>

#include "sim/base/reading.h"

const char *const cm_expr_functions[CM_EXPR_FUNCTIONS + 1] = {
    [CM_EXPR_MIN] = "min",     [CM_EXPR_MAX] = "max",   [CM_EXPR_ABS] = "abs",
    [CM_EXPR_SQRT] = "sqrt",   [CM_EXPR_LOG] = "log",   [CM_EXPR_LOG10] = "log10",
    [CM_EXPR_EXP] = "exp",     [CM_EXPR_CEIL] = "ceil", [CM_EXPR_FLOOR] = "floor",
    [CM_EXPR_ROUND] = "round", [CM_EXPR_CI] = "ci",     [CM_EXPR_LOW] = "low",
    [CM_EXPR_HIGH] = "high",
};

/* Longer spellings before those that they begin with. */
static const struct infix {
    const char *text;
    enum cm_expr_op op;
    int binds; /* the more, the tighter */
} operators[] = {
    {"||", CM_EXPR_OR, 1},        {"&&", CM_EXPR_AND, 2},     {"==", CM_EXPR_EQUAL, 3},
    {"!=", CM_EXPR_DIFFERENT, 3}, {"<=", CM_EXPR_AT_MOST, 3}, {">=", CM_EXPR_AT_LEAST, 3},
    {"<", CM_EXPR_LESS, 3},       {">", CM_EXPR_MORE, 3},     {"+", CM_EXPR_PLUS, 4},
    {"-", CM_EXPR_MINUS, 4},      {"*", CM_EXPR_TIMES, 5},    {"/", CM_EXPR_OVER, 5},
    {"^", CM_EXPR_POWER, 7},
};
enum { BINDS_SIGN = 6, COMPARISON = 3 };

struct waiting {
    struct cm_expr_step step;
    int binds; /* 0 = a parenthesis or a function's: only its own end removes it */
};

struct reader {
    struct cm_expr *expr;
    struct cm_reading reading;
    const char *at;
    bool has_value; /* the last thing was one: an operator has to follow */
    size_t depth;   /* of values, when this is evaluated */
    struct waiting waiting[CM_EXPR_DEPTH];
    size_t n_waiting;
};

static struct cm_slice slice(const char *at, size_t length)
{
    return (struct cm_slice){at, length};
}

/* --- output --- */

/* How many values a step takes off the stack. */
static size_t takes(const struct cm_expr_step *step)
{
    switch (step->op) {
    case CM_EXPR_PUSH:
    case CM_EXPR_NAME:
        return 0;
    case CM_EXPR_CALL:
        return step->n;
    case CM_EXPR_NEGATE:
    case CM_EXPR_NOT:
        return 1;
    default:
        return 2;
    }
}

/* Text is short, so there is room for every step. */
static int emit(struct reader *r, const struct cm_expr_step *step)
{
    r->depth = r->depth + 1 - takes(step);
    if (r->depth > CM_EXPR_DEPTH)
        return CM_FAIL_AT(&r->reading, slice(r->expr->text + step->at, step->length),
                          "the expression is nested too deeply: at most %d values can wait for "
                          "their operator",
                          CM_EXPR_DEPTH);
    r->expr->steps[r->expr->n++] = *step;
    return 0;
}

static int wait(struct reader *r, struct cm_expr_step step, int binds)
{
    if (r->n_waiting == CM_EXPR_DEPTH)
        return CM_FAIL_AT(&r->reading, slice(r->expr->text + step.at, step.length),
                          "the expression is nested too deeply: at most %d levels", CM_EXPR_DEPTH);
    r->waiting[r->n_waiting++] = (struct waiting){step, binds};
    return 0;
}

/* Lets go of everything that binds at least so tightly, down to a parenthesis. */
static int release(struct reader *r, int binds)
{
    while (r->n_waiting && r->waiting[r->n_waiting - 1].binds >= binds &&
           r->waiting[r->n_waiting - 1].binds > 0)
        if (emit(r, &r->waiting[--r->n_waiting].step))
            return -1;
    return 0;
}

/* --- tokens --- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip(const char *at, const char *accepted)
{
    return at + strspn(at, accepted);
}

static struct cm_expr_step step_at(const struct reader *r, enum cm_expr_op op, size_t length)
{
    return (struct cm_expr_step){.op = op, .at = (size_t)(r->at - r->expr->text), .length = length};
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

/* `and` and `or` are no units; they get their own message. */
static bool is_junction(const char *word)
{
    return strncmp(word, "and ", 4) == 0 || strncmp(word, "or ", 3) == 0;
}

/* Digits and all that can belong to their unit: 1e-3, 1h30m, 0.2pp, 30 rps, 1 k rps. */
static size_t number_length(const char *at)
{
    const char *end = skip(at, DIGITS ".");
    if ((*end == 'e' || *end == 'E') && (end[1] == '-' || end[1] == '+' || is_digit(end[1])))
        end = skip(end + 2, DIGITS);
    end = skip(end, LETTERS DIGITS "%.");
    for (int words = 0; words < 2; words++) { /* a number is never followed by a name */
        const char *word = skip(end, " ");
        if ((!is_letter(*word) && *word != '%') || is_junction(word))
            break;
        end = skip(word, LETTERS DIGITS "%_");
    }
    return (size_t)(end - at);
}

static int read_number(struct reader *r)
{
    size_t length = number_length(r->at);
    struct cm_expr_step step = step_at(r, CM_EXPR_PUSH, length);
    struct cm_quantity quantity;
    struct cm_err why = {0};
    if (cm_units_read_any(cm_arena_text(r->reading.arena, r->at, length), &quantity, &why))
        return CM_FAIL_AT(&r->reading, cm_reading_wrong(slice(r->at, length), &why), "%s",
                          why.text);
    step.value = cm_value_number(quantity.value, quantity.unit);
    r->at += length;
    r->has_value = true;
    return emit(r, &step);
}

/* "text" or 'name', between quotes of one kind. */
static int read_quoted(struct reader *r)
{
    const char *end = strchr(r->at + 1, *r->at);
    if (!end)
        return CM_FAIL_AT(&r->reading, slice(r->at, strlen(r->at)), "this quote is not closed");
    size_t inside = (size_t)(end - r->at) - 1;
    bool is_text = *r->at == '"';
    struct cm_expr_step step = step_at(r, is_text ? CM_EXPR_PUSH : CM_EXPR_NAME, inside + 2);
    step.name = slice(r->at + 1, inside);
    step.value = cm_value_text(cm_arena_text(r->reading.arena, r->at + 1, inside));
    r->at = end + 1;
    r->has_value = true;
    return emit(r, &step);
}

/* A function waits, like a parenthesis, until it closes. */
static int read_call(struct reader *r, struct cm_slice name)
{
    const char *word = cm_arena_text(r->reading.arena, name.at, name.length);
    struct cm_expr_step step = step_at(r, CM_EXPR_CALL, name.length);
    int i = 0;
    while (cm_expr_functions[i] && strcmp(cm_expr_functions[i], word) != 0)
        i++;
    const char *near = cm_nearest(word, cm_expr_functions);
    if (!cm_expr_functions[i])
        return CM_FAIL_AT(&r->reading, name,
                          near ? "there is no function '%.40s' (did you mean '%s'?)"
                               : "there is no function '%.40s' (min max abs sqrt log log10 exp "
                                 "floor ceil round ci low high)",
                          word, near);
    step.function = (enum cm_expr_function)i;
    step.n = 1;
    r->at = strchr(name.at + name.length, '(') + 1;
    return wait(r, step, 0);
}

/* `true` and `false` are words, too. */
static int read_word(struct reader *r)
{
    struct cm_slice name = slice(r->at, strspn(r->at, LETTERS DIGITS "_."));
    const char *behind = skip(name.at + name.length, " ");
    if (*behind == '(')
        return read_call(r, name);
    bool truth = cm_slice_is(name, "true"), is_truth = truth || cm_slice_is(name, "false");
    struct cm_expr_step step = step_at(r, is_truth ? CM_EXPR_PUSH : CM_EXPR_NAME, name.length);
    step.name = name;
    step.value = cm_value_truth(truth);
    r->at += name.length;
    r->has_value = true;
    return emit(r, &step);
}

/* Where a value has to begin. */
static int read_value(struct reader *r)
{
    if (is_letter(*r->at))
        return read_word(r);
    if (is_digit(*r->at) || *r->at == '.')
        return read_number(r);
    if (*r->at == '"' || *r->at == '\'')
        return read_quoted(r);
    enum cm_expr_op op = *r->at == '-'   ? CM_EXPR_NEGATE
                         : *r->at == '!' ? CM_EXPR_NOT
                                         : CM_EXPR_PARENTHESIS;
    struct cm_expr_step step = step_at(r, op, 1);
    if (op == CM_EXPR_PARENTHESIS && *r->at != '(')
        return *r->at
                   ? CM_FAIL_AT(&r->reading, slice(r->at, 1),
                                "a number, a name, a \"text\" or ( is expected before '%c'", *r->at)
                   : CM_FAIL_AT(&r->reading, slice(r->at, 1),
                                "the expression ends where a number, a name or a \"text\" is "
                                "expected");
    r->at++;
    return wait(r, step, op == CM_EXPR_PARENTHESIS ? 0 : BINDS_SIGN);
}

/* --- operators --- */

/* What people write instead. */
static const char *meant(const char *at)
{
    static const struct {
        const char *wrong, *right;
    } aliases[] = {{"and", "&&"}, {"or", "||"}, {"=", "=="},  {"&", "&&"},
                   {"|", "||"},   {"<>", "!="}, {"is", "=="}, {"**", "^"}};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strncmp(at, aliases[i].wrong, strlen(aliases[i].wrong)) == 0)
            return aliases[i].right;
    return NULL;
}

static int fail_operator(struct reader *r)
{
    size_t length = is_letter(*r->at) ? strspn(r->at, LETTERS DIGITS "_.") : 1;
    const char *right = meant(r->at);
    if (right)
        return CM_FAIL_AT(&r->reading, slice(r->at, length), "write '%s' for '%.*s'", right,
                          cm_shown(slice(r->at, length)), r->at);
    return CM_FAIL_AT(&r->reading, slice(r->at, length),
                      "an operator is expected before '%.*s' (|| && == != < <= > >= + - * / ^)",
                      cm_shown(slice(r->at, length)), r->at);
}

/* 1 < x < 3 would compare a truth with a number. */
static int refuse_chain(struct reader *r, const struct infix *op)
{
    const struct waiting *top = r->n_waiting ? &r->waiting[r->n_waiting - 1] : NULL;
    if (!top || op->binds != COMPARISON || top->binds != COMPARISON)
        return 0;
    return CM_FAIL_AT(&r->reading, slice(r->at, strlen(op->text)),
                      "comparisons do not chain: write a < b && b < c");
}

static int read_operator(struct reader *r)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        const struct infix *op = &operators[i];
        size_t length = strlen(op->text);
        if (strncmp(r->at, op->text, length) != 0 || strncmp(r->at, "**", 2) == 0 ||
            strncmp(r->at, "<>", 2) == 0)
            continue;
        /* a power binds to the right: 2^3^2 is 2^9 */
        if (release(r, op->binds + (op->op == CM_EXPR_POWER || op->binds == COMPARISON)) ||
            refuse_chain(r, op))
            return -1;
        struct cm_expr_step step = step_at(r, op->op, length);
        r->at += length;
        r->has_value = false;
        return wait(r, step, op->binds);
    }
    return fail_operator(r);
}

/* The argument is complete; its function waits on top. */
static int read_comma(struct reader *r)
{
    if (release(r, 1))
        return -1;
    struct waiting *top = r->n_waiting ? &r->waiting[r->n_waiting - 1] : NULL;
    if (!top || top->step.op != CM_EXPR_CALL)
        return CM_FAIL_AT(&r->reading, slice(r->at, 1),
                          "a comma stands between the arguments of "
                          "a function only");
    top->step.n++;
    r->at++;
    r->has_value = false;
    return 0;
}

/* min and max are of two or more, everything else is of one. */
static int check_call(struct reader *r, const struct cm_expr_step *step)
{
    bool many = step->function == CM_EXPR_MIN || step->function == CM_EXPR_MAX;
    if (step->op != CM_EXPR_CALL || (many ? step->n >= 2 : step->n == 1))
        return 0;
    return CM_FAIL_AT(&r->reading, slice(r->expr->text + step->at, step->length),
                      "%s takes %s, not %zu", cm_expr_functions[step->function],
                      many ? "two or more arguments" : "one argument", step->n);
}

static int read_close(struct reader *r)
{
    if (release(r, 1))
        return -1;
    if (!r->n_waiting)
        return CM_FAIL_AT(&r->reading, slice(r->at, 1), "there is no ( for this )");
    const struct cm_expr_step step = r->waiting[--r->n_waiting].step;
    r->at++;
    if (step.op == CM_EXPR_PARENTHESIS)
        return 0;
    return check_call(r, &step) ? -1 : emit(r, &step);
}

/* --- the whole --- */

static int read_all(struct reader *r)
{
    for (;;) {
        r->at = skip(r->at, " \t");
        if (!r->has_value) {
            if (read_value(r))
                return -1;
        } else if (!*r->at) {
            break;
        } else if (*r->at == ','   ? read_comma(r)
                   : *r->at == ')' ? read_close(r)
                                   : read_operator(r)) {
            return -1;
        }
    }
    if (release(r, 1))
        return -1;
    if (!r->n_waiting)
        return 0;
    const struct cm_expr_step *open = &r->waiting[r->n_waiting - 1].step;
    return CM_FAIL_AT(&r->reading, slice(r->expr->text + open->at, open->length),
                      "this ( is not closed");
}

int cm_expr_read(struct cm_expr *expr, const char *text, struct cm_arena *arena, struct cm_err *err)
{
    size_t length = strlen(text);
    if (length > CM_EXPR_LENGTH)
        return cm_fail(err, "an expression has at most %d characters", CM_EXPR_LENGTH);
    *expr = (struct cm_expr){
        .text = cm_arena_text(arena, text, length),
        .steps = cm_arena_alloc(arena, (length + 1) * sizeof *expr->steps),
    };
    struct reader r = {.expr = expr, .reading = {expr->text, arena, err}, .at = expr->text};
    return read_all(&r);
}
