/* Every number that was measured, one a row, and the pieces that the tables of a report share.
 *
 * The long form costs a repetition of the context in every row and spares everybody who reads it:
 * any number of files can be put under each other, filtered and plotted without knowing what made
 * them. Units are base units, shares are between 0 and 1. */
#include <math.h>

#include "analysis/report_parts.h"
#include "analysis/smallest.h"
#include "analysis/words.h"

void cm_report_column(struct cm_table *t, const char *group, const char *name,
                      enum cm_column_type type)
{
    cm_table_column(t, (struct cm_column){group, name, type, false, NULL});
}

void cm_report_column_with_limits(struct cm_table *t, const char *group, const char *name,
                                  enum cm_column_type type)
{
    cm_table_column(t, (struct cm_column){group, name, type, true, NULL});
}

void cm_report_keys(struct cm_table *t)
{
    cm_report_column(t, NULL, "policy", CM_COLUMN_TEXT);
    cm_report_column(t, NULL, "release", CM_COLUMN_TEXT);
}

const char *cm_report_release(const struct cm_results *r, int release)
{
    return release == CM_ALL_RELEASES ? "all" : cm_results_release_name(r, release);
}

const char *cm_report_unit(const struct cm_results *r, const struct cm_measure *m)
{
    return m->unit ? m->unit : r->prices.currency ? r->prices.currency : "money";
}

void cm_report_key_cells(struct cm_table *t, const struct cm_results *r, struct cm_pair row)
{
    cm_table_text(t, cm_results_policy(r, row.policy));
    cm_table_text(t, cm_report_release(r, row.release));
}

void cm_report_cell(struct cm_table *t, const struct cm_findings *f, struct cm_pair row,
                    const char *measure, const char *statistic)
{
    cm_table_estimate(t, cm_findings_one(f, measure, statistic, row.policy, row.release));
}

/* Loops over the releases that matter run
 *     for (int bad = next_bad(r, -1); bad >= 0; bad = next_bad(r, bad)). */
int cm_report_next_bad(const struct cm_results *r, int release)
{
    for (release++; release < (int)r->scenario->n_defects; release++)
        if (!cm_results_harmless(r, release))
            return release;
    return -1;
}

/* Strengths beyond those tried; false = it is one of them. */
static bool say_beyond(double strength, struct cm_writer to)
{
    if (isinf(strength))
        cm_print(to, "none up to x%.0f", CM_SMALLEST_LARGEST);
    else if (strength <= 0)
        cm_print(to, "below x%.1g", 1 / CM_SMALLEST_LARGEST);
    return isinf(strength) || strength <= 0;
}

/* The effect in the words of the defect, then the strength that makes it so. */
void cm_report_smallest(const struct cm_results *r, struct cm_pair row, struct cm_writer to)
{
    const struct cm_defect *effect = &r->scenario->defects[row.release].effect;
    double strength =
        r->smallest[row.policy * r->scenario->n_defects + (size_t)row.release].strength;
    if (say_beyond(strength, to))
        return;
    cm_words_effect(effect, strength, to);
    cm_print(to, " (x%.2g)", strength);
}

void cm_report_strength(const struct cm_estimate *e, struct cm_writer to)
{
    if (say_beyond(e->value, to))
        return;
    cm_print(to, "x%.2g ", e->value);
    if (isinf(e->high))
        cm_print(to, "[from %.2g]", e->low);
    else
        cm_print(to, "[%.2g, %.2g]", e->low, e->high);
}

/* The context is left out where a document says it once. */
static void add_columns(struct cm_table *t, bool context)
{
    static const struct {
        const char *name;
        enum cm_column_type type;
        bool context;
    } columns[] = {
        {"version", CM_COLUMN_TEXT, true},    {"seed", CM_COLUMN_COUNT, true},
        {"scenario", CM_COLUMN_TEXT, true},   {"policy", CM_COLUMN_TEXT, false},
        {"release", CM_COLUMN_TEXT, false},   {"measure", CM_COLUMN_TEXT, false},
        {"statistic", CM_COLUMN_TEXT, false}, {"value", CM_COLUMN_NUMBER, false},
        {"low", CM_COLUMN_NUMBER, false},     {"high", CM_COLUMN_NUMBER, false},
        {"n", CM_COLUMN_COUNT, false},        {"unit", CM_COLUMN_TEXT, false},
        {"note", CM_COLUMN_TEXT, false},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (context || !columns[i].context)
            cm_report_column(t, NULL, columns[i].name, columns[i].type);
}

/* What an empty value means. */
static const char *note_on(const struct cm_estimate *e)
{
    /* An incidence that ends below the quantile, or an effect that no strength shows. */
    if (isinf(e->value))
        return "not reached";
    return isnan(e->value) ? "nothing observed" : "";
}

/* What was run: three columns, or none. */
static void add_context(struct cm_table *t, const struct cm_scenario *s,
                        const struct cm_report_options *options)
{
    if (!options)
        return;
    cm_table_text(t, options->version);
    cm_table_count(t, s->run.seed);
    cm_table_text(t, s->file);
}

/* A number in its own unit. */
static void add_number(struct cm_table *t, const struct cm_results *r, const struct cm_measure *m,
                       const char *statistic, const struct cm_estimate *e)
{
    cm_table_text(t, m->name);
    cm_table_text(t, statistic);
    cm_table_number(t, e->value);
    cm_table_number(t, e->low);
    cm_table_number(t, e->high);
    cm_table_count(t, e->n);
    cm_table_text(t, cm_report_unit(r, m));
    cm_table_text(t, note_on(e));
}

/* All that is measured of one policy and one release. */
static void add_pair(struct cm_table *t, const struct cm_findings *f,
                     const struct cm_report_options *options, struct cm_pair row)
{
    const struct cm_results *r = f->results;
    for (const struct cm_measure *const *m = cm_measures; *m; m++) {
        if (!cm_measure_applies(*m, r, row.release))
            continue;
        for (const char *const *statistic = (*m)->statistics; *statistic; statistic++) {
            struct cm_estimate e =
                cm_findings_one(f, (*m)->name, *statistic, row.policy, row.release);
            add_context(t, r->scenario, options);
            cm_report_key_cells(t, r, row);
            add_number(t, r, *m, *statistic, &e);
        }
    }
}

/* Policies in the order of the study; for each, what weighs all releases (precision, cost) comes
 * first, then the healthy release, then the defects. */
void cm_report_long(const struct cm_findings *f, const struct cm_report_options *options,
                    struct cm_table *table)
{
    const struct cm_results *r = f->results;
    cm_table_init(table, NULL, 0);
    add_columns(table, options != NULL);
    for (size_t policy = 0; policy < r->n_policies; policy++)
        for (int release = CM_ALL_RELEASES; release + 1 < (int)r->n_releases; release++)
            add_pair(table, f, options, (struct cm_pair){policy, release});
}
