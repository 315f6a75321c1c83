/* The loops: an odometer over the marks in their order, the first the slowest. A mark that is in
 * step with another takes the value that stands where the other's does. Values of a mark that uses
 * others are worked out anew whenever one of these moves. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/reading.h"
#include "sim/scenario/sweep_parts.h"

enum { TRIED = 2 * CM_SWEEP_CELLS }; /* combinations that a constraint may look at */

struct loops {
    struct cm_sweeping *s;
    struct cm_expr constraint;
    bool has_constraint, failed;
    size_t tried, room;
    int leader; /* the first of the sampled; -1 = none yet */
};

#define REPORT(l, id, mark, part, ...)                                                             \
    (cm_diag_add((l)->s->diags, id, cm_sweep_place(mark, part), __VA_ARGS__), (l)->failed = true)

static struct cm_slice whole(const struct cm_sweep_mark *mark)
{
    return (struct cm_slice){mark->key->value + mark->at, mark->length};
}

/* What a mark has right now. */
static const char *current(const struct cm_sweep_mark *mark)
{
    return mark->list[mark->i];
}

/* --- the values of a mark --- */

static void add(struct cm_sweep_mark *mark, const char *text)
{
    if (mark->n == mark->room) {
        mark->room = mark->room ? 2 * mark->room : 8;
        mark->list = cm_grow(mark->list, mark->room, sizeof *mark->list);
    }
    mark->list[mark->n++] = text;
}

/* As few digits as tell the values of a range apart: 31.6228, 0.3. */
static void add_number(struct loops *l, struct cm_sweep_mark *mark, double value, int digits)
{
    char text[40];
    snprintf(text, sizeof text, "%.*g", digits, value);
    int length = snprintf(text, sizeof text, "%.15g", strtod(text, NULL) + 0.0);
    add(mark, cm_arena_text(&l->s->sweep->arena, text, (size_t)length));
}

/* The number of an end: its own, or that of the variable it names. */
static bool end_of(struct loops *l, const struct cm_sweep_mark *mark,
                   const struct cm_sweep_bound *bound, double *number)
{
    const struct cm_sweep *sweep = l->s->sweep;
    *number = bound->number;
    if (bound->mark < 0)
        return true;
    const char *text = current(&sweep->marks[bound->mark]);
    if (cm_sweep_number(cm_slice_of(text), number))
        return true;
    REPORT(l, CM_DIAG_SWEEP_RANGE, mark, bound->text,
           "an end of a range is a number, and %.*s is '%.40s'", cm_shown(bound->text),
           bound->text.at, text);
    return false;
}

static void add_steps(struct loops *l, struct cm_sweep_mark *mark, const struct cm_sweep_item *item,
                      double from, double to)
{
    const double slack = 1e-9;
    const int digits = 12; /* 0.1 + 2 * 0.1 is 0.3 */
    double steps = floor((to - from) / item->step + slack);
    if (steps < 0 && !mark->depends)
        REPORT(l, CM_DIAG_SWEEP_RANGE, mark, item->text,
               "steps of %g do not lead from %g to %g: there is no value", item->step, from, to);
    if (steps >= CM_SWEEP_CELLS)
        REPORT(l, CM_DIAG_SWEEP_RANGE, mark, item->text, "more than %d values", CM_SWEEP_CELLS);
    for (double i = 0; i <= steps && !l->failed; i++)
        add_number(l, mark, from + i * item->step, digits);
}

/* A logarithm wants ends above 0. */
static bool are_positive(struct loops *l, const struct cm_sweep_mark *mark,
                         const struct cm_sweep_item *item, double from, double to)
{
    if (from > 0 && to > 0)
        return true;
    REPORT(l, CM_DIAG_SWEEP_RANGE, mark, item->text,
           "evenly in the logarithm goes from above 0 only, not from %g to %g", from, to);
    return false;
}

static double log_between(double from, double to, double u)
{
    return u >= 1 ? to : from * pow(to / from, u);
}

enum { DIGITS = 6 }; /* of values between the ends that are written */

static void add_points(struct loops *l, struct cm_sweep_mark *mark,
                       const struct cm_sweep_item *item, double from, double to)
{
    if (!are_positive(l, mark, item, from, to))
        return;
    for (size_t i = 0; i < item->points; i++)
        add_number(l, mark, log_between(from, to, (double)i / (double)(item->points - 1)), DIGITS);
}

