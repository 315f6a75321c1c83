/* A sweep with a store: what is there already is not played again, whoever played it.
 *
 * The table is read back from the store: what is shown and what is kept cannot differ. */
#include <math.h>

#include "analysis/campaign.h"
#include "analysis/stored.h"
#include "analysis/words.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/source_file.h"
#include "cli/sweep_parts.h"
#include "cli/waiting.h"
#include "sim/base/units.h"

struct keeping {
    const struct cm_sweep_request *r;
    struct cm_store_variable *variables; /* of the cell loaded last */
    struct cm_progress progress;
};

/* --- the store --- */

static int fail(const struct cm_err *err)
{
    cm_print(cm_output_talk(), "coalmine: %s\n", err->text);
    return CM_EXIT_RUN;
}

/* The study is the sweep as it is written, so that shards and later runs are parts of the same. */
static int begin(const struct cm_sweep_request *r, struct cm_store *store, struct cm_err *err)
{
    struct cm_buffer text = {0};
    struct cm_scenario first;
    cm_sweep_open(r, r->cells[0], &first);
    cm_sweep_print(&r->sweep, cm_buffer_writer(&text));
    struct cm_store_study study = {first.title, first.file, text.text, r->sweep.n_cells};
    int status = cm_store_begin(store, &study, err);
    cm_buffer_release(&text);
    cm_scenario_release(&first);
    return status;
}

/* --- the campaign --- */

static struct cm_store_variable variable_of(const struct cm_sweep *sweep, size_t cell, size_t i)
{
    struct cm_value value = cm_sweep_quantity(sweep, cell, i);
    bool is_number = value.kind == CM_VALUE_NUMBER;
    return (struct cm_store_variable){
        .name = sweep->variables[i].name,
        .value = cm_sweep_value(sweep, cell, i),
        .number = is_number ? value.number : (double)NAN,
        .scale = is_number ? value.scale : 0,
        .unit = is_number && value.scale == 0 ? value.unit : value.scale_unit,
    };
}

static int load(void *self, size_t i, struct cm_scenario *scenario, struct cm_store_cell *cell,
                struct cm_err *err)
{
    struct keeping *k = self;
    const struct cm_sweep *sweep = &k->r->sweep;
    size_t number = k->r->cells[i];
    (void)err; /* every cell has been loaded before */
    cm_sweep_open(k->r, number, scenario);
    for (size_t v = 0; v < sweep->n_variables; v++)
        k->variables[v] = variable_of(sweep, number, v);
    *cell = (struct cm_store_cell){
        .number = number, .variables = k->variables, .n_variables = sweep->n_variables};
    return 0;
}

static bool is_enough(void *self, const struct cm_results *results)
{
    const struct keeping *k = self;
    for (size_t policy = 0; policy < results->n_policies; policy++)
        if (!cm_until_holds(&k->r->until, results, policy))
            return false;
    return true;
}

static bool tell(void *self, uint64_t done, uint64_t total)
{
    struct keeping *k = self;
    return cm_progress_tell(&k->progress, done, total);
}

/* What a long wait was good for. */
static void say_done(const struct keeping *k, const struct cm_campaign *c, enum cm_campaign_end end)
{
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    cm_words_count(c->played, to);
    cm_print(to, " rollouts played");
    if (c->found) {
        cm_print(to, ", ");
        cm_words_count(c->found, to);
        cm_print(to, " were there");
    }
    if (end == CM_CAMPAIGN_STOPPED)
        cm_print(cm_output_talk(),
                 "coalmine: interrupted: %s; all of it is in %s, and the same command goes on from "
                 "there\n",
                 text.text, k->r->out);
    else if (!k->r->quiet)
        cm_print(cm_output_talk(), "%s: %s\n", k->r->out, text.text);
    cm_buffer_release(&text);
}

