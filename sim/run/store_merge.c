/* Putting stores together: shards of a study, or studies that were run apart.
 *
 * Everything is found again by what it is (digests, numbers, names), never by the ids of a file.
 * What both stores have is compared first, row by row, by the databases themselves; only then
 * anything is written, in one transaction: a store is merged whole or not at all. */
#include <string.h>
#include <sys/stat.h>

#include "sim/base/mem.h"
#include "sim/base/write.h"
#include "sim/run/store_parts.h"

/* Cells of the same study and number whose scenarios differ. */
static const char other_cells[] =
    "SELECT 'cell ' || ours.number || ' is another scenario' FROM from_store.cell theirs"
    " JOIN from_store.study ts ON ts.study = theirs.study"
    " JOIN main.study os ON os.digest = ts.digest"
    " JOIN main.cell ours ON ours.study = os.study AND ours.number = theirs.number"
    " WHERE ours.digest <> theirs.digest ORDER BY ours.number LIMIT 1";

/* Rows of the same series and replication; what differs is put where %s is. */
static const char other_rows[] =
    "SELECT 'replication ' || (b.id & 4294967295) || ' of ' || ts.policy || ' against '"
    " || ts.release || ' came out differently' FROM from_store.series ts"
    " JOIN main.series os ON os.digest = ts.digest"
    " JOIN from_store.outcome b ON b.id BETWEEN ts.series << 32"
    " AND (ts.series << 32) + 4294967295"
    " JOIN main.outcome a ON a.id = (os.series << 32) + (b.id & 4294967295)"
    " WHERE %s LIMIT 1";

static const char all[] =
    "INSERT INTO main.study (digest, title, file, text, cells, used)"
    " SELECT digest, title, file, text, cells,"
    "  used + (SELECT ifnull(max(used), 0) FROM main.study) FROM from_store.study WHERE true"
    "  ON CONFLICT (digest) DO UPDATE SET used = excluded.used;"
    "INSERT OR IGNORE INTO main.content SELECT * FROM from_store.content;"
    /* The cell that has more replications wins. */
    "INSERT INTO main.cell (study, number, digest, text, seed, replications, version)"
    " SELECT os.study, c.number, c.digest, c.text, c.seed, c.replications, c.version"
    "  FROM from_store.cell c JOIN from_store.study ts ON ts.study = c.study"
    "  JOIN main.study os ON os.digest = ts.digest WHERE true"
    "  ON CONFLICT (study, number) DO UPDATE"
    "  SET replications = max(replications, excluded.replications);"
    "CREATE TEMP TABLE cells AS SELECT c.cell AS theirs, oc.cell AS ours FROM from_store.cell c"
    "  JOIN from_store.study ts ON ts.study = c.study JOIN main.study os ON os.digest = ts.digest"
    "  JOIN main.cell oc ON oc.study = os.study AND oc.number = c.number;"
    "INSERT OR IGNORE INTO main.variable SELECT m.ours, v.position, v.name, v.value, v.number,"
    " v.scale, v.unit"
    "  FROM from_store.variable v JOIN temp.cells m ON m.theirs = v.cell;"
    "INSERT OR IGNORE INTO main.input SELECT m.ours, i.name, i.digest"
    "  FROM from_store.input i JOIN temp.cells m ON m.theirs = i.cell;"
    "INSERT OR IGNORE INTO main.series (digest, policy, release, harmless)"
    " SELECT digest, policy, release, harmless FROM from_store.series;"
    "CREATE TEMP TABLE serieses AS SELECT ts.series AS theirs, os.series AS ours"
    "  FROM from_store.series ts JOIN main.series os ON os.digest = ts.digest;"
    "INSERT OR IGNORE INTO main.member SELECT c.ours, m.position, s.ours"
    "  FROM from_store.member m JOIN temp.cells c ON c.theirs = m.cell"
    "  JOIN temp.serieses s ON s.theirs = m.series;"
    "INSERT INTO main.block SELECT s.ours, b.block, b.replications, b.version"
    "  FROM from_store.block b JOIN temp.serieses s ON s.theirs = b.series WHERE true"
    "  ON CONFLICT DO UPDATE SET replications = max(replications, excluded.replications),"
    "  version = CASE WHEN instr(version, excluded.version) THEN version"
    "  ELSE version || ', ' || excluded.version END;";

