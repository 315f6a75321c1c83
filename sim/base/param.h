/* Parameter tables: one row says everything about one key.
 *
 * A row stands next to the options struct it fills: name (= field), type, default as a user would
 * write it, closed range, one sentence. From it come parsing, units, defaults, range errors with
 * file:line, help, template, reference page, provenance and sweep axes. Nothing is declared twice.
 *
 *     struct options { double alpha; cm_time window; };
 *     static const struct cm_param params[] = {
 *         CM_PROB(struct options, alpha, "1%", 1e-9, 0.5, "Chance of a false rollback."),
 *         CM_DURATION(struct options, window, "1m", 1e9, 3600e9, "What one look reads."),
 *         CM_PARAMS_END,
 *     };
 *
 * The C type of a field is checked where the row is written: a wrong one does not compile. */
#ifndef CM_PARAM_H
#define CM_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/base/mem.h"
#include "sim/base/time.h"
#include "sim/base/write.h"

struct cm_param;

/* How the text of a value becomes bytes, and back. One const object a type. */
struct cm_type {
    const char *name;    /* "duration" */
    const char *accepts; /* "5m, 250ms, 1h30m": examples for help and errors */
    /* Reads `text` (trimmed, not empty) into the field at `out`, checks the row's range; whatever
     * it allocates lives in `arena`. 0, or -1 with the reason. */
    int (*parse)(const struct cm_param *row, const char *text, void *out, struct cm_arena *arena,
                 struct cm_err *err);
    /* Writes the value as a user would; parse(print(v)) == v. */
    void (*print)(const struct cm_param *row, const void *value, struct cm_writer to);
    /* What a value is, in a list of keys, where that depends on the row; NULL = the name. */
    void (*takes)(const struct cm_param *row, struct cm_writer to);
};

struct cm_param {
    const char *name;
    const struct cm_type *type;
    size_t offset;
    const char *dflt;   /* as a user would write it; NULL = must be given; "none" = may be absent */
    double min, max;    /* closed, in the type's unit (ns for durations, 1/s for rates, 1 for %) */
    const void *domain; /* choice: NULL-ended names; reference: the section it names; else NULL */
    const char *help;   /* one sentence with a full stop */
};

/* clang-format takes the braces of these macros for blocks. */
/* clang-format off */
#define CM_PARAMS_END {0}
/* clang-format on */

/* "none" where a row's default is "none": */
#define CM_NO_DURATION  INT64_MIN /* durations */
#define CM_MAX_DURATION 3.2e16    /* ns: a bit over a year, the longest duration accepted */
/* numbers, probabilities, rates: NAN; counts: UINT64_MAX; text: NULL; reference: index -1 and name
 * NULL */

/* A change of a quantity: q -> times * q + plus. Written x3, +1.1pp, -20ms, none. */
struct cm_change {
    double times, plus; /* plus in the quantity's unit: 1 for probabilities, s for times */
};
/* One for each of a list of references. */
struct cm_changes {
    size_t n;
    struct cm_change *list; /* the arena's */
};

/* A number with its unit, for limits whose unit depends on what they limit. */
enum cm_unit { CM_PURE, CM_RATIO, CM_SECONDS, CM_PER_SECOND };
struct cm_quantity {
    double value; /* 1, 1, s, 1/s; NAN = none */
    enum cm_unit unit;
};

/* Another section by its name; the index among the sections of that kind is filled in when the
 * scenario is linked. Names are the arena's. */
struct cm_ref {
    const char *name;
    int index;
};
struct cm_refs {
    size_t n;
    struct cm_ref *refs;
};

extern const struct cm_type cm_type_prob, cm_type_number, cm_type_count, cm_type_duration,
    cm_type_rate, cm_type_flag, cm_type_choice, cm_type_text, cm_type_change_prob,
    cm_type_change_time, cm_type_changes, cm_type_quantity, cm_type_ref, cm_type_refs;

#define CM_AT(T, field, ctype) _Generic(((T *)0)->field, ctype : offsetof(T, field))
/* clang-format off */
#define CM_ROW(T, field, ctype, type, dflt, min, max, domain, help)                                \
    {#field, &(type), CM_AT(T, field, ctype), dflt, min, max, domain, help}
/* clang-format on */

#define CM_PROB(T, f, dflt, min, max, help)                                                        \
    CM_ROW(T, f, double, cm_type_prob, dflt, min, max, NULL, help)
#define CM_NUMBER(T, f, dflt, min, max, help)                                                      \
    CM_ROW(T, f, double, cm_type_number, dflt, min, max, NULL, help)
#define CM_RATE(T, f, dflt, min, max, help)                                                        \
    CM_ROW(T, f, double, cm_type_rate, dflt, min, max, NULL, help)
#define CM_COUNT(T, f, dflt, min, max, help)                                                       \
    CM_ROW(T, f, uint64_t, cm_type_count, dflt, min, max, NULL, help)
#define CM_DURATION(T, f, dflt, min, max, help)                                                    \
    CM_ROW(T, f, cm_time, cm_type_duration, dflt, min, max, NULL, help)
#define CM_FLAG(T, f, dflt, help) CM_ROW(T, f, bool, cm_type_flag, dflt, 0, 1, NULL, help)
#define CM_CHOICE(T, f, dflt, names, help)                                                         \
    CM_ROW(T, f, int, cm_type_choice, dflt, 0, 0, names, help)
#define CM_TEXT(T, f, dflt, help) CM_ROW(T, f, const char *, cm_type_text, dflt, 0, 0, NULL, help)
#define CM_CHANGE_PROB(T, f, dflt, help)                                                           \
    CM_ROW(T, f, struct cm_change, cm_type_change_prob, dflt, 0, 0, NULL, help)
#define CM_CHANGE_TIME(T, f, dflt, help)                                                           \
    CM_ROW(T, f, struct cm_change, cm_type_change_time, dflt, 0, 0, NULL, help)
#define CM_CHANGES(T, f, dflt, help)                                                               \
    CM_ROW(T, f, struct cm_changes, cm_type_changes, dflt, 0, 0, NULL, help)
#define CM_QUANTITY(T, f, dflt, help)                                                              \
    CM_ROW(T, f, struct cm_quantity, cm_type_quantity, dflt, 0, 0, NULL, help)
#define CM_REF(T, f, section, dflt, help)                                                          \
    CM_ROW(T, f, struct cm_ref, cm_type_ref, dflt, 0, 0, section, help)
#define CM_REFS(T, f, section, dflt, help)                                                         \
    CM_ROW(T, f, struct cm_refs, cm_type_refs, dflt, 0, 0, section, help)

/* The row called `name`, or NULL. */
const struct cm_param *cm_param_find(const struct cm_param *rows, const char *name);

/* Fills `options` with the defaults of every row that has one. */
void cm_params_default(const struct cm_param *rows, void *options, struct cm_arena *arena);

/* Reads one value into its field; 0, or -1 with the reason. */
int cm_param_set(const struct cm_param *row, void *options, const char *text,
                 struct cm_arena *arena, struct cm_err *err);

#endif
