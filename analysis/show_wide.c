/* A row a cell and policy. A column is a measure of a release: `detection.error-spike.share`, with
 * its limits behind it. Of a measure with a mean, a median and so on the first is shown; the long
 * form has the others.
 *
 * Cells may differ in what is measured (prices, priors, an objective may be swept), so that all of
 * them are looked at before the header is written. */
#include <string.h>

#include "analysis/show_parts.h"
#include "analysis/write.h"

enum { MEASURES_MAX = 64, RELEASES_MAX = 64 };

struct wide {
    bool asked[MEASURES_MAX][RELEASES_MAX + 2]; /* by measure, and release from CM_ALL_RELEASES */
    bool began;
};

static int releases_of(const struct cm_results *r)
{
    return (int)r->n_releases < RELEASES_MAX ? (int)r->n_releases : RELEASES_MAX;
}

static void survey(void *self, const struct cm_shown *shown)
{
    struct wide *w = self;
    const struct cm_results *r = shown->findings->results;
    for (size_t m = 0; m < MEASURES_MAX && cm_measures[m]; m++)
        for (int release = CM_ALL_RELEASES; release + 1 < releases_of(r); release++)
            if (cm_measure_applies(cm_measures[m], r, release))
                w->asked[m][release - CM_ALL_RELEASES] = true;
}

/* Shares are alternatives, as the ways in which a rollout ends; of other measures the first
 * statistic will do. */
static size_t statistics_of(const struct cm_measure *measure)
{
    size_t n = 0;
    while (measure->statistics[n])
        n++;
    return measure->type == CM_COLUMN_SHARE ? n : 1;
}

static void add_columns_of(const struct cm_measure *measure, const char *release,
                           struct cm_table *t)
{
    for (size_t i = 0; i < statistics_of(measure); i++) {
        struct cm_buffer name = {0};
        cm_print(cm_buffer_writer(&name), "%s.%s.%s", measure->name, release,
                 measure->statistics[i]);
        cm_report_column_with_limits(t, NULL, name.text, CM_COLUMN_NUMBER);
        cm_buffer_release(&name);
    }
}

static void add_columns(const struct wide *w, const struct cm_results *r, struct cm_table *t)
{
    for (size_t m = 0; m < MEASURES_MAX && cm_measures[m]; m++)
        for (int release = CM_ALL_RELEASES; release + 1 < releases_of(r); release++)
            if (w->asked[m][release - CM_ALL_RELEASES])
                add_columns_of(
                    cm_measures[m],
                    release == CM_ALL_RELEASES ? "all" : cm_results_release_name(r, release), t);
}

/* In the order of the columns. */
static void add_numbers(const struct wide *w, const struct cm_findings *f, size_t policy,
                        struct cm_table *t)
{
    for (size_t m = 0; m < MEASURES_MAX && cm_measures[m]; m++)
        for (int release = CM_ALL_RELEASES; release + 1 < releases_of(f->results); release++)
            for (size_t i = 0;
                 w->asked[m][release - CM_ALL_RELEASES] && i < statistics_of(cm_measures[m]); i++)
                cm_report_cell(t, f, (struct cm_pair){policy, release}, cm_measures[m]->name,
                               cm_measures[m]->statistics[i]);
}

static void add_cell(void *self, const struct cm_shown *shown, struct cm_writer to)
{
    struct wide *w = self;
    const struct cm_results *r = shown->findings->results;
    struct cm_table t;
    cm_table_init(&t, NULL, 0);
    cm_show_context_columns(shown->study, &t);
    cm_report_column(&t, NULL, "policy", CM_COLUMN_TEXT);
    add_columns(w, r, &t);
    for (size_t policy = 0; policy < r->n_policies; policy++) {
        cm_show_context_cells(shown, &t);
        cm_table_text(&t, cm_results_policy(r, policy));
        add_numbers(w, shown->findings, policy, &t);
    }
    cm_show_csv(&t, shown->study, &w->began, to);
    cm_table_release(&t);
}

const struct cm_show_way cm_show_wide = {
    .survey = survey,
    .cell = add_cell,
    .size = sizeof(struct wide),
};
