/* A report on a terminal of 100 columns: content indented by two, numbers aligned right with their
 * limits beside them, headings that belong together under one rule.
 *
 *                    leak ---------------------------
 *   policy                        missed       median    n
 *   ---------------  -------------------  -----------  ---
 *   ours             19.9 % [18.2, 21.7]        7m10s  200
 *
 * A table that is too wide continues below with its keys repeated, broken only between groups. Keys
 * that would leave less than half a line stand above each other: the first on a line of its own. */
#include <math.h>
#include <string.h>

#include "analysis/words.h"
#include "analysis/write.h"
#include "sim/base/utf8.h"

enum { COLUMNS = 100, INDENT = 2, GAP = 2 };

/* Columns on the screen, not bytes: names are ASCII, titles and currencies need not be. */
static size_t width_of(const char *text, size_t length)
{
    size_t width = 0;
    while (length > 0) {
        struct cm_glyph glyph = cm_glyph_at(text, length);
        width += (size_t)glyph.columns;
        text += glyph.bytes;
        length -= glyph.bytes;
    }
    return width;
}

/* n times the same character. */
static void pad(struct cm_writer to, char with, size_t n)
{
    for (; n > 0; n--)
        cm_print(to, "%c", with);
}

/* A line without the blanks at its end. */
static void finish_line(struct cm_buffer *line, struct cm_writer to)
{
    size_t length = line->length;
    while (length > 0 && line->text[length - 1] == ' ')
        length--;
    if (length > 0)
        cm_write_clean(to, line->text, length);
    cm_print(to, "\n");
    cm_buffer_clear(line);
}

/* --- paragraphs --------------------------------------------------------------------------------
 */

/* A number keeps its sign of percent. */
static size_t length_of_word(const char *text)
{
    size_t length = strcspn(text, " \n");
    return strncmp(text + length, " %", 2) == 0 ? length + 2 + strcspn(text + length + 2, " \n")
                                                : length;
}

/* Greedy: as many words a line as fit. */
void cm_write_wrapped(struct cm_writer to, const char *first, const char *text)
{
    struct cm_buffer line = {0};
    struct cm_writer out = cm_buffer_writer(&line);
    size_t depth = strlen(first), width = depth;
    cm_print(out, "%s", first);
    while (*text) {
        /* A word longer than a line stays whole: breaking a path or a command would spoil it. */
        size_t length = length_of_word(text), columns = width_of(text, length);
        if (width > depth && width + 1 + columns > COLUMNS) {
            finish_line(&line, to);
            pad(out, ' ', depth);
            width = depth;
        }
        cm_print(out, "%s%.*s", width > depth ? " " : "", (int)length, text);
        width += columns + (width > depth);
        text += length + (text[length] != '\0');
    }
    finish_line(&line, to);
    cm_buffer_release(&line);
}

/* Titles and headings begin at the margin, everything else is indented: no rules are needed. */
static void title(struct cm_writer to, const char *text)
{
    cm_write_wrapped(to, "", text);
    cm_print(to, "\n");
}

static void heading(struct cm_writer to, const char *text)
{
    cm_write_wrapped(to, "", text);
}

static void paragraph(struct cm_writer to, const char *text)
{
    cm_write_wrapped(to, "  ", text);
    cm_print(to, "\n");
}

/* Deeper than text and never wrapped: it is there to be copied. */
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
    cm_write_wrapped(to, "  - ", text);
}

/* Items stand close together; a blank line ends the list. */
static void end_of_items(struct cm_writer to)
{
    cm_print(to, "\n");
}

/* --- tables ------------------------------------------------------------------------------------
 */

/* What a column needs on the screen, measured over all its rows before the first is written. */
struct layout {
    size_t value, limits, width; /* of the value, of its limits (0 = none), of the column */
    size_t after;                /* blanks that follow because a group's heading is longer */
};

