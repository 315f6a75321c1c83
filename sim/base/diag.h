/* Diagnostics: every mistake of a file in one pass, each where it stands.
 *
 *     shop.ini:14:1: error: [policy.ours] unknown key 'look_evry' (did you mean 'look_every'?)
 *        14 | look_evry = 5s
 *           | ^~~~~~~~~
 *
 * Each has an identifier in diag.def, and each identifier has a golden file in tests/bad. */
#ifndef CM_DIAG_H
#define CM_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/mem.h"
#include "sim/base/write.h"

enum cm_diag_id {
#define CM_DIAG(id, slug, severity) CM_DIAG_##id,
#include "sim/base/diag.def"
#undef CM_DIAG
    CM_DIAG_COUNT
};

enum cm_severity { CM_NOTE, CM_WARNING, CM_ERROR };

/* Where something stands; file NULL = nowhere in particular. Borrowed text. */
struct cm_place {
    const char *file;
    int line;         /* from 1; 0 = the file as a whole */
    int column;       /* from 1, in bytes */
    int length;       /* bytes underlined; 0 = a bare caret */
    const char *text; /* the physical line, without its end; NULL = no excerpt */
};

struct cm_diag {
    enum cm_diag_id id;
    struct cm_place place;
    const char *text;
};

struct cm_diags {
    struct cm_arena arena;
    struct cm_diag *list; /* owned; at most CM_DIAGS_SHOWN are kept, the rest only counted */
    size_t n, room, errors, warnings;
};
#define CM_DIAGS_SHOWN 100

void cm_diag_add(struct cm_diags *d, enum cm_diag_id id, struct cm_place place, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));
const char *cm_diag_slug(enum cm_diag_id id);
enum cm_severity cm_diag_severity(enum cm_diag_id id);
/* All of them in file order, then a line that counts errors and warnings. */
void cm_diags_write(const struct cm_diags *d, struct cm_writer to);
void cm_diags_release(struct cm_diags *d);

#endif
