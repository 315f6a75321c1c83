/* Rows in, a grid of counts out. Each good row becomes a sample (step, count); when all are read,
 * the samples fill the grid and what no sample fills is a gap.
 *
 * Where rows are requests a step without rows is a step without requests, not a gap, and the last
 * step is left out: the recording does not say how much of it was recorded. */
#include "sim/traffic/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/traffic/csv.h"

#define JITTER 10 /* a row may lie off the grid by 1 / JITTER of a step */

/* A good row. Its line stays known, as a gap is reported at the row after it. */
struct sample {
    size_t step;
    uint64_t count;
    int line;
};

/* Everything between the bytes of a file and its grid. */
struct reader {
    const struct cm_recording_spec *spec; /* borrowed */
    const char *name;                     /* borrowed */
    struct cm_csv csv;
    struct cm_slice head; /* the first row */
    bool has_header;
    int time, count;        /* columns, from 0; count -1: each row is a request */
    struct sample *samples; /* the scratch arena's */
    size_t n;
    cm_time first, last; /* of the good rows: bad ones do not move the grid */
    size_t bad_rows;
    const char *first_bad; /* the arena's */
};

/* The beginning of a cell, safe to show: whatever the file holds, a message is one line of
 * printable ASCII. */
struct shown {
    char text[64];
};

static struct shown shown(struct cm_slice cell)
{
    struct shown s = {{0}};
    for (size_t i = 0; i < cell.length && i + 1 < sizeof s.text; i++) {
        char c = cell.at[i];
        s.text[i] = '?';
        if (c >= ' ' && c <= '~')
            s.text[i] = c;
    }
    return s;
}

/* Puts file:line in front of a reason. */
static int fail_at_line(const struct reader *r, int line, struct cm_err *err)
{
    struct cm_err reason = *err;
    return cm_fail(err, "%s:%d: %s", r->name, line, reason.text);
}

/* --- columns: by number, by name, or by the usual names; without a header, by position -------- */

/* How one of the two columns is found when the user leaves it to us. A header that has none of the
 * usual names is refused rather than read by position: its second column may count anything. */
struct column {
    const char *key, *accepts;
    const char *const *usual;
    int position;
};

static const struct column time_column = {
    .key = "time_column",
    .accepts = "a name or a number",
    .usual = (const char *const[]){"timestamp", "time", "date", "datetime", NULL},
    .position = 0,
};
static const struct column count_column = {
    .key = "count_column",
    .accepts = "a name, a number, or none if each row is a request",
    .usual = (const char *const[]){"value", "requests", "count", NULL},
    .position = 1,
};

/* A column number from 1, or 0. */
static int column_number(const char *spec)
{
    char *end;
    long number = strtol(spec, &end, 10);
    return !*end && number >= 1 && number <= 1000 ? (int)number : 0;
}

/* The column of the header with one of these names (case does not count), or -1. */
static int column_called(const struct reader *r, const char *const *names)
{
    struct cm_slice cell;
    for (; *names; names++)
        for (int i = 0; !cm_csv_cell(r->head, r->csv.separator, i, &cell); i++)
            if (cell.length == strlen(*names) && strncasecmp(cell.at, *names, cell.length) == 0)
                return i;
    return -1;
}

/* The column from 0, or -1 with the reason. */
static int find_column(const struct reader *r, const struct column *column, const char *spec,
                       struct cm_err *err)
{
    const char *const asked[] = {spec, NULL};
    bool usual = strcmp(spec, "auto") == 0;
    if (column_number(spec))
        return column_number(spec) - 1;
    if (usual && !r->has_header)
        return column->position;
    int found = column_called(r, usual ? column->usual : asked);
    if (found >= 0)
        return found;
    cm_fail(err, "no column is called '%s' (the file has: %s); set %s to %s",
            usual ? column->usual[0] : spec, shown(r->head).text, column->key, column->accepts);
    return fail_at_line(r, r->csv.line, err);
}

