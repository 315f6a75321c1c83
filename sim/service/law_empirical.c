/* Empirical: a law read from data, as a piecewise linear cdf through knots (x_i, p_i).
 *
 * Samples x_(0) <= ... <= x_(n-1) give the knots (x_(i), i / (n - 1)): the quantile definition 7
 * of Hyndman & Fan (American Statistician 50, 1996), most programs' default. A table of quantiles
 * gives its own knots; it is taken to begin at 0 s unless it has level 0, and has to end with
 * level 1, since nobody can say what lies beyond.
 *
 *     E[L; L <= x] = M_i + (F(x) - p_i) (x_i + x) / 2 for x in [x_i, x_(i+1)]
 *
 * with M_i the same at knot i. Ties are jumps of the cdf and need no special case.
 *
 * Assumes that the data are of a healthy, warm version and that rows are independent. */
#include "sim/service/law.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/service/data_column.h"

struct knot {
    double x, p, mean; /* s, cdf there, E[L; L <= x] */
};

struct options {
    const char *file, *column, *levels;
    int unit;
    size_t n;          /* derived; 0 = not read yet */
    struct knot *knot; /* the arena's */
};

static const char *const units[] = {"s", "ms", "us", NULL};
static const double seconds[] = {1, 1e-3, 1e-6};

static const struct cm_param params[] = {
    CM_TEXT(struct options, file, NULL,
            "CSV or tab-separated file; its first line names the columns."),
    CM_TEXT(struct options, column, "none", "Column of the durations; none = the first."),
    CM_TEXT(struct options, levels, "none",
            "Column of cdf levels (0 to 1) if the rows are quantiles; none = rows are samples."),
    CM_CHOICE(struct options, unit, "s", units, "Unit of durations that are written without one."),
    CM_PARAMS_END,
};

/* A unit in the cell wins over the parameter, so that exports with units need no unit=. */
static int read_duration(const struct options *o, const struct cm_data_column *column, size_t i,
                         double *x, struct cm_err *err)
{
    const struct cm_quantity *cell = &column->cell[i];
    *x = cell->unit == CM_PURE ? cell->value * seconds[o->unit] : cell->value;
    if (cell->unit != CM_PURE && cell->unit != CM_SECONDS)
        return cm_fail(err, "%s:%d: a duration is expected", o->file, column->line[i]);
    if (!(*x >= 0) || *x > CM_MAX_DURATION / 1e9)
        return cm_fail(err, "%s:%d: %g s is outside [0 s, 1 year]", o->file, column->line[i], *x);
    return 0;
}

static int read_durations(struct options *o, const char *text, struct cm_err *err)
{
    struct cm_data_column column;
    int status = cm_data_column_read(&column, text, o->column, o->file, err);
    for (size_t i = 0; i < column.n && !status; i++)
        status = read_duration(o, &column, i, &o->knot[i].x, err);
    o->n = column.n;
    cm_data_column_release(&column);
    if (!status && o->n < 2)
        return cm_fail(err, "%s has %zu rows; an empirical law needs 2 or more", o->file, o->n);
    return status;
}

/* Of durations alone: equal ones are alike, so the order is total in effect. */
static int compare(const void *a, const void *b)
{
    const struct knot *x = a, *y = b;
    return (x->x > y->x) - (x->x < y->x);
}

static void sort_samples(struct options *o)
{
    qsort(o->knot, o->n, sizeof *o->knot, compare);
    for (size_t i = 0; i < o->n; i++)
        o->knot[i].p = (double)i / (double)(o->n - 1);
}

static int check_level(const struct options *o, const struct cm_data_column *column, size_t i,
                       struct cm_err *err)
{
    double p = column->cell[i].value;
    if (!(p >= 0) || p > 1 || column->cell[i].unit > CM_RATIO)
        return cm_fail(err, "%s:%d: a level must be a number from 0 to 1", o->file,
                       column->line[i]);
    if (i > 0 && (p <= o->knot[i - 1].p || o->knot[i].x < o->knot[i - 1].x))
        return cm_fail(err, "%s:%d: levels must rise from row to row, and durations not fall",
                       o->file, column->line[i]);
    return 0;
}

/* Level 0 is put in front if the table lacks it. */
static int close_table(struct options *o, struct cm_err *err)
{
    if (o->knot[o->n - 1].p < 1)
        return cm_fail(err,
                       "%s ends at level %g; a row for level 1 (the longest duration) is needed",
                       o->file, o->knot[o->n - 1].p);
    if (o->knot[0].p <= 0)
        return 0;
    for (size_t i = o->n++; i > 0; i--)
        o->knot[i] = o->knot[i - 1];
    o->knot[0] = (struct knot){0};
    return 0;
}

