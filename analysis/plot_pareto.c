/* What can be had: false rollbacks against harm, each cell and policy of a study a point. A point
 * is on the front if no other is at most as large in both and less in one; the front is drawn as
 * steps, since a point between two of them has not been shown to be attainable. Only of studies
 * whose cells differ in their policies: a service with less traffic is not a better policy. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/plot_cells.h"
#include "analysis/words.h"

static const char *lacks(const struct cm_plot_ask *ask)
{
    return cm_stored_cells(ask->stored) > 0 ? NULL : "the study has no cells yet";
}

static bool beats(const struct cm_plot_cell *a, const struct cm_plot_cell *b)
{
    return a->false_rollback <= b->false_rollback && a->harm <= b->harm &&
           (a->false_rollback < b->false_rollback || a->harm < b->harm);
}

static bool is_on_front(const struct cm_plot_cells *cells, const struct cm_plot_cell *cell)
{
    for (size_t i = 0; i < cells->n; i++)
        if (beats(&cells->list[i], cell))
            return false;
    return true;
}

static int by_false_rollback(const void *a, const void *b)
{
    const struct cm_plot_cell *x = a, *y = b;
    if (x->false_rollback != y->false_rollback)
        return (x->false_rollback > y->false_rollback) - (x->false_rollback < y->false_rollback);
    return x->harm != y->harm ? (x->harm > y->harm) - (x->harm < y->harm)
                              : strcmp(x->policy, y->policy);
}

static struct cm_table *begin(const char *name, struct cm_picture *p)
{
    struct cm_table *t = cm_picture_add(p, name);
    cm_picture_column(t, "text", CM_COLUMN_TEXT);
    cm_picture_column(t, "false_rollback", CM_COLUMN_NUMBER);
    cm_picture_column(t, "harm", CM_COLUMN_NUMBER);
    return t;
}

/* What a variable does not touch is the same point in many cells. */
static void drop_repeated(struct cm_plot_cells *cells)
{
    size_t kept = 0;
    for (size_t i = 0; i < cells->n; i++) {
        const struct cm_plot_cell *last = kept > 0 ? &cells->list[kept - 1] : NULL;
        const struct cm_plot_cell *cell = &cells->list[i];
        if (!last || last->false_rollback != cell->false_rollback || last->harm != cell->harm ||
            strcmp(last->policy, cell->policy) != 0)
            cells->list[kept++] = *cell;
    }
    cells->n = kept;
}

static size_t add_points(struct cm_plot_cells *cells, const struct cm_plot_ask *ask,
                         struct cm_picture *p)
{
    struct cm_table *all = begin("points", p), *front = begin("front", p);
    double highest = 0, most = 0, least = INFINITY, lowest = INFINITY;
    qsort(cells->list, cells->n, sizeof *cells->list, by_false_rollback);
    drop_repeated(cells);
    for (size_t i = 0; i < cells->n; i++) {
        const struct cm_plot_cell *cell = &cells->list[i];
        bool best = is_on_front(cells, cell);
        for (int k = 0; k < (best ? 2 : 1); k++) {
            struct cm_table *t = k ? front : all;
            cm_table_text(t, cm_plot_cells_name(cells, ask->stored, cell, p));
            cm_table_number(t, cell->false_rollback);
            cm_table_number(t, cell->harm);
        }
        highest = fmax(highest, cell->false_rollback);
        lowest = cell->false_rollback > 0 ? fmin(lowest, cell->false_rollback) : lowest;
        most = fmax(most, cell->harm);
        least = fmin(least, cell->harm);
    }
    cm_picture_number(p, "highest", highest > 0 ? highest : 0.01);
    cm_picture_number(p, "most_harm", most > 0 ? most : 1);
    cm_picture_number(p, "least_harm", least);
    cm_picture_number(p, "none", fmin(lowest, 0.01) / 4);
    return cm_table_rows(front);
}

static int refuse(const struct cm_plot_cells *cells, struct cm_err *err)
{
    if (!cells->release)
        return cm_fail(err, "the study has no bad release");
    if (!cells->same_world)
        return cm_fail(err, "cells differ in more than their policies and gates");
    return cells->n < 2 ? cm_fail(err, "the study has one point only") : 0;
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    struct cm_plot_cells cells;
    int status = cm_plot_cells_load(&cells, ask->stored, err) || refuse(&cells, err) ? -1 : 0;
    if (!status) {
        size_t best = add_points(&cells, ask, p);
        cm_print(cm_picture_title(p), "%zu of %zu choices %s not beaten on both counts", best,
                 cells.n, best == 1 ? "is" : "are");
        cm_print(cm_buffer_writer(&p->about), ", %s, n = ", cells.release);
        cm_words_count(cells.list[0].n, cm_buffer_writer(&p->about));
    }
    cm_plot_cells_release(&cells);
    return status;
}

const struct cm_plot cm_plot_pareto = {
    .name = "pareto",
    .summary = "What can be had: false rollbacks against harm, and the choices that none beats.",
    .of = CM_PLOT_OF_STORED,
    .lacks = lacks,
    .draw = draw,
};
