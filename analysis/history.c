/* Columns are told apart once, by their names; rows are then numbers. */
#include "analysis/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/words.h"
#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/base/units.h"
#include "sim/traffic/csv.h"

enum { COLUMNS_MAX = 400, ROWS_MAX = 1000000 };
static const cm_time stale_after = 5 * CM_MINUTE;

enum what { VALUE, REQUESTS, ERRORS };

/* Where a column goes. */
struct column {
    int metric;
    enum cm_arm arm;
    enum what what;
};

struct reading {
    struct cm_history *h;
    const struct cm_scenario *s;
    struct cm_csv csv;
    struct column columns[COLUMNS_MAX];
    size_t n_columns; /* besides the time */
    size_t room;      /* rows */
    cm_time origin;
};

static int fail(const struct reading *r, struct cm_err *err, const char *what, const char *why)
{
    return cm_fail(err, "%s:%d: %s %s", r->h->file, r->csv.line, what, why);
}

/* --- header --- */

static int find_metric(const struct cm_scenario *s, struct cm_slice name)
{
    for (size_t m = 0; m < s->n_metrics; m++)
        if (cm_slice_is(name, s->metrics[m].name))
            return (int)m;
    return -1;
}

static int read_heading(struct reading *r, struct cm_slice cell, struct column *column,
                        struct cm_err *err)
{
    struct cm_slice rest = cell, metric, arm, what = {"", 0};
    char name[64];
    snprintf(name, sizeof name, "column '%.*s'", (int)(cell.length < 40 ? cell.length : 40),
             cell.at);
    if (!cm_slice_cut(&rest, '.', &metric) || !cm_slice_cut(&rest, '.', &arm))
        return fail(r, err, name, "is not METRIC.VERSION (errors.canary, errors.stable.requests)");
    cm_slice_cut(&rest, '.', &what);
    column->metric = find_metric(r->s, metric);
    if (column->metric < 0)
        return fail(r, err, name, "is about a metric that the scenario does not have");
    int a = 0;
    while (a < CM_ARMS && !cm_slice_is(arm, cm_words_arms[a]))
        a++;
    if (a == CM_ARMS)
        return fail(r, err, name, "is about none of stable, canary, baseline");
    column->arm = (enum cm_arm)a;
    column->what = cm_slice_is(what, "requests") ? REQUESTS
                   : cm_slice_is(what, "errors") ? ERRORS
                                                 : VALUE;
    if (what.length > 0 && column->what == VALUE)
        return fail(r, err, name, "ends in neither .requests nor .errors");
    return 0;
}

static double **place(const struct reading *r, const struct column *c)
{
    struct cm_history_series *s = &r->h->series[c->metric][c->arm];
    return c->what == VALUE ? &s->value : c->what == REQUESTS ? &s->requests : &s->errors;
}

static int read_header(struct reading *r, struct cm_err *err)
{
    struct cm_slice row, cell;
    if (!cm_csv_row(&r->csv, &row))
        return cm_fail(err, "%s is empty", r->h->file);
    const char *bad = cm_csv_cell(row, r->csv.separator, 0, &cell);
    if (bad || !cm_slice_is(cell, "time"))
        return fail(r, err, "the first column", "has to be 'time'");
    for (int i = 1; !cm_csv_cell(row, r->csv.separator, i, &cell); i++) {
        if (r->n_columns == COLUMNS_MAX)
            return fail(r, err, "the table", "has too many columns");
        struct column *column = &r->columns[r->n_columns++];
        if (read_heading(r, cell, column, err))
            return -1;
        if (*place(r, column))
            return fail(r, err, "a column", "is there twice");
        *place(r, column) = cm_arena_alloc(&r->h->arena, r->room * sizeof(double));
    }
    return r->n_columns ? 0 : fail(r, err, "the table", "has no column beside the time");
}

/* --- rows --- */

static int read_number(struct reading *r, struct cm_slice cell, const struct column *c,
                       double *value, struct cm_err *err)
{
    char text[64];
    struct cm_quantity quantity;
    *value = NAN;
    if (cell.length == 0 || cm_slice_is(cell, "NaN") || cm_slice_is(cell, "nan"))
        return 0;
    if (cell.length >= sizeof text)
        return fail(r, err, "a cell", "is too long to be a number");
    memcpy(text, cell.at, cell.length);
    text[cell.length] = '\0';
    struct cm_err why = {0};
    if (cm_units_read_any(text, &quantity, &why))
        return fail(r, err, "a cell:", why.text);
    *value = quantity.value;
    if (c->what != VALUE && (*value < 0 || *value != floor(*value)))
        return fail(r, err, "a cell", "is no count of requests");
    return 0;
}

/* Errors are among the requests. */
static int check_counts(struct reading *r, size_t row, struct cm_err *err)
{
    for (size_t m = 0; m < r->s->n_metrics; m++)
        for (size_t a = 0; a < CM_ARMS; a++) {
            const struct cm_history_series *s = &r->h->series[m][a];
            if (s->requests && s->errors && s->errors[row] > s->requests[row])
                return fail(r, err, "the row has", "more errors than requests");
        }
    return 0;
}

