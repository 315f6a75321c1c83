/* What the rows are rows of: studies, cells, variables, series, and which blocks there are. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/digest.h"
#include "sim/base/mem.h"
#include "sim/run/store_parts.h"

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text ? text : "", -1, SQLITE_TRANSIENT);
}

/* Runs a statement that returns one number. */
static int step_for_id(struct cm_store *s, sqlite3_stmt *statement, int64_t *id, struct cm_err *err)
{
    int status = sqlite3_step(statement);
    *id = status == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    while (status == SQLITE_ROW)
        status = sqlite3_step(statement);
    int failure = status == SQLITE_DONE ? 0 : cm_store_fail(s, err);
    sqlite3_reset(statement);
    return failure;
}

/* A failed write takes its transaction with it. */
static int done(struct cm_store *s, int status)
{
    if (status)
        cm_store_abandon(s);
    return status ? -1 : 0;
}

static int put_study(struct cm_store *s, const struct cm_store_study *study, struct cm_err *err)
{
    static const char sql[] =
        "INSERT INTO study (digest, title, file, text, cells, used)"
        " VALUES (?1, ?2, ?3, ?4, ?5, (SELECT ifnull(max(used), 0) + 1 FROM study))"
        " ON CONFLICT (digest) DO UPDATE SET title = ?2, file = ?3, cells = ?5,"
        " used = excluded.used RETURNING study";
    char digest[CM_DIGEST_TEXT];
    sqlite3_stmt *put = cm_store_prepare(s, sql, err);
    if (!put)
        return -1;
    cm_digest_of(study->text, strlen(study->text), digest);
    bind_text(put, 1, digest);
    bind_text(put, 2, study->title);
    bind_text(put, 3, study->file);
    bind_text(put, 4, study->text);
    sqlite3_bind_int64(put, 5, (sqlite3_int64)study->cells);
    int status = step_for_id(s, put, &s->study, err);
    sqlite3_finalize(put);
    return status;
}

int cm_store_begin(struct cm_store *s, const struct cm_store_study *study, struct cm_err *err)
{
    s->viewed = false;
    return cm_store_write(s, err) ? -1 : done(s, put_study(s, study, err));
}

/* --- cells --- */

static int put_cell(struct cm_store *s, const struct cm_store_cell *cell, int64_t *id,
                    struct cm_err *err)
{
    sqlite3_stmt *put = cm_store_statement(s, CM_STORE_PUT_CELL, err);
    if (!put)
        return -1;
    sqlite3_bind_int64(put, 1, s->study);
    sqlite3_bind_int64(put, 2, (sqlite3_int64)cell->number);
    bind_text(put, 3, cell->digest);
    bind_text(put, 4, cell->text);
    sqlite3_bind_int64(put, 5, (sqlite3_int64)cell->seed);
    sqlite3_bind_int64(put, 6, (sqlite3_int64)cell->replications);
    bind_text(put, 7, s->version);
    return step_for_id(s, put, id, err);
}

/* What an earlier cell of the same number had. */
static int clear(struct cm_store *s, int64_t cell, struct cm_err *err)
{
    for (int which = CM_STORE_DROP_VARIABLES; which <= CM_STORE_DROP_INPUTS; which++) {
        sqlite3_stmt *drop = cm_store_statement(s, (enum cm_store_statement)which, err);
        if (!drop)
            return -1;
        sqlite3_bind_int64(drop, 1, cell);
        if (cm_store_step(s, drop, err))
            return -1;
    }
    return 0;
}

static int put_variables(struct cm_store *s, int64_t id, const struct cm_store_cell *cell,
                         struct cm_err *err)
{
    sqlite3_stmt *put = cm_store_statement(s, CM_STORE_PUT_VARIABLE, err);
    int status = put ? 0 : -1;
    for (size_t i = 0; i < cell->n_variables && !status; i++) {
        sqlite3_bind_int64(put, 1, id);
        sqlite3_bind_int64(put, 2, (sqlite3_int64)i);
        bind_text(put, 3, cell->variables[i].name);
        bind_text(put, 4, cell->variables[i].value);
        sqlite3_bind_double(put, 5, cell->variables[i].number); /* NAN becomes NULL */
        sqlite3_bind_double(put, 6, cell->variables[i].scale);
        bind_text(put, 7, cm_store_units[cell->variables[i].unit]);
        status = cm_store_step(s, put, err);
    }
    return status;
}

/* The view is made once the first cell has said which variables there are. */
static int view(struct cm_store *s, struct cm_err *err)
{
    if (s->viewed)
        return 0;
    s->viewed = true;
    return cm_store_make_view(s, err);
}

int cm_store_put_cell(struct cm_store *s, const struct cm_store_cell *cell, int64_t *id,
                      struct cm_err *err)
{
    assert(s->study);
    if (cm_store_write(s, err))
        return -1;
    return done(s, put_cell(s, cell, id, err) || clear(s, *id, err) ||
                       put_variables(s, *id, cell, err) || view(s, err));
}