/* What the design says, one value a point. */
static void add_sampled(struct loops *l, struct cm_sweep_mark *mark,
                        const struct cm_sweep_item *item, double from, double to)
{
    const struct cm_sweeping *s = l->s;
    if (item->kind == CM_ITEM_LOG && !are_positive(l, mark, item, from, to))
        return;
    for (size_t i = 0; i < s->points; i++) {
        double u = s->design[i * s->dimensions + (size_t)mark->dimension];
        double value = item->kind == CM_ITEM_LOG     ? log_between(from, to, u)
                       : item->kind == CM_ITEM_WHOLE ? floor(from + u * (to - from + 1))
                                                     : from + u * (to - from);
        add_number(l, mark, value, item->kind == CM_ITEM_WHOLE ? 15 : DIGITS);
    }
}

static void add_item(struct loops *l, struct cm_sweep_mark *mark, const struct cm_sweep_item *item)
{
    struct cm_sweep *sweep = l->s->sweep;
    double from, to;
    if (item->kind == CM_ITEM_TEXT) {
        add(mark, cm_arena_text(&sweep->arena, item->text.at, item->text.length));
        return;
    }
    if (item->kind == CM_ITEM_USE) {
        add(mark, current(&sweep->marks[item->from.mark]));
        return;
    }
    if (!end_of(l, mark, &item->from, &from) || !end_of(l, mark, &item->to, &to))
        return;
    if (item->kind == CM_ITEM_STEPS)
        add_steps(l, mark, item, from, to);
    else if (item->kind == CM_ITEM_POINTS)
        add_points(l, mark, item, from, to);
    else
        add_sampled(l, mark, item, from, to);
}

/* The mark that leads one that has no loop of its own, or -1. */
static int leader_of(const struct loops *l, const struct cm_sweep_mark *mark)
{
    if (mark->tied >= 0)
        return mark->tied;
    return mark->dimension >= 0 && mark != &l->s->sweep->marks[l->leader] ? l->leader : -1;
}

static void check_tie(struct loops *l, const struct cm_sweep_mark *mark)
{
    const struct cm_sweep *sweep = l->s->sweep;
    int leads = leader_of(l, mark);
    if (leads < 0 || sweep->marks[leads].n == mark->n)
        return;
    REPORT(l, CM_DIAG_SWEEP_RANGE, mark, whole(mark),
           "this has %zu value%s, and '%s', with which it is in step, has %zu", mark->n,
           mark->n == 1 ? "" : "s", sweep->variables[sweep->marks[leads].variable].name,
           sweep->marks[leads].n);
}

/* Makes the list of a mark for what the marks before it have. */
static void begin(struct loops *l, struct cm_sweep_mark *mark)
{
    int leads;
    if (mark->depends || mark->n == 0) {
        mark->n = 0;
        for (size_t i = 0; i < mark->n_items && !l->failed; i++)
            add_item(l, mark, &mark->items[i]);
    }
    if (mark->dimension >= 0 && l->leader < 0)
        l->leader = (int)(mark - l->s->sweep->marks);
    leads = leader_of(l, mark);
    mark->i = leads >= 0 ? l->s->sweep->marks[leads].i : 0;
    if (!l->failed)
        check_tie(l, mark);
}

/* --- cells --- */

static bool has_set(const struct cm_document *doc)
{
    for (size_t i = 0; i < doc->n; i++)
        for (size_t k = 0; k < doc->chapters[i].n_keys; k++)
            if (doc->chapters[i].keys[k].from_set)
                return true;
    return false;
}

/* Whoever chooses a value by --set may have taken the name with it. */
static int fail_unknown(const struct cm_sweep *sweep, struct cm_slice name, struct cm_err *err)
{
    struct cm_err why = {0};
    cm_sweep_unknown(sweep, name, &why);
    if (has_set(&sweep->document))
        return cm_fail(err, "%s; where --set replaced it, it keeps its name as ${%.*s = VALUE}",
                       why.text, cm_shown(name), name.at);
    return cm_fail(err, "%s", why.text);
}

static int look_up(void *self, struct cm_slice name, struct cm_value *value, struct cm_err *err)
{
    const struct cm_sweep *sweep = self;
    int variable = cm_sweep_find(sweep, name);
    if (variable < 0)
        return fail_unknown(sweep, name, err);
    for (size_t i = 0; i < sweep->n_marks; i++)
        if (sweep->marks[i].variable == variable)
            *value = cm_sweep_quantity_of(&sweep->variables[variable], current(&sweep->marks[i]));
    return 0;
}

