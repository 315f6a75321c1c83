/* A study of one variable: false rollbacks and detection by its values, policy by policy. Where the
 * variable is the size of an effect this is the operating characteristic of the policies. */
#include <math.h>
#include <string.h>

#include "analysis/plot_cells.h"
#include "analysis/words.h"

static const char *lacks(const struct cm_plot_ask *ask)
{
    size_t variable;
    return cm_plot_cells_varying(ask->stored, &variable, 1) == 1
               ? NULL
               : "a curve is of exactly one variable";
}

/* Numbers have their place on the axis, words stand side by side. */
static bool are_numbers(const struct cm_plot_cells *cells, size_t variable)
{
    for (size_t i = 0; i < cells->n; i++)
        if (isnan(cells->list[i].numbers[variable]))
            return false;
    return true;
}

/* The place on the axis of the i-th point of a policy. */
static double x_of(const struct cm_plot_cell *cell, size_t v, bool numbers, size_t i)
{
    return numbers ? cell->numbers[v] : (double)i + 1;
}

static void add_curve(const struct cm_plot_cells *cells, size_t v, const char *policy, bool numbers,
                      double ends[2], struct cm_table *t)
{
    size_t seen = 0;
    for (size_t i = 0; i < cells->n; i++) {
        const struct cm_plot_cell *cell = &cells->list[i];
        if (strcmp(cell->policy, policy) != 0)
            continue;
        double x = x_of(cell, v, numbers, seen++);
        ends[0] = fmin(ends[0], x);
        ends[1] = fmax(ends[1], x);
        cm_table_text(t, cell->policy);
        cm_table_text(t, cell->values[v]);
        cm_table_number(t, x);
        cm_table_number(t, cell->false_rollback);
        cm_table_number(t, cell->detected);
    }
}

static void add_curves(const struct cm_plot_cells *cells, size_t v, struct cm_picture *p)
{
    struct cm_table *t = cm_picture_add(p, "curves");
    bool numbers = are_numbers(cells, v);
    double ends[2] = {INFINITY, -INFINITY};
    cm_picture_column(t, "policy", CM_COLUMN_TEXT);
    cm_picture_column(t, "text", CM_COLUMN_TEXT);
    cm_picture_column(t, "x", CM_COLUMN_NUMBER);
    cm_picture_column(t, "false_rollback", CM_COLUMN_NUMBER);
    cm_picture_column(t, "detected", CM_COLUMN_NUMBER);
    for (size_t i = 0; i < cells->n_policies; i++)
        add_curve(cells, v, cells->policies[i], numbers, ends, t);
    cm_picture_number(p, "x_low", ends[0]);
    cm_picture_number(p, "x_high", ends[1]);
    cm_picture_number(p, "are_words", !numbers);
    /* a range of more than a factor of 20 is usually meant in orders of magnitude */
    cm_picture_number(p, "is_log", numbers && ends[0] > 0 && ends[1] / ends[0] > 20);
}

static void add_labels(const struct cm_plot_cells *cells, struct cm_picture *p)
{
    struct cm_plot_label *list = cm_alloc((2 * cells->n_policies + 1) * sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < cells->n_policies; i++) {
        const struct cm_plot_cell *last = NULL;
        for (size_t k = 0; k < cells->n; k++)
            if (strcmp(cells->list[k].policy, cells->policies[i]) == 0)
                last = &cells->list[k];
        if (!last)
            continue;
        list[n++] = (struct cm_plot_label){cm_picture_say(p, "%s detects", cells->policies[i]),
                                           last->detected, (int)i + 1};
        list[n++] = (struct cm_plot_label){cm_picture_say(p, "%s false", cells->policies[i]),
                                           last->false_rollback, (int)i + 1};
    }
    const struct cm_plot_labels at_end = {"labels", list, n, 0, 1, 0.06};
    cm_picture_labels(p, &at_end);
    cm_free(list);
}

