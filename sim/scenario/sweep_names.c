/* What names mean: which marks are variables, whom they use, and in which order loops nest.
 *
 * A mark that only uses a variable, `${$t}`, is none itself. The order is that of the file, except
 * that a variable comes behind those that it uses or is in step with; one that waits for itself is
 * a mistake. */
#include <math.h>
#include <string.h>

#include "sim/base/list.h"
#include "sim/base/reading.h"
#include "sim/scenario/sweep_parts.h"

#define REPORT(s, id, mark, part, ...)                                                             \
    cm_diag_add((s)->diags, id, cm_sweep_place(mark, part), __VA_ARGS__)

static struct cm_slice whole(const struct cm_sweep_mark *mark)
{
    return (struct cm_slice){mark->key->value + mark->at, mark->length};
}

/* --- variables --- */

/* "traffic.rate", or "traffic.rate-2" for the second in one value. */
static const char *name_of(struct cm_sweep *sweep, size_t i)
{
    const struct cm_sweep_mark *mark = &sweep->marks[i];
    if (mark->name.length)
        return cm_arena_text(&sweep->arena, mark->name.at, mark->name.length);
    size_t same = 1;
    for (size_t k = 0; k < i; k++)
        same += sweep->marks[k].key == mark->key;
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text), "%s.%s", mark->section, mark->key->name);
    if (same > 1)
        cm_print(cm_buffer_writer(&text), "-%zu", same);
    const char *name = cm_arena_text(&sweep->arena, text.text, text.length);
    cm_buffer_release(&text);
    return name;
}

static bool only_uses(const struct cm_sweep_mark *mark)
{
    return mark->n_items == 1 && mark->items[0].kind == CM_ITEM_USE && !mark->name.length &&
           !mark->tied_to.length;
}

/* The value with a 1 where the braces are: what its unit makes of a number. */
static void find_scale(const struct cm_sweep_mark *mark, struct cm_sweep_variable *variable)
{
    const char *value = mark->key->value;
    struct cm_buffer text = {0};
    struct cm_quantity quantity = {0};
    struct cm_err err = {0};
    cm_print(cm_buffer_writer(&text), "%.*s1%s", (int)mark->at, value,
             value + mark->at + mark->length);
    bool is_quantity = !cm_units_read_any(text.text, &quantity, &err);
    if (is_quantity && quantity.unit != CM_PURE) {
        variable->scale = quantity.value;
        variable->unit = quantity.unit;
    }
    cm_buffer_release(&text);
}

/* Whether another variable goes by this name already. */
static bool is_taken(struct cm_sweeping *s, const struct cm_sweep_mark *mark, const char *name)
{
    const struct cm_sweep *sweep = s->sweep;
    for (size_t i = 0; i < sweep->n_variables; i++) {
        const struct cm_sweep_variable *other = &sweep->variables[i];
        if (strcmp(other->name, name) != 0)
            continue;
        REPORT(s, CM_DIAG_SWEEP_NAME, mark, mark->name,
               "there is a variable '%s' already, in [%s] %s: to use what it has, write ${$%s}",
               name, other->section, other->key, name);
        return true;
    }
    return false;
}

static void add_variable(struct cm_sweeping *s, size_t i)
{
    struct cm_sweep *sweep = s->sweep;
    struct cm_sweep_mark *mark = &sweep->marks[i];
    struct cm_sweep_variable variable = {
        .name = name_of(sweep, i),
        .section = mark->section,
        .key = mark->key->name,
        .place = cm_sweep_place(mark, whole(mark)),
        .items = cm_arena_text(&sweep->arena, mark->items_text.at, mark->items_text.length),
    };
    if (is_taken(s, mark, variable.name))
        return;
    find_scale(mark, &variable);
    sweep->variables =
        cm_list_grow(&sweep->arena, sweep->variables, sweep->n_variables, sizeof variable);
    mark->variable = (int)sweep->n_variables;
    sweep->variables[sweep->n_variables++] = variable;
}

/* The whole name wins; else the last word, if no other variable has it. */
int cm_sweep_find(const struct cm_sweep *sweep, struct cm_slice name)
{
    int found = -1;
    for (size_t i = 0; i < sweep->n_variables; i++) {
        const char *known = sweep->variables[i].name, *dot = strrchr(known, '.');
        if (cm_slice_is(name, known))
            return (int)i;
        if (dot && cm_slice_is(name, dot + 1))
            found = found == -1 ? (int)i : -2;
    }
    return found < 0 ? -1 : found;
}

