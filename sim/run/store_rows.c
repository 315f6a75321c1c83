/* Outcomes as rows, by a table of their columns: from it come the table in the file, what is
 * written and what is read back.
 *
 * Times are whole nanoseconds, as the simulation has them; NULL stands for what never happened or
 * was never measured (CM_NEVER, NAN). Doubles come back bit by bit, but for the sign of a zero.
 *
 * Writing is most of what a store costs. Most columns of most rows are what they were in the row
 * before, and SQLite keeps what is bound: only what has changed is bound again. */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/write.h"
#include "sim/run/store_parts.h"

enum type { T_INT, T_UINT32, T_UINT64, T_TIME, T_DOUBLE, T_BOOL, T_ENDING };

struct column {
    const char *name, *view; /* in the view; NULL = the same */
    enum type type;
    size_t offset;
};

#define AT(field) offsetof(struct cm_outcome, field)
static const struct column columns[] = {
    {"ending", "e.name AS ending", T_ENDING, AT(end)},
    {"step", NULL, T_INT, AT(step)},
    {"gate", NULL, T_INT, AT(gate)},
    {"rule", NULL, T_INT, AT(rule)},
    {"ended_at_ns", "ended_at_ns / 1e9 AS ended_at_s", T_TIME, AT(ended_at)},
    {"onset_ns", "onset_ns / 1e9 AS onset_s", T_TIME, AT(onset)},
    {"mitigated_at_ns", "mitigated_at_ns / 1e9 AS mitigated_at_s", T_TIME, AT(mitigated_at)},
    {"detected", NULL, T_BOOL, AT(detected)},
    {"early_rollback", NULL, T_BOOL, AT(early_rollback)},
    {"rollout_requests", NULL, T_UINT64, AT(rollout.requests)},
    {"rollout_errors", NULL, T_UINT64, AT(rollout.errors)},
    {"rollout_failures", NULL, T_UINT64, AT(rollout.failures)},
    {"rollout_slow", NULL, T_UINT64, AT(rollout.slow)},
    {"rollout_kpi_lost", NULL, T_DOUBLE, AT(rollout.kpi)},
    {"escaped_requests", NULL, T_UINT64, AT(escaped.requests)},
    {"escaped_errors", NULL, T_UINT64, AT(escaped.errors)},
    {"escaped_failures", NULL, T_UINT64, AT(escaped.failures)},
    {"escaped_slow", NULL, T_UINT64, AT(escaped.slow)},
    {"escaped_kpi_lost", NULL, T_DOUBLE, AT(escaped.kpi)},
    {"rollout_users_exposed", NULL, T_UINT32, AT(reached_in_rollout.exposed)},
    {"rollout_users_harmed", NULL, T_UINT32, AT(reached_in_rollout.harmed)},
    {"users_exposed", NULL, T_UINT32, AT(reached.exposed)},
    {"users_harmed", NULL, T_UINT32, AT(reached.harmed)},
    {"first_weight", NULL, T_DOUBLE, AT(first_weight)},
    {"first_share", NULL, T_DOUBLE, AT(first_share)},
    {"share_deviation", NULL, T_DOUBLE, AT(share_deviation)},
    {"shadow_requests", NULL, T_UINT64, AT(shadow)},
    {"looks", NULL, T_UINT32, AT(looks)},
    {"evaluations", NULL, T_UINT32, AT(evaluations)},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* --- SQL --- */

char *cm_store_outcome_table(void)
{
    struct cm_buffer sql = {0};
    struct cm_writer to = cm_buffer_writer(&sql);
    cm_print(to, "CREATE TABLE outcome (id INTEGER PRIMARY KEY");
    for (size_t i = 0; i < COLUMNS; i++)
        cm_print(to, ", %s %s", columns[i].name, columns[i].type == T_DOUBLE ? "REAL" : "INTEGER");
    cm_print(to, ")");
    return sql.text;
}

void cm_store_outcome_view(struct cm_writer to)
{
    for (size_t i = 0; i < COLUMNS; i++)
        cm_print(to, "%s%s", i ? ", " : "", columns[i].view ? columns[i].view : columns[i].name);
}

void cm_store_outcome_names(struct cm_writer to, const char *before)
{
    for (size_t i = 0; i < COLUMNS; i++)
        cm_print(to, "%s%s", before, columns[i].name);
}

void cm_store_outcome_differs(struct cm_writer to)
{
    for (size_t i = 0; i < COLUMNS; i++)
        cm_print(to, "%sa.%s IS NOT b.%s", i ? " OR " : "", columns[i].name, columns[i].name);
}

char *cm_store_insert_sql(void)
{
    struct cm_buffer sql = {0};
    struct cm_writer to = cm_buffer_writer(&sql);
    cm_print(to, "INSERT OR IGNORE INTO outcome VALUES (?");
    for (size_t i = 0; i < COLUMNS; i++)
        cm_print(to, ", ?");
    cm_print(to, ")");
    return sql.text;
}

char *cm_store_select_sql(void)
{
    struct cm_buffer sql = {0};
    struct cm_writer to = cm_buffer_writer(&sql);
    cm_print(to, "SELECT id");
    cm_store_outcome_names(to, ", ");
    cm_print(to, " FROM outcome WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
    return sql.text;
}

/* --- writing --- */

/* -1 in gate and rule means nobody; NULL says so to whoever counts them. */
static void bind_int(sqlite3_stmt *statement, int at, const void *value)
{
    int number;
    memcpy(&number, value, sizeof number);
    if (number < 0)
        sqlite3_bind_null(statement, at);
    else
        sqlite3_bind_int(statement, at, number);
}

/* Counts of requests never come near 2^63. */
static void bind_count(sqlite3_stmt *statement, int at, uint64_t count)
{
    sqlite3_bind_int64(statement, at, (sqlite3_int64)count);
}

static void bind_time(sqlite3_stmt *statement, int at, cm_time time)
{
    if (time == CM_NEVER)
        sqlite3_bind_null(statement, at);
    else
        sqlite3_bind_int64(statement, at, time);
}

/* NAN becomes NULL by itself. */
static void bind(sqlite3_stmt *statement, int at, enum type type, const void *value)
{
    switch (type) {
    case T_INT:
        bind_int(statement, at, value);
        break;
    case T_UINT32:
        sqlite3_bind_int64(statement, at, *(const uint32_t *)value);
        break;
    case T_UINT64:
        bind_count(statement, at, *(const uint64_t *)value);
        break;
    case T_TIME:
        bind_time(statement, at, *(const cm_time *)value);
        break;
    case T_DOUBLE:
        sqlite3_bind_double(statement, at, *(const double *)value);
        break;
    case T_BOOL:
        sqlite3_bind_int(statement, at, *(const bool *)value);
        break;
    case T_ENDING:
        sqlite3_bind_int(statement, at, (int)*(const enum cm_end *)value);
        break;
    }
}

static size_t size_of(enum type type)
{
    static const size_t sizes[] = {
        [T_INT] = sizeof(int),
        [T_UINT32] = sizeof(uint32_t),
        [T_UINT64] = sizeof(uint64_t),
        [T_TIME] = sizeof(cm_time),
        [T_DOUBLE] = sizeof(double),
        [T_BOOL] = sizeof(bool),
        [T_ENDING] = sizeof(enum cm_end),
    };
    return sizes[type];
}

/* What differs from the row that was bound before; NULL = everything. */
static void bind_row(sqlite3_stmt *statement, const struct cm_outcome *row,
                     const struct cm_outcome *before)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        const char *value = (const char *)row + columns[i].offset;
        if (!before ||
            memcmp(value, (const char *)before + columns[i].offset, size_of(columns[i].type)) != 0)
            bind(statement, (int)i + 2, columns[i].type, value);
    }
}

