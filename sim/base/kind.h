/* Kinds and sections: what a scenario file can say, as data.
 *
 * A kind is one pluggable thing (a gate, an arrival process, a controller): one file exporting one
 * const object whose first member is a struct cm_kind, plus one line in its folder's .def list.
 * A section says what a [header] may hold; it belongs to the layer that owns its struct. */
#ifndef CM_KIND_H
#define CM_KIND_H

#include "sim/base/param.h"
#include "sim/base/source.h"

struct cm_kind {
    const char *name;    /* as written in a file */
    const char *summary; /* one line for lists */
    const char *source;  /* paper, book or program that defines it */
    const struct cm_param *params;
    size_t options_size;
    /* Rules between fields; 0, or -1 with the reason. NULL = none. */
    int (*check)(const void *options, struct cm_err *err);
    /* Reads the files that the options name and derives what the kind needs, once at load; runs
     * after check. NULL = nothing to read. `file` is the scenario file: paths are relative to it.
     */
    int (*prepare)(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err);
};

/* A name that a section cannot have, since something else goes by it. */
struct cm_taken {
    const char *name;
    const char *by; /* what does, as a sentence */
    bool referable; /* references may say it: they then have the index -1 */
};

struct cm_scenario;
struct cm_diags;

struct cm_section {
    const char *name; /* "traffic"; for named sections the part before the dot: "gate" */
    bool named;       /* [gate.NAME] rather than [traffic] */
    bool bare;        /* of named ones: may also stand without a name, [assert] */
    const struct cm_taken *taken; /* ended by one without a name; NULL = none */
    const char *summary;
    const struct cm_param *params; /* keys that every section of this name has */
    size_t size;                   /* of the struct they fill */
    const char *kind_key;     /* the key that chooses a kind: "test", "arrivals"; NULL = none */
    const char *kind_default; /* NULL = must be given */
    const struct cm_kind *const *kinds; /* NULL-ended */
    int (*check)(const void *common, struct cm_err *err);
    /* For layers above the scenario: says what all sections of this name are wrong about in the
     * scenario as a whole, once nothing else is wrong with it. NULL = nothing. */
    void (*review)(const struct cm_scenario *whole, struct cm_diags *diags);
};

/* The kind called `name` in a NULL-ended list, or NULL. */
const struct cm_kind *cm_kind_find(const struct cm_kind *const *kinds, const char *name);

#endif
