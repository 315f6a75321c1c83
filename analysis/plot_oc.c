/* The operating characteristic: how often a release is detected, by the size of its defect. The
 * defect's effect is scaled (cm_plan.strength) over a grid of powers of two, and once more between
 * neighbours that differ much; every point replays the same replications, so that the curves are
 * smooth (common random numbers). Strength 1 is the study's own cell. At the left end stands the
 * healthy release, of which every rollback is false. */
#include <math.h>
#include <stdlib.h>

#include "analysis/plot_parts.h"
#include "analysis/words.h"

enum {
    LEAST = -4, /* log2 of the strengths */
    LARGEST = 4,
    ROOM = 2 * (LARGEST - LEAST) + 1,
    MOST_PLAYED = 1000 /* replications a point */
};
static const double apart = 0.1; /* neighbours between which a point is worth while */

struct point {
    double strength;
    struct cm_estimate *detected; /* by policy */
};

struct oc {
    const struct cm_plot_ask *ask;
    struct point points[ROOM];
    size_t n;
    struct cm_arena arena;
};

static const char *lacks(const struct cm_plot_ask *ask)
{
    return cm_plot_is_bad(ask->scenario, ask->release) ? NULL : "it is about bad releases";
}

static struct cm_estimate detected(const struct cm_cell *cell)
{
    uint64_t x = 0;
    for (uint64_t i = 0; i < cell->replications; i++)
        x += cell->rows[i].detected;
    return cm_estimate_share(x, cell->replications);
}

static struct point *add_point(struct oc *oc, double strength)
{
    struct point *point = &oc->points[oc->n++];
    point->strength = strength;
    point->detected =
        cm_arena_alloc(&oc->arena, (oc->ask->results->n_policies + 1) * sizeof *point->detected);
    return point;
}

/* Plays a point for every policy; -1 if the runner stopped. */
static int play(struct oc *oc, double strength)
{
    const struct cm_results *r = oc->ask->results;
    struct cm_cell *cells = cm_alloc((r->n_policies + 1) * sizeof *cells);
    for (size_t i = 0; i < r->n_policies; i++) {
        const struct cm_cell *own = cm_results_cell(r, i, oc->ask->release);
        cells[i] = *own;
        cells[i].plan.strength = strength;
        cells[i].replications = own->replications < MOST_PLAYED ? own->replications : MOST_PLAYED;
        cells[i].rows = cm_alloc(((size_t)cells[i].replications + 1) * sizeof *cells[i].rows);
    }
    int status = oc->ask->runner.run(oc->ask->runner.self, cells, r->n_policies);
    struct point *point = status ? NULL : add_point(oc, strength);
    for (size_t i = 0; i < r->n_policies; i++) {
        if (point)
            point->detected[i] = detected(&cells[i]);
        cm_free(cells[i].rows);
    }
    cm_free(cells);
    return status;
}

/* Whether all policies detect all of it, or next to nothing, so that beyond it is no news. */
static bool is_flat(const struct oc *oc, const struct point *point, bool all)
{
    const double nearly = 0.995, hardly = 0.02;
    for (size_t i = 0; i < oc->ask->results->n_policies; i++)
        if (all ? point->detected[i].value < nearly : point->detected[i].value > hardly)
            return false;
    return true;
}

static int ascending(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    return (x->strength > y->strength) - (x->strength < y->strength);
}

/* From the study's own strength outwards, until the curves are flat. */
static int play_outwards(struct oc *oc, int step)
{
    struct point last = oc->points[0];
    for (int at = step; at >= LEAST && at <= LARGEST && !is_flat(oc, &last, step > 0); at += step) {
        if (play(oc, exp2(at)))
            return -1;
        last = oc->points[oc->n - 1];
    }
    return 0;
}

static bool is_steep(const struct oc *oc, const struct point *a, const struct point *b)
{
    for (size_t i = 0; i < oc->ask->results->n_policies; i++)
        if (fabs(a->detected[i].value - b->detected[i].value) > apart)
            return true;
    return false;
}

static int play_all(struct oc *oc)
{
    const struct cm_results *r = oc->ask->results;
    struct point *own = add_point(oc, 1);
    for (size_t i = 0; i < r->n_policies; i++)
        own->detected[i] = detected(cm_results_cell(r, i, oc->ask->release));
    if (play_outwards(oc, 1) || play_outwards(oc, -1))
        return -1;
    qsort(oc->points, oc->n, sizeof *oc->points, ascending);
    for (size_t i = 0, n = oc->n; i + 1 < n; i++)
        if (is_steep(oc, &oc->points[i], &oc->points[i + 1]) &&
            play(oc, sqrt(oc->points[i].strength * oc->points[i + 1].strength)))
            return -1;
    qsort(oc->points, oc->n, sizeof *oc->points, ascending);
    return 0;
}

/* --- what is shown --- */

static void add_row(struct cm_table *t, const char *policy, double strength, struct cm_estimate e)
{
    cm_table_text(t, policy);
    cm_table_number(t, strength);
    cm_table_estimate(t, e);
}

