/* changes: what a defect does to each of a list of values: "x0.97, -0.4".
 *
 * As changes of probabilities and times (type_change.c), of plain numbers: q -> times * q + plus,
 * the difference with its sign. A share may be changed in points: -0.4pp is -0.004. */
#include <math.h>
#include <string.h>

#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/base/type.h"

enum { SHOWN = 60 };
static const double FACTOR_MAX = 1e6;

/* The word at the front of `text`, terminated; what follows it. */
static const char *cut_word(const char *text, char word[SHOWN + 1])
{
    size_t length = strcspn(text, " \t"), kept = length < SHOWN ? length : SHOWN;
    memcpy(word, text, kept);
    word[kept] = '\0';
    text += length;
    return text + strspn(text, " \t");
}

static int parse_factor(const char *word, double *times, struct cm_err *err)
{
    if (cm_units_read(word + 1, CM_PURE, times, err))
        return cm_fail(err, "'%s' is no factor (x3, x0.5)", word);
    if (*times < 0 || *times > FACTOR_MAX)
        return cm_fail(err, "%s is outside [x0, x%g]", word, FACTOR_MAX);
    return 0;
}

/* Without a sign it could be the value itself that is meant. */
static int parse_difference(const char *word, double *plus, struct cm_err *err)
{
    struct cm_quantity difference;
    if (*word != '+' && *word != '-')
        return cm_fail(err, "'%s' is no change (x0.9, -0.4, +1.1pp, none)", word);
    if (cm_units_read_any(word, &difference, err))
        return -1;
    if (difference.unit != CM_PURE && difference.unit != CM_RATIO)
        return cm_fail(err, "'%s' has a unit that these values do not have (-0.4, +1.1pp)", word);
    if (strchr(word, '%'))
        return cm_fail(err, "'%s' is unclear (+1pp adds a percentage point, x1.01 is 1%% more)",
                       word);
    *plus = difference.value;
    return 0;
}

static int parse_one(const char *text, struct cm_change *change, struct cm_err *err)
{
    char word[SHOWN + 1];
    *change = (struct cm_change){.times = 1};
    if (strcmp(text, "none") == 0)
        return 0;
    const char *rest = cut_word(text, word);
    if (*word == 'x') {
        if (parse_factor(word, &change->times, err))
            return -1;
        if (*rest == '\0')
            return 0;
        rest = cut_word(rest, word);
    }
    if (parse_difference(word, &change->plus, err))
        return -1;
    return *rest ? cm_fail(err, "'%.60s' after the change", rest) : 0;
}

static int parse(const struct cm_param *row, const char *text, void *out, struct cm_arena *arena,
                 struct cm_err *err)
{
    struct cm_slice rest = cm_slice_of(text), part = {0};
    struct cm_changes changes = {0}, *field = out;
    bool none = cm_type_is_none(row, text);
    while (!none && cm_slice_cut(&rest, ',', &part)) {
        struct cm_change change;
        const char *one = cm_arena_text(arena, part.at, part.length);
        if (parse_one(one, &change, err)) {
            err->at = (size_t)(part.at - text), err->length = part.length;
            return -1;
        }
        changes.list = cm_list_grow(arena, changes.list, changes.n, sizeof change);
        changes.list[changes.n++] = change;
    }
    *field = changes;
    return 0;
}

static void print_one(const struct cm_change *change, struct cm_writer to)
{
    if (change->times == 1 && change->plus == 0)
        cm_print(to, "none");
    if (change->times != 1) {
        cm_print(to, "x");
        cm_units_print(change->times, CM_PURE, to);
    }
    if (change->plus == 0)
        return;
    cm_print(to, "%s%s", change->times != 1 ? " " : "", change->plus > 0 ? "+" : "");
    cm_units_print(change->plus, CM_PURE, to);
}

static void print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const struct cm_changes *changes = value;
    (void)row;
    if (changes->n == 0)
        cm_print(to, "none");
    for (size_t i = 0; i < changes->n; i++) {
        cm_print(to, "%s", i > 0 ? ", " : "");
        print_one(&changes->list[i], to);
    }
}

const struct cm_type cm_type_changes = {
    .name = "list of changes",
    .accepts = "-0.4, x0.97, +1.1pp, none",
    .parse = parse,
    .print = print,
};