static int read_levels(struct options *o, const char *text, struct cm_err *err)
{
    struct cm_data_column column;
    int status = cm_data_column_read(&column, text, o->levels, o->file, err);
    for (size_t i = 0; i < column.n && !status; i++) {
        status = check_level(o, &column, i, err);
        o->knot[i].p = column.cell[i].value;
    }
    cm_data_column_release(&column);
    return status ? status : close_table(o, err);
}

/* Between two knots the law is uniform, whose mean is the middle. */
static void sum_means(struct options *o)
{
    o->knot[0].mean = o->knot[0].p * o->knot[0].x;
    for (size_t i = 1; i < o->n; i++) {
        const struct knot *a = &o->knot[i - 1];
        struct knot *b = &o->knot[i];
        b->mean = a->mean + (b->p - a->p) * (a->x + b->x) / 2;
    }
}

/* An upper bound of the knots: room is needed before the rows are known. */
static size_t count_lines(const char *text)
{
    size_t n = 1;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* A name that holds in any folder, if a law can be written with it. */
static const char *locate(const char *path, const struct cm_source *source, const char *file,
                          struct cm_arena *arena)
{
    const char *located = cm_source_locate(source, path, file, arena);
    return located[strcspn(located, "(),+")] ? path : located;
}

/* Everything is read and summed here; the verbs below only search. One knot more than lines, for
 * the level 0 that a table may lack. */
static int prepare(void *options, const struct cm_source *source, const char *file,
                   struct cm_arena *arena, struct cm_err *err)
{
    struct options *o = options;
    const char *text, *resolved;
    size_t length;
    if (source->read(source->self, o->file, file, arena, &text, &length, &resolved, err))
        return -1;
    o->knot = cm_arena_alloc(arena, (count_lines(text) + 1) * sizeof *o->knot);
    if (read_durations(o, text, err))
        return -1;
    if (!o->levels)
        sort_samples(o);
    else if (read_levels(o, text, err))
        return -1;
    sum_means(o);
    o->file = locate(o->file, source, file, arena);
    return 0;
}

/* The last knot at or below x, or n if x is below them all. */
static size_t knot_below(const struct options *o, double x)
{
    size_t low = 0, high = o->n; /* knots before low are <= x, from high on > x */
    assert(o->n > 0);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (o->knot[middle].x <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : o->n;
}

/* The law up to x: p and mean there. */
static struct knot at(const struct options *o, double x)
{
    size_t i = knot_below(o, x);
    if (i >= o->n)
        return (struct knot){.x = x};
    const struct knot *a = &o->knot[i];
    if (i + 1 == o->n)
        return *a;
    double step = (x - a->x) * (a[1].p - a->p) / (a[1].x - a->x);
    return (struct knot){.x = x, .p = a->p + step, .mean = a->mean + step * (a->x + x) / 2};
}

static double cdf(const void *options, double x)
{
    return at(options, x).p;
}

/* Data have no tail beyond their last value, so there is nothing to be accurate about. */
static double tail(const void *options, double x)
{
    return 1 - at(options, x).p;
}

static double partial_mean(const void *options, double x)
{
    return at(options, x).mean;
}

static double quantile(const void *options, double p)
{
    const struct options *o = options;
    size_t low = 0, high = o->n - 1; /* p[low] <= p, and p < p[high] or high is the last */
    assert(o->n > 1);
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (o->knot[middle].p <= p)
            low = middle;
        else
            high = middle;
    }
    const struct knot *a = &o->knot[low];
    return a->x + (p - a->p) / (a[1].p - a->p) * (a[1].x - a->x);
}

static double draw(const void *options, struct cm_rng *rng)
{
    return quantile(options, cm_rng_unit(rng));
}

const struct cm_law_kind cm_law_empirical = {
    .kind = {.name = "empirical",
             .summary = "Read from a file of samples or of quantiles.",
             .source = "Hyndman & Fan, The American Statistician 50, 1996, definition 7",
             .params = params,
             .options_size = sizeof(struct options),
             .prepare = prepare},
    .cdf = cdf,
    .tail = tail,
    .partial_mean = partial_mean,
    .quantile = quantile,
    .draw = draw,
};
