/* Text as a terminal shows it: code points, how wide they are, and what must not reach it. */
#ifndef CM_UTF8_H
#define CM_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/write.h"

struct cm_glyph {
    size_t bytes; /* at least 1 */
    int columns;  /* 0 for combining marks, 2 for East Asian wide characters and emoji */
    bool good;    /* well-formed, and neither NUL nor a control character (a tab is one) */
};

/* What begins at `text`, which holds `length` > 0 bytes. */
struct cm_glyph cm_glyph_at(const char *text, size_t length);

/* Writes the text with a ? for every byte that is not good, so that no terminal obeys it. */
void cm_write_clean(struct cm_writer to, const char *text, size_t length);

#endif