static int put_block(struct cm_store *s, int64_t series, uint64_t first, size_t n,
                     struct cm_err *err)
{
    sqlite3_stmt *put = cm_store_statement(s, CM_STORE_PUT_BLOCK, err);
    if (!put)
        return -1;
    sqlite3_bind_int64(put, 1, series);
    bind_count(put, 2, first / CM_STORE_BLOCK);
    bind_count(put, 3, first % CM_STORE_BLOCK + n);
    sqlite3_bind_text(put, 4, s->version, -1, SQLITE_STATIC);
    return cm_store_step(s, put, err);
}

static int put_rows(struct cm_store *s, int64_t series, uint64_t first,
                    const struct cm_outcome *rows, size_t n, struct cm_err *err)
{
    sqlite3_stmt *put = cm_store_statement(s, CM_STORE_PUT_ROW, err);
    if (!put)
        return -1;
    for (size_t i = 0; i < n; i++) {
        sqlite3_bind_int64(put, 1, (series << 32) + (sqlite3_int64)(first + i));
        bind_row(put, &rows[i], i ? &rows[i - 1] : NULL);
        if (cm_store_step(s, put, err))
            return -1;
    }
    return put_block(s, series, first, n, err);
}

/* A block is whole or not there: its rows and its entry are of one transaction. */
int cm_store_put_rows(struct cm_store *s, int64_t series, uint64_t first,
                      const struct cm_outcome *rows, size_t n, struct cm_err *err)
{
    assert(n > 0 && first / CM_STORE_BLOCK == (first + n - 1) / CM_STORE_BLOCK);
    if (cm_store_write(s, err))
        return -1;
    if (put_rows(s, series, first, rows, n, err)) {
        cm_store_abandon(s);
        return -1;
    }
    return cm_store_commit_now_and_then(s, err);
}

