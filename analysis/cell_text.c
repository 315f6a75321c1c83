/* A source that answers for one text itself and passes on every other question, keeping notes. */
#include "analysis/cell_text.h"

#include <stdio.h>
#include <string.h>

#include "analysis/results.h"
#include "sim/base/list.h"

static int read_file(void *self, const char *path, const char *relative_to, struct cm_arena *arena,
                     const char **text, size_t *length, const char **resolved, struct cm_err *err)
{
    struct cm_cell_text *cell = self;
    if (!relative_to && strcmp(path, cell->file) == 0) {
        *text = cell->text;
        *length = strlen(cell->text);
        *resolved = cell->file;
        return 0;
    }
    if (cell->files.read(cell->files.self, path, relative_to, arena, text, length, resolved, err))
        return -1;
    cell->named = cm_list_grow(&cell->arena, cell->named, cell->n_named, sizeof *cell->named);
    cell->named[cell->n_named++] = (struct cm_cell_file){
        .name = cm_arena_text(&cell->arena, path, strlen(path)),
        .bytes = {cm_arena_text(&cell->arena, *text, *length), *length},
    };
    return 0;
}

static int first_mistake(const struct cm_diags *diags, const char *file, struct cm_err *err)
{
    for (size_t i = 0; i < diags->n; i++)
        if (cm_diag_severity(diags->list[i].id) == CM_ERROR)
            return cm_fail(err, "%.100s: %.300s", file, diags->list[i].text);
    return cm_fail(err, "%.100s cannot be loaded", file);
}

/* The replications as an option, so that the scenario says so wherever it is printed. */
int cm_cell_text_load(struct cm_cell_text *cell, struct cm_scenario *scenario, struct cm_err *err)
{
    char replications[60];
    const char *const set[] = {replications, NULL};
    struct cm_diags diags = {0};
    struct cm_load load = {
        .path = cell->file,
        .source = {cell, read_file, NULL},
        .extra = cm_analysis_sections,
        .set = cell->replications ? set : NULL,
    };
    snprintf(replications, sizeof replications, "scenario.replications=%llu",
             (unsigned long long)cell->replications);
    int status = cm_scenario_load(scenario, &load, &diags);
    if (status)
        first_mistake(&diags, cell->file, err);
    cm_diags_release(&diags);
    return status;
}

void cm_cell_text_release(struct cm_cell_text *cell)
{
    cm_arena_release(&cell->arena);
    cell->named = NULL;
    cell->n_named = 0;
}