/* Whether the constraint keeps what the marks have. */
static bool is_kept(struct loops *l)
{
    struct cm_scope scope = {l->s->sweep, look_up};
    struct cm_err err = {0};
    bool holds = true;
    if (!l->has_constraint || !cm_expr_holds(&l->constraint, &scope, &holds, &err))
        return holds;
    cm_diag_add(l->s->diags, CM_DIAG_SWEEP_CONSTRAINT,
                cm_ini_value_place(l->s->constraint, err.at, err.length), "[study] constraint: %s",
                err.text);
    l->failed = true;
    return false;
}

/* Too many of them are a slip of the pen, and would take a year. */
static bool has_room(struct loops *l)
{
    const struct cm_sweep *sweep = l->s->sweep;
    bool many = sweep->n_cells > CM_SWEEP_CELLS;
    if (!many && l->tried <= TRIED)
        return true;
    REPORT(l, CM_DIAG_SWEEP_CELLS, &sweep->marks[l->s->order[0]],
           whole(&sweep->marks[l->s->order[0]]),
           many ? "the variables of this sweep come to more than %d cells"
                : "a constraint may choose among %d combinations at most",
           many ? CM_SWEEP_CELLS : TRIED);
    return false;
}

static void add_cell(struct loops *l)
{
    struct cm_sweep *sweep = l->s->sweep;
    l->tried++;
    if (!is_kept(l))
        return;
    if (sweep->n_cells == l->room) {
        l->room = l->room ? 2 * l->room : 64;
        sweep->values =
            cm_grow(sweep->values, l->room * (sweep->n_variables + 1), sizeof *sweep->values);
    }
    const char **row = sweep->values + sweep->n_cells++ * sweep->n_variables;
    for (size_t i = 0; i < sweep->n_marks; i++)
        if (sweep->marks[i].variable >= 0)
            row[sweep->marks[i].variable] = current(&sweep->marks[i]);
}

/* Moves a mark on; false at its end. */
static bool advance(const struct loops *l, struct cm_sweep_mark *mark)
{
    return leader_of(l, mark) < 0 && ++mark->i < mark->n;
}

static void run_loops(struct loops *l)
{
    struct cm_sweeping *s = l->s;
    struct cm_sweep_mark *marks = s->sweep->marks;
    size_t depth = 0, n = s->sweep->n_marks;
    bool entering = true; /* the mark at `depth` begins; else it moves on */
    while (!l->failed) {
        if (depth == n) {
            add_cell(l);
            entering = false;
        } else {
            struct cm_sweep_mark *mark = &marks[s->order[depth]];
            if (entering)
                begin(l, mark);
            entering = entering ? mark->i < mark->n : advance(l, mark);
        }
        if (l->failed || !has_room(l) || (!entering && depth == 0))
            return;
        depth += entering ? 1 : (size_t)-1;
    }
}

static void read_constraint(struct loops *l)
{
    struct cm_sweeping *s = l->s;
    struct cm_err err = {0};
    l->has_constraint = s->constraint != NULL;
    if (!s->constraint ||
        !cm_expr_read(&l->constraint, s->constraint->value, &s->sweep->arena, &err))
        return;
    cm_diag_add(s->diags, CM_DIAG_SWEEP_CONSTRAINT,
                cm_ini_value_place(s->constraint, err.at, err.length), "[study] constraint: %s",
                err.text);
    l->failed = true;
}

void cm_sweep_expand(struct cm_sweeping *s)
{
    struct cm_sweep *sweep = s->sweep;
    struct loops l = {.s = s, .leader = -1};
    read_constraint(&l);
    if (!l.failed)
        run_loops(&l);
    if (l.has_constraint && !l.failed && sweep->n_cells == 0)
        cm_diag_add(s->diags, CM_DIAG_SWEEP_CONSTRAINT, cm_ini_value_place(s->constraint, 0, 0),
                    "[study] constraint: none of %zu combinations satisfies it", l.tried);
    for (size_t i = 0; i < sweep->n_marks; i++) {
        cm_free(sweep->marks[i].list);
        sweep->marks[i].list = NULL;
    }
}
