/* Lines and cells. A row is cut into cells anew for each cell asked for: two of them are read, and
 * there is no table of cells to overflow. */
#include "sim/traffic/csv.h"

#include <string.h>

/* The first byte in [at, end) that is one of `set`, or `end`. Files may hold zero bytes: they are
 * never in a set. */
static const char *first_of(const char *at, const char *end, const char *set)
{
    while (at < end && (!*at || !strchr(set, *at)))
        at++;
    return at;
}

struct cm_csv cm_csv_open(const char *text, size_t length)
{
    static const char mark[] = "\xef\xbb\xbf"; /* UTF-8's byte order mark, as spreadsheets write */
    const char *end = text + length;
    if (length >= 3 && memcmp(text, mark, 3) == 0)
        text += 3;
    /* A table of one column ends its first line first; a line end separates nothing in a row. */
    const char *separator = first_of(text, end, ",;\t\n");
    struct cm_csv csv = {.at = text, .end = end, .separator = ','};
    if (separator < end)
        csv.separator = *separator;
    return csv;
}

/* Only line ends are taken off: blanks at the front may be empty cells of a table with tabs. */
bool cm_csv_row(struct cm_csv *csv, struct cm_slice *row)
{
    while (csv->at < csv->end) {
        const char *stop = first_of(csv->at, csv->end, "\n");
        *row = (struct cm_slice){csv->at, (size_t)(stop - csv->at)};
        csv->at = stop < csv->end ? stop + 1 : stop;
        csv->line++;
        if (row->length && row->at[row->length - 1] == '\r')
            row->length--;
        if (cm_slice_trim(*row).length)
            return true;
    }
    return false;
}

/* The quote that closes the cell whose text begins at `at`; a doubled one is text. */
static const char *closing_quote(const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at != '"')
            continue;
        if (at + 1 == end || at[1] != '"')
            return at;
        at++;
    }
    return NULL;
}

/* Takes the cell at the front off *rest; at == NULL afterwards if it was the last. A quote opens a
 * cell only as its first character, and what stands between the closing quote and the separator is
 * dropped. Doubled quotes stay doubled: no time or count holds one. */
static const char *cut(struct cm_slice *rest, char separator, struct cm_slice *cell)
{
    const char *end = rest->at + rest->length, *at = rest->at;
    while (at < end && *at == ' ')
        at++;
    bool quoted = at < end && *at == '"';
    const char *close = quoted ? closing_quote(at + 1, end) : at;
    if (!close)
        return "an unclosed quote";
    const char set[] = {separator, 0};
    const char *stop = first_of(close, end, set);
    *cell = quoted ? (struct cm_slice){at + 1, (size_t)(close - at - 1)}
                   : (struct cm_slice){at, (size_t)(stop - at)};
    *cell = cm_slice_trim(*cell);
    *rest = stop < end ? (struct cm_slice){stop + 1, (size_t)(end - stop - 1)}
                       : (struct cm_slice){NULL, 0};
    return NULL;
}

const char *cm_csv_cell(struct cm_slice row, char separator, int index, struct cm_slice *cell)
{
    for (int i = 0; i <= index; i++) {
        if (!row.at)
            return "too few columns";
        const char *wrong = cut(&row, separator, cell);
        if (wrong)
            return wrong;
    }
    return NULL;
}
