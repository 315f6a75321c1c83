/* The store itself: rows come back as they went in, and files that are no good are refused with
 * words that say why. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/run/store.h"

static char path[64];

/* A file of this test alone: tests run at once. */
static void name_file(void)
{
    snprintf(path, sizeof path, "test-store-%ld.db", (long)getpid());
    remove(path);
}

static void remove_file(void)
{
    char journal[96];
    remove(path);
    snprintf(journal, sizeof journal, "%s-journal", path);
    remove(journal);
}

TestSuite(store, .init = name_file, .fini = remove_file);

static struct cm_store *open_store(const char *name)
{
    struct cm_err err = {0};
    const struct cm_store_options options = {.version = "0.1.0"};
    struct cm_store *store = cm_store_open(name, &options, &err);
    cr_assert_not_null(store, "%s", err.text);
    return store;
}

static void close_store(struct cm_store *store)
{
    struct cm_err err = {0};
    cr_assert_eq(cm_store_close(store, &err), 0, "%s", err.text);
}

/* A study of one cell with one series; the series is 1. */
static void begin_study(struct cm_store *store, const char *cell_digest)
{
    struct cm_err err = {0};
    int64_t cell, series;
    const struct cm_store_study study = {"title", "shop.ini", "the study", 1};
    const struct cm_store_variable rate = {"rate", "30", 30, 1, CM_PER_SECOND};
    const struct cm_store_cell what = {.number = 0,
                                       .variables = &rate,
                                       .n_variables = 1,
                                       .text = "[scenario]\n",
                                       .digest = cell_digest,
                                       .seed = 7,
                                       .replications = 300};
    const struct cm_store_series of = {"a digest", "ours", "healthy", true};
    cr_assert_eq(cm_store_begin(store, &study, &err), 0, "%s", err.text);
    cr_assert_eq(cm_store_put_cell(store, &what, &cell, &err), 0, "%s", err.text);
    cr_assert_eq(cm_store_put_series(store, cell, 0, &of, &series, &err), 0, "%s", err.text);
    cr_assert_eq(series, 1);
}

static void put(struct cm_store *store, uint64_t first, const struct cm_outcome *rows, size_t n)
{
    struct cm_err err = {0};
    cr_assert_eq(cm_store_put_rows(store, 1, first, rows, n, &err), 0, "%s", err.text);
}

/* Rows that differ from each other in every field, with all that is special about times, nobody
 * and what was not measured. */
static void make_rows(struct cm_outcome *rows, size_t n)
{
    memset(rows, 0, n * sizeof *rows);
    for (size_t i = 0; i < n; i++) {
        struct cm_outcome *row = &rows[i];
        row->end = (enum cm_end)(i % CM_ENDS);
        row->step = (int)i;
        row->gate = (int)(i % 3) - 1;
        row->rule = (int)(i % 5) - 1;
        row->ended_at = i % 7 == 6 ? CM_NEVER : (cm_time)i * 1000000007;
        row->onset = i % 2 ? CM_NEVER : -(cm_time)i;
        row->mitigated_at = i % 2 ? (cm_time)1 << 61 : CM_NEVER;
        row->rollout = (struct cm_harm){i, 2 * i, 3 * i, 4 * i, (double)i / 3};
        row->escaped = (struct cm_harm){UINT64_MAX >> 1, i << 40, i, 0, 1e-310 * (double)i};
        row->reached_in_rollout = (struct cm_reached){UINT32_MAX, (uint32_t)i};
        row->reached = (struct cm_reached){(uint32_t)i, UINT32_MAX - (uint32_t)i};
        row->first_weight = i % 3 ? 0.01 * (double)i : NAN;
        row->first_share = i % 4 ? 0.1 : NAN;
        row->share_deviation = i % 5 ? INFINITY : 0;
        row->shadow = i;
        row->looks = (uint32_t)i;
        row->evaluations = (uint32_t)(2 * i);
        row->detected = i % 2;
        row->early_rollback = i % 3 == 0;
    }
}

