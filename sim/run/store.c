/* The connection: opening, transactions, and what SQLite's errors mean to whoever runs a study.
 *
 * A transaction is opened by the first write and committed when it is old enough. SQLite writes
 * to the file at a commit only (cache_spill is off), so a program is killed in the middle of a
 * write to the file rarely, and the journal then takes it back. */
#include "sim/run/store_parts.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "sim/base/mem.h"

enum {
    APPLICATION = 0x434d5354, /* "CMST", in the header of the file */
    BUSY_MS = 50,
    PATIENCE = 200 /* waits, if nobody decides: ten seconds */
};
/* A commit waits for the disk. It is due when the transaction is so many times as old as the last
 * one took, within limits: a kill loses little, and a slow disk is not asked all the time. */
static const double COMMITS_APART = 20, COMMIT_SOONEST_S = 0.05, COMMIT_LATEST_S = 1;

double cm_store_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The first bytes of every SQLite database (its file format, 1.3). */
bool cm_store_is(const char *path)
{
    static const char header[] = "SQLite format 3";
    char begins[sizeof header];
    FILE *file = fopen(path, "rb");
    size_t got = file ? fread(begins, 1, sizeof begins, file) : 0;
    if (file)
        fclose(file);
    return got == sizeof begins && memcmp(begins, header, sizeof begins) == 0;
}

/* --- errors --- */

/* What the system said about a file, if it said anything. */
static int fail_with_file(const struct cm_store *s, struct cm_err *err)
{
    int error = sqlite3_system_errno(s->db);
    return cm_fail(err, "'%.200s' cannot be read or written: %s", s->path,
                   error ? strerror(error) : sqlite3_errmsg(s->db));
}

int cm_store_fail(const struct cm_store *s, struct cm_err *err)
{
    switch (sqlite3_errcode(s->db) & 0xff) {
    case SQLITE_FULL:
        return cm_fail(err, "'%.200s': the disk is full; what was committed before is kept",
                       s->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return cm_fail(err, "'%.200s' is held by another program", s->path);
    case SQLITE_READONLY:
        if (s->options.read_only)
            return cm_fail(err,
                           "'%.200s' was left in the middle of a write, and can be put right "
                           "only where it may be written: copy it, with '%.100s-journal'",
                           s->path, s->path);
        return cm_fail(err, "'%.200s' cannot be written: it, or the folder it is in, is read-only",
                       s->path);
    case SQLITE_NOTADB:
        return cm_fail(err, "'%.200s' is not a store: it is no SQLite database", s->path);
    case SQLITE_CORRUPT:
        return cm_fail(err, "'%.200s' is damaged: %s", s->path, sqlite3_errmsg(s->db));
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return fail_with_file(s, err);
    default:
        return cm_fail(err, "'%.200s': %s", s->path, sqlite3_errmsg(s->db));
    }
}

/* --- statements --- */

int cm_store_sql(struct cm_store *s, const char *sql, struct cm_err *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : cm_store_fail(s, err);
}

sqlite3_stmt *cm_store_prepare(struct cm_store *s, const char *sql, struct cm_err *err)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK)
        cm_store_fail(s, err);
    return statement;
}

static const char put_cell[] =
    "INSERT INTO cell (study, number, digest, text, seed, replications, version)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    " ON CONFLICT (study, number) DO UPDATE SET digest = ?3, text = ?4, seed = ?5,"
    " replications = ?6, version = ?7 RETURNING cell";

/* A block that was begun by one version and finished by another names both. */
static const char put_block[] =
    "INSERT INTO block VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT DO UPDATE SET replications = max(replications, ?3),"
    " version = CASE WHEN instr(version, ?4) THEN version ELSE version || ', ' || ?4 END";

