/* A file with `${...}` is many scenarios, and most commands play one: they name the variables, what
 * chooses among their values, and the command that goes through all. */
#include "cli/request_sweep.h"

#include <string.h>

#include "cli/options.h"
#include "cli/output.h"
#include "sim/scenario/sweep_parts.h"

static bool has(const struct cm_diags *diags, enum cm_diag_id id)
{
    for (size_t i = 0; i < diags->n; i++)
        if (diags->list[i].id == id)
            return true;
    return false;
}

bool cm_request_sweep_is(const struct cm_diags *diags)
{
    return has(diags, CM_DIAG_SWEEP);
}

/* The whole value of a key in the first cell, as --set takes it; its marks stand together. */
static size_t say_first(const struct cm_sweep *sweep, size_t i, struct cm_writer to)
{
    const struct cm_sweep_mark *mark = &sweep->marks[i];
    const char *value = mark->key->value;
    size_t done = 0;
    cm_print(to, " --set '%s.%s=", mark->section, mark->key->name);
    for (; i < sweep->n_marks && sweep->marks[i].key == mark->key; i++) {
        const struct cm_sweep_mark *m = &sweep->marks[i];
        cm_print(to, "%.*s%s", (int)(m->at - done), value + done, cm_sweep_text(sweep, 0, i));
        done = m->at + m->length;
    }
    cm_print(to, "%s'", value + done);
    return i;
}

/* Values that the command line chose already are chosen again, those that it sweeps are not. */
static void say_chosen(const struct cm_request *r, struct cm_writer to)
{
    for (size_t i = 0; i < r->n_set; i++)
        if (!strstr(r->set[i], "${"))
            cm_print(to, " --set '%s'", r->set[i]);
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
    say_chosen(r, to);
    for (size_t i = 0; i < sweep->n_marks;)
        i = say_first(sweep, i, to);
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
    int bad = can_reread ? cm_sweep_read(&sweep, load, &mistakes) : 0;
    if (!can_reread || has(&mistakes, CM_DIAG_SWEEP_CONSTRAINT)) {
        /* a constraint may be on what --set chose already */
        cm_diags_write(diags, cm_output_talk());
    } else if (bad) {
        cm_diags_write(&mistakes, cm_output_talk());
        status = CM_EXIT_SCENARIO;
    } else {
        say_variables(r, &sweep, cm_output_talk());
    }
    cm_diags_release(&mistakes);
    cm_sweep_release(&sweep);
    return status;
}
