/* Scenario files as text: sections and keys, each with where it stands.
 *
 * Strict INI. Headers and keys begin at the left margin; an indented line continues the value
 * above it; `;` and `#` begin a comment at the start of a line, ` ;` ends a value anywhere. Names
 * that begin with x- are the user's notes and are left out. Everything that an INI parser would
 * pass over in silence (a line cut short, junk behind a header, a key given twice) is an error. */
#ifndef CM_INI_H
#define CM_INI_H

#include "sim/base/diag.h"

/* A part of a value: value[offset ...] stands at `place`. */
struct cm_ini_piece {
    size_t offset;
    struct cm_place place;
};

/* Bytes of a value that stand for others in the file. */
struct cm_ini_patch {
    size_t at, length;                 /* in the value that is used */
    size_t written_at, written_length; /* in the value as it is written */
};

struct cm_ini_key {
    const char *name, *value;          /* continuation lines joined by one blank */
    struct cm_place place;             /* of the name */
    const struct cm_ini_piece *pieces; /* at least one */
    size_t n_pieces;
    size_t section; /* index into the file's sections */
    /* The key as it stands in the file, where parts of its value were replaced; NULL = none were.
     */
    const struct cm_ini_key *written;
    const struct cm_ini_patch *patches; /* ascending */
    size_t n_patches;
};

struct cm_ini_section {
    const char *name; /* what stands between the brackets */
    struct cm_place place;
    size_t n_keys;
    bool damaged; /* a line of it could not be read: what seems to be missing may be there */
};

struct cm_ini {
    struct cm_ini_section *sections; /* all in the arena */
    struct cm_ini_key *keys;
    size_t n_sections, n_keys;
    const char *title; /* the comment in the first line; NULL = none */
    bool cut;          /* the reading ended before the file did */
};

/* A scenario has a few dozen sections; what has more than this is another kind of file. The last is
 * the length of a value, all its lines together. */
enum { CM_INI_SECTIONS = 512, CM_INI_SECTION_KEYS = 128, CM_INI_VALUE = 16 * 1024 };

/* Reads `text` (of the file called `file`) as far as it can be read; 0, or -1 if there were errors.
 * Everything in `ini`, places included, lives in the arena. */
int cm_ini_read(struct cm_ini *ini, const char *file, const char *text, size_t length,
                struct cm_arena *arena, struct cm_diags *diags);

/* Where bytes [at, at + length) of the value stand; length 0 = all of it. What was replaced stands
 * where the text was that it replaces. */
struct cm_place cm_ini_value_place(const struct cm_ini_key *key, size_t at, size_t length);

/* Whether a name is the user's own. */
bool cm_ini_is_note(const char *name);

#endif
