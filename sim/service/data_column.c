/* A table is read line by line and field by field; nothing but the wanted column is kept.
 *
 * Assumes plain tables: no separators or line ends inside quotes. */
#include "sim/service/data_column.h"

#include <string.h>

#include "sim/base/text.h"
#include "sim/base/units.h"

enum { SHOWN = 40, FIELD = 80 };

struct reader {
    const char *file;
    struct cm_slice rest; /* what is left of the text */
    int line;             /* of the last one taken */
    char separator;
    size_t wanted; /* which field */
};

/* Takes what stands before the next `end` off the front of *rest. */
static struct cm_slice take(struct cm_slice *rest, char end)
{
    const char *stop = rest->length ? memchr(rest->at, end, rest->length) : NULL;
    struct cm_slice part = {rest->at, stop ? (size_t)(stop - rest->at) : rest->length};
    size_t used = part.length + (stop ? 1 : 0);
    *rest = (struct cm_slice){rest->at + used, rest->length - used};
    return part;
}

/* The next line that says something; false at the end. */
static bool next_line(struct reader *r, struct cm_slice *line)
{
    while (r->rest.length) {
        *line = cm_slice_trim(take(&r->rest, '\n'));
        r->line++;
        if (line->length && line->at[0] != '#')
            return true;
    }
    return false;
}

/* Field `index` of a line, unquoted, into `out` (FIELD + 1 bytes); false if there are fewer. */
static bool field(struct cm_slice line, char separator, size_t index, char *out)
{
    struct cm_slice part = {0};
    for (size_t i = 0; i <= index; i++) {
        if (!line.length)
            return false;
        part = cm_slice_trim(take(&line, separator));
    }
    if (part.length >= 2 && part.at[0] == '"' && part.at[part.length - 1] == '"')
        part = (struct cm_slice){part.at + 1, part.length - 2};
    size_t length = part.length < FIELD ? part.length : FIELD;
    memcpy(out, part.at, length);
    out[length] = '\0';
    return true;
}

/* Which field the header calls `name`. */
static int find(struct reader *r, struct cm_slice header, const char *name, struct cm_err *err)
{
    char text[FIELD + 1], best[FIELD + 1] = "";
    struct cm_guess guess = cm_guess_start(name);
    for (size_t i = 0; field(header, r->separator, i, text); i++) {
        size_t edits = guess.edits;
        if (strcmp(text, name) == 0) {
            r->wanted = i;
            return 0;
        }
        cm_guess_try(&guess, text);
        if (guess.edits < edits)
            memcpy(best, text, sizeof best);
    }
    if (*best)
        return cm_fail(err, "%s:%d: no column is called '%.*s' (did you mean '%.*s'?)", r->file,
                       r->line, SHOWN, name, SHOWN, best);
    return cm_fail(err, "%s:%d: no column is called '%.*s' (the first line names them: %.*s)",
                   r->file, r->line, SHOWN, name,
                   header.length < SHOWN ? (int)header.length : SHOWN, header.at);
}

/* A header that is a number means that there is none: reading on would lose the first row. */
static int read_header(struct reader *r, const char *name, struct cm_err *err)
{
    char first[FIELD + 1];
    struct cm_quantity number;
    struct cm_err ignored;
    struct cm_slice header;
    if (!next_line(r, &header))
        return cm_fail(err, "%s is empty; its first line names the columns", r->file);
    r->separator = memchr(header.at, '\t', header.length) ? '\t' : ',';
    if (field(header, r->separator, 0, first) && !cm_units_read_any(first, &number, &ignored))
        return cm_fail(err, "%s:%d: the first line must name the columns, '%.*s' is a number",
                       r->file, r->line, SHOWN, first);
    return name ? find(r, header, name, err) : 0;
}

/* A row may hold more fields than the wanted one, never fewer. */
static int read_cell(struct reader *r, struct cm_slice line, struct cm_quantity *cell,
                     struct cm_err *err)
{
    char text[FIELD + 1];
    struct cm_err why;
    if (!field(line, r->separator, r->wanted, text) || !*text)
        return cm_fail(err, "%s:%d: field %zu is missing", r->file, r->line, r->wanted + 1);
    if (cm_units_read_any(text, cell, &why))
        return cm_fail(err, "%s:%d: %.200s", r->file, r->line, why.text);
    return 0;
}

int cm_data_column_read(struct cm_data_column *column, const char *text, const char *name,
                        const char *file, struct cm_err *err)
{
    static const char MARK[] = "\xef\xbb\xbf"; /* byte order mark */
    text += strncmp(text, MARK, sizeof MARK - 1) == 0 ? sizeof MARK - 1 : 0;
    struct reader r = {.file = file, .rest = cm_slice_of(text)};
    struct cm_slice line;
    size_t room = 0;
    *column = (struct cm_data_column){0};
    if (read_header(&r, name, err))
        return -1;
    while (next_line(&r, &line)) {
        if (column->n == room) {
            room = 2 * room + 64;
            column->cell = cm_grow(column->cell, room, sizeof *column->cell);
            column->line = cm_grow(column->line, room, sizeof *column->line);
        }
        if (read_cell(&r, line, &column->cell[column->n], err))
            return -1;
        column->line[column->n++] = r.line;
    }
    return 0;
}

void cm_data_column_release(struct cm_data_column *column)
{
    cm_free(column->cell);
    cm_free(column->line);
    *column = (struct cm_data_column){0};
}