/* "traffic.rate, t"; only those that end in the word `last`, if it has a length. */
static size_t list_names(const struct cm_sweep *sweep, struct cm_slice last, struct cm_writer to)
{
    size_t n = 0;
    for (size_t i = 0; i < sweep->n_variables; i++) {
        const char *name = sweep->variables[i].name, *dot = strrchr(name, '.');
        if (last.length && (!dot || !cm_slice_is(last, dot + 1)))
            continue;
        const char *quote = strchr(name, '-') ? "'" : "";
        cm_print(to, "%s%s%s%s", n++ ? ", " : "", quote, name, quote);
    }
    return n;
}

/* The nearest name, or last word of one, in the memory of the sweep; NULL = none is near. */
static const char *nearest(const struct cm_sweep *sweep, struct cm_slice name,
                           struct cm_arena *scratch)
{
    struct cm_guess guess = cm_guess_start(cm_arena_text(scratch, name.at, name.length));
    for (size_t i = 0; i < sweep->n_variables; i++) {
        const char *known = sweep->variables[i].name, *dot = strrchr(known, '.');
        cm_guess_try(&guess, known);
        if (dot)
            cm_guess_try(&guess, dot + 1);
    }
    return guess.best;
}

int cm_sweep_unknown(const struct cm_sweep *sweep, struct cm_slice name, struct cm_err *err)
{
    struct cm_arena scratch = {0};
    struct cm_buffer several = {0}, all = {0};
    size_t n = list_names(sweep, name, cm_buffer_writer(&several));
    size_t known = list_names(sweep, (struct cm_slice){0}, cm_buffer_writer(&all));
    const char *near = nearest(sweep, name, &scratch);
    if (n > 1)
        cm_fail(err, "'%.*s' may be any of %.300s", cm_shown(name), name.at, several.text);
    else if (near)
        cm_fail(err, "there is no variable '%.*s' (did you mean '%s'?)", cm_shown(name), name.at,
                near);
    else if (known)
        cm_fail(err, "there is no variable '%.*s'; there is %.300s", cm_shown(name), name.at,
                all.text);
    else
        cm_fail(err, "there is no variable '%.*s', nor any other: no value has a ${...}",
                cm_shown(name), name.at);
    cm_buffer_release(&several);
    cm_buffer_release(&all);
    cm_arena_release(&scratch);
    return -1;
}

/* --- links --- */

/* The mark of the variable that `name` means, or -1 once that is said. */
static int find_mark(struct cm_sweeping *s, const struct cm_sweep_mark *mark, struct cm_slice name)
{
    const struct cm_sweep *sweep = s->sweep;
    int variable = cm_sweep_find(sweep, name);
    for (size_t i = 0; variable >= 0 && i < sweep->n_marks; i++)
        if (sweep->marks[i].variable == variable)
            return (int)i;
    struct cm_err err = {0};
    cm_sweep_unknown(sweep, name, &err);
    REPORT(s, CM_DIAG_SWEEP_NAME, mark, name, "%s", err.text);
    return -1;
}

static void link_bound(struct cm_sweeping *s, struct cm_sweep_mark *mark,
                       struct cm_sweep_bound *bound)
{
    if (!bound->text.length || bound->text.at[0] != '$')
        return;
    mark->depends = true;
    bound->mark = find_mark(s, mark, (struct cm_slice){bound->text.at + 1, bound->text.length - 1});
}

static void link_mark(struct cm_sweeping *s, struct cm_sweep_mark *mark)
{
    for (size_t i = 0; i < mark->n_items; i++) {
        link_bound(s, mark, &mark->items[i].from);
        link_bound(s, mark, &mark->items[i].to);
    }
    if (mark->tied_to.length)
        mark->tied = find_mark(s, mark, mark->tied_to);
}

/* --- ranges that stand alone --- */

static bool is_whole(const struct cm_sweep_bound *bound)
{
    return bound->mark >= 0 || bound->number == floor(bound->number);
}

/* 1..5 is 1, 2, 3, 4, 5 where nothing is sampled. */
static void settle_range(struct cm_sweeping *s, const struct cm_sweep_mark *mark,
                         struct cm_sweep_item *item)
{
    bool has_steps = item->kind != CM_ITEM_LOG && is_whole(&item->from) && is_whole(&item->to);
    if (item->kind < CM_ITEM_RANGE)
        return;
    if (s->sample) {
        if (mark->n_items > 1)
            REPORT(s, CM_DIAG_SWEEP_RANGE, mark, item->text,
                   "a sampled range stands alone in its ${...}; with others it needs a step");
        return;
    }
    if (has_steps) {
        item->kind = CM_ITEM_STEPS;
        item->step = 1;
        return;
    }
    REPORT(s, CM_DIAG_SWEEP_RANGE, mark, item->text,
           "'%.*s' has no end of values: give it a step ('step 0.5'), a number of points ('log 5'),"
           " or sample it ([study] sample = sobol 64)",
           cm_shown(item->text), item->text.at);
}