static struct cm_table *begin(const char *name, struct cm_picture *p)
{
    struct cm_table *t = cm_picture_add(p, name);
    cm_picture_column(t, "policy", CM_COLUMN_TEXT);
    cm_picture_column(t, "strength", CM_COLUMN_NUMBER);
    cm_table_column(t,
                    (struct cm_column){.name = "share", .type = CM_COLUMN_SHARE, .interval = true});
    return t;
}

static void add_curves(const struct oc *oc, struct cm_picture *p)
{
    const struct cm_results *r = oc->ask->results;
    struct cm_table *curves = begin("curves", p), *healthy = begin("healthy", p);
    struct cm_plot_label *labels = cm_alloc((r->n_policies + 1) * sizeof *labels);
    for (size_t k = 0; k < r->n_policies; k++) {
        const char *policy = cm_results_policy(r, k);
        for (size_t i = 0; i < oc->n; i++)
            add_row(curves, policy, oc->points[i].strength, oc->points[i].detected[k]);
        add_row(healthy, policy, 0, cm_measure_one(r, "false_rollback", NULL, k, -1));
        labels[k] =
            (struct cm_plot_label){policy, oc->points[oc->n - 1].detected[k].value, (int)k + 1};
    }
    const struct cm_plot_labels at_end = {"labels", labels, r->n_policies, 0, 1, 0.06};
    cm_picture_labels(p, &at_end);
    cm_free(labels);
}

/* Where the curve first reaches the power, on the logarithm of the strength; INFINITY = nowhere. */
static double reaches(const struct oc *oc, size_t policy)
{
    for (size_t i = 0; i < oc->n; i++) {
        double here = oc->points[i].detected[policy].value;
        if (here < CM_SMALLEST_POWER)
            continue;
        if (i == 0)
            return oc->points[0].strength;
        double before = oc->points[i - 1].detected[policy].value;
        double part = (CM_SMALLEST_POWER - before) / (here - before);
        return oc->points[i - 1].strength *
               pow(oc->points[i].strength / oc->points[i - 1].strength, part);
    }
    return INFINITY;
}

/* Of many policies the ends: "x0.085 (ours) to x0.46 (argo), never by flagger". */
static void say_ends(const struct oc *oc, struct cm_writer to)
{
    const struct cm_results *r = oc->ask->results;
    size_t first = r->n_policies, last = r->n_policies, never = 0;
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < r->n_policies; i++) {
        double strength = reaches(oc, i);
        never += isinf(strength) ? 1 : 0;
        if (isinf(strength))
            continue;
        first = strength < low ? i : first;
        last = strength > high ? i : last;
        low = fmin(low, strength);
        high = fmax(high, strength);
    }
    if (first == r->n_policies) {
        cm_print(to, "no size by any policy");
        return;
    }
    cm_print(to, "x%.2g (%s) to x%.2g (%s)", low, cm_results_policy(r, first), high,
             cm_results_policy(r, last));
    if (never > 0)
        cm_print(to, ", never by %zu", never);
}

static void say_each(const struct oc *oc, struct cm_writer to)
{
    const struct cm_results *r = oc->ask->results;
    const struct cm_defect *effect = &r->scenario->defects[oc->ask->release].effect;
    for (size_t i = 0; i < r->n_policies; i++) {
        double strength = reaches(oc, i);
        cm_print(to, "%s%s ", i ? ", " : "", cm_results_policy(r, i));
        if (isinf(strength))
            cm_print(to, "never");
        else
            cm_words_effect(effect, strength, to);
    }
}

static void say_title(const struct oc *oc, struct cm_picture *p)
{
    struct cm_writer to = cm_picture_title(p);
    cm_plot_say_release(oc->ask, to);
    cm_print(to, "4 in 5 detected from ");
    if (oc->ask->results->n_policies > 2)
        say_ends(oc, to);
    else
        say_each(oc, to);
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    struct oc oc = {.ask = ask};
    struct cm_buffer effect = {0};
    (void)err;
    int status = play_all(&oc);
    if (!status) {
        add_curves(&oc, p);
        cm_picture_policies(p, ask->results);
        cm_picture_number(p, "x_low", oc.points[0].strength);
        cm_picture_number(p, "x_high", oc.points[oc.n - 1].strength);
        cm_words_effect(&ask->scenario->defects[ask->release].effect, 1, cm_buffer_writer(&effect));
        cm_picture_text(p, "effect", cm_picture_say(p, "%s", effect.text));
        say_title(&oc, p);
    }
    cm_buffer_release(&effect);
    cm_arena_release(&oc.arena);
    return status;
}

const struct cm_plot cm_plot_oc = {
    .name = "oc",
    .summary = "How often a release is detected, by the size of its defect.",
    .of = CM_PLOT_OF_RELEASE,
    .needs_results = true,
    .plays = true,
    .lacks = lacks,
    .draw = draw,
};
