/* How soon a release is detected, and how often not at all: the cumulative incidence of detection
 * (sim/stats/incidence.h), policy by policy. The curve stops at the detection rate; what is missing
 * to 100 % escaped, which a curve of the detected alone would hide. */
#include <math.h>

#include "analysis/plot_parts.h"
#include "analysis/spells.h"
#include "analysis/words.h"
#include "sim/stats/incidence.h"

static const char *lacks(const struct cm_plot_ask *ask)
{
    return cm_plot_is_bad(ask->scenario, ask->release) ? NULL : "it is about bad releases";
}

static struct cm_curve curve_of(const struct cm_cell *cell)
{
    size_t n = (size_t)cell->replications;
    struct cm_spell *spells = cm_alloc((n + 1) * sizeof *spells);
    struct cm_curve curve;
    for (size_t i = 0; i < n; i++)
        spells[i] = cm_spells_until_detection(&cell->rows[i]);
    cm_curve_init(&curve, spells, n);
    cm_free(spells);
    return curve;
}

static void add_row(struct cm_table *t, const char *policy, double time, struct cm_estimate share)
{
    cm_table_text(t, policy);
    cm_table_number(t, time);
    cm_table_estimate(t, share);
}

/* From nothing at the onset to the end of the axis; two rows a step, so that lines between them are
 * steps. */
static double add_curve(struct cm_table *t, const char *policy, const struct cm_curve *curve,
                        double end)
{
    struct cm_estimate share = {0, 0, 0, 0};
    add_row(t, policy, 0, share);
    for (size_t i = 0; i < curve->n; i++) {
        struct cm_interval limits = cm_curve_limits(curve, i, CM_LEVEL);
        if (curve->value[i] == share.value && i + 1 < curve->n)
            continue;
        add_row(t, policy, fmin(curve->time[i], end), share);
        share = (struct cm_estimate){curve->value[i], limits.low, limits.high, 0};
        add_row(t, policy, fmin(curve->time[i], end), share);
    }
    add_row(t, policy, end, share);
    return share.value;
}

/* When the last curve has risen for the last time, and a little more. */
static double end_of(const struct cm_curve *curves, size_t n)
{
    double end = 0;
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < curves[c].n; i++)
            if (i == 0 ? curves[c].value[i] > 0 : curves[c].value[i] > curves[c].value[i - 1])
                end = fmax(end, curves[c].time[i]);
    return end > 0 ? 1.05 * end : 60;
}

/* How many, or, where nearly all are, how soon. */
static void say_title(const struct cm_plot_ask *ask, const double *reached, const double *medians,
                      struct cm_picture *p)
{
    const double nearly_all = 0.95;
    const struct cm_column share = {.type = CM_COLUMN_SHARE}, time = {.type = CM_COLUMN_DURATION};
    struct cm_writer to = cm_picture_title(p);
    double least = 1;
    for (size_t i = 0; i < ask->results->n_policies; i++)
        least = fmin(least, reached[i]);
    cm_plot_say_release(ask, to);
    if (least < nearly_all) {
        cm_plot_say_policies(ask->results, reached, &share, to);
        cm_print(to, " detected");
    } else {
        cm_print(to, "half detected after ");
        cm_plot_say_policies(ask->results, medians, &time, to);
    }
}

static struct cm_table *begin_table(struct cm_picture *p)
{
    struct cm_table *t = cm_picture_add(p, "curves");
    cm_picture_column(t, "policy", CM_COLUMN_TEXT);
    cm_picture_column(t, "time", CM_COLUMN_DURATION);
    cm_table_column(
        t, (struct cm_column){.name = "detected", .type = CM_COLUMN_SHARE, .interval = true});
    return t;
}

/* What is known of each policy. */
struct found {
    struct cm_curve *curves;
    double *reached, *medians; /* shares; s */
    struct cm_plot_label *labels;
};

static const char *label_of(const struct cm_results *r, size_t policy, double reached,
                            struct cm_picture *p)
{
    const struct cm_column as = {.type = CM_COLUMN_SHARE};
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text), "%s ", cm_results_policy(r, policy));
    cm_plot_say_value(&as, reached, cm_buffer_writer(&text));
    const char *label = cm_picture_say(p, "%s", text.text);
    cm_buffer_release(&text);
    return label;
}

static void fill(const struct cm_plot_ask *ask, struct found *f, struct cm_picture *p)
{
    const struct cm_results *r = ask->results;
    struct cm_table *t = begin_table(p);
    for (size_t i = 0; i < r->n_policies; i++)
        f->curves[i] = curve_of(cm_results_cell(r, i, ask->release));
    double end = end_of(f->curves, r->n_policies);
    for (size_t i = 0; i < r->n_policies; i++) {
        f->reached[i] = add_curve(t, cm_results_policy(r, i), &f->curves[i], end);
        f->medians[i] = cm_curve_quantile(&f->curves[i], 0.5, CM_LEVEL).at;
        f->labels[i] =
            (struct cm_plot_label){label_of(r, i, f->reached[i], p), f->reached[i], (int)i + 1};
        cm_curve_release(&f->curves[i]);
    }
    cm_picture_number(p, "t_end", end);
    cm_picture_time_axis(p, end);
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    const struct cm_results *r = ask->results;
    struct cm_arena arena = {0};
    size_t n = r->n_policies + 1;
    struct found f = {.curves = cm_arena_alloc(&arena, n * sizeof *f.curves),
                      .reached = cm_arena_alloc(&arena, n * sizeof *f.reached),
                      .medians = cm_arena_alloc(&arena, n * sizeof *f.medians),
                      .labels = cm_arena_alloc(&arena, n * sizeof *f.labels)};
    (void)err;
    fill(ask, &f, p);
    const struct cm_plot_labels at_end = {"labels", f.labels, r->n_policies, 0, 1, 0.06};
    cm_picture_labels(p, &at_end);
    cm_picture_policies(p, r);
    say_title(ask, f.reached, f.medians, p);
    cm_arena_release(&arena);
    return 0;
}

const struct cm_plot cm_plot_detection = {
    .name = "detection",
    .summary = "How soon a bad release is detected; what is missing to 100 % escaped.",
    .of = CM_PLOT_OF_RELEASE,
    .needs_results = true,
    .lacks = lacks,
    .draw = draw,
};
