/* Reading what the rows are rows of. */
#include <math.h>
#include <string.h>

#include "sim/base/list.h"
#include "sim/run/store_parts.h"

static const char *text_of(sqlite3_stmt *statement, int at, struct cm_arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(statement, at);
    return cm_arena_text(arena, text ? text : "", text ? strlen(text) : 0);
}

/* A query about one cell or study; NULL with the reason. */
static sqlite3_stmt *ask(struct cm_store *s, const char *sql, int64_t about, struct cm_err *err)
{
    sqlite3_stmt *query = cm_store_prepare(s, sql, err);
    if (query)
        sqlite3_bind_int64(query, 1, about);
    return query;
}

/* Ends a query; what it last returned tells whether it was read to its end. */
static int end(struct cm_store *s, sqlite3_stmt *query, int status, struct cm_err *err)
{
    int failure = status == SQLITE_DONE || status == SQLITE_ROW ? 0 : cm_store_fail(s, err);
    sqlite3_finalize(query);
    return failure;
}

int cm_store_get_study(struct cm_store *s, struct cm_store_study *study, size_t *n,
                       struct cm_arena *arena, struct cm_err *err)
{
    static const char sql[] = "SELECT study, title, file, text, cells, count() OVER ()"
                              " FROM study ORDER BY used DESC LIMIT 1";
    sqlite3_stmt *query = ask(s, sql, 0, err);
    if (!query)
        return -1;
    int status = sqlite3_step(query);
    *n = 0;
    if (status == SQLITE_ROW) {
        s->study = sqlite3_column_int64(query, 0);
        *study = (struct cm_store_study){
            .title = text_of(query, 1, arena),
            .file = text_of(query, 2, arena),
            .text = text_of(query, 3, arena),
            .cells = (uint64_t)sqlite3_column_int64(query, 4),
        };
        *n = (size_t)sqlite3_column_int64(query, 5);
    }
    return end(s, query, status, err);
}

static enum cm_unit unit_of(sqlite3_stmt *statement, int at)
{
    const char *name = (const char *)sqlite3_column_text(statement, at);
    int unit = 0;
    while (name && cm_store_units[unit] && strcmp(name, cm_store_units[unit]) != 0)
        unit++;
    return cm_store_units[unit] ? (enum cm_unit)unit : CM_PURE;
}

static int get_variables(struct cm_store *s, struct cm_store_found *found, struct cm_arena *arena,
                         struct cm_err *err)
{
    static const char sql[] =
        "SELECT name, value, number, scale, unit FROM variable WHERE cell = ?1 ORDER BY position";
    sqlite3_stmt *query = ask(s, sql, found->id, err);
    struct cm_store_variable *list = NULL;
    size_t n = 0;
    int status = query ? 0 : SQLITE_ERROR;
    while (query && (status = sqlite3_step(query)) == SQLITE_ROW) {
        list = cm_list_grow(arena, list, n, sizeof *list);
        list[n++] = (struct cm_store_variable){
            .name = text_of(query, 0, arena),
            .value = text_of(query, 1, arena),
            .number = sqlite3_column_type(query, 2) == SQLITE_NULL
                          ? NAN
                          : sqlite3_column_double(query, 2),
            .scale = sqlite3_column_double(query, 3),
            .unit = unit_of(query, 4),
        };
    }
    found->cell.variables = list;
    found->cell.n_variables = n;
    return query ? end(s, query, status, err) : -1;
}

int cm_store_get_cells(struct cm_store *s, struct cm_store_found **cells, size_t *n,
                       struct cm_arena *arena, struct cm_err *err)
{
    static const char sql[] =
        "SELECT cell, number, seed, replications FROM cell WHERE study = ?1 ORDER BY number";
    sqlite3_stmt *query = ask(s, sql, s->study, err);
    struct cm_store_found *list = NULL;
    int status = query ? 0 : SQLITE_ERROR, failure = 0;
    *n = 0;
    while (query && !failure && (status = sqlite3_step(query)) == SQLITE_ROW) {
        list = cm_list_grow(arena, list, *n, sizeof *list);
        list[*n] = (struct cm_store_found){
            .id = sqlite3_column_int64(query, 0),
            .cell = {.number = (uint64_t)sqlite3_column_int64(query, 1),
                     .seed = (uint64_t)sqlite3_column_int64(query, 2),
                     .replications = (uint64_t)sqlite3_column_int64(query, 3)},
        };
        failure = get_variables(s, &list[(*n)++], arena, err);
    }
    *cells = list;
    return query && !end(s, query, failure ? SQLITE_DONE : status, err) ? failure : -1;
}