/* The two that are made from the columns of an outcome are not in the list. */
static const char *const texts[CM_STORE_STATEMENTS] = {
    [CM_STORE_BEGIN] = "BEGIN IMMEDIATE",
    [CM_STORE_COMMIT] = "COMMIT",
    [CM_STORE_PUT_CELL] = put_cell,
    [CM_STORE_SET_REPLICATIONS] = "UPDATE cell SET replications = ?2 WHERE cell = ?1",
    [CM_STORE_DROP_VARIABLES] = "DELETE FROM variable WHERE cell = ?1",
    [CM_STORE_DROP_MEMBERS] = "DELETE FROM member WHERE cell = ?1",
    [CM_STORE_DROP_INPUTS] = "DELETE FROM input WHERE cell = ?1",
    [CM_STORE_PUT_VARIABLE] = "INSERT INTO variable VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [CM_STORE_FIND_SERIES] = "SELECT series FROM series WHERE digest = ?1",
    [CM_STORE_PUT_SERIES] =
        "INSERT INTO series (digest, policy, release, harmless) VALUES (?1, ?2, ?3, ?4)",
    [CM_STORE_PUT_MEMBER] = "INSERT INTO member VALUES (?1, ?2, ?3)",
    [CM_STORE_PUT_INPUT] = "INSERT INTO input VALUES (?1, ?2, ?3)",
    [CM_STORE_PUT_CONTENT] = "INSERT OR IGNORE INTO content VALUES (?1, ?2)",
    [CM_STORE_PUT_BLOCK] = put_block,
    [CM_STORE_GET_BLOCKS] =
        "SELECT block, replications FROM block WHERE series = ?1 ORDER BY block",
};

sqlite3_stmt *cm_store_statement(struct cm_store *s, enum cm_store_statement which,
                                 struct cm_err *err)
{
    if (s->statements[which])
        return s->statements[which];
    char *made = which == CM_STORE_PUT_ROW    ? cm_store_insert_sql()
                 : which == CM_STORE_GET_ROWS ? cm_store_select_sql()
                                              : NULL;
    s->statements[which] = cm_store_prepare(s, made ? made : texts[which], err);
    cm_free(made);
    return s->statements[which];
}

int cm_store_step(struct cm_store *s, sqlite3_stmt *statement, struct cm_err *err)
{
    int status = sqlite3_step(statement);
    int outcome = status == SQLITE_DONE || status == SQLITE_ROW ? 0 : cm_store_fail(s, err);
    sqlite3_reset(statement);
    return outcome;
}

/* --- transactions --- */

int cm_store_write(struct cm_store *s, struct cm_err *err)
{
    if (s->writing)
        return 0;
    if (s->failed)
        return cm_fail(err, "'%.200s' could not be written before", s->path);
    sqlite3_stmt *begin = cm_store_statement(s, CM_STORE_BEGIN, err);
    if (!begin || cm_store_step(s, begin, err))
        return -1;
    s->writing = true;
    s->began = cm_store_now();
    return 0;
}

