/* Reading and printing lists of options; a mistake points at its own entry. */
#include "sim/gates/type_lists.h"

#include <string.h>

#include "sim/base/reading.h"
#include "sim/base/type.h"

/* Reads one entry as the i-th of the list. */
typedef int read_entry(const struct cm_param *row, const struct cm_reading *r,
                       struct cm_slice entry, size_t i, void *list);

/* Returns how many entries there are; 0 after a mistake. */
static size_t read_all(const struct cm_param *row, const struct cm_reading *r, read_entry *take,
                       void *list)
{
    struct cm_slice rest = cm_slice_of(r->text), entry;
    size_t n = 0;
    while (cm_slice_cut(&rest, ',', &entry)) {
        if (n == CM_LIST_MAX)
            return (void)CM_FAIL_AT(r, entry, "at most %d entries", CM_LIST_MAX), 0;
        if (entry.length == 0)
            return (void)cm_fail_at(r->err, (size_t)(entry.at - r->text), 1,
                                    "an entry is missing (%s)", row->type->accepts),
                   0;
        if (take(row, r, entry, n, list))
            return 0;
        n++;
    }
    return n;
}

int cm_lists_check(const char *key, size_t n, size_t metrics, struct cm_err *err)
{
    if (n == 1 || n == metrics)
        return 0;
    return cm_fail(err, "%s: %zu entries for %zu metric%s (one for all, or one each)", key, n,
                   metrics, metrics == 1 ? "" : "s");
}

/* --- choices --- */

static int read_choice(const struct cm_param *row, const struct cm_reading *r,
                       struct cm_slice entry, size_t i, void *out)
{
    struct cm_choices *list = out;
    const char *const *names = row->domain;
    struct cm_buffer offered = {0};
    for (int k = 0; names[k]; k++) {
        if (cm_slice_is(entry, names[k])) {
            list->value[i] = k;
            cm_buffer_release(&offered);
            return 0;
        }
        cm_print(cm_buffer_writer(&offered), "%s%s", k ? ", " : "", names[k]);
    }
    CM_FAIL_AT(r, entry, "unknown choice '%.*s' (one of: %s)", cm_shown(entry), entry.at,
               offered.text);
    cm_buffer_release(&offered);
    return -1;
}

static int choices_parse(const struct cm_param *row, const char *text, void *out,
                         struct cm_arena *arena, struct cm_err *err)
{
    const struct cm_reading r = {text, arena, err};
    struct cm_choices list = {0}, *field = out;
    list.n = read_all(row, &r, read_choice, &list);
    *field = list;
    return list.n > 0 ? 0 : -1;
}

static void choices_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const struct cm_choices *list = value;
    const char *const *names = row->domain;
    for (size_t i = 0; i < list->n; i++)
        cm_print(to, "%s%s", i ? ", " : "", names[list->value[i]]);
}

const struct cm_type cm_type_choices = {
    .name = "choices",
    .accepts = "one of the names for all, or one each, with commas between them",
    .parse = choices_parse,
    .print = choices_print,
};

/* --- numbers --- */

static int read_number(const struct cm_param *row, const struct cm_reading *r,
                       struct cm_slice entry, size_t i, void *out)
{
    struct cm_numbers *list = out;
    struct cm_err why = {0};
    char *text = cm_arena_text(r->arena, entry.at, entry.length);
    list->value[i] = NAN;
    if (cm_slice_is(entry, "default") && strcmp(row->dflt, "default") == 0)
        return 0;
    if (cm_units_read(text, CM_PURE, &list->value[i], &why) ||
        cm_type_range(row, text, list->value[i], CM_PURE, &why))
        return CM_FAIL_AT(r, cm_reading_wrong(entry, &why), "%s", why.text);
    return 0;
}

static int numbers_parse(const struct cm_param *row, const char *text, void *out,
                         struct cm_arena *arena, struct cm_err *err)
{
    const struct cm_reading r = {text, arena, err};
    struct cm_numbers list = {0}, *field = out;
    list.n = read_all(row, &r, read_number, &list);
    *field = list;
    return list.n > 0 ? 0 : -1;
}

static void numbers_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const struct cm_numbers *list = value;
    (void)row;
    for (size_t i = 0; i < list->n; i++) {
        cm_print(to, "%s", i ? ", " : "");
        if (isnan(list->value[i]))
            cm_print(to, "default");
        else
            cm_units_print(list->value[i], CM_PURE, to);
    }
}

const struct cm_type cm_type_numbers = {
    .name = "numbers",
    .accepts = "1.2 for all, or one each: 1.2, 1.5, 2",
    .parse = numbers_parse,
    .print = numbers_print,
};

/* --- groups --- */

