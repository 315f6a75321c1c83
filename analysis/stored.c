/* Reading a stored study. The list of cells is read at once; what a cell holds when it is asked
 * for.
 *
 * A cell has the replications that all of its series have without a gap from the first: an
 * interrupted study leaves blocks out of order, and rows are paired across policies. Rows beyond
 * what the cell asks for belong to other studies. */
#include "analysis/stored.h"

#include <assert.h>
#include <string.h>

#include "analysis/cell_text.h"
#include "sim/base/list.h"
#include "sim/base/mem.h"

struct cell {
    struct cm_stored_cell shown;
    int64_t id;
    int64_t *series;
    size_t n_series;
};

struct cm_stored {
    struct cm_store *store;
    bool owned; /* the store */
    struct cm_store_study study;
    struct cell *cells;
    size_t n;
    const char **variables;
    size_t n_variables;
    const char **notes; /* NULL-ended */
    size_t n_notes;
    const char *mixed;     /* one of the notes, or NULL */
    struct cm_arena arena; /* owns all of it */
};

/* --- the list --- */

static size_t variable_index(struct cm_stored *s, const char *name)
{
    for (size_t v = 0; v < s->n_variables; v++)
        if (strcmp(s->variables[v], name) == 0)
            return v;
    s->variables = cm_list_grow(&s->arena, s->variables, s->n_variables, sizeof *s->variables);
    s->variables[s->n_variables] = name;
    return s->n_variables++;
}

/* Every cell gets a value for every variable of the study, in one order. */
static void align_variables(struct cm_stored *s, const struct cm_store_found *found)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t v = 0; v < found[i].cell.n_variables; v++)
            variable_index(s, found[i].cell.variables[v].name);
    for (size_t i = 0; i < s->n; i++) {
        struct cm_store_variable *list =
            cm_arena_alloc(&s->arena, (s->n_variables + 1) * sizeof *list);
        for (size_t v = 0; v < s->n_variables; v++)
            list[v].name = s->variables[v];
        for (size_t v = 0; v < found[i].cell.n_variables; v++)
            list[variable_index(s, found[i].cell.variables[v].name)] = found[i].cell.variables[v];
        s->cells[i].shown.variables = list;
    }
}

static int measure_cell(struct cm_stored *s, struct cell *cell, struct cm_err *err)
{
    struct cm_stored_cell *shown = &cell->shown;
    if (cm_store_get_series(s->store, cell->id, &cell->series, &cell->n_series, &s->arena, err) ||
        cm_store_get_versions(s->store, cell->id, &shown->version, &s->arena, err))
        return -1;
    shown->replications = cell->n_series > 0 ? shown->asked : 0;
    for (size_t i = 0; i < cell->n_series; i++) {
        uint64_t n;
        if (cm_store_length(s->store, cell->series[i], &n, err))
            return -1;
        shown->replications = n < shown->replications ? n : shown->replications;
    }
    return 0;
}

static int read_cells(struct cm_stored *s, struct cm_err *err)
{
    struct cm_store_found *found;
    if (cm_store_get_cells(s->store, &found, &s->n, &s->arena, err))
        return -1;
    s->cells = cm_arena_alloc(&s->arena, (s->n + 1) * sizeof *s->cells);
    align_variables(s, found);
    int status = 0;
    for (size_t i = 0; i < s->n && !status; i++) {
        struct cell *cell = &s->cells[i];
        cell->id = found[i].id;
        cell->shown.number = found[i].cell.number;
        cell->shown.seed = found[i].cell.seed;
        cell->shown.asked = found[i].cell.replications;
        status = measure_cell(s, cell, err);
    }
    return status;
}

/* --- notes --- */

static void note(struct cm_stored *s, struct cm_buffer *text)
{
    s->notes[s->n_notes++] = cm_arena_text(&s->arena, text->text, text->length);
    cm_buffer_clear(text);
}

/* One version a study is what reproduces; a mix may hide that numbers have changed. */
static bool is_mixed(const struct cm_stored *s)
{
    const char *first = "";
    for (size_t i = 0; i < s->n; i++) {
        const char *version = s->cells[i].shown.version; /* "" = nothing was played yet */
        if (strchr(version, ',') || (*first && *version && strcmp(version, first) != 0))
            return true;
        first = *version ? version : first;
    }
    return false;
}

static void take_notes(struct cm_stored *s, size_t studies)
{
    enum { NOTES = 4 };
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    size_t incomplete = 0;
    s->notes = cm_arena_alloc(&s->arena, (NOTES + 1) * sizeof *s->notes);
    for (size_t i = 0; i < s->n; i++)
        incomplete += s->cells[i].shown.replications < s->cells[i].shown.asked;
    if (studies > 1) {
        cm_print(to, "The store holds %zu studies; this is the one that was run last.", studies);
        note(s, &text);
    }
    if (s->n < s->study.cells) {
        cm_print(to, "%zu of the %llu cells of the study are in the store.", s->n,
                 (unsigned long long)s->study.cells);
        note(s, &text);
    }
    if (incomplete > 0) {
        cm_print(to,
                 "%zu of %zu cells are incomplete: the study goes on where it stopped when it "
                 "is run into this store again.",
                 incomplete, s->n);
        note(s, &text);
    }
    if (is_mixed(s)) {
        cm_print(to, "The replications were played by several versions of the program (column "
                     "version); run the study into a new store to have them from one.");
        note(s, &text);
        s->mixed = s->notes[s->n_notes - 1];
    }
    cm_buffer_release(&text);
}