/* SQLite has done so itself after some errors; then this one is none. */
void cm_store_abandon(struct cm_store *s)
{
    if (s->writing && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->failed = s->failed || s->writing;
    s->writing = false;
}

int cm_store_commit(struct cm_store *s, struct cm_err *err)
{
    if (!s->writing)
        return s->failed ? cm_fail(err, "'%.200s' could not be written before", s->path) : 0;
    sqlite3_stmt *commit = cm_store_statement(s, CM_STORE_COMMIT, err);
    double began = cm_store_now();
    if (!commit || cm_store_step(s, commit, err)) {
        cm_store_abandon(s);
        return -1;
    }
    s->writing = false;
    s->due =
        fmin(COMMIT_LATEST_S, fmax(COMMIT_SOONEST_S, COMMITS_APART * (cm_store_now() - began)));
    return 0;
}

int cm_store_commit_now_and_then(struct cm_store *s, struct cm_err *err)
{
    return s->writing && cm_store_now() - s->began >= s->due ? cm_store_commit(s, err) : 0;
}

/* --- opening --- */

/* Called by SQLite while another program holds the database; 0 gives up. */
static int busy(void *self, int count)
{
    struct cm_store *s = self;
    const struct timespec pause = {0, BUSY_MS * 1000000L};
    const int a_second = 1000 / BUSY_MS;
    if (!s->options.wait && count >= PATIENCE)
        return 0;
    if (s->options.wait && count % a_second == a_second - 1 &&
        !s->options.wait(s->options.wait_self, "another program holds it"))
        return 0;
    nanosleep(&pause, NULL);
    return 1;
}

/* What can be told without SQLite, in better words. */
static int look_at(const char *path, bool read_only, struct cm_err *err)
{
    struct stat status;
    if (stat(path, &status)) {
        if (errno == ENOENT && !read_only)
            return 0;
        return cm_fail(err, "cannot open '%.200s': %s", path, strerror(errno));
    }
    if (S_ISDIR(status.st_mode))
        return cm_fail(err, "'%.200s' is a folder, not a store", path);
    if (!S_ISREG(status.st_mode))
        return cm_fail(err, "'%.200s' is not a file", path);
    return 0;
}

/* The number that a pragma or a count answers with. */
static int read_number(struct cm_store *s, const char *sql, int64_t *number, struct cm_err *err)
{
    sqlite3_stmt *statement = cm_store_prepare(s, sql, err);
    if (!statement)
        return -1;
    int status = sqlite3_step(statement) == SQLITE_ROW ? 0 : cm_store_fail(s, err);
    *number = status ? 0 : sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return status;
}

/* Whose file it is: 1 = nobody's yet, 0 = ours, -1 = not ours. */
static int identify(struct cm_store *s, struct cm_err *err)
{
    int64_t application, schema, tables;
    if (read_number(s, "PRAGMA application_id", &application, err) ||
        read_number(s, "PRAGMA user_version", &schema, err) ||
        read_number(s, "SELECT count(*) FROM sqlite_master", &tables, err))
        return -1;
    if (application == 0 && tables == 0)
        return 1;
    if (application != APPLICATION)
        return cm_fail(err, "'%.200s' is an SQLite database, but not a store of studies", s->path);
    if (schema != CM_STORE_SCHEMA)
        return cm_fail(err,
                       "'%.200s' is a store of schema %lld, and this program reads schema %d; "
                       "export it with the version of the program that wrote it",
                       s->path, (long long)schema, CM_STORE_SCHEMA);
    return 0;
}

/* Readers open for writing, too: a journal that a killed writer left has to be played back. */
static int connect(struct cm_store *s, struct cm_err *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    flags |= s->options.read_only ? 0 : SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK)
        return s->db ? cm_store_fail(s, err) : cm_fail(err, "out of memory");
    sqlite3_busy_handler(s->db, busy, s);
    if (s->options.read_only)
        return cm_store_sql(s, "PRAGMA query_only = ON", err);
    return cm_store_sql(s,
                        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;"
                        "PRAGMA cache_spill = OFF; PRAGMA foreign_keys = OFF",
                        err);
}

static int make(struct cm_store *s, struct cm_err *err)
{
    char sql[80];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION,
             CM_STORE_SCHEMA);
    if (cm_store_write(s, err) || cm_store_sql(s, sql, err) || cm_store_make_tables(s, err) ||
        cm_store_commit(s, err)) {
        cm_store_abandon(s);
        return -1;
    }
    return 0;
}

static int open_file(struct cm_store *s, struct cm_err *err)
{
    bool locked = !s->in_memory && !s->options.read_only;
    if (!s->in_memory && look_at(s->path, s->options.read_only, err))
        return -1;
    if ((locked && cm_store_lock(s, err)) || connect(s, err))
        return -1;
    int state = identify(s, err);
    if (state == 1 && s->options.read_only)
        return cm_fail(err, "'%.200s' is empty: there is no study in it", s->path);
    return state == 1 ? make(s, err) : state;
}

static char *copy(const char *text)
{
    size_t room = strlen(text) + 1;
    char *mine = cm_alloc(room);
    memcpy(mine, text, room);
    return mine;
}

struct cm_store *cm_store_open(const char *path, const struct cm_store_options *options,
                               struct cm_err *err)
{
    struct cm_store *s = cm_alloc(sizeof *s);
    *s = (struct cm_store){
        .path = copy(path),
        .version = copy(options->version ? options->version : ""),
        .options = *options,
        .lock = -1,
        .in_memory = strcmp(path, ":memory:") == 0,
    };
    s->options.version = s->version;
    if (open_file(s, err) == 0)
        return s;
    struct cm_err later;
    s->failed = true;
    cm_store_close(s, &later);
    return NULL;
}

int cm_store_close(struct cm_store *s, struct cm_err *err)
{
    if (!s)
        return 0;
    int status = cm_store_commit(s, err);
    for (int i = 0; i < CM_STORE_STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    cm_store_unlock(s);
    cm_free(s->path);
    cm_free(s->version);
    cm_free(s);
    return status;
}