/* The left part of a cell: the text, or the number without its limits. */
static void cell_value(const struct cm_table *t, size_t row, size_t c, struct cm_buffer *into)
{
    const struct cm_table_cell *cell = cm_table_at(t, row, c);
    struct cm_writer to = cm_buffer_writer(into);
    cm_buffer_clear(into);
    if (t->columns[c].type == CM_COLUMN_TEXT)
        cm_print(to, "%s", cell->text ? cell->text : "");
    else
        cm_words_estimate(&t->columns[c], &cell->estimate, to);
}

/* The right part; an empty text for most. */
static void cell_limits(const struct cm_table *t, size_t row, size_t c, struct cm_buffer *into)
{
    cm_buffer_clear(into);
    cm_print(cm_buffer_writer(into), "%s", "");
    if (t->columns[c].interval)
        cm_words_limits(&t->columns[c], &cm_table_at(t, row, c)->estimate, cm_buffer_writer(into));
}

/* Headings have as many lines as they need. */
static size_t lines_of(const char *name)
{
    size_t lines = 1;
    for (; *name; name++)
        lines += *name == '\n';
    return lines;
}

/* Line `number` of a heading of `lines` lines, which stands at the bottom. */
static const char *heading_line(const char *name, size_t number, size_t lines, size_t *length)
{
    size_t own = lines_of(name);
    *length = 0;
    if (number + own < lines)
        return "";
    for (size_t skip = number + own - lines; skip > 0; skip--)
        name = strchr(name, '\n') + 1;
    *length = strcspn(name, "\n");
    return name;
}

/* Of two widths. */
static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* How wide a column has to be for everything in it. */
static struct layout measure(const struct cm_table *t, size_t c)
{
    struct layout l = {0};
    struct cm_buffer text = {0};
    for (size_t r = 0; r < cm_table_rows(t); r++) {
        cell_value(t, r, c, &text);
        l.value = larger(l.value, width_of(text.text, text.length));
        cell_limits(t, r, c, &text);
        l.limits = larger(l.limits, width_of(text.text, text.length));
    }
    cm_buffer_release(&text);
    l.width = l.value + (l.limits ? 1 + l.limits : 0);
    for (size_t i = 0, lines = lines_of(t->columns[c].name); i < lines; i++) {
        size_t length;
        const char *line = heading_line(t->columns[c].name, i, lines, &length);
        l.width = larger(l.width, width_of(line, length));
    }
    return l;
}

/* Limits stand left under their heading; numbers alone stand right under theirs. */
static bool left_aligned(const struct cm_table *t, const struct layout *l, size_t c)
{
    return t->columns[c].type == CM_COLUMN_TEXT || l[c].limits > 0;
}

/* The end of the columns that stand under one group heading with column `c`. */
static size_t end_of_group(const struct cm_table *t, size_t c)
{
    const char *group = t->columns[c].group;
    size_t end = c + 1;
    while (group && end < t->n_columns && t->columns[end].group &&
           strcmp(t->columns[end].group, group) == 0)
        end++;
    return end;
}

/* Columns [from, end) with the gaps between them. */
static size_t span(const struct layout *l, size_t from, size_t end)
{
    size_t width = 0;
    for (size_t c = from; c < end; c++)
        width += l[c].width + l[c].after + (c > from ? GAP : 0);
    return width;
}

/* A group is at least as wide as its heading. */
static void widen(const struct cm_table *t, struct layout *l)
{
    for (size_t c = 0, end; c < t->n_columns; c = end) {
        end = end_of_group(t, c);
        const char *group = t->columns[c].group;
        size_t want = group ? width_of(group, strlen(group)) : 0, have = span(l, c, end);
        if (want > have)
            l[end - 1].after = want - have;
    }
}

/* The columns of one pass: the keys (all, or those after the stacked one), then [from, end). */
struct pass {
    size_t stacked, keys, from, end;
};

/* Blanks before the first column, and up to the first that is no key. */
static size_t indent_of(const struct pass *p)
{
    return p->stacked ? 2 * INDENT : INDENT;
}

static size_t edge_of(const struct layout *l, const struct pass *p)
{
    return indent_of(p) + (p->keys ? span(l, p->stacked, p->keys) + GAP : 0);
}

