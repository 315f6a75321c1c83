/* The compiler of Argo's conditions; see argo_condition.h.
 *
 * Operator precedence parsing with a stack of what is open (operators that wait for their right
 * side, brackets, calls, loops) and a stack of the types of the values that the machine will hold.
 * Steps are written in the order in which the machine takes them (Dijkstra's shunting yard, 1961).
 * Precedences and types are expr-lang's. */
#include "sim/gates/argo_condition.h"

#include <ctype.h>
#include <string.h>

#include "sim/gates/argo_program.h"

enum what { BINARY, UNARY, GROUP, LIST, INDEX, CALL, LOOP };
struct open {
    enum what what;
    int detail; /* operator, function, loop */
    int precedence;
    size_t at, step; /* byte of the text; step whose jump is still open */
    int commas;
    bool brace; /* the predicate has one */
};
struct parser {
    const char *text;
    size_t at;
    struct cm_err *err;
    struct cm_argo_condition *out;
    enum cm_argo_kind result, types[ARGO_DEPTH], items[ARGO_LOOPS];
    size_t n_types, n_open, n_loops;
    struct open open[ARGO_DEPTH];
    bool value; /* the last thing was a value: an operator comes next */
};

#define FORMS                                                                                      \
    "accepted: result, numbers, texts, [lists], arithmetic, comparisons, && || !, in, isNaN, "     \
    "isInf, isNil, default, len, asInt, asFloat, all, any, none, one, count"

enum { UNARY_NOT = 50, UNARY_SIGN = 90 };
static const int precedences[] = {
    [BIN_OR] = 10,  [BIN_AND] = 15,    [BIN_EQ] = 20,  [BIN_NE] = 20,
    [BIN_LT] = 20,  [BIN_LE] = 20,     [BIN_GT] = 20,  [BIN_GE] = 20,
    [BIN_IN] = 20,  [BIN_NOT_IN] = 20, [BIN_ADD] = 30, [BIN_SUB] = 30,
    [BIN_MUL] = 60, [BIN_DIV] = 60,    [BIN_MOD] = 60, [BIN_POW] = 100};

static int refuse(struct parser *p, size_t at, const char *what)
{
    return cm_fail_at(p->err, at, 1, "position %zu of the condition: %s; " FORMS, at + 1, what);
}

static int mismatch(struct parser *p, size_t at, const char *what, enum cm_argo_kind kind)
{
    return cm_fail_at(p->err, at, 1, "position %zu of the condition: %s %s", at + 1, what,
                      cm_argo_kind_names[kind]);
}

/* --- steps and types -------------------------------------------------------------------------- */

static int emit(struct parser *p, int op, int detail, struct cm_argo_value value, size_t at)
{
    if (p->out->n == CM_ARGO_CODE_MAX)
        return cm_fail_at(p->err, at, 1, "the condition is longer than %d steps", CM_ARGO_CODE_MAX);
    p->out->steps[p->out->n++] =
        (struct cm_argo_instruction){.op = op, .detail = detail, .at = at, .value = value};
    return 0;
}

static int emit_plain(struct parser *p, int op, int detail, size_t at)
{
    return emit(p, op, detail, (struct cm_argo_value){.kind = CM_ARGO_NIL}, at);
}

static int push_type(struct parser *p, enum cm_argo_kind type)
{
    if (p->n_types == ARGO_DEPTH)
        return cm_fail_at(p->err, p->at, 1, "the condition is nested deeper than %d", ARGO_DEPTH);
    p->types[p->n_types++] = type;
    p->value = true;
    return 0;
}

static int push_open(struct parser *p, struct open open)
{
    if (p->n_open == ARGO_DEPTH)
        return cm_fail_at(p->err, open.at, 1, "the condition is nested deeper than %d", ARGO_DEPTH);
    p->open[p->n_open++] = open;
    p->value = false;
    return 0;
}

static struct open *innermost(struct parser *p)
{
    return p->n_open > 0 ? &p->open[p->n_open - 1] : NULL;
}

/* --- operators -------------------------------------------------------------------------------- */

/* Completes the innermost operator, whose right side has been read. */
static int reduce(struct parser *p)
{
    struct open o = p->open[--p->n_open];
    enum cm_argo_kind right = p->types[p->n_types - 1];
    if (o.what == UNARY) {
        bool not = o.detail == OP_NOT;
        if (not ? !cm_argo_type_may(right, CM_ARGO_BOOL) : !cm_argo_type_number(right))
            return mismatch(p, o.at, "this sign cannot stand before", right);
        return o.detail == OP_PUSH ? 0 : emit_plain(p, o.detail, 0, o.at); /* + does nothing */
    }
    enum cm_argo_kind left = p->types[p->n_types - 2];
    if (!cm_argo_type_fits(o.detail, left, right))
        return cm_fail_at(p->err, o.at, 1,
                          "position %zu of the condition: this operator does not take %s and %s",
                          o.at + 1, cm_argo_kind_names[left], cm_argo_kind_names[right]);
    p->n_types--;
    p->types[p->n_types - 1] = cm_argo_type_of(o.detail, left, right);
    if (o.detail > BIN_AND)
        return emit_plain(p, OP_BINARY, o.detail, o.at);
    p->out->steps[o.step].target = p->out->n;
    return 0;
}

