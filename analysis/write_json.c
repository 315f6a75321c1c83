/* JSON written directly: numbers as the shortest decimal that reads back to the same double, which
 * a library would round or pad, in the order of the table, one row a line, so that files can be
 * compared with diff.
 *
 * Counts are integers up to 2^64; a parser that knows doubles only will round those beyond 2^53.
 * JSON has no word for infinity and none for "not a number": both are null, and the row's note says
 * which. */
#include <math.h>
#include <string.h>

#include "analysis/write.h"
#include "sim/base/units.h"
#include "sim/base/utf8.h"

/* Names for the usual ones, \\u00XX for other control characters. */
static void print_byte(unsigned char byte, struct cm_writer to)
{
    static const char *const names[128] = {
        ['\n'] = "\\n", ['\t'] = "\\t", ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\"};
    if (byte < 128 && names[byte])
        cm_print(to, "%s", names[byte]);
    else if (byte < 0x20)
        cm_print(to, "\\u%04x", byte);
    else
        cm_print(to, "%c", byte);
}

/* Control characters are escaped, malformed sequences become "?". */
void cm_write_json_text(const char *text, struct cm_writer to)
{
    if (!text) {
        cm_print(to, "null");
        return;
    }
    cm_print(to, "\"");
    for (size_t left = strlen(text); left > 0;) {
        struct cm_glyph glyph = cm_glyph_at(text, left);
        unsigned char byte = (unsigned char)*text;
        /* What is not ASCII goes through as it is: JSON is UTF-8 and needs no escapes there. */
        if (byte < 128)
            print_byte(byte, to);
        else
            cm_print(to, "%.*s", (int)(glyph.good ? glyph.bytes : 1), glyph.good ? text : "?");
        text += glyph.bytes;
        left -= glyph.bytes;
    }
    cm_print(to, "\"");
}

void cm_write_json_number(double value, struct cm_writer to)
{
    if (isfinite(value))
        cm_units_print(value, CM_PURE, to);
    else
        cm_print(to, "null");
}

static void print_cell(const struct cm_column *column, const struct cm_table_cell *cell,
                       struct cm_writer to)
{
    const struct cm_estimate *e = &cell->estimate;
    if (column->type == CM_COLUMN_TEXT)
        cm_write_json_text(cell->text, to);
    else if (column->type == CM_COLUMN_COUNT && !isnan(e->value))
        cm_print(to, "%llu", (unsigned long long)e->n);
    else
        cm_write_json_number(e->value, to);
}

/* "name": with the name as in the header of the CSV. */
static void print_member(const struct cm_column *column, const char *suffix, struct cm_writer to)
{
    struct cm_buffer key = {0};
    cm_write_key(column, cm_buffer_writer(&key));
    cm_print(cm_buffer_writer(&key), "%s", suffix);
    cm_write_json_text(key.text, to);
    cm_print(to, ": ");
    cm_buffer_release(&key);
}

static void print_row(const struct cm_table *table, size_t row, struct cm_writer to)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        const struct cm_column *column = &table->columns[c];
        const struct cm_table_cell *cell = cm_table_at(table, row, c);
        cm_print(to, c ? ", " : "{");
        print_member(column, "", to);
        print_cell(column, cell, to);
        if (!column->interval)
            continue;
        cm_print(to, ", ");
        print_member(column, "_low", to);
        cm_write_json_number(cell->estimate.low, to);
        cm_print(to, ", ");
        print_member(column, "_high", to);
        cm_write_json_number(cell->estimate.high, to);
    }
    cm_print(to, "}");
}

void cm_write_json_rows(const struct cm_table *table, struct cm_writer to)
{
    cm_print(to, "[");
    for (size_t r = 0; r < cm_table_rows(table); r++) {
        cm_print(to, r ? ",\n  " : "\n  ");
        print_row(table, r, to);
    }
    cm_print(to, "]");
}