/* As many groups as fit beside the keys, at least one. */
static struct pass next_pass(const struct cm_table *t, const struct layout *l, size_t from)
{
    struct pass p = {t->keys > 1 && 2 * span(l, 0, t->keys) > COLUMNS, t->keys, from, from};
    size_t used = edge_of(l, &p), end = from;
    while (end < t->n_columns) {
        size_t next = end_of_group(t, end), width = span(l, end, next);
        if (end > from && used + width > COLUMNS)
            break;
        if (used + width > COLUMNS) /* a group that fits nowhere is broken after all */
            for (next = end + 1; next < t->n_columns && used + span(l, end, next + 1) <= COLUMNS;)
                next++;
        used += span(l, end, next) + GAP;
        end = next;
    }
    p.end = end;
    return p;
}

/* The column after `c` in a pass. */
static size_t after(const struct pass *p, size_t c)
{
    return c + 1 == p->keys ? p->from : c + 1;
}

static size_t first_of(const struct pass *p)
{
    return p->keys > 0 ? p->stacked : p->from;
}

/* Headings of groups, each with a rule over all that it covers. */
static void list_groups(const struct cm_table *t, const struct layout *l, const struct pass *p,
                        struct cm_writer out)
{
    for (size_t c = p->from, end; c < p->end; c = end) {
        const char *group = t->columns[c].group;
        end = end_of_group(t, c);
        end = end < p->end ? end : p->end;
        size_t width = span(l, c, end), said = group ? width_of(group, strlen(group)) : 0;
        cm_print(out, "%s", group ? group : "");
        if (said < width) {
            pad(out, ' ', 1);
            pad(out, group ? '-' : ' ', width - said - 1);
        }
        pad(out, ' ', end < p->end ? GAP : 0);
    }
}

/* Their line; none if there are none. What is too long beside the keys begins above them. */
static void print_groups(const struct cm_table *t, const struct layout *l, const struct pass *p,
                         struct cm_writer to)
{
    struct cm_buffer line = {0};
    size_t edge = edge_of(l, p);
    bool any = false;
    for (size_t c = p->from; c < p->end; c++)
        any |= t->columns[c].group != NULL;
    if (!any)
        return;
    list_groups(t, l, p, cm_buffer_writer(&line));
    size_t width = width_of(line.text, line.length);
    size_t room = width + INDENT < COLUMNS ? COLUMNS - width : INDENT;
    pad(to, ' ', edge < room ? edge : room);
    finish_line(&line, to);
    cm_buffer_release(&line);
}

/* Line `i` of `lines`. The stacked key stands in the line above that of the others, if there is
 * one: theirs are short. */
static void heading_of_line(const struct cm_table *t, const struct layout *l, const struct pass *p,
                            const size_t of[2], struct cm_writer out)
{
    bool stacked = p->stacked && of[0] + 2 == of[1];
    pad(out, ' ', stacked ? INDENT : indent_of(p));
    for (size_t c = first_of(p); c < p->end; c = after(p, c)) {
        size_t length, width = l[c].width;
        const char *text = heading_line(t->columns[c].name, of[0], of[1], &length);
        if (stacked && c == first_of(p)) {
            text = t->columns[0].name, length = strlen(text);
            width += indent_of(p) - INDENT;
        }
        size_t rest = width - width_of(text, length);
        pad(out, ' ', left_aligned(t, l, c) ? 0 : rest);
        cm_print(out, "%.*s", (int)length, text);
        pad(out, ' ', (left_aligned(t, l, c) ? rest : 0) + l[c].after + GAP);
    }
}

