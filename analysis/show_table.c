/* The table for people: the verdict of every cell, its variables in front of it. */
#include <string.h>

#include "analysis/show_parts.h"
#include "analysis/write.h"

static void begin(void *self, const struct cm_show *show, struct cm_writer to)
{
    struct cm_show_verdicts *v = self;
    (void)to;
    v->study = show->study;
}

/* Releases are the sections of a file, which every cell has; their effects may be swept, and are
 * not said in the headings. */
static void begin_table(struct cm_show_verdicts *t, const struct cm_results *r)
{
    cm_table_init(&t->table, NULL, cm_stored_variables(t->study) + 2);
    cm_report_column(&t->table, NULL, "cell", CM_COLUMN_COUNT);
    for (size_t v = 0; v < cm_stored_variables(t->study); v++)
        cm_report_column(&t->table, NULL, cm_stored_variable(t->study, v), CM_COLUMN_TEXT);
    cm_report_column(&t->table, NULL, "policy", CM_COLUMN_TEXT);
    t->form = cm_verdict_form_of(r, &t->table.arena);
    for (int release = -1; release + 1 < (int)r->n_releases; release++)
        cm_report_verdict_columns(&t->form, release, cm_results_release_name(r, release),
                                  &t->table);
}

void cm_show_verdicts_add(struct cm_show_verdicts *t, const struct cm_shown *shown)
{
    const struct cm_results *r = shown->findings->results;
    if (t->cells == 0)
        begin_table(t, r);
    t->cells++;
    for (size_t policy = 0; policy < r->n_policies; policy++) {
        cm_table_count(&t->table, shown->cell->number);
        for (size_t v = 0; v < cm_stored_variables(t->study); v++)
            cm_table_text(&t->table, shown->cell->variables[v].value);
        cm_table_text(&t->table, cm_results_policy(r, policy));
        for (int release = -1; release + 1 < (int)r->n_releases; release++)
            cm_report_verdict_cells(&t->form, shown->findings, (struct cm_pair){policy, release},
                                    &t->table);
    }
}

void cm_show_verdicts_write(const struct cm_show_verdicts *t, const struct cm_prose *prose,
                            struct cm_writer to)
{
    struct cm_buffer from = {0};
    cm_print(cm_buffer_writer(&from), "%zu cell%s of %s.", t->cells, t->cells == 1 ? "" : "s",
             cm_stored_file(t->study));
    prose->paragraph(to, from.text);
    if (t->cells > 0)
        prose->table(to, &t->table);
    cm_buffer_release(&from);
}

static void add_cell(void *self, const struct cm_shown *shown, struct cm_writer to)
{
    (void)to;
    cm_show_verdicts_add(self, shown);
}

static void write(const struct cm_show_verdicts *t, const struct cm_prose *prose,
                  struct cm_writer to)
{
    prose->title(to, cm_stored_title(t->study));
    cm_show_verdicts_write(t, prose, to);
}

static void write_text(void *self, struct cm_writer to)
{
    write(self, &cm_write_text, to);
}

static void write_markdown(void *self, struct cm_writer to)
{
    write(self, &cm_write_markdown, to);
}

static void release(void *self)
{
    cm_table_release(&((struct cm_show_verdicts *)self)->table);
}

const struct cm_show_way cm_show_table = {
    .begin = begin,
    .cell = add_cell,
    .end = write_text,
    .release = release,
    .size = sizeof(struct cm_show_verdicts),
};

const struct cm_show_way cm_show_markdown = {
    .begin = begin,
    .cell = add_cell,
    .end = write_markdown,
    .release = release,
    .size = sizeof(struct cm_show_verdicts),
};