/* Whether the first row names the columns: a time never begins like a word. */
static bool is_header(const struct reader *r)
{
    struct cm_slice cell;
    const char *spec = r->spec->time_column;
    int number = strcmp(spec, "auto") == 0 ? 1 : column_number(spec);
    if (!number)
        return true;
    bool read = !cm_csv_cell(r->head, r->csv.separator, number - 1, &cell);
    return read && cell.length && !strchr("0123456789+-.", *cell.at);
}

/* Reads the header, if there is one, and leaves the reader before the first row of data. */
static int find_columns(struct reader *r, struct cm_err *err)
{
    struct cm_csv begin = r->csv;
    if (!cm_csv_row(&r->csv, &r->head))
        return cm_fail(err, "%s is empty", r->name);
    r->has_header = is_header(r);
    r->time = find_column(r, &time_column, r->spec->time_column, err);
    if (r->time < 0)
        return -1;
    r->count = -1;
    if (strcmp(r->spec->count_column, "none") != 0) {
        r->count = find_column(r, &count_column, r->spec->count_column, err);
        if (r->count < 0)
            return -1;
    }
    if (!r->has_header)
        r->csv = begin;
    return 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int fail_cell(struct cm_slice cell, const char *wrong, struct cm_err *err)
{
    return cm_fail(err, "'%s' is %s", shown(cell).text, wrong);
}

/* Time and count of a row; a row that is a request counts 1. */
static int read_cells(const struct reader *r, struct cm_slice row, cm_time *time, uint64_t *count,
                      struct cm_err *err)
{
    struct cm_slice cell;
    const char *wrong = cm_csv_cell(row, r->csv.separator, r->time, &cell);
    if (wrong)
        return cm_fail(err, "the row has %s", wrong);
    if ((wrong = cm_csv_time(cell, time)))
        return fail_cell(cell, wrong, err);
    *count = 1;
    if (r->count < 0)
        return 0;
    if ((wrong = cm_csv_cell(row, r->csv.separator, r->count, &cell)))
        return cm_fail(err, "the row has %s", wrong);
    if ((wrong = cm_csv_count(cell, count)))
        return fail_cell(cell, wrong, err);
    return 0;
}

/* The step of a counted row: the nearest, if it is near. Monitors stamp rows a little late; a row
 * half a step away belongs to another grid, and to guess which would move traffic in time. */
static int counted_step(const struct reader *r, cm_time time, size_t *index, struct cm_err *err)
{
    cm_time step = r->spec->step, since = time - r->first;
    cm_time nearest = since / step + (since % step > step / 2), off = since - nearest * step;
    if (off > step / JITTER || -off > step / JITTER)
        return cm_fail(err, "the row is %g s off the grid of step = %g s that begins at the first",
                       cm_seconds(off), cm_seconds(step));
    if (r->n && (size_t)nearest <= r->samples[r->n - 1].step)
        return cm_fail(err, "the row is less than step = %g s after the one above",
                       cm_seconds(step));
    *index = (size_t)nearest;
    return 0;
}

/* Appends one row to the samples, or says what is wrong with it and changes nothing that later rows
 * depend on. */
static int take_row(struct reader *r, struct cm_slice row, struct cm_err *err)
{
    cm_time time = 0;
    struct sample sample = {.line = r->csv.line};
    if (read_cells(r, row, &time, &sample.count, err))
        return -1;
    if (!r->n)
        r->first = r->last = time; /* the grid begins at the first good row */
    if (time < r->last)
        return cm_fail(err, "the time is before that of the row above");
    sample.step = (size_t)((time - r->first) / r->spec->step);
    if (r->count >= 0 && counted_step(r, time, &sample.step, err))
        return -1;
    if (sample.step >= CM_RECORDING_STEPS)
        return cm_fail(err, "the row is %zu steps of %g s after the first; at most %zu are read",
                       sample.step, cm_seconds(r->spec->step), CM_RECORDING_STEPS);
    r->last = time;
    r->samples[r->n++] = sample;
    return 0;
}

/* Counts a row that is left out. The first one is kept in words: it tells a stray line from a wrong
 * column. */
static void skip_row(struct reader *r, const struct cm_err *reason, struct cm_arena *arena)
{
    char text[sizeof reason->text + 20];
    if (r->bad_rows++)
        return;
    snprintf(text, sizeof text, "line %d: %s", r->csv.line, reason->text);
    r->first_bad = cm_arena_text(arena, text, strlen(text));
}

static int take_rows(struct reader *r, struct cm_arena *arena, struct cm_err *err)
{
    struct cm_slice row;
    while (cm_csv_row(&r->csv, &row)) {
        if (!take_row(r, row, err))
            continue;
        if (!r->spec->skip_bad)
            return fail_at_line(r, r->csv.line, err);
        skip_row(r, err, arena);
    }
    return r->n ? 0 : cm_fail(err, "%s has no row that can be read", r->name);
}

/* --- the grid --------------------------------------------------------------------------------- */

/* Steps that are whole: where rows are requests, the last one is not. */
static size_t whole_steps(const struct reader *r)
{
    size_t last = r->samples[r->n - 1].step;
    return r->count < 0 ? last : last + 1;
}

/* Says how many steps lack a row, at the row after the first of them. */
static int fail_gaps(const struct reader *r, size_t gaps, struct cm_err *err)
{
    size_t i = 1;
    while (r->samples[i].step == r->samples[i - 1].step + 1)
        i++;
    cm_fail(err,
            "%zu of %zu steps of %g s have no row, the first before this line; gaps = zero or hold "
            "fills them",
            gaps, whole_steps(r), cm_seconds(r->spec->step));
    return fail_at_line(r, r->samples[i].line, err);
}

/* Adds the samples up: where rows are requests, many share a step. What a gap holds is the last
 * count before it, were it a recorded 0. */
static void fill(const struct reader *r, uint64_t *count, size_t n)
{
    for (size_t i = 0; i < r->n && r->samples[i].step < n; i++)
        count[r->samples[i].step] += r->samples[i].count;
    if (r->count < 0 || r->spec->gaps != CM_GAPS_HOLD)
        return;
    for (size_t i = 1; i < r->n; i++)
        for (size_t j = r->samples[i - 1].step + 1; j < r->samples[i].step; j++)
            count[j] = count[j - 1];
}

static int make_grid(const struct reader *r, struct cm_recording *out, struct cm_arena *arena,
                     struct cm_err *err)
{
    size_t n = whole_steps(r), gaps = r->count < 0 ? 0 : n - r->n;
    if (!n)
        return cm_fail(err, "%s is shorter than one step of %g s", r->name,
                       cm_seconds(r->spec->step));
    if (gaps && r->spec->gaps == CM_GAPS_REFUSE)
        return fail_gaps(r, gaps, err);
    uint64_t *count = cm_arena_alloc(arena, n * sizeof *count);
    fill(r, count, n);
    *out = (struct cm_recording){.count = count, .n = n, .gaps = gaps};
    for (size_t i = 0; i < n; i++)
        out->total += (double)count[i];
    if (!(out->total > 0))
        return cm_fail(err, "%s holds no request", r->name);
    out->bad_rows = r->bad_rows;
    out->first_bad = r->first_bad;
    return 0;
}

/* At least as many as there are rows, so that samples need not grow. */
static size_t count_lines(const struct cm_recording_file *file)
{
    size_t lines = 1;
    for (size_t i = 0; i < file->length; i++)
        lines += file->text[i] == '\n';
    return lines;
}

int cm_recording_read(struct cm_recording *out, const struct cm_recording_spec *spec,
                      const struct cm_recording_file *file, struct cm_arena *arena,
                      struct cm_err *err)
{
    struct cm_arena scratch = {0};
    struct reader r = {
        .spec = spec,
        .name = file->name,
        .csv = cm_csv_open(file->text, file->length),
        .samples = cm_arena_alloc(&scratch, count_lines(file) * sizeof *r.samples),
    };
    int bad = find_columns(&r, err) || take_rows(&r, arena, err) || make_grid(&r, out, arena, err);
    cm_arena_release(&scratch);
    return bad ? -1 : 0;
}
