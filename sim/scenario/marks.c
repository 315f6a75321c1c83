/* The marks of a document. What they choose is put into the values by the same replacement that a
 * sweep uses (replace.c), so a mistake in a candidate still points into the file. */
#include "sim/scenario/marks.h"

#include <string.h>

#include "sim/base/list.h"
#include "sim/base/text.h"

struct marking {
    struct cm_marks *marks;
    const struct cm_load *load;
    struct cm_diags *diags;
    struct cm_document document;
};

/* What a policy may choose. */
static bool can_be_marked(const char *section)
{
    const char *const heads[] = {"policy.", "gate.", "metric."};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (strncmp(section, heads[i], strlen(heads[i])) == 0)
            return true;
    return false;
}

/* Whether position `at` is inside `${...}`. */
static bool is_in_sweep(const char *value, size_t at)
{
    const char *open = NULL;
    for (const char *p = value; p < value + at; p++) {
        if (p[0] == '$' && p[1] == '{')
            open = p;
        else if (*p == '}')
            open = NULL;
    }
    return open != NULL;
}

static void report(const struct marking *m, const struct cm_mark *mark, const char *text)
{
    cm_diag_add(m->diags, CM_DIAG_TUNE, mark->place, "[%s] %s: %s", mark->section, mark->key, text);
}

/* Reads one mark, and keeps it if it can be used. */
static void add_mark(struct marking *m, struct cm_mark mark, const struct cm_ini_key *key)
{
    struct cm_marks *all = m->marks;
    struct cm_err err = {0};
    mark.place = cm_ini_value_place(key, mark.at, mark.length);
    if (is_in_sweep(mark.value, mark.at)) {
        cm_diag_add(m->diags, CM_DIAG_SWEEP_FORM, mark.place,
                    "tune(...) searches and ${...} goes through all: one value cannot be both");
    } else if (!can_be_marked(mark.section)) {
        report(m, &mark,
               "only what a policy may choose can be tuned: a key of [policy.NAME], [gate.NAME] or "
               "[metric.NAME]");
    } else if (all->n == CM_MARKS_MAX) {
        report(m, &mark, "there are more values to tune than 32, the most");
    } else if (cm_mark_read(&mark, &all->arena, &err)) {
        mark.place = cm_ini_value_place(key, err.at, err.length);
        report(m, &mark, err.text);
    } else {
        all->list = cm_list_grow(&all->arena, all->list, all->n, sizeof *all->list);
        all->list[all->n++] = mark;
    }
}

static void find_marks(struct marking *m, const struct cm_chapter *chapter)
{
    for (size_t k = 0; k < chapter->n_keys; k++) {
        const struct cm_ini_key *key = chapter->keys[k].key;
        size_t from = 0, at, length;
        for (; cm_mark_find(key->value, from, &at, &length); from = at + length)
            add_mark(m,
                     (struct cm_mark){.section = chapter->name,
                                      .key = key->name,
                                      .value = key->value,
                                      .at = at,
                                      .length = length},
                     key);
    }
}

/* --- what the key's type says --- */

/* A row, and the size of the struct that it fills; row NULL = there is none. */
struct row {
    const struct cm_param *param;
    size_t size;
};

static struct row row_in_kind(const struct cm_kind *kind, const char *key)
{
    const struct cm_param *found = kind && kind->params ? cm_param_find(kind->params, key) : NULL;
    return (struct row){found, found ? kind->options_size : 0};
}

/* The row of a key in a section, in the kind that its chapter says, or, where that is open, in any
 * kind. */
static struct row row_in_section(const struct cm_section *section, const struct cm_chapter *chapter,
                                 const char *key)
{
    struct row row = {cm_param_find(section->params, key), section->size};
    const struct cm_written *said =
        section->kind_key ? cm_chapter_key(chapter, section->kind_key) : NULL;
    if (!row.param && said)
        row = row_in_kind(cm_kind_find(section->kinds, said->key->value), key);
    for (size_t i = 0; !row.param && section->kinds && section->kinds[i]; i++)
        row = row_in_kind(section->kinds[i], key);
    return row;
}

