/* A study of two variables as two heat maps, of its two errors: healthy releases rolled back, bad
 * ones missed. Every cell carries its number; the darker the worse, on a logarithmic scale, since
 * what matters lies between a tenth of a percent and all. A line runs between the cells that keep
 * an error within its target and those that do not: 1 % of healthy releases and 5 % of bad ones,
 * unless others are asked for. */
#include <math.h>
#include <string.h>

#include "analysis/plot_cells.h"
#include "analysis/words.h"

static const struct cm_plot_targets usual = {.false_rollback = 0.01, .missed = 0.05};
enum { SIDE = 40 }; /* cells in a row or a column, at most: more numbers cannot be read */

/* The values of a variable, in the order of the study. */
struct axis {
    size_t variable, n;
    const char *value[SIDE];
};

struct grid {
    const char *policy;
    struct cm_plot_targets targets;
    struct axis x, y;
    const struct cm_plot_cell *cell[SIDE][SIDE]; /* [y][x]; NULL = a constraint left it out */
};

static const char *lacks(const struct cm_plot_ask *ask)
{
    size_t variables[2];
    return cm_plot_cells_varying(ask->stored, variables, 2) == 2
               ? NULL
               : "a heat map is of exactly two variables";
}

static int place(struct axis *axis, const struct cm_plot_cell *cell)
{
    const char *value = cell->values[axis->variable];
    for (size_t i = 0; i < axis->n; i++)
        if (strcmp(axis->value[i], value) == 0)
            return (int)i;
    if (axis->n == SIDE)
        return -1;
    axis->value[axis->n] = value;
    return (int)axis->n++;
}

static int fill(struct grid *g, const struct cm_plot_cells *cells, const struct cm_plot_ask *ask,
                struct cm_err *err)
{
    *g = (struct grid){.policy = ask->stored_policy ? ask->stored_policy : cells->policies[0],
                       .targets = ask->targets ? *ask->targets : usual,
                       .x = {.variable = cells->varying[0]},
                       .y = {.variable = cells->varying[1]}};
    for (size_t i = 0; i < cells->n; i++) {
        const struct cm_plot_cell *cell = &cells->list[i];
        if (strcmp(cell->policy, g->policy) != 0)
            continue;
        int x = place(&g->x, cell), y = place(&g->y, cell);
        if (x < 0 || y < 0)
            return cm_fail(err, "a variable has more than %d values", SIDE);
        g->cell[y][x] = cell;
    }
    return g->x.n > 0 ? 0 : cm_fail(err, "policy %s is not studied", g->policy);
}

static double error_of(const struct grid *g, int x, int y, bool missed)
{
    bool inside = x >= 0 && y >= 0 && x < (int)g->x.n && y < (int)g->y.n;
    if (!inside || !g->cell[y][x])
        return NAN;
    return missed ? g->cell[y][x]->missed : g->cell[y][x]->false_rollback;
}

/* "7.2", "0.35", "0", in percent, as short as can be. */
static const char *number_of(struct cm_picture *p, double share)
{
    double percent = 100 * share;
    return cm_picture_say(p, percent >= 10 || percent == 0 ? "%.0f" : "%.2g", percent);
}

static void add_map(const struct grid *g, const char *name, bool missed, struct cm_picture *p)
{
    struct cm_table *t = cm_picture_add(p, name);
    cm_picture_column(t, "x", CM_COLUMN_NUMBER);
    cm_picture_column(t, "y", CM_COLUMN_NUMBER);
    cm_picture_column(t, "share", CM_COLUMN_NUMBER);
    cm_picture_column(t, "text", CM_COLUMN_TEXT);
    for (int y = 0; y < (int)g->y.n; y++)
        for (int x = 0; x < (int)g->x.n; x++) {
            double share = error_of(g, x, y, missed);
            if (isnan(share))
                continue;
            cm_table_number(t, x + 1);
            cm_table_number(t, y + 1);
            cm_table_number(t, share);
            cm_table_text(t, number_of(p, share));
        }
}

static void add_edge(struct cm_table *t, double x, double y, double dx, double dy)
{
    cm_table_number(t, x);
    cm_table_number(t, y);
    cm_table_number(t, dx);
    cm_table_number(t, dy);
}

