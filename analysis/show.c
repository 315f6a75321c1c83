/* One cell in memory at a time, whatever the format. */
#include "analysis/show.h"

#include <assert.h>
#include <string.h>

#include "analysis/show_parts.h"

static const struct cm_show_way *const ways[CM_SHOW_FORMATS] = {
    [CM_SHOW_TABLE] = &cm_show_table,       [CM_SHOW_MARKDOWN] = &cm_show_markdown,
    [CM_SHOW_CSV] = &cm_show_wide,          [CM_SHOW_LONG] = &cm_show_long,
    [CM_SHOW_JSON] = &cm_show_json,         [CM_SHOW_HTML] = &cm_show_html,
    [CM_SHOW_OUTCOMES] = &cm_show_outcomes,
};

/* --- what the formats share --- */

bool cm_show_is_number(const struct cm_stored *study, size_t variable)
{
    for (size_t i = 0; i < cm_stored_cells(study); i++) {
        const struct cm_store_variable *v = &cm_stored_cell(study, i)->variables[variable];
        if (v->value && isnan(v->number))
            return false;
    }
    return true;
}

enum { CONTEXT = 5 }; /* columns before those of the variables */

void cm_show_context_columns(const struct cm_stored *study, struct cm_table *t)
{
    cm_report_column(t, NULL, "scenario", CM_COLUMN_TEXT);
    cm_report_column(t, NULL, "version", CM_COLUMN_TEXT);
    cm_report_column(t, NULL, "seed", CM_COLUMN_COUNT);
    cm_report_column(t, NULL, "replications", CM_COLUMN_COUNT);
    cm_report_column(t, NULL, "cell", CM_COLUMN_COUNT);
    assert(t->n_columns == CONTEXT);
    for (size_t v = 0; v < cm_stored_variables(study); v++)
        cm_report_column(t, NULL, cm_stored_variable(study, v),
                         cm_show_is_number(study, v) ? CM_COLUMN_NUMBER : CM_COLUMN_TEXT);
}

/* A variable may be called like another column, `n` or `seed`: then it is `variable.n`. */
static void tell_apart(struct cm_table *t, size_t variables)
{
    for (size_t v = CONTEXT; v < CONTEXT + variables; v++)
        for (size_t c = 0; c < t->n_columns; c++) {
            struct cm_buffer name = {0};
            if (c == v || strcmp(t->columns[c].name, t->columns[v].name) != 0)
                continue;
            cm_print(cm_buffer_writer(&name), "variable.%s", t->columns[v].name);
            t->columns[v].name = cm_arena_text(&t->arena, name.text, name.length);
            cm_buffer_release(&name);
        }
}

void cm_show_context_cells(const struct cm_shown *shown, struct cm_table *t)
{
    const struct cm_stored_cell *cell = shown->cell;
    cm_table_text(t, cm_stored_file(shown->study));
    cm_table_text(t, cell->version);
    cm_table_count(t, cell->seed);
    cm_table_count(t, cell->replications);
    cm_table_count(t, cell->number);
    for (size_t v = 0; v < cm_stored_variables(shown->study); v++) {
        if (!cm_show_is_number(shown->study, v))
            cm_table_text(t, cell->variables[v].value);
        else
            cm_table_number(t, cell->variables[v].value ? cell->variables[v].number : (double)NAN);
    }
}

void cm_show_csv(struct cm_table *t, const struct cm_stored *study, bool *began,
                 struct cm_writer to)
{
    struct cm_buffer text = {0};
    tell_apart(t, cm_stored_variables(study));
    cm_write_csv(t, cm_buffer_writer(&text));
    /* No heading has a line break. */
    const char *rows = strchr(text.text, '\n') + 1;
    cm_print(to, "%s", *began ? rows : text.text);
    *began = true;
    cm_buffer_release(&text);
}

/* --- cells --- */

static bool is_wanted(const struct cm_show *show, const struct cm_stored_cell *cell)
{
    return cell->replications > 0 && (!show->wanted || show->wanted(show->self, cell));
}

/* Plans and measures that apply, without a row. */
static int survey(const struct cm_show *show, size_t i, void *self, struct cm_err *err)
{
    struct cm_scenario scenario = {0};
    struct cm_results results = {0};
    int status = cm_stored_scenario(show->study, i, &scenario, err);
    if (!status) {
        const struct cm_findings findings = {.results = &results};
        const struct cm_shown shown = {show->study, cm_stored_cell(show->study, i), &findings};
        scenario.run.replications = 0;
        cm_results_init(&results, &scenario);
        ways[show->format]->survey(self, &shown);
    }
    cm_results_release(&results);
    cm_scenario_release(&scenario);
    return status;
}

static int show_cell(const struct cm_show *show, size_t i, void *self, struct cm_writer to,
                     struct cm_err *err)
{
    struct cm_scenario scenario = {0};
    struct cm_results results = {0};
    int status = cm_stored_load(show->study, i, &scenario, &results, err);
    if (!status) {
        struct cm_findings findings;
        cm_findings_init(&findings, &results);
        const struct cm_shown shown = {show->study, cm_stored_cell(show->study, i), &findings};
        ways[show->format]->cell(self, &shown, to);
        cm_findings_release(&findings);
    }
    cm_results_release(&results);
    cm_scenario_release(&scenario);
    return status;
}

int cm_show_write(const struct cm_show *show, struct cm_writer to, struct cm_err *err)
{
    const struct cm_show_way *way = ways[show->format];
    size_t n = cm_stored_cells(show->study);
    void *self = cm_alloc(way->size + 1);
    int status = 0;
    for (size_t i = 0; way->survey && i < n && !status; i++)
        if (is_wanted(show, cm_stored_cell(show->study, i)))
            status = survey(show, i, self, err);
    if (way->begin && !status)
        way->begin(self, show, to);
    for (size_t i = 0; i < n && !status; i++)
        if (is_wanted(show, cm_stored_cell(show->study, i)))
            status = show_cell(show, i, self, to, err);
    if (way->end && !status)
        way->end(self, to);
    if (way->release)
        way->release(self);
    cm_free(self);
    return status;
}
