/* What the files of the store share: the connection, its statements, its errors. */
#ifndef CM_STORE_PARTS_H
#define CM_STORE_PARTS_H

#include <sqlite3.h>

#include "sim/base/write.h"
#include "sim/run/store.h"

/* Statements that run often; prepared when they are first needed. */
enum cm_store_statement {
    CM_STORE_BEGIN,
    CM_STORE_COMMIT,
    CM_STORE_PUT_CELL,
    CM_STORE_SET_REPLICATIONS,
    CM_STORE_DROP_VARIABLES,
    CM_STORE_DROP_MEMBERS,
    CM_STORE_DROP_INPUTS,
    CM_STORE_PUT_VARIABLE,
    CM_STORE_FIND_SERIES,
    CM_STORE_PUT_SERIES,
    CM_STORE_PUT_MEMBER,
    CM_STORE_PUT_INPUT,
    CM_STORE_PUT_CONTENT,
    CM_STORE_PUT_BLOCK,
    CM_STORE_PUT_ROW,
    CM_STORE_GET_BLOCKS,
    CM_STORE_GET_ROWS,
    CM_STORE_STATEMENTS
};

struct cm_store {
    sqlite3 *db;                     /* owned, as are */
    char *path, *version;            /* of the file; of the program */
    struct cm_store_options options; /* its texts are those above */
    sqlite3_stmt *statements[CM_STORE_STATEMENTS];
    int lock;          /* descriptor of the writer's lock; -1 = none */
    bool in_memory;    /* no file, no lock */
    bool writing;      /* a transaction is open */
    bool failed;       /* one was lost: nothing more is written */
    double began, due; /* the transaction, s of a steady clock; its age when it is committed */
    int64_t study;     /* that cells belong to; 0 = none was named */
    bool viewed;       /* the view has the variables of that study */
};

extern const char *const cm_store_units[]; /* by enum cm_unit, NULL-ended */

/* Says what SQLite's last error means for the user; always -1. */
int cm_store_fail(const struct cm_store *s, struct cm_err *err);
/* Runs a text of SQL without results. 0 or -1. */
int cm_store_sql(struct cm_store *s, const char *sql, struct cm_err *err);
/* Prepares it; NULL with the reason. */
sqlite3_stmt *cm_store_prepare(struct cm_store *s, const char *sql, struct cm_err *err);
/* A statement of the list, ready to be bound. */
sqlite3_stmt *cm_store_statement(struct cm_store *s, enum cm_store_statement which,
                                 struct cm_err *err);
/* Runs a statement that returns no row, and makes it ready again. */
int cm_store_step(struct cm_store *s, sqlite3_stmt *statement, struct cm_err *err);
/* Opens a transaction if none is. */
int cm_store_write(struct cm_store *s, struct cm_err *err);
/* Commits if the transaction is old enough. */
int cm_store_commit_now_and_then(struct cm_store *s, struct cm_err *err);
/* Gives up the transaction and what was written in it. */
void cm_store_abandon(struct cm_store *s);
double cm_store_now(void); /* s, of a steady clock */

/* The tables, in a database that has none. */
int cm_store_make_tables(struct cm_store *s, struct cm_err *err);
/* The view `outcomes`, with a column for each variable of the study. */
int cm_store_make_view(struct cm_store *s, struct cm_err *err);
/* What depends on the columns of an outcome: its table, and statements about all of them; the
 * caller frees. */
char *cm_store_outcome_table(void);
char *cm_store_insert_sql(void);
char *cm_store_select_sql(void);
/* Writes them as the view shows them: times in seconds, ends by their names. */
void cm_store_outcome_view(struct cm_writer to);
/* ", ending, step": all columns, each with `before` in front of it. */
void cm_store_outcome_names(struct cm_writer to, const char *before);
/* Whether rows a and b differ, as an expression. */
void cm_store_outcome_differs(struct cm_writer to);

/* Takes the lock of the only writer; -1 with the reason. */
int cm_store_lock(struct cm_store *s, struct cm_err *err);
void cm_store_unlock(struct cm_store *s);

#endif