/* Completes the operators that bind tighter than one of this precedence. */
static int reduce_to(struct parser *p, int precedence)
{
    struct open *o;
    while ((o = innermost(p)) != NULL && o->what <= UNARY) {
        bool left = o->what == BINARY && o->precedence != precedences[BIN_POW];
        if (o->precedence < precedence || (o->precedence == precedence && !left))
            return 0;
        if (reduce(p))
            return -1;
    }
    return 0;
}

static int push_binary(struct parser *p, int op, size_t at)
{
    if (reduce_to(p, precedences[op]))
        return -1;
    enum cm_argo_kind left = p->types[p->n_types - 1];
    struct open o = {.what = BINARY, .detail = op, .precedence = precedences[op], .at = at};
    o.step = p->out->n;
    if (op <= BIN_AND && !cm_argo_type_may(left, CM_ARGO_BOOL))
        return mismatch(p, at, "before this stands", left);
    if (op <= BIN_AND && emit_plain(p, op == BIN_OR ? OP_OR : OP_AND, 0, at))
        return -1;
    return push_open(p, o);
}

/* --- brackets, calls, loops ------------------------------------------------------------------- */

static int close_index(struct parser *p, const struct open *o)
{
    enum cm_argo_kind at = p->types[p->n_types - 1], from = p->types[p->n_types - 2];
    bool map = from == CM_ARGO_MAP || (from == CM_ARGO_ANY && at == CM_ARGO_TEXT);
    if (!map && !cm_argo_type_list(from))
        return mismatch(p, o->at, "there are no items in", from);
    if (!cm_argo_type_may(at, map ? CM_ARGO_TEXT : CM_ARGO_INT))
        return mismatch(p, o->at, "items cannot be found by", at);
    p->n_types--;
    p->types[p->n_types - 1] = cm_argo_type_item(from);
    return emit_plain(p, OP_INDEX, 0, o->at);
}

/* A whole number where a real is wanted, as a constant, becomes one. */
static bool becomes_real(struct parser *p, enum cm_argo_kind type)
{
    struct cm_argo_instruction *last = &p->out->steps[p->out->n - 1];
    if (type != CM_ARGO_INT || last->op != OP_PUSH || last->value.kind != CM_ARGO_INT)
        return cm_argo_type_may(type, CM_ARGO_REAL);
    last->value =
        (struct cm_argo_value){.kind = CM_ARGO_REAL, .as.real = (double)last->value.as.whole};
    return true;
}

static int close_call(struct parser *p, const struct open *o)
{
    static const enum cm_argo_kind returns[] = {
        [FN_IS_NAN] = CM_ARGO_BOOL, [FN_IS_INF] = CM_ARGO_BOOL, [FN_IS_NIL] = CM_ARGO_BOOL,
        [FN_DEFAULT] = CM_ARGO_ANY, [FN_LEN] = CM_ARGO_INT,     [FN_AS_INT] = CM_ARGO_INT,
        [FN_AS_REAL] = CM_ARGO_REAL};
    enum cm_argo_kind type = p->types[p->n_types - 1];
    int wanted = o->detail == FN_DEFAULT ? 2 : 1;
    if (o->commas + 1 != wanted)
        return cm_fail_at(p->err, o->at, 1,
                          "position %zu of the condition: this function takes %d value%s",
                          o->at + 1, wanted, wanted > 1 ? "s" : "");
    bool sized = cm_argo_type_list(type) || type == CM_ARGO_TEXT || type == CM_ARGO_MAP;
    bool real = o->detail == FN_IS_NAN || o->detail == FN_IS_INF;
    if ((real && !becomes_real(p, type)) || (o->detail == FN_LEN && !sized))
        return mismatch(p, o->at, "this function does not take", type);
    p->n_types -= (size_t)wanted - 1;
    p->types[p->n_types - 1] = returns[o->detail];
    return emit_plain(p, OP_CALL, o->detail, o->at);
}