static int play(struct keeping *k, struct cm_store *store)
{
    const struct cm_sweep_request *r = k->r;
    struct cm_err err = {0};
    struct cm_campaign campaign = {.store = store,
                                   .n_cells = r->n_cells,
                                   .load = load,
                                   .enough = r->until_text ? is_enough : NULL,
                                   .self = k,
                                   .threads = r->threads,
                                   .source = cm_source_file(),
                                   .progress = tell,
                                   .progress_self = k};
    enum cm_campaign_end end = CM_CAMPAIGN_FAILED;
    cm_progress_start(&k->progress, r->quiet ? CM_PROGRESS_NONE : r->progress, "simulating", false);
    if (!begin(r, store, &err))
        end = cm_campaign_run(&campaign, &err);
    cm_progress_end(&k->progress);
    if (end == CM_CAMPAIGN_FAILED)
        return fail(&err);
    say_done(k, &campaign, end);
    return end == CM_CAMPAIGN_STOPPED ? CM_EXIT_INTERRUPTED : CM_EXIT_OK;
}

/* --- the table --- */

static int add_cell(const struct cm_sweep_request *r, struct cm_stored *study, size_t i,
                    struct cm_sweep_table *table, size_t count[3])
{
    struct cm_scenario scenario = {0};
    struct cm_results results = {0};
    struct cm_err err = {0};
    struct cm_sweep_row row = cm_sweep_row_of(r, cm_stored_cell(study, i)->number);
    int status = cm_stored_load(study, i, &scenario, &results, &err) ? fail(&err) : CM_EXIT_OK;
    if (!status && table->table.n_columns == 0)
        cm_sweep_table_start(table, &r->columns, &results);
    for (size_t policy = 0; policy < results.n_policies && !status; policy++)
        count[cm_sweep_table_add(table, &row, &results, policy)]++;
    cm_results_release(&results);
    cm_scenario_release(&scenario);
    return status;
}

static int report(const struct cm_sweep_request *r, struct cm_store *store)
{
    struct cm_sweep_table table = {0};
    struct cm_scenario first;
    struct cm_err err = {0};
    struct cm_stored *study = cm_stored_of(store, &err);
    int status = study ? CM_EXIT_OK : fail(&err);
    size_t asked = 0; /* both ascend */
    size_t count[3] = {0};
    for (size_t i = 0; !status && i < cm_stored_cells(study); i++) {
        uint64_t number = cm_stored_cell(study, i)->number;
        while (asked < r->n_cells && r->cells[asked] < number)
            asked++;
        if (asked < r->n_cells && r->cells[asked] == number)
            status = add_cell(r, study, i, &table, count);
    }
    if (!status && !r->quiet && cm_stored_mixed(study))
        cm_print(cm_output_talk(), "coalmine: warning: %s\n", cm_stored_mixed(study));
    cm_sweep_open(r, r->cells[0], &first);
    if (!status) {
        cm_sweep_write(r, &table.table, &first);
        status = cm_sweep_conclude(r, count);
    }
    cm_scenario_release(&first);
    cm_table_release(&table.table);
    cm_stored_close(study);
    return status;
}

int cm_sweep_keep(struct cm_sweep_request *r)
{
    struct keeping k = {.r = r};
    struct cm_err err = {0};
    struct cm_waiting waiting = {r->out, r->quiet, false};
    struct cm_store_options options = {
        .version = CM_VERSION, .wait = cm_waiting_wait, .wait_self = &waiting};
    if (r->where_policy)
        return cm_options_fail(r->what.command, "--where cannot choose policies with --out, which "
                                                "keeps whole cells; [study] policies can");
    cm_interrupt_watch();
    struct cm_store *store = cm_store_open(r->out, &options, &err);
    if (!store)
        return cm_interrupt_asked() ? CM_EXIT_INTERRUPTED : fail(&err);
    k.variables = cm_alloc((r->sweep.n_variables + 1) * sizeof *k.variables);
    int status = play(&k, store);
    if (!status)
        status = report(r, store);
    if (cm_store_close(store, &err) && !status)
        status = fail(&err);
    cm_free(k.variables);
    return status;
}
