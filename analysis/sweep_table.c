/* Columns are those of the verdict of a single study: the two errors, how long each takes, what it
 * breaks. Limits stand beside the shares, on which sweeps are decided; programs get all of them. */
#include "analysis/sweep_table.h"

#include <string.h>

#include "analysis/measure.h"
#include "analysis/report_parts.h"
#include "sim/base/units.h"

static void column(struct cm_table *t, const char *group, const char *name,
                   enum cm_column_type type, bool interval)
{
    cm_table_column(t, (struct cm_column){group, name, type, interval, NULL});
}

/* A measure as a column: its name for people, and which of them are told its limits. */
struct field {
    const char *measure, *statistic, *words, *key;
    enum cm_column_type type;
    bool limits; /* for people, too */
};
static const struct field good[] = {
    {"false_rollback", NULL, "false\nrollback", "false_rollback", CM_COLUMN_SHARE, true},
    {"time_to_promote", "median", "promoted\nafter", "promoted_after", CM_COLUMN_DURATION, false},
};
static const struct field bad[] = {
    {"missed", NULL, "missed", "missed", CM_COLUMN_SHARE, true},
    {"detection", NULL, NULL, "detected", CM_COLUMN_SHARE, false},
    {"detection_time", "median", "detected\nafter", "detected_after", CM_COLUMN_DURATION, false},
    {NULL, "mean", NULL, NULL, CM_COLUMN_NUMBER, false}, /* the defect's harm */
};

/* What is asked of a release; the last of a bad one depends on what it does. */
static size_t fields_of(const struct cm_results *r, int release, const struct field **fields)
{
    bool harmless = cm_results_harmless(r, release);
    *fields = harmless ? good : bad;
    return harmless ? sizeof good / sizeof *good : sizeof bad / sizeof *bad;
}

/* "blast_radius.failures" is "failures". */
static const char *harm_word(const char *measure)
{
    const char *last = measure;
    for (const char *c = measure; *c; c++)
        last = *c == '.' ? c + 1 : last;
    return last;
}

static void add_field(struct cm_table *t, const struct cm_results *r, int release,
                      const struct field *field, bool for_people)
{
    const char *group = cm_results_release_name(r, release);
    const char *name = for_people ? field->words : field->key;
    if (!field->measure)
        name = harm_word(cm_report_harm(r, release));
    if (name)
        column(t, group, name, field->type, field->limits || !for_people);
}

/* A variable may be called like a column, `seed` say: to programs it is `variable.seed` then. */
static void add_variable(struct cm_table *t, const char *name, enum cm_column_type type)
{
    static const char *const taken[] = {"version",      "scenario", "seed",     "cell", "policy",
                                        "replications", "asserted", "rollouts", NULL};
    struct cm_buffer key = {0};
    for (size_t i = 0; taken[i]; i++)
        if (strcmp(taken[i], name) == 0)
            cm_print(cm_buffer_writer(&key), "variable.%s", name);
    column(t, NULL, key.text ? key.text : name, type, false);
    cm_buffer_release(&key);
}

void cm_sweep_table_keys(struct cm_table *t, const struct cm_sweep_columns *columns)
{
    cm_table_init(t, NULL, columns->n + 1);
    if (columns->version) {
        column(t, NULL, "version", CM_COLUMN_TEXT, false);
        column(t, NULL, "scenario", CM_COLUMN_TEXT, false);
        column(t, NULL, "seed", CM_COLUMN_COUNT, false);
    }
    column(t, NULL, "cell", CM_COLUMN_COUNT, false);
    for (size_t i = 0; i < columns->n; i++) {
        bool number = columns->version && columns->numbers[i];
        add_variable(t, columns->names[i], number ? CM_COLUMN_NUMBER : CM_COLUMN_TEXT);
    }
}

void cm_sweep_table_init(struct cm_table *t, const struct cm_sweep_columns *columns,
                         const struct cm_results *first)
{
    cm_sweep_table_keys(t, columns);
    t->keys = columns->n + 2;
    column(t, NULL, "policy", CM_COLUMN_TEXT, false);
    if (columns->version)
        column(t, NULL, "replications", CM_COLUMN_COUNT, false);
    if (cm_claims_any(first->scenario))
        column(t, NULL, "asserted", CM_COLUMN_TEXT, false);
    for (int release = -1; release + 1 < (int)first->n_releases; release++) {
        const struct field *fields;
        size_t n = fields_of(first, release, &fields);
        for (size_t i = 0; i < n; i++)
            add_field(t, first, release, &fields[i], !columns->version);
    }
}

/* --- rows --- */

static void add_value(struct cm_table *t, bool number, const char *text)
{
    struct cm_quantity quantity = {0};
    struct cm_err err = {0};
    if (!text)
        cm_table_skip(t);
    else if (number && !cm_units_read_any(text, &quantity, &err))
        cm_table_number(t, quantity.value);
    else
        cm_table_text(t, text);
}

void cm_sweep_table_begin(struct cm_table *t, const struct cm_sweep_columns *columns,
                          const struct cm_sweep_row *row, const struct cm_scenario *scenario)
{
    if (columns->version) {
        cm_table_text(t, columns->version);
        cm_table_text(t, scenario->file);
        cm_table_count(t, scenario->run.seed);
    }
    cm_table_count(t, row->cell);
    for (size_t i = 0; i < columns->n; i++)
        add_value(t, columns->version && columns->numbers[i], row->values[i]);
}

/* The worst of the claims about a policy. */
static enum cm_truth truth_of(const struct cm_results *results, size_t policy)
{
    struct cm_claims claims;
    enum cm_truth worst = CM_CLAIM_HOLDS;
    if (!cm_claims_any(results->scenario))
        return worst;
    cm_claims_init(&claims, results);
    for (size_t i = 0; i < claims.n; i++)
        if (claims.list[i].policy == policy && claims.list[i].truth < worst)
            worst = claims.list[i].truth;
    cm_claims_release(&claims);
    return worst;
}

static void add_measures(struct cm_table *t, const struct cm_results *results, size_t policy,
                         bool for_people)
{
    for (int release = -1; release + 1 < (int)results->n_releases; release++) {
        const struct field *fields;
        size_t n = fields_of(results, release, &fields);
        for (size_t i = 0; i < n; i++) {
            const struct field *f = &fields[i];
            const char *measure = f->measure ? f->measure : cm_report_harm(results, release);
            if (!for_people || f->words || !f->measure)
                cm_table_estimate(t,
                                  cm_measure_one(results, measure, f->statistic, policy, release));
        }
    }
}

enum cm_truth cm_sweep_table_add(struct cm_table *t, const struct cm_sweep_columns *columns,
                                 const struct cm_sweep_row *row, const struct cm_results *results,
                                 size_t policy)
{
    bool for_people = !columns->version;
    cm_sweep_table_begin(t, columns, row, results->scenario);
    cm_table_text(t, cm_results_policy(results, policy));
    if (!for_people)
        cm_table_count(t, cm_results_cell(results, policy, -1)->replications);
    enum cm_truth truth = truth_of(results, policy);
    if (cm_claims_any(results->scenario))
        cm_table_text(t, cm_truth_names[truth]);
    add_measures(t, results, policy, for_people);
    return truth;
}