static struct row row_of(const struct marking *m, const struct cm_mark *mark)
{
    const struct cm_section *const *lists[] = {cm_scenario_sections, m->load->extra};
    const struct cm_chapter *chapter = cm_document_find(&m->document, mark->section);
    struct cm_slice head = {mark->section, strcspn(mark->section, ".")};
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; lists[l] && lists[l][i]; i++)
            if (cm_slice_is(head, lists[l][i]->name))
                return row_in_section(lists[l][i], chapter, mark->key);
    return (struct row){0};
}

/* The value with this mark at `u`, and every other of the same value in its middle. */
static const char *value_with(struct marking *m, size_t which, double u)
{
    const struct cm_mark *list = m->marks->list, *mark = &list[which];
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    size_t done = 0;
    for (size_t i = 0; i < m->marks->n; i++) {
        if (list[i].value != mark->value)
            continue;
        cm_print(to, "%.*s", (int)(list[i].at - done), mark->value + done);
        cm_mark_text(&list[i], i == which ? u : 0.5, to);
        done = list[i].at + list[i].length;
    }
    cm_print(to, "%s", mark->value + done);
    const char *kept = cm_arena_text(&m->marks->arena, text.text, text.length);
    cm_buffer_release(&text);
    return kept;
}

/* Reads the value as the loader will; it goes nowhere, only the verdict counts. */
static int read_at(struct marking *m, size_t which, double u, struct row row, struct cm_err *err)
{
    void *scratch = cm_arena_alloc(&m->marks->arena, row.size);
    return cm_param_set(row.param, scratch, value_with(m, which, u), &m->marks->arena, err);
}

/* A mark that is the whole value has to be right everywhere. One that is a part of it may
 * contradict other parts here and there (steps have to ascend): it has to be right somewhere. */
static void check_type(struct marking *m, size_t which)
{
    const struct cm_mark *mark = &m->marks->list[which];
    struct row row = row_of(m, mark);
    size_t points = mark->n_choices > 0 ? mark->n_choices : 3, wrong = 0;
    struct cm_err err = {0}, why = {0};
    if (!row.param) /* the loader will say what is wrong about the key */
        return;
    for (size_t i = 0; i < points; i++) {
        if (read_at(m, which, (double)i / (double)(points - 1), row, &err) && wrong++ == 0)
            why = err;
    }
    bool whole = mark->length == strlen(mark->value);
    if (whole ? wrong > 0 : wrong == points)
        report(m, mark, why.text);
}

/* --- all of them --- */

int cm_marks_read(struct cm_marks *marks, const struct cm_load *load, struct cm_diags *diags)
{
    *marks = (struct cm_marks){0};
    struct marking m = {.marks = marks, .load = load, .diags = diags};
    m.document = (struct cm_document){.arena = &marks->arena, .diags = diags};
    if (cm_document_read(&m.document, load))
        return -1;
    size_t before = diags->errors;
    for (size_t i = 0; i < m.document.n; i++)
        find_marks(&m, &m.document.chapters[i]);
    for (size_t i = 0; i < marks->n; i++)
        check_type(&m, i);
    return diags->errors > before ? -1 : 0;
}

void cm_marks_release(struct cm_marks *marks)
{
    cm_arena_release(&marks->arena);
    *marks = (struct cm_marks){0};
}

const struct cm_replacement *cm_marks_replace(const struct cm_marks *marks, const double *u,
                                              struct cm_arena *arena)
{
    struct cm_replacement *list = cm_arena_alloc(arena, (marks->n + 1) * sizeof *list);
    for (size_t i = 0; i < marks->n; i++) {
        const struct cm_mark *mark = &marks->list[i];
        struct cm_buffer text = {0};
        cm_mark_text(mark, u[i], cm_buffer_writer(&text));
        list[i] = (struct cm_replacement){mark->section, mark->key, mark->at, mark->length,
                                          cm_arena_text(arena, text.text, text.length)};
        cm_buffer_release(&text);
    }
    return list;
}