/* The one text that a query about a cell returns. */
static int get_text(struct cm_store *s, const char *sql, int64_t cell, const char **text,
                    struct cm_arena *arena, struct cm_err *err)
{
    sqlite3_stmt *query = ask(s, sql, cell, err);
    if (!query)
        return -1;
    int status = sqlite3_step(query);
    *text = status == SQLITE_ROW ? text_of(query, 0, arena) : "";
    return end(s, query, status, err);
}

int cm_store_get_text(struct cm_store *s, int64_t cell, const char **text, struct cm_arena *arena,
                      struct cm_err *err)
{
    return get_text(s, "SELECT text FROM cell WHERE cell = ?1", cell, text, arena, err);
}

/* A version that is not among those of `list` yet, behind them. */
static void add_version(struct cm_buffer *list, struct cm_slice version)
{
    struct cm_slice rest = cm_slice_of(list->text ? list->text : ""), known;
    while (cm_slice_cut(&rest, ',', &known))
        if (known.length == version.length && memcmp(known.at, version.at, known.length) == 0)
            return;
    cm_print(cm_buffer_writer(list), "%s%.*s", list->length ? ", " : "", (int)version.length,
             version.at);
}

/* Blocks that were begun by one version and finished by another name both. */
int cm_store_get_versions(struct cm_store *s, int64_t cell, const char **versions,
                          struct cm_arena *arena, struct cm_err *err)
{
    static const char sql[] =
        "SELECT DISTINCT b.version FROM cell c JOIN member USING (cell) JOIN block b USING (series)"
        " WHERE c.cell = ?1 AND b.block * 256 < c.replications ORDER BY 1";
    sqlite3_stmt *query = ask(s, sql, cell, err);
    struct cm_buffer list = {0};
    int status = SQLITE_DONE;
    while (query && (status = sqlite3_step(query)) == SQLITE_ROW) {
        struct cm_slice rest = cm_slice_of((const char *)sqlite3_column_text(query, 0)), version;
        while (cm_slice_cut(&rest, ',', &version))
            add_version(&list, version);
    }
    *versions = cm_arena_text(arena, list.text ? list.text : "", list.length);
    cm_buffer_release(&list);
    return query ? end(s, query, status, err) : -1;
}

int cm_store_get_series(struct cm_store *s, int64_t cell, int64_t **series, size_t *n,
                        struct cm_arena *arena, struct cm_err *err)
{
    static const char sql[] = "SELECT series FROM member WHERE cell = ?1 ORDER BY position";
    sqlite3_stmt *query = ask(s, sql, cell, err);
    int64_t *list = NULL;
    int status = SQLITE_DONE;
    *n = 0;
    while (query && (status = sqlite3_step(query)) == SQLITE_ROW) {
        list = cm_list_grow(arena, list, *n, sizeof *list);
        list[(*n)++] = sqlite3_column_int64(query, 0);
    }
    *series = list;
    return query ? end(s, query, status, err) : -1;
}

int cm_store_get_file(struct cm_store *s, int64_t cell, const char *name, struct cm_slice *bytes,
                      struct cm_arena *arena, struct cm_err *err)
{
    static const char sql[] =
        "SELECT bytes FROM input JOIN content USING (digest) WHERE cell = ?1 AND name = ?2";
    sqlite3_stmt *query = ask(s, sql, cell, err);
    if (!query)
        return -1;
    sqlite3_bind_text(query, 2, name, -1, SQLITE_STATIC);
    int status = sqlite3_step(query);
    if (status == SQLITE_ROW) {
        bytes->length = (size_t)sqlite3_column_bytes(query, 0);
        bytes->at = cm_arena_text(arena, sqlite3_column_blob(query, 0), bytes->length);
    }
    if (end(s, query, status, err))
        return -1;
    return status == SQLITE_ROW ? 0 : cm_fail(err, "the store has no file '%.200s'", name);
}
