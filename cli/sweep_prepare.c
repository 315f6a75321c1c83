/* What is understood before anything is played: the file, every cell of it, the expressions of the
 * command line.
 *
 * All cells are loaded, so that a mistake in the last one is known at once; each mistake and each
 * warning is said once, whatever the number of cells it is about. */
#include <string.h>

#include "cli/manifest.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/source_file.h"
#include "cli/sweep_parts.h"

/* --- expressions of the command line --- */

/* The option, its text, and a caret under what is wrong. */
static int fail_expression(const struct cm_sweep_request *r, const char *option, const char *text,
                           const struct cm_err *err)
{
    static const char tildes[] = "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~";
    size_t length = err->length ? err->length : strlen(text);
    size_t behind = length < sizeof tildes ? length - 1 : sizeof tildes - 1;
    return cm_options_fail(r->what.command, "%s: %s\n  %s\n  %*s^%.*s", option, err->text, text,
                           (int)err->at, "", (int)behind, tildes);
}

/* A cell, and a policy of it or none. */
struct row {
    const struct cm_sweep_request *request;
    size_t cell;
    const char *policy;
};

static int look_up(void *self, struct cm_slice name, struct cm_value *value, struct cm_err *err)
{
    const struct row *row = self;
    const struct cm_sweep *sweep = &row->request->sweep;
    int variable = cm_sweep_find(sweep, name);
    if (variable >= 0)
        *value = cm_sweep_quantity(sweep, row->cell, (size_t)variable);
    else if (cm_slice_is(name, "policy"))
        *value = cm_value_text(row->policy ? row->policy : "");
    else if (cm_slice_is(name, "cell"))
        *value = cm_value_number((double)row->cell, CM_PURE);
    else
        return cm_sweep_unknown(sweep, name, err);
    return 0;
}

/* Without a policy the question is whether any could be kept: yes, if it asks for one. */
bool cm_sweep_keeps(const struct cm_sweep_request *r, size_t cell, const char *policy)
{
    struct row row = {r, cell, policy};
    struct cm_scope scope = {&row, look_up};
    struct cm_err err = {0};
    bool holds = true;
    if (r->where_text && (policy || !r->where_policy))
        return !cm_expr_holds(&r->where, &scope, &holds, &err) && holds;
    return true;
}

/* Asked once of every cell, for its mistakes: a variable may be a number in one and a word in
 * another. */
static int read_where(struct cm_sweep_request *r)
{
    struct cm_err err = {0};
    if (!r->where_text)
        return 0;
    int status = cm_expr_read(&r->where, r->where_text, &r->what.arena, &err);
    for (size_t i = 0; i < r->sweep.n_cells && !status; i++) {
        struct row row = {r, i, NULL};
        struct cm_scope scope = {&row, look_up};
        bool holds;
        status = cm_expr_holds(&r->where, &scope, &holds, &err);
    }
    for (size_t i = 0; !status && cm_expr_name(&r->where, i).at; i++)
        r->where_policy |= cm_slice_is(cm_expr_name(&r->where, i), "policy");
    return status ? fail_expression(r, "--where", r->where_text, &err) : 0;
}

/* Measures are asked of a study without rows. */
static int read_until(struct cm_sweep_request *r)
{
    struct cm_scenario scenario;
    struct cm_results results = {0};
    struct cm_err err = {0};
    if (!r->until_text)
        return 0;
    if (cm_expr_read(&r->until, r->until_text, &r->what.arena, &err))
        return fail_expression(r, "--until", r->until_text, &err);
    cm_sweep_open(r, 0, &scenario);
    scenario.run.replications = 0;
    cm_results_init(&results, &scenario);
    int status = cm_until_check(&r->until, &results, &err);
    cm_results_release(&results);
    cm_scenario_release(&scenario);
    return status ? fail_expression(r, "--until", r->until_text, &err) : 0;
}

/* --- cells --- */

