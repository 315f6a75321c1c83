/* A stored study as one page: the verdicts of all cells, the pictures, and behind a line to click
 * on the whole report of each cell, as far as a page can hold them. */
#include <stdio.h>

#include "analysis/report_parts.h"
#include "analysis/show_parts.h"
#include "analysis/write.h"

enum { CELLS = 48 }; /* whose reports are in the page: some 20 kB each */

struct page {
    const struct cm_show *show; /* borrowed */
    struct cm_show_verdicts verdicts;
    struct cm_buffer cells;
};

static void begin(void *self, const struct cm_show *show, struct cm_writer to)
{
    struct page *page = self;
    (void)to;
    page->show = show;
    page->verdicts.study = show->study;
}

/* "Cell 3: rate = 30, threshold = 5" */
static void write_name(const struct cm_shown *shown, struct cm_writer to)
{
    cm_print(to, "Cell %llu", (unsigned long long)shown->cell->number);
    for (size_t v = 0; v < cm_stored_variables(shown->study); v++)
        if (shown->cell->variables[v].value)
            cm_print(to, "%s %s = %s", v ? "," : ":", cm_stored_variable(shown->study, v),
                     shown->cell->variables[v].value);
}

static void add_report(struct page *page, const struct cm_shown *shown)
{
    struct cm_writer to = cm_buffer_writer(&page->cells);
    struct cm_buffer name = {0};
    const struct cm_page part = {shown->findings, &cm_write_html, to};
    const struct cm_report_options options = {.format = CM_FORMAT_HTML,
                                              .version = page->show->page->version};
    write_name(shown, cm_buffer_writer(&name));
    cm_print(to, "<details><summary>");
    cm_write_html_text(name.text, to);
    cm_print(to, "</summary>\n");
    cm_report_body(&part, &options);
    cm_print(to, "</details>\n");
    cm_buffer_release(&name);
}

static void add_cell(void *self, const struct cm_shown *shown, struct cm_writer to)
{
    struct page *page = self;
    (void)to;
    cm_show_verdicts_add(&page->verdicts, shown);
    if (page->verdicts.cells <= CELLS)
        add_report(page, shown);
}

/* The sentences that a reader of the study should know. */
static void write_notes(const struct cm_stored *study, struct cm_writer to)
{
    if (!cm_stored_note(study, 0))
        return;
    cm_write_html.begin_items(to);
    for (size_t i = 0; cm_stored_note(study, i); i++)
        cm_write_html.item(to, cm_stored_note(study, i));
    cm_write_html.end_of_items(to);
}

static void write_cells(const struct page *page, struct cm_writer to)
{
    char rest[160];
    if (!page->cells.text)
        return;
    cm_write_html.heading(to, "Cell by cell");
    cm_print(to, "%s", page->cells.text);
    if (page->verdicts.cells <= CELLS)
        return;
    snprintf(rest, sizeof rest,
             "The reports of %zu more cells would make this page too long; coalmine show --format "
             "long has every number.",
             page->verdicts.cells - CELLS);
    cm_write_html.paragraph(to, rest);
}

static void end(void *self, struct cm_writer to)
{
    const struct page *page = self;
    const struct cm_report_options *options = page->show->page;
    const char *title = cm_stored_title(page->show->study);
    cm_html_begin(title, to);
    cm_write_html.title(to, title);
    if (options->command)
        cm_write_html.code(to, options->command);
    write_notes(page->show->study, to);
    cm_show_verdicts_write(&page->verdicts, &cm_write_html, to);
    cm_html_pictures(options, to);
    write_cells(page, to);
    cm_html_folded("The study as it was written", cm_stored_text(page->show->study), to);
    cm_html_end(options->version, to);
}

static void release(void *self)
{
    struct page *page = self;
    cm_table_release(&page->verdicts.table);
    cm_buffer_release(&page->cells);
}

const struct cm_show_way cm_show_html = {
    .begin = begin,
    .cell = add_cell,
    .end = end,
    .release = release,
    .size = sizeof(struct page),
};