/* Sampled variables are one loop: the first of them leads, in file order. */
static void settle_ranges(struct cm_sweeping *s, struct cm_sweep_mark *mark)
{
    for (size_t i = 0; i < mark->n_items; i++)
        settle_range(s, mark, &mark->items[i]);
    if (!s->sample || mark->n_items != 1 || mark->items[0].kind < CM_ITEM_RANGE)
        return;
    mark->dimension = (int)s->dimensions++;
    if (mark->tied >= 0)
        REPORT(s, CM_DIAG_SWEEP_RANGE, mark, mark->tied_to,
               "a sampled range is in step with the other sampled ranges, and with nothing else");
}

/* --- order --- */

/* Whether all that a mark needs is among the first `n` of the order. */
static bool is_ready(const struct cm_sweeping *s, const struct cm_sweep_mark *mark, size_t n,
                     int *waits_for)
{
    int needs[2 * CM_SWEEP_VARIABLES + 1];
    size_t n_needs = 0;
    needs[n_needs++] = mark->tied;
    for (size_t i = 0; i < mark->n_items && n_needs + 1 < sizeof needs / sizeof *needs; i++) {
        if (mark->items[i].from.text.length)
            needs[n_needs++] = mark->items[i].from.mark;
        if (mark->items[i].to.text.length)
            needs[n_needs++] = mark->items[i].to.mark;
    }
    for (size_t i = 0; i < n_needs; i++) {
        bool done = needs[i] < 0;
        for (size_t k = 0; k < n && !done; k++)
            done = s->order[k] == (size_t)needs[i];
        *waits_for = needs[i];
        if (!done)
            return false;
    }
    return true;
}

static bool is_ordered(const struct cm_sweeping *s, size_t mark, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s->order[i] == mark)
            return true;
    return false;
}

/* The first, in file order, that waits for nothing; n_marks = none. */
static size_t next_ready(const struct cm_sweeping *s, size_t n, size_t *stuck)
{
    const struct cm_sweep *sweep = s->sweep;
    size_t i = 0;
    int waits_for = -1;
    *stuck = sweep->n_marks;
    for (; i < sweep->n_marks; i++) {
        if (is_ordered(s, i, n))
            continue;
        if (is_ready(s, &sweep->marks[i], n, &waits_for))
            break;
        *stuck = *stuck == sweep->n_marks ? i : *stuck;
    }
    return i;
}

/* After as many steps as there are marks, whoever waits is in the circle. */
static void report_circle(struct cm_sweeping *s, size_t stuck, size_t n)
{
    const struct cm_sweep *sweep = s->sweep;
    int next = (int)stuck;
    for (size_t i = 0; i < sweep->n_marks; i++)
        is_ready(s, &sweep->marks[next], n, &next);
    const struct cm_sweep_mark *mark = &sweep->marks[next];
    int other = next;
    is_ready(s, mark, n, &other);
    const char *name = sweep->variables[mark->variable].name;
    if (other == next)
        REPORT(s, CM_DIAG_SWEEP_NAME, mark, whole(mark), "variable '%s' uses itself", name);
    else
        REPORT(s, CM_DIAG_SWEEP_NAME, mark, whole(mark),
               "variable '%s' uses '%s', which uses it: one of them has to go first", name,
               sweep->variables[sweep->marks[other].variable].name);
}

static void find_order(struct cm_sweeping *s)
{
    const struct cm_sweep *sweep = s->sweep;
    for (size_t n = 0; n < sweep->n_marks; n++) {
        size_t stuck, i = next_ready(s, n, &stuck);
        if (i == sweep->n_marks) {
            report_circle(s, stuck, n);
            return;
        }
        s->order[n] = i;
    }
}

void cm_sweep_link(struct cm_sweeping *s)
{
    struct cm_sweep *sweep = s->sweep;
    size_t before = s->diags->errors;
    for (size_t i = 0; i < sweep->n_marks; i++)
        if (!only_uses(&sweep->marks[i]))
            add_variable(s, i);
    for (size_t i = 0; i < sweep->n_marks; i++)
        link_mark(s, &sweep->marks[i]);
    for (size_t i = 0; i < sweep->n_marks; i++)
        settle_ranges(s, &sweep->marks[i]);
    s->order = cm_arena_alloc(&sweep->arena, (sweep->n_marks + 1) * sizeof *s->order);
    if (s->diags->errors == before)
        find_order(s);
}