/* --- reading --- */

static cm_time time_of(sqlite3_stmt *statement, int at)
{
    return sqlite3_column_type(statement, at) == SQLITE_NULL ? CM_NEVER
                                                             : sqlite3_column_int64(statement, at);
}

static double double_of(sqlite3_stmt *statement, int at)
{
    return sqlite3_column_type(statement, at) == SQLITE_NULL ? NAN
                                                             : sqlite3_column_double(statement, at);
}

static int int_of(sqlite3_stmt *statement, int at)
{
    return sqlite3_column_type(statement, at) == SQLITE_NULL ? -1
                                                             : sqlite3_column_int(statement, at);
}

static void read(sqlite3_stmt *statement, int at, enum type type, void *value)
{
    switch (type) {
    case T_INT:
        *(int *)value = int_of(statement, at);
        break;
    case T_UINT32:
        *(uint32_t *)value = (uint32_t)sqlite3_column_int64(statement, at);
        break;
    case T_UINT64:
        *(uint64_t *)value = (uint64_t)sqlite3_column_int64(statement, at);
        break;
    case T_TIME:
        *(cm_time *)value = time_of(statement, at);
        break;
    case T_DOUBLE:
        *(double *)value = double_of(statement, at);
        break;
    case T_BOOL:
        *(bool *)value = sqlite3_column_int(statement, at) != 0;
        break;
    case T_ENDING:
        *(enum cm_end *)value = (enum cm_end)sqlite3_column_int(statement, at);
        break;
    }
}

/* Rows come by id: as many as were asked for, each where it belongs, or some are missing. */
int cm_store_get_rows(struct cm_store *s, int64_t series, uint64_t first, struct cm_outcome *rows,
                      size_t n, struct cm_err *err)
{
    sqlite3_stmt *get = cm_store_statement(s, CM_STORE_GET_ROWS, err);
    if (!get || n == 0)
        return get ? 0 : -1;
    sqlite3_int64 from = (series << 32) + (sqlite3_int64)first;
    size_t i = 0;
    int status;
    sqlite3_bind_int64(get, 1, from);
    sqlite3_bind_int64(get, 2, from + (sqlite3_int64)(n - 1));
    while ((status = sqlite3_step(get)) == SQLITE_ROW) {
        rows[i] = (struct cm_outcome){0};
        for (size_t c = 0; c < COLUMNS; c++)
            read(get, (int)c + 1, columns[c].type, (char *)&rows[i] + columns[c].offset);
        i++;
    }
    int failure = status == SQLITE_DONE ? 0 : cm_store_fail(s, err);
    sqlite3_reset(get);
    if (failure || i == n)
        return failure;
    unsigned long long missing = first + i, last = first + n - 1;
    return cm_fail(err, "'%.200s' lacks replications %llu to %llu of a series", s->path, missing,
                   last);
}
