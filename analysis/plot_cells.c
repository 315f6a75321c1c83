/* One cell is in memory at a time: a study may be larger than that. */
#include "analysis/plot_cells.h"

#include <math.h>
#include <string.h>

#include "sim/base/list.h"

static const char *value_of(const struct cm_stored_cell *cell, size_t variable)
{
    return cell->variables[variable].value ? cell->variables[variable].value : "";
}

static bool varies(struct cm_stored *study, size_t variable)
{
    for (size_t i = 1; i < cm_stored_cells(study); i++)
        if (strcmp(value_of(cm_stored_cell(study, i), variable),
                   value_of(cm_stored_cell(study, 0), variable)) != 0)
            return true;
    return false;
}

size_t cm_plot_cells_varying(struct cm_stored *study, size_t *variables, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < cm_stored_variables(study); i++) {
        if (!varies(study, i))
            continue;
        if (n < room)
            variables[n] = i;
        n++;
    }
    return n;
}

/* --- the world of a cell --- */

/* Whether a line opens a section that says what a policy does. */
static bool is_policy_section(const char *line)
{
    return strncmp(line, "[policy.", 8) == 0 || strncmp(line, "[gate.", 6) == 0;
}

/* The resolved scenario without the sections of policies and gates, and without comments, which say
 * where a value is from. */
static void print_world(const struct cm_scenario *s, struct cm_buffer *world)
{
    struct cm_buffer all = {0};
    struct cm_writer to = cm_buffer_writer(world);
    bool skips = false;
    cm_scenario_print(s, cm_buffer_writer(&all));
    for (const char *line = all.text, *end; line && *line; line = *end ? end + 1 : end) {
        end = line + strcspn(line, "\n");
        if (*line == '[')
            skips = is_policy_section(line);
        size_t length = strcspn(line, ";\n");
        if (!skips)
            to.write(to.self, line, length);
    }
    cm_buffer_release(&all);
}

/* --- loading --- */

static const char *keep(struct cm_plot_cells *cells, const char *text)
{
    return cm_arena_text(&cells->arena, text, strlen(text));
}

/* gnuplot ends a text at a comma, quoted or not. */
static const char *without_commas(struct cm_plot_cells *cells, const char *text)
{
    char *copy = cm_arena_text(&cells->arena, text, strlen(text));
    for (char *at = copy; (at = strchr(at, ','));)
        *at = ';';
    return copy;
}

static void add_policy(struct cm_plot_cells *cells, const char *name)
{
    for (size_t i = 0; i < cells->n_policies; i++)
        if (strcmp(cells->policies[i], name) == 0)
            return;
    cells->policies =
        cm_list_grow(&cells->arena, cells->policies, cells->n_policies, sizeof *cells->policies);
    cells->policies[cells->n_policies++] = keep(cells, name);
}

static void measure(struct cm_plot_cell *cell, const struct cm_results *r, size_t policy, int bad)
{
    cell->false_rollback = cm_measure_one(r, "false_rollback", NULL, policy, -1).value;
    cell->missed = cell->detected = cell->harm = NAN;
    if (bad < 0)
        return;
    cell->missed = cm_measure_one(r, "missed", NULL, policy, bad).value;
    cell->detected = cm_measure_one(r, "detection", NULL, policy, bad).value;
    cell->harm = cm_measure_one(r, "blast_radius.failures", "mean", policy, bad).value;
}

static void add_cell(struct cm_plot_cells *cells, struct cm_stored *study, size_t i,
                     const struct cm_results *r)
{
    const struct cm_stored_cell *stored = cm_stored_cell(study, i);
    int bad = cm_plot_first_bad(r->scenario);
    size_t variables = cm_stored_variables(study);
    if (bad >= 0 && !cells->release)
        cells->release = keep(cells, cm_results_release_name(r, bad));
    for (size_t policy = 0; policy < r->n_policies; policy++) {
        cells->list = cm_list_grow(&cells->arena, cells->list, cells->n, sizeof *cells->list);
        struct cm_plot_cell *cell = &cells->list[cells->n++];
        cell->values = cm_arena_alloc(&cells->arena, (variables + 1) * sizeof *cell->values);
        cell->numbers = cm_arena_alloc(&cells->arena, (variables + 1) * sizeof *cell->numbers);
        for (size_t v = 0; v < variables; v++) {
            cell->values[v] = without_commas(cells, value_of(stored, v));
            cell->numbers[v] = stored->variables[v].number;
        }
        add_policy(cells, cm_results_policy(r, policy));
        cell->policy = keep(cells, cm_results_policy(r, policy));
        cell->n = stored->replications;
        measure(cell, r, policy, bad);
    }
}

int cm_plot_cells_load(struct cm_plot_cells *cells, struct cm_stored *study, struct cm_err *err)
{
    struct cm_buffer first = {0}, world = {0};
    size_t variables = cm_stored_variables(study);
    int status = 0;
    *cells = (struct cm_plot_cells){.same_world = true};
    cells->varying = cm_arena_alloc(&cells->arena, (variables + 1) * sizeof *cells->varying);
    cells->n_varying = cm_plot_cells_varying(study, cells->varying, variables);
    for (size_t i = 0; i < cm_stored_cells(study) && !status; i++) {
        struct cm_scenario scenario = {0};
        struct cm_results results = {0};
        status = cm_stored_load(study, i, &scenario, &results, err);
        if (!status && cm_stored_cell(study, i)->replications > 0) {
            add_cell(cells, study, i, &results);
            cm_buffer_clear(&world);
            print_world(&scenario, first.text ? &world : &first);
            if (world.text && world.length > 0)
                cells->same_world = cells->same_world && strcmp(world.text, first.text) == 0;
        }
        cm_results_release(&results);
        cm_scenario_release(&scenario);
    }
    cm_buffer_release(&first);
    cm_buffer_release(&world);
    if (!status && cells->n == 0)
        return cm_fail(err, "the study has no results yet");
    return status;
}

void cm_plot_cells_release(struct cm_plot_cells *cells)
{
    cm_arena_release(&cells->arena);
    *cells = (struct cm_plot_cells){0};
}

const char *cm_plot_cells_name(const struct cm_plot_cells *cells, const struct cm_stored *study,
                               const struct cm_plot_cell *cell, struct cm_picture *p)
{
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    if (cells->n_policies > 1)
        cm_print(to, "%s", cell->policy);
    for (size_t i = 0; i < cells->n_varying; i++)
        cm_print(to, "%s%s=%s", text.length ? " " : "",
                 cm_stored_variable(study, cells->varying[i]), cell->values[cells->varying[i]]);
    const char *name = cm_picture_say(p, "%s", text.text ? text.text : cell->policy);
    cm_buffer_release(&text);
    return name;
}
