/* Comma-separated values, one header line (RFC 4180), but with lines ended by LF as every tool on
 * Unix expects. Fields are quoted only where they must be, so that a file stays easy to read and to
 * cut. A number is the shortest decimal that reads back to the same double. */
#include <math.h>
#include <string.h>

#include "analysis/write.h"
#include "sim/base/units.h"

/* Headings as one word: what a data frame can use as a name. */
static void print_word(const char *text, struct cm_writer to)
{
    for (const char *c = text; *c; c++)
        cm_print(to, "%c", *c == ' ' || *c == '\n' ? '_' : *c);
}

void cm_write_key(const struct cm_column *column, struct cm_writer to)
{
    if (column->group) {
        print_word(column->group, to);
        cm_print(to, "_");
    }
    print_word(column->name, to);
}

/* A quote inside quotes is doubled; blanks at an end would be lost by some readers. */
static void print_text(const char *text, struct cm_writer to)
{
    size_t length = text ? strlen(text) : 0;
    bool blank = length > 0 && (text[0] == ' ' || text[length - 1] == ' ');
    if (!text || (!blank && !strpbrk(text, ",\"\r\n"))) {
        cm_print(to, "%s", text ? text : "");
        return;
    }
    cm_print(to, "\"");
    for (const char *c = text; *c; c++)
        cm_print(to, "%s%c", *c == '"' ? "\"" : "", *c);
    cm_print(to, "\"");
}

/* Readers take an empty field for missing; "inf" and "nan" would make a column text. */
static void print_number(double value, struct cm_writer to)
{
    if (isfinite(value))
        cm_units_print(value, CM_PURE, to);
}

static void print_cell(const struct cm_column *column, const struct cm_table_cell *cell,
                       struct cm_writer to)
{
    const struct cm_estimate *e = &cell->estimate;
    if (column->type == CM_COLUMN_TEXT)
        print_text(cell->text, to);
    else if (column->type == CM_COLUMN_COUNT && !isnan(e->value))
        cm_print(to, "%llu", (unsigned long long)e->n);
    else
        print_number(e->value, to);
    if (!column->interval)
        return;
    cm_print(to, ",");
    print_number(e->low, to);
    cm_print(to, ",");
    print_number(e->high, to);
}

/* Limits have headings of their own beside that of the value. */
static void print_header(const struct cm_column *column, struct cm_writer to)
{
    struct cm_buffer key = {0};
    cm_write_key(column, cm_buffer_writer(&key));
    print_text(key.text, to);
    if (column->interval)
        cm_print(to, ",%s_low,%s_high", key.text, key.text);
    cm_buffer_release(&key);
}

/* No byte order mark, no type row, no comment lines: a header and data. */
void cm_write_csv(const struct cm_table *table, struct cm_writer to)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        cm_print(to, "%s", c ? "," : "");
        print_header(&table->columns[c], to);
    }
    cm_print(to, "\n");
    for (size_t r = 0; r < cm_table_rows(table); r++)
        for (size_t c = 0; c < table->n_columns; c++) {
            print_cell(&table->columns[c], cm_table_at(table, r, c), to);
            cm_print(to, c + 1 < table->n_columns ? "," : "\n");
        }
}