static int close_loop(struct parser *p, const struct open *o)
{
    enum cm_argo_kind predicate = p->types[p->n_types - 1];
    if (o->commas != 1)
        return refuse(p, o->at, "this needs a list and a predicate, as in all(result, {# > 1})");
    if (!cm_argo_type_may(predicate, CM_ARGO_BOOL))
        return mismatch(p, o->at, "the predicate is", predicate);
    if (emit_plain(p, OP_END, o->detail, o->at))
        return -1;
    p->out->steps[p->out->n - 1].target = o->step + 1;
    p->out->steps[o->step].target = p->out->n;
    p->n_loops--;
    p->types[p->n_types - 1] = o->detail == LOOP_COUNT ? CM_ARGO_INT : CM_ARGO_BOOL;
    return 0;
}

static char closer(enum what what)
{
    return what == LIST || what == INDEX ? ']' : ')';
}

static int close_open(struct parser *p, char bracket)
{
    size_t at = p->at++;
    if (reduce_to(p, -1))
        return -1;
    struct open *o = innermost(p);
    bool brace = bracket == '}';
    if (o == NULL || o->brace != brace || (!brace && closer(o->what) != bracket))
        return refuse(p, at, "nothing that this closes is open");
    if (brace) {
        p->at += strspn(p->text + p->at, " \t\r\n");
        if (p->text[p->at] != ')')
            return refuse(p, p->at, "a ) should follow the predicate");
        p->at++;
    }
    struct open closed = *o;
    p->n_open--;
    p->value = true;
    switch (closed.what) {
    case INDEX:
        return close_index(p, &closed);
    case CALL:
        return close_call(p, &closed);
    case LOOP:
        return close_loop(p, &closed);
    case LIST:
        p->n_types -= (size_t)closed.commas;
        p->types[p->n_types - 1] = CM_ARGO_LIST;
        return emit_plain(p, OP_LIST, closed.commas + 1, closed.at);
    default:
        return 0;
    }
}

/* Behind the list of a loop: its predicate begins. */
static int begin_loop(struct parser *p, struct open *o)
{
    enum cm_argo_kind list = p->types[p->n_types - 1];
    if (o->commas != 1)
        return refuse(p, p->at, "a loop takes one predicate");
    if (!cm_argo_type_list(list))
        return mismatch(p, o->at, "this needs a list, not", list);
    if (p->n_loops == ARGO_LOOPS)
        return cm_fail_at(p->err, o->at, 1, "loops are nested deeper than %d", ARGO_LOOPS);
    p->items[p->n_loops++] = cm_argo_type_item(list);
    o->step = p->out->n;
    p->n_types--;
    p->at += strspn(p->text + p->at, " \t\r\n");
    o->brace = p->text[p->at] == '{';
    p->at += o->brace;
    return emit_plain(p, OP_BEGIN, o->detail, o->at);
}

static int read_comma(struct parser *p)
{
    size_t at = p->at++;
    if (reduce_to(p, -1))
        return -1;
    struct open *o = innermost(p);
    if (o == NULL || (o->what != CALL && o->what != LIST && o->what != LOOP))
        return refuse(p, at, "a comma that separates nothing");
    o->commas++;
    p->value = false;
    return o->what == LOOP ? begin_loop(p, o) : 0;
}

/* --- words ------------------------------------------------------------------------------------ */

static int push_value(struct parser *p, struct cm_argo_value value, size_t at)
{
    return emit(p, OP_PUSH, 0, value, at) ? -1 : push_type(p, value.kind);
}

static int push_item(struct parser *p, size_t at)
{
    if (p->n_loops == 0)
        return refuse(p, at, "# stands for an item of all(), any(), ..., and this is none");
    return emit_plain(p, OP_ITEM, 0, at) ? -1 : push_type(p, p->items[p->n_loops - 1]);
}

static int read_number(struct parser *p)
{
    struct cm_argo_value v;
    size_t at = p->at, length = cm_argo_token_number(p->text + at, &v);
    p->at += length;
    return length == 0 ? refuse(p, at, "a number that cannot be read") : push_value(p, v, at);
}

static int read_text(struct parser *p)
{
    const char *from = p->text + p->at + 1, quote = from[-1], stop[] = {quote, '\\', '\0'};
    size_t length = strcspn(from, stop), at = p->at;
    if (from[length] != quote)
        return refuse(
            p, at, from[length] == '\0' ? "a text that does not end" : "a text with a backslash");
    p->at += length + 2;
    struct cm_argo_value v = {.kind = CM_ARGO_TEXT, .as.text = {from, length}};
    return push_value(p, v, at);
}

static int read_call(struct parser *p, struct cm_slice word, size_t at)
{
    static const char *const functions[] = {"isNaN", "isInf", "isNil",   "default",
                                            "len",   "asInt", "asFloat", NULL};
    static const char *const loops[] = {"all", "any", "none", "one", "count", NULL};
    int function = cm_argo_token_find(word, functions), loop = cm_argo_token_find(word, loops);
    if (function < 0 && loop < 0)
        return cm_fail_at(p->err, at, word.length,
                          "position %zu of the condition: \"%.*s\" means nothing here; " FORMS,
                          at + 1, (int)(word.length < 40 ? word.length : 40), word.at);
    p->at += strspn(p->text + p->at, " \t\r\n");
    if (p->text[p->at] != '(')
        return refuse(p, at, "a function without its (");
    p->at++;
    return push_open(p, (struct open){.what = function >= 0 ? CALL : LOOP,
                                      .detail = function >= 0 ? function : loop,
                                      .at = at});
}

