/* How a report leaves: prose formats for people, CSV and JSON for programs. All of them write
 * through a cm_writer and know nothing of what the numbers mean. */
#ifndef CM_WRITE_FORMATS_H
#define CM_WRITE_FORMATS_H

#include "sim/base/table.h"
#include "sim/base/write.h"

/* The pieces that a report for people is made of. Texts are plain, unescaped, of any length. */
struct cm_prose {
    void (*title)(struct cm_writer to, const char *text);
    void (*heading)(struct cm_writer to, const char *text);
    void (*paragraph)(struct cm_writer to, const char *text);
    void (*code)(struct cm_writer to, const char *text); /* one line, as it is */
    void (*begin_items)(struct cm_writer to);
    void (*item)(struct cm_writer to, const char *text);
    void (*table)(struct cm_writer to, const struct cm_table *table);
    void (*end_of_items)(struct cm_writer to);
};
extern const struct cm_prose cm_write_text;     /* 100 columns */
extern const struct cm_prose cm_write_markdown; /* as GitHub reads it */
extern const struct cm_prose cm_write_html;     /* elements of a page's body */

/* Text for a page, or for an attribute in double quotes; NULL is empty. */
void cm_write_html_text(const char *text, struct cm_writer to);
/* A text whose line breaks are kept, for <pre>. */
void cm_write_html_lines(const char *text, struct cm_writer to);

/* Text of any length in lines of 100 columns; the first begins with `first`, the others are as
 * deep.
 */
void cm_write_wrapped(struct cm_writer to, const char *first, const char *text);

/* Header and rows (RFC 4180, lines ended by LF). A column with limits becomes three, a heading one
 * word; numbers read back exactly; what is not there is empty, and so is what is not finite. */
void cm_write_csv(const struct cm_table *table, struct cm_writer to);

/* JSON (RFC 8259), piece by piece. What is not finite is null; bytes that are not UTF-8 are "?". */
void cm_write_json_text(const char *text, struct cm_writer to); /* NULL is null */
void cm_write_json_number(double value, struct cm_writer to);
/* An array of objects, one a row, keyed like the columns of the CSV. */
void cm_write_json_rows(const struct cm_table *table, struct cm_writer to);

/* The heading of a column as one word: "leak_median". */
void cm_write_key(const struct cm_column *column, struct cm_writer to);

#endif
