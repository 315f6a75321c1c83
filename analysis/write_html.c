/* A report for a browser: elements of HTML (Living Standard), every text escaped. Headings of
 * tables that belong together share a cell above them, limits are muted beside their value, and a
 * table wider than the page scrolls by itself.
 *
 * Only the pieces are made here; the document around them and its style are report_html.c. */
#include <string.h>

#include "analysis/words.h"
#include "analysis/write.h"
#include "sim/base/utf8.h"

/* Bytes that no page may hold are "?" first; then what would be markup is escaped. */
static void escape(const char *text, size_t length, struct cm_writer to)
{
    struct cm_buffer clean = {0};
    cm_print(cm_buffer_writer(&clean), "%s", "");
    cm_write_clean(cm_buffer_writer(&clean), text, length);
    for (const char *c = clean.text; *c;) {
        size_t plain = strcspn(c, "&<>\"'");
        cm_print(to, "%.*s", (int)plain, c);
        c += plain;
        if (*c)
            cm_print(to, "&#%d;", *c++);
    }
    cm_buffer_release(&clean);
}

void cm_write_html_text(const char *text, struct cm_writer to)
{
    if (text)
        escape(text, strlen(text), to);
}

void cm_write_html_lines(const char *text, struct cm_writer to)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        escape(text, length, to);
        text += length;
        if (*text == '\n') {
            cm_print(to, "\n");
            text++;
        }
    }
}

static void element(struct cm_writer to, const char *name, const char *text)
{
    cm_print(to, "<%s>", name);
    cm_write_html_text(text, to);
    cm_print(to, "</%s>\n", name);
}

static void title(struct cm_writer to, const char *text)
{
    element(to, "h1", text);
}

static void heading(struct cm_writer to, const char *text)
{
    element(to, "h2", text);
}

static void paragraph(struct cm_writer to, const char *text)
{
    element(to, "p", text);
}

static void code(struct cm_writer to, const char *text)
{
    cm_print(to, "<pre><code>");
    cm_write_html_text(text, to);
    cm_print(to, "</code></pre>\n");
}

static void begin_items(struct cm_writer to)
{
    cm_print(to, "<ul>\n");
}

static void item(struct cm_writer to, const char *text)
{
    element(to, "li", text);
}

static void end_of_items(struct cm_writer to)
{
    cm_print(to, "</ul>\n");
}

/* --- tables --- */

static bool same_group(const struct cm_table *t, size_t a, size_t b)
{
    const char *one = t->columns[a].group, *other = t->columns[b].group;
    return one && other && strcmp(one, other) == 0;
}

/* The columns from `c` on that share its group. */
static size_t group_of(const struct cm_table *t, size_t c)
{
    size_t n = 1;
    while (c + n < t->n_columns && same_group(t, c, c + n))
        n++;
    return n;
}

/* Numbers stand right, under headings that do. */
static const char *class_of(const struct cm_column *column)
{
    return column->type == CM_COLUMN_TEXT ? "" : " class=\"n\"";
}

static void group_headings(struct cm_writer to, const struct cm_table *t)
{
    bool any = false;
    for (size_t c = 0; c < t->n_columns; c++)
        any |= t->columns[c].group != NULL;
    if (!any)
        return;
    cm_print(to, "<tr class=\"groups\">");
    for (size_t c = 0; c < t->n_columns; c += group_of(t, c)) {
        const char *group = t->columns[c].group;
        cm_print(to, "<%s colspan=\"%zu\">", group ? "th scope=\"colgroup\"" : "td",
                 group_of(t, c));
        cm_write_html_text(group, to);
        cm_print(to, "</%s>", group ? "th" : "td");
    }
    cm_print(to, "</tr>\n");
}

static void headings(struct cm_writer to, const struct cm_table *t)
{
    cm_print(to, "<thead>\n");
    group_headings(to, t);
    cm_print(to, "<tr>");
    for (size_t c = 0; c < t->n_columns; c++) {
        cm_print(to, "<th scope=\"col\"%s>", class_of(&t->columns[c]));
        cm_write_html_lines(t->columns[c].name, to);
        cm_print(to, "</th>");
    }
    cm_print(to, "</tr>\n</thead>\n");
}

static void collected(struct cm_buffer *text, struct cm_writer to)
{
    cm_write_html_text(text->text, to);
    cm_buffer_clear(text);
}

/* Limits stand in the cell of their value. */
static void number(struct cm_writer to, const struct cm_column *column,
                   const struct cm_estimate *estimate)
{
    struct cm_buffer text = {0};
    cm_words_estimate(column, estimate, cm_buffer_writer(&text));
    collected(&text, to);
    if (column->interval)
        cm_words_limits(column, estimate, cm_buffer_writer(&text));
    if (text.length > 0) {
        cm_print(to, " <span class=\"limits\">");
        collected(&text, to);
        cm_print(to, "</span>");
    }
    cm_buffer_release(&text);
}

static void cell(struct cm_writer to, const struct cm_table *t, size_t row, size_t c)
{
    const struct cm_column *column = &t->columns[c];
    const struct cm_table_cell *it = cm_table_at(t, row, c);
    const char *name = c < t->keys ? "th scope=\"row\"" : "td";
    cm_print(to, "<%s%s>", name, class_of(column));
    if (column->type == CM_COLUMN_TEXT)
        cm_write_html_text(it->text, to);
    else
        number(to, column, &it->estimate);
    cm_print(to, "</%.2s>", name);
}

/* The title becomes a heading, as everywhere. */
static void table(struct cm_writer to, const struct cm_table *t)
{
    if (t->title)
        heading(to, t->title);
    cm_print(to, "<div class=\"wide\"><table>\n");
    headings(to, t);
    cm_print(to, "<tbody>\n");
    for (size_t r = 0; r < cm_table_rows(t); r++) {
        cm_print(to, "<tr>");
        for (size_t c = 0; c < t->n_columns; c++)
            cell(to, t, r, c);
        cm_print(to, "</tr>\n");
    }
    cm_print(to, "</tbody>\n</table></div>\n");
    for (size_t i = 0; i < t->n_notes; i++) {
        cm_print(to, "<p class=\"note\">");
        cm_write_html_text(t->notes[i], to);
        cm_print(to, "</p>\n");
    }
}

const struct cm_prose cm_write_html = {
    .title = title,
    .heading = heading,
    .paragraph = paragraph,
    .code = code,
    .begin_items = begin_items,
    .item = item,
    .table = table,
    .end_of_items = end_of_items,
};
