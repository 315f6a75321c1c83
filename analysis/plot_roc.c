/* What a policy's threshold trades: detection of a bad release against false rollbacks, one point a
 * value of the option that the policy's gate calls its tunable (ROC; Green and Swets 1966). Values
 * stand about the one that is written, and every value meets the same replications. A value is
 * tried as in analysis/calibrate.c: by a copy of the scenario in which the gate has other options.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/calibrate.h"
#include "analysis/plot_parts.h"
#include "analysis/words.h"
#include "sim/base/units.h"

enum { ROOM = 16, MOST_PLAYED = 1000 /* replications a point */ };

/* About what is written: counts as they are, all else as multiples. */
static const double counts[] = {1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50};
static const double multiples[] = {0.01, 0.03, 0.1, 0.3, 0.6, 1, 1.5, 3, 10, 30, 100};

/* One value of the option, as it is written, and what comes of it. */
struct point {
    const char *text;
    bool own;
    struct cm_estimate false_rollback, detected;
};

struct roc {
    const struct cm_plot_ask *ask;
    int gate; /* of the scenario */
    const struct cm_param *row;
    struct cm_scenario changed; /* a shallow copy */
    struct cm_named_gate *gates;
    void *options;
    struct point points[ROOM];
    size_t n;
    struct cm_arena arena;
};

/* The first gate of the policy that can be moved; -1 = none. */
static int gate_of(const struct cm_plot_ask *ask)
{
    const struct cm_named_policy *policy = &ask->scenario->policies[ask->policy];
    for (size_t i = 0; i < policy->n_watched; i++)
        if (cm_calibrate_row(ask->scenario->gates[policy->gate[i]].gate, NULL))
            return policy->gate[i];
    return -1;
}

static const char *lacks(const struct cm_plot_ask *ask)
{
    if (!cm_plot_is_bad(ask->scenario, ask->release))
        return "it is about bad releases";
    return gate_of(ask) < 0 ? "no gate of the policy has a threshold to move" : NULL;
}

/* --- values --- */

static void begin(struct roc *roc, const struct cm_plot_ask *ask)
{
    const struct cm_scenario *s = ask->scenario;
    *roc = (struct roc){.ask = ask, .gate = gate_of(ask), .changed = *s};
    const struct cm_named_gate *gate = &s->gates[roc->gate];
    roc->row = cm_calibrate_row(gate->gate, NULL);
    roc->gates = cm_arena_alloc(&roc->arena, s->n_gates * sizeof *roc->gates);
    roc->options = cm_arena_alloc(&roc->arena, gate->gate->kind.options_size);
    memcpy(roc->gates, s->gates, s->n_gates * sizeof *roc->gates);
    memcpy(roc->options, gate->options, gate->gate->kind.options_size);
    roc->gates[roc->gate].options = roc->options;
    roc->changed.gates = roc->gates;
}

static const char *own_text(struct roc *roc)
{
    struct cm_buffer text = {0};
    const char *options = roc->ask->scenario->gates[roc->gate].options;
    roc->row->type->print(roc->row, options + roc->row->offset, cm_buffer_writer(&text));
    const char *kept = cm_arena_text(&roc->arena, text.text, text.length);
    cm_buffer_release(&text);
    return kept;
}

/* The written value times a factor, as a user would write it. */
static void print_multiple(const struct roc *roc, double factor, struct cm_writer to)
{
    const char *field = (const char *)roc->ask->scenario->gates[roc->gate].options;
    field += roc->row->offset;
    if (roc->row->type == &cm_type_quantity) {
        const struct cm_quantity *q = (const void *)field;
        cm_units_print(factor * q->value, q->unit, to);
    } else if (roc->row->type == &cm_type_duration) {
        cm_units_print_time((cm_time)(factor * (double)*(const cm_time *)(const void *)field), to);
    } else {
        double value = factor * *(const double *)(const void *)field;
        cm_units_print(value, roc->row->type == &cm_type_prob ? CM_RATIO : CM_PURE, to);
    }
}

/* Whether the gate takes the value; it then has it. */
static bool set(struct roc *roc, const char *text)
{
    const struct cm_kind *kind = &roc->gates[roc->gate].gate->kind;
    struct cm_err err = {0};
    return !cm_param_set(roc->row, roc->options, text, &roc->arena, &err) &&
           (!kind->check || !kind->check(roc->options, &err)) &&
           (!kind->prepare || !kind->prepare(roc->options, NULL, NULL, &roc->arena, &err));
}

/* --- playing --- */

static struct cm_estimate share_of(const struct cm_cell *cell)
{
    uint64_t x = 0;
    for (uint64_t i = 0; i < cell->replications; i++)
        x += cell->plan.release < 0 ? cell->rows[i].end == CM_ROLLED_BACK : cell->rows[i].detected;
    return cm_estimate_share(x, cell->replications);
}

/* The healthy release and the bad one, with the value that is set; -1 if the runner stopped. */
static int play(struct roc *roc, const char *text, bool own)
{
    const struct cm_plot_ask *ask = roc->ask;
    uint64_t n = ask->scenario->run.replications;
    struct cm_cell cells[2];
    n = n < MOST_PLAYED ? n : MOST_PLAYED;
    for (int i = 0; i < 2; i++)
        cells[i] = (struct cm_cell){.plan = {.scenario = &roc->changed,
                                             .policy = ask->policy,
                                             .release = i ? ask->release : -1,
                                             .strength = 1},
                                    .replications = n,
                                    .rows = cm_alloc((size_t)(n + 1) * sizeof *cells[i].rows)};
    int status = ask->runner.run(ask->runner.self, cells, 2);
    if (!status)
        roc->points[roc->n++] = (struct point){text, own, share_of(&cells[0]), share_of(&cells[1])};
    cm_free(cells[0].rows);
    cm_free(cells[1].rows);
    return status;
}