void cm_sweep_open(const struct cm_sweep_request *r, size_t cell, struct cm_scenario *scenario)
{
    struct cm_diags diags = {0};
    cm_sweep_load(&r->sweep, cell, scenario, &diags); /* it has been seen to be sound */
    cm_diags_release(&diags);
}

struct cm_sweep_row cm_sweep_row_of(const struct cm_sweep_request *r, size_t cell)
{
    return (struct cm_sweep_row){cell, r->sweep.values + cell * r->sweep.n_variables};
}

static bool is_number(const struct cm_sweep *sweep, size_t variable)
{
    for (size_t i = 0; i < sweep->n_cells; i++) {
        struct cm_value value = cm_sweep_quantity(sweep, i, variable);
        if (value.kind != CM_VALUE_NUMBER || value.unit != CM_PURE)
            return false;
    }
    return true;
}

static void name_columns(struct cm_sweep_request *r)
{
    const struct cm_sweep *sweep = &r->sweep;
    struct cm_arena *arena = &r->what.arena;
    const char **names = cm_arena_alloc(arena, (sweep->n_variables + 1) * sizeof *names);
    bool *numbers = cm_arena_alloc(arena, sweep->n_variables + 1);
    for (size_t i = 0; i < sweep->n_variables; i++) {
        names[i] = sweep->variables[i].name;
        numbers[i] = is_number(sweep, i);
    }
    bool for_people = r->format == CM_FORMAT_TEXT || r->format == CM_FORMAT_MARKDOWN;
    r->columns = (struct cm_sweep_columns){names, numbers, sweep->n_variables,
                                           for_people ? NULL : CM_VERSION};
}

/* Those of the shard that --where keeps. */
static int choose_cells(struct cm_sweep_request *r)
{
    size_t *cells = cm_alloc((r->sweep.n_cells + 1) * sizeof *cells);
    r->cells = cells;
    for (size_t i = 0; i < r->sweep.n_cells; i++)
        if (i % r->shards == r->shard - 1 && cm_sweep_keeps(r, i, NULL))
            cells[r->n_cells++] = i;
    if (r->n_cells)
        return 0;
    return cm_options_fail(r->what.command, "none of the %zu cells is left by%s%s%s",
                           r->sweep.n_cells, r->where_text ? " --where" : "",
                           r->where_text && r->shards > 1 ? " and" : "",
                           r->shards > 1 ? " --shard" : "");
}

/* With --until, a cell's replications are a limit. */
static void set_most(struct cm_sweep_request *r)
{
    struct cm_buffer set = {0};
    cm_print(cm_buffer_writer(&set), "scenario.replications=%llu", (unsigned long long)r->most);
    cm_request_add(&r->what, cm_arena_text(&r->what.arena, set.text, set.length));
    cm_buffer_release(&set);
}

/* The file, its cells, and every mistake in them. */
static int load(struct cm_sweep_request *r)
{
    struct cm_diags diags = {0};
    if (cm_manifest_is(r->what.file) || r->what.service)
        return cm_options_fail(r->what.command,
                               "a sweep is of a scenario: coalmine import makes one of a manifest");
    if (r->until_text)
        set_most(r);
    cm_request_add(&r->what, NULL); /* ends the list */
    r->what.n_set--;
    struct cm_load load = {.path = r->what.file,
                           .source = cm_source_file(),
                           .extra = cm_analysis_sections,
                           .set = r->what.set};
    int status = cm_sweep_read(&r->sweep, &load, &diags);
    if (r->sweep.n_cells)
        status |= cm_sweep_check(&r->sweep, &diags);
    if (status || !r->quiet)
        cm_diags_write(&diags, cm_output_talk());
    cm_diags_release(&diags);
    return status ? CM_EXIT_SCENARIO : CM_EXIT_OK;
}

/* Nothing is played before all of it is understood. */
int cm_sweep_prepare(struct cm_sweep_request *r)
{
    int status = load(r);
    if (!status)
        status = read_where(r);
    if (!status)
        status = read_until(r);
    if (!status)
        status = choose_cells(r);
    if (!status)
        name_columns(r);
    return status;
}