static int read_row(struct reading *r, struct cm_slice row, struct cm_err *err)
{
    struct cm_history *h = r->h;
    struct cm_slice cell;
    cm_time at;
    const char *bad = cm_csv_cell(row, r->csv.separator, 0, &cell);
    bad = bad ? bad : cm_csv_time(cell, &at);
    if (bad)
        return fail(r, err, "the time is", bad);
    if (h->n == 0)
        r->origin = at;
    h->at[h->n] = at - r->origin;
    if (h->n > 0 && h->at[h->n] <= h->at[h->n - 1])
        return fail(r, err, "the time", "is not after that of the row before");
    for (size_t i = 0; i < r->n_columns; i++) {
        bad = cm_csv_cell(row, r->csv.separator, (int)i + 1, &cell);
        if (bad)
            return fail(r, err, "the row has", bad);
        if (read_number(r, cell, &r->columns[i], *place(r, &r->columns[i]) + h->n, err))
            return -1;
    }
    if (check_counts(r, h->n, err))
        return -1;
    h->n++;
    return 0;
}

static size_t count_lines(const char *text, size_t length)
{
    size_t n = 1;
    for (size_t i = 0; i < length; i++)
        n += text[i] == '\n';
    return n;
}

int cm_history_read(struct cm_history *h, const struct cm_scenario *s, const char *file,
                    const char *text, size_t length, struct cm_err *err)
{
    struct cm_slice row;
    *h = (struct cm_history){.file = file};
    struct reading *r = calloc(1, sizeof *r);
    if (!r)
        return cm_fail(err, "%s: there is not enough memory", file);
    *r = (struct reading){.h = h, .s = s, .csv = cm_csv_open(text, length)};
    r->room = count_lines(text, length);
    h->series = cm_arena_alloc(&h->arena, (s->n_metrics + 1) * sizeof *h->series);
    memset(h->series, 0, (s->n_metrics + 1) * sizeof *h->series);
    h->at = cm_arena_alloc(&h->arena, r->room * sizeof *h->at);
    int status = r->room > ROWS_MAX ? cm_fail(err, "%s has more than a million rows", file)
                                    : read_header(r, err);
    while (!status && cm_csv_row(&r->csv, &row))
        status = read_row(r, row, err);
    if (!status && h->n == 0)
        status = cm_fail(err, "%s has no row below its header", file);
    free(r);
    return status;
}

void cm_history_release(struct cm_history *h)
{
    cm_arena_release(&h->arena);
    *h = (struct cm_history){0};
}

/* --- what it shows --- */

bool cm_history_has_counts(const struct cm_history *h, int metric, enum cm_arm arm)
{
    const struct cm_history_series *s = &h->series[metric][arm];
    return s->requests && s->errors;
}

bool cm_history_has(const struct cm_history *h, int metric, enum cm_arm arm)
{
    return h->series[metric][arm].value || cm_history_has_counts(h, metric, arm);
}

/* Sums of the rows in (from, until]. */
static void count(const struct cm_history *h, const struct cm_history_series *s,
                  const cm_time between[2], uint64_t *n, uint64_t *x)
{
    double requests = 0, errors = 0;
    for (size_t i = 0; i < h->n && h->at[i] <= between[1]; i++) {
        if (h->at[i] <= between[0])
            continue;
        requests += s->requests && !isnan(s->requests[i]) ? s->requests[i] : 0;
        errors += s->errors && !isnan(s->errors[i]) ? s->errors[i] : 0;
    }
    *n = (uint64_t)requests;
    *x = (uint64_t)fmin(errors, requests);
}

/* The last row that is not stale; false if there is none. */
static bool last_row(const struct cm_history *h, cm_time at, size_t *row)
{
    size_t i = h->n;
    while (i > 0 && h->at[i - 1] > at)
        i--;
    *row = i - 1;
    return i > 0 && at - h->at[i - 1] < stale_after;
}

struct cm_signal cm_history_signal(const struct cm_history *h, const struct cm_scenario *s,
                                   int metric, cm_time at)
{
    const struct cm_metric *m = &s->metrics[metric].metric;
    struct cm_signal signal = {.n_fresh = 0};
    size_t row;
    bool fresh = last_row(h, at, &row);
    for (int arm = 0; arm < CM_ARMS; arm++) {
        const struct cm_history_series *series = &h->series[metric][arm];
        const cm_time window[2] = {at - m->window, at};
        count(h, series, window, &signal.n[arm], &signal.x[arm]);
        double value = NAN;
        if (fresh && series->value)
            value = series->value[row];
        else if (fresh && cm_history_has_counts(h, metric, (enum cm_arm)arm) &&
                 m->signal == CM_ERROR_RATIO)
            value = (double)signal.x[arm] / (double)signal.n[arm]; /* NAN of nothing */
        signal.value[arm] = value;
        signal.state[arm] = isnan(value) ? CM_NO_DATA : CM_PASS;
    }
    return signal;
}

bool cm_history_stratum(const struct cm_history *h, int metric, const cm_time between[2],
                        struct cm_stratum *stratum)
{
    uint64_t all = 0;
    *stratum = (struct cm_stratum){.from = between[0], .until = between[1]};
    for (int arm = 0; arm < CM_ARMS; arm++) {
        count(h, &h->series[metric][arm], between, &stratum->n[arm], &stratum->x[arm]);
        stratum->sum[arm] = stratum->sum_sq[arm] = NAN;
        all += stratum->n[arm];
    }
    stratum->planned_share = all ? (double)stratum->n[CM_CANARY] / (double)all : 0;
    return all > 0;
}
