/* The tables, as docs/studies.md explains them. */
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/write.h"
#include "sim/run/store_parts.h"

/* An outcome's id is its series and its replication in one number, so that rows that are written
 * together lie together and need no index. */
static const char tables[] =
    "CREATE TABLE study (study INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE,"
    " title TEXT NOT NULL, file TEXT NOT NULL, text TEXT NOT NULL, cells INTEGER NOT NULL,"
    " used INTEGER NOT NULL);" /* the study that was run last has the highest */
    "CREATE TABLE cell (cell INTEGER PRIMARY KEY, study INTEGER NOT NULL REFERENCES study,"
    " number INTEGER NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL, seed INTEGER NOT NULL,"
    " replications INTEGER NOT NULL, version TEXT NOT NULL, UNIQUE (study, number));"
    "CREATE TABLE variable (cell INTEGER REFERENCES cell, position INTEGER, name TEXT NOT NULL,"
    " value TEXT NOT NULL, number REAL, scale REAL NOT NULL, unit TEXT NOT NULL,"
    " PRIMARY KEY (cell, position)) WITHOUT ROWID;"
    "CREATE TABLE series (series INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE,"
    " policy TEXT NOT NULL, release TEXT NOT NULL, harmless INTEGER NOT NULL);"
    "CREATE TABLE member (cell INTEGER REFERENCES cell, position INTEGER,"
    " series INTEGER NOT NULL REFERENCES series, PRIMARY KEY (cell, position)) WITHOUT ROWID;"
    "CREATE TABLE block (series INTEGER REFERENCES series, block INTEGER,"
    " replications INTEGER NOT NULL, version TEXT NOT NULL,"
    " PRIMARY KEY (series, block)) WITHOUT ROWID;"
    "CREATE TABLE input (cell INTEGER REFERENCES cell, name TEXT, digest TEXT NOT NULL,"
    " PRIMARY KEY (cell, name)) WITHOUT ROWID;"
    "CREATE TABLE content (digest TEXT PRIMARY KEY, bytes BLOB NOT NULL);"
    "CREATE TABLE ending (ending INTEGER PRIMARY KEY, name TEXT NOT NULL);";

const char *const cm_store_units[] = {
    [CM_PURE] = "", [CM_RATIO] = "ratio", [CM_SECONDS] = "s", [CM_PER_SECOND] = "1/s", NULL};

static int fill_endings(struct cm_store *s, struct cm_err *err)
{
    struct cm_buffer sql = {0};
    for (int i = 0; cm_end_names[i]; i++)
        cm_print(cm_buffer_writer(&sql), "INSERT INTO ending VALUES (%d, '%s');", i,
                 cm_end_names[i]);
    int status = cm_store_sql(s, sql.text, err);
    cm_buffer_release(&sql);
    return status;
}

int cm_store_make_tables(struct cm_store *s, struct cm_err *err)
{
    char *outcome = cm_store_outcome_table();
    int status = cm_store_sql(s, tables, err) || cm_store_sql(s, outcome, err) ||
                 fill_endings(s, err) || cm_store_make_view(s, err);
    cm_free(outcome);
    return status ? -1 : 0;
}

/* A name of a variable between quotes, and what stands for it in the rows of its cell. */
static void print_variable(const char *name, struct cm_writer to)
{
    char *sql = sqlite3_mprintf(" (SELECT coalesce(v.number, v.value) FROM variable v"
                                " WHERE v.cell = c.cell AND v.name = %Q) AS \"%w\",",
                                name, name);
    cm_print(to, "%s", sql ? sql : "");
    sqlite3_free(sql);
}

/* Of the study that was named last: studies in one file rarely differ in them. */
static int print_variables(struct cm_store *s, struct cm_writer to, struct cm_err *err)
{
    sqlite3_stmt *names =
        cm_store_prepare(s,
                         "SELECT name FROM variable JOIN cell USING (cell) WHERE study = ?1"
                         " GROUP BY name ORDER BY min(position)",
                         err);
    if (!names)
        return -1;
    sqlite3_bind_int64(names, 1, s->study);
    while (sqlite3_step(names) == SQLITE_ROW)
        print_variable((const char *)sqlite3_column_text(names, 0), to);
    return sqlite3_finalize(names) == SQLITE_OK ? 0 : cm_store_fail(s, err);
}

/* All rows of all cells with what they are rows of, for people. */
int cm_store_make_view(struct cm_store *s, struct cm_err *err)
{
    struct cm_buffer sql = {0};
    struct cm_writer to = cm_buffer_writer(&sql);
    cm_print(to, "DROP VIEW IF EXISTS outcomes; CREATE VIEW outcomes AS SELECT c.study,"
                 " c.number AS cell,");
    int status = print_variables(s, to, err);
    cm_print(to, " s.policy, s.release, s.harmless, o.id & 4294967295 AS replication, ");
    cm_store_outcome_view(to);
    cm_print(to, " FROM cell c JOIN member m USING (cell) JOIN series s USING (series)"
                 " JOIN outcome o ON o.id BETWEEN s.series << 32"
                 " AND (s.series << 32) + c.replications - 1 JOIN ending e USING (ending)");
    if (!status)
        status = cm_store_sql(s, sql.text, err);
    cm_buffer_release(&sql);
    return status;
}
