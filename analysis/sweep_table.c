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
    {"error_budget.burned", "mean", "budget\nburned", "budget_burned", CM_COLUMN_SHARE, false},
};

/* What is asked of a release; of a bad one, the budget only where there is one. */
static size_t fields_of(const struct cm_verdict_form *form, int release,
                        const struct field **fields)
{
    bool is_good = cm_verdict_form_part(form, release)->good;
    *fields = is_good ? good : bad;
    return is_good ? sizeof good / sizeof *good : sizeof bad / sizeof *bad - !form->budget;
}

/* "blast_radius.failures" is "failures". */
static const char *harm_word(const char *measure)
{
    const char *last = measure;
    for (const char *c = measure; *c; c++)
        last = *c == '.' ? c + 1 : last;
    return last;
}

static void add_field(struct cm_sweep_table *t, const struct cm_results *r, int release,
                      const struct field *field)
{
    bool for_people = !t->columns->version;
    const char *group = cm_results_release_name(r, release);
    const char *name = for_people ? field->words : field->key;
    if (!field->measure)
        name = harm_word(cm_verdict_form_part(&t->form, release)->harm);
    if (name)
        column(&t->table, group, name, field->type, field->limits || !for_people);
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

void cm_sweep_table_start(struct cm_sweep_table *t, const struct cm_sweep_columns *columns,
                          const struct cm_results *first)
{
    t->columns = columns;
    cm_sweep_table_keys(&t->table, columns);
    t->form = cm_verdict_form_of(first, &t->table.arena);
    t->table.keys = columns->n + 2;
    column(&t->table, NULL, "policy", CM_COLUMN_TEXT, false);
    if (columns->version)
        column(&t->table, NULL, "replications", CM_COLUMN_COUNT, false);
    if (cm_claims_any(first->scenario))
        column(&t->table, NULL, "asserted", CM_COLUMN_TEXT, false);
    for (int release = -1; release + 1 < (int)first->n_releases; release++) {
        const struct field *fields;
        size_t n = fields_of(&t->form, release, &fields);
        for (size_t i = 0; i < n; i++)
            add_field(t, first, release, &fields[i]);
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

static void add_measures(struct cm_sweep_table *t, const struct cm_results *results, size_t policy)
{
    for (int release = -1; release + 1 < (int)results->n_releases; release++) {
        const struct field *fields;
        size_t n = fields_of(&t->form, release, &fields);
        for (size_t i = 0; i < n; i++) {
            const struct field *f = &fields[i];
            const char *measure =
                f->measure ? f->measure : cm_verdict_form_part(&t->form, release)->harm;
            if (t->columns->version || f->words || !f->measure)
                cm_table_estimate(&t->table,
                                  cm_measure_one(results, measure, f->statistic, policy, release));
        }
    }
}

enum cm_truth cm_sweep_table_add(struct cm_sweep_table *t, const struct cm_sweep_row *row,
                                 const struct cm_results *results, size_t policy)
{
    enum cm_truth truth = truth_of(results, policy);
    cm_sweep_table_begin(&t->table, t->columns, row, results->scenario);
    cm_table_text(&t->table, cm_results_policy(results, policy));
    if (t->columns->version)
        cm_table_count(&t->table, cm_results_cell(results, policy, -1)->replications);
    if (cm_claims_any(results->scenario)) /* in every cell, or in none */
        cm_table_text(&t->table, cm_truth_names[truth]);
    add_measures(t, results, policy);
    return truth;
}
