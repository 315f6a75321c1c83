/* The document is read once; a cell is that document with its values put in. What cells have in
 * common, texts and places, they share.
 *
 * A mistake that every cell makes is said as if there were one scenario, one that only some make
 * with the values of the first that does. */
#include "sim/scenario/sweep.h"

#include <string.h>

#include "sim/base/list.h"
#include "sim/scenario/load.h"
#include "sim/scenario/sweep_parts.h"

static const struct cm_ini_key *study_key(const struct cm_document *doc, const char *name)
{
    const struct cm_written *written = cm_chapter_key(cm_document_find(doc, "study"), name);
    bool is_none = !written || strcmp(written->key->value, "none") == 0;
    return is_none ? NULL : written->key;
}

/* A resolved scenario may have kept what its sweep was chosen by. */
static void warn_unused(struct cm_sweeping *s, const struct cm_ini_key *key)
{
    if (key)
        cm_diag_add(s->diags, CM_DIAG_UNUSED, key->place,
                    "[study] %s is about the cells of a sweep, and no value has a ${...}",
                    key->name);
}

/* The passes, each on what the one before it made of the file. */
static void find_cells(struct cm_sweeping *s)
{
    size_t errors = s->diags->errors;
    cm_sweep_read_marks(s);
    if (s->sweep->n_marks == 0) {
        warn_unused(s, s->sample);
        warn_unused(s, s->constraint);
        s->sample = s->constraint = NULL;
    }
    if (s->diags->errors == errors)
        cm_sweep_link(s);
    if (s->diags->errors == errors)
        cm_sweep_sample(s);
    if (s->diags->errors == errors)
        cm_sweep_expand(s);
}

int cm_sweep_read(struct cm_sweep *sweep, const struct cm_load *load, struct cm_diags *diags)
{
    size_t before = diags->errors;
    *sweep = (struct cm_sweep){.load = *load};
    sweep->document = (struct cm_document){.arena = &sweep->arena, .diags = diags};
    if (cm_document_read(&sweep->document, load))
        return -1;
    size_t errors = diags->errors; /* what is readable is gone on with */
    struct cm_sweeping s = {
        .sweep = sweep,
        .diags = diags,
        .sample = study_key(&sweep->document, "sample"),
        .constraint = study_key(&sweep->document, "constraint"),
    };
    find_cells(&s);
    sweep->errors = errors - before;
    if (diags->errors != errors)
        sweep->n_cells = 0;
    return diags->errors == before ? 0 : -1;
}

void cm_sweep_release(struct cm_sweep *sweep)
{
    cm_free(sweep->values);
    cm_arena_release(&sweep->arena);
    *sweep = (struct cm_sweep){0};
}

/* --- values --- */

const char *cm_sweep_value(const struct cm_sweep *sweep, size_t cell, size_t variable)
{
    return sweep->values[cell * sweep->n_variables + variable];
}

void cm_sweep_describe(const struct cm_sweep *sweep, size_t cell, struct cm_writer to)
{
    for (size_t i = 0; i < sweep->n_variables; i++)
        cm_print(to, "%s%s = %s", i ? ", " : "", sweep->variables[i].name,
                 cm_sweep_value(sweep, cell, i));
}

static void print_chapter(const struct cm_chapter *chapter, struct cm_writer to)
{
    bool is_scenario = strcmp(chapter->name, "scenario") == 0;
    cm_print(to, "[%s]\n", chapter->name);
    for (size_t i = 0; i < chapter->n_keys; i++) {
        const struct cm_ini_key *key = chapter->keys[i].key;
        bool is_left_out = is_scenario && (strcmp(key->name, "replications") == 0 ||
                                           strcmp(key->name, "include") == 0);
        if (!is_left_out)
            cm_print(to, "%s = %s\n", key->name, key->value);
    }
}

void cm_sweep_print(const struct cm_sweep *sweep, struct cm_writer to)
{
    for (size_t i = 0; i < sweep->document.n; i++)
        print_chapter(&sweep->document.chapters[i], to);
}

struct cm_value cm_sweep_quantity_of(const struct cm_sweep_variable *variable, const char *text)
{
    struct cm_quantity quantity = {0};
    struct cm_err err = {0};
    if (cm_units_read_any(text, &quantity, &err))
        return cm_value_text(text);
    struct cm_value value = cm_value_number(quantity.value, quantity.unit);
    if (quantity.unit == CM_PURE) {
        value.scale = variable->scale;
        value.scale_unit = variable->unit;
    }
    return value;
}

struct cm_value cm_sweep_quantity(const struct cm_sweep *sweep, size_t cell, size_t variable)
{
    return cm_sweep_quantity_of(&sweep->variables[variable], cm_sweep_value(sweep, cell, variable));
}

/* --- cells as scenarios --- */

const char *cm_sweep_text(const struct cm_sweep *sweep, size_t cell, size_t i)
{
    const struct cm_sweep_mark *mark = &sweep->marks[i];
    const struct cm_sweep_mark *has =
        mark->variable >= 0 ? mark : &sweep->marks[mark->items[0].from.mark];
    return cm_sweep_value(sweep, cell, (size_t)has->variable);
}

static const struct cm_replacement *replacements(const struct cm_sweep *sweep, size_t cell,
                                                 struct cm_arena *arena)
{
    struct cm_replacement *list = cm_arena_alloc(arena, (sweep->n_marks + 1) * sizeof *list);
    for (size_t i = 0; i < sweep->n_marks; i++) {
        const struct cm_sweep_mark *mark = &sweep->marks[i];
        list[i] = (struct cm_replacement){mark->section, mark->key->name, mark->at, mark->length,
                                          cm_sweep_text(sweep, cell, i)};
    }
    return list;
}

