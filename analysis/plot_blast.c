/* How much harm one bad release does: the empirical distribution of its blast radius, policy by
 * policy. Harm is counted in failed requests; of a defect that fails none, in slow ones; of one
 * that does neither, in requests that the release answered. The axis is logarithmic, since a
 * release that escapes does harm of another order; releases without harm stand at its left end. */
#include <math.h>
#include <string.h>

#include "analysis/plot_parts.h"
#include "analysis/words.h"

enum { POINTS = 1000 }; /* of a curve, at most: more cannot be seen */

static const char *const harms[] = {"failed requests", "slow requests", "requests"};

static const char *lacks(const struct cm_plot_ask *ask)
{
    return cm_plot_is_bad(ask->scenario, ask->release) ? NULL : "it is about bad releases";
}

static double harm_of(const struct cm_outcome *row, int kind)
{
    const uint64_t all[] = {row->rollout.failures + row->escaped.failures,
                            row->rollout.slow + row->escaped.slow,
                            row->rollout.requests + row->escaped.requests};
    return (double)all[kind];
}

/* The first kind of harm that any rollout does. */
static int kind_of(const struct cm_results *r, int release)
{
    for (int kind = 0; kind < 2; kind++)
        for (size_t policy = 0; policy < r->n_policies; policy++) {
            const struct cm_cell *cell = cm_results_cell(r, policy, release);
            for (uint64_t i = 0; i < cell->replications; i++)
                if (harm_of(&cell->rows[i], kind) > 0)
                    return kind;
        }
    return 2;
}

static void add_row(struct cm_table *t, const char *policy, double harm, uint64_t count)
{
    cm_table_text(t, policy);
    cm_table_number(t, harm);
    cm_table_count(t, count);
}

/* A step at each value, with how many rollouts do at most so much; of very many the POINTS-th
 * parts. The last one is all of them. */
static void add_curve(struct cm_table *t, const char *policy, const double *sorted, size_t n)
{
    size_t said = 0;
    if (n > 0)
        add_row(t, policy, sorted[0], 0);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && (sorted[i + 1] == sorted[i] || (i + 1 - said) * POINTS < n))
            continue;
        add_row(t, policy, sorted[i], i + 1);
        said = i + 1;
    }
}

static double *sorted_harm(const struct cm_cell *cell, int kind)
{
    size_t n = (size_t)cell->replications;
    double *values = cm_alloc((n + 1) * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = harm_of(&cell->rows[i], kind);
    cm_estimate_sort(values, n);
    return values;
}

static void say_title(const struct cm_plot_ask *ask, const double *medians, int kind,
                      struct cm_picture *p)
{
    const struct cm_column as = {.type = CM_COLUMN_NUMBER};
    struct cm_writer to = cm_picture_title(p);
    cm_plot_say_release(ask, to);
    cm_print(to, "in the median ");
    cm_plot_say_policies(ask->results, medians, &as, to);
    cm_print(to, " %s", harms[kind]);
}

/* All curves end at the top: their labels stand below it, in the order of the study. */
static void add_labels(const struct cm_plot_ask *ask, const double *medians, struct cm_picture *p)
{
    const struct cm_column as = {.type = CM_COLUMN_NUMBER};
    const double gap = 6;
    const struct cm_results *r = ask->results;
    struct cm_plot_label *labels = cm_alloc((r->n_policies + 1) * sizeof *labels);
    for (size_t i = 0; i < r->n_policies; i++) {
        struct cm_buffer text = {0};
        cm_print(cm_buffer_writer(&text), "%s ", cm_results_policy(r, i));
        cm_plot_say_value(&as, medians[i], cm_buffer_writer(&text));
        labels[i] = (struct cm_plot_label){cm_picture_say(p, "%s", text.text),
                                           100 - gap * (double)i, (int)i + 1};
        cm_buffer_release(&text);
    }
    const struct cm_plot_labels at_end = {"labels", labels, r->n_policies, 0, 100, gap};
    cm_picture_labels(p, &at_end);
    cm_free(labels);
}

static int draw(const struct cm_plot_ask *ask, struct cm_picture *p, struct cm_err *err)
{
    const struct cm_results *r = ask->results;
    int kind = kind_of(r, ask->release);
    double *medians = cm_alloc((r->n_policies + 1) * sizeof *medians), most = 1;
    struct cm_table *t = cm_picture_add(p, "curves");
    cm_picture_column(t, "policy", CM_COLUMN_TEXT);
    cm_picture_column(t, "harm", CM_COLUMN_NUMBER);
    cm_picture_column(t, "rollouts", CM_COLUMN_COUNT);
    (void)err;
    for (size_t i = 0; i < r->n_policies; i++) {
        const struct cm_cell *cell = cm_results_cell(r, i, ask->release);
        size_t n = (size_t)cell->replications;
        double *sorted = sorted_harm(cell, kind);
        add_curve(t, cm_results_policy(r, i), sorted, n);
        medians[i] = cm_estimate_quantile(sorted, n, 0.5).value;
        most = n > 0 ? fmax(most, sorted[n - 1]) : most;
        cm_free(sorted);
    }
    add_labels(ask, medians, p);
    cm_picture_number(p, "all", (double)r->scenario->run.replications);
    cm_picture_number(p, "most_harm", most);
    cm_picture_policies(p, r);
    cm_picture_text(p, "harm", harms[kind]);
    say_title(ask, medians, kind, p);
    cm_free(medians);
    return 0;
}

const struct cm_plot cm_plot_blast = {
    .name = "blast",
    .summary = "How much harm a bad release does: the distribution of its blast radius.",
    .of = CM_PLOT_OF_RELEASE,
    .needs_results = true,
    .lacks = lacks,
    .draw = draw,
};