/* The lines of the headings, and a rule below each column. */
static void print_heading(const struct cm_table *t, const struct layout *l, const struct pass *p,
                          struct cm_writer to)
{
    struct cm_buffer line = {0};
    struct cm_writer out = cm_buffer_writer(&line);
    size_t lines = p->stacked ? 2 : 1;
    for (size_t c = first_of(p); c < p->end; c = after(p, c))
        lines = larger(lines, lines_of(t->columns[c].name));
    for (size_t i = 0; i < lines; i++) {
        heading_of_line(t, l, p, (const size_t[2]){i, lines}, out);
        finish_line(&line, to);
    }
    pad(out, ' ', indent_of(p));
    for (size_t c = first_of(p); c < p->end; c = after(p, c)) {
        pad(out, '-', l[c].width);
        pad(out, ' ', l[c].after + GAP);
    }
    finish_line(&line, to);
    cm_buffer_release(&line);
}

/* A key is said once for the rows that share it and the keys before it. */
static bool repeats(const struct cm_table *t, size_t row, size_t c)
{
    if (row == 0 || c >= t->keys)
        return false;
    for (size_t k = 0; k <= c; k++) {
        const char *above = cm_table_at(t, row - 1, k)->text, *here = cm_table_at(t, row, k)->text;
        if (!above || !here || strcmp(above, here) != 0)
            return false;
    }
    return true;
}

/* Value right, limits left of a common edge, so that both can be compared down the column. */
static void print_row(const struct cm_table *t, const struct layout *l, const struct pass *p,
                      size_t row, struct cm_buffer *line)
{
    struct cm_writer out = cm_buffer_writer(line);
    struct cm_buffer text = {0};
    pad(out, ' ', indent_of(p));
    for (size_t c = first_of(p); c < p->end; c = after(p, c)) {
        cell_value(t, row, c, &text);
        if (repeats(t, row, c))
            cm_buffer_clear(&text);
        size_t room = left_aligned(t, l, c) ? l[c].value : l[c].width;
        size_t rest = room - width_of(text.text, text.length);
        bool is_text = t->columns[c].type == CM_COLUMN_TEXT;
        pad(out, ' ', is_text ? 0 : rest);
        cm_print(out, "%s", text.text);
        pad(out, ' ', (is_text ? rest : 0) + (l[c].limits > 0));
        cell_limits(t, row, c, &text);
        cm_print(out, "%s", text.text);
        size_t used = room + (l[c].limits > 0) + width_of(text.text, text.length);
        pad(out, ' ', l[c].width - used + l[c].after + GAP);
    }
    cm_buffer_release(&text);
}

/* The first key above the rows that it is shared by. */
static void print_stacked(const struct cm_table *t, const struct pass *p, size_t row,
                          struct cm_writer to)
{
    const char *key = p->stacked ? cm_table_at(t, row, 0)->text : NULL;
    if (!key || repeats(t, row, 0))
        return;
    pad(to, ' ', INDENT);
    cm_write_clean(to, key, strlen(key));
    cm_print(to, "\n");
}

/* Measures everything first, then writes pass by pass. */
static void table(struct cm_writer to, const struct cm_table *t)
{
    struct layout *l = cm_alloc((t->n_columns + 1) * sizeof *l);
    struct cm_buffer line = {0};
    for (size_t c = 0; c < t->n_columns; c++)
        l[c] = measure(t, c);
    widen(t, l);
    if (t->title)
        heading(to, t->title);
    /* Each pass begins where the last one ended. */
    for (struct pass p = {.end = t->keys}; p.end < t->n_columns;) {
        p = next_pass(t, l, p.end);
        print_groups(t, l, &p, to);
        print_heading(t, l, &p, to);
        for (size_t r = 0; r < cm_table_rows(t); r++) {
            print_stacked(t, &p, r, to);
            print_row(t, l, &p, r, &line);
            finish_line(&line, to);
        }
        cm_print(to, "\n");
    }
    for (size_t i = 0; i < t->n_notes; i++)
        paragraph(to, t->notes[i]);
    cm_buffer_release(&line);
    cm_free(l);
}

const struct cm_prose cm_write_text = {
    .title = title,
    .heading = heading,
    .paragraph = paragraph,
    .code = code,
    .begin_items = begin_items,
    .item = item,
    .table = table,
    .end_of_items = end_of_items,
};
