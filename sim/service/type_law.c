/* How a law is written:
 *
 *     law  = part { "+" part }          at most CM_LAW_PARTS, weights adding to 100%
 *     part = [ weight "%" ] name "(" [ key "=" value { "," key "=" value } ] ")"
 *
 * Keys, defaults and ranges are those of the kind's own parameter table. A mistake points at the
 * part of the value that holds it. */
#include <math.h>
#include <string.h>

#include "sim/base/reading.h"
#include "sim/base/type.h"
#include "sim/service/law.h"

enum { KEYS_MAX = 32 };

static const struct cm_param weight_row = {
    .name = "weight", .type = &cm_type_prob, .min = 1e-9, .max = 1, .help = "Share of the part."};

/* A terminated copy, for what takes whole texts; short-lived, but the arena is there. */
static const char *copy(const struct cm_reading *r, struct cm_slice s)
{
    return cm_arena_text(r->arena, s.at, s.length);
}

static struct cm_slice behind(struct cm_slice s, size_t skip)
{
    return (struct cm_slice){s.at + skip, s.length - skip};
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Takes the word at the front of *rest; empty if none stands there. */
static struct cm_slice take_word(struct cm_slice *rest)
{
    struct cm_slice word = {rest->at, 0};
    while (word.length < rest->length && is_word(rest->at[word.length]))
        word.length++;
    *rest = cm_slice_trim(behind(*rest, word.length));
    return word;
}

/* The nearest name, or all of them if nothing is near. */
static int fail_kind(const struct cm_reading *r, struct cm_slice name)
{
    struct cm_guess guess = cm_guess_start(copy(r, name));
    struct cm_buffer all = {0};
    for (size_t i = 0; cm_law_kinds[i]; i++) {
        cm_guess_try(&guess, cm_law_kinds[i]->kind.name);
        cm_print(cm_buffer_writer(&all), "%s%s", i ? ", " : "", cm_law_kinds[i]->kind.name);
    }
    if (guess.best)
        CM_FAIL_AT(r, name, "unknown law '%.*s' (did you mean '%s'?)", cm_shown(name), name.at,
                   guess.best);
    else
        CM_FAIL_AT(r, name, "unknown law '%.*s' (one of: %s)", cm_shown(name), name.at, all.text);
    cm_buffer_release(&all);
    return -1;
}

/* NULL with the reason said if there is none. */
static const struct cm_law_kind *find_kind(const struct cm_reading *r, struct cm_slice name)
{
    for (size_t i = 0; cm_law_kinds[i]; i++)
        if (cm_slice_is(name, cm_law_kinds[i]->kind.name))
            return cm_law_kinds[i];
    fail_kind(r, name);
    return NULL;
}

/* The same for a parameter of a kind. */
static int fail_key(const struct cm_reading *r, const struct cm_kind *kind, struct cm_slice key)
{
    struct cm_guess guess = cm_guess_start(copy(r, key));
    struct cm_buffer all = {0};
    for (const struct cm_param *row = kind->params; row->name; row++) {
        cm_guess_try(&guess, row->name);
        cm_print(cm_buffer_writer(&all), "%s%s", row == kind->params ? "" : ", ", row->name);
    }
    if (guess.best)
        CM_FAIL_AT(r, key, "%s has no parameter '%.*s' (did you mean '%s'?)", kind->name,
                   cm_shown(key), key.at, guess.best);
    else
        CM_FAIL_AT(r, key, "%s has no parameter '%.*s' (it has: %s)", kind->name, cm_shown(key),
                   key.at, all.text);
    cm_buffer_release(&all);
    return -1;
}

static const struct cm_param *find_key(const struct cm_kind *kind, struct cm_slice key)
{
    for (const struct cm_param *row = kind->params; row->name; row++)
        if (cm_slice_is(key, row->name))
            return row;
    return NULL;
}

/* Reads one value; an error of its type is moved to where the value stands in the law. */
static int set_value(const struct cm_reading *r, const struct cm_kind *kind,
                     const struct cm_param *row, struct cm_slice value, void *options)
{
    struct cm_err why = {0};
    if (!cm_param_set(row, options, copy(r, value), r->arena, &why))
        return 0;
    return CM_FAIL_AT(r, cm_reading_wrong(value, &why), "%s of %s: %.300s", row->name, kind->name,
                      why.text);
}

/* One `key=value`; `seen` has a bit for every row already given. */
static int read_argument(const struct cm_reading *r, const struct cm_kind *kind,
                         struct cm_slice argument, void *options, uint32_t *seen)
{
    struct cm_slice value = argument, key = take_word(&value);
    if (!argument.length)
        return CM_FAIL_AT(r, argument, "a parameter of %s is missing here", kind->name);
    if (!key.length || !value.length || value.at[0] != '=')
        return CM_FAIL_AT(r, argument, "'%.*s' is not understood; write a key and a value (%s=...)",
                          cm_shown(argument), argument.at, kind->params->name);
    const struct cm_param *row = find_key(kind, key);
    if (!row)
        return fail_key(r, kind, key);
    uint32_t bit = UINT32_C(1) << (row - kind->params);
    if (*seen & bit)
        return CM_FAIL_AT(r, key, "%s of %s is given twice", row->name, kind->name);
    *seen |= bit;
    value = cm_slice_trim(behind(value, 1));
    if (!value.length)
        return CM_FAIL_AT(r, argument, "%s of %s has no value (%s)", row->name, kind->name,
                          row->type->accepts);
    return set_value(r, kind, row, value, options);
}

/* `call` is the whole part, for mistakes that no single argument makes; `inside` what stands
 * between its parentheses. Defaults first, then what is given, then the rules between them. */
static int read_arguments(const struct cm_reading *r, const struct cm_law_kind *law,
                          struct cm_slice call, struct cm_slice inside, void *options)
{
    const struct cm_kind *kind = &law->kind;
    struct cm_slice argument;
    struct cm_err why = {0};
    uint32_t seen = 0;
    cm_params_default(kind->params, options, r->arena);
    if (!inside.length)
        inside.at = NULL; /* no arguments, not an empty one */
    while (cm_slice_cut(&inside, ',', &argument))
        if (read_argument(r, kind, argument, options, &seen))
            return -1;
    for (const struct cm_param *row = kind->params; row->name; row++)
        if (!row->dflt && !(seen >> (row - kind->params) & 1))
            return CM_FAIL_AT(r, call, "%s needs %s=... (%s)", kind->name, row->name,
                              row->type->accepts);
    if (kind->check && kind->check(options, &why))
        return CM_FAIL_AT(r, call, "%s: %.300s", kind->name, why.text);
    if (law->derive)
        law->derive(options);
    return 0;
}

/* The weight in front of a part, 1 if there is none; *rest moves behind it. */
static int read_weight(const struct cm_reading *r, struct cm_slice *rest, double *weight)
{
    *weight = 1;
    if (!rest->length || !strchr("0123456789.+-", rest->at[0]))
        return 0;
    const char *sign = memchr(rest->at, '%', rest->length);
    const char *call = memchr(rest->at, '(', rest->length);
    if (!sign || (call && call < sign))
        return CM_FAIL_AT(r, *rest,
                          "'%.*s' is no law; always the same duration is fixed(value=...)",
                          cm_shown(*rest), rest->at);
    struct cm_slice text = {rest->at, (size_t)(sign + 1 - rest->at)};
    struct cm_err why = {0};
    if (cm_param_set(&weight_row, weight, copy(r, text), r->arena, &why))
        return CM_FAIL_AT(r, text, "weight: %.300s", why.text);
    *rest = cm_slice_trim(behind(*rest, text.length));
    return 0;
}

/* Reads one part into the next place of the law. */
static int read_part(const struct cm_reading *r, struct cm_slice text, struct cm_law *law)
{
    double weight;
    struct cm_slice call = text;
    if (read_weight(r, &call, &weight))
        return -1;
    struct cm_slice rest = call, name = take_word(&rest);
    if (!name.length)
        return CM_FAIL_AT(r, text, "a law is missing here (%s)", cm_type_law.accepts);
    const struct cm_law_kind *kind = find_kind(r, name);
    if (!kind)
        return -1;
    if (!rest.length || rest.at[0] != '(')
        return CM_FAIL_AT(r, call, "%s takes its parameters in parentheses: %s(%s=..., ...)",
                          kind->kind.name, kind->kind.name, kind->kind.params->name);
    if (rest.at[rest.length - 1] != ')')
        return CM_FAIL_AT(r, call, "'%.*s' does not end with a parenthesis", cm_shown(call),
                          call.at);
    void *options = cm_arena_alloc(r->arena, kind->kind.options_size);
    struct cm_slice inside = cm_slice_trim((struct cm_slice){rest.at + 1, rest.length - 2});
    law->part[law->n].weight = weight;
    law->part[law->n].kind = kind;
    law->part[law->n++].options = options;
    return read_arguments(r, kind, call, inside, options);
}

static int check_weights(const struct cm_reading *r, const struct cm_law *law)
{
    static const double ROUNDING = 1e-12; /* of adding decimal weights */
    double sum = 0;
    for (size_t i = 0; i < law->n; i++)
        sum += law->part[i].weight;
    if (fabs(sum - 1) > ROUNDING)
        return cm_fail(r->err, "the weights add to %.12g%%, not 100%%", 100 * sum);
    return 0;
}

/* Whether the law is ready only after cm_law_prepare has a source. */
static bool reads_files(const struct cm_law *law)
{
    for (size_t i = 0; i < law->n; i++)
        if (law->part[i].kind->kind.prepare)
            return true;
    return false;
}

/* The field is written only when everything is right. */
static int law_parse(const struct cm_param *row, const char *text, void *out,
                     struct cm_arena *arena, struct cm_err *err)
{
    struct cm_law law = {.mean = NAN, .longest = NAN}, *field = out;
    struct cm_reading r = {text, arena, err};
    struct cm_slice rest = cm_slice_of(text), part;
    bool none = cm_type_is_none(row, text);
    while (!none && cm_slice_cut(&rest, '+', &part)) {
        if (law.n == CM_LAW_PARTS)
            return CM_FAIL_AT(&r, part, "a law has at most %d parts", CM_LAW_PARTS);
        if (read_part(&r, part, &law))
            return -1;
    }
    if (!none && check_weights(&r, &law))
        return -1;
    *field = law;
    return none || reads_files(&law) ? 0 : cm_law_prepare(field, NULL, NULL, NULL, err);
}

/* Every parameter is printed, defaults too: a resolved scenario hides nothing. A lone part needs no
 * weight. */
static void print_part(const struct cm_law *law, size_t i, struct cm_writer to)
{
    const struct cm_kind *kind = &law->part[i].kind->kind;
    const char *options = law->part[i].options;
    if (law->n > 1) {
        weight_row.type->print(&weight_row, &law->part[i].weight, to);
        cm_print(to, " ");
    }
    cm_print(to, "%s(", kind->name);
    for (const struct cm_param *row = kind->params; row->name; row++) {
        cm_print(to, "%s%s=", row == kind->params ? "" : ", ", row->name);
        row->type->print(row, options + row->offset, to);
    }
    cm_print(to, ")");
}

static void law_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const struct cm_law *law = value;
    (void)row;
    if (law->n == 0)
        cm_print(to, "none");
    for (size_t i = 0; i < law->n; i++) {
        cm_print(to, i ? " + " : "");
        print_part(law, i, to);
    }
}

const struct cm_type cm_type_law = {
    .name = "law",
    .accepts = "lognormal(median=120ms, sigma=0.6), exponential(mean=10m), fixed(value=1s)",
    .parse = law_parse,
    .print = law_print,
};
