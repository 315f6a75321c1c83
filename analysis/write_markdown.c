/* A report for a pull request: tables with pipes, as GitHub Flavored Markdown reads them (its
 * specification 0.29, 4.10). Names and titles come from a user's file, so what would be markup is
 * escaped; names with underscores are left alone, since inside a word they are no markup.
 *
 * Nothing is wrapped: a line break inside a paragraph would survive in some readers. */
#include <string.h>

#include "analysis/words.h"
#include "analysis/write.h"
#include "sim/base/utf8.h"

/* One character of the user's text must not become markup; a line break would end the block. */
static void print_escaped(struct cm_writer to, const char *text)
{
    struct cm_buffer clean = {0};
    cm_print(cm_buffer_writer(&clean), "%s", "");
    for (const char *c = text; *c; c++) {
        bool tag = *c == '<' && c[1] != ' ' && c[1] != '\0';
        bool markup = strchr("\\|`*", *c) != NULL;
        cm_print(cm_buffer_writer(&clean), "%s%c", tag || markup ? "\\" : "",
                 *c == '\n' ? ' ' : *c);
    }
    cm_write_clean(to, clean.text, clean.length);
    cm_buffer_release(&clean);
}

static void block(struct cm_writer to, const char *before, const char *text, const char *after)
{
    cm_print(to, "%s", before);
    print_escaped(to, text);
    cm_print(to, "%s", after);
}

static void title(struct cm_writer to, const char *text)
{
    block(to, "# ", text, "\n\n");
}

static void heading(struct cm_writer to, const char *text)
{
    block(to, "## ", text, "\n\n");
}

static void paragraph(struct cm_writer to, const char *text)
{
    block(to, "", text, "\n\n");
}

/* Indented by four: nothing in it is markup. */
static void code(struct cm_writer to, const char *text)
{
    cm_print(to, "    %s\n\n", text);
}

static void begin_items(struct cm_writer to)
{
    (void)to; /* the first item says it */
}

static void item(struct cm_writer to, const char *text)
{
    block(to, "- ", text, "\n");
}

static void end_of_items(struct cm_writer to)
{
    cm_print(to, "\n");
}

/* A group is named over the first of its columns. */
static bool begins_group(const struct cm_table *t, size_t c)
{
    const char *group = t->columns[c].group, *before = c > 0 ? t->columns[c - 1].group : NULL;
    return group && (!before || strcmp(group, before) != 0);
}

/* One line only: a table has no second row of headings, so groups are said in bold. */
static void print_headings(struct cm_writer to, const struct cm_table *t)
{
    cm_print(to, "|");
    for (size_t c = 0; c < t->n_columns; c++) {
        const char *name = t->columns[c].name;
        cm_print(to, " ");
        if (begins_group(t, c))
            block(to, "**", t->columns[c].group, "**<br>");
        block(to, "", name, " |");
    }
    cm_print(to, "\n|");
    for (size_t c = 0; c < t->n_columns; c++)
        cm_print(to, t->columns[c].type == CM_COLUMN_TEXT ? "---|" : "---:|");
    cm_print(to, "\n");
}

/* Limits stand in the cell of their value. */
static void print_cell(struct cm_writer to, const struct cm_column *column,
                       const struct cm_table_cell *cell)
{
    struct cm_buffer text = {0};
    struct cm_writer into = cm_buffer_writer(&text);
    cm_print(into, "%s", "");
    if (column->type == CM_COLUMN_TEXT)
        cm_print(into, "%s", cell->text ? cell->text : "");
    else if (column->interval)
        cm_words_both(column, &cell->estimate, into);
    else
        cm_words_estimate(column, &cell->estimate, into);
    block(to, " ", text.text, " |");
    cm_buffer_release(&text);
}

/* The title becomes a heading, so that a reader can link to a table. */
static void table(struct cm_writer to, const struct cm_table *t)
{
    if (t->title)
        heading(to, t->title);
    print_headings(to, t);
    for (size_t r = 0; r < cm_table_rows(t); r++) {
        cm_print(to, "|");
        for (size_t c = 0; c < t->n_columns; c++)
            print_cell(to, &t->columns[c], cm_table_at(t, r, c));
        cm_print(to, "\n");
    }
    cm_print(to, "\n");
    for (size_t i = 0; i < t->n_notes; i++)
        paragraph(to, t->notes[i]);
}

const struct cm_prose cm_write_markdown = {
    .title = title,
    .heading = heading,
    .paragraph = paragraph,
    .code = code,
    .begin_items = begin_items,
    .item = item,
    .table = table,
    .end_of_items = end_of_items,
};
