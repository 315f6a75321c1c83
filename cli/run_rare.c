/* One row a policy: the rate, and what tells whether to believe it. */
#include "cli/run_rare.h"

#include <math.h>

#include "analysis/rare.h"
#include "analysis/words.h"
#include "cli/options.h"
#include "cli/output.h"

static void add_columns(struct cm_solution *to)
{
    cm_solution_column(to, "policy", CM_COLUMN_TEXT);
    cm_table_column(&to->table,
                    (struct cm_column){NULL, "false rollback", CM_COLUMN_STATISTIC, true, NULL});
    cm_solution_column(to, "relative error", CM_COLUMN_SHARE);
    cm_solution_column(to, "mean weight", CM_COLUMN_NUMBER);
    cm_solution_column(to, "its error", CM_COLUMN_NUMBER);
    cm_solution_column(to, "effective rollbacks", CM_COLUMN_NUMBER);
    cm_solution_column(to, "largest weight", CM_COLUMN_SHARE);
    cm_solution_column(to, "plainly counted", CM_COLUMN_TEXT);
}

static void add_row(const char *policy, const struct cm_rare *r, struct cm_solution *to)
{
    struct cm_buffer plain = {0};
    cm_words_count(r->plain_x, cm_buffer_writer(&plain));
    cm_print(cm_buffer_writer(&plain), " of ");
    cm_words_count(r->plain_n, cm_buffer_writer(&plain));
    cm_table_text(&to->table, policy);
    cm_table_estimate(&to->table, (struct cm_estimate){r->rate, r->low, r->high, r->n});
    cm_table_number(&to->table, r->relative_error);
    cm_table_number(&to->table, r->mean_weight);
    cm_table_number(&to->table, r->mean_weight_se);
    cm_table_number(&to->table, r->effective);
    cm_table_number(&to->table, r->largest);
    cm_table_text(&to->table, plain.text);
    cm_buffer_release(&plain);
}

/* A sentence for every estimate that should not be believed. */
static void warn(const char *policy, const struct cm_rare *r, struct cm_writer to)
{
    const double far = 4, few = 100;
    if (r->rolled_back == 0)
        cm_print(to,
                 " No path of %s was rolled back, whatever the canary's errors: the rate cannot "
                 "be told from 0.",
                 policy);
    else if (fabs(r->mean_weight - 1) > far * r->mean_weight_se || r->effective < few)
        cm_print(to,
                 " Do not rely on %s: a few weights make up the rate, which is then more likely "
                 "too low than "
                 "too high; play more replications.",
                 policy);
}

static void say(const char *policy, const struct cm_rare *r, struct cm_writer to)
{
    if (r->rolled_back > 0)
        cm_print(to, "%s rolls back 1 of %.3g healthy releases.", policy, 1 / r->rate);
    warn(policy, r, to);
    cm_print(to, " ");
}

int cm_run_rare(const struct cm_run_rare *rare)
{
    const struct cm_scenario *s = rare->scenario;
    struct cm_solution solution = {0};
    struct cm_results results = {0};
    struct cm_err err = {0};
    int status = CM_EXIT_OK;
    if (cm_rare_check(s, &err)) {
        cm_options_fail(rare->command, "--rare: %s", err.text);
        return CM_EXIT_SCENARIO;
    }
    cm_table_init(&solution.table, "False rollbacks by importance sampling", 1);
    add_columns(&solution);
    cm_results_init(&results, s); /* which policies the study has */
    for (size_t p = 0; p < results.n_policies && !status; p++) {
        struct cm_rare found;
        const char *name = cm_results_policy(&results, p);
        if (cm_rare_estimate(s, results.policies[p], rare->runner, &found)) {
            status = CM_EXIT_INTERRUPTED;
            continue;
        }
        say(name, &found, cm_solution_say(&solution));
        add_row(name, &found, &solution);
    }
    solution.method = "Simulation: healthy releases played with the canary's errors raised, each "
                      "rollback weighed by its likelihood ratio. The mean weight of all paths is 1 "
                      "within its error if nothing was missed.";
    if (!status)
        cm_solution_write(&solution, rare->format, cm_output_data());
    cm_results_release(&results);
    cm_solution_release(&solution);
    return status;
}
