/* Every replication as a row of CSV: what was drawn, before anything was worked out from it.
 *
 * Times are in seconds, exact to the nanosecond; empty where the thing never happened or was not
 * measured. */
#include <string.h>

#include "analysis/show_parts.h"
#include "analysis/write.h"

struct outcomes {
    bool began;
};

static const struct {
    const char *name;
    enum cm_column_type type;
} columns[] = {
    {"policy", CM_COLUMN_TEXT},
    {"release", CM_COLUMN_TEXT},
    {"replication", CM_COLUMN_COUNT},
    {"ending", CM_COLUMN_TEXT},
    {"step", CM_COLUMN_NUMBER},
    {"gate", CM_COLUMN_TEXT},
    {"ended_at_s", CM_COLUMN_NUMBER},
    {"onset_s", CM_COLUMN_NUMBER},
    {"mitigated_at_s", CM_COLUMN_NUMBER},
    {"detected", CM_COLUMN_COUNT},
    {"early_rollback", CM_COLUMN_COUNT},
    {"rollout_requests", CM_COLUMN_COUNT},
    {"rollout_errors", CM_COLUMN_COUNT},
    {"rollout_failures", CM_COLUMN_COUNT},
    {"rollout_slow", CM_COLUMN_COUNT},
    {"rollout_kpi_lost", CM_COLUMN_NUMBER},
    {"escaped_requests", CM_COLUMN_COUNT},
    {"escaped_errors", CM_COLUMN_COUNT},
    {"escaped_failures", CM_COLUMN_COUNT},
    {"escaped_slow", CM_COLUMN_COUNT},
    {"escaped_kpi_lost", CM_COLUMN_NUMBER},
    {"rollout_users_exposed", CM_COLUMN_COUNT},
    {"rollout_users_harmed", CM_COLUMN_COUNT},
    {"users_exposed", CM_COLUMN_COUNT},
    {"users_harmed", CM_COLUMN_COUNT},
    {"first_weight", CM_COLUMN_NUMBER},
    {"first_share", CM_COLUMN_NUMBER},
    {"share_deviation", CM_COLUMN_NUMBER},
    {"shadow_requests", CM_COLUMN_COUNT},
    {"looks", CM_COLUMN_COUNT},
    {"evaluations", CM_COLUMN_COUNT},
};

static void add_harm(const struct cm_harm *harm, struct cm_table *t)
{
    cm_table_count(t, harm->requests);
    cm_table_count(t, harm->errors);
    cm_table_count(t, harm->failures);
    cm_table_count(t, harm->slow);
    cm_table_number(t, harm->kpi);
}

static void add_time(cm_time time, struct cm_table *t)
{
    cm_table_number(t, time == CM_NEVER ? (double)NAN : cm_seconds(time));
}

/* The name of the gate that spoke for the rollback; NULL = none did. */
static const char *gate_of(const struct cm_plan *plan, const struct cm_outcome *row)
{
    const struct cm_named_policy *policy = &plan->scenario->policies[plan->policy];
    return row->gate < 0 ? NULL : plan->scenario->gates[policy->gate[row->gate]].name;
}

static void add_row(const struct cm_plan *plan, const struct cm_outcome *row, struct cm_table *t)
{
    cm_table_text(t, cm_end_names[row->end]);
    cm_table_number(t, row->step);
    cm_table_text(t, gate_of(plan, row));
    add_time(row->ended_at, t);
    add_time(row->onset, t);
    add_time(row->mitigated_at, t);
    cm_table_count(t, row->detected);
    cm_table_count(t, row->early_rollback);
    add_harm(&row->rollout, t);
    add_harm(&row->escaped, t);
    cm_table_count(t, row->reached_in_rollout.exposed);
    cm_table_count(t, row->reached_in_rollout.harmed);
    cm_table_count(t, row->reached.exposed);
    cm_table_count(t, row->reached.harmed);
    cm_table_number(t, row->first_weight);
    cm_table_number(t, row->first_share);
    cm_table_number(t, row->share_deviation);
    cm_table_count(t, row->shadow);
    cm_table_count(t, row->looks);
    cm_table_count(t, row->evaluations);
}

/* A table of some hundred rows at a time: a cell may have a million. */
static void add_rows(struct outcomes *o, const struct cm_shown *shown, const struct cm_cell *cell,
                     uint64_t first, struct cm_writer to)
{
    const struct cm_results *r = shown->findings->results;
    uint64_t end = first + CM_STORE_BLOCK;
    struct cm_table t;
    cm_table_init(&t, NULL, 0);
    cm_show_context_columns(shown->study, &t);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        cm_report_column(&t, NULL, columns[c].name, columns[c].type);
    for (uint64_t i = first; i < end && i < cell->replications; i++) {
        cm_show_context_cells(shown, &t);
        cm_table_text(&t, r->scenario->policies[cell->plan.policy].name);
        cm_table_text(&t, cm_results_release_name(r, cell->plan.release));
        cm_table_count(&t, i);
        add_row(&cell->plan, &cell->rows[i], &t);
    }
    cm_show_csv(&t, shown->study, &o->began, to);
    cm_table_release(&t);
}

static void add_cell(void *self, const struct cm_shown *shown, struct cm_writer to)
{
    const struct cm_results *r = shown->findings->results;
    for (size_t i = 0; i < r->n_cells; i++)
        for (uint64_t first = 0; first < r->cells[i].replications; first += CM_STORE_BLOCK)
            add_rows(self, shown, &r->cells[i], first, to);
}

const struct cm_show_way cm_show_outcomes = {
    .cell = add_cell,
    .size = sizeof(struct outcomes),
};