/* A value that the gate refuses, or that is the written one in other words, is left out. */
static int try_text(struct roc *roc, const char *text, bool own)
{
    const char *kept = cm_arena_text(&roc->arena, text, strlen(text));
    if (roc->n == ROOM || (!own && strcmp(text, own_text(roc)) == 0) || !set(roc, text))
        return 0;
    return play(roc, kept, own);
}

/* In ascending order, the written value in its place. */
static int play_counts(struct roc *roc)
{
    const char *field = roc->ask->scenario->gates[roc->gate].options;
    double own = (double)*(const uint64_t *)(const void *)(field + roc->row->offset);
    bool done = false;
    int status = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts && !status; i++) {
        char text[32];
        if (!done && counts[i] >= own) {
            status = try_text(roc, own_text(roc), true);
            done = true;
        }
        snprintf(text, sizeof text, "%.0f", counts[i]);
        if (!status && counts[i] != own && counts[i] >= own / 10 && counts[i] <= 10 * own)
            status = try_text(roc, text, false);
    }
    return !status && !done ? try_text(roc, own_text(roc), true) : status;
}

static int play_multiples(struct roc *roc)
{
    int status = 0;
    for (size_t i = 0; i < sizeof multiples / sizeof *multiples && !status; i++) {
        struct cm_buffer text = {0};
        bool own = multiples[i] == 1;
        print_multiple(roc, multiples[i], cm_buffer_writer(&text));
        status = try_text(roc, own ? own_text(roc) : text.text, own);
        cm_buffer_release(&text);
    }
    return status;
}

/* --- what is shown --- */

/* Whether the label of a point would lie on that of one before it. */
static bool is_crowded(const struct roc *roc, const bool *labelled, size_t i, double end)
{
    const double wide = 0.12, high = 0.06; /* of the axes */
    for (size_t k = 0; k < roc->n; k++)
        if (labelled[k] && k != i &&
            fabs(roc->points[k].false_rollback.value - roc->points[i].false_rollback.value) <
                wide * end &&
            fabs(roc->points[k].detected.value - roc->points[i].detected.value) < high)
            return true;
    return false;
}

/* The written value first: it always has its label. */
static void choose_labels(const struct roc *roc, double end, bool *labelled)
{
    for (size_t i = 0; i < roc->n; i++)
        labelled[i] = roc->points[i].own;
    for (size_t i = 0; i < roc->n; i++)
        labelled[i] = labelled[i] || !is_crowded(roc, labelled, i, end);
}

static void add_points(const struct roc *roc, struct cm_picture *p)
{
    const double least = 0.02, air = 1.15;
    bool labelled[ROOM];
    double end = least;
    struct cm_table *t = cm_picture_add(p, "points");
    cm_picture_column(t, "value", CM_COLUMN_TEXT);
    cm_picture_column(t, "label", CM_COLUMN_TEXT);
    cm_picture_column(t, "written", CM_COLUMN_NUMBER);
    cm_table_column(
        t, (struct cm_column){.name = "false_rollback", .type = CM_COLUMN_SHARE, .interval = true});
    cm_table_column(
        t, (struct cm_column){.name = "detected", .type = CM_COLUMN_SHARE, .interval = true});
    for (size_t i = 0; i < roc->n; i++)
        end = fmax(end, fmin(1, air * roc->points[i].false_rollback.value));
    choose_labels(roc, end, labelled);
    for (size_t i = 0; i < roc->n; i++) {
        const struct point *point = &roc->points[i];
        cm_table_text(t, point->text);
        cm_table_text(t, labelled[i] ? point->text : " ");
        cm_table_number(t, point->own);
        cm_table_estimate(t, point->false_rollback);
        cm_table_estimate(t, point->detected);
    }
    cm_picture_number(p, "x_end", end);
}

static void say_title(const struct roc *roc, struct cm_picture *p)
{
    const struct cm_column share = {.type = CM_COLUMN_SHARE};
    struct cm_writer to = cm_picture_title(p);
    for (size_t i = 0; i < roc->n; i++) {
        const struct point *point = &roc->points[i];
        if (!point->own)
            continue;
        cm_print(to, "%s = %s detects ", roc->row->name, point->text);
        cm_plot_say_value(&share, point->detected.value, to);
        cm_print(to, " at ");
        cm_plot_say_value(&share, point->false_rollback.value, to);
        cm_print(to, " false rollbacks");
    }
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    struct roc roc;
    begin(&roc, ask);
    int status = roc.row->type == &cm_type_count ? play_counts(&roc) : play_multiples(&roc);
    if (!status && roc.n < 2) {
        status = cm_fail(err, "%s can have no other value", roc.row->name);
    } else if (!status) {
        add_points(&roc, p);
        say_title(&roc, p);
        cm_picture_text(p, "option", roc.row->name);
        cm_picture_text(p, "gate", ask->scenario->gates[roc.gate].name);
        cm_picture_text(p, "release", ask->scenario->defects[ask->release].name);
        cm_print(cm_buffer_writer(&p->about), ", %s", ask->scenario->defects[ask->release].name);
    }
    cm_arena_release(&roc.arena);
    return status;
}

const struct cm_plot cm_plot_roc = {
    .name = "roc",
    .summary = "What a gate's threshold trades: detection against false rollbacks.",
    .of = CM_PLOT_OF_POLICY,
    .plays = true,
    .lacks = lacks,
    .draw = draw,
};
