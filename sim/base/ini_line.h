/* One physical line of a scenario file: what it is, and where its parts are. */
#ifndef CM_INI_LINE_H
#define CM_INI_LINE_H

#include "sim/base/diag.h"

enum cm_line_kind {
    CM_LINE_BLANK,
    CM_LINE_COMMENT,
    CM_LINE_HEADER,
    CM_LINE_KEY,
    CM_LINE_MORE, /* indented: continues a value */
    CM_LINE_BAD   /* neither; diagnosed */
};

struct cm_ini_line {
    enum cm_line_kind kind;
    struct cm_place place;       /* file, line and text: the caller's to fill in */
    size_t end;                  /* of what counts: comment and blanks are behind it */
    size_t name_at, name_length; /* of a header or a key */
    size_t value_at;             /* of a key or a continuation */
};

/* libinih's buffer: longer lines it would cut, and take the rest for another line. */
enum { CM_LINE_MAX = 198 };

/* Fills in the rest of `line` from its place. */
void cm_ini_line_read(struct cm_ini_line *line, struct cm_diags *diags);

/* Bytes [at, at + length) of the line. */
struct cm_place cm_ini_line_place(const struct cm_ini_line *line, size_t at, size_t length);

/* Where a comment begins within the quotes of a value, `"a ; b"`; 0 = nowhere. */
size_t cm_ini_line_cut_quote(const struct cm_ini_line *line);

/* Whether an indented line reads like a header or a key: `rate = 5 rps`, but not `a == b`. */
bool cm_ini_line_is_key_like(const struct cm_ini_line *line);

#endif
