/* A file with `${...}` is many scenarios, and most commands play one: they name the variables, what
 * chooses among their values, and the command that goes through all. */
#include "cli/request_sweep.h"

#include <string.h>

#include "cli/options.h"
#include "cli/output.h"
#include "sim/scenario/sweep_parts.h"

bool cm_request_sweep_is(const struct cm_diags *diags)
{
    for (size_t i = 0; i < diags->n; i++)
        if (diags->list[i].id == CM_DIAG_SWEEP)
            return true;
    return false;
}

/* The whole value of a variable in the first cell, as --set takes it. */
static void say_first(const struct cm_sweep *sweep, const struct cm_sweep_mark *mark,
                      struct cm_writer to)
{
    const char *value = mark->key->value;
    cm_print(to, " --set '%s.%s=%.*s%s%s'", mark->section, mark->key->name, (int)mark->at, value,
             cm_sweep_value(sweep, 0, (size_t)mark->variable), value + mark->at + mark->length);
}

static void say_variables(const struct cm_request *r, const struct cm_sweep *sweep,
                          struct cm_writer to)
{
    const char *name = r->command->name;
    cm_print(to, "coalmine %s: %s is a sweep of %zu cell%s, and %s wants one scenario; it varies\n",
             name, r->file, sweep->n_cells, sweep->n_cells == 1 ? "" : "s", name);
    for (size_t i = 0; i < sweep->n_variables; i++) {
        const struct cm_sweep_variable *v = &sweep->variables[i];
        cm_print(to, "  %s.%s: %s\n", v->section, v->key, v->items);
    }
    cm_print(to, "Choose a value for each:\n  coalmine %s %s", name, r->file);
    for (size_t i = 0; i < sweep->n_marks; i++)
        if (sweep->marks[i].variable >= 0)
            say_first(sweep, &sweep->marks[i], to);
    cm_print(to, "\nor go through all of them:\n  coalmine sweep %s --list\n  coalmine sweep %s\n",
             r->file, r->file);
}

int cm_request_sweep_refuse(const struct cm_request *r, const struct cm_load *load,
                            const struct cm_diags *diags)
{
    struct cm_sweep sweep = {0};
    struct cm_diags mistakes = {0};
    bool can_reread = strcmp(load->path, "-") != 0;
    int status = CM_EXIT_USAGE;
    if (!can_reread) {
        cm_diags_write(diags, cm_output_talk());
    } else if (cm_sweep_read(&sweep, load, &mistakes)) {
        cm_diags_write(&mistakes, cm_output_talk());
        status = CM_EXIT_SCENARIO;
    } else {
        say_variables(r, &sweep, cm_output_talk());
    }
    cm_diags_release(&mistakes);
    cm_sweep_release(&sweep);
    return status;
}
