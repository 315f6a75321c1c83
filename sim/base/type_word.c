/* flag, choice, text, ref, refs: words rather than numbers.
 *
 * A flag is written yes or no, and printed so; what other tools write (true, on) is read, too. A
 * choice is stored as the index of its name in the row's domain, so that an enum in the same order
 * can be switched on. References are only names here: which section they mean is found when the
 * scenario is linked, because it may stand further down, or in another file.
 *
 * Assumes that a name never needs quoting: [a-z][a-z0-9-]* has no character that INI, a shell or
 * CSV would read as its own. */
#include "sim/base/type.h"

#include <assert.h>
#include <string.h>

#include "sim/base/text.h"

enum { SHOWN = 60 };

/* Even names mean no, odd ones yes. */
static int flag_parse(const struct cm_param *row, const char *text, void *out,
                      struct cm_arena *arena, struct cm_err *err)
{
    static const char *const names[] = {"no", "yes", "false", "true", "off", "on", NULL};
    (void)row;
    (void)arena;
    bool *field = out;
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], text) == 0) {
            *field = i % 2 != 0;
            return 0;
        }
    }
    return cm_fail(err, "'%.*s' is neither yes nor no", SHOWN, text);
}

static void flag_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    cm_print(to, *(const bool *)value ? "yes" : "no");
}

const struct cm_type cm_type_flag = {
    .name = "flag",
    .accepts = "yes, no",
    .parse = flag_parse,
    .print = flag_print,
};

/* Near misses get the name that was meant; anything else gets the whole list, which is short. */
static int fail_choice(const char *text, const char *const *names, struct cm_err *err)
{
    const char *near = cm_nearest(text, names);
    if (near)
        return cm_fail(err, "unknown choice '%.*s' (did you mean '%s'?)", SHOWN, text, near);
    struct cm_buffer list = {0};
    for (size_t i = 0; names[i]; i++)
        cm_print(cm_buffer_writer(&list), "%s%s", i ? ", " : "", names[i]);
    cm_fail(err, "unknown choice '%.*s' (one of: %s)", SHOWN, text, list.text);
    cm_buffer_release(&list);
    return -1;
}

static int choice_parse(const struct cm_param *row, const char *text, void *out,
                        struct cm_arena *arena, struct cm_err *err)
{
    (void)arena;
    const char *const *names = row->domain;
    int *field = out;
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], text) == 0) {
            *field = i;
            return 0;
        }
    }
    return fail_choice(text, names, err);
}

/* The parser lets no index in that the domain does not have. */
static void choice_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const char *const *names = row->domain;
    cm_print(to, "%s", names[*(const int *)value]);
}

const struct cm_type cm_type_choice = {
    .name = "choice",
    .accepts = "one of the names listed",
    .parse = choice_parse,
    .print = choice_print,
};

/* Any text is a text, also one that looks like a number or has blanks within. */
static int text_parse(const struct cm_param *row, const char *text, void *out,
                      struct cm_arena *arena, struct cm_err *err)
{
    (void)err;
    const char **field = out;
    *field = cm_type_is_none(row, text) ? NULL : cm_arena_text(arena, text, strlen(text));
    return 0;
}

static void text_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const char *text = *(const char *const *)value;
    cm_print(to, "%s", text ? text : "none");
}

const struct cm_type cm_type_text = {
    .name = "text",
    .accepts = "any text on one line",
    .parse = text_parse,
    .print = text_print,
};

/* One name in a value that begins at `text`. */
static int parse_name(const char *text, struct cm_slice name, struct cm_ref *ref,
                      struct cm_arena *arena, struct cm_err *err)
{
    /* where the name stands in the value, for the caret */
    size_t at = (size_t)(name.at - text);
    int shown = name.length < SHOWN ? (int)name.length : SHOWN;
    if (!name.length)
        return cm_fail_at(err, at, 1, "a name is missing in '%.*s'", SHOWN, text);
    if (!cm_text_is_name(name))
        return cm_fail_at(err, at, name.length,
                          "'%.*s' is not a name (a-z, then a-z, 0-9 and -, at most 40)", shown,
                          name.at);
    *ref = (struct cm_ref){.name = cm_arena_text(arena, name.at, name.length), .index = -1};
    return 0;
}

static int ref_parse(const struct cm_param *row, const char *text, void *out,
                     struct cm_arena *arena, struct cm_err *err)
{
    struct cm_ref *field = out;
    if (cm_type_is_none(row, text)) {
        *field = (struct cm_ref){.name = NULL, .index = -1};
        return 0;
    }
    return parse_name(text, cm_slice_of(text), field, arena, err);
}

static void ref_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const struct cm_ref *ref = value;
    cm_print(to, "%s", ref->name ? ref->name : "none");
}

/* One section. The index stays -1 until the scenario is linked. */
const struct cm_type cm_type_ref = {
    .name = "name",
    .accepts = "the name of another section",
    .parse = ref_parse,
    .print = ref_print,
};

/* A gate that is asked twice would count twice: a name may stand only once. */
static bool is_listed(const struct cm_refs *list, struct cm_slice name)
{
    for (size_t i = 0; i < list->n; i++)
        if (cm_slice_is(name, list->refs[i].name))
            return true;
    return false;
}

/* Room for every name is made at once: there is one more than there are commas. A comma at the end
 * of a line is where a list was cut short, so it is refused rather than passed over. */
static int refs_parse(const struct cm_param *row, const char *text, void *out,
                      struct cm_arena *arena, struct cm_err *err)
{
    struct cm_refs list = {0}, *field = out;
    struct cm_slice rest = cm_slice_of(cm_type_is_none(row, text) ? "" : text), name;
    size_t room = 1;
    for (const char *comma = rest.at; (comma = strchr(comma, ',')); comma++)
        room++;
    list.refs = cm_arena_alloc(arena, room * sizeof *list.refs);
    /* A comma at the very end leaves a rest of no length, which is noticed below. */
    while (rest.length && cm_slice_cut(&rest, ',', &name)) {
        if (is_listed(&list, name))
            return cm_fail_at(err, (size_t)(name.at - text), name.length, "'%.*s' stands twice",
                              (int)name.length, name.at);
        if (parse_name(text, name, &list.refs[list.n], arena, err))
            return -1;
        list.n++;
    }
    if (rest.at && list.n)
        return cm_fail(err, "a name is missing after the last comma of '%.*s'", SHOWN, text);
    *field = list;
    return 0;
}

static void refs_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const struct cm_refs *list = value;
    if (!list->n)
        cm_print(to, "none");
    for (size_t i = 0; i < list->n; i++)
        cm_print(to, "%s%s", i ? ", " : "", list->refs[i].name);
}

/* Several, in the order in which they are asked. */
const struct cm_type cm_type_refs = {
    .name = "names",
    .accepts = "names of other sections, with commas between them",
    .parse = refs_parse,
    .print = refs_print,
};
