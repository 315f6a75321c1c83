/* What scenario files say about themselves: the comment that they open with, as fields.
 *
 *     ; One look or twenty: what does asking again cost?
 *     ;
 *     ; question: Twenty minutes of canary, "p below 2.5 %". How often is a healthy release
 *     ;     sent back if that is asked each minute?
 *     ; try: coalmine run scenarios/lessons/03-peeking.ini
 *     ; see: Each look is one more chance to be unlucky.
 *     ;     | once             2.1 %
 *
 * The first line is the title. A field begins with a word and a colon at the margin and goes on in
 * the lines below it that are indented by four; these are joined by blanks, but one that begins
 * with a bar stays a line of its own: it is to be found in what a command prints. Other lines are
 * prose and are left out. What fields mean is a matter of who reads them. */
#ifndef CM_HEADERS_H
#define CM_HEADERS_H

#include "sim/base/err.h"
#include "sim/base/mem.h"

struct cm_header_field {
    const char *key, *text; /* the bars' lines are parted from the rest by line feeds */
};

struct cm_header {
    const char *file;  /* "scenarios/lessons/03-peeking.ini", as commands name it */
    const char *title; /* the first line */
    const struct cm_header_field *fields;
    size_t n_fields;
};

struct cm_headers {
    const struct cm_header *list;
    size_t n;
};

/* The header of a scenario's text; all in the arena, but `file`, which is borrowed. */
struct cm_header cm_header_read(const char *file, const char *text, struct cm_arena *arena);

/* The first field of that name, or NULL. */
const char *cm_header_text(const struct cm_header *header, const char *key);

/* Those of all files scenarios/`folder`/ *.ini that are installed, by name. 0, or -1 with the
 * reason; a folder without any is one. */
int cm_headers_read(const char *folder, struct cm_arena *arena, struct cm_headers *headers,
                    struct cm_err *err);

/* Makes the folder that holds `scenarios` the working one, so that names in commands of headers are
 * right as they stand. */
int cm_headers_enter(struct cm_err *err);

#endif
