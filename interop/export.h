/* Values of a scenario's policy back into the manifest that it came from.
 *
 * The manifest is imported again, which tells where every key came from; where the scenario says
 * something else, the bytes of that one value are replaced, and nothing else: comments, order and
 * layout stay. How a value is written in the manifest (seconds or 1m, 99 or 0.99, yes or true) is
 * found by trying: a spelling is taken only if importing the result gives the scenario's value. So
 * the import of an export gives the same policy, or the export says what it could not carry. */
#ifndef CM_EXPORT_H
#define CM_EXPORT_H

#include "interop/draft.h"
#include "interop/import.h"
#include "sim/scenario/scenario.h"

#define CM_EXPORT_FILES 64

struct cm_export_change {
    int line;              /* from 1 */
    const char *key;       /* "policy.imported.interval" */
    const char *from, *to; /* whole lines of the manifest, before and after */
};

struct cm_export {
    struct cm_buffer text;            /* the manifest, changed; owned */
    struct cm_export_change *changes; /* the arena's */
    size_t n_changes;
    const char **left; /* what was not carried, as sentences; the arena's */
    size_t n_left;
    struct cm_arena arena; /* owned */
};

/* `files`: the manifest first, then what it refers to, at most CM_EXPORT_FILES. `policy` is an
 * index into the scenario's. 0, or -1 with notes if the manifest cannot be imported. Release it in
 * either case. */
int cm_export_run(struct cm_export *e, const struct cm_import *files, const struct cm_scenario *s,
                  int policy, struct cm_notes *notes);
void cm_export_release(struct cm_export *e); /* idempotent, safe on {0} */

#endif
