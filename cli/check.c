/* coalmine check: every mistake of every file, and one line for a file without any.
 *
 * Files are independent: each is loaded by itself, so that the mistakes of one hide nothing in the
 * next. With --resolved the scenario is the data and goes to stdout; the line about it is then
 * talk, so that the output can be saved as a file and loaded again. */
#include <errno.h>
#include <string.h>

#include "analysis/results.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/source_file.h"
#include "sim/base/list.h"
#include "sim/scenario/flow_kind.h"
#include "sim/scenario/marks.h"
#include "sim/scenario/sweep.h"

enum { KEY_RESOLVED = 256 };

static const struct argp_option options[] = {
    CM_OPTION_HELP,
    {"resolved", KEY_RESOLVED, NULL, 0,
     "Print the whole scenario, each value with where it comes from (default: one line a file).",
     1},
    {0},
};

struct request {
    const struct cm_command *command;
    const char **files; /* the arena's */
    size_t n;
    bool resolved;
    struct cm_arena arena;
};

/* Files are only collected: an option may follow them. */
static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_RESOLVED:
        request->resolved = true;
        return 0;
    case ARGP_KEY_ARG:
        request->files =
            cm_list_grow(&request->arena, request->files, request->n, sizeof *request->files);
        request->files[request->n++] = text;
        return 0;
    case ARGP_KEY_NO_ARGS:
        cm_options_fail(request->command, "which scenario? (coalmine check FILE...)");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE...",
    .doc = "Reads scenario files and names every mistake in them; runs nothing. FILE may be - for "
           "standard input.\v"
           "Exit status: 0 all are good, 3 at least one is not.",
};

static void print_count(size_t n, const char *one, const char *many, struct cm_writer to)
{
    cm_print(to, ", %zu %s", n, n == 1 ? one : many);
}

/* "shop.ini: ok, 2 policies, 3 releases, flow counts: ..." Which flow draws the traffic is said
 * with its reason, because people ask how exact counts are. */
static void print_line(const struct cm_scenario *s, struct cm_writer to)
{
    cm_print(to, "%s: ok", s->file);
    print_count(s->n_policies, "policy", "policies", to);
    print_count(s->n_defects + 1, "release", "releases", to);
    cm_print(to, ", flow %s: %s\n", cm_flow_kind_names[cm_flow_kind_of(s)], cm_flow_kind_reason(s));
}

static void print_scenario(const struct cm_scenario *s, bool resolved)
{
    if (resolved)
        cm_scenario_print(s, cm_output_data());
    print_line(s, resolved ? cm_output_talk() : cm_output_data());
}

/* Every cell was loaded; which of them should be printed nobody said. */
static int print_sweep(const struct cm_sweep *sweep, const char *file, bool resolved)
{
    struct cm_writer to = resolved ? cm_output_talk() : cm_output_data();
    cm_print(to, "%s: %s, a sweep of %zu cell%s over ", file, resolved ? "not one scenario" : "ok",
             sweep->n_cells, sweep->n_cells == 1 ? "" : "s");
    for (size_t i = 0; i < sweep->n_variables; i++)
        cm_print(to, "%s%s", i ? ", " : "", sweep->variables[i].name);
    cm_print(to, resolved ? ": --resolved prints one\n" : "\n");
    return resolved ? -1 : 0;
}

/* A file with values to tune is as good as its candidates; the one in the middle speaks for all. */
static int check_middle(struct cm_load load, const struct cm_marks *marks)
{
    struct cm_scenario scenario = {0};
    struct cm_diags diags = {0};
    struct cm_arena arena = {0};
    double u[CM_MARKS_MAX];
    for (size_t i = 0; i < marks->n; i++)
        u[i] = 0.5;
    load.replace = cm_marks_replace(marks, u, &arena);
    load.n_replace = marks->n;
    int status = cm_scenario_load(&scenario, &load, &diags);
    if (status) /* warnings are this candidate's: others may ask other gates */
        cm_diags_write(&diags, cm_output_talk());
    else
        cm_print(cm_output_data(), "%s: ok, %zu value%s to tune\n", load.path, marks->n,
                 marks->n == 1 ? "" : "s");
    cm_scenario_release(&scenario);
    cm_diags_release(&diags);
    cm_arena_release(&arena);
    return status;
}

static bool says(const struct cm_diags *diags, enum cm_diag_id id)
{
    for (size_t i = 0; i < diags->n; i++)
        if (diags->list[i].id == id)
            return true;
    return false;
}

/* Whether loading found values to tune, and reading the file again (no pipe can) finds them, too;
 * *status is then what is to be said of it. */
static bool check_marks(const struct cm_load *load, const struct cm_diags *found, int *status)
{
    struct cm_marks marks = {0};
    struct cm_diags diags = {0};
    if (!says(found, CM_DIAG_TUNED) || says(found, CM_DIAG_SWEEP_FORM))
        return false;
    *status = cm_marks_read(&marks, load, &diags);
    bool bad = says(&diags, CM_DIAG_TUNE), any = bad || marks.n > 0;
    if (bad)
        cm_diags_write(&diags, cm_output_talk());
    else if (any)
        *status = check_middle(*load, &marks);
    cm_diags_release(&diags);
    cm_marks_release(&marks);
    return any;
}

/* Warnings are shown for good files, too; they do not make a file bad. */
static int check(const char *file, bool resolved)
{
    struct cm_scenario scenario = {0};
    /* Diagnostics of one file only, so that they are counted by file. */
    struct cm_diags diags = {0};
    struct cm_load load = {.path = file, .source = cm_source_file(), .extra = cm_analysis_sections};
    struct cm_sweep sweep;
    int status = cm_sweep_read(&sweep, &load, &diags);
    if (sweep.n_marks && sweep.n_cells)
        status |= cm_sweep_check(&sweep, &diags);
    else if (sweep.n_cells)
        status |= cm_sweep_load(&sweep, 0, &scenario, &diags);
    if (!check_marks(&load, &diags, &status)) {
        cm_diags_write(&diags, cm_output_talk());
        if (!status && sweep.n_marks)
            status = print_sweep(&sweep, file, resolved);
        else if (!status)
            print_scenario(&scenario, resolved);
    }
    cm_diags_release(&diags);
    cm_scenario_release(&scenario);
    cm_sweep_release(&sweep);
    return status ? -1 : 0;
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.command = self};
    int status;
    if (cm_options_parse(self, argc, argv, &request, &status)) {
        status = CM_EXIT_OK;
        for (size_t i = 0; i < request.n; i++)
            if (check(request.files[i], request.resolved))
                status = CM_EXIT_SCENARIO;
    }
    cm_arena_release(&request.arena);
    return status;
}

const struct cm_command cm_command_check = {
    .name = "check",
    .summary = "Name every mistake of scenario files.",
    .usage = &usage,
    .run = run,
};