/* The edges between what is at most the target and what is above it. */
static size_t add_contour(const struct grid *g, const char *name, bool missed, struct cm_picture *p)
{
    double target = missed ? g->targets.missed : g->targets.false_rollback;
    struct cm_table *t = cm_picture_add(p, name);
    const char *const columns[] = {"x", "y", "dx", "dy"};
    for (size_t i = 0; i < 4; i++)
        cm_picture_column(t, columns[i], CM_COLUMN_NUMBER);
    for (int y = 0; y < (int)g->y.n; y++)
        for (int x = 0; x < (int)g->x.n; x++) {
            double here = error_of(g, x, y, missed);
            double right = error_of(g, x + 1, y, missed), above = error_of(g, x, y + 1, missed);
            if (!isnan(here) && !isnan(right) && (here <= target) != (right <= target))
                add_edge(t, x + 1.5, y + 0.5, 0, 1);
            if (!isnan(here) && !isnan(above) && (here <= target) != (above <= target))
                add_edge(t, x + 0.5, y + 1.5, 1, 0);
        }
    return cm_table_rows(t);
}

static void add_axis(const struct axis *axis, const char *name, struct cm_picture *p)
{
    struct cm_table *t = cm_picture_add(p, name);
    cm_picture_column(t, "at", CM_COLUMN_NUMBER);
    cm_picture_column(t, "text", CM_COLUMN_TEXT);
    for (size_t i = 0; i < axis->n; i++) {
        cm_table_number(t, (double)i + 1);
        cm_table_text(t, axis->value[i]);
    }
}

static const char *target_of(struct cm_picture *p, double share)
{
    return cm_picture_say(p, "%.3g %%", 100 * share);
}

static void say_title(const struct grid *g, const char *release, struct cm_picture *p)
{
    unsigned all = 0, good = 0;
    for (size_t y = 0; y < g->y.n; y++)
        for (size_t x = 0; x < g->x.n; x++) {
            const struct cm_plot_cell *cell = g->cell[y][x];
            all += cell != NULL;
            good += cell && cell->false_rollback <= g->targets.false_rollback &&
                    (!release || cell->missed <= g->targets.missed);
        }
    cm_print(cm_picture_title(p), "%u of %u cells roll back at most %s of healthy releases", good,
             all, target_of(p, g->targets.false_rollback));
    if (release)
        cm_print(cm_picture_title(p), " and miss at most %s of %s", target_of(p, g->targets.missed),
                 release);
}

static void show(const struct cm_plot_cells *cells, const struct grid *g,
                 const struct cm_plot_ask *ask, struct cm_picture *p)
{
    bool two = cells->release != NULL;
    add_map(g, "false_map", false, p);
    cm_picture_number(p, "false_edges", (double)add_contour(g, "false_line", false, p));
    if (two) {
        add_map(g, "missed_map", true, p);
        cm_picture_number(p, "missed_edges", (double)add_contour(g, "missed_line", true, p));
        cm_picture_text(p, "release", cells->release);
        cm_picture_text(p, "missed_target", target_of(p, g->targets.missed));
    }
    cm_picture_text(p, "false_target", target_of(p, g->targets.false_rollback));
    add_axis(&g->x, "x_axis", p);
    add_axis(&g->y, "y_axis", p);
    cm_picture_number(p, "n_x", (double)g->x.n);
    cm_picture_number(p, "n_y", (double)g->y.n);
    cm_picture_number(p, "maps", two ? 2 : 1);
    cm_picture_text(p, "x_is",
                    cm_picture_say(p, "%s", cm_stored_variable(ask->stored, g->x.variable)));
    cm_picture_text(p, "y_is",
                    cm_picture_say(p, "%s", cm_stored_variable(ask->stored, g->y.variable)));
    cm_print(cm_buffer_writer(&p->about), ", policy %s, n = ", g->policy);
    cm_words_count(cells->list[0].n, cm_buffer_writer(&p->about));
    say_title(g, cells->release, p);
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    struct cm_plot_cells cells;
    struct grid *grid = cm_alloc(sizeof *grid);
    int status = cm_plot_cells_load(&cells, ask->stored, err);
    if (!status)
        status = fill(grid, &cells, ask, err);
    if (!status)
        show(&cells, grid, ask, p);
    cm_plot_cells_release(&cells);
    cm_free(grid);
    return status;
}

const struct cm_plot cm_plot_heat = {
    .name = "heat",
    .summary = "A study of two variables: false rollbacks and missed releases, cell by cell.",
    .of = CM_PLOT_OF_STORED,
    .stored_policy = true,
    .lacks = lacks,
    .draw = draw,
};
