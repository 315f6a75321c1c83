/* Two rows drawn side by side, glyph by glyph: what stands in the line, and what stands under it.
 *
 * Tabs become blanks up to the next multiple of four, wide characters get two marks, bytes that a
 * terminal might obey become ?, so the caret is where the eye looks for it. Of a line that does
 * not fit, a window round the caret is shown. */
#include "sim/base/excerpt.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/utf8.h"

enum {
    WINDOW = 96, /* columns of the line that are shown */
    BEFORE = 40, /* columns before the caret when the start of the line does not fit */
    TAB = 4,
    GLYPH = 4 /* bytes */
};

struct rows {
    char line[(WINDOW + 2 * TAB) * GLYPH * 2], mark[WINDOW + 2 * TAB];
    size_t line_length, mark_length;
    size_t marked; /* length of `mark` without the blanks at its end */
    bool begun;    /* the caret is set */
};

/* One column of the lower row: ^ first, then ~. */
static void put_mark(struct rows *rows, bool underline)
{
    rows->mark[rows->mark_length++] = !underline ? ' ' : rows->begun ? '~' : '^';
    if (!underline)
        return;
    rows->begun = true;
    rows->marked = rows->mark_length;
}

/* One glyph and what stands under it. */
static void put(struct rows *rows, const char *text, size_t bytes, int columns, bool underline)
{
    memcpy(rows->line + rows->line_length, text, bytes);
    rows->line_length += bytes;
    for (int i = 0; i < columns; i++)
        put_mark(rows, underline);
}

/* A tab is blanks here, since a terminal would put it elsewhere behind the number. */
static void put_tab(struct rows *rows, bool underline)
{
    do
        put(rows, " ", 1, 1, underline);
    while (rows->mark_length % TAB);
}

/* Columns up to the caret, taking every byte for one and a tab for its most. */
static size_t columns_before(const char *text, size_t from, size_t caret)
{
    size_t columns = 0;
    for (; from < caret; from++)
        columns += text[from] == '\t' ? TAB : 1;
    return columns;
}

/* Where the window begins: 0 if the caret then fits in it, else a bit before the caret. */
static size_t window_start(const char *text, size_t caret)
{
    size_t start = caret > WINDOW ? caret - WINDOW : 0;
    if (start == 0 && columns_before(text, 0, caret) < WINDOW)
        return 0;
    while (columns_before(text, start, caret) > BEFORE)
        start++;
    while (start < caret && ((unsigned char)text[start] & 0xC0) == 0x80)
        start++;
    return start;
}

/* Draws text[from, ...) until the window is full; returns where it stopped. Marks without width
 * are dropped once the row of bytes is half full: nobody needs hundreds of them. */
static size_t draw(struct rows *rows, const char *text, size_t length, size_t from, size_t caret,
                   size_t end)
{
    size_t i = from;
    while (i < length && rows->mark_length < WINDOW) {
        struct cm_glyph glyph = cm_glyph_at(text + i, length - i);
        bool underline = i >= caret && i < end;
        if (text[i] == '\t')
            put_tab(rows, underline);
        else if (!glyph.good)
            put(rows, "?", 1, 1, underline);
        else if (glyph.columns || rows->line_length < sizeof rows->line / 2)
            put(rows, text + i, glyph.bytes, glyph.columns, underline);
        i += glyph.bytes;
    }
    return i;
}

/* Both rows begin at the same column, however many digits the number has. */
static void write_row(struct cm_writer to, int width, const char *number, const char *text,
                      size_t length)
{
    cm_print(to, "%*s | ", width, number);
    to.write(to.self, text, length);
    to.write(to.self, "\n", 1);
}

void cm_excerpt_write(const struct cm_place *place, struct cm_writer to)
{
    if (!place->text || place->line < 1)
        return;
    size_t caret = place->column > 0 ? (size_t)place->column - 1 : 0;
    size_t length = strlen(place->text);
    if (caret > length)
        caret = length;
    size_t end = caret + (place->length > 0 ? (size_t)place->length : 1);
    size_t from = window_start(place->text, caret);

    struct rows rows = {0};
    if (from)
        put(&rows, "...", 3, 3, false);
    size_t stop = draw(&rows, place->text, length, from, caret, end);
    if (!rows.begun)
        put_mark(&rows, true); /* just behind the line's end */
    if (stop < length)
        put(&rows, "...", 3, 3, false);
    char number[16];
    int width = snprintf(number, sizeof number, "%5d", place->line);
    write_row(to, width, number, rows.line, rows.line_length);
    write_row(to, width, "", rows.mark, rows.marked);
}