/* A cell is no longer one of many. */
static bool is_about_all(const struct cm_chapter *chapter, const struct cm_ini_key *key)
{
    return strcmp(chapter->name, "study") == 0 &&
           (strcmp(key->name, "constraint") == 0 || strcmp(key->name, "sample") == 0);
}

/* Chapters that may be written to. Lists in an arena tell their room by their length, so copies get
 * the room that their lengths promise. */
static void copy_chapter(struct cm_chapter *copy, const struct cm_chapter *chapter,
                         struct cm_arena *arena)
{
    *copy = *chapter;
    copy->keys = NULL;
    copy->n_keys = 0;
    for (size_t i = 0; i < chapter->n_keys; i++) {
        if (is_about_all(chapter, chapter->keys[i].key))
            continue;
        copy->keys = cm_list_grow(arena, copy->keys, copy->n_keys, sizeof *copy->keys);
        copy->keys[copy->n_keys++] = chapter->keys[i];
    }
}

static void copy_document(struct cm_document *copy, const struct cm_document *doc)
{
    copy->chapters = NULL;
    for (size_t i = 0; i < doc->n; i++) {
        copy->chapters = cm_list_grow(copy->arena, copy->chapters, i, sizeof *copy->chapters);
        copy_chapter(&copy->chapters[i], &doc->chapters[i], copy->arena);
    }
}

int cm_sweep_load(const struct cm_sweep *sweep, size_t cell, struct cm_scenario *scenario,
                  struct cm_diags *diags)
{
    *scenario = (struct cm_scenario){0};
    struct cm_document document = sweep->document;
    document.arena = &scenario->arena;
    document.diags = diags;
    copy_document(&document, &sweep->document);
    if (cm_document_complete(&document, replacements(sweep, cell, &scenario->arena),
                             sweep->n_marks))
        return -1;
    return cm_scenario_build(scenario, &document, &sweep->load);
}

/* --- all cells --- */

/* A mistake, and the cells that make it. */
struct shared {
    struct cm_diag diag; /* as the first of them says it */
    size_t cells, first, last;
    bool differs; /* others say it with other numbers */
};

struct checking {
    const struct cm_sweep *sweep;
    struct shared list[CM_DIAGS_SHOWN];
    size_t n, cells; /* loaded */
    struct cm_arena arena;
};

static bool same_place(const struct cm_place *a, const struct cm_place *b)
{
    bool same_file = a->file == b->file || (a->file && b->file && strcmp(a->file, b->file) == 0);
    return same_file && a->line == b->line && a->column == b->column;
}

/* The same words at the same place; or at least the same mistake, of another cell. */
static struct shared *find_shared(struct checking *c, size_t cell, const struct cm_diag *diag)
{
    struct shared *like = NULL;
    for (size_t i = 0; i < c->n; i++) {
        struct shared *s = &c->list[i];
        if (s->diag.id != diag->id || !same_place(&s->diag.place, &diag->place))
            continue;
        if (strcmp(s->diag.text, diag->text) == 0)
            return s;
        like = s->last == cell ? like : s;
    }
    return like;
}

static void note(struct checking *c, size_t cell, const struct cm_diag *diag)
{
    struct shared *s = find_shared(c, cell, diag);
    if (!s && c->n == CM_DIAGS_SHOWN)
        return;
    if (!s) {
        s = &c->list[c->n++];
        *s = (struct shared){.diag = *diag, .first = cell};
        s->diag.text = cm_arena_text(&c->arena, diag->text, strlen(diag->text));
    }
    s->differs |= strcmp(s->diag.text, diag->text) != 0;
    s->cells++;
    s->last = cell;
}

static void say(const struct checking *c, const struct shared *s, struct cm_diags *diags)
{
    struct cm_buffer where = {0};
    struct cm_writer to = cm_buffer_writer(&where);
    if (c->sweep->n_variables && (s->cells < c->cells || s->differs)) {
        cm_print(to, " (where ");
        cm_sweep_describe(c->sweep, s->first, to);
        if (s->cells > 1)
            cm_print(to, "; also in %zu other cell%s of %zu%s", s->cells - 1,
                     s->cells == 2 ? "" : "s", c->sweep->n_cells,
                     s->differs ? ", with other numbers" : "");
        cm_print(to, ")");
    }
    cm_diag_add(diags, s->diag.id, s->diag.place, "%s%s", s->diag.text,
                where.text ? where.text : "");
    cm_buffer_release(&where);
}

static size_t check_cell(struct checking *c, size_t cell)
{
    struct cm_scenario scenario;
    struct cm_diags diags = {.errors = c->sweep->errors};
    cm_sweep_load(c->sweep, cell, &scenario, &diags);
    for (size_t i = 0; i < diags.n; i++)
        note(c, cell, &diags.list[i]);
    size_t errors = diags.errors - c->sweep->errors;
    c->cells++;
    cm_diags_release(&diags);
    cm_scenario_release(&scenario);
    return errors;
}

int cm_sweep_check(const struct cm_sweep *sweep, struct cm_diags *diags)
{
    const size_t enough = 1000; /* mistakes: more cells would only repeat them */
    struct checking *c = cm_alloc(sizeof *c);
    size_t errors = 0;
    c->sweep = sweep;
    for (size_t i = 0; i < sweep->n_cells && errors < enough; i++)
        errors += check_cell(c, i);
    for (size_t i = 0; i < c->n; i++)
        say(c, &c->list[i], diags);
    cm_arena_release(&c->arena);
    cm_free(c);
    return errors ? -1 : 0;
}
