/* The store of a study: outcomes in a file that survives what happens to programs.
 *
 * One file, an SQLite database (docs/studies.md shows its tables). What is kept of a study is one
 * row a cell: its variables and its scenario as text. What is kept of the simulation is one row a
 * replication, under the digest of everything that determines it: a cell of one policy and one
 * release, a *series*. So a study that is run again plays only what is missing, more replications
 * add only the new ones, and studies that have a series in common share it.
 *
 * Rows are written a block of 256 replications at a time, and committed several times a second. A
 * program that is killed loses the blocks of that moment and nothing else.
 *
 * The journal is SQLite's rollback journal, not its write-ahead log: a store at rest is one file
 * that may be copied and mailed, it can be read where nothing can be written, and it works on file
 * systems without shared memory, where clusters keep their data. */
#ifndef CM_STORE_H
#define CM_STORE_H

#include "sim/base/err.h"
#include "sim/base/mem.h"
#include "sim/base/param.h"
#include "sim/base/text.h"
#include "sim/engine/outcome.h"

#define CM_STORE_SCHEMA 1   /* of the tables; another one is refused */
#define CM_STORE_DIGEST 65  /* room for 64 hexadecimal digits of SHA-256 */
#define CM_STORE_BLOCK  256 /* replications that are written together */

struct cm_store; /* opaque: the connection */

/* Whether the file is a database: it then is a store, or cm_store_open says what else. */
bool cm_store_is(const char *path);

/* How to open a store. */
struct cm_store_options {
    const char *version; /* of the program that writes: "0.1.0" */
    bool read_only;      /* it has to be there, and is not changed */
    /* Asked about once a second, with the reason as a clause, while somebody else holds the store;
     * false gives up. NULL = give up at once. */
    bool (*wait)(void *self, const char *reason);
    void *wait_self;
};

/* NULL with the reason. A store that is opened for writing is made if there is none, and there is
 * one writer at a time. ":memory:" is a store without a file. */
struct cm_store *cm_store_open(const char *path, const struct cm_store_options *options,
                               struct cm_err *err);
/* Commits what was written. -1 if that failed; the store is closed in any case; NULL is fine. */
int cm_store_close(struct cm_store *store, struct cm_err *err);

/* --- writing --- */

/* What the cells of a study have in common. */
struct cm_store_study {
    const char *title, *file; /* as in struct cm_scenario */
    const char *text;         /* the study as it was written: its digest is the study's name */
    uint64_t cells;           /* of the whole study, whichever are run here */
};

/* A value of one variable. */
struct cm_store_variable {
    const char *name, *value; /* "rate", "30" */
    double number;            /* the value as a number, in its own unit; NAN = it is a word */
    double scale; /* of a bare number that stands before a unit, as in struct cm_sweep_variable: it
                     is scale * number of `unit`; 0 = no such thing */
    enum cm_unit unit;
};

/* One point of a study. */
struct cm_store_cell {
    uint64_t number; /* in the whole study, from 0 */
    const struct cm_store_variable *variables;
    size_t n_variables;
    const char *text;   /* the resolved scenario, as cm_scenario_print_plain writes it */
    const char *digest; /* of what determines the numbers of all its series */
    uint64_t seed, replications;
};

/* Names the study that cells belong to from now on. 0 or -1. */
int cm_store_begin(struct cm_store *store, const struct cm_store_study *study, struct cm_err *err);

/* Writes a cell of that study, in place of an earlier one of the same number; *id is its name. */
int cm_store_put_cell(struct cm_store *store, const struct cm_store_cell *cell, int64_t *id,
                      struct cm_err *err);

/* How many replications belong to a cell. */
int cm_store_set_replications(struct cm_store *store, int64_t cell, uint64_t replications,
                              struct cm_err *err);

/* What determines the numbers of one policy and one release. */
struct cm_store_series {
    const char *digest; /* of everything that does */
    const char *policy, *release;
    bool harmless; /* nobody minds the release */
};

/* The series of that digest, made if it is new, as number `position` of a cell. */
int cm_store_put_series(struct cm_store *store, int64_t cell, size_t position,
                        const struct cm_store_series *series, int64_t *id, struct cm_err *err);

/* Writes rows `first`, first + 1, ... of a series, all of one block. Rows that are there already
 * stay as they are. */
int cm_store_put_rows(struct cm_store *store, int64_t series, uint64_t first,
                      const struct cm_outcome *rows, size_t n, struct cm_err *err);

/* A file that the text of a cell names, so that the store can be read where the file is not. */
int cm_store_put_file(struct cm_store *store, int64_t cell, const char *name, struct cm_slice bytes,
                      struct cm_err *err);

/* Makes what was written last; called often enough by cm_store_put_rows itself. */
int cm_store_commit(struct cm_store *store, struct cm_err *err);

/* --- rows --- */

/* How many rows there are of each of the first `blocks` blocks of a series. */
int cm_store_rows_in(struct cm_store *store, int64_t series, size_t *rows, size_t blocks,
                     struct cm_err *err);

/* How many rows of a series there are from the first on without a gap. */
int cm_store_length(struct cm_store *store, int64_t series, uint64_t *n, struct cm_err *err);

/* Rows [first, first + n) of a series; -1 also if one of them is not there. */
int cm_store_get_rows(struct cm_store *store, int64_t series, uint64_t first,
                      struct cm_outcome *rows, size_t n, struct cm_err *err);

/* --- reading; texts and lists are the arena's --- */

/* The study that was begun last; from now on it is the one whose cells are asked for. *n becomes
 * the number of studies: 0 = there is none. */
int cm_store_get_study(struct cm_store *store, struct cm_store_study *study, size_t *n,
                       struct cm_arena *arena, struct cm_err *err);

struct cm_store_found {
    int64_t id;
    struct cm_store_cell cell; /* without its text */
};
/* The cells of the study, by number. */
int cm_store_get_cells(struct cm_store *store, struct cm_store_found **cells, size_t *n,
                       struct cm_arena *arena, struct cm_err *err);

/* The text of a cell. */
int cm_store_get_text(struct cm_store *store, int64_t cell, const char **text,
                      struct cm_arena *arena, struct cm_err *err);

/* The series of a cell, in order. */
int cm_store_get_series(struct cm_store *store, int64_t cell, int64_t **series, size_t *n,
                        struct cm_arena *arena, struct cm_err *err);

/* The versions of the program that played the replications of a cell, in the order of their names:
 * "0.1.0, 0.2.0". */
int cm_store_get_versions(struct cm_store *store, int64_t cell, const char **versions,
                          struct cm_arena *arena, struct cm_err *err);

/* A file that the text of a cell names; -1 also if there is none of that name. */
int cm_store_get_file(struct cm_store *store, int64_t cell, const char *name,
                      struct cm_slice *bytes, struct cm_arena *arena, struct cm_err *err);

/* --- merging --- */

/* Adds everything in the store at `path`, which is not changed. What both have must be the same. */
int cm_store_merge(struct cm_store *store, const char *path, struct cm_err *err);

#endif
