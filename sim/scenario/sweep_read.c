/* `${[name =] item, item [! name]}`, taken apart where it stands.
 *
 * What could be a name is one, what could be a range is one, everything else is a text that is put
 * into the value as it is: laws, lists of steps and words can be swept like numbers. */
#include <string.h>

#include "sim/base/list.h"
#include "sim/base/reading.h"
#include "sim/scenario/sweep_parts.h"

struct cm_place cm_sweep_place(const struct cm_sweep_mark *mark, struct cm_slice part)
{
    return cm_ini_value_place(mark->key, (size_t)(part.at - mark->key->value),
                              part.length ? part.length : 1);
}

bool cm_sweep_number(struct cm_slice text, double *number)
{
    char copy[64];
    struct cm_quantity quantity = {0};
    struct cm_err err = {0};
    if (!text.length || text.length >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    if (cm_units_read_any(copy, &quantity, &err) || quantity.unit != CM_PURE)
        return false;
    *number = quantity.value;
    return true;
}

#define REPORT(s, id, mark, part, ...)                                                             \
    cm_diag_add((s)->diags, id, cm_sweep_place(mark, part), __VA_ARGS__)

/* --- names --- */

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_name(struct cm_slice s)
{
    const size_t longest = 40;
    if (s.length < 1 || s.length > longest || s.at[0] < 'a' || s.at[0] > 'z')
        return false;
    for (size_t i = 0; i < s.length; i++)
        if (!is_name_byte(s.at[i]))
            return false;
    return true;
}

/* A word before a single `=`: `${t = 1, 2}`, but not `${result[0] >= 1}`. */
static struct cm_slice word_before_equals(struct cm_slice body)
{
    size_t n = 0;
    while (n < body.length && !strchr("=,()<>!\"'[]", body.at[n]))
        n++;
    bool is_word =
        n < body.length && body.at[n] == '=' && (n + 1 == body.length || body.at[n + 1] != '=');
    return is_word ? (struct cm_slice){body.at, n} : (struct cm_slice){0};
}

static struct cm_slice rest_behind(struct cm_slice body, const char *at)
{
    return cm_slice_trim((struct cm_slice){at, (size_t)(body.at + body.length - at)});
}

/* Takes `name =` off the front of what stands in the braces. */
static struct cm_slice take_name(struct cm_sweeping *s, struct cm_sweep_mark *mark,
                                 struct cm_slice body)
{
    struct cm_slice word = word_before_equals(body);
    if (!word.at)
        return body;
    mark->name = cm_slice_trim(word);
    if (!is_name(mark->name)) {
        REPORT(s, CM_DIAG_SWEEP_FORM, mark, mark->name.length ? mark->name : word,
               "'%.*s' cannot be the name of a variable: a-z first, then a-z, 0-9, _ and -",
               cm_shown(mark->name), mark->name.at);
        mark->name = (struct cm_slice){0};
    }
    return rest_behind(body, word.at + word.length + 1);
}

/* Takes `! name` off the end. */
static struct cm_slice take_tie(struct cm_sweeping *s, struct cm_sweep_mark *mark,
                                struct cm_slice body)
{
    size_t i = body.length;
    while (i > 0 && body.at[i - 1] != '!' && body.at[i - 1] != ')')
        i--;
    if (i == 0 || body.at[i - 1] != '!' || (i < body.length && body.at[i] == '='))
        return body;
    mark->tied_to = rest_behind(body, body.at + i);
    if (!mark->tied_to.length)
        REPORT(s, CM_DIAG_SWEEP_FORM, mark, ((struct cm_slice){body.at + i - 1, 1}),
               "'!' ties a variable to another, and its name is missing here (${1, 2 ! rate})");
    return cm_slice_trim((struct cm_slice){body.at, i - 1});
}

/* --- items --- */

/* Where `..` stands in what begins like a number or a use; NULL = it is no range. */
static const char *find_range(struct cm_slice item)
{
    if (!item.length || !strchr("0123456789+-.$", item.at[0]))
        return NULL;
    for (size_t i = 1; i + 1 < item.length; i++)
        if (item.at[i] == '.' && item.at[i + 1] == '.')
            return memchr(item.at, '/', item.length) ? NULL : item.at + i;
    return NULL;
}

/* A number, or $name. */
static bool read_bound(struct cm_sweeping *s, const struct cm_sweep_mark *mark,
                       struct cm_slice text, struct cm_sweep_bound *bound)
{
    struct cm_quantity quantity;
    struct cm_err err = {0};
    *bound = (struct cm_sweep_bound){.text = text, .mark = -1};
    if (text.length && text.at[0] == '$')
        return true;
    if (cm_sweep_number(text, &bound->number))
        return true;
    const char *copy = cm_arena_text(&s->sweep->arena, text.at, text.length);
    if (!text.length)
        REPORT(s, CM_DIAG_SWEEP_RANGE, mark, text, "a range has two ends (1..10 step 3)");
    else if (!cm_units_read_any(copy, &quantity, &err))
        REPORT(s, CM_DIAG_SWEEP_RANGE, mark, text,
               "units stand outside of the braces: ${1..10 step 3}%s, not '%s'",
               copy + strspn(copy, "+-.0123456789"), copy);
    else
        REPORT(s, CM_DIAG_SWEEP_RANGE, mark, text,
               "'%.*s' is neither a number nor the $name of a variable", cm_shown(text), text.at);
    return false;
}

/* The word behind a range, and the number behind that: "step 3". */
static bool read_keyword(struct cm_sweeping *s, const struct cm_sweep_mark *mark,
                         struct cm_slice rest, struct cm_sweep_item *item)
{
    const size_t fewest = 2, most = 10000;
    struct cm_slice word = {rest.at, 0};
    while (word.length < rest.length && rest.at[word.length] != ' ')
        word.length++;
    struct cm_slice number = rest_behind(rest, rest.at + word.length);
    double value = 0;
    bool has_value = cm_sweep_number(number, &value);
    if (cm_slice_is(word, "step") && has_value && value != 0) {
        item->kind = CM_ITEM_STEPS;
        item->step = value;
    } else if (cm_slice_is(word, "log") && has_value && value == (double)(size_t)value &&
               value >= (double)fewest && value <= (double)most) {
        item->kind = CM_ITEM_POINTS;
        item->points = (size_t)value;
    } else if (!number.length && (cm_slice_is(word, "log") || cm_slice_is(word, "whole"))) {
        item->kind = word.at[0] == 'l' ? CM_ITEM_LOG : CM_ITEM_WHOLE;
    } else {
        REPORT(s, CM_DIAG_SWEEP_RANGE, mark, rest,
               "'%.*s' is not understood: behind a range stands 'step 3', or 'log 5' for 5 points "
               "evenly spaced in the logarithm%s",
               cm_shown(rest), rest.at,
               s->sample ? "; for sampling nothing, 'log' or 'whole'" : "");
        return false;
    }
    return true;
}

static bool read_range(struct cm_sweeping *s, const struct cm_sweep_mark *mark, const char *dots,
                       struct cm_sweep_item *item)
{
    struct cm_slice from =
        cm_slice_trim((struct cm_slice){item->text.at, (size_t)(dots - item->text.at)});
    struct cm_slice rest = rest_behind(item->text, dots + 2), to = {rest.at, 0};
    while (to.length < rest.length && rest.at[to.length] != ' ')
        to.length++;
    rest = rest_behind(rest, to.at + to.length);
    item->kind = CM_ITEM_RANGE;
    return read_bound(s, mark, from, &item->from) && read_bound(s, mark, to, &item->to) &&
           (!rest.length || read_keyword(s, mark, rest, item));
}

/* One item; false once its mistake is said. */
static bool read_item(struct cm_sweeping *s, const struct cm_sweep_mark *mark,
                      struct cm_sweep_item *item)
{
    struct cm_slice text = item->text;
    const char *dots = find_range(text), *dollar = memchr(text.at, '$', text.length);
    item->kind = CM_ITEM_TEXT;
    if (!text.length) {
        REPORT(s, CM_DIAG_SWEEP_FORM, mark, text, "a value is missing here");
        return false;
    }
    if (text.length > 5 && strncmp(text.at, "tune(", 5) == 0) {
        REPORT(s, CM_DIAG_SWEEP_FORM, mark, text,
               "tune(...) searches and ${...} goes through all: one value cannot be both");
        return false;
    }
    if (dots)
        return read_range(s, mark, dots, item);
    if (!dollar)
        return true;
    if (dollar == text.at) {
        item->kind = CM_ITEM_USE;
        item->from = (struct cm_sweep_bound){.text = text, .mark = -1};
        return true;
    }
    REPORT(s, CM_DIAG_SWEEP_FORM, mark, text,
           "a $name stands alone or is an end of a range: ${$t}, ${1..$t}");
    return false;
}

static void read_items(struct cm_sweeping *s, struct cm_sweep_mark *mark, struct cm_slice body)
{
    struct cm_slice part, rest = body;
    mark->items_text = body;
    while (cm_slice_cut(&rest, ',', &part)) {
        struct cm_sweep_item item = {.text = part};
        if (!read_item(s, mark, &item))
            continue;
        mark->items =
            cm_list_grow(&s->sweep->arena, mark->items, mark->n_items, sizeof *mark->items);
        mark->items[mark->n_items++] = item;
    }
}

/* --- marks --- */

/* What is about all cells. */
static bool is_about_all(const struct cm_sweep_mark *mark)
{
    const char *name = mark->key->name;
    return strcmp(mark->section, "study") == 0 &&
           (strcmp(name, "constraint") == 0 || strcmp(name, "sample") == 0);
}

/* `body` is what stands between the braces. */
static void read_mark(struct cm_sweeping *s, struct cm_sweep_mark mark, struct cm_slice body)
{
    struct cm_sweep *sweep = s->sweep;
    if (is_about_all(&mark)) {
        REPORT(s, CM_DIAG_SWEEP_FORM, &mark, body,
               "[study] %s is about all cells: it has one value", mark.key->name);
        return;
    }
    if (sweep->n_marks == CM_SWEEP_VARIABLES) {
        REPORT(s, CM_DIAG_SWEEP_FORM, &mark, body, "more than %d variables: is this a sweep?",
               CM_SWEEP_VARIABLES);
        return;
    }
    read_items(s, &mark, take_tie(s, &mark, take_name(s, &mark, cm_slice_trim(body))));
    sweep->marks = cm_list_grow(&sweep->arena, sweep->marks, sweep->n_marks, sizeof *sweep->marks);
    sweep->marks[sweep->n_marks++] = mark;
}

static void read_value(struct cm_sweeping *s, const char *section, const struct cm_ini_key *key)
{
    const char *at = key->value;
    while ((at = strstr(at, "${"))) {
        struct cm_slice body = cm_slice_of(at + 2);
        struct cm_sweep_mark mark = {.section = section,
                                     .key = key,
                                     .at = (size_t)(at - key->value),
                                     .variable = -1,
                                     .tied = -1,
                                     .dimension = -1};
        const char *end = strchr(at, '}'), *nested = strstr(at + 2, "${");
        if (!end || (nested && nested < end)) {
            REPORT(s, CM_DIAG_SWEEP_FORM, &mark, ((struct cm_slice){at, 2}),
                   end ? "a ${...} cannot hold another; tie them with names: ${a = 1, 2}, "
                         "${1..$a}"
                       : "this ${ is not closed: a } is missing");
            return;
        }
        body.length = (size_t)(end - body.at);
        mark.length = body.length + 3;
        read_mark(s, mark, body);
        at = end + 1;
    }
}

/* An include is diagnosed where it is read. */
static bool is_include(const char *section, const struct cm_ini_key *key)
{
    return strcmp(section, "scenario") == 0 && strcmp(key->name, "include") == 0;
}

void cm_sweep_read_marks(struct cm_sweeping *s)
{
    const struct cm_document *doc = &s->sweep->document;
    for (size_t i = 0; i < doc->n; i++) {
        const struct cm_chapter *chapter = &doc->chapters[i];
        for (size_t k = 0; k < chapter->n_keys; k++)
            if (!is_include(chapter->name, chapter->keys[k].key))
                read_value(s, chapter->name, chapter->keys[k].key);
    }
}
