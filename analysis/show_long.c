/* For programs, a row a number: as CSV with all of its context, as JSON cell by cell. */
#include "analysis/show_parts.h"
#include "analysis/write.h"

enum { SCHEMA_VERSION = 1 }; /* of the JSON; it grows when a key goes or changes its meaning */

struct progress {
    bool began; /* something was written */
};

/* --- CSV --- */

/* A cell of another table, which goes before this one does. */
static void copy_cell(struct cm_table *t, const struct cm_column *column,
                      const struct cm_table_cell *cell)
{
    if (column->type == CM_COLUMN_TEXT)
        cm_table_text(t, cell->text);
    else if (column->type == CM_COLUMN_COUNT)
        cm_table_count(t, cell->estimate.n);
    else
        cm_table_estimate(t, cell->estimate);
}

/* The rows of a report, each behind what the report was about. */
static void add_long(void *self, const struct cm_shown *shown, struct cm_writer to)
{
    struct progress *progress = self;
    struct cm_table rows, t;
    cm_report_long(shown->findings, NULL, &rows);
    cm_table_init(&t, NULL, 0);
    cm_show_context_columns(shown->study, &t);
    for (size_t c = 0; c < rows.n_columns; c++)
        cm_table_column(&t, rows.columns[c]);
    for (size_t row = 0; row < cm_table_rows(&rows); row++) {
        cm_show_context_cells(shown, &t);
        for (size_t c = 0; c < rows.n_columns; c++)
            copy_cell(&t, &rows.columns[c], cm_table_at(&rows, row, c));
    }
    cm_show_csv(&t, shown->study, &progress->began, to);
    cm_table_release(&t);
    cm_table_release(&rows);
}

const struct cm_show_way cm_show_long = {
    .cell = add_long,
    .size = sizeof(struct progress),
};

/* --- JSON --- */

static void begin_json(void *self, const struct cm_show *show, struct cm_writer to)
{
    (void)self;
    cm_print(to, "{\"schema_version\": %d,\n\"scenario\": {\"file\": ", SCHEMA_VERSION);
    cm_write_json_text(cm_stored_file(show->study), to);
    cm_print(to, ", \"title\": ");
    cm_write_json_text(cm_stored_title(show->study), to);
    cm_print(to, "},\n\"cells\": [");
}

static void print_variables(const struct cm_shown *shown, struct cm_writer to)
{
    for (size_t v = 0; v < cm_stored_variables(shown->study); v++) {
        const struct cm_store_variable *variable = &shown->cell->variables[v];
        cm_print(to, v ? ", " : "");
        cm_write_json_text(cm_stored_variable(shown->study, v), to);
        cm_print(to, ": ");
        if (cm_show_is_number(shown->study, v))
            cm_write_json_number(variable->value ? variable->number : (double)NAN, to);
        else
            cm_write_json_text(variable->value, to);
    }
}

static void add_json(void *self, const struct cm_shown *shown, struct cm_writer to)
{
    struct progress *progress = self;
    struct cm_table rows;
    cm_print(to, "%s\n{\"cell\": %llu, \"variables\": {", progress->began ? "," : "",
             (unsigned long long)shown->cell->number);
    print_variables(shown, to);
    cm_print(to, "}, \"seed\": %llu, \"replications\": %llu, \"version\": ",
             (unsigned long long)shown->cell->seed, (unsigned long long)shown->cell->replications);
    cm_write_json_text(shown->cell->version, to);
    cm_print(to, ",\n\"results\": ");
    cm_report_long(shown->findings, NULL, &rows);
    cm_write_json_rows(&rows, to);
    cm_print(to, "}");
    progress->began = true;
    cm_table_release(&rows);
}

static void end_json(void *self, struct cm_writer to)
{
    (void)self;
    cm_print(to, "]}\n");
}

const struct cm_show_way cm_show_json = {
    .begin = begin_json,
    .cell = add_json,
    .end = end_json,
    .size = sizeof(struct progress),
};
