/* Reading a value that has parts (a law, a list of steps): a mistake points at its own part. */
#ifndef CM_READING_H
#define CM_READING_H

#include "sim/base/err.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

/* What is being read: the whole value, for positions, and where its pieces go. */
struct cm_reading {
    const char *text; /* borrowed, and so are */
    struct cm_arena *arena;
    struct cm_err *err;
};

/* Says what is wrong about `slice`, a part of the value that is being read. */
#define CM_FAIL_AT(r, slice, ...)                                                                  \
    cm_fail_at((r)->err, (size_t)((slice).at - (r)->text), (slice).length, __VA_ARGS__)

/* How much of a part is worth repeating: "%.*s", cm_shown(part), part.at. */
static inline int cm_shown(struct cm_slice s)
{
    const int most = 40;
    return s.length < (size_t)most ? (int)s.length : most;
}

/* Where in the value a mistake about `part` is, given where it is in the part. */
static inline struct cm_slice cm_reading_wrong(struct cm_slice part, const struct cm_err *why)
{
    bool inside = why->length > 0 && why->at + why->length <= part.length;
    return inside ? (struct cm_slice){part.at + why->at, why->length} : part;
}

#endif
