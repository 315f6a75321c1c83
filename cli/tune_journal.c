/* The first line names the search: a digest of the program's version, the layout of a trial, the
 * scenario with every mark in its middle, and the marks. Records are bytes of this machine: a
 * journal resumes a search, it is no format to keep results in. */
#include "cli/tune_journal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/digest.h"
#include "sim/base/mem.h"

enum { SOME = 8 /* candidates that are played before they are written */, LINE = 128 };

struct cm_tune_record {
    uint64_t number, first, n; /* the candidate; its trials */
    uint64_t broken;
    long at; /* of the trials */
};

enum { HEAD = 4 * sizeof(uint64_t) };

static void name_search(const struct cm_tune_field *f, char line[LINE])
{
    struct cm_digest d;
    char digest[CM_DIGEST_TEXT];
    cm_digest_start(&d);
    struct cm_writer to = cm_digest_writer(&d);
    cm_print(to, "%s %zu\n", CM_VERSION, sizeof(struct cm_trial));
    cm_scenario_print(f->middle, to);
    for (size_t i = 0; i < f->marks->n; i++)
        cm_print(to, "%s.%s %s\n", f->marks->list[i].section, f->marks->list[i].key,
                 f->marks->list[i].value);
    for (size_t i = 0; i < f->n_families; i++)
        cm_print(to, "%d\n", f->families[i]);
    cm_digest_end(&d, digest);
    snprintf(line, LINE, "coalmine tune journal 1 %s\n", digest);
}

/* --- reading --- */

/* One record, or false at the end of what is whole. */
static bool read_record(FILE *file, struct cm_tune_record *r, long size)
{
    uint64_t head[4];
    const uint64_t most = (uint64_t)1 << 32;
    if (fread(head, sizeof head, 1, file) != 1)
        return false;
    *r = (struct cm_tune_record){head[0], head[1], head[2], head[3], ftell(file)};
    if (r->n > most || r->at < 0)
        return false;
    long end = r->at + (long)(r->n * sizeof(struct cm_trial));
    return end <= size && fseek(file, end, SEEK_SET) == 0;
}

static long size_of(FILE *file)
{
    return fseek(file, 0, SEEK_END) ? -1 : ftell(file);
}

/* All records; what is behind the last whole one is cut off. */
static int read_records(struct cm_tune_journal *j, long begin, struct cm_err *err)
{
    long size = size_of(j->file), end = begin;
    struct cm_tune_record r;
    fseek(j->file, begin, SEEK_SET);
    while (read_record(j->file, &r, size)) {
        j->records = cm_grow(j->records, j->n + 1, sizeof *j->records);
        j->records[j->n++] = r;
        end = ftell(j->file);
    }
    fflush(j->file);
    if (ftruncate(fileno(j->file), end) || fseek(j->file, end, SEEK_SET))
        return cm_fail(err, "cannot use the journal: %s", strerror(errno));
    return 0;
}

int cm_tune_journal_open(struct cm_tune_journal *j, const char *path, const struct cm_tune_field *f,
                         struct cm_err *err)
{
    char want[LINE], line[LINE] = "";
    name_search(f, want);
    j->file = fopen(path, "r+b");
    if (!j->file && errno == ENOENT)
        j->file = fopen(path, "w+b");
    if (!j->file)
        return cm_fail(err, "cannot open the journal '%.200s': %s", path, strerror(errno));
    if (size_of(j->file) == 0) {
        fputs(want, j->file);
        return fflush(j->file)
                   ? cm_fail(err, "cannot write the journal '%.200s': %s", path, strerror(errno))
                   : 0;
    }
    rewind(j->file);
    if (!fgets(line, sizeof line, j->file) || strcmp(line, want) != 0)
        return cm_fail(err,
                       "'%.200s' is not the journal of this search: another file, seed or "
                       "version made it",
                       path);
    return read_records(j, (long)strlen(want), err);
}

int cm_tune_journal_close(struct cm_tune_journal *j, struct cm_err *err)
{
    bool failed = j->failed;
    if (j->file)
        failed |= fclose(j->file) != 0;
    cm_free(j->records);
    *j = (struct cm_tune_journal){0};
    return failed ? cm_fail(err, "the journal could not be written and will not resume all of it")
                  : 0;
}

/* --- playing --- */

/* Takes the trials up to `upto` from the journal; false = they are not there. */
static bool take(struct cm_tune_journal *j, struct cm_candidate *c, uint64_t upto)
{
    const struct cm_tune_record *r = NULL;
    for (size_t i = 0; i < j->n && !r; i++)
        if (j->records[i].number == c->number && j->records[i].first == c->n &&
            (j->records[i].broken || j->records[i].first + j->records[i].n == upto))
            r = &j->records[i];
    if (!r)
        return false;
    c->broken = r->broken != 0;
    if (c->broken)
        return true;
    c->trials = cm_grow(c->trials, (size_t)upto, sizeof *c->trials);
    if (fseek(j->file, r->at, SEEK_SET) ||
        fread(c->trials + c->n, sizeof *c->trials, (size_t)r->n, j->file) != r->n)
        return false;
    c->n = upto;
    return true;
}

static void put(struct cm_tune_journal *j, const struct cm_candidate *c, uint64_t first)
{
    const uint64_t head[4] = {c->number, first, c->broken ? 0 : c->n - first, c->broken};
    j->failed |= fseek(j->file, 0, SEEK_END) || fwrite(head, sizeof head, 1, j->file) != 1;
    if (!j->failed && head[2])
        j->failed |=
            fwrite(c->trials + first, sizeof *c->trials, (size_t)head[2], j->file) != head[2];
}

int cm_tune_journal_play(struct cm_tune_journal *j, struct cm_tune_field *f,
                         struct cm_candidate *const *list, size_t n, uint64_t upto)
{
    struct cm_candidate *some[SOME];
    uint64_t first[SOME];
    size_t k = 0;
    int status = 0;
    if (!j->file)
        return cm_tune_play(f, list, n, upto);
    for (size_t i = 0; i < n && !status; i++) {
        if (!take(j, list[i], upto))
            first[k] = list[i]->n, some[k++] = list[i];
        if (k == 0 || (k < SOME && i + 1 < n))
            continue;
        status = cm_tune_play(f, some, k, upto);
        for (size_t m = 0; m < k && !status && !j->failed; m++)
            put(j, some[m], first[m]);
        j->failed |= fflush(j->file) != 0;
        k = 0;
    }
    return status;
}
