/* The first line is a header unless the cell in question is a number. */
#include "cli/arrays.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "cli/source_file.h"
#include "sim/base/text.h"
#include "sim/base/units.h"
#include "sim/traffic/csv.h"

/* NAN for an empty cell; false if the text is no number. */
static bool read_number(struct cm_slice cell, double *x, struct cm_err *err)
{
    char text[64];
    struct cm_quantity quantity;
    *x = NAN;
    if (cell.length == 0 || cm_slice_is(cell, "NaN") || cm_slice_is(cell, "nan"))
        return true;
    if (cell.length >= sizeof text)
        return cm_fail(err, "a number has fewer than %zu characters", sizeof text) == 0;
    memcpy(text, cell.at, cell.length);
    text[cell.length] = '\0';
    if (cm_units_read_any(text, &quantity, err))
        return false;
    *x = quantity.value;
    return true;
}

static int last_cell(struct cm_slice row, char separator)
{
    struct cm_slice cell;
    int i = 0;
    while (!cm_csv_cell(row, separator, i + 1, &cell))
        i++;
    return i;
}

/* Which column it is; -1 if the header does not have it. */
static int find_column(struct cm_slice row, char separator, const char *name)
{
    struct cm_slice cell;
    if (!name)
        return last_cell(row, separator);
    for (int i = 0; !cm_csv_cell(row, separator, i, &cell); i++)
        if (cm_slice_is(cell, name))
            return i;
    return -1;
}

static int add(struct cm_array *a, const struct cm_csv *csv, struct cm_slice row, int column,
               const char *file, struct cm_err *err)
{
    struct cm_slice cell;
    struct cm_err why = {0};
    const char *bad = cm_csv_cell(row, csv->separator, column, &cell);
    if (bad)
        return cm_fail(err, "%s:%d: the row has %s", file, csv->line, bad);
    if (!read_number(cell, &a->x[a->n], &why))
        return cm_fail(err, "%s:%d: %s", file, csv->line, why.text);
    a->n++;
    return 0;
}

static int read_rows(struct cm_array *a, struct cm_csv *csv, const char *file, const char *name,
                     struct cm_err *err)
{
    struct cm_slice row, cell;
    struct cm_err ignored = {0};
    double x;
    if (!cm_csv_row(csv, &row))
        return cm_fail(err, "%s is empty", file);
    int column = find_column(row, csv->separator, name);
    if (column < 0)
        return cm_fail(err, "%s:%d: there is no column '%.40s'", file, csv->line, name);
    bool header = name || cm_csv_cell(row, csv->separator, column, &cell) ||
                  !read_number(cell, &x, &ignored) || isnan(x);
    int status = header ? 0 : add(a, csv, row, column, file, err);
    while (!status && cm_csv_row(csv, &row))
        status = add(a, csv, row, column, file, err);
    return status;
}

int cm_array_read(struct cm_array *a, const char *file, const char *name, struct cm_arena *arena,
                  struct cm_err *err)
{
    struct cm_source source = cm_source_file();
    const char *text, *resolved;
    size_t length, lines = 1;
    *a = (struct cm_array){0};
    if (source.read(source.self, file, NULL, arena, &text, &length, &resolved, err))
        return -1;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    a->x = cm_arena_alloc(arena, lines * sizeof *a->x);
    struct cm_csv csv = cm_csv_open(text, length);
    return read_rows(a, &csv, file, name, err);
}