/* A query that names what is wrong, if it finds anything. */
static int expect_nothing(struct cm_store *s, const char *sql, const char *path, struct cm_err *err)
{
    sqlite3_stmt *query = cm_store_prepare(s, sql, err);
    if (!query)
        return -1;
    int status = sqlite3_step(query), failure = 0;
    if (status == SQLITE_ROW)
        failure = cm_fail(err, "'%.150s' and '%.150s' disagree: %s", s->path, path,
                          (const char *)sqlite3_column_text(query, 0));
    else if (status != SQLITE_DONE)
        failure = cm_store_fail(s, err);
    sqlite3_finalize(query);
    return failure;
}

static int compare(struct cm_store *s, const char *path, struct cm_err *err)
{
    struct cm_buffer differ = {0}, sql = {0};
    cm_store_outcome_differs(cm_buffer_writer(&differ));
    cm_print(cm_buffer_writer(&sql), other_rows, differ.text);
    int status =
        expect_nothing(s, other_cells, path, err) || expect_nothing(s, sql.text, path, err);
    cm_buffer_release(&differ);
    cm_buffer_release(&sql);
    return status ? -1 : 0;
}

static int add_rows(struct cm_store *s, struct cm_err *err)
{
    struct cm_buffer sql = {0};
    struct cm_writer to = cm_buffer_writer(&sql);
    cm_print(to, "INSERT OR IGNORE INTO main.outcome SELECT (s.ours << 32) + (o.id & 4294967295)");
    cm_store_outcome_names(to, ", o.");
    cm_print(to, " FROM temp.serieses s JOIN from_store.outcome o ON o.id BETWEEN s.theirs << 32"
                 " AND (s.theirs << 32) + 4294967295 ORDER BY 1;"
                 "DROP TABLE temp.cells; DROP TABLE temp.serieses");
    int status = cm_store_sql(s, sql.text, err);
    cm_buffer_release(&sql);
    return status;
}

/* The view shows the variables of the study that comes last. */
static int renew_view(struct cm_store *s, struct cm_err *err)
{
    struct cm_arena arena = {0};
    struct cm_store_study study;
    size_t n;
    int status = cm_store_get_study(s, &study, &n, &arena, err) || cm_store_make_view(s, err);
    cm_arena_release(&arena);
    return status ? -1 : 0;
}

static int merge_attached(struct cm_store *s, const char *path, struct cm_err *err)
{
    if (compare(s, path, err) || cm_store_write(s, err))
        return -1;
    if (!cm_store_sql(s, all, err) && !add_rows(s, err) && !renew_view(s, err))
        return cm_store_commit(s, err);
    cm_store_abandon(s);
    return -1;
}

/* Its own locks would be in its way. */
static bool is_itself(const struct cm_store *s, const char *path)
{
    struct stat ours, theirs;
    return !s->in_memory && stat(s->path, &ours) == 0 && stat(path, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* Looked at as a store of its own first: what is wrong with it is then said in the usual words. */
static int check(struct cm_store *s, const char *path, struct cm_err *err)
{
    struct cm_store_options options = s->options;
    options.read_only = true;
    struct cm_store *other = cm_store_open(path, &options, err);
    return other ? cm_store_close(other, err) : -1;
}

int cm_store_merge(struct cm_store *s, const char *path, struct cm_err *err)
{
    if (is_itself(s, path))
        return cm_fail(err, "'%.200s' cannot be merged into itself", path);
    if (check(s, path, err) || cm_store_commit(s, err))
        return -1;
    sqlite3_stmt *attach = cm_store_prepare(s, "ATTACH ?1 AS from_store", err);
    if (!attach)
        return -1;
    sqlite3_bind_text(attach, 1, path, -1, SQLITE_STATIC);
    int status = cm_store_step(s, attach, err);
    sqlite3_finalize(attach);
    if (status)
        return -1;
    /* All of it is one transaction, of any size: what does not fit into the cache may go to the
     * file before the end. The journal takes it back if need be. */
    struct cm_err later;
    cm_store_sql(s, "PRAGMA cache_spill = ON", &later);
    status = merge_attached(s, path, err);
    cm_store_sql(s, "PRAGMA cache_spill = OFF", &later);
    return cm_store_sql(s, "DETACH from_store", status ? &later : err) || status ? -1 : 0;
}
