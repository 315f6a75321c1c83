/* From text to entries: the passes of the loader and what they share.
 *
 *     sections   every [section] becomes an entry: kinds, typed values, origins (load.c, entry.c)
 *     link       names become indices (link.c)
 *     prepare    files that values name are read (prepare.c)
 *     view       entries become struct cm_scenario (scenario.c)
 *     check      what only the whole can be wrong about (check.c)
 *
 * Every pass goes on after mistakes, on what is sound, so that one run reports them all. */
#ifndef CM_LOAD_H
#define CM_LOAD_H

#include "sim/scenario/document.h"

/* What the loader knows about an entry beyond what it will be. */
struct cm_draft {
    const struct cm_chapter *chapter; /* NULL = not written */
    struct cm_origin *origins[2];     /* as in the entry, to be filled in */
    bool broken;                      /* an error is reported: what it holds means nothing */
};

struct cm_loading {
    const struct cm_document *document;
    const struct cm_section *const *sections; /* all, NULL-ended */
    const struct cm_source *source;
    struct cm_entry *entries; /* the arena's; in file order, then the unwritten */
    struct cm_draft *drafts;  /* one an entry */
    size_t n;
    struct cm_arena *arena; /* borrowed, and so is */
    struct cm_diags *diags;
};

/* The passes in order, on a complete document whose arena is the scenario's. 0 or -1. */
int cm_scenario_build(struct cm_scenario *s, const struct cm_document *document,
                      const struct cm_load *load);

void cm_load_sections(struct cm_loading *l);
void cm_entry_fill(struct cm_loading *l, size_t i); /* one entry from its chapter */
void cm_link_all(struct cm_loading *l);
void cm_prepare_all(struct cm_loading *l);
void cm_check_all(struct cm_loading *l, const struct cm_scenario *s);

/* The keys of an entry come from its section (group 0) and from its kind (group 1). */
enum { CM_GROUPS = 2 };
struct cm_group {
    const struct cm_param *rows; /* may be NULL */
    void *base;
    const struct cm_origin *origins;
};
struct cm_group cm_entry_group(const struct cm_entry *entry, int group);

/* "gate.success", or "traffic". */
const char *cm_entry_title(const struct cm_loading *l, size_t i);
/* Where the entry stands: its header, or the first file if it was not written. */
struct cm_place cm_entry_place(const struct cm_loading *l, size_t i);
/* Where bytes [at, at + length) of a key's value stand; the entry if the key was not written. */
struct cm_place cm_entry_value_place(const struct cm_loading *l, size_t i, const char *key,
                                     size_t at, size_t length);
/* Where what `err` says stands: at the first written key it names, else at the key `otherwise`
 * ("" = none), else at the entry. */
struct cm_place cm_entry_err_place(const struct cm_loading *l, size_t i, const struct cm_err *err,
                                   const char *otherwise);

/* The index among the entries of a section of the one called `name`, or -1. */
int cm_entry_index(const struct cm_loading *l, const char *section, const char *name);
/* The entry that has this index in its section. */
size_t cm_entry_at(const struct cm_loading *l, const struct cm_section *section, int index);

#endif