static bool same_number(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static bool same_harm(const struct cm_harm *a, const struct cm_harm *b)
{
    return a->requests == b->requests && a->errors == b->errors && a->failures == b->failures &&
           a->slow == b->slow && same_number(a->kpi, b->kpi);
}

/* Field by field: padding is nobody's. */
static bool same(const struct cm_outcome *a, const struct cm_outcome *b)
{
    return a->end == b->end && a->step == b->step && a->gate == b->gate && a->rule == b->rule &&
           a->ended_at == b->ended_at && a->onset == b->onset &&
           a->mitigated_at == b->mitigated_at && same_harm(&a->rollout, &b->rollout) &&
           same_harm(&a->escaped, &b->escaped) &&
           a->reached_in_rollout.exposed == b->reached_in_rollout.exposed &&
           a->reached_in_rollout.harmed == b->reached_in_rollout.harmed &&
           a->reached.exposed == b->reached.exposed && a->reached.harmed == b->reached.harmed &&
           same_number(a->first_weight, b->first_weight) &&
           same_number(a->first_share, b->first_share) &&
           same_number(a->share_deviation, b->share_deviation) && a->shadow == b->shadow &&
           a->looks == b->looks && a->evaluations == b->evaluations && a->detected == b->detected &&
           a->early_rollback == b->early_rollback;
}

enum { ROWS = 256 };
static struct cm_outcome written[ROWS], got[ROWS];

Test(store, every_field_of_an_outcome_comes_back)
{
    struct cm_err err = {0};
    make_rows(written, ROWS);
    struct cm_store *store = open_store(path);
    begin_study(store, "d");
    put(store, 0, written, ROWS);
    close_store(store);
    store = open_store(path);
    cr_assert_eq(cm_store_get_rows(store, 1, 0, got, ROWS, &err), 0, "%s", err.text);
    for (size_t i = 0; i < ROWS; i++)
        cr_expect(same(&written[i], &got[i]), "row %zu", i);
    close_store(store);
}

/* 29 columns: a field that is added to an outcome has to be added to the store (and this number
 * with it). */
Test(store, there_is_a_column_for_every_field)
{
    cr_expect_eq(sizeof(struct cm_outcome), 184);
    struct cm_store *store = open_store(path);
    close_store(store);
    sqlite3 *db;
    sqlite3_stmt *count;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_prepare_v2(db, "SELECT count(*) FROM pragma_table_info('outcome')", -1, &count, NULL);
    cr_assert_eq(sqlite3_step(count), SQLITE_ROW);
    cr_expect_eq(sqlite3_column_int(count, 0), 1 + 29);
    sqlite3_finalize(count);
    sqlite3_close(db);
}

Test(store, rows_are_counted_up_to_the_first_gap)
{
    struct cm_err err = {0};
    uint64_t n;
    size_t in[3];
    struct cm_store *store = open_store(":memory:");
    begin_study(store, "d");
    make_rows(written, ROWS);
    put(store, 0, written, 256);
    put(store, 512, written, 10);
    cr_expect_eq(cm_store_length(store, 1, &n, &err), 0);
    cr_expect_eq(n, 256);
    put(store, 256, written, 100);
    cr_expect_eq(cm_store_length(store, 1, &n, &err), 0);
    cr_expect_eq(n, 356);
    put(store, 356, written, 156);
    cr_expect_eq(cm_store_length(store, 1, &n, &err), 0);
    cr_expect_eq(n, 522);
    cr_expect_eq(cm_store_rows_in(store, 1, in, 3, &err), 0);
    cr_expect(in[0] == 256 && in[1] == 256 && in[2] == 10);
    close_store(store);
}

Test(store, rows_that_are_not_there_are_not_made_up)
{
    struct cm_err err = {0};
    struct cm_store *store = open_store(":memory:");
    begin_study(store, "d");
    make_rows(written, ROWS);
    put(store, 0, written, 10);
    cr_expect_eq(cm_store_get_rows(store, 1, 5, got, 6, &err), -1);
    cr_expect_not_null(strstr(err.text, "lacks replications 10 to 10"), "%s", err.text);
    close_store(store);
}

static void refuse(const char *file, bool read_only, const char *words)
{
    struct cm_err err = {0};
    const struct cm_store_options options = {.version = "0.1.0", .read_only = read_only};
    struct cm_store *store = cm_store_open(file, &options, &err);
    cr_expect_null(store, "%s was opened", file);
    cr_expect_not_null(strstr(err.text, words), "'%s' is not in: %s", words, err.text);
    if (store)
        close_store(store);
}

static void run_sql(const char *sql)
{
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

Test(store, what_is_no_store_is_refused_and_left_alone)
{
    refuse("no-such-store.db", true, "No such file");
    refuse("no-such-folder/study.db", false, "No such file");
    refuse(".", false, "is a folder");
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 200; i++)
        fputs("garbage ", file);
    fclose(file);
    refuse(path, false, "no SQLite database");
    refuse(path, true, "no SQLite database");
    remove(path);
    run_sql("CREATE TABLE songs (name TEXT)");
    refuse(path, false, "not a store of studies");
    remove(path);
    run_sql("VACUUM");
    refuse(path, true, "there is no study in it");
}

Test(store, a_store_of_another_schema_is_refused)
{
    close_store(open_store(path));
    run_sql("PRAGMA user_version = 2");
    refuse(path, true, "schema 2, and this program reads schema 1");
    refuse(path, false, "schema 2, and this program reads schema 1");
}

static bool no_patience(void *self, const char *reason)
{
    snprintf(self, 80, "%s", reason);
    return false;
}

/* In another process: POSIX locks do not keep a process from itself. */
Test(store, a_second_writer_is_told_who_the_first_is)
{
    struct cm_store *store = open_store(path);
    char words[80], reason[80] = "";
    snprintf(words, sizeof words, "process %ld is writing", (long)getpid());
    pid_t child = fork();
    if (child == 0) {
        struct cm_err err = {0};
        const struct cm_store_options options = {
            .version = "0.1.0", .wait = no_patience, .wait_self = reason};
        bool told = !cm_store_open(path, &options, &err) && strstr(reason, words) &&
                    strstr(err.text, "is being written by process");
        _exit(told ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "it was not told");
    close_store(store);
    char lock[96];
    snprintf(lock, sizeof lock, "%s-lock", path);
    cr_expect_neq(access(lock, F_OK), 0, "the lock was left behind");
}

/* --- merging --- */

/* A store with rows [first, first + n) of the series, in a file of its own. */
static void make_store(const char *file, const char *cell, uint64_t first, size_t n)
{
    remove(file);
    struct cm_store *store = open_store(file);
    begin_study(store, cell);
    put(store, first, written + first, n);
    close_store(store);
}

Test(store, merging_adds_what_is_missing_and_folds_what_is_there)
{
    struct cm_err err = {0};
    uint64_t n;
    char other[80];
    snprintf(other, sizeof other, "%s.other", path);
    make_rows(written, ROWS);
    make_store(path, "d", 0, 100);
    make_store(other, "d", 0, 200);
    struct cm_store *store = open_store(path);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(cm_store_merge(store, other, &err), 0, "%s", err.text);
        cr_expect_eq(cm_store_length(store, 1, &n, &err), 0);
        cr_expect_eq(n, 200);
        cr_assert_eq(cm_store_get_rows(store, 1, 0, got, 200, &err), 0, "%s", err.text);
        for (size_t row = 0; row < 200; row++)
            cr_expect(same(&written[row], &got[row]), "row %zu", row);
    }
    close_store(store);
    remove(other);
}

Test(store, stores_that_disagree_are_not_merged)
{
    struct cm_err err = {0};
    uint64_t n;
    char other[80];
    snprintf(other, sizeof other, "%s.other", path);
    make_rows(written, ROWS);
    make_store(path, "d", 0, 100);
    written[57].looks++;
    make_store(other, "d", 0, 200);
    struct cm_store *store = open_store(path);
    cr_expect_eq(cm_store_merge(store, other, &err), -1);
    cr_expect_not_null(strstr(err.text, "replication 57 of ours against healthy came out "
                                        "differently"),
                       "%s", err.text);
    cr_expect_eq(cm_store_length(store, 1, &n, &err), 0);
    cr_expect_eq(n, 100);
    make_store(other, "another", 100, 100);
    cr_expect_eq(cm_store_merge(store, other, &err), -1);
    cr_expect_not_null(strstr(err.text, "cell 0 is another scenario"), "%s", err.text);
    cr_expect_eq(cm_store_merge(store, path, &err), -1);
    cr_expect_not_null(strstr(err.text, "into itself"), "%s", err.text);
    close_store(store);
    remove(other);
}