static int set_replications(struct cm_store *s, int64_t cell, uint64_t n, struct cm_err *err)
{
    sqlite3_stmt *set = cm_store_statement(s, CM_STORE_SET_REPLICATIONS, err);
    if (!set)
        return -1;
    sqlite3_bind_int64(set, 1, cell);
    sqlite3_bind_int64(set, 2, (sqlite3_int64)n);
    return cm_store_step(s, set, err);
}

int cm_store_set_replications(struct cm_store *s, int64_t cell, uint64_t n, struct cm_err *err)
{
    return cm_store_write(s, err) ? -1 : done(s, set_replications(s, cell, n, err));
}

/* --- series --- */

static int find_series(struct cm_store *s, const char *digest, int64_t *id, struct cm_err *err)
{
    sqlite3_stmt *find = cm_store_statement(s, CM_STORE_FIND_SERIES, err);
    if (!find)
        return -1;
    bind_text(find, 1, digest);
    return step_for_id(s, find, id, err);
}

static int make_series(struct cm_store *s, const struct cm_store_series *series, int64_t *id,
                       struct cm_err *err)
{
    sqlite3_stmt *put = cm_store_statement(s, CM_STORE_PUT_SERIES, err);
    if (!put)
        return -1;
    bind_text(put, 1, series->digest);
    bind_text(put, 2, series->policy);
    bind_text(put, 3, series->release);
    sqlite3_bind_int(put, 4, series->harmless);
    if (cm_store_step(s, put, err))
        return -1;
    *id = sqlite3_last_insert_rowid(s->db);
    return 0;
}

static int put_member(struct cm_store *s, int64_t cell, size_t position, int64_t series,
                      struct cm_err *err)
{
    sqlite3_stmt *put = cm_store_statement(s, CM_STORE_PUT_MEMBER, err);
    if (!put)
        return -1;
    sqlite3_bind_int64(put, 1, cell);
    sqlite3_bind_int64(put, 2, (sqlite3_int64)position);
    sqlite3_bind_int64(put, 3, series);
    return cm_store_step(s, put, err);
}

int cm_store_put_series(struct cm_store *s, int64_t cell, size_t position,
                        const struct cm_store_series *series, int64_t *id, struct cm_err *err)
{
    if (cm_store_write(s, err))
        return -1;
    return done(s, find_series(s, series->digest, id, err) ||
                       (*id == 0 && make_series(s, series, id, err)) ||
                       put_member(s, cell, position, *id, err));
}

/* --- files --- */

static int put_file(struct cm_store *s, int64_t cell, const char *name, struct cm_slice bytes,
                    struct cm_err *err)
{
    char digest[CM_DIGEST_TEXT];
    sqlite3_stmt *content = cm_store_statement(s, CM_STORE_PUT_CONTENT, err);
    sqlite3_stmt *input = cm_store_statement(s, CM_STORE_PUT_INPUT, err);
    if (!content || !input)
        return -1;
    cm_digest_of(bytes.at, bytes.length, digest);
    bind_text(content, 1, digest);
    sqlite3_bind_blob64(content, 2, bytes.at, bytes.length, SQLITE_TRANSIENT);
    sqlite3_bind_int64(input, 1, cell);
    bind_text(input, 2, name);
    bind_text(input, 3, digest);
    return cm_store_step(s, content, err) || cm_store_step(s, input, err);
}

int cm_store_put_file(struct cm_store *s, int64_t cell, const char *name, struct cm_slice bytes,
                      struct cm_err *err)
{
    return cm_store_write(s, err) ? -1 : done(s, put_file(s, cell, name, bytes, err));
}

/* --- blocks --- */

/* Blocks in order; the first that is missing or short ends it. */
int cm_store_length(struct cm_store *s, int64_t series, uint64_t *n, struct cm_err *err)
{
    sqlite3_stmt *get = cm_store_statement(s, CM_STORE_GET_BLOCKS, err);
    int status;
    *n = 0;
    if (!get)
        return -1;
    sqlite3_bind_int64(get, 1, series);
    while ((status = sqlite3_step(get)) == SQLITE_ROW) {
        uint64_t block = (uint64_t)sqlite3_column_int64(get, 0);
        if (block * CM_STORE_BLOCK == *n)
            *n += (uint64_t)sqlite3_column_int64(get, 1);
    }
    int failure = status == SQLITE_DONE ? 0 : cm_store_fail(s, err);
    sqlite3_reset(get);
    return failure;
}

int cm_store_rows_in(struct cm_store *s, int64_t series, size_t *rows, size_t blocks,
                     struct cm_err *err)
{
    sqlite3_stmt *get = cm_store_statement(s, CM_STORE_GET_BLOCKS, err);
    int status;
    memset(rows, 0, blocks * sizeof *rows);
    if (!get)
        return -1;
    sqlite3_bind_int64(get, 1, series);
    while ((status = sqlite3_step(get)) == SQLITE_ROW) {
        uint64_t block = (uint64_t)sqlite3_column_int64(get, 0);
        if (block < blocks)
            rows[block] = (size_t)sqlite3_column_int64(get, 1);
    }
    int failure = status == SQLITE_DONE ? 0 : cm_store_fail(s, err);
    sqlite3_reset(get);
    return failure;
}