static int read_word(struct parser *p)
{
    static const char *const words[] = {"result", "nil", "true", "false", "not", NULL};
    size_t at = p->at;
    struct cm_slice word = cm_argo_token_word(p->text + at);
    p->at += word.length;
    switch (cm_argo_token_find(word, words)) {
    case 0:
        return emit_plain(p, OP_RESULT, 0, at) ? -1 : push_type(p, p->result);
    case 1:
        return push_value(p, (struct cm_argo_value){.kind = CM_ARGO_NIL}, at);
    case 2:
    case 3:
        return push_value(
            p, (struct cm_argo_value){.kind = CM_ARGO_BOOL, .as.truth = word.at[0] == 't'}, at);
    case 4:
        return push_open(
            p, (struct open){.what = UNARY, .detail = OP_NOT, .precedence = UNARY_NOT, .at = at});
    default:
        return read_call(p, word, at);
    }
}

/* --- the reader ------------------------------------------------------------------------------- */

static int read_operand(struct parser *p)
{
    char c = p->text[p->at];
    size_t at = p->at;
    if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)p->text[at + 1])))
        return read_number(p);
    if (c == '"' || c == '\'')
        return read_text(p);
    if (isalpha((unsigned char)c) || c == '_')
        return read_word(p);
    if (c == '.' && p->n_loops > 0)
        return push_item(p, at); /* .name is #.name; the dot is read next */
    p->at++;
    switch (c) {
    case '(':
        return push_open(p, (struct open){.what = GROUP, .at = at});
    case '[':
        return push_open(p, (struct open){.what = LIST, .at = at});
    case '!':
        return push_open(
            p, (struct open){.what = UNARY, .detail = OP_NOT, .precedence = UNARY_NOT, .at = at});
    case '-':
    case '+':
        return push_open(p, (struct open){.what = UNARY,
                                          .detail = c == '-' ? OP_NEGATE : OP_PUSH,
                                          .precedence = UNARY_SIGN,
                                          .at = at});
    case '#':
        return push_item(p, at);
    default:
        return refuse(p, at, c == '\0' ? "a value is missing at the end" : "no value begins so");
    }
}

static int read_member(struct parser *p)
{
    size_t at = p->at;
    struct cm_slice name = cm_argo_token_word(p->text + at + 1);
    enum cm_argo_kind from = p->types[p->n_types - 1];
    if (name.length == 0 || isdigit((unsigned char)*name.at))
        return refuse(p, at, "a dot without a member's name");
    if (!cm_argo_type_may(from, CM_ARGO_MAP))
        return mismatch(p, at, "there are no members in", from);
    p->at += 1 + name.length;
    p->types[p->n_types - 1] = CM_ARGO_ANY;
    return emit(p, OP_MEMBER, 0, (struct cm_argo_value){.kind = CM_ARGO_TEXT, .as.text = name}, at);
}

static int read_operator(struct parser *p)
{
    size_t at = p->at;
    char c = p->text[at];
    if (c == '.')
        return read_member(p);
    if (c == '[') {
        p->at++;
        return push_open(p, (struct open){.what = INDEX, .at = at});
    }
    if (c == ')' || c == ']' || c == '}')
        return close_open(p, c);
    if (c == ',')
        return read_comma(p);
    int op = cm_argo_token_operator(p->text, &p->at);
    return op < 0 ? refuse(p, at, "no operator begins so") : push_binary(p, op, at);
}

static int finish(struct parser *p)
{
    if (reduce_to(p, -1))
        return -1;
    struct open *o = innermost(p);
    if (o != NULL)
        return refuse(p, o->at, "this is not closed");
    if (!cm_argo_type_may(p->types[0], CM_ARGO_BOOL))
        return cm_fail(p->err, "the condition is %s, neither true nor false",
                       cm_argo_kind_names[p->types[0]]);
    return 0;
}

int cm_argo_condition_compile(const char *text, enum cm_argo_kind result,
                              struct cm_argo_condition *condition, struct cm_err *err)
{
    struct parser p = {.text = text, .err = err, .out = condition, .result = result};
    condition->n = 0;
    for (;;) {
        p.at += strspn(text + p.at, " \t\r\n");
        if (text[p.at] == '\0' && p.value)
            break;
        if (p.value ? read_operator(&p) : read_operand(&p))
            return -1;
    }
    return finish(&p);
}
