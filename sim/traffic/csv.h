/* Recorded tables: the lines and cells of a CSV file, and what a cell says.
 *
 * RFC 4180 with what is met in practice: a byte order mark, CRLF, blank lines, quotes, comma,
 * semicolon or tab (whichever comes first in the first line). A quoted line break is not read: the
 * line then has an unclosed quote. Nothing is copied; slices point into the text. */
#ifndef CM_CSV_H
#define CM_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/text.h"
#include "sim/base/time.h"

struct cm_csv {
    const char *at, *end; /* borrowed: what has not been read */
    char separator;
    int line; /* of the row last read, from 1 */
};

struct cm_csv cm_csv_open(const char *text, size_t length);
/* The next line that is not blank, without its end; false when there is none. */
bool cm_csv_row(struct cm_csv *csv, struct cm_slice *row);

/* The functions below return NULL, or what is wrong, to follow "is" or "has". */

/* Cell `index` (from 0) of a row, without blanks and quotes around it. */
const char *cm_csv_cell(struct cm_slice row, char separator, int index, struct cm_slice *cell);
/* Nanoseconds since 1970 from `YYYY-MM-DD HH:MM:SS[.fraction]` (T for the blank, then nothing, Z or
 * an offset as +02:00), or from plain seconds of any epoch. Below a nanosecond is cut off. */
const char *cm_csv_time(struct cm_slice cell, cm_time *time);
/* A whole number of things, however it is written: 94, 94.0, 9.4e1. */
const char *cm_csv_count(struct cm_slice cell, uint64_t *count);

#endif
