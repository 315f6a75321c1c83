/* A scenario as text: all its files and --set options in one, each key with where it came from.
 *
 * An included file is read before the file that names it, whatever the place of the `include`
 * line; later keys win; --set comes last. Then `extends = a, b` hands down what a section leaves
 * open: its own keys win over those of a, and a's over b's. */
#ifndef CM_DOCUMENT_H
#define CM_DOCUMENT_H

#include "sim/base/ini.h"
#include "sim/scenario/scenario.h"

struct cm_written {
    const struct cm_ini_key *key; /* the arena's */
    int rank;                     /* of its source: files in reading order, then --set */
    bool from_set, inherited;     /* inherited: by extends */
};

/* All that was written about one [section]. */
struct cm_chapter {
    const char *name;
    struct cm_place place; /* of its header, in the file read last */
    struct cm_written *keys;
    size_t n_keys;
    bool damaged;  /* as in struct cm_ini_section */
    bool in_file;  /* false: only --set mentions it */
    bool complete; /* has inherited what it extends */
};

struct cm_document {
    const char *file, *title; /* of the first file; title NULL = none */
    struct cm_chapter *chapters;
    size_t n;
    bool cut;               /* a file was not read to its end */
    int rank;               /* of the next source */
    struct cm_arena *arena; /* borrowed, and so is */
    struct cm_diags *diags;
};

/* Reads everything that `load` names. 0, or -1 if there is nothing to go on with; mistakes that
 * leave something to check are only diagnosed. */
int cm_document_read(struct cm_document *doc, const struct cm_load *load);
/* Puts the replacements into the values, then lets sections inherit. 0, or -1 as above. */
int cm_document_complete(struct cm_document *doc, const struct cm_replacement *replace, size_t n);

/* The chapter called `name`, or NULL. */
struct cm_chapter *cm_document_find(const struct cm_document *doc, const char *name);
/* What was written for a key, or NULL. */
const struct cm_written *cm_chapter_key(const struct cm_chapter *chapter, const char *name);

/* The parts of cm_document_read. */
int cm_include_read(struct cm_document *doc, const struct cm_load *load); /* include.c */
void cm_set_apply(struct cm_document *doc, const char *option);           /* set.c */
void cm_extends_resolve(struct cm_document *doc);                         /* extends.c */
void cm_document_replace(struct cm_document *doc, const struct cm_replacement *replace,
                         size_t n); /* replace.c */
/* Adds a key to a chapter or replaces it there; keeps the arena's key. */
void cm_document_write(struct cm_document *doc, struct cm_chapter *chapter,
                       struct cm_written written);
/* The chapter called `name`, begun if there is none; NULL if there are too many. */
struct cm_chapter *cm_document_open(struct cm_document *doc, const char *name,
                                    struct cm_place place);

#endif