/* Whether the variable leaves healthy releases alone: then it is the size of a defect. */
static bool is_effect(const struct cm_plot_cells *cells)
{
    for (size_t i = cells->n_policies; i < cells->n; i++)
        if (cells->list[i].false_rollback != cells->list[i - cells->n_policies].false_rollback)
            return false;
    return cells->release != NULL;
}

/* From where on each policy sees the defect; the first value whose share is enough. */
static void say_seen(const struct cm_plot_cells *cells, size_t v, struct cm_writer to)
{
    for (size_t k = 0; k < cells->n_policies; k++) {
        const struct cm_plot_cell *seen = NULL;
        for (size_t i = 0; i < cells->n && !seen; i++)
            if (strcmp(cells->list[i].policy, cells->policies[k]) == 0 &&
                cells->list[i].detected >= CM_SMALLEST_POWER)
                seen = &cells->list[i];
        cm_print(to, "%s%s %s", k ? ", " : "", cells->policies[k],
                 seen ? seen->values[v] : "never");
    }
}

/* Where the two errors are balanced best, by their larger one. */
static void say_best(const struct cm_plot_cells *cells, size_t v, const char *variable,
                     struct cm_writer to)
{
    const struct cm_column share = {.type = CM_COLUMN_SHARE};
    const struct cm_plot_cell *best = &cells->list[0];
    double least = INFINITY;
    for (size_t i = 0; i < cells->n; i++) {
        const struct cm_plot_cell *cell = &cells->list[i];
        double missed = isnan(cell->detected) ? 0 : 1 - cell->detected;
        double worse = fmax(cell->false_rollback, missed);
        if (worse < least)
            best = cell;
        least = fmin(least, worse);
    }
    cm_print(to, "Fewest errors: %s at %s = %s, ", best->policy, variable, best->values[v]);
    if (!isnan(best->detected)) {
        cm_plot_say_value(&share, best->detected, to);
        cm_print(to, " detected, ");
    }
    cm_plot_say_value(&share, best->false_rollback, to);
    cm_print(to, " false");
}

static void say_title(const struct cm_plot_cells *cells, size_t v, const char *variable,
                      struct cm_picture *p)
{
    if (!is_effect(cells)) {
        say_best(cells, v, variable, cm_picture_title(p));
        return;
    }
    cm_print(cm_picture_title(p), "4 in 5 detected, by %s: ", variable);
    say_seen(cells, v, cm_picture_title(p));
}

static void name_policies(const struct cm_plot_cells *cells, struct cm_picture *p)
{
    struct cm_buffer names = {0};
    for (size_t i = 0; i < cells->n_policies; i++)
        cm_print(cm_buffer_writer(&names), "%s%s", i ? " " : "", cells->policies[i]);
    cm_picture_text(p, "policies", cm_arena_text(&p->arena, names.text, names.length));
    cm_buffer_release(&names);
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    struct cm_plot_cells cells;
    int status = cm_plot_cells_load(&cells, ask->stored, err);
    if (!status) {
        size_t v = cells.varying[0];
        const char *variable = cm_picture_say(p, "%s", cm_stored_variable(ask->stored, v));
        add_curves(&cells, v, p);
        add_labels(&cells, p);
        name_policies(&cells, p);
        cm_picture_text(p, "x_is", variable);
        say_title(&cells, v, variable, p);
        if (cells.release)
            cm_print(cm_buffer_writer(&p->about), ", %s", cells.release);
        cm_print(cm_buffer_writer(&p->about), ", n = ");
        cm_words_count(cells.list[0].n, cm_buffer_writer(&p->about));
    }
    cm_plot_cells_release(&cells);
    return status;
}

const struct cm_plot cm_plot_curve = {
    .name = "curve",
    .summary = "A study of one variable: false rollbacks and detection by its values.",
    .of = CM_PLOT_OF_STORED,
    .lacks = lacks,
    .draw = draw,
};
