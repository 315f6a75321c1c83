/* Tables grow by appending: the place of a cell follows from how many came before it, and a row is
 * full when it has one for every column. A caller that adds a cell of the wrong type, or leaves a
 * row half full, has a bug that an assertion finds at once; there is nothing a user could do about
 * it.
 *
 * Texts are copied, so that a caller may build them in a buffer it uses again; all of them live in
 * one arena and go together. */
#include "sim/base/table.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A copy that lives as long as the table. */
static const char *keep(struct cm_table *t, const char *text)
{
    return text ? cm_arena_text(&t->arena, text, strlen(text)) : NULL;
}

/* Room for one more element of `size`. */
static void *more(void *list, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return list;
    *room = 2 * *room + 8;
    return cm_grow(list, *room, size);
}

/* The title may be NULL: a table that stands right below its heading. */
void cm_table_init(struct cm_table *t, const char *title, size_t keys)
{
    *t = (struct cm_table){.keys = keys};
    t->title = keep(t, title);
}

void cm_table_release(struct cm_table *t)
{
    cm_free(t->columns);
    cm_free(t->cells);
    cm_free(t->notes);
    cm_arena_release(&t->arena);
    *t = (struct cm_table){0};
}

void cm_table_column(struct cm_table *t, struct cm_column column)
{
    assert(t->n_cells == 0 && column.name);
    t->columns = more(t->columns, t->n_columns, &t->columns_room, sizeof *t->columns);
    column.group = keep(t, column.group);
    column.name = keep(t, column.name);
    column.unit = keep(t, column.unit);
    t->columns[t->n_columns++] = column;
}

/* The type of the column that the next cell falls into. */
static enum cm_column_type next_type(const struct cm_table *t)
{
    assert(t->n_columns > 0);
    return t->columns[t->n_cells % t->n_columns].type;
}

/* The next cell, whatever it is. */
static void append(struct cm_table *t, struct cm_table_cell cell)
{
    t->cells = more(t->cells, t->n_cells, &t->cells_room, sizeof *t->cells);
    t->cells[t->n_cells++] = cell;
}

void cm_table_text(struct cm_table *t, const char *text)
{
    assert(next_type(t) == CM_COLUMN_TEXT);
    append(t, (struct cm_table_cell){keep(t, text), {NAN, NAN, NAN, 0}});
}

void cm_table_count(struct cm_table *t, uint64_t count)
{
    assert(next_type(t) == CM_COLUMN_COUNT);
    /* The double is for looking at (it may be rounded), n is what is written. */
    append(t, (struct cm_table_cell){NULL, {(double)count, NAN, NAN, count}});
}

void cm_table_estimate(struct cm_table *t, struct cm_estimate estimate)
{
    assert(next_type(t) != CM_COLUMN_TEXT && next_type(t) != CM_COLUMN_COUNT);
    append(t, (struct cm_table_cell){NULL, estimate});
}

void cm_table_number(struct cm_table *t, double value)
{
    cm_table_estimate(t, (struct cm_estimate){value, NAN, NAN, 0});
}

void cm_table_skip(struct cm_table *t)
{
    assert(t->n_columns > 0);
    append(t, (struct cm_table_cell){NULL, {NAN, NAN, NAN, 0}});
}

void cm_table_note(struct cm_table *t, const char *text)
{
    t->notes = more(t->notes, t->n_notes, &t->notes_room, sizeof *t->notes);
    t->notes[t->n_notes++] = keep(t, text);
}

/* Complete rows; an incomplete one is a bug of the caller. */
size_t cm_table_rows(const struct cm_table *t)
{
    assert(t->n_columns == 0 || t->n_cells % t->n_columns == 0);
    return t->n_columns == 0 ? 0 : t->n_cells / t->n_columns;
}

/* Rows and columns from 0. */
const struct cm_table_cell *cm_table_at(const struct cm_table *t, size_t row, size_t column)
{
    assert(row < cm_table_rows(t) && column < t->n_columns);
    return &t->cells[row * t->n_columns + column];
}