/* The bit of a label, known or new; -1 if there is no room. */
static int group_bit(struct cm_groups *list, const struct cm_reading *r, struct cm_slice label)
{
    size_t g = 0;
    while (g < list->n_names && !cm_slice_is(label, list->name[g]))
        g++;
    if (g == CM_LIST_MAX)
        return -1;
    if (g == list->n_names)
        list->name[list->n_names++] = cm_arena_text(r->arena, label.at, label.length);
    return (int)g;
}

static int read_groups(const struct cm_param *row, const struct cm_reading *r,
                       struct cm_slice entry, size_t i, void *out)
{
    struct cm_groups *list = out;
    struct cm_slice rest = entry, label;
    (void)row;
    list->member[i] = 0;
    if (cm_slice_is(entry, "none"))
        return 0;
    while (cm_slice_cut(&rest, '+', &label)) {
        if (label.length == 0)
            return CM_FAIL_AT(r, entry, "a group is missing (latency + tail)");
        int bit = group_bit(list, r, label);
        if (bit < 0)
            return CM_FAIL_AT(r, label, "at most %d groups", CM_LIST_MAX);
        list->member[i] |= UINT32_C(1) << bit;
    }
    return 0;
}

static int groups_parse(const struct cm_param *row, const char *text, void *out,
                        struct cm_arena *arena, struct cm_err *err)
{
    const struct cm_reading r = {text, arena, err};
    struct cm_groups list = {0}, *field = out;
    list.n = read_all(row, &r, read_groups, &list);
    *field = list;
    return list.n > 0 ? 0 : -1;
}

static void print_member(const struct cm_groups *list, uint32_t member, struct cm_writer to)
{
    const char *before = "";
    for (size_t g = 0; g < list->n_names; g++) {
        if (!(member >> g & 1))
            continue;
        cm_print(to, "%s%s", before, list->name[g]);
        before = " + ";
    }
    if (member == 0)
        cm_print(to, "none");
}

static void groups_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const struct cm_groups *list = value;
    (void)row;
    for (size_t i = 0; i < list->n; i++) {
        cm_print(to, "%s", i ? ", " : "");
        print_member(list, list->member[i], to);
    }
}

const struct cm_type cm_type_groups = {
    .name = "groups",
    .accepts = "latency for all, or one each: latency, errors, latency + tail, none",
    .parse = groups_parse,
    .print = groups_print,
};

/* --- weights of groups --- */

/* The weight is the last word; labels may have blanks. */
static int read_group_weight(const struct cm_param *row, const struct cm_reading *r,
                             struct cm_slice entry, size_t i, void *out)
{
    struct cm_group_weights *list = out;
    struct cm_err why = {0};
    size_t at = entry.length;
    while (at > 0 && entry.at[at - 1] != ' ' && entry.at[at - 1] != '\t')
        at--;
    struct cm_slice label = cm_slice_trim((struct cm_slice){entry.at, at});
    struct cm_slice number = {entry.at + at, entry.length - at};
    char *text = cm_arena_text(r->arena, number.at, number.length);
    if (label.length == 0)
        return CM_FAIL_AT(r, entry, "a group and its weight are needed (latency 40)");
    for (size_t k = 0; k < i; k++)
        if (cm_slice_is(label, list->name[k]))
            return CM_FAIL_AT(r, label, "'%.*s' stands twice", cm_shown(label), label.at);
    if (cm_units_read(text, CM_PURE, &list->weight[i], &why) ||
        cm_type_range(row, text, list->weight[i], CM_PURE, &why))
        return CM_FAIL_AT(r, cm_reading_wrong(number, &why), "%s", why.text);
    list->name[i] = cm_arena_text(r->arena, label.at, label.length);
    list->n = i + 1;
    return 0;
}

static int group_weights_parse(const struct cm_param *row, const char *text, void *out,
                               struct cm_arena *arena, struct cm_err *err)
{
    const struct cm_reading r = {text, arena, err};
    struct cm_group_weights list = {0}, *field = out;
    bool none = strcmp(text, "none") == 0;
    bool bad = !none && read_all(row, &r, read_group_weight, &list) == 0;
    *field = list;
    return bad ? -1 : 0;
}

static void group_weights_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const struct cm_group_weights *list = value;
    (void)row;
    for (size_t i = 0; i < list->n; i++) {
        cm_print(to, "%s%s ", i ? ", " : "", list->name[i]);
        cm_units_print(list->weight[i], CM_PURE, to);
    }
    if (list->n == 0)
        cm_print(to, "none");
}

const struct cm_type cm_type_group_weights = {
    .name = "weights of groups",
    .accepts = "latency 40, errors 60",
    .parse = group_weights_parse,
    .print = group_weights_print,
};