/* --- opening --- */

static int read_study(struct cm_stored *s, struct cm_err *err)
{
    size_t studies;
    if (cm_store_get_study(s->store, &s->study, &studies, &s->arena, err))
        return -1;
    if (studies == 0)
        return cm_fail(err, "there is no study in the store yet");
    if (read_cells(s, err))
        return -1;
    take_notes(s, studies);
    return 0;
}

struct cm_stored *cm_stored_of(struct cm_store *store, struct cm_err *err)
{
    struct cm_stored *s = cm_alloc(sizeof *s);
    s->store = store;
    if (read_study(s, err) == 0)
        return s;
    cm_stored_close(s);
    return NULL;
}

struct cm_stored *cm_stored_open(const char *path, struct cm_err *err)
{
    const struct cm_store_options options = {.read_only = true};
    struct cm_store *store = cm_store_open(path, &options, err);
    if (!store)
        return NULL;
    struct cm_stored *s = cm_stored_of(store, err);
    struct cm_err later;
    if (s)
        s->owned = true;
    else
        cm_store_close(store, &later);
    return s;
}

void cm_stored_close(struct cm_stored *s)
{
    struct cm_err later; /* nothing was written */
    if (!s)
        return;
    if (s->owned)
        cm_store_close(s->store, &later);
    cm_arena_release(&s->arena);
    cm_free(s);
}

/* --- what is in it --- */

const char *cm_stored_text(const struct cm_stored *s)
{
    return s->study.text;
}

const char *cm_stored_title(const struct cm_stored *s)
{
    return s->study.title;
}

const char *cm_stored_file(const struct cm_stored *s)
{
    return s->study.file;
}

size_t cm_stored_cells(const struct cm_stored *s)
{
    return s->n;
}

const struct cm_stored_cell *cm_stored_cell(const struct cm_stored *s, size_t i)
{
    assert(i < s->n);
    return &s->cells[i].shown;
}

size_t cm_stored_variables(const struct cm_stored *s)
{
    return s->n_variables;
}

const char *cm_stored_variable(const struct cm_stored *s, size_t variable)
{
    assert(variable < s->n_variables);
    return s->variables[variable];
}

const char *cm_stored_note(const struct cm_stored *s, size_t i)
{
    return i < s->n_notes ? s->notes[i] : NULL;
}

const char *cm_stored_mixed(const struct cm_stored *s)
{
    return s->mixed;
}

/* --- cells --- */

/* The files that the text of a cell names, as the store has them. */
struct kept_files {
    struct cm_store *store;
    int64_t cell;
};

static int read_kept(void *self, const char *path, const char *relative_to, struct cm_arena *arena,
                     const char **text, size_t *length, const char **resolved, struct cm_err *err)
{
    const struct kept_files *files = self;
    struct cm_slice bytes;
    (void)relative_to; /* names were resolved when the study was run */
    if (cm_store_get_file(files->store, files->cell, path, &bytes, arena, err))
        return -1;
    *text = bytes.at;
    *length = bytes.length;
    *resolved = path;
    return 0;
}

int cm_stored_scenario(struct cm_stored *s, size_t i, struct cm_scenario *scenario,
                       struct cm_err *err)
{
    assert(i < s->n);
    const struct cell *cell = &s->cells[i];
    struct kept_files files = {s->store, cell->id};
    struct cm_cell_text text = {
        .file = s->study.file,
        .replications = cell->shown.replications,
        .files = {&files, read_kept, NULL},
    };
    *scenario = (struct cm_scenario){0};
    int status = cm_store_get_text(s->store, cell->id, &text.text, &text.arena, err) ||
                 cm_cell_text_load(&text, scenario, err);
    cm_cell_text_release(&text);
    return status ? -1 : 0;
}

static int read_rows(struct cm_stored *s, const struct cell *cell, struct cm_results *results,
                     struct cm_err *err)
{
    if (results->n_cells != cell->n_series)
        return cm_fail(err, "cell %llu has %zu series, and its scenario %zu",
                       (unsigned long long)cell->shown.number, cell->n_series, results->n_cells);
    int status = 0;
    for (size_t i = 0; i < results->n_cells && !status; i++)
        status = cm_store_get_rows(s->store, cell->series[i], 0, results->cells[i].rows,
                                   (size_t)results->cells[i].replications, err);
    return status;
}

int cm_stored_load(struct cm_stored *s, size_t i, struct cm_scenario *scenario,
                   struct cm_results *results, struct cm_err *err)
{
    *results = (struct cm_results){0};
    if (cm_stored_scenario(s, i, scenario, err))
        return -1;
    /* Without a single replication the text's own number would stand. */
    scenario->run.replications = s->cells[i].shown.replications;
    cm_results_init(results, scenario);
    return read_rows(s, &s->cells[i], results, err);
}
